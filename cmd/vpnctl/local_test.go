package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	sdk "github.com/aliyun/fc-runtime-go-sdk/fc"
)

// TestMain runs the test binary as the function when the emulator starts it, and as
// vpnctl in a terminal emulator.
func TestMain(m *testing.M) {
	if os.Getenv(runVariable) != "" {
		os.Exit(run())
	}
	if os.Getenv("FC_RUNTIME_API") != "" {
		sdk.Start(func(_ context.Context, payload []byte) (json.RawMessage, error) {
			if !bytes.Contains(payload, []byte(`"version":"v1"`)) {
				return json.RawMessage(`{}`), nil
			}
			return json.RawMessage(`{"statusCode":202,"headers":{},"isBase64Encoded":false,"body":"{\"changes\":[{\"id\":\"a\",\"status\":\"queued\"}]}"}`), nil
		})
	}
	os.Exit(m.Run())
}

func TestLocalRunsUntilItIsStoppedAndItsSuggestionsWork(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	dir := t.TempDir()
	ended := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		term := &terminal{in: strings.NewReader(""), out: w, err: &errs, self: "vpnctl", lookup: func(string) (string, bool) { return "", false }}
		code := execute(ctx, term, []string{"local", "--dir", dir, "--function", self, "--http", "0", "--oss", "0", "--vpc", "0"})
		_ = w.Close()
		ended <- code
	}()
	lines := bufio.NewScanner(r)
	var shown strings.Builder
	for lines.Scan() {
		shown.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "Ctrl-C") {
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	screen := shown.String()
	wants(t, "the screen", screen, "vss-bp18q7hzj6largv4vk2fe (cn-hangzhou)  test, UDP/1194", "keeps its gateway busy for 20s",
		filepath.Join(dir, "oss", "sslvpn-changes", "changes", "hotel.yaml"))

	url := regexp.MustCompile(`function  (http://\S+)`).FindStringSubmatch(screen)
	suggested := regexp.MustCompile(`vpnctl (submit .* --set \S+)`).FindStringSubmatch(screen)
	if url == nil || suggested == nil {
		t.Fatalf("the screen names no address or no command:\n%s", screen)
	}
	resp, err := http.Get(url[1] + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		t.Errorf("the function answers %d", resp.StatusCode)
	}
	got := vpnctl(t, nil, "", append(strings.Fields(suggested[1]), "--wait", "0s")...)
	if got.code != exitDone || got.out != "a  queued\n" {
		t.Errorf("the suggested command: %+v", got)
	}
	for _, command := range []string{"policy get", "policy put"} {
		if !regexp.MustCompile(`vpnctl ` + command + ` .*--secret-file \S+secret-admin`).MatchString(screen) {
			t.Errorf("the screen does not suggest %s:\n%s", command, screen)
		}
	}
	document := screen[strings.Index(screen, "\nreason:"):strings.Index(screen, "\nEND\n")]
	if got := vpnctl(t, nil, document, "validate", "-"); got.code != exitDone {
		t.Errorf("the suggested file: %+v", got)
	}
	cancel()
	if code := <-ended; code != exitDone {
		t.Errorf("exit status %d: %s", code, errs.String())
	}
}

func TestLocalReportsAMissingFunction(t *testing.T) {
	t.Parallel()
	got := vpnctl(t, nil, "", "local", "--function", filepath.Join(t.TempDir(), "none"))
	if got.code != exitUsage {
		t.Errorf("exit status %d, want %d", got.code, exitUsage)
	}
	wants(t, "the message", got.err, "none: no such file")
}

func TestTheDocumentsOfTheDemonstration(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]int{"office.yaml": exitDone, "typo.yaml": exitFailed, "request.yaml": exitDone, "scheduled.json": exitDone} {
		got := vpnctl(t, nil, "", "validate", filepath.Join("internal", "demo", name))
		if got.code != code {
			t.Errorf("%s: exit status %d, want %d: %s", name, got.code, code, got.out)
		}
	}
}
