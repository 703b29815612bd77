package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func wecomTestAppReply() Reply {
	return Reply{Platform: "wecom", Kind: "app", Address: "zhangsan", Room: "zhangsan"}
}

func wecomTestResponseReply() Reply {
	return Reply{Platform: "wecom", Kind: "response", Address: wecomTestResponse, Room: "wrkSFf1"}
}

// wecomTestAPI answers like the API: it gives tokens T1, T2 … and takes the
// newest one.
func wecomTestAPI(t *testing.T, reply func() (int, string)) (*feishuWecomServer, *atomic.Int64) {
	t.Helper()
	tokens := &atomic.Int64{}
	server := newFeishuWecomServer(t, func(r *http.Request, _ string) (int, string) {
		switch r.URL.Path {
		case "/cgi-bin/gettoken":
			if q := r.URL.Query(); q.Get("corpid") != wecomTestCorp || q.Get("corpsecret") != wecomTestSecret {
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

func wecomTestTaken() (int, string) { return 200, `{"errcode":0,"errmsg":"ok","invaliduser":""}` }

func TestWecomSendsToAResponseURL(t *testing.T) {
	t.Parallel()
	server, _ := wecomTestAPI(t, wecomTestTaken)
	if err := wecomTestPlatform(t, nil).Send(t.Context(), server.client, wecomTestResponseReply(), feishuTestText(), "1"); err != nil {
		t.Fatal(err)
	}
	const body = `{"msgtype":"markdown","markdown":{"content":"✅ applied ` + "`chg-7F3A`" + `\nport: ` + "`1194` → `1195`" + `\nUndo: ` +
		"`rollback 20261122-psfvgfo4zp`" + `"}}`
	if len(server.asked) != 1 || server.asked[0] != "POST qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC1" || server.bodies[0] != body {
		t.Errorf("got %q with %q", server.asked, server.bodies)
	}
}

func TestWecomSendsAsTheApp(t *testing.T) {
	t.Parallel()
	server, _ := wecomTestAPI(t, wecomTestTaken)
	if err := wecomTestPlatform(t, nil).Send(t.Context(), server.client, wecomTestAppReply(), feishuTestText(), "1"); err != nil {
		t.Fatal(err)
	}
	const body = `{"touser":"zhangsan","msgtype":"text","agentid":218,` +
		`"text":{"content":"✅ applied chg-7F3A\nport: 1194 → 1195\nUndo: rollback 20261122-psfvgfo4zp"},` +
		`"enable_duplicate_check":1,"duplicate_check_interval":1800}`
	if len(server.asked) != 2 || server.asked[0] != "GET qyapi.weixin.qq.com/cgi-bin/gettoken?corpid="+wecomTestCorp+"&corpsecret="+wecomTestSecret ||
		server.asked[1] != "POST qyapi.weixin.qq.com/cgi-bin/message/send?access_token=T%2B1" || server.bodies[1] != body {
		t.Errorf("got %q with %q", server.asked, server.bodies)
	}
}

func TestWecomTokenIsSharedAndRenewed(t *testing.T) {
	t.Parallel()
	server, tokens := wecomTestAPI(t, wecomTestTaken)
	p := wecomTestPlatform(t, nil)
	var wait sync.WaitGroup
	for range 10 {
		wait.Go(func() {
			if err := p.Send(t.Context(), server.client, wecomTestAppReply(), Text{}, "1"); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if tokens.Load() != 1 {
		t.Errorf("%d tokens", tokens.Load())
	}
	p.access.value, p.access.until = "revoked", time.Now().Add(time.Hour)
	if err := p.Send(t.Context(), server.client, wecomTestAppReply(), Text{}, "1"); err != nil || tokens.Load() != 2 {
		t.Errorf("%d tokens, %v", tokens.Load(), err)
	}
	server, tokens = wecomTestAPI(t, func() (int, string) { return 200, `{"errcode":42001}` })
	err := wecomTestPlatform(t, nil).Send(t.Context(), server.client, wecomTestAppReply(), Text{}, "1")
	if failed, ok := errors.AsType[*SendError](err); !ok || !failed.Again || failed.Code != "42001" || tokens.Load() != 2 {
		t.Errorf("%d tokens, %v", tokens.Load(), err)
	}
}

func TestWecomSendFailures(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		body   string
		code   string
		again  bool
	}{
		{200, `{"errcode":-1,"errmsg":"system busy"}`, "-1", true},
		{200, `{"errcode":45009}`, "45009", true},
		{200, `{"errcode":45033}`, "45033", true},
		{200, `{"errcode":60020,"errmsg":"not allow to access from your ip"}`, "60020", false},
		{200, `{"errcode":81013}`, "81013", false},
		{200, `{"errcode":424242,"errmsg":"` + wecomTestSecret + `"}`, "424242", false},
		{502, `{"errcode":424242}`, "424242", true},
		{503, "", "HTTP503", true},
		{429, "", "HTTP429", true},
		{404, "", "HTTP404", false},
		{200, "", "unreadable-answer", true},
		{200, "{}", "unreadable-answer", true},
	} {
		server, _ := wecomTestAPI(t, func() (int, string) { return tt.status, tt.body })
		for _, to := range []Reply{wecomTestAppReply(), wecomTestResponseReply()} {
			err := wecomTestPlatform(t, nil).Send(t.Context(), server.client, to, Text{}, "1")
			failed, ok := errors.AsType[*SendError](err)
			if !ok || failed.Code != tt.code || failed.Again != tt.again || failed.Message == "" {
				t.Errorf("%s: %d %s: got %#v", to.Kind, tt.status, tt.body, err)
			}
			if err != nil && (strings.Contains(err.Error(), wecomTestSecret) || strings.Contains(err.Error(), "RC1") || strings.Contains(err.Error(), "T+1")) {
				t.Errorf("the error holds a secret: %v", err)
			}
		}
	}
	server, _ := wecomTestAPI(t, func() (int, string) { return 200, `{"errcode":0,"invaliduser":"zhangsan"}` })
	err := wecomTestPlatform(t, nil).Send(t.Context(), server.client, wecomTestAppReply(), Text{}, "1")
	if failed, ok := errors.AsType[*SendError](err); !ok || failed.Code != "invaliduser" || failed.Again {
		t.Errorf("got %v", err)
	}
	wrong := wecomTestPlatform(t, func(s Settings) { s["agentSecret"] = []string{"another-secret-another-secret"} })
	err = wrong.Send(t.Context(), server.client, wecomTestAppReply(), Text{}, "1")
	if failed, ok := errors.AsType[*SendError](err); !ok || failed.Code != "40001" || failed.Again {
		t.Errorf("got %v", err)
	}
}

func TestWecomSendHidesAddresses(t *testing.T) {
	t.Parallel()
	broken := feishuTestDoer(func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("Post %q: refused", r.URL) })
	for _, to := range []Reply{wecomTestAppReply(), wecomTestResponseReply(), {Platform: "wecom", Kind: "response", Address: "https://RC1\x7f/"}} {
		err := wecomTestPlatform(t, nil).Send(t.Context(), broken, to, Text{}, "1")
		if _, ok := errors.AsType[*SendError](err); !ok || strings.Contains(err.Error(), "RC1") || strings.Contains(err.Error(), wecomTestSecret) {
			t.Errorf("got %v", err)
		}
	}
}

func TestWecomSendsOnlyWhereItCan(t *testing.T) {
	t.Parallel()
	server, _ := wecomTestAPI(t, wecomTestTaken)
	for _, to := range []Reply{
		{},
		{Platform: "slack", Kind: "response", Address: wecomTestResponse},
		{Platform: "wecom", Kind: "session", Address: "x"},
		{Platform: "wecom", Kind: "app", Address: "@all"},
		{Platform: "wecom", Kind: "app", Address: "a|b"},
		{Platform: "wecom", Kind: "app"},
	} {
		err := wecomTestPlatform(t, nil).Send(t.Context(), server.client, to, Text{}, "1")
		if failed, ok := errors.AsType[*SendError](err); !ok || failed.Again || failed.Code != "invalid-reply" {
			t.Errorf("%+v: got %v", to, err)
		}
	}
	silent := wecomTestPlatform(t, func(s Settings) { delete(s, "agentSecret") })
	err := silent.Send(t.Context(), server.client, wecomTestAppReply(), Text{}, "1")
	if failed, ok := errors.AsType[*SendError](err); !ok || failed.Code != "invalid-reply" {
		t.Errorf("got %v", err)
	}
	d, err := silent.Receive(t.Context(), nil, wecomTestApp(wecomTestPair(1), wecomTestAppMessage("x"), wecomTestCorp), feishuWecomNow)
	if err != nil || d.Message == nil || d.Message.Reply.Usable(feishuWecomNow) {
		t.Errorf("an app without a secret has a reply address: %+v, %v", d, err)
	}
	if len(server.asked) != 0 {
		t.Errorf("asked %q", server.asked)
	}
}

// wecomTestHarmless asserts that markdown has formats in code only, and that no
// line begins one.
func wecomTestHarmless(t *testing.T, markdown string) {
	t.Helper()
	feishuWecomHarmless(t, markdown)
	for line := range strings.SplitSeq(markdown, "\n") {
		parts := strings.Split(line, "`")
		if len(parts)%2 != 1 {
			t.Errorf("a back-tick is alone in %q", line)
		}
		for i, part := range parts {
			if i%2 == 0 && strings.ContainsAny(part, "*_[]~#>|\\$&") {
				t.Errorf("a format in %q", line)
			}
		}
		digits := strings.TrimLeft(line, "0123456789")
		if strings.HasPrefix(line, " ") || strings.ContainsAny(line[:min(1, len(line))], "-+=") || len(digits) < len(line) && strings.ContainsAny(digits[:min(1, len(digits))], ".)") {
			t.Errorf("the line %q begins a format", line)
		}
	}
}

func TestWecomRendersTextOnly(t *testing.T) {
	t.Parallel()
	for _, nasty := range feishuWecomNasty {
		for _, span := range []Span{Words(nasty), Code(nasty)} {
			text := Text{Title: Line{span}, Lines: []Line{{span, span}, {Words("  "), span}}, Next: []Next{{nasty, "approve chg-1"}}}
			markdown := wecomMarkdown(text)
			wecomTestHarmless(t, markdown)
			feishuWecomHarmless(t, wecomText(text))
			if strings.Count(markdown, "\n") != 3 || strings.Count(wecomText(text), "\n") != 3 || !strings.HasSuffix(markdown, ": `approve chg-1`") {
				t.Errorf("%q changed the form: %q", nasty, markdown)
			}
		}
	}
}

func TestWecomMarks(t *testing.T) {
	t.Parallel()
	for mark, want := range map[Mark]string{Done: "✅ x", Waits: "⏳ x", Refused: "⛔ x", Info: "ℹ️ x", "": "ℹ️ x"} {
		text := Text{Mark: mark, Title: Line{Words("x")}}
		if wecomMarkdown(text) != want || wecomText(text) != want {
			t.Errorf("%s: got %q, %q", mark, wecomMarkdown(text), wecomText(text))
		}
	}
}

func TestWecomTextsFitTheAPI(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"a", "端", "`", "*"} {
		long := strings.Repeat(piece, 3<<10)
		text := Text{Mark: Done, Title: Line{Words("title")}}
		for range 20 {
			text.Lines = append(text.Lines, Line{Words(long), Code(long)})
		}
		text.Next = []Next{{"long", "plan " + strings.Repeat(long, 4)}, {"go", "approve chg-1"}}
		markdown, plain := wecomMarkdown(text), wecomText(text)
		wecomTestHarmless(t, markdown)
		if len(markdown) > wecomMaxMarkdown || len(plain) > wecomMaxText {
			t.Errorf("%q: %d and %d bytes", piece, len(markdown), len(plain))
		}
		if !strings.HasSuffix(markdown, "\n…\ngo: `approve chg-1`") || !strings.HasSuffix(plain, "\n…\ngo: approve chg-1") || !strings.HasPrefix(plain, "✅ title\n") {
			t.Errorf("%q: got %q", piece, plain)
		}
		if got := wecomText(Text{Title: Line{Words(long)}, Next: text.Next}); len(got) > wecomMaxText || !strings.HasSuffix(got, "…\ngo: approve chg-1") {
			t.Errorf("%q as a title: %d bytes", piece, len(got))
		}
	}
}

func FuzzWecomRender(f *testing.F) {
	for _, nasty := range feishuWecomNasty {
		f.Add(nasty, "x", nasty, "approve chg-1")
	}
	f.Fuzz(func(t *testing.T, title, words, code, command string) {
		text := Text{Mark: Info, Title: Line{Words(title)}, Lines: []Line{{Words(words), Code(code), Words(words)}, {Code(code)}}, Next: []Next{{title, command}}}
		markdown, plain := wecomMarkdown(text), wecomText(text)
		wecomTestHarmless(t, markdown)
		feishuWecomHarmless(t, plain)
		if len(markdown) > wecomMaxMarkdown || len(plain) > wecomMaxText {
			t.Errorf("%d and %d bytes", len(markdown), len(plain))
		}
		if _, err := json.Marshal(markdown); err != nil {
			t.Error(err)
		}
	})
}

// A command that is typed stands behind the colon of its label's script.
func TestTheColonBeforeACommandIsOfTheLabelsScript(t *testing.T) {
	t.Parallel()
	text := Text{Title: Line{Words("x")}, Next: []Next{{"撤销", "apply 杭州\u200e port=1195"}, {"Undo", "apply a\u200e port=1195"}}}
	slack, err := json.Marshal(slackRendered(text, ""))
	if err != nil {
		t.Fatal(err)
	}
	for platform, got := range map[string]string{
		"WeCom": wecomMarkdown(text), "WeCom, as text": wecomText(text), "DingTalk": dingTalkBody(text, ""), "Slack": string(slack),
	} {
		if !strings.Contains(got, "撤销：") || !strings.Contains(got, "Undo: ") {
			t.Errorf("%s shows %q", platform, got)
		}
	}
}
