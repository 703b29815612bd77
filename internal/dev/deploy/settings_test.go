package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// withSettings runs a command with the settings of a file, as "make deploy" does,
// from a shell that has variables of its own.
func withSettings(t *testing.T, verb, file string, command ...string) (out string, ok bool) {
	t.Helper()
	args := []string{"RECORD_BUCKET=of-the-shell", "WEBHOOK_SECRETS=of-the-shell", filepath.Join("..", "..", "..", ".ci", "deploy.sh"), verb, file}
	data, err := exec.CommandContext(t.Context(), "env", append(args, command...)...).CombinedOutput()
	return string(data), err == nil
}

// created is a file of settings as "make deploy-settings" creates it, with a
// bucket.
func created(t *testing.T) (path, text string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "settings")
	if out, ok := withSettings(t, "init", path); !ok {
		t.Fatal(out)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v: nobody else may read the secrets", info.Mode(), err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, strings.Replace(string(data), "CHANGE_BUCKET=\n", "CHANGE_BUCKET=acme-vpn-changes\n", 1)
}

// TestADeploymentHasTheSettingsOfTheFile compares the environment of the deploying
// command with the file: no variable of the shell, and nothing interpreted.
func TestADeploymentHasTheSettingsOfTheFile(t *testing.T) {
	t.Parallel()
	path, text := created(t)
	const slack = "CHAT_SLACK=secret=$(id);team=T1;botToken=x y#z"
	text = strings.Replace(text, "CHAT_SLACK=", slack, 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, ok := withSettings(t, "run", path, "env")
	if !ok {
		t.Fatal(out)
	}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") && !strings.Contains(out, line) {
			t.Errorf("%q is not in the environment", line)
		}
	}
	if !strings.Contains(text, "WEBHOOK_SECRETS=bot=whsec_") || strings.Contains(out, "of-the-shell") {
		t.Errorf("the file is\n%s\nthe environment is\n%s", text, out)
	}
}

// TestADeploymentThatWouldLoseASettingIsRefused runs what would deploy a variable
// as empty or as its default.
func TestADeploymentThatWouldLoseASettingIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, now, want string }{
		"a line is missing":           {"RECORD_BUCKET=\n", "", "does not set RECORD_BUCKET"},
		"the region is missing":       {"DEPLOY_REGION=cn-hangzhou\n", "", "does not set DEPLOY_REGION"},
		"no bucket":                   {"=acme-vpn-changes", "=", "CHANGE_BUCKET is empty"},
		"a quoted value":              {"CHAT_SLACK=", "CHAT_SLACK='secret=x'", "CHAT_SLACK begins with a quote"},
		"a variable twice":            {"CHAT_SLACK=", "CHAT_SLACK=secret=x\nCHAT_SLACK=", "CHAT_SLACK is there twice"},
		"a misspelt name":             {"CHAT_SLACK=", "CHAT_SLAK=", "s.yaml reads no variable CHAT_SLAK"},
		"a line of a shell":           {"CHAT_SLACK=", "export CHAT_SLACK=", "not of the form NAME=value"},
		"a variable of another file":  {"CHAT_SLACK=", "PATH=/tmp\nCHAT_SLACK=", "s.yaml reads no variable PATH"},
		"a value without a variable":  {"CHAT_SLACK=", "=x\nCHAT_SLACK=", "not of the form NAME=value"},
		"a variable without its sign": {"CHAT_SLACK=", "CHAT_SLACK", "not of the form NAME=value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, text := created(t)
			if err := os.WriteFile(path, []byte(strings.Replace(text, c.old, c.now, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, ok := withSettings(t, "run", path, "echo", "it ran"); ok || strings.Contains(out, "it ran") || !strings.Contains(out, c.want) {
				t.Errorf("ok is %t: %s", ok, out)
			}
		})
	}
}

// TestSettingsAreNeverReplaced creates the file twice, and deploys without one.
func TestSettingsAreNeverReplaced(t *testing.T) {
	t.Parallel()
	path, _ := created(t)
	if out, ok := withSettings(t, "init", path); ok || !strings.Contains(out, "exists") {
		t.Errorf("ok is %t: %s", ok, out)
	}
	if out, ok := withSettings(t, "run", path+"s", "echo", "it ran"); ok || !strings.Contains(out, "There is no") {
		t.Errorf("ok is %t: %s", ok, out)
	}
}
