package chat_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func say(t *testing.T, s *chat.Service, platform, text string) chat.Message {
	t.Helper()
	m, err := s.Say(t.Context(), platform, chat.Mei, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMessageIsInThePlatformsForm(t *testing.T) {
	t.Parallel()
	s, _ := newService(t, chat.Options{Secrets: secrets(), Now: newClock().now})
	for _, tt := range []struct {
		platform string
		want     []string // parts of the body, decrypted
		header   string
	}{
		{chat.DingTalk, []string{`"text":{"content":" status test"}`, `"senderStaffId":"manager0417"`, `"sessionWebhookExpiredTime":1795599000000`, `"createAt":1795593600000`}, "Sign: "},
		{chat.Feishu, []string{`"content":"{\"text\":\"@_user_1 status test\"}"`, `"open_id":"ou_5d3fa1c07be94f2c8a61e0d2b7c9mei1"`, `"token":"rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV"`}, "X-Lark-Signature: "},
		{chat.WeCom, []string{`"text":{"content":"@VPNbot status test"}`, `"from":{"userid":"mei"}`}, "Content-Type: "},
		{chat.Slack, []string{"command=%2Fvpn", "text=status+test", "user_id=U07MEI0001", "response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F"}, "X-Slack-Signature: v0="},
	} {
		m := say(t, s, tt.platform, "status test")
		if m.Failed != "" || m.Text != "status test" || m.Kind != chat.Typed {
			t.Errorf("%s: message is %+v", tt.platform, m)
		}
		all := s.Exchanges()
		e := all[len(all)-1]
		plain := e.Plain
		if plain == "" {
			plain = e.Body
		}
		for _, part := range tt.want {
			if !strings.Contains(plain, part) {
				t.Errorf("%s: %s is not in %s", tt.platform, part, plain)
			}
		}
		if !strings.Contains(strings.Join(e.Header, "\n"), tt.header) {
			t.Errorf("%s: header %v has no %s", tt.platform, e.Header, tt.header)
		}
	}
}

func TestReplyAddressesKeepTheirRules(t *testing.T) {
	t.Parallel()
	md := map[string]any{"msgtype": "markdown", "markdown": map[string]string{"title": "t", "text": "done", "content": "done"}}
	for _, tt := range []struct {
		platform string
		body     map[string]any
		works    int           // uses before it is used up; 0: any number
		life     time.Duration // how long it works
		good     func(status int, out map[string]any) bool
	}{
		{chat.DingTalk, md, 0, 90 * time.Minute, func(status int, out map[string]any) bool { return status == 200 && out["errcode"] == 0.0 }},
		{chat.WeCom, md, 1, time.Hour, func(status int, out map[string]any) bool { return status == 200 && out["errcode"] == 0.0 }},
		{chat.Slack, map[string]any{"text": "done", "response_type": "in_channel"}, 5, 30 * time.Minute, func(status int, out map[string]any) bool { return status == 200 && out["ok"] == true }},
	} {
		c := newClock()
		s, f := newService(t, chat.Options{Secrets: secrets(), Now: c.now})
		address := func() string {
			say(t, s, tt.platform, "help")
			if tt.platform == chat.Slack {
				all := s.Exchanges()
				form, err := url.ParseQuery(all[len(all)-1].Body)
				if err != nil {
					t.Fatal(err)
				}
				return form.Get("response_url")
			}
			key := map[string]string{chat.DingTalk: "sessionWebhook", chat.WeCom: "response_url"}[tt.platform]
			return fmt.Sprint(lastPlain(t, s)[key])
		}
		to := address()
		for n := range 7 {
			status, out := f.send(to, nil, tt.body)
			if want := tt.works == 0 || n < tt.works; tt.good(status, out) != want {
				t.Errorf("%s: use %d answers %d %v, want success %v", tt.platform, n+1, status, out, want)
			}
		}
		to = address()
		c.advance(tt.life)
		s.RefuseReplies(tt.platform, 1)
		if status, out := f.send(to, nil, tt.body); tt.good(status, out) {
			t.Errorf("%s: a refused reply answers %d %v", tt.platform, status, out)
		}
		s.SetDown(tt.platform, true)
		if status, _ := f.send(to, nil, tt.body); status != http.StatusServiceUnavailable {
			t.Errorf("%s: while down it answers %d", tt.platform, status)
		}
		s.SetDown(tt.platform, false)
		if status, out := f.send(to, nil, tt.body); !tt.good(status, out) {
			t.Errorf("%s: after a refusal and an outage it answers %d %v", tt.platform, status, out)
		}
		to = address()
		c.advance(tt.life + time.Second)
		if status, out := f.send(to, nil, tt.body); tt.good(status, out) {
			t.Errorf("%s: expired, and it answers %d %v", tt.platform, status, out)
		}
		if status, out := f.send(strings.Replace(to, "robot", "other", 1)+"x", nil, tt.body); tt.good(status, out) {
			t.Errorf("%s: an unknown address answers %d %v", tt.platform, status, out)
		}
	}
}

func TestFeishuReplies(t *testing.T) {
	t.Parallel()
	c := newClock()
	s, f := newService(t, chat.Options{Secrets: secrets(), Now: c.now})
	m := say(t, s, chat.Feishu, "help")
	message, _ := lastPlain(t, s)["event"].(map[string]any)["message"].(map[string]any)
	to := fmt.Sprintf("https://open.feishu.cn/open-apis/im/v1/messages/%s/reply", message["message_id"])
	body := map[string]string{"msg_type": "text", "content": `{"text":"**as is** <at user_id=\"all\"></at>"}`, "uuid": "u1"}
	if status, out := f.send(to, nil, body); status != 400 || out["code"] != 99991663.0 {
		t.Errorf("without a token: %d %v", status, out)
	}
	if _, out := f.send("https://open.feishu.cn/open-apis/auth/v3/tenant_access_token/internal", nil, map[string]string{"app_id": "cli_9f5343c580712544", "app_secret": "x"}); out["code"] == 0.0 {
		t.Errorf("a wrong app secret gets %v", out)
	}
	h := http.Header{"Authorization": {"Bearer " + f.feishuToken()}}
	for range 2 { // the same uuid is the same message
		if status, out := f.send(to, h, body); status != 200 || out["code"] != 0.0 {
			t.Errorf("reply: %d %v", status, out)
		}
	}
	got := s.Messages(chat.Feishu, chat.Room)
	if len(got) != 2 || got[1].Answers != m.ID || got[1].Text != "**as is** @everyone" || !slices.Equal(got[1].Mentions, []string{"everyone"}) {
		t.Errorf("the room shows %+v", got)
	}
	c.advance(2*time.Hour + time.Second)
	if _, out := f.send(to, h, body); out["code"] != 99991663.0 {
		t.Errorf("with an old token: %v", out)
	}
}

func TestAnswersAreReadAsThePlatformReadsThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, platform, contentType, answer string
		text, buttons, mentions             string // what a reader sees; "-" for no message
		problem                             bool
	}{
		{name: "text is text", platform: chat.DingTalk, answer: `{"msgtype":"text","text":{"content":"# [a](dtmd://dingtalkclient/sendMessage?content=x)"}}`, text: "# [a](dtmd://dingtalkclient/sendMessage?content=x)"},
		{name: "links that send", platform: chat.DingTalk, answer: `{"msgtype":"markdown","markdown":{"title":"t","text":"#### Plan\n\n- port: **1**\n\n[Do it](dtmd://dingtalkclient/sendMessage?content=apply%20test)"}}`, text: "Plan\nport: 1\nDo it", buttons: "Do it=apply test"},
		{name: "card", platform: chat.DingTalk, answer: `{"msgtype":"actionCard","actionCard":{"title":"t","text":"a","btns":[{"title":"批准","actionURL":"dtmd://dingtalkclient/sendMessage?content=approve%20c"}]},"at":{"isAtAll":true}}`, text: "a", buttons: "批准=approve c", mentions: "everyone"},
		{name: "nothing", platform: chat.DingTalk, answer: `{"msgtype":"empty"}`, text: "-"},
		{name: "no title", platform: chat.DingTalk, answer: `{"msgtype":"markdown","markdown":{"text":"a"}}`, text: "-", problem: true},
		{name: "blocks", platform: chat.Slack, contentType: "application/json", answer: `{"response_type":"in_channel","text":"x","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"*Plan* ` + "`a&lt;b`" + ` <!channel> 2*3*4"}},{"type":"actions","elements":[{"type":"button","action_id":"go","text":{"type":"plain_text","text":"Go"},"value":"apply c"}]}]}`, text: "Plan a<b @channel 2*3*4", buttons: "Go=apply c", mentions: "everyone"},
		{name: "rich text is text", platform: chat.Slack, contentType: "application/json", answer: `{"response_type":"in_channel","blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"<!channel> *a*","style":{"code":true}}]}]}]}`, text: "<!channel> *a*"},
		{name: "plain text", platform: chat.Slack, contentType: "text/plain", answer: `hello <@U1>`, text: "hello @U1", mentions: "U1"},
		{name: "unknown block", platform: chat.Slack, contentType: "application/json", answer: `{"blocks":[{"type":"x"}]}`, text: "-", problem: true},
		{name: "no JSON", platform: chat.Feishu, answer: `ok`, text: "-", problem: true},
		{name: "in the clear", platform: chat.WeCom, answer: `{"msgtype":"text","text":{"content":"x"}}`, text: "-", problem: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, f := newService(t, chat.Options{})
			f.answer = func(w http.ResponseWriter, _ *http.Request, _ []byte) {
				w.Header().Set("Content-Type", tt.contentType)
				_, _ = w.Write([]byte(tt.answer))
			}
			asked := say(t, s, tt.platform, "help")
			got := s.Messages(tt.platform, chat.Room)[1:]
			if problem := s.Exchanges()[0].Problem; (problem != "") != tt.problem {
				t.Errorf("problem is %q, want one: %v", problem, tt.problem)
			}
			if tt.text == "-" {
				if len(got) != 0 {
					t.Errorf("the room shows %+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Text != tt.text || got[0].Answers != asked.ID || got[0].Way != "answer" {
				t.Fatalf("the room shows %+v", got)
			}
			var buttons []string
			for _, b := range got[0].Buttons {
				buttons = append(buttons, b.Label+"="+b.Command)
			}
			if strings.Join(buttons, ",") != tt.buttons || strings.Join(got[0].Mentions, ",") != tt.mentions {
				t.Errorf("buttons %v, mentions %v", buttons, got[0].Mentions)
			}
		})
	}
}

func TestAgainKeepsTheIDAndChangesTheRest(t *testing.T) {
	t.Parallel()
	for _, platform := range chat.Platforms() {
		c := newClock()
		s, _ := newService(t, chat.Options{Secrets: secrets(), Now: c.now})
		m := say(t, s, platform, "help")
		first := s.Exchanges()[0]
		c.advance(time.Minute)
		again := func(how chat.How) chat.Exchange {
			e, err := s.Again(t.Context(), m.ID, how)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		wire := func(e chat.Exchange) string { return e.URL + strings.Join(e.Header, "\n") + e.Body }
		if wire(again(chat.Replayed)) != wire(first) {
			t.Errorf("%s: a replay is not the same bytes", platform)
		}
		if e := again(chat.Redelivered); wire(e) == wire(first) || e.Plain != first.Plain {
			t.Errorf("%s: redelivered, it is %+v, at first %+v", platform, e, first)
		}
		for _, how := range []chat.How{chat.Forged, chat.Expired, chat.Tampered} {
			if e := again(how); wire(e) == wire(first) || e.What != string(how) {
				t.Errorf("%s: %s is %+v", platform, how, e)
			}
		}
		if len(s.Messages(platform, chat.Room)) != 1 {
			t.Errorf("%s: the room shows %+v", platform, s.Messages(platform, chat.Room))
		}
	}
	s, _ := newService(t, chat.Options{})
	if _, err := s.Again(t.Context(), "x", chat.Replayed); err == nil {
		t.Error("a message that is not there is delivered again")
	}
}

func TestFunctionThatIsLateOrRefuses(t *testing.T) {
	t.Parallel()
	s, f := newService(t, chat.Options{Limits: map[string]time.Duration{chat.Slack: 20 * time.Millisecond}})
	f.answer = func(_ http.ResponseWriter, r *http.Request, _ []byte) { <-r.Context().Done() }
	if m := say(t, s, chat.Slack, "help"); m.Failed != "late" {
		t.Errorf("late: %+v", m)
	}
	s, f = newService(t, chat.Options{})
	f.answer = func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(http.StatusUnauthorized) }
	if m := say(t, s, chat.DingTalk, "help"); m.Failed != "401" {
		t.Errorf("refused: %+v", m)
	}
}

func TestClicks(t *testing.T) {
	t.Parallel()
	s, f := newService(t, chat.Options{Secrets: secrets()})
	f.answer = func(w http.ResponseWriter, r *http.Request, body []byte) {
		switch {
		case strings.HasSuffix(r.URL.Path, chat.DingTalk):
			_, _ = w.Write([]byte(`{"msgtype":"markdown","markdown":{"title":"t","text":"[Go](dtmd://dingtalkclient/sendMessage?content=approve%20c)"}}`))
		case strings.HasPrefix(string(body), "payload="): // Slack shows nothing
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"response_type":"in_channel","blocks":[{"type":"actions","block_id":"b","elements":[{"type":"button","action_id":"go","text":{"type":"plain_text","text":"Go"},"value":"approve c"}]}]}`))
		}
	}
	for _, platform := range []string{chat.DingTalk, chat.Slack} {
		asked := say(t, s, platform, "plan")
		card, err := s.WaitFor(t.Context(), func(m chat.Message) bool { return m.Answers == asked.ID })
		if err != nil {
			t.Fatal(err)
		}
		clicked, err := s.Click(t.Context(), card.ID, "Go", chat.Jun)
		if err != nil || clicked.Person != chat.Jun {
			t.Errorf("%s: %+v, %v", platform, clicked, err)
		}
		if _, err := s.Click(t.Context(), card.ID, "No", chat.Jun); err == nil {
			t.Errorf("%s: a button that is not there was clicked", platform)
		}
		if platform == chat.DingTalk {
			if clicked.Kind != chat.Typed || clicked.Text != "approve c" {
				t.Errorf("the click sent %+v", clicked)
			}
			continue
		}
		all := s.Exchanges()
		form, err := url.ParseQuery(all[len(all)-1].Body)
		if err != nil {
			t.Fatal(err)
		}
		if p := form.Get("payload"); !strings.Contains(p, `"value":"approve c"`) || !strings.Contains(p, `"id":"U07JUN0001"`) || !strings.Contains(p, "https://hooks.slack.com/actions/") {
			t.Errorf("the click sent %s", p)
		}
		_, rest, _ := strings.Cut(form.Get("payload"), `"response_url":"`)
		to, _, _ := strings.Cut(rest, `"`)
		if status, out := f.send(to, nil, map[string]any{"replace_original": true, "text": "*approved*"}); status != 200 {
			t.Errorf("replace: %d %v", status, out)
		}
		if m := s.Messages(platform, chat.Room)[1]; m.ID != card.ID || m.Text != "approved" || len(m.Buttons) != 0 {
			t.Errorf("replaced, the card is %+v", m)
		}
	}
}

func TestFeishuCardAndClick(t *testing.T) {
	t.Parallel()
	s, f := newService(t, chat.Options{Secrets: secrets()})
	say(t, s, chat.Feishu, "plan")
	message, _ := lastPlain(t, s)["event"].(map[string]any)["message"].(map[string]any)
	h := http.Header{"Authorization": {"Bearer " + f.feishuToken()}}
	card := `{"header":{"title":{"tag":"plain_text","content":"Plan"},"template":"blue"},"elements":[{"tag":"div","text":{"tag":"lark_md","content":"**port** 1 &#62; 2 &lt;at id=all&gt;"}},{"tag":"action","actions":[{"tag":"button","type":"primary","text":{"tag":"plain_text","content":"Go"},"value":{"command":"approve c"}}]}]}`
	to := fmt.Sprintf("https://open.feishu.cn/open-apis/im/v1/messages/%s/reply", message["message_id"])
	if status, out := f.send(to, h, map[string]string{"msg_type": "interactive", "content": card}); status != 200 {
		t.Fatalf("%d %v", status, out)
	}
	m := s.Messages(chat.Feishu, chat.Room)[1]
	if m.Text != "Plan\nport 1 > 2 <at id=all>" || m.Tone != "blue" || len(m.Mentions) != 0 || len(m.Buttons) != 1 {
		t.Fatalf("the card is %+v", m)
	}
	f.answer = func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		_, _ = w.Write([]byte(`{"toast":{"type":"success","content":"taken"}}`))
	}
	clicked, err := s.Click(t.Context(), m.ID, "Go", chat.Jun)
	if err != nil || clicked.Kind != chat.Clicked {
		t.Fatalf("%+v %v", clicked, err)
	}
	event, _ := lastPlain(t, s)["event"].(map[string]any)
	if got := fmt.Sprint(event["action"]); got != "map[tag:button value:map[command:approve c]]" {
		t.Errorf("action is %s", got)
	}
	if all := s.Messages(chat.Feishu, chat.Room); all[len(all)-1].Text != "taken" || all[len(all)-1].OnlyFor == "" {
		t.Errorf("the toast is %+v", all[len(all)-1])
	}
}

func TestConversationIsBounded(t *testing.T) {
	t.Parallel()
	s, _ := newService(t, chat.Options{})
	for n := range 220 {
		if _, err := s.SayIn(t.Context(), chat.WeCom, "other", chat.Guest, strconv.Itoa(n)); err != nil {
			t.Fatal(err)
		}
	}
	say(t, s, chat.WeCom, "help")
	got := s.Messages(chat.WeCom, "other")
	if len(got) != 200 || got[0].Text != "20" || got[199].Text != "219" {
		t.Errorf("%d messages are kept, from %s", len(got), got[0].Text)
	}
	if len(s.Messages(chat.WeCom, chat.Room)) != 1 {
		t.Error("rooms are not apart")
	}
}

func TestUnknownNamesAreErrors(t *testing.T) {
	t.Parallel()
	s, f := newService(t, chat.Options{})
	if _, err := s.Say(t.Context(), "teams", chat.Mei, "help"); err == nil {
		t.Error("an unknown platform takes messages")
	}
	if _, err := s.Say(t.Context(), chat.Slack, "nobody", "help"); err == nil {
		t.Error("nobody speaks")
	}
	if status, _ := f.send("https://example.com/", nil, nil); status != http.StatusMisdirectedRequest {
		t.Errorf("another host's API answers %d", status)
	}
	if _, err := chat.New(chat.Options{Secrets: chat.Secrets{WeComAESKey: "short"}}); err == nil {
		t.Error("a wrong AES key is taken")
	}
	env := strings.Join(s.Env("http://127.0.0.1:1"), "\n")
	for _, name := range []string{"CHAT_DINGTALK=secret=", "CHAT_SLACK=secret=", "CHAT_FEISHU=encryptKey=", "CHAT_WECOM=token=", "CHAT_ENDPOINT=http://127.0.0.1:1"} {
		if !strings.Contains(env, name) {
			t.Errorf("%s is not in the environment", name)
		}
	}
}
