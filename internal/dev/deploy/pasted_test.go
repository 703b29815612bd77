package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sections are the beginnings of the lists about upgrades and secrets, in both languages.
func sections() map[string][3]string {
	return map[string][3]string{
		"docs/operating.md":       {"With Serverless Devs:\n", "With ROS (", "## Rotate a secret\n"},
		"docs/operating.zh-CN.md": {"使用 Serverless Devs：\n", "使用 ROS（", "## 轮换发送方的密钥\n"},
	}
}

// step is a numbered step with its first command, between backticks.
var step = regexp.MustCompile("(?m)^\\d+\\. [^`\n]*`([^`\n]+ [^`\n]+)`")

// steps gives the commands of the first numbered list behind a text.
func steps(t *testing.T, page, behind string) []string {
	t.Helper()
	_, text, found := strings.Cut(page, behind)
	if !found {
		t.Fatalf("there is no %q", behind)
	}
	first := strings.Index(text, "\n1. ")
	list, _, _ := strings.Cut(text[first+1:], "\n\n")
	var out []string
	for _, line := range step.FindAllStringSubmatch(list, -1) {
		out = append(out, line[1])
	}
	return out
}

// tools are the programs that the commands run beside vpnctl. aliyun reads an argument
// behind a name that ends in -FILE from that file, and keeps the parameters of the stack as
// the variables of the function.
const tools = `
git() { case "$1" in rev-parse) echo abc1234 ;; fetch | checkout) ;; *) return 9 ;; esac; }
go() { [ "$*" = "install ./cmd/vpnctl" ]; }
make() {
  case "$*" in
  package) mkdir -p dist && echo package >dist/sslvpn-change.zip ;;
  deploy) vpnctl deploy -- env ;;
  *) return 9 ;;
  esac >/dev/null
}
ossutil() { [ "$1 $2" = "cp dist/sslvpn-change.zip" ] && [ -s "$2" ] && echo "$3" >uploaded; }
aliyun() {
  case "$1 $2" in
  "ros ListStacks") printf '{\n  "Stacks": [\n    {\n      "ParentStackId": "p",\n      "StackId": "stack-1",\n      "Status": "CREATE_COMPLETE"\n    }\n  ]\n}\n' ;;
  "ros GetStack") [ "$3 $4 $5 $6" = "--RegionId cn-hangzhou --StackId stack-1" ] ;;
  "ros UpdateStack" | "ros CreateStack")
    case "$3 $4 $5 $6 $7 $8" in
    "--RegionId cn-hangzhou --StackId stack-1 --TemplateBody-FILE template.yml" | "--RegionId cn-hangzhou --StackName sslvpn-change --TemplateBody-FILE template.yml") ;;
    *) return 9 ;;
    esac
    shift 8
    printf '%s\n' "$@" >arguments
    while [ $# -gt 0 ]; do
      case "$1" in
      *.ParameterKey) key=$2 ;;
      *.ParameterValue-FILE) cp "$2" "parameter.$key" ;;
      esac
      shift 2
    done ;;
  "fc GetFunction")
    printf '{"functionArn":"acs:fc:cn-hangzhou:1:functions/sslvpn-change","environmentVariables":{"CHANGE_BUCKET":"%s","WEBHOOK_SECRETS":"%s"}}' \
      "$(cat parameter.ChangeBucketName)" "$(cat parameter.WebhookSecrets)" ;;
  *) return 9 ;;
  esac
}
`

// pastesTheManual pastes the commands of the manual into one shell, with the
// client itself and other programs in the place of the tools: an upgrade in both ways, then the
// rotation of a secret.
func pastesTheManual(t *testing.T, vpnctl string) {
	t.Helper()
	for page, section := range sections() {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text := repositoryFile(t, page)
			serverless, stack, rotation := steps(t, text, section[0]), steps(t, text, section[1]), steps(t, text, section[2])
			if len(serverless) != 2 || len(stack) != 7 || len(rotation) != 4 {
				t.Fatalf("%d, %d and %d commands: %q", len(serverless), len(stack), len(rotation), rotation)
			}
			dir := t.TempDir()
			for _, name := range []string{"s.yaml", "template.yml"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(repositoryFile(t, name)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			paste(t, dir, vpnctl, append([]string{"vpnctl init --bucket acme-vpn-changes"}, serverless...))
			before := readFile(t, filepath.Join(dir, ".env.deploy"))
			paste(t, dir, vpnctl, stack)
			if arguments := readFile(t, filepath.Join(dir, "arguments")); !strings.Contains(arguments, "--UsePreviousParameters\ntrue\n") || !strings.Contains(arguments, "\nCodeObject\n") {
				t.Errorf("the arguments are %s", arguments)
			}
			again := append([]string{stack[1], "vpnctl ros-parameters --update"}, stack[4:]...)
			// rotate, deploy, give away, finish, deploy
			paste(t, dir, vpnctl, append(append(append([]string{rotation[0]}, again...), rotation[2], rotation[3]), again...))
			after := readFile(t, filepath.Join(dir, ".env.deploy"))
			old, now := senderOf(before), senderOf(after)
			deployed := readFile(t, filepath.Join(dir, "parameter.WebhookSecrets"))
			if old == now || strings.Contains(deployed, old) || !strings.Contains(deployed, now) || readFile(t, filepath.Join(dir, ".env.secret.bot")) != now+"\n" {
				t.Error("the secret of bot was not rotated everywhere")
			}
			if got := readFile(t, filepath.Join(dir, "uploaded")); got != "oss://acme-code/sslvpn-change/abc1234.zip\n" {
				t.Errorf("uploaded to %s", got)
			}
			if arguments := readFile(t, filepath.Join(dir, "arguments")); strings.Contains(arguments, "whsec_") || !strings.Contains(arguments, "--UsePreviousParameters\ntrue\n") || strings.Contains(arguments, "CodeObject") {
				t.Errorf("the arguments are %s", arguments)
			}
		})
	}
}

// pastesTheReadme pastes the blocks about both ways of deployment.
func pastesTheReadme(t *testing.T, vpnctl string) {
	t.Helper()
	for _, page := range []string{"README.md", "README.zh-CN.md"} {
		for _, way := range []string{"\naliyun ros CreateStack", "\nmake deploy\n"} {
			t.Run(page+" "+strings.TrimSpace(way), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				for _, name := range []string{"s.yaml", "template.yml"} {
					if err := os.WriteFile(filepath.Join(dir, name), []byte(repositoryFile(t, name)), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				block := ""
				for _, m := range regexp.MustCompile("(?s)\n```sh\n(.*?)```").FindAllStringSubmatch(repositoryFile(t, page), -1) {
					if strings.Contains("\n"+m[1], way) {
						block = m[1]
					}
				}
				paste(t, dir, vpnctl, []string{block, "test -s .env.deploy"})
				if strings.Contains(way, "ros") {
					secrets := readFile(t, filepath.Join(dir, "parameter.WebhookSecrets"))
					if !strings.Contains(readFile(t, filepath.Join(dir, ".env.deploy")), "\nWEBHOOK_SECRETS="+secrets+"\n") || !strings.Contains(secrets, "bot=whsec_") {
						t.Error("the stack has other secrets than the file")
					}
				} else if last := readFile(t, filepath.Join(dir, ".env.deploy.last")); !strings.Contains(last, "acme-vpn-changes") {
					t.Errorf("the record is %s", last)
				}
			})
		}
	}
}

// senderOf is the entry of bot in a file of settings.
func senderOf(text string) string {
	_, rest, _ := strings.Cut(text, "\nWEBHOOK_SECRETS=")
	entry, _, _ := strings.Cut(rest, ",")
	return entry
}

// paste runs commands in one shell, which ends at the first that fails.
func paste(t *testing.T, dir, vpnctl string, commands []string) {
	t.Helper()
	script := "set -eo pipefail\nPATH=" + filepath.Dir(vpnctl) + ":$PATH\n" + tools + strings.Join(commands, "\n") + "\n"
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, strings.Join(commands, "\n"), out)
	}
}
