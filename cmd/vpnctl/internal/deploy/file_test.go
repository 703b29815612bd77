package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
)

const linux = "linux"

// fresh is the text of a new file, with a bucket.
func fresh(t *testing.T) string {
	t.Helper()
	text, err := deploy.New(map[string]string{"CHANGE_BUCKET": "acme-vpn-changes"}, []string{"bot", "admin"})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func parse(t *testing.T, text string) *deploy.File {
	t.Helper()
	f, err := deploy.Parse(".env.deploy", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestANewFileIsWholeAndValid(t *testing.T) {
	t.Parallel()
	text := fresh(t)
	f := parse(t, text)
	if err := f.Whole(); err != nil {
		t.Error(err)
	}
	if err := f.Check(); err != nil {
		t.Error(err)
	}
	for _, s := range deploy.Settings() {
		if before, _, ok := strings.Cut(text, "\n"+s.Name+"="); !ok || !strings.HasPrefix(before[strings.LastIndex(before, "\n")+1:], "# ") {
			t.Errorf("%s has no comment on the line before", s.Name)
		}
	}
	if other := fresh(t); other == text {
		t.Error("two files have the same secrets")
	}
}

// secretOf is a text that no error may repeat.
const secretOf = "hunter2hunter2hunter2"

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, now, want string }{
		"a quoted value":              {"CHAT_SLACK=", "CHAT_SLACK='" + secretOf + "'", "CHAT_SLACK begins or ends with a quote"},
		"a double quote":              {"CHAT_SLACK=", `CHAT_SLACK="` + secretOf + `"`, "remove the quotes"},
		"a quote at the end alone":    {"CHAT_SLACK=", `CHAT_SLACK=` + secretOf + `"`, "remove the quotes"},
		"a typographic quote":         {"CHAT_SLACK=", "CHAT_SLACK=“" + secretOf + "”", "remove the quotes"},
		"a variable twice":            {"CHAT_SLACK=", "CHAT_SLACK=" + secretOf + "\nCHAT_SLACK=", "CHAT_SLACK is on line"},
		"a variable twice, empty":     {"CHAT_SLACK=", "CHAT_SLACK=\nCHAT_SLACK=", "remove one of the lines"},
		"a misspelt name":             {"CHAT_SLACK=", "CHAT_SLAK=" + secretOf, "did you mean CHAT_SLACK?"},
		"a line of a shell":           {"CHAT_SLACK=", "export CHAT_SLACK=" + secretOf, "not of the form NAME=value"},
		"a variable of another file":  {"CHAT_SLACK=", "PATH=/tmp\nCHAT_SLACK=", "there is no variable PATH in this version"},
		"the local cloud's variable":  {"CHAT_SLACK=", "OSS_ENDPOINT=http://127.0.0.1\nCHAT_SLACK=", "there is no variable OSS_ENDPOINT"},
		"a value without a variable":  {"CHAT_SLACK=", "=" + secretOf + "\nCHAT_SLACK=", "not of the form NAME=value"},
		"a variable without its sign": {"CHAT_SLACK=", "CHAT_SLACK", "not of the form NAME=value"},
		"a blank before the sign":     {"CHAT_SLACK=", "CHAT_SLACK =" + secretOf, "not of the form NAME=value"},
		"a name in lower case":        {"CHAT_SLACK=", "chat_slack=" + secretOf, "not of the form NAME=value"},
		"an indented line":            {"CHAT_SLACK=", "  CHAT_SLACK=" + secretOf, "not of the form NAME=value"},
		"a value of two lines":        {"CHAT_SLACK=", "CHAT_SLACK=secret=" + "x\n" + secretOf, "a value has one line"},
		"a blank behind the value":    {"CHAT_SLACK=", "CHAT_SLACK=" + secretOf + " ", "begins or ends with a blank"},
		"a blank before the value":    {"=acme-vpn-changes", "= acme-vpn-changes", "begins or ends with a blank"},
		"a tabulator":                 {"CHAT_SLACK=", "CHAT_SLACK=" + secretOf + "\tx", "cannot be seen"},
		"a no-break space":            {"CHAT_SLACK=", "CHAT_SLACK=" + secretOf + "\u00a0", "cannot be seen"},
		"a zero-width space":          {"CHAT_SLACK=", "CHAT_SLACK=" + secretOf + "\u200bx", "cannot be seen"},
		"a byte order mark inside":    {"CHAT_SLACK=", "CHAT_SLACK=\ufeff" + secretOf, "cannot be seen"},
		"a line separator":            {"CHAT_SLACK=", "CHAT_SLACK=" + secretOf + "\u2028x", "cannot be seen"},
		"a lone carriage return":      {"CHAT_SLACK=", "CHAT_SLACK=" + secretOf + "\rx", "cannot be seen"},
		"a zero byte":                 {"CHAT_SLACK=", "CHAT_SLACK=" + secretOf + "\x00x", "cannot be seen"},
		"a comment behind the value":  {"CHAT_SLACK=", "CHAT_SLACK=" + secretOf + " # mine", "give the comment a line of its own"},
		"a variable of the tool":      {"CHAT_SLACK=", "CHAT_SLACK=" + secretOf + "${env('HOME')}", "which Serverless Devs replaces"},
		"the conflict of a merge":     {"CHAT_SLACK=", "<<<<<<< HEAD\nCHAT_SLACK=", "not of the form NAME=value"},
		"bytes that are no text":      {"CHAT_SLACK=", "CHAT_SLACK=\xff\xfe", "is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := fresh(t)
			if !strings.Contains(text, c.old) {
				t.Fatalf("there is no %q", c.old)
			}
			_, err := deploy.Parse(".env.deploy", []byte(strings.Replace(text, c.old, c.now, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "whsec_") {
				t.Errorf("the error repeats a value: %v", err)
			}
		})
	}
}

// Editors on Windows write a byte order mark and CRLF. A change keeps the ends of lines.
func TestFilesOfWindowsAreRead(t *testing.T) {
	t.Parallel()
	text := fresh(t)
	f := parse(t, "\ufeff"+strings.ReplaceAll(text, "\n", "\r\n"))
	for _, s := range deploy.Settings() {
		want, _ := parse(t, text).Value(s.Name)
		if got, ok := f.Value(s.Name); !ok || got != want {
			t.Errorf("%s is %q, want %q", s.Name, got, want)
		}
	}
	f.Set("CHAT_SLACK", "x")
	if got, want := string(f.Bytes()), strings.ReplaceAll(strings.Replace(text, "CHAT_SLACK=", "CHAT_SLACK=x", 1), "\n", "\r\n"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	added := parse(t, "# nothing else")
	added.Set("CHAT_SLACK", "x")
	if got := string(added.Bytes()); got != "# nothing else\nCHAT_SLACK=x" {
		t.Errorf("got %q", got)
	}
	if _, err := deploy.Parse("x", []byte("\xff\xfeC\x00H\x00")); err == nil || !strings.Contains(err.Error(), "UTF-16") {
		t.Errorf("got %v", err)
	}
}

func TestWhatTheFunctionWouldRefuseIsRefusedBefore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, now, want string }{
		"no bucket":             {"=acme-vpn-changes", "=", "CHANGE_BUCKET is required"},
		"a bucket in capitals":  {"=acme-vpn-changes", "=Acme", "CHANGE_BUCKET is"},
		"a level":               {"LOG_LEVEL=info", "LOG_LEVEL=trace", "LOG_LEVEL is"},
		"a bot without its key": {"CHAT_SLACK=", "CHAT_SLACK=team=T1", "CHAT_SLACK"},
		"a short secret":        {"WEBHOOK_SECRETS=", "WEBHOOK_SECRETS=ci=whsec_c2hvcnQ=,", "WEBHOOK_SECRETS entry 1 (sender ci)"},
		"a region":              {"DEPLOY_REGION=cn-hangzhou", "DEPLOY_REGION=hangzhou", "DEPLOY_REGION is"},
		"more than 4 KB":        {"VPC_REGIONS=", "VPC_REGIONS=" + strings.Repeat("cn-hangzhou,", 400) + "cn-hangzhou", "have at most 4096"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := parse(t, strings.Replace(fresh(t), c.old, c.now, 1)).Check()
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), ".env.deploy: ") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestALineOfANewVersionIsNamed(t *testing.T) {
	t.Parallel()
	for _, s := range deploy.Settings() {
		var kept []string
		for line := range strings.Lines(fresh(t)) {
			if !strings.HasPrefix(line, s.Name+"=") {
				kept = append(kept, line)
			}
		}
		err := parse(t, strings.Join(kept, "")).Whole()
		if err == nil || !strings.Contains(err.Error()+"\n", "\n"+s.Name+"="+s.Default+"\n") || strings.Count(err.Error(), "\n") != 2 {
			t.Errorf("without %s: %v", s.Name, err)
		}
	}
}

func TestModesAndLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, ".env.deploy")
	if err := deploy.Create(path, []byte(fresh(t))); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[os.FileMode]struct{ warning, err string }{
		0o600: {}, 0o400: {},
		0o640: {warning: "others may read"}, 0o644: {warning: "others may read"}, 0o604: {warning: "chmod 600"},
		0o660: {err: "others may write"}, 0o602: {err: "chmod 600"},
	} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{path, link} {
			_, warning, err := deploy.Read(name, linux)
			if strings.Contains(warning, want.warning) != true || (warning == "") != (want.warning == "") ||
				(err == nil) != (want.err == "") || err != nil && !strings.Contains(err.Error(), want.err) {
				t.Errorf("%s with mode %o: warning %q, error %v", name, mode, warning, err)
			}
			if _, warning, err := deploy.Read(name, "windows"); warning != "" || err != nil {
				t.Errorf("a mode counts on Windows: %q, %v", warning, err)
			}
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := deploy.Rotate(link, linux, "bot", deploy.Begin); err == nil || !strings.Contains(err.Error(), "is a link") {
		t.Errorf("a link was replaced: %v", err)
	}
	for _, name := range []string{path, link} {
		if err := deploy.Create(name, nil); err == nil || !strings.Contains(err.Error(), "exists") {
			t.Errorf("%s was replaced: %v", name, err)
		}
	}
	if _, _, err := deploy.Read(dir, linux); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a folder was read: %v", err)
	}
}

// moment is the time of the states of these tests.
func moment() time.Time { return time.Unix(1_795_348_800, 0) }
