package wecom

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

func testAppReply() chat.Reply {
	return chat.Reply{Platform: "wecom", Kind: "app", Address: "zhangsan", Room: "zhangsan"}
}

func testResponseReply() chat.Reply {
	return chat.Reply{Platform: "wecom", Kind: "response", Address: testResponse, Room: "wrkSFf1"}
}

// testAPI answers like the API: it gives tokens T1, T2 … and takes the
// newest one.
func testAPI(t *testing.T, reply func() (int, string)) (*chattest.Server, *atomic.Int64) {
	t.Helper()
	tokens := &atomic.Int64{}
	server := chattest.NewServer(t, func(r *http.Request, _ string) (int, string) {
		switch r.URL.Path {
		case "/cgi-bin/gettoken":
			if q := r.URL.Query(); q.Get("corpid") != testCorp || q.Get("corpsecret") != testSecret {
				return 200, `{"errcode":40001,"errmsg":"invalid credential"}`
			}
			return 200, fmt.Sprintf(`{"errcode":0,"errmsg":"ok","access_token":"T+%d","expires_in":7200}`, tokens.Add(1))
		case "/cgi-bin/message/send":
			if r.URL.Query().Get("access_token") != fmt.Sprintf("T+%d", tokens.Load()) {
				return 200, `{"errcode":40014,"errmsg":"invalid access_token"}`
			}
		}
		return reply()
	})
	return server, tokens
}

func testTaken() (int, string) { return 200, `{"errcode":0,"errmsg":"ok","invaliduser":""}` }

func TestSendsToAResponseURL(t *testing.T) {
	t.Parallel()
	server, _ := testAPI(t, testTaken)
	if err := testPlatform(t, nil).Send(t.Context(), server.Client, testResponseReply(), testText(), "1"); err != nil {
		t.Fatal(err)
	}
	const body = `{"msgtype":"markdown","markdown":{"content":"✅ applied ` + "`chg-7F3A`" + `\nport: ` + "`1194` → `1195`" + `\nUndo: ` +
		"`rollback 20261122-psfvgfo4zp`" + `"}}`
	if len(server.Asked) != 1 || server.Asked[0] != "POST qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC1" || server.Bodies[0] != body {
		t.Errorf("got %q with %q", server.Asked, server.Bodies)
	}
}

func TestSendsAsTheApp(t *testing.T) {
	t.Parallel()
	server, _ := testAPI(t, testTaken)
	if err := testPlatform(t, nil).Send(t.Context(), server.Client, testAppReply(), testText(), "1"); err != nil {
		t.Fatal(err)
	}
	const body = `{"touser":"zhangsan","msgtype":"text","agentid":218,` +
		`"text":{"content":"✅ applied chg-7F3A\nport: 1194 → 1195\nUndo: rollback 20261122-psfvgfo4zp"},` +
		`"enable_duplicate_check":1,"duplicate_check_interval":1800}`
	if len(server.Asked) != 2 || server.Asked[0] != "GET qyapi.weixin.qq.com/cgi-bin/gettoken?corpid="+testCorp+"&corpsecret="+testSecret ||
		server.Asked[1] != "POST qyapi.weixin.qq.com/cgi-bin/message/send?access_token=T%2B1" || server.Bodies[1] != body {
		t.Errorf("got %q with %q", server.Asked, server.Bodies)
	}
}

func TestARejectedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	server, tokens := testAPI(t, testTaken)
	p := testPlatform(t, nil)
	for _, want := range []int64{1, 3} {
		if err := p.Send(t.Context(), server.Client, testAppReply(), chat.Text{}, "1"); err != nil || tokens.Load() != want {
			t.Errorf("%d tokens, want %d, %v", tokens.Load(), want, err)
		}
		tokens.Add(1) // the last one is revoked
	}
	wrong := testPlatform(t, func(s map[string][]string) { s["agentSecret"] = []string{"another-secret-another-secret"} })
	err := wrong.Send(t.Context(), server.Client, testAppReply(), chat.Text{}, "1")
	if failed, ok := errors.AsType[*chat.SendError](err); !ok || failed.Code != "40001" || failed.Again {
		t.Errorf("got %v", err)
	}
}

func TestAnAppWithoutASecretDoesNotAnswerLater(t *testing.T) {
	t.Parallel()
	server, _ := testAPI(t, testTaken)
	silent := testPlatform(t, func(s map[string][]string) { delete(s, "agentSecret") })
	err := silent.Send(t.Context(), server.Client, testAppReply(), chat.Text{}, "1")
	if failed, ok := errors.AsType[*chat.SendError](err); !ok || failed.Code != chat.CodeNotConfigured || len(server.Asked) != 0 {
		t.Errorf("got %v after %q", err, server.Asked)
	}
	d, err := silent.Receive(t.Context(), nil, testApp(testPair(1), testAppMessage("x"), testCorp), moment)
	if err != nil || d.Message == nil || d.Message.Reply.Usable(moment) {
		t.Errorf("the message has a reply address: %+v, %v", d, err)
	}
}

func FuzzRender(f *testing.F) {
	for _, nasty := range chattest.Attacks() {
		f.Add(nasty, "x", nasty, "approve chg-1")
	}
	f.Fuzz(func(t *testing.T, title, words, code, command string) {
		text := chat.Text{Mark: chat.Info, Title: chat.Line{chat.Words(title)}, Lines: []chat.Line{{chat.Words(words), chat.Code(code), chat.Words(words)}, {chat.Code(code)}}, Next: []chat.Next{{Label: title, Command: command}}}
		markdown, plain := renderMarkdown(text), renderText(text)
		for _, body := range []any{
			response{"markdown", content{markdown}}, appMessage{To: "zhangsan", Type: "text", Text: &content{plain}},
		} {
			if _, err := chattest.Fixtures()[name].Replies[0].Read(chat.Encode(body)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
