package docscheck_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// TestTheSigningExampleOfTheREADMESigns runs the example unchanged, with a curl
// that only prints its arguments.
func TestTheSigningExampleOfTheREADMESigns(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "openssl", "base64", "od"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	// A key with a zero byte and a newline, which a shell must not alter.
	const secret = "whsec_AAoNIUFhfvr7/P3+/wABAgMEBQYHCAkKCwwNDg8Q"
	parsed, err := webhook.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := webhook.NewVerifier([]webhook.Sender{{Name: "bot", Secret: parsed}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	body := "reason: $PATH `ls` \\n 旅馆\nPort: 1195\n\n"
	file := filepath.Join(t.TempDir(), "change.yaml")
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"README.md", "README.zh-CN.md"} {
		for call, sent := range map[string]string{"POST /v1/changes chg-1 " + file: body, "GET /v1/changes/1 look-1": ""} {
			headers := signedBy(t, example(t, page), "bot="+secret, call)
			d, err := verifier.Verify(func(name string) string { return headers[name] }, []byte(sent))
			if err != nil || d.Sender != "bot" {
				t.Errorf("%s: %s: %v, with %q", page, call, err, headers)
			}
		}
	}
}

// example is the shell function of a page.
func example(t *testing.T, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(read(t, page), "```sh\nsigned() {")
	if !ok {
		t.Fatalf("%s has no example that signs", page)
	}
	function, _, ok := strings.Cut(rest, "\n}\n")
	if !ok {
		t.Fatalf("the example of %s has no end", page)
	}
	return "signed() {" + function + "\n}\n"
}

// signedBy runs the example and returns curl's header fields.
func signedBy(t *testing.T, function, secret, call string) map[string]string {
	t.Helper()
	script := "set -euo pipefail\ncurl() { printf '%s\\n' \"$@\"; }\n" + function + "URL=http://127.0.0.1 SECRET='" + secret + "'\nsigned " + call + "\n"
	out, err := exec.CommandContext(t.Context(), "bash", "-c", script).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	headers := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			headers[name] = value
		}
	}
	return headers
}
