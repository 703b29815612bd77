package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const feishuTestMessageID = "om_5ce6d572455d361153b7cb51da133945"

func feishuTestReply() Reply {
	return Reply{Platform: "feishu", Kind: "message", Address: feishuTestMessageID, Room: "oc_1"}
}

func feishuTestText() Text {
	return Text{
		Mark: Done, Title: Line{Words("applied "), Code("chg-7F3A")}, Lines: []Line{{Words("port: "), Code("1194"), Words(" → "), Code("1195")}},
		Next: []Next{{"Undo", "rollback 20261122-psfvgfo4zp"}},
	}
}

// feishuTestAPI answers like the API: it gives tokens t-1, t-2 … and takes the
// newest one.
func feishuTestAPI(t *testing.T, reply func() (int, string)) (*feishuWecomServer, *atomic.Int64) {
	t.Helper()
	tokens := &atomic.Int64{}
	server := newFeishuWecomServer(t, func(r *http.Request, body string) (int, string) {
		if r.URL.Path == "/open-apis/auth/v3/tenant_access_token/internal" {
			if body != `{"app_id":"`+feishuTestApp+`","app_secret":"`+feishuTestSecret+`"}` {
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

func feishuTestTaken() (int, string) { return 200, `{"code":0,"msg":"success","data":{}}` }

func TestFeishuSend(t *testing.T) {
	t.Parallel()
	server, _ := feishuTestAPI(t, feishuTestTaken)
	if err := feishuTestPlatform(t).Send(t.Context(), server.client, feishuTestReply(), feishuTestText(), "answer-1"); err != nil {
		t.Fatal(err)
	}
	if want := "POST open.feishu.cn/open-apis/im/v1/messages/" + feishuTestMessageID + "/reply"; len(server.asked) != 2 || server.asked[1] != want {
		t.Fatalf("got %q", server.asked)
	}
	if got := server.header[1].Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("got %s", got)
	}
	var reply feishuReply
	if err := json.Unmarshal([]byte(server.bodies[1]), &reply); err != nil {
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

func TestFeishuSendsRepetitionsUnderOneShortID(t *testing.T) {
	t.Parallel()
	server, _ := feishuTestAPI(t, feishuTestTaken)
	p := feishuTestPlatform(t)
	for _, id := range []string{strings.Repeat("a", 51), strings.Repeat("a", 51), strings.Repeat("b", 51)} {
		if err := p.Send(t.Context(), server.client, feishuTestReply(), Text{}, id); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for _, body := range server.bodies[1:] {
		var reply feishuReply
		if err := json.Unmarshal([]byte(body), &reply); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, reply.UUID)
	}
	if len(ids) != 3 || len(ids[0]) != 50 || ids[0] != ids[1] || ids[0] == ids[2] {
		t.Errorf("got %q", ids)
	}
}

func TestFeishuTokenIsShared(t *testing.T) {
	t.Parallel()
	server, tokens := feishuTestAPI(t, feishuTestTaken)
	p := feishuTestPlatform(t)
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			if err := p.Send(t.Context(), server.client, feishuTestReply(), feishuTestText(), strconv.Itoa(i)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if tokens.Load() != 1 || len(server.asked) != 21 {
		t.Errorf("%d tokens for %d requests", tokens.Load(), len(server.asked))
	}
}

func TestFeishuTokenEnds(t *testing.T) {
	t.Parallel()
	server, tokens := feishuTestAPI(t, feishuTestTaken)
	p := feishuTestPlatform(t)
	now := feishuWecomNow
	p.access.now = func() time.Time { return now }
	for _, tt := range []struct {
		later time.Duration
		want  int64
	}{{0, 1}, {6479 * time.Second, 1}, {6480 * time.Second, 2}, {12959 * time.Second, 2}, {12960 * time.Second, 3}} {
		now = feishuWecomNow.Add(tt.later)
		if err := p.Send(t.Context(), server.client, feishuTestReply(), Text{}, "1"); err != nil || tokens.Load() != tt.want {
			t.Errorf("after %s: %d tokens, want %d, %v", tt.later, tokens.Load(), tt.want, err)
		}
	}
}

func TestFeishuRefusedTokenIsFetchedOnceMore(t *testing.T) {
	t.Parallel()
	server, tokens := feishuTestAPI(t, feishuTestTaken)
	p := feishuTestPlatform(t)
	p.access.value, p.access.until = "t-revoked", time.Now().Add(time.Hour)
	if err := p.Send(t.Context(), server.client, feishuTestReply(), Text{}, "1"); err != nil || tokens.Load() != 1 || len(server.asked) != 3 {
		t.Errorf("got %v after %q", err, server.asked)
	}
	// A platform that refuses every token is asked twice, not for ever.
	server, tokens = feishuTestAPI(t, func() (int, string) { return 401, `{"code":99991663}` })
	err := feishuTestPlatform(t).Send(t.Context(), server.client, feishuTestReply(), Text{}, "1")
	failed, ok := errors.AsType[*SendError](err)
	if !ok || !failed.Again || failed.Code != "99991663" || tokens.Load() != 2 {
		t.Errorf("got %v and %d tokens", err, tokens.Load())
	}
}

func TestFeishuSendFailures(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		body   string
		code   string
		again  bool
	}{
		{400, `{"code":230002,"msg":"Bot is NOT in the chat."}`, "230002", false},
		{400, `{"code":230011,"msg":"withdrawn"}`, "230011", false},
		{400, `{"code":230020,"msg":"rate"}`, "230020", true},
		{429, `{"code":99991400,"msg":"request trigger frequency limit"}`, "99991400", true},
		{400, `{"code":424242,"msg":"` + feishuTestSecret + `"}`, "424242", false},
		{500, `{"code":424242}`, "424242", true},
		{200, `{"code":2200}`, "2200", true},
		{500, "", "HTTP500", true},
		{503, "<html>", "HTTP503", true},
		{429, "", "HTTP429", true},
		{404, "not found", "HTTP404", false},
		{302, "", "HTTP302", false},
		{403, `{}`, "HTTP403", false},
		{200, "", "unreadable-answer", true},
		{200, "[]", "unreadable-answer", true},
		{200, `{"code":"0"}`, "unreadable-answer", true},
		{200, strings.Repeat(" ", maxAnswer) + `{"code":0}`, "unreadable-answer", true},
	} {
		server, _ := feishuTestAPI(t, func() (int, string) { return tt.status, tt.body })
		err := feishuTestPlatform(t).Send(t.Context(), server.client, feishuTestReply(), feishuTestText(), "1")
		failed, ok := errors.AsType[*SendError](err)
		if !ok || failed.Code != tt.code || failed.Again != tt.again || failed.Message == "" {
			t.Errorf("%d %.40s: got %#v, want %s, again %v", tt.status, tt.body, err, tt.code, tt.again)
		}
		if err != nil && (strings.Contains(err.Error(), feishuTestSecret) || strings.Contains(err.Error(), "t-1") || strings.Contains(err.Error(), "om_")) {
			t.Errorf("the error holds a secret: %v", err)
		}
	}
}

func TestFeishuSendWithoutToken(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]SendError{
		`{"code":10014,"msg":"app secret invalid"}`:                    {Code: "10014"},
		`{"code":0,"expire":7200}`:                                     {Code: "unreadable-answer", Again: true},
		`{"code":0,"tenant_access_token":"a\r\nX-Evil: 1","expire":1}`: {Code: "unreadable-answer", Again: true},
		`{"code":99991400}`:                                            {Code: "99991400", Again: true},
	} {
		server := newFeishuWecomServer(t, func(*http.Request, string) (int, string) { return 200, body })
		err := feishuTestPlatform(t).Send(t.Context(), server.client, feishuTestReply(), Text{}, "1")
		if failed, ok := errors.AsType[*SendError](err); !ok || failed.Code != want.Code || failed.Again != want.Again || len(server.asked) != 1 {
			t.Errorf("%s: got %v after %q", body, err, server.asked)
		}
	}
}

// feishuTestDoer fails like a client does.
type feishuTestDoer func(*http.Request) (*http.Response, error)

func (f feishuTestDoer) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestFeishuSendOverABrokenNetwork(t *testing.T) {
	t.Parallel()
	broken := feishuTestDoer(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("Post %q: connection refused", r.URL)
	})
	err := feishuTestPlatform(t).Send(t.Context(), broken, feishuTestReply(), Text{}, "1")
	if failed, ok := errors.AsType[*SendError](err); !ok || !failed.Again || failed.Code != "no-answer" || strings.Contains(err.Error(), "open.feishu.cn") {
		t.Errorf("got %v", err)
	}
	refusing := feishuTestDoer(func(*http.Request) (*http.Response, error) { return nil, &SendError{Code: "address-refused"} })
	err = feishuTestPlatform(t).Send(t.Context(), refusing, feishuTestReply(), Text{}, "1")
	if failed, ok := errors.AsType[*SendError](err); !ok || failed.Again || failed.Code != "address-refused" {
		t.Errorf("got %v", err)
	}
	// Who waits for the token of another caller gives up with its own context.
	p := feishuTestPlatform(t)
	p.access.turn <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = p.Send(ctx, broken, feishuTestReply(), Text{}, "1")
	if failed, ok := errors.AsType[*SendError](err); !ok || !failed.Again || failed.Code != "timeout" {
		t.Errorf("got %v", err)
	}
}

func TestFeishuSendsOnlyToMessages(t *testing.T) {
	t.Parallel()
	server, _ := feishuTestAPI(t, feishuTestTaken)
	for _, to := range []Reply{
		{},
		{Platform: "feishu", Kind: "message"},
		{Platform: "feishu", Kind: "message", Address: "om_1/../../x"},
		{Platform: "feishu", Kind: "message", Address: "oc_1"},
		{Platform: "feishu", Kind: "message", Address: "om_1?x"},
		{Platform: "slack", Kind: "message", Address: "om_1"},
		{Platform: "feishu", Kind: "session", Address: "om_1"},
	} {
		err := feishuTestPlatform(t).Send(t.Context(), server.client, to, Text{}, "1")
		if failed, ok := errors.AsType[*SendError](err); !ok || failed.Again || failed.Code != "invalid-reply" {
			t.Errorf("%+v: got %v", to, err)
		}
	}
	if len(server.asked) != 0 {
		t.Errorf("asked %q", server.asked)
	}
}

// feishuTestTexts are all texts of a card, and its commands.
func feishuTestTexts(t *testing.T, card string) (texts, commands []string) {
	t.Helper()
	var parsed feishuCard
	if err := json.Unmarshal([]byte(card), &parsed); err != nil {
		t.Fatal(err)
	}
	add := func(x feishuText) {
		if x.Tag != "plain_text" {
			t.Errorf("got a %s", x.Tag)
		}
		texts = append(texts, x.Content)
	}
	add(parsed.Header.Title)
	for _, element := range parsed.Elements {
		if element.Text != nil {
			add(*element.Text)
		}
		for _, button := range element.Actions {
			add(button.Text)
			add(button.Confirm.Title)
			add(button.Confirm.Text)
			commands = append(commands, button.Value.Command)
		}
	}
	return texts, commands
}

func TestFeishuRendersTextOnly(t *testing.T) {
	t.Parallel()
	for _, nasty := range feishuWecomNasty {
		for _, span := range []Span{Words(nasty), Code(nasty)} {
			card, err := feishuRender(Text{Title: Line{span}, Lines: []Line{{span, span}, {Words("next")}}, Next: []Next{{nasty, "approve chg-1"}}})
			if err != nil {
				t.Fatal(err)
			}
			texts, commands := feishuTestTexts(t, card)
			for _, text := range texts {
				feishuWecomHarmless(t, text)
			}
			if len(texts) != 5 || strings.Count(texts[0], "\n") != 0 || strings.Count(texts[1], "\n") != 1 || len(commands) != 1 {
				t.Errorf("%q changed the card's form: %s", nasty, card)
			}
		}
	}
}

func TestFeishuMarks(t *testing.T) {
	t.Parallel()
	for mark, want := range map[Mark]string{Done: "✅ x", Waits: "⏳ x", Refused: "⛔ x", Info: "ℹ️ x", "": "ℹ️ x"} {
		card, err := feishuRender(Text{Mark: mark, Title: Line{Words("x")}})
		if err != nil {
			t.Fatal(err)
		}
		if texts, _ := feishuTestTexts(t, card); len(texts) != 1 || texts[0] != want {
			t.Errorf("%s: got %s", mark, card)
		}
	}
}

func TestFeishuCardFitsTheAPI(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"a", `"`, `\`, "端", "&", "\x00"} {
		long := strings.Repeat(piece, 40<<10)
		text := Text{Title: Line{Words(long)}, Lines: []Line{{Code(long)}, {Words("end")}}}
		for range 20 {
			text.Next = append(text.Next, Next{long, "approve chg-1"}, Next{"long", "plan " + long})
		}
		card, err := feishuRender(text)
		if err != nil || len(card) > 30_000 {
			t.Fatalf("%q: %d bytes, %v", piece, len(card), err)
		}
		_, commands := feishuTestTexts(t, card)
		if len(commands) != feishuMaxButtons {
			t.Errorf("%q: %d buttons", piece, len(commands))
		}
		for _, command := range commands {
			if command != "approve chg-1" {
				t.Errorf("a command was cut: %.40s", command)
			}
		}
	}
}

func FuzzFeishuRender(f *testing.F) {
	for _, nasty := range feishuWecomNasty {
		f.Add(nasty, "x", nasty, "approve chg-1")
	}
	f.Fuzz(func(t *testing.T, title, words, code, command string) {
		card, err := feishuRender(Text{Mark: Info, Title: Line{Words(title)}, Lines: []Line{{Words(words), Code(code)}}, Next: []Next{{title, command}}})
		if err != nil || len(card) > 30_000 {
			t.Fatalf("%d bytes, %v", len(card), err)
		}
		texts, _ := feishuTestTexts(t, card)
		for _, text := range texts {
			feishuWecomHarmless(t, text)
		}
	})
}
