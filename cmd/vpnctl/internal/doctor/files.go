package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// Files are the operator's files. A path that is "" is not checked.
type Files struct {
	Settings   string // .env.deploy
	SecretFile string // of vpnctl
	Policy     string
	Serverless string // s.yaml
	Template   string // template.yml
	System     string // runtime.GOOS
}

// Check checks the files.
func (f Files) Check() []Result {
	settings, read := f.settings()
	return []Result{read, f.modes(), f.secrets(settings), f.policy(), f.deployFiles()}
}

// settings reads the file of settings; nil if it cannot be read.
func (f Files) settings() (*deploy.File, Result) {
	const check = "settings"
	if missing(f.Settings) {
		return nil, result(check, NotChecked, "there is no "+f.Settings+": give it with --file")
	}
	file, _, err := deploy.Read(f.Settings, f.System)
	if err != nil {
		return nil, result(check, Finding, err.Error())
	}
	if err := errors.Join(file.Whole(), file.Check()); err != nil {
		return file, result(check, Finding, err.Error())
	}
	return file, result(check, OK, f.Settings+" has every variable, and the function accepts them")
}

func missing(path string) bool {
	if path == "" {
		return true
	}
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func (f Files) modes() Result {
	const check = "file-modes"
	if f.System == "windows" {
		return result(check, NotChecked, "files have no modes on this system")
	}
	var problems []string
	seen := 0
	for _, path := range []string{f.Settings, f.Settings + ".last", f.SecretFile} {
		if path == ".last" || missing(path) {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		seen++
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			problems = append(problems, fmt.Sprintf("%s has the mode %04o", path, mode))
		}
	}
	if seen == 0 && len(problems) == 0 {
		return result(check, NotChecked, "there is no file with secrets")
	}
	return judge(check, problems, fmt.Sprintf("their owner alone can read the files with secrets: %d", seen))
}

func (f Files) secrets(settings *deploy.File) Result {
	const check = "secrets"
	if settings == nil {
		return result(check, NotChecked, "the settings cannot be read")
	}
	value := func(name string) string { v, _ := settings.Value(name); return v }
	problems := weakSenders(value("WEBHOOK_SECRETS"))
	for _, s := range deploy.Settings() {
		if strings.HasPrefix(s.Name, "CHAT_") {
			problems = append(problems, weakBot(s.Name, value(s.Name))...)
		}
	}
	return judge(check, problems, "no secret is short, typed, repeated or a sample")
}

func (f Files) policy() Result {
	const check = "policy-file"
	if missing(f.Policy) {
		return result(check, NotChecked, "there is no policy here: give it with --policy")
	}
	data, err := os.ReadFile(f.Policy)
	if err != nil {
		return result(check, Finding, err.Error())
	}
	format := document.YAML
	if strings.HasSuffix(f.Policy, ".json") {
		format = document.JSON
	}
	_, problems := policy.Parse(data, format)
	var lines []string
	for _, p := range problems {
		lines = append(lines, line(f.Policy, p))
	}
	return judge(check, lines, f.Policy+" is valid")
}

func line(file string, p change.Problem) string {
	return fmt.Sprintf("%s:%d: %s", file, p.Line, p.Message)
}

// join lists problems, the first few of many.
func join(problems []string) string {
	const most = 6
	if len(problems) <= most {
		return strings.Join(problems, "; ")
	}
	return strings.Join(problems[:most], "; ") + fmt.Sprintf("; and %d more", len(problems)-most)
}
