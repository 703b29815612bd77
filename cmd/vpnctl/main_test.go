package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/version"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// secretText is a key of these tests.
const secretText = "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="

// result is the outcome of a command line.
type result struct {
	code     int
	out, err string
}

// vpnctl runs a command line with the given environment.
func vpnctl(t *testing.T, env map[string]string, input string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	term := &terminal{
		in: strings.NewReader(input), out: &out, err: &errs,
		lookup: func(k string) (string, bool) { v, ok := env[k]; return v, ok },
	}
	code := execute(t.Context(), term, args)
	return result{code, out.String(), errs.String()}
}

// secretEnv holds the secret of the fake function.
func secretEnv() map[string]string { return map[string]string{variableSecret: secretText} }

// function is a server that verifies signatures, instead of the function.
func function(t *testing.T, answer func(r *http.Request, body string) (int, string)) string {
	t.Helper()
	secret, err := webhook.ParseSecret(secretText)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := webhook.NewVerifier([]webhook.Sender{{Name: "demo", Secret: secret}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		status, text := http.StatusUnauthorized, `{"title":"Unauthorized","status":401}`
		if _, err := verifier.Verify(r.Header.Get, body); err == nil {
			status, text = answer(r, string(body))
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// file writes a document for a test.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wants fails unless text contains every piece.
func wants(t *testing.T, what, text string, pieces ...string) {
	t.Helper()
	for _, p := range pieces {
		if !strings.Contains(text, p) {
			t.Errorf("%s does not hold %q:\n%s", what, p, text)
		}
	}
}

func TestCommandLineMistakesAreUsageErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no command", nil, "expected one of"},
		{"an unknown command", []string{"frobnicate"}, "unexpected argument frobnicate"},
		{"an unknown flag", []string{"status", "x", "--bogus"}, "unknown flag --bogus"},
		{"validate without a file", []string{"validate"}, "<file>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := vpnctl(t, nil, "", tt.args...)
			if got.code != exitUsage {
				t.Errorf("exit status %d, want %d", got.code, exitUsage)
			}
			wants(t, "the message", got.err, tt.want, "vpnctl --help")
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"help"}} {
		got := vpnctl(t, nil, "", args...)
		if got.code != exitDone || got.err != "" {
			t.Errorf("%q: %+v", args, got)
		}
		wants(t, "help", got.out, "validate", "submit", "status", "local", "demo", "Exit status: 0 done")
	}
	for _, args := range [][]string{{"help", "apply"}, {"apply", "--help"}} {
		got := vpnctl(t, nil, "", args...)
		if got.code != exitDone || got.err != "" {
			t.Errorf("%q: %+v", args, got)
		}
		wants(t, "the help of apply", got.out, "Usage: vpnctl apply", "--reason", "$SSLVPN_URL")
	}
	for _, args := range [][]string{{"--version"}, {"version"}} {
		if got := vpnctl(t, nil, "", args...); got.code != exitDone || !strings.HasPrefix(got.out, "vpnctl "+version.Read()) || got.err != "" {
			t.Errorf("%q: %+v", args, got)
		}
	}
	got := vpnctl(t, nil, "", "version", "--json")
	var b version.Build
	if err := json.Unmarshal([]byte(got.out), &b); err != nil || b.Version == "" || b.Go == "" {
		t.Errorf("%v: %+v", err, got)
	}
}

// Command lines of earlier versions keep working.
func TestCommandLinesOfEarlierVersions(t *testing.T) {
	t.Parallel()
	shown := `{"verb":"status","outcome":"shown","text":"x","change":{"id":"20261122-aaaaaaaaaa","status":"queued"}}`
	url := function(t, func(r *http.Request, _ string) (int, string) {
		switch {
		case r.Method == http.MethodGet:
			return http.StatusOK, appliedRecord
		case r.URL.Path == "/v1/plans":
			return http.StatusOK, `{"changes":[]}`
		case r.URL.Path == "/v1/changes":
			return http.StatusAccepted, `{"changes":[{"id":"20261122-aaaaaaaaaa","status":"queued"}]}`
		default:
			return http.StatusAccepted, shown
		}
	})
	secret := file(t, "secrets", "ci="+secretText+"\n")
	document := file(t, "c.yaml", validDocument)
	for _, line := range []string{
		"validate " + document, "validate --json --policy=false " + document,
		"submit " + document + " --wait 10m", "submit --plan " + document, "submit --json --wait=0s --id x " + document,
		"submit --region cn-hangzhou --server vss-1 --set Port=1195 --set Proto=TCP --ref R --reason x --confirm 10m --when idle(5) --proof",
		"plan office port=1195 expect.port=1194 --lang zh", "apply office port=1195 --reason x --ref R --at 2099-11-23T02:00+08:00 --until 2099-11-24T02:00+08:00 --dry-run",
		"apply office port=1195 --confirm proof --when=idle(5) --proof --wait 1s --id y", "status", "status office", "status 20261122-aaaaaaaaaa --wait 5s --json",
		"servers", "history office --limit 5", "rollback 20261122-aaaaaaaaaa --reason x", "approve 20261122-aaaaaaaaaa k7m2q4xa", "approve 20261122-aaaaaaaaaa",
		"reject 20261122-aaaaaaaaaa --reason x", "cancel 20261122-aaaaaaaaaa --id z", "confirm 20261122-aaaaaaaaaa 20m --reason x", "do help", "version",
	} {
		args := strings.Fields(line)
		if args[0] != "validate" && args[0] != "version" {
			args = append(args, "--url", url, "--secret-file", secret, "--sender", "ci")
		}
		if got := vpnctl(t, nil, "", args...); got.code != exitDone {
			t.Errorf("vpnctl %s: %+v", line, got)
		}
	}
}
