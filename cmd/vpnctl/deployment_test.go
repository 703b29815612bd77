package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
)

// deployFolder is a folder with the deploy files, and the settings of a new deployment.
func deployFolder(t *testing.T) (dir, settings string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"s.yaml", "template.yml"} {
		data, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	settings = filepath.Join(dir, ".env.deploy")
	got := vpnctl(t, nil, "", "init", "--file", settings, "--bucket", "acme-vpn-changes", "--region", "cn-shanghai", "--time-zone", "Asia/Shanghai")
	if got.code != exitDone || strings.Contains(got.out+got.err, "whsec_") {
		t.Fatalf("%+v", got)
	}
	text, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range deploy.Settings() {
		if s.Name == "POLICY_EDITORS" {
			wants(t, "the file", string(text), "\nPOLICY_EDITORS=admin\n", ",admin=whsec_")
		}
	}
	wants(t, "what init says", got.out, settings+" created", "SSLVPN_SECRET_FILE='"+settings+"' SSLVPN_SENDER=bot", "ros-parameters --file", "make deploy SETTINGS=", "secret-file")
	return dir, settings
}

func TestInitRefuses(t *testing.T) {
	t.Parallel()
	dir, settings := deployFolder(t)
	for want, args := range map[string][]string{
		"exists":                   {"--file", settings},
		"a bucket name has":        {"--file", filepath.Join(dir, ".env.a"), "--bucket", "Acme"},
		"give the id of a region":  {"--file", filepath.Join(dir, ".env.b"), "--bucket", "acme-vpn-changes", "--region", "nowhere"},
		"begins or ends with":      {"--file", filepath.Join(dir, ".env.c"), "--time-zone", " UTC"},
		"the senders":              {"--file", filepath.Join(dir, ".env.d"), "--sender", "a b"},
		"no such file or director": {"--file", filepath.Join(dir, "none", ".env.e")},
	} {
		got := vpnctl(t, nil, "", append([]string{"init"}, args...)...)
		if got.code == exitDone {
			t.Errorf("%v is accepted", args)
		}
		wants(t, strings.Join(args, " "), got.err, want)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 3 {
		t.Errorf("left are %v, %v", list, err)
	}
}

// TestDeployRunsTheCommand has the variables in the command's environment, and compares the
// next deployment with this one.
func TestDeployRunsTheCommand(t *testing.T) {
	t.Parallel()
	dir, settings := deployFolder(t)
	file := []string{"--file", settings, "--manifest", filepath.Join(dir, "s.yaml")}
	run := func(verb string, more ...string) result {
		return vpnctl(t, nil, "", append(append([]string{verb}, file...), more...)...)
	}
	got := run("deploy", "--", "/bin/sh", "-c", "echo $CHANGE_BUCKET $DEPLOY_REGION $TIME_ZONE ${WEBHOOK_SECRETS%%=*}")
	if got.code != exitDone || got.out != "acme-vpn-changes cn-shanghai Asia/Shanghai bot\n" {
		t.Fatalf("%+v", got)
	}
	wants(t, "the note", got.err, "there is no record of a deployment", "aliyun fc GetFunction")
	if got := run("deploy-check"); got.code != exitDone || got.err != "" {
		t.Errorf("%+v", got)
	}
	text, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(settings, []byte(strings.Replace(string(text), "acme-vpn-changes", "acme-other", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"deploy", "--", "/bin/echo", "it ran"}, {"deploy-check"}} {
		got := run(args[0], args[1:]...)
		if got.code != exitFailed || got.out != "" {
			t.Errorf("%v: %+v", args, got)
		}
		wants(t, "the refusal", got.err, "--allow-change CHANGE_BUCKET", "stay behind in acme-vpn-changes")
	}
	if got := run("deploy", "--allow-change", "CHANGE_BUCKET", "--", "/bin/sh", "-c", "exit 3"); got.code != exitFailed {
		t.Errorf("%+v", got)
	}
	if got := run("deploy-check", "--allow-change", "CHANGE_BUCKET", "--drop", "sender:x,sender:y"); got.code != exitDone {
		t.Errorf("%+v", got)
	}
	answer := file2(t, dir, "answer.json", `{"environmentVariables":{"CHANGE_BUCKET":"acme-other","CHAT_SLACK":"x"}}`)
	got = run("deploy-check", "--deployed", answer)
	wants(t, "what the function says", got.err, "--allow-empty CHAT_SLACK")
	if got := run("deploy-check", "--deployed", answer, "--allow-empty", "CHAT_SLACK", "--save"); got.code != exitDone {
		t.Errorf("%+v", got)
	}
	if got := run("deploy-check", "--save"); got.code != exitUsage {
		t.Errorf("%+v", got)
	}
	wants(t, "the saved record", run("deploy-check").err, "--allow-empty CHAT_SLACK")
	wants(t, "no command", run("deploy", "--").err, "give the command that deploys")
}

// file2 writes a file to a folder.
func file2(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A deploy file that reads a variable which the settings do not have would deploy it empty.
func TestADeployFileOfAnotherVersion(t *testing.T) {
	t.Parallel()
	dir, settings := deployFolder(t)
	text, err := os.ReadFile(filepath.Join(dir, "s.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	newer := file2(t, dir, "newer.yaml", strings.Replace(string(text), "        LOG_LEVEL:", "        NEW_DOOR: ${env('NEW_DOOR', '')}\n        LOG_LEVEL:", 1))
	wants(t, "a newer file", vpnctl(t, nil, "", "deploy-check", "--file", settings, "--manifest", newer).err, "reads NEW_DOOR, which this version of vpnctl does not know")
	other := file2(t, dir, "other.yaml", "resources: {}\n")
	wants(t, "another file", vpnctl(t, nil, "", "deploy-check", "--file", settings, "--manifest", other).err, "has no triggers")
	wants(t, "no file", vpnctl(t, nil, "", "deploy-check", "--file", settings, "--manifest", filepath.Join(dir, "none.yaml")).err, "run the command in the folder of s.yaml")
}

func TestRosParameters(t *testing.T) {
	t.Parallel()
	dir, settings := deployFolder(t)
	out := filepath.Join(dir, "ros")
	args := []string{"ros-parameters", "--file", settings, "--template", filepath.Join(dir, "template.yml"), "--out", out}
	if got := vpnctl(t, nil, "", args...); got.code != exitUsage {
		t.Errorf("%+v", got)
	}
	args = append(args, "--set", "CodeBucket=acme-code", "--set", "CodeObject=sslvpn-change/1.zip")
	got := vpnctl(t, nil, "", args...)
	if got.code != exitDone || strings.Contains(got.out+got.err, "whsec_") {
		t.Fatalf("%+v", got)
	}
	wants(t, "the next command", got.out, "aliyun ros CreateStack --StackName sslvpn-change --RegionId cn-shanghai --TemplateBody-FILE", "$(cat "+out+"/flags)")
	text, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(settings, []byte(strings.Replace(string(text), "CHAT_SLACK=\n", "", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	wants(t, "a missing line", vpnctl(t, nil, "", args...).err, "Add:", "CHAT_SLACK=")
	got = vpnctl(t, nil, "", append(args, "--update")...)
	wants(t, "an update", got.out, "aliyun ros UpdateStack --StackId ID")
	wants(t, "what is kept", got.err, "CHAT_SLACK is not in", "the stack keeps the value of ChatSlack")
}

// TestTheSettingsAreTheSecretFile signs with the settings themselves, before, within and
// after a rotation.
func TestTheSettingsAreTheSecretFile(t *testing.T) {
	t.Parallel()
	_, settings := deployFolder(t)
	secrets := func(sender string) string {
		t.Helper()
		secret, err := functionFlags{SecretFile: settings, Sender: sender}.secret(&terminal{lookup: func(string) (string, bool) { return "", false }})
		if err != nil {
			t.Fatal(err)
		}
		return secret.Reveal()
	}
	before := secrets("bot")
	if before == secrets("admin") {
		t.Error("two senders have one secret")
	}
	if _, err := (functionFlags{SecretFile: settings}).secret(&terminal{lookup: func(string) (string, bool) { return "", false }}); err == nil || !strings.Contains(err.Error(), "several senders") {
		t.Errorf("got %v", err)
	}
	got := vpnctl(t, nil, "", "rotate", "bot", "--file", settings)
	if got.code != exitDone || strings.Contains(got.out+got.err, "whsec_") || secrets("bot") != before {
		t.Errorf("%+v: the fresh secret is used before it is deployed", got)
	}
	wants(t, "the next steps", got.out, "--finish", "secret-file --file")
	got = vpnctl(t, nil, "", "rotate", "bot", "--finish", "--file", settings)
	wants(t, "too early", got.err, "no record of a deployment")
	got = vpnctl(t, nil, "", "secret-file", "bot", "--file", settings)
	wants(t, "the file", got.out, ".env.secret.bot has the secret of bot")
	if got := vpnctl(t, nil, "", "rotate", "bot", "--leaked", "--file", settings); got.code != exitDone || secrets("bot") == before {
		t.Errorf("%+v", got)
	}
	if got := vpnctl(t, nil, "", "rotate", "bot", "--leaked", "--finish", "--file", settings); got.code != exitUsage {
		t.Errorf("%+v", got)
	}
}
