package dingtalk_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

type answer struct {
	Markdown struct {
		Title string `json:"title"`
		Text  string `json:"text"`
	} `json:"markdown"`
	At struct {
		Users []string `json:"atUserIds"`
	} `json:"at"`
}

func shown(t *testing.T, text chat.Text, mention string) answer {
	t.Helper()
	res, later := platform(t).Answer(chat.Delivery{Message: &chat.Message{Reply: chat.Reply{Mention: mention}}}, text)
	if later || res.Status != 200 || res.ContentType != chat.ContentTypeJSON {
		t.Fatalf("got %+v, later %v", res, later)
	}
	var out answer
	if err := json.Unmarshal(res.Body, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func text() chat.Text {
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
	got := shown(t, text(), "manager0417")
	want := "#### ⏳ 等待批准 20261122-psfvgfo4zp\n\n" +
		"port: 1194 → 1195  \n" +
		"把 a_b 改为 \"\"\n\n" +
		"原因: ［x］(dtmd:/／y) ＜！channel＞ ｀q｀ a＆b\n\n" +
		"[批准](dtmd://dingtalkclient/sendMessage?content=approve%2020261122-psfvgfo4zp%20code%3D7F3A) approve 20261122-psfvgfo4zp code=7F3A  \n" +
		"why: reject x reason=“不要 (x)”\n\n@manager0417"
	if got.Markdown.Text != want {
		t.Errorf("got\n%s\nwant\n%s", got.Markdown.Text, want)
	}
	if got.Markdown.Title != "⏳ 等待批准 20261122-psfvgfo4zp" || len(got.At.Users) != 1 || got.At.Users[0] != "manager0417" {
		t.Errorf("got %.200q, %.200q", got.Markdown.Title, got.At.Users)
	}
	if alone := shown(t, text(), ""); len(alone.At.Users) != 0 || strings.Contains(alone.Markdown.Text, "@") {
		t.Errorf("got %+v", alone)
	}
	if odd := shown(t, text(), "a](b)"); strings.Contains(odd.Markdown.Text, "@") || odd.At.Users[0] != "a](b)" {
		t.Errorf("got %+v", odd)
	}
	// A command too long for a link is to be typed.
	long := text()
	long.Next = []chat.Next{{Label: "long", Command: "plan vss-1 reason=" + strings.Repeat("a", 1990)}}
	if got := shown(t, long, "").Markdown.Text; strings.Contains(got, "dtmd://ding") || !strings.HasSuffix(got, strings.Repeat("a", 1990)) {
		t.Errorf("got %s", got)
	}
}

func TestSendsToTheSessionWebhook(t *testing.T) {
	t.Parallel()
	server := chattest.NewServer(t, func(*http.Request, string) (int, string) { return 200, `{"errcode":0,"errmsg":"ok"}` })
	to := chat.Reply{Platform: "dingtalk", Kind: "session", Address: "https://oapi.dingtalk.com/robot/sendBySession?session=0f3c", Mention: "manager0417"}
	if err := platform(t).Send(t.Context(), server.Client, to, text(), "id"); err != nil {
		t.Fatal(err)
	}
	if server.Asked[0] != "POST oapi.dingtalk.com/robot/sendBySession?session=0f3c" || server.Header[0].Get("Authorization") != "" ||
		!strings.HasSuffix(server.Bodies[0], `"at":{"atUserIds":["manager0417"],"isAtAll":false}}`) {
		t.Errorf("got %s of %s", server.Asked[0], server.Bodies[0])
	}
}
