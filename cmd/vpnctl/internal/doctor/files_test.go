package doctor_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/doctor"
)

const (
	good  = "whsec_8mZ1qk0v3uXvO2m8Yc5rJ9wQbT7nLhEoPzK4sDfGiRU="
	other = "whsec_T0xVbR9aQ2mYw7Kc1nZpHj5sLdEi8uGfO3vXyMqB6Nk="
)

// settings writes a whole file of settings.
func settings(t *testing.T, values map[string]string, mode os.FileMode) string {
	t.Helper()
	var b strings.Builder
	for _, s := range deploy.Settings() {
		v, ok := values[s.Name]
		if !ok {
			v = s.Default
		}
		b.WriteString(s.Name + "=" + v + "\n")
	}
	return file(t, ".env.deploy", b.String(), mode)
}

func file(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// outcomes are the results by check.
func outcomes(results []doctor.Result) map[string]doctor.Result {
	out := map[string]doctor.Result{}
	for _, r := range results {
		out[r.Check] = r
	}
	return out
}

// expect checks one result. What is found never has a secret.
func expect(t *testing.T, r doctor.Result, out doctor.Outcome, says string, secrets ...string) {
	t.Helper()
	if r.Outcome != out || !strings.Contains(r.Found, says) || r.Statement == "" {
		t.Errorf("%+v, want %s with %q", r, out, says)
	}
	for _, s := range secrets {
		if strings.Contains(r.Found, strings.TrimPrefix(s, "whsec_")) {
			t.Errorf("%s shows a secret", r.Check)
		}
	}
}

func whole(t *testing.T) doctor.Files {
	t.Helper()
	return doctor.Files{
		Settings:   settings(t, map[string]string{"CHANGE_BUCKET": "acme-changes", "WEBHOOK_SECRETS": "admin=" + good + ",bot=" + other}, 0o600),
		SecretFile: file(t, "secret", good, 0o600), Policy: root + "internal/dev/localcloud/policy.yaml",
		Serverless: root + "s.yaml", Template: root + "template.yml", System: "linux",
	}
}

func TestASoundDeployment(t *testing.T) {
	t.Parallel()
	for _, r := range whole(t).Check() {
		expect(t, r, doctor.OK, "")
	}
	for check, r := range outcomes(doctor.Files{System: "linux"}.Check()) {
		if r.Outcome != doctor.NotChecked || r.Found == "" {
			t.Errorf("without files, %s is %+v", check, r)
		}
	}
}

func TestWeakSecrets(t *testing.T) {
	t.Parallel()
	for list, says := range map[string]string{
		"bot=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw":                 "sample",
		"bot=whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=":         "repeats",
		"bot=whsec_YWJjZGVmZ2hhYmNkZWZnaGFiY2RlZmdoYWJjZGVmZ2g=":     "repeats",
		"bot=whsec_bXkgdmVyeSBsb25nIGFuZCBzZWNyZXQgcGFzc3BocmFzZSE=": "typed",
		"bot=whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=":     "not random",
		"bot=whsec_8mZ1qk0v3uXvO2m8Yc5rJ9wQbT7nLhEo":                 "24 bytes, fewer than 32",
		"bot=" + good + ",ui=" + good:                                "bot and ui have the same secret",
	} {
		f := whole(t)
		f.Settings = settings(t, map[string]string{"CHANGE_BUCKET": "acme-changes", "WEBHOOK_SECRETS": list}, 0o600)
		expect(t, outcomes(f.Check())["secrets"], doctor.Finding, says, strings.TrimPrefix(list, "bot="))
	}
	f := whole(t)
	f.Settings = settings(t, map[string]string{"CHANGE_BUCKET": "acme-changes", "CHAT_SLACK": "secret=xxxxxxxxxxxxxxxx;team=T1"}, 0o600)
	expect(t, outcomes(f.Check())["secrets"], doctor.Finding, "CHAT_SLACK: secret is")
}

func TestFilesThatAreWrong(t *testing.T) {
	t.Parallel()
	f := whole(t)
	f.Settings = settings(t, map[string]string{"CHANGE_BUCKET": "X"}, 0o644)
	f.SecretFile = file(t, "secret", good, 0o640)
	f.Policy = file(t, "policy.yaml", "people: 5\n", 0o600)
	got := outcomes(f.Check())
	expect(t, got["settings"], doctor.Finding, "CHANGE_BUCKET")
	expect(t, got["file-modes"], doctor.Finding, "0640", good)
	expect(t, got["file-modes"], doctor.Finding, "0644")
	expect(t, got["policy-file"], doctor.Finding, "policy.yaml:1: ")
}

func TestDeployFilesThatAreWrong(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ file, old, changed, says string }{
		{"s.yaml", "timeout: 300", "timeout: 30", "timeout is 30 seconds"},
		{"s.yaml", "runtime: go1", "runtime: custom", "the runtime is \"custom\""},
		{"s.yaml", "runtime: go1", "runtime: go1\n      instanceConcurrency: 20", "instanceConcurrency is 20"},
		{"s.yaml", "methods: [GET, POST]", "methods: [GET]", "does not let POST through"},
		{"s.yaml", "authType: anonymous", "authType: function", "authType is \"function\""},
		{"s.yaml", "maxAsyncRetryAttempts: 3", "maxAsyncRetryAttempts: 0", "not tried again"},
		{"s.yaml", "maxAsyncEventAgeInSeconds: 86400", "maxAsyncEventAgeInSeconds: 60", "events live 60 seconds"},
		{"s.yaml", "prefix: wake/", "prefix: woke/", "the trigger wake watches \"woke/\""},
		{"s.yaml", "'@every 1m'", "'@every 10m'", "\"@every 10m\""},
		{"s.yaml", "triggerName: answers", "triggerName: replies", "no OSS trigger called answers"},
		{"s.yaml", "- oss:ObjectCreated:CopyObject\n", "- oss:ObjectCreated:PutSymlink\n", "lacks the event oss:ObjectCreated:CopyObject"},
		{"template.yml", "Timeout: 300", "Timeout: 301", "disagree about Timeout"},
		{"template.yml", "MaxAsyncRetryAttempts: 3", "MaxAsyncRetryAttempts: 4", "disagree about Retries"},
		{"template.yml", "TriggerName: nightly-example", "TriggerName: nightly", "lacks the trigger nightly"},
		{"template.yml", "AccessControl: private", "AccessControl: private\n      VersioningConfiguration: {Status: Enabled}", "VersioningConfiguration"},
		{"template.yml", "Type: ALIYUN::SLS::Index", "Type: ALIYUN::SLS::Alert", "cannot be searched"},
		{"template.yml", "Resources:\n", "Resources: [\n", "template.yml: "},
	} {
		data, err := os.ReadFile(root + tt.file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(data), tt.old, tt.changed, 1)
		if text == string(data) {
			t.Errorf("%s has no %q", tt.file, tt.old)
		}
		f := whole(t)
		if path := file(t, tt.file, text, 0o600); tt.file == "s.yaml" {
			f.Serverless = path
		} else {
			f.Template = path
		}
		expect(t, outcomes(f.Check())["deploy-files"], doctor.Finding, tt.says)
	}
}
