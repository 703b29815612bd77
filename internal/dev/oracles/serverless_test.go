package oracles_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serverlessDevs is the tool that the deploy files are for.
const serverlessDevs = "@serverless-devs/s@3.1.10"

// TestServerlessDevs lets the tool render both deploy files with the settings of a new
// deployment, and compares the function's variables with the file of settings. The
// components behind it (fc3, fc3-domain) are not in npm: they are not asked.
func TestServerlessDevs(t *testing.T) {
	t.Parallel()
	if !*useNPM {
		t.Skip("needs npm: make oracles")
	}
	dir := installed(t, `{"private":true}`, serverlessDevs)
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	vpnctl, settings := filepath.Join(dir, "vpnctl"), filepath.Join(dir, ".env.deploy")
	if out, err := run(t, root, "go", "build", "-o", vpnctl, "./cmd/vpnctl"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := run(t, root, vpnctl, "init", "--file", settings, "--bucket", "acme-vpn-changes"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	const hostile = `secret=$(id)"'{"a":[1]}:#-` + "`x`" + `\n%41&a*b!c|>;team=T1`
	text := strings.Replace(string(data), "CHAT_SLACK=", "CHAT_SLACK="+hostile, 1)
	text = strings.Replace(text, "WAKE_UPS=auto", "WAKE_UPS=off", 1) // a boolean of YAML
	write(t, settings, []byte(text))
	preview := func(more ...string) map[string]any {
		t.Helper()
		command := append([]string{vpnctl, "deploy", "--file", settings, "--", filepath.Join(dir, "node_modules", ".bin", "s"), "preview", "--silent", "-o", "json"}, more...)
		out, err := run(t, root, command...)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		_, rendered, _ := strings.Cut(out, "{")
		var file map[string]any
		if err := json.NewDecoder(strings.NewReader("{" + rendered)).Decode(&file); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return file
	}
	variables, _ := at(preview(), "resources", "sslvpn_change", "props", "environmentVariables").(map[string]any)
	if len(variables) < 10 || variables["CHAT_SLACK"] != hostile || variables["WAKE_UPS"] != "off" {
		t.Errorf("the tool has %v", variables)
	}
	for name, got := range variables {
		if !strings.Contains(text, "\n"+name+"="+got.(string)+"\n") { //nolint:forcetypeassert // a panic fails the test
			t.Errorf("%s is %q for the tool, and another value in the file", name, got)
		}
	}
	if got := at(preview("-t", "s-domain.yaml"), "resources", "sslvpn_change_domain", "props", "routeConfig"); got == nil {
		t.Error("s-domain.yaml has no routes")
	}
	out, err := run(t, root, "env", "CHANGE_BUCKET=x", "CHAT_SLACK=${env('CHANGE_BUCKET')}-y", filepath.Join(dir, "node_modules", ".bin", "s"), "preview", "-o", "json")
	if err != nil || !strings.Contains(out, `"x-y"`) {
		t.Errorf("the tool no longer evaluates ${…} within a value, so that vpnctl need not refuse it: %v\n%s", err, out)
	}
}

// at follows keys into a document.
func at(node any, keys ...string) any {
	for _, key := range keys {
		m, _ := node.(map[string]any)
		node = m[key]
	}
	return node
}
