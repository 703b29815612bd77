package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// workshop is a folder with a file of settings, a folder for what is built, and a
// program s that writes its arguments and its environment to a file.
type workshop struct {
	dir, vpnctl string
}

// make runs a target of the Makefile from a shell that has variables of its own.
func (w workshop) make(t *testing.T, target string, variables ...string) (out string, ok bool) {
	t.Helper()
	const shell = `PATH=$0:$PATH ENVIRONMENT=$0/environment RECORD_BUCKET=of-the-shell WEBHOOK_SECRETS=of-the-shell exec make "$@"`
	args := append([]string{
		"-c", shell, w.dir, "--no-print-directory", "-C", filepath.Join("..", "..", ".."), target, "VPNCTL=" + w.vpnctl,
		"SETTINGS=" + w.settings(), "DIST=" + filepath.Join(w.dir, "dist"),
	}, variables...)
	data, err := exec.CommandContext(t.Context(), "sh", args...).CombinedOutput()
	return string(data), err == nil
}

func (w workshop) settings() string    { return filepath.Join(w.dir, ".env.deploy") }
func (w workshop) environment() string { return filepath.Join(w.dir, "environment") }

func newWorkshop(t *testing.T, vpnctl string) workshop {
	t.Helper()
	w := workshop{t.TempDir(), vpnctl}
	const s = `#!/bin/sh
case "$*" in
"deploy -y") env >"$ENVIRONMENT" ;;
"deploy -y -t s-domain.yaml") env >"$ENVIRONMENT.domain" ;;
*) exit 9 ;;
esac
exit "${FAIL:-0}"
`
	if err := os.WriteFile(filepath.Join(w.dir, "s"), []byte(s), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(w.dir, "dist"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "dist", "sslvpn-change.zip"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, ok := w.make(t, "deploy-settings"); !ok {
		t.Fatal(out)
	}
	w.edit(t, "CHANGE_BUCKET=\n", "CHANGE_BUCKET=acme-vpn-changes\n")
	return w
}

// edit replaces a text of the settings.
func (w workshop) edit(t *testing.T, old, now string) {
	t.Helper()
	text := readFile(t, w.settings())
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q", old)
	}
	if err := os.WriteFile(w.settings(), []byte(strings.Replace(text, old, now, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestDeployments deploys as the manual, the README and the Makefile say, with the client
// itself and other programs in the place of the tools.
func TestDeployments(t *testing.T) {
	t.Parallel()
	vpnctl := filepath.Join(t.TempDir(), "vpnctl")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", vpnctl, "../../../cmd/vpnctl").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, test := range map[string]func(*testing.T, string){"make": makeTargets, "manual": pastesTheManual, "README": pastesTheReadme} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, vpnctl)
		})
	}
}

// makeTargets drives the targets of the Makefile.
func makeTargets(t *testing.T, vpnctl string) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, workshop){
		"the environment is the file's":   deploysTheFile,
		"a failure is not recorded":       failureIsNotRecorded,
		"a loss is refused, then allowed": refusesALoss,
		"the package before is kept":      keepsThePackage,
		"settings are never replaced":     neverReplaces,
		"a domain comes after":            deploysTheDomain,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newWorkshop(t, vpnctl))
		})
	}
}

// deploysTheFile compares the environment of the deploying command with the file: no
// variable of the shell, and nothing interpreted.
func deploysTheFile(t *testing.T, w workshop) {
	t.Helper()
	w.edit(t, "CHAT_SLACK=", "CHAT_SLACK=secret=$(id)`id`$HOME\\n%41;team=T1")
	if out, ok := w.make(t, "deploy"); !ok {
		t.Fatal(out)
	}
	text, environment := readFile(t, w.settings()), readFile(t, w.environment())
	variables := 0
	for line := range strings.Lines(text) {
		if line != "\n" && !strings.HasPrefix(line, "#") {
			if variables++; !strings.Contains("\n"+environment, "\n"+line) {
				t.Errorf("%q is not in the environment", line)
			}
		}
	}
	if variables < 15 || strings.Contains(environment, "of-the-shell") || !strings.Contains(text, "WEBHOOK_SECRETS=bot=whsec_") {
		t.Errorf("%d variables; the file is\n%s\nthe environment is\n%s", variables, text, environment)
	}
	if last := readFile(t, w.settings()+".last"); strings.Contains(last, "whsec_") || strings.Contains(last, "$(id)") || !strings.Contains(last, "acme-vpn-changes") {
		t.Errorf("the record is %s", last)
	}
}

// deploysTheDomain has s-domain.yaml deployed if there is a domain, and not otherwise.
func deploysTheDomain(t *testing.T, w workshop) {
	t.Helper()
	if out, ok := w.make(t, "deploy-package"); !ok {
		t.Fatal(out)
	}
	if _, err := os.Stat(w.environment() + ".domain"); err == nil {
		t.Error("there is no domain, and s-domain.yaml was deployed")
	}
	w.edit(t, "CUSTOM_DOMAIN=\n", "CUSTOM_DOMAIN=vpn.example.com\n")
	if out, ok := w.make(t, "deploy-package"); ok || !strings.Contains(out, "s-domain.yaml needs a certificate") {
		t.Errorf("ok is %t: %s", ok, out)
	}
	cert, key := filepath.Join(w.dir, "cert.pem"), filepath.Join(w.dir, "key.pem")
	const subject = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=vpn.example.com -addext subjectAltName=DNS:vpn.example.com -out"
	args := append(strings.Fields(subject), cert, "-keyout", key)
	if out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Skipf("needs openssl: %s", out)
	}
	w.edit(t, "CUSTOM_DOMAIN_CERTIFICATE=", "CUSTOM_DOMAIN_CERTIFICATE="+cert)
	w.edit(t, "CUSTOM_DOMAIN_KEY=", "CUSTOM_DOMAIN_KEY="+key)
	if out, ok := w.make(t, "deploy-package"); !ok {
		t.Fatal(out)
	}
	if environment := readFile(t, w.environment()+".domain"); !strings.Contains(environment, "CUSTOM_DOMAIN_KEY="+key) {
		t.Errorf("the environment is %s", environment)
	}
}

func failureIsNotRecorded(t *testing.T, w workshop) {
	t.Helper()
	if out, ok := w.make(t, "deploy-package", "FAIL=7"); ok || !strings.Contains(out, "s failed with exit status 7") {
		t.Errorf("ok is %t: %s", ok, out)
	}
	if _, err := os.Stat(w.settings() + ".last"); err == nil {
		t.Error("a deployment that failed is recorded")
	}
}

func refusesALoss(t *testing.T, w workshop) {
	t.Helper()
	w.edit(t, "CHAT_SLACK=", "CHAT_SLACK=secret=0123456789abcdef;team=T1")
	if out, ok := w.make(t, "deploy-package"); !ok {
		t.Fatal(out)
	}
	if err := os.Remove(w.environment()); err != nil {
		t.Fatal(err)
	}
	w.edit(t, "CHAT_SLACK=secret=0123456789abcdef;team=T1", "CHAT_SLACK=")
	if out, ok := w.make(t, "deploy-package"); ok || !strings.Contains(out, "--allow-empty CHAT_SLACK") {
		t.Errorf("ok is %t: %s", ok, out)
	}
	if _, err := os.Stat(w.environment()); err == nil {
		t.Error("s ran")
	}
	if out, ok := w.make(t, "deploy-package", "ALLOW=--allow-empty CHAT_SLACK"); !ok {
		t.Error(out)
	}
	if out, ok := w.make(t, "deploy-package"); !ok {
		t.Errorf("what is lost deliberately is asked for again: %s", out)
	}
}

func keepsThePackage(t *testing.T, w workshop) {
	t.Helper()
	if out, ok := w.make(t, "rollback"); ok || !strings.Contains(out, "put the package of the earlier version there") {
		t.Errorf("ok is %t: %s", ok, out)
	}
	dist := filepath.Join(w.dir, "dist")
	for _, version := range []string{"old", "new", "new"} {
		if err := os.WriteFile(filepath.Join(dist, "sslvpn-change.zip"), []byte(version), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, ok := w.make(t, "deploy-package"); !ok {
			t.Fatal(out)
		}
	}
	if out, ok := w.make(t, "rollback"); !ok || readFile(t, filepath.Join(dist, "sslvpn-change.zip")) != "old" {
		t.Errorf("%s has not deployed the old package", out)
	}
	if got := readFile(t, filepath.Join(dist, "previous", "sslvpn-change.zip")); got != "new" {
		t.Errorf("after a rollback the package before is %q", got)
	}
}

func neverReplaces(t *testing.T, w workshop) {
	t.Helper()
	before := readFile(t, w.settings())
	if out, ok := w.make(t, "deploy-settings"); ok || !strings.Contains(out, "exists") || readFile(t, w.settings()) != before {
		t.Errorf("ok is %t: %s", ok, out)
	}
	if err := os.Remove(w.settings()); err != nil {
		t.Fatal(err)
	}
	if out, ok := w.make(t, "deploy"); ok || !strings.Contains(out, "there is no") {
		t.Errorf("ok is %t: %s", ok, out)
	}
	if _, err := os.Stat(w.environment()); err == nil {
		t.Error("s ran")
	}
}
