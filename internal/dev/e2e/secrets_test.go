package e2e_test

import (
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// secrets are the texts that must not be disclosed, by name.
type secrets map[string]string

func newSecrets(keys fc.Credentials, webhookSecret string) secrets {
	s := secrets{}
	add := func(what, text string) {
		s[what] = text
		s[what+", for URLs"] = url.QueryEscape(text)
		s[what+" in base64"] = base64.RawStdEncoding.EncodeToString([]byte(text))
		s[what+" in hex"] = hex.EncodeToString([]byte(text))
	}
	add("the role's secret", keys.AccessKeySecret)
	add("the role's security token", keys.SecurityToken)
	bare := strings.TrimPrefix(webhookSecret, "whsec_")
	add("the webhook secret", bare)
	if key, err := base64.StdEncoding.DecodeString(bare); err == nil {
		add("the webhook key", string(key))
	}
	return s
}

// find returns the names of the secrets in a text.
func (s secrets) find(text string) []string {
	var found []string
	for what, secret := range s {
		if strings.Contains(text, secret) {
			found = append(found, what)
		}
	}
	return found
}

func TestSecretsAreFoundInWhateverForm(t *testing.T) {
	t.Parallel()
	s := newSecrets(fc.Credentials{AccessKeySecret: "abc+def", SecurityToken: "tok/en="}, "whsec_QUJDREVGR0hJSktMTU5PUA==")
	for text, want := range map[string]int{
		`{"x":"abc+def"}`: 1, "t=tok%2Fen%3D": 1, "QUJDREVGR0hJSktMTU5PUA==": 2, "key ABCDEFGHIJKLMNOP": 2, "nothing": 0,
	} {
		if got := s.find(text); len(got) < min(want, 1) || (want == 0 && len(got) > 0) {
			t.Errorf("found %q in %q", got, text)
		}
	}
}

// Everything that makes the function print something is done, at the highest log
// level; then its output, objects and answers are searched.
func TestNoSecretGetsOut(t *testing.T) {
	t.Parallel()
	var keys fc.Credentials
	h := start(t, func(o *localcloud.Options) {
		o.Env = []string{"LOG_LEVEL=debug"}
		o.Timeout = shortTimeout
		o.Dir = t.TempDir() // Close removes its own
		also(o, func(o *fc.Options) { keys = o.Credentials })
	})
	hidden := newSecrets(keys, h.Secret())
	said := map[string]string{}
	tell(t, h, said)
	h.quiet(t)
	err := filepath.WalkDir(h.BucketDir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		said[path] = path + "\n" + string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range h.ended() {
		if i.Err != nil {
			said["the error of "+i.RequestID] = i.Err.Error()
		}
	}
	// The output may arrive after the last answer; a process that has ended has
	// written all of it.
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	said["the function's log"] = h.printed()
	if len(said) < 20 || len(said["the function's log"]) < 5000 {
		t.Fatalf("only %d texts, and %d bytes of log: the story is too short", len(said), len(said["the function's log"]))
	}
	for where, text := range said {
		if found := hidden.find(text); len(found) > 0 {
			t.Errorf("%s holds %q", where, found)
		}
	}
}

// tell does everything that the function prints something about.
func tell(t *testing.T, h *harness, said map[string]string) {
	t.Helper()
	ask := func(method, path, id, body string) {
		a := h.gets(t, method, path, id, body)
		said[method+" "+path+" "+id] = a.body
	}
	h.drop(t, "changes/good.yaml", portChange(1195))
	h.drop(t, "changes/bad.yaml", portChange(443)+"WEBHOOK_SECRETS: x\n")
	h.quiet(t)
	ask("POST", "/v1/changes", "tell-1", portChange(1196))
	ask("POST", "/v1/changes", "tell-1", portChange(1197))
	ask("POST", "/v1/changes", "tell-2", "a: [")
	ask("POST", "/v1/changes", "", portChange(1196))
	ask("POST", "/v1/plans", "tell-3", portChange(1198))
	ask("GET", "/v1/changes/20261122-aaaaaaaaaa", "tell-4", "")
	h.quiet(t)

	// Every failure of the API and the store that mentions credentials.
	for i, f := range []vpc.Fault{
		{Kind: vpc.FaultExpiredToken, Times: 6},
		{Kind: vpc.FaultError, Status: 403, Code: "Forbidden", Message: "User not authorized to operate on the specified resource."},
		{Kind: vpc.FaultError, Status: 400, Code: "SignatureDoesNotMatch", Message: "Specified signature is not matched with our calculation."},
		{Kind: vpc.FaultHTML},
		{Kind: vpc.FaultReset},
		{Kind: vpc.FaultEmpty},
	} {
		if err := h.VPC().Inject(f); err != nil {
			t.Fatal(err)
		}
		ask("POST", "/v1/changes", "vpc-"+string(f.Kind)+f.Code, portChange(1200+i))
		h.sweep(t)
		h.VPC().ClearFaults()
	}
	for i, kind := range []oss.FaultKind{oss.AccessDenied, oss.TokenExpired, oss.ClockSkewed, oss.BadGateway, oss.Truncated} {
		if err := h.OSS().Inject(oss.Fault{Kind: kind, Times: 3}); err != nil {
			t.Fatal(err)
		}
		ask("POST", "/v1/changes", "oss-"+string(kind), portChange(1300+i))
		h.sweep(t)
		h.OSS().ClearFaults()
	}
	tellCommands(t, h, said)
	for _, payload := range []string{"", "{}", "no event", `{"events":[{}]}`} {
		if _, err := h.FC().Invoke(t.Context(), []byte(payload)); err != nil {
			said["event "+payload] = err.Error()
		}
	}
	if _, err := h.FC().Tick("nightly", `{"task":"apply","document":"scheduled/none.yaml"}`); err != nil {
		t.Fatal(err)
	}
}

func tellCommands(t *testing.T, h *harness, said map[string]string) {
	t.Helper()
	good := document(t, "good.yaml", portChange(1400))
	for _, args := range [][]string{
		{"validate", good},
		{"submit", "--wait", "20s", good},
		{"submit", "--json", "--wait", "0", good},
		{"submit", "--plan", good},
		{"status", "20261122-aaaaaaaaaa"},
		{"status", "--secret-file", h.SecretFile(), "--sender", "nobody", "20261122-aaaaaaaaaa"},
		{"submit", "--url", "http://127.0.0.1:1", "--wait", "0", good},
	} {
		c := h.vpnctl(t, args...)
		said["vpnctl "+strings.Join(args, " ")] = c.out + c.err
	}
}
