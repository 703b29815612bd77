package localcloud_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

func TestChatPageIsServedAndTheFunctionKnowsThePlatforms(t *testing.T) {
	t.Parallel()
	c := start(t, nil)
	for path, want := range map[string]string{"": "<!doctype html>", "/chat.js": "EventSource", "/setup": `"mei2"`} {
		if status, body := get(t, "GET", c.URL()+chat.PagePath+path, ""); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := get(t, "GET", c.URL()+"/local/chatter", ""); status != http.StatusNotFound {
		t.Errorf("another page answers %d", status)
	}
	m, err := c.Chat().Say(t.Context(), chat.Slack, chat.Mei, "help")
	if err != nil || m.Failed != "" { // the function of this test answers its environment
		t.Fatalf("%+v, %v", m, err)
	}
	_, body := get(t, "GET", c.URL()+"/chat/slack", "")
	var env map[string]string
	if err := json.Unmarshal([]byte(body), &env); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"CHAT_DINGTALK", "CHAT_FEISHU", "CHAT_WECOM", "CHAT_SLACK", "CHAT_ENDPOINT"} {
		if env[name] == "" {
			t.Errorf("the function has no %s", name)
		}
	}
	if status, _ := get(t, "POST", env["CHAT_ENDPOINT"]+"/", "{}"); status != http.StatusMisdirectedRequest {
		t.Errorf("the endpoint of the reply APIs answers %d to a foreign host", status)
	}
}

// The bot answers the page's people in the page's language and the browser's zone.
func TestThePeopleOfThePageHaveItsLanguage(t *testing.T) {
	t.Parallel()
	c := start(t, func(o *localcloud.Options) { o.Policy = localcloud.Policy() })
	name := filepath.Join(c.BucketDir(), filepath.FromSlash(objects.PolicyFile))
	speak := func(body string, status int) *policy.Policy {
		t.Helper()
		if got, text := get(t, "POST", c.URL()+chat.PagePath+"/speak", body); got != status {
			t.Fatalf("%s: %d %s", body, got, text)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, problems := policy.Parse(data, document.YAML)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return p
	}
	for _, step := range []struct {
		body   string
		status int
		lang   lang.Tag
		zone   policy.Zone
	}{
		{`{"lang":"zh","timeZone":"Asia/Shanghai"}`, 200, lang.Chinese, "Asia/Shanghai"},
		{`{"lang":"en","timeZone":"Europe/Berlin"}`, 200, lang.English, "Europe/Berlin"},
		{`{"lang":"en","timeZone":"Nowhere/City\\n  - name: eve"}`, 200, lang.English, ""},
		{`{"lang":"fr"}`, 400, lang.English, ""},
	} {
		for _, who := range speak(step.body, step.status).People() {
			if demo := who.Name == "Mei" || who.Name == "Jun"; demo && (who.Lang != step.lang || who.Zone != step.zone) || !demo && who.Lang != "" {
				t.Errorf("%s: %+v", step.body, who)
			}
		}
	}
	if err := c.Drop(objects.PolicyFile, []byte("people: []\ngrants: []\n")); err != nil {
		t.Fatal(err)
	}
	if p := speak(`{"lang":"zh"}`, 200); len(p.People()) != 0 {
		t.Errorf("a rewritten policy became %+v", p)
	}
}

func TestPolicyIsPutIntoABucketThatHasNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	with := func(o *localcloud.Options) { o.Dir, o.Policy = dir, localcloud.Policy() }
	c := start(t, with)
	name := filepath.Join(c.BucketDir(), filepath.FromSlash(objects.PolicyFile))
	data, err := os.ReadFile(name)
	if err != nil || string(data) != string(localcloud.Policy()) {
		t.Fatalf("%v\n%s", err, data)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte("people: []\ngrants: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, with)
	if data, err := os.ReadFile(name); err != nil || string(data) != "people: []\ngrants: []\n" {
		t.Errorf("a policy that was there is now %q, %v", data, err)
	}
}

func TestPolicyKnowsThePeopleOfThePage(t *testing.T) {
	t.Parallel()
	parsed, problems := policy.Parse(localcloud.Policy(), document.YAML)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	tenants := map[string]string{chat.DingTalk: "ding0123456789abcdef", chat.Feishu: "2ca1d211f64f6438", chat.WeCom: "ww0123456789abcdef", chat.Slack: "T07LOCAL01"}
	names := map[string]string{chat.Mei: "Mei", chat.Mei2: "Mei", chat.Jun: "Jun", chat.Guest: ""}
	for _, p := range chat.People() {
		for platform, user := range p.Accounts {
			if who, _ := parsed.Person(policy.Account{Channel: platform, Tenant: tenants[platform], User: user}); who.Name != names[p.Key] {
				t.Errorf("%s on %s is %q", p.Key, platform, who.Name)
			}
		}
	}
	for _, a := range []policy.Account{{Channel: "http", User: localcloud.Sender}, {Channel: "file", User: oss.LocalFile}, {Channel: "file", User: localcloud.AccountID}} {
		if who, _ := parsed.Person(a); who.Name != "local" {
			t.Errorf("%+v is %q", a, who.Name)
		}
	}
	for n, s := range localcloud.Servers() {
		if got, want := parsed.Approvals(change.Target{RegionID: s.RegionID, ServerID: s.ID}, []change.Field{change.Port}), []int{0, 1, 0}[n]; got != want {
			t.Errorf("%s needs %d approvals, want %d", s.Name, got, want)
		}
	}
}
