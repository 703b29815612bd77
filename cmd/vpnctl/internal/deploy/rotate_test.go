package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
)

// written is a file on disk.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".env.deploy")
	if err := deploy.Create(path, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) *deploy.File {
	t.Helper()
	f, _, err := deploy.Read(path, linux)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// secretsOf lists the secrets of a sender in a file.
func secretsOf(t *testing.T, path, sender string) []string {
	t.Helper()
	value, _ := read(t, path).Value("WEBHOOK_SECRETS")
	var out []string
	for entry := range strings.SplitSeq(value, ",") {
		if name, secret, _ := strings.Cut(entry, "="); name == sender {
			out = append(out, secret)
		}
	}
	return out
}

func rotate(t *testing.T, path, sender string, step deploy.Rotation, want string) {
	t.Helper()
	err := deploy.Rotate(path, linux, sender, step)
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("step %d of %s: got %v, want %q", step, sender, err, want)
	}
	if err != nil && strings.Contains(strings.ReplaceAll(err.Error(), "whsec_…", ""), "whsec_") {
		t.Errorf("the error has a secret: %v", err)
	}
}

// TestARotationInterruptsNobody follows a secret through both deployments: at each
// moment, what the client takes is accepted by what is deployed.
func TestARotationInterruptsNobody(t *testing.T) {
	t.Parallel()
	path := written(t, "\ufeff"+strings.ReplaceAll(fresh(t), "\n", "\r\n"))
	save := func() {
		t.Helper()
		last, err := deploy.Last(path)
		if err != nil {
			t.Fatal(err)
		}
		if last != nil {
			if err := deploy.Lost(last.Losses(read(t, path), nil, false, deploy.Allowances{})); err != nil {
				t.Fatal(err)
			}
		}
		if err := read(t, path).State(nil, moment()).Save(path); err != nil {
			t.Fatal(err)
		}
	}
	before := secretsOf(t, path, "bot")
	rotate(t, path, "bot", deploy.Finish, "is not being rotated")
	save()
	rotate(t, path, "bot", deploy.Begin, "")
	both := secretsOf(t, path, "bot")
	if len(both) != 2 || both[0] != before[0] || both[1] == both[0] {
		t.Fatalf("there are %d secrets, and the client would take another than the one that is deployed", len(both))
	}
	rotate(t, path, "bot", deploy.Begin, "is being rotated already")
	rotate(t, path, "bot", deploy.Finish, "is not deployed yet")
	save()
	client := filepath.Join(filepath.Dir(path), ".env.secret.bot")
	if err := deploy.SecretFile(read(t, path), "bot", client); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(client); err != nil || string(data) != "bot="+both[1]+"\n" {
		t.Error("the client gets another secret than the fresh one")
	}
	rotate(t, path, "bot", deploy.Finish, "")
	if after := secretsOf(t, path, "bot"); len(after) != 1 || after[0] != both[1] {
		t.Error("the fresh secret is not the one that stays")
	}
	save()
	if left := strings.Join(entries(t, filepath.Dir(path)), " "); left != ".env.deploy .env.deploy.last .env.secret.bot" {
		t.Errorf("left are %s", left)
	}
	if data, err := os.ReadFile(path); err != nil || strings.Count(string(data), "\r\n") != strings.Count(string(data), "\n") {
		t.Error("the ends of lines have changed")
	}
}

func TestOtherSteps(t *testing.T) {
	t.Parallel()
	path := written(t, fresh(t))
	admin := secretsOf(t, path, "admin")
	bot := secretsOf(t, path, "bot")
	rotate(t, path, "bott", deploy.Begin, "did you mean bot?")
	rotate(t, path, "bot", deploy.Add, "there is a sender bot already")
	rotate(t, path, "b,t", deploy.Add, "WEBHOOK_SECRETS")
	rotate(t, path, "ci", deploy.Add, "")
	rotate(t, path, "ci", deploy.Begin, "")
	rotate(t, path, "ci", deploy.Finish, "no record of a deployment")
	rotate(t, path, "bot", deploy.Replace, "")
	if got := secretsOf(t, path, "ci"); len(got) != 2 {
		t.Errorf("ci has %d secrets", len(got))
	}
	if got := secretsOf(t, path, "bot"); len(got) != 1 || got[0] == bot[0] {
		t.Error("the secret that leaked is still there")
	}
	if got := secretsOf(t, path, "admin"); len(got) != 1 || got[0] != admin[0] {
		t.Error("the secret of another sender has changed")
	}
	if err := os.WriteFile(path+".lock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	rotate(t, path, "bot", deploy.Replace, "being changed by another command")
}

// TestRotationsAtOnce adds many senders at once: each that was added is there.
func TestRotationsAtOnce(t *testing.T) {
	t.Parallel()
	path := written(t, fresh(t))
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	errs := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { errs[i] = deploy.Rotate(path, linux, name, deploy.Add) })
	}
	all.Wait()
	for i, name := range names {
		if got := len(secretsOf(t, path, name)); (errs[i] == nil) != (got == 1) {
			t.Errorf("%s has %d secrets after %v", name, got, errs[i])
		}
	}
}

func TestSecretFiles(t *testing.T) {
	t.Parallel()
	path := written(t, fresh(t))
	out := filepath.Join(filepath.Dir(path), ".env.secret.bot")
	if err := deploy.SecretFile(read(t, path), "nobody", out); err == nil {
		t.Error("a sender that is not there has a secret")
	}
	for range 2 {
		if err := deploy.SecretFile(read(t, path), "bot", out); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := deploy.SecretFile(read(t, path), "admin", out); err == nil || !strings.Contains(err.Error(), "give another file") {
		t.Errorf("the secret of another sender was replaced: %v", err)
	}
	if err := deploy.SecretFile(read(t, path), "bot", path); err == nil {
		t.Error("the settings were replaced")
	}
}
