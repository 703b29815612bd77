package deploy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/deploy"
)

// deployed is a file with a bot, and the state that its deployment has left.
func deployed(t *testing.T) (string, *deploy.State) {
	t.Helper()
	text := strings.Replace(fresh(t), "CHAT_SLACK=", "CHAT_SLACK=secret=0123456789abcdef;team=T1", 1)
	path := filepath.Join(t.TempDir(), ".env.deploy")
	if err := parse(t, text).State([]string{"http", "sweep"}, moment()).Save(path); err != nil {
		t.Fatal(err)
	}
	s, err := deploy.Last(path)
	if err != nil {
		t.Fatal(err)
	}
	return text, s
}

func TestWhatADeploymentWouldLose(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old, now string // "|" stands for the end of the value
		triggers []string
		want     string // the flag; "" for no loss
	}{
		"nothing":                    {},
		"another value":              {old: "LOG_LEVEL=info", now: "LOG_LEVEL=warn"},
		"a default that is left out": {old: "WAKE_UPS=auto", now: "WAKE_UPS="},
		"one more bot":               {old: "CHAT_FEISHU=", now: "CHAT_FEISHU=x"},
		"another secret of a bot":    {old: "secret=0123456789abcdef;team", now: "secret=fedcba9876543210;team"},
		"a bot":                      {old: "CHAT_SLACK=secret=0123456789abcdef;team=T1", now: "CHAT_SLACK=", want: "--allow-empty CHAT_SLACK"},
		"all senders":                {old: "WEBHOOK_SECRETS=|", now: "WEBHOOK_SECRETS=", want: "--allow-empty WEBHOOK_SECRETS"},
		"the bucket":                 {old: "CHANGE_BUCKET=|", now: "CHANGE_BUCKET=", want: "--allow-empty CHANGE_BUCKET"},
		"another bucket":             {old: "=acme-vpn-changes", now: "=acme-other", want: "--allow-change CHANGE_BUCKET"},
		"an own bucket for records":  {old: "RECORD_BUCKET=", now: "RECORD_BUCKET=acme-records", want: "--allow-change RECORD_BUCKET"},
		"the same bucket, by name":   {old: "RECORD_BUCKET=", now: "RECORD_BUCKET=acme-vpn-changes"},
		"another region":             {old: "=cn-hangzhou", now: "=cn-shanghai", want: "--allow-change DEPLOY_REGION"},
		"the default region":         {old: "DEPLOY_REGION=cn-hangzhou", now: "DEPLOY_REGION="},
		"a sender":                   {old: ",admin=|", now: "", want: "--drop sender:admin"},
		"a sender's name":            {old: "=bot=", now: "=robot=", want: "--drop sender:bot"},
		"a sender's only secret":     {old: "bot=whsec_", now: "bot=whsec_QUJD", want: "--drop sender:bot"},
		"a trigger":                  {triggers: []string{"http"}, want: "--drop trigger:sweep"},
		"one more trigger":           {triggers: []string{"http", "sweep", "wake"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, state := deployed(t)
			if old, ok := strings.CutSuffix(c.old, "|"); ok {
				_, rest, _ := strings.Cut(text, old)
				value, _, _ := strings.Cut(rest, "\n")
				c.old = old + value
			}
			if c.triggers == nil {
				c.triggers = []string{"http", "sweep"}
			}
			if !strings.Contains(text, c.old) {
				t.Fatalf("there is no %q", c.old)
			}
			f := parse(t, strings.Replace(text, c.old, c.now, 1))
			losses := state.Losses(f, c.triggers, false, deploy.Allowances{})
			if c.want == "" {
				if err := deploy.Lost(losses); err != nil {
					t.Error(err)
				}
				return
			}
			if len(losses) != 1 || losses[0].Flag != c.want {
				t.Fatalf("got %+v, want %s", losses, c.want)
			}
			if err := deploy.Lost(losses); strings.Contains(err.Error(), "whsec_") || strings.Contains(err.Error(), "0123456789abcdef") {
				t.Errorf("the error has a secret: %v", err)
			}
			_, value, _ := strings.Cut(c.want, " ")
			only := []string{value}
			if left := state.Losses(f, c.triggers, false, deploy.Allowances{Empty: only, Change: only, Drop: only}); len(left) != 0 {
				t.Errorf("allowed, and refused: %+v", left)
			}
			if left := state.Losses(f, c.triggers, false, deploy.Allowances{Empty: []string{"LOG_LEVEL"}, Drop: []string{"sender:x"}}); len(left) != 1 {
				t.Errorf("another allowance allows it: %+v", left)
			}
		})
	}
}

// TestEveryVariableIsProtected empties one variable after the other.
func TestEveryVariableIsProtected(t *testing.T) {
	t.Parallel()
	f := parse(t, fresh(t))
	for _, s := range deploy.Settings() {
		f.Set(s.Name, "other-than-"+s.Name)
	}
	state := f.State(nil, moment())
	for _, s := range deploy.Settings() {
		f.Set(s.Name, "")
		flag := "--allow-empty "
		if s.Name == deploy.Region || s.Name == "RECORD_BUCKET" {
			flag = "--allow-change "
		}
		if losses := state.Losses(f, nil, false, deploy.Allowances{}); len(losses) != 1 || losses[0].Flag != flag+s.Name {
			t.Errorf("%s may become empty: %+v", s.Name, losses)
		}
		f.Set(s.Name, "other-than-"+s.Name)
	}
}

// TestEditors drops one of two editors of the policy.
func TestEditors(t *testing.T) {
	t.Parallel()
	f := parse(t, fresh(t))
	f.Set("POLICY_EDITORS", "admin, bot")
	state := f.State(nil, moment())
	f.Set("POLICY_EDITORS", "bot,admin")
	if losses := state.Losses(f, nil, false, deploy.Allowances{}); len(losses) != 0 {
		t.Errorf("another order is a loss: %+v", losses)
	}
	f.Set("POLICY_EDITORS", "admin")
	if losses := state.Losses(f, nil, false, deploy.Allowances{}); len(losses) != 1 || losses[0].Flag != "--drop editor:bot" {
		t.Errorf("got %+v", losses)
	}
	f.Set("POLICY_EDITORS", "")
	if losses := state.Losses(f, nil, false, deploy.Allowances{}); len(losses) != 1 || losses[0].Flag != "--allow-empty POLICY_EDITORS" {
		t.Errorf("got %+v", losses)
	}
}

// TestALineThatIsMissing is kept by a stack, and lost otherwise.
func TestALineThatIsMissing(t *testing.T) {
	t.Parallel()
	text, state := deployed(t)
	f := parse(t, strings.Replace(text, "CHAT_SLACK=secret=0123456789abcdef;team=T1\n", "", 1))
	if losses := state.Losses(f, nil, true, deploy.Allowances{}); len(losses) != 0 {
		t.Errorf("kept, and lost: %+v", losses)
	}
	if losses := state.Losses(f, nil, false, deploy.Allowances{}); len(losses) != 1 {
		t.Errorf("lost, and not found: %+v", losses)
	}
}

func TestWhatTheFunctionItselfSays(t *testing.T) {
	t.Parallel()
	text, _ := deployed(t)
	f := parse(t, text)
	variables := map[string]string{"MAX_LANES": "4"}
	for _, s := range deploy.Settings() {
		if s.Function {
			variables[s.Name], _ = f.Value(s.Name)
		}
	}
	for name, document := range map[string]any{
		"GetFunction": map[string]any{"functionName": "sslvpn-change", "functionArn": "acs:fc:cn-hangzhou:123:functions/sslvpn-change", "environmentVariables": variables},
		"s info": map[string]any{"sslvpn_change": map[string]any{
			"region": "cn-hangzhou", "environmentVariables": variables, "triggers": []any{map[string]any{"triggerName": "http"}, map[string]any{"triggerName": "sweep"}},
		}},
	} {
		data, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		state, err := deploy.FromFunction(data, moment())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		losses := state.Losses(f, []string{"http", "sweep"}, false, deploy.Allowances{})
		if len(losses) != 1 || losses[0].Flag != "--allow-empty MAX_LANES" {
			t.Errorf("%s: what was set by hand is lost: %+v", name, losses)
		}
		moved := parse(t, strings.Replace(text, "=acme-vpn-changes", "=acme-other", 1))
		if losses := state.Losses(moved, nil, false, deploy.Allowances{Empty: []string{"MAX_LANES"}}); len(losses) != 1 {
			t.Errorf("%s: another bucket: %+v", name, losses)
		}
	}
	for name, text := range map[string]string{
		"no JSON": "Error: no such function", "no function": `{"error":{"code":"FunctionNotFound"}}`, "nothing": "",
		"two functions": `[{"environmentVariables":{"A":"b"}},{"environmentVariables":{"A":"b"}}]`,
		"hidden values": `{"environmentVariables":{"WEBHOOK_SECRETS":"******"}}`,
	} {
		if s, err := deploy.FromFunction([]byte(text), moment()); err == nil || !strings.Contains(err.Error(), "aliyun fc GetFunction") {
			t.Errorf("%s: got %+v, %v", name, s, err)
		}
	}
}

func TestTheRecordOfADeployment(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".env.deploy")
	if s, err := deploy.Last(path); s != nil || err != nil {
		t.Errorf("no record gives %+v, %v", s, err)
	}
	text, _ := deployed(t)
	if err := parse(t, text).State(nil, moment()).Save(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path + ".last")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range deploy.Settings() {
		if value, _ := parse(t, text).Value(s.Name); s.Secret && value != "" && strings.Contains(string(data), value) {
			t.Errorf("the record has the value of %s", s.Name)
		}
	}
	if info, err := os.Stat(path + ".last"); err != nil || info.Mode().Perm() != 0o600 || strings.Contains(string(data), "whsec_") {
		t.Errorf("%v, %v: %s", info.Mode(), err, data)
	}
	for name, text := range map[string]string{
		"cut off": string(data[:len(data)/2]), "empty": "", "another document": "{}", "null": "null",
		"a newer version": strings.Replace(string(data), `"format": 1`, `"format": 2`, 1),
	} {
		if err := os.WriteFile(path+".last", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := deploy.Last(path); err == nil || !strings.Contains(err.Error(), "--deployed") {
			t.Errorf("%s: got %+v, %v", name, s, err)
		}
	}
}
