package slack_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

type answer struct {
	ResponseType string `json:"response_type"`
	Text         string `json:"text"`
	Blocks       []struct {
		Type     string `json:"type"`
		Elements []struct {
			Type     string `json:"type"`
			ActionID string `json:"action_id"`
			Value    string `json:"value"`
			Text     struct {
				Text string `json:"text"`
			} `json:"text"`
		} `json:"elements"`
	} `json:"blocks"`
}

func shown(t *testing.T, text chat.Text) answer {
	t.Helper()
	p := platform(t, settings)
	d, _ := chattest.Message(t, p, signed(vector), chattest.Moment())
	res, later := p.Answer(d, text)
	if later || res.Status != 200 || res.ContentType != chat.ContentTypeJSON {
		t.Fatalf("got %+v, later %v", res, later)
	}
	var out answer
	if err := json.Unmarshal(res.Body, &out); err != nil {
		t.Fatal(err)
	}
	if out.ResponseType != "in_channel" || len(out.Blocks) == 0 {
		t.Fatalf("got %+v", out)
	}
	return out
}

func sample() chat.Text {
	return chat.Text{
		Mark:  chat.Waits,
		Title: chat.Line{chat.Words("等待批准 "), chat.Code("20261122-psfvgfo4zp")},
		Lines: []chat.Line{
			{chat.Words("port: "), chat.Code("1194"), chat.Words(" → "), chat.Code("1195")},
			{chat.Words("把"), chat.Code("a_b"), chat.Words("改为"), chat.Code("")},
			{},
			{chat.Words("原因: "), chat.Code("[x](dtmd://y) <!channel> `q` a&b")},
		},
		Next: []chat.Next{{Label: "批准", Command: "approve 20261122-psfvgfo4zp code=7F3A"}, {Label: "why", Command: "reject x reason=“不要 (x)”"}},
	}
}

func TestShows(t *testing.T) {
	t.Parallel()
	got := shown(t, sample())
	want := "⏳ 等待批准 `20261122-psfvgfo4zp`\n" +
		"port: `1194` → `1195`\n" +
		"把 `a_b` 改为 `\"\"`\n\n" +
		"原因: `[x](dtmd://y) &lt;!channel&gt; ｀q｀ a&amp;b`"
	if got.Text != want {
		t.Errorf("got\n%s\nwant\n%s", got.Text, want)
	}
	if len(got.Blocks) != 2 || got.Blocks[1].Type != "actions" || len(got.Blocks[1].Elements) != 2 {
		t.Fatalf("got %+v", got.Blocks)
	}
	for i, e := range got.Blocks[1].Elements {
		n := sample().Next[i]
		if e.Type != "button" || e.Value != n.Command || e.Text.Text != n.Label || e.ActionID == "" {
			t.Errorf("got %+v", e)
		}
	}
	many := sample()
	many.Next = nil
	for range 7 {
		many.Next = append(many.Next, chat.Next{Label: "l", Command: "status `x` <!here>"})
	}
	got = shown(t, many)
	if n := len(got.Blocks[1].Elements); n != 5 || strings.Count(got.Text, "\nl: `status ｀x｀ &lt;!here&gt;`") != 2 {
		t.Errorf("got %d buttons and %s", n, got.Text)
	}
	// A command too long for a button is to be typed, or "…".
	long := sample()
	long.Next = []chat.Next{{Label: "long", Command: "plan vss-1 reason=" + strings.Repeat("a", 1990)}}
	if got := shown(t, long); len(got.Blocks) != 1 || !strings.HasSuffix(got.Text, "`\n…") {
		t.Errorf("got %.300v", got)
	}
}

func TestMentionsAMemberOnly(t *testing.T) {
	t.Parallel()
	p := platform(t, settings+";botToken="+botToken)
	for mention, want := range map[string]string{"U2": "<@U2> ⏳ ", "!channel": "⏳ ", "": "⏳ "} {
		server := chattest.NewServer(t, func(*http.Request, string) (int, string) { return 200, "ok" })
		to := chat.Reply{Platform: "slack", Kind: "response", Address: "https://hooks.slack.com/actions/T1/2/3", Mention: mention}
		if err := p.Send(t.Context(), server.Client, to, sample(), "id"); err != nil {
			t.Fatal(err)
		}
		body := server.Bodies[0]
		var got answer
		if err := json.Unmarshal([]byte(body), &got); err != nil || !strings.HasPrefix(got.Text, want) || !strings.Contains(body, `"replace_original":false`) {
			t.Errorf("got %s, %v", body, err)
		}
	}
}

func TestSendsToTheChannel(t *testing.T) {
	t.Parallel()
	p := platform(t, settings+";botToken="+botToken)
	server := chattest.NewServer(t, func(*http.Request, string) (int, string) { return 200, `{"ok":true,"ts":"1.2"}` })
	for address, want := range map[string]string{"C1/1763836000.000001": `"channel":"C1","thread_ts":"1763836000.000001",`, "D1": `"channel":"D1","unfurl_links":false`} {
		if err := p.Send(t.Context(), server.Client, chat.Reply{Platform: "slack", Kind: "post", Address: address, Mention: "U2"}, sample(), "id"); err != nil {
			t.Fatal(err)
		}
		last := len(server.Bodies) - 1
		if got := server.Bodies[last]; !strings.Contains(got, want) || !strings.Contains(got, `"unfurl_media":false`) || server.Header[last].Get("Authorization") != "Bearer "+botToken {
			t.Errorf("got %s", got)
		}
		if server.Asked[last] != "POST slack.com/api/chat.postMessage" {
			t.Errorf("got %s", server.Asked[last])
		}
	}
}

func TestSettingsOfTheWrongKind(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"team=my-company": "team is not the id of a workspace",
		"team=E123":       "team is not the id of a workspace",
		"team=T1;app=T1":  "app is not an App ID",
		"team=T1;botToken=xoxp-1234-5678-abcdefghijkl": "botToken is not a bot's token",
	} {
		parsed, problems := chat.ParseSettings(spec(), "secret="+current+";"+setting)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		p, err := spec().New(parsed)
		if err == nil || p != nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "xoxp-1234") {
			t.Errorf("%s: got %v, want %q", setting, err, want)
		}
	}
}

// A button under a plan can set what the message does not show, such as a time: the
// confirmation shows all of it, or there is no button.
func TestAttackAButtonThatSendsMoreThanItShows(t *testing.T) {
	t.Parallel()
	p := platform(t, settings)
	d, _ := chattest.Message(t, p, signed(vector), chattest.Moment())
	body := func(n chat.Next) string {
		res, _ := p.Answer(d, chat.Text{Next: []chat.Next{n}})
		return string(res.Body)
	}
	for command, confirmed := range map[string]string{
		`apply office port=1195 at=2026-12-01T02:00Z reason="a: b"`:          `apply office port=1195 at=2026-12-01T02:00Z reason=\"a: b\"`,
		`apply office port=1195 reason="<!channel> :tada: *x*"`:              `apply office port=1195 reason=\"<!channel> ：tada: *x*\"`,
		"apply office port=1195 reason=\"" + strings.Repeat("很", 280) + "\"": "",
	} {
		got := body(chat.Next{Label: "Apply", Command: command})
		if confirmed == "" {
			if strings.Contains(got, `"button"`) {
				t.Errorf("a button that cannot be confirmed: %s", got)
			}
			continue
		}
		if want := `"confirm":{"title":{"type":"plain_text","text":"Apply"},"text":{"type":"plain_text","text":"` + confirmed + `"}`; !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
	if got := body(chat.Next{Label: "Help", Command: "help"}); strings.Contains(got, `"confirm"`) {
		t.Errorf("a command that sets nothing asks: %s", got)
	}
	for label, want := range map[string]string{"Apply": `"text":"Send"`, "执行": `"text":"发送"`} {
		if got := body(chat.Next{Label: label, Command: "apply office port=1195"}); !strings.Contains(got, want) {
			t.Errorf("%s: %s lacks %s", label, got, want)
		}
	}
}
