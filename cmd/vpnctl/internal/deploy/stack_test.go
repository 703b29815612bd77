package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
)

// arguments reads the file of flags as a shell and aliyun-cli do: words, of which those
// behind a name that ends in -FILE are read from a file.
func arguments(t *testing.T, dir string) (parameters map[string]string, line string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "flags"))
	if err != nil {
		t.Fatal(err)
	}
	parameters = map[string]string{}
	words := strings.Fields(string(data))
	key := ""
	for i := 0; i < len(words); i += 2 {
		switch {
		case strings.HasSuffix(words[i], ".ParameterKey"):
			key = words[i+1]
		case strings.HasSuffix(words[i], ".ParameterValue-FILE"):
			value, err := os.ReadFile(words[i+1])
			if err != nil {
				t.Fatal(err)
			}
			parameters[key] = string(value)
		default:
			parameters[words[i]] = words[i+1]
		}
	}
	return parameters, string(data)
}

func TestParametersOfAStack(t *testing.T) {
	t.Parallel()
	m, err := deploy.ReadTemplate(repositoryPath("template.yml"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(fresh(t), "CHAT_SLACK=\n", "", 1)
	f := parse(t, text)
	f.Set("WAKE_UPS", "")
	f.Set("TIME_ZONE", "x y;$(id)\\'z")
	given := map[string]string{"CodeBucket": "acme-code", "CodeObject": "1.zip"}
	parameters, err := f.Parameters(m, given)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "ros")
	for range 2 { // a second run replaces the first
		if err := deploy.WriteParameters(dir, parameters, true); err != nil {
			t.Fatal(err)
		}
	}
	got, line := arguments(t, dir)
	secrets, _ := f.Value("WEBHOOK_SECRETS")
	_, told := got["ChatSlack"]
	switch {
	case told, got["--UsePreviousParameters"] != "true":
		t.Error("a variable without a line does not keep its value")
	case got["WebhookSecrets"] != secrets, got["TimeZone"] != "x y;$(id)\\'z":
		t.Error("a value is not as it is in the file")
	case strings.Contains(line, "whsec_"), strings.Contains(line, "acme"):
		t.Errorf("a value is among the arguments: %s", line)
	case got["WakeUps"] != "auto", got["CodeObject"] != "1.zip", got["ChangeBucketName"] != "acme-vpn-changes":
		t.Errorf("got %v", got)
	}
	if _, told := got["ChatFeishu"]; !told {
		t.Error("an empty variable is not told, so that the stack keeps its value")
	}
	for _, name := range append(entries(t, dir), "") {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if err := deploy.WriteParameters(dir, parameters, false); err != nil {
		t.Fatal(err)
	}
	if got, _ := arguments(t, dir); got["--UsePreviousParameters"] != "" {
		t.Error("CreateStack has no previous parameters")
	}
	for want, set := range map[string]string{"has no parameter Nothing": "Nothing", "is the variable CHAT_SLACK": "ChatSlack"} {
		if _, err := f.Parameters(m, map[string]string{set: "x"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("--set %s: %v", set, err)
		}
	}
	for _, dir := range []string{"a b", "a;b", "$HOME", ""} {
		if err := deploy.WriteParameters(dir, parameters, false); err == nil {
			t.Errorf("wrote to %q", dir)
		}
	}
}
