package feishu

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

const testMessageID = "om_5ce6d572455d361153b7cb51da133945"

func testReply() chat.Reply {
	return chat.Reply{Platform: "feishu", Kind: "message", Address: testMessageID, Room: "oc_1"}
}

func testText() chat.Text {
	return chat.Text{
		Mark: chat.Done, Title: chat.Line{chat.Words("applied "), chat.Code("chg-7F3A")}, Lines: []chat.Line{{chat.Words("port: "), chat.Code("1194"), chat.Words(" → "), chat.Code("1195")}},
		Next: []chat.Next{{Label: "Undo", Command: "rollback 20261122-psfvgfo4zp"}},
	}
}

// testAPI answers like the API: it gives tokens t-1, t-2 … and takes the
// newest one.
func testAPI(t *testing.T, reply func() (int, string)) (*chattest.Server, *atomic.Int64) {
	t.Helper()
	tokens := &atomic.Int64{}
	server := chattest.NewServer(t, func(r *http.Request, body string) (int, string) {
		if r.URL.Path == "/open-apis/auth/v3/tenant_access_token/internal" {
			if body != `{"app_id":"`+testApp+`","app_secret":"`+testSecret+`"}` {
				return 200, `{"code":10014,"msg":"app secret invalid"}`
			}
			return 200, fmt.Sprintf(`{"code":0,"msg":"ok","tenant_access_token":"t-%d","expire":7200}`, tokens.Add(1))
		}
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer t-%d", tokens.Load()) {
			return 400, `{"code":99991663,"msg":"Invalid access token for authorization"}`
		}
		return reply()
	})
	return server, tokens
}

func testTaken() (int, string) { return 200, `{"code":0,"msg":"success","data":{}}` }

func TestSend(t *testing.T) {
	t.Parallel()
	server, _ := testAPI(t, testTaken)
	if err := testPlatform(t).Send(t.Context(), server.Client, testReply(), testText(), "answer-1"); err != nil {
		t.Fatal(err)
	}
	if want := "POST open.feishu.cn/open-apis/im/v1/messages/" + testMessageID + "/reply"; len(server.Asked) != 2 || server.Asked[1] != want {
		t.Fatalf("got %q", server.Asked)
	}
	if got := server.Header[1].Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("got %s", got)
	}
	var reply reply
	if err := json.Unmarshal([]byte(server.Bodies[1]), &reply); err != nil {
		t.Fatal(err)
	}
	const card = `{"config":{"wide_screen_mode":true,"enable_forward":false},` +
		`"header":{"title":{"tag":"plain_text","content":"✅ applied chg-7F3A"},"template":"green"},` +
		`"elements":[{"tag":"div","text":{"tag":"plain_text","content":"port: 1194 → 1195"}},` +
		`{"tag":"action","actions":[{"tag":"button","text":{"tag":"plain_text","content":"Undo"},"type":"default",` +
		`"value":{"command":"rollback 20261122-psfvgfo4zp"},"confirm":{"title":{"tag":"plain_text","content":"Undo"},` +
		`"text":{"tag":"plain_text","content":"rollback 20261122-psfvgfo4zp"}}}]}]}`
	if reply.Type != "interactive" || reply.UUID != "answer-1" || reply.Content != card {
		t.Errorf("got %+v", reply)
	}
}

func TestSendsRepetitionsUnderOneShortID(t *testing.T) {
	t.Parallel()
	server, _ := testAPI(t, testTaken)
	p := testPlatform(t)
	for _, id := range []string{strings.Repeat("a", 51), strings.Repeat("a", 51), strings.Repeat("b", 51)} {
		if err := p.Send(t.Context(), server.Client, testReply(), chat.Text{}, id); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, body := range server.Bodies[1:] {
		var reply reply
		if err := json.Unmarshal([]byte(body), &reply); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, reply.UUID)
	}
	if len(ids) != 3 || len(ids[0]) != 50 || ids[0] != ids[1] || ids[0] == ids[2] {
		t.Errorf("got %q", ids)
	}
}

func TestTokenIsShared(t *testing.T) {
	t.Parallel()
	server, tokens := testAPI(t, testTaken)
	p := testPlatform(t)
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			if err := p.Send(t.Context(), server.Client, testReply(), testText(), strconv.Itoa(i)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if tokens.Load() != 1 || len(server.Asked) != 21 {
		t.Errorf("%d tokens for %d requests", tokens.Load(), len(server.Asked))
	}
}

func TestARejectedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	server, tokens := testAPI(t, testTaken)
	p := testPlatform(t)
	for _, want := range []int64{1, 3} {
		if err := p.Send(t.Context(), server.Client, testReply(), chat.Text{}, "1"); err != nil || tokens.Load() != want {
			t.Errorf("%d tokens, want %d, %v", tokens.Load(), want, err)
		}
		tokens.Add(1) // the last one is revoked
	}
	// An API that rejects every token gets two requests.
	server, tokens = testAPI(t, func() (int, string) { return 401, `{"code":99991663}` })
	err := testPlatform(t).Send(t.Context(), server.Client, testReply(), chat.Text{}, "1")
	failed, ok := errors.AsType[*chat.SendError](err)
	if !ok || !failed.Again || failed.Code != "99991663" || tokens.Load() != 2 {
		t.Errorf("got %v and %d tokens", err, tokens.Load())
	}
}

func TestSendWithoutToken(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]chat.SendError{
		`{"code":10014,"msg":"app secret invalid"}`:                    {Code: "10014"},
		`{"code":0,"expire":7200}`:                                     {Code: chat.CodeUnreadable, Again: true},
		`{"code":0,"tenant_access_token":"a\r\nX-Evil: 1","expire":1}`: {Code: chat.CodeUnreadable, Again: true},
		`{"code":99991400}`:                                            {Code: "99991400", Again: true},
	} {
		server := chattest.NewServer(t, func(*http.Request, string) (int, string) { return 200, body })
		err := testPlatform(t).Send(t.Context(), server.Client, testReply(), chat.Text{}, "1")
		if failed, ok := errors.AsType[*chat.SendError](err); !ok || failed.Code != want.Code || failed.Again != want.Again || len(server.Asked) != 1 {
			t.Errorf("%s: got %v after %q", body, err, server.Asked)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, nasty := range chattest.Attacks() {
		f.Add(nasty, "x", nasty, "approve chg-1")
	}
	f.Fuzz(func(t *testing.T, title, words, code, command string) {
		card := render(chat.Text{Mark: chat.Info, Title: chat.Line{chat.Words(title)}, Lines: []chat.Line{{chat.Words(words), chat.Code(code)}}, Next: []chat.Next{{Label: title, Command: command}}})
		if len(card) > 30_000 {
			t.Fatalf("%d bytes", len(card))
		}
		body := chat.Encode(reply{Type: "interactive", Content: card})
		shown, err := chattest.Fixtures()[name].Replies[0].Read(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range shown.Commands {
			if c != command {
				t.Fatalf("%q became %q", command, c)
			}
		}
	})
}
