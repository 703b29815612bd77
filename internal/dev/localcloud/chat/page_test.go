package chat_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/browser"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
)

var needBrowser = flag.Bool("browser", false, "fail where there is no Chromium, instead of leaving out what needs it")

// startBrowser starts a browser for one test.
func startBrowser(t *testing.T) *browser.Browser {
	t.Helper()
	return browser.StartTest(t, *needBrowser)
}

// reader is somebody at the page. What fails ends the test.
type reader struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // of one test
	page *browser.Page
	demo *demo
}

func (r reader) must(err error) {
	r.t.Helper()
	if err != nil {
		var text string
		_ = r.page.Eval(context.WithoutCancel(r.ctx), `document.body.innerText`, &text)
		r.t.Fatalf("%v\nthe page shows:\n%s\nand complains about %q", err, text, r.page.Problems())
	}
}

func (r reader) click(selector string) { r.t.Helper(); r.must(r.page.Click(r.ctx, selector)) }

func (r reader) wait(condition string) { r.t.Helper(); r.must(r.page.Wait(r.ctx, condition)) }

// sees waits until the conversation has a text.
func (r reader) sees(text string) {
	r.t.Helper()
	r.wait(fmt.Sprintf("document.querySelector('#messages').innerText.includes(%q)", text))
}

func (r reader) types(text string) {
	r.t.Helper()
	r.must(r.page.Eval(r.ctx, `document.querySelector('#input').focus()`, nil))
	r.must(r.page.Type(r.ctx, text))
	r.must(r.page.Press(r.ctx, "Enter"))
}

func (r reader) presses(key string) { r.t.Helper(); r.must(r.page.Press(r.ctx, key)) }

func (r reader) value(expression string) string {
	r.t.Helper()
	var out string
	r.must(r.page.Eval(r.ctx, "String("+expression+")", &out))
	return out
}

// clickLast clicks the last button of a label in the conversation.
func (r reader) clickLast(label string) {
	r.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll('#messages .act')].filter((b) => b.textContent === %q).pop()`, label)
	r.wait(find)
	r.must(r.page.Eval(r.ctx, find+".id = 'here'", nil))
	r.click("#here")
	r.must(r.page.Eval(r.ctx, "document.querySelector('#here')?.removeAttribute('id')", nil))
}

// open opens the page of a service of its own, with the demonstration as its
// function.
func open(t *testing.T, b *browser.Browser, query string, v browser.View) (reader, *chat.Service) {
	t.Helper()
	s, f := newService(t, chat.Options{Secrets: secrets(), Limits: map[string]time.Duration{
		chat.DingTalk: time.Minute, chat.Feishu: time.Minute, chat.WeCom: time.Minute, chat.Slack: time.Minute,
	}})
	d := &demo{f: f}
	f.answer = d.answer
	page := httptest.NewServer(s.Page())
	t.Cleanup(func() { page.CloseClientConnections(); page.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	p, err := b.Open(ctx, page.URL+chat.PagePath+query, v)
	if err != nil {
		t.Fatal(err)
	}
	r := reader{t, ctx, p, d}
	r.wait(`document.querySelector('#state.on') && document.querySelector('.tab')`)
	t.Cleanup(func() {
		for _, problem := range p.Problems() {
			t.Errorf("the page complains: %s", problem)
		}
	})
	return r, s
}

func desktop(lang string) browser.View { return browser.View{Width: 1280, Height: 860, Lang: lang} }

// TestPage looks at the page with one browser, one thing after the other: a
// browser is heavy.
//
//nolint:paralleltest,tparallel // see above
func TestPage(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	for name, test := range map[string]func(*testing.T, *browser.Browser){
		"conversation": testHoldsAConversation, "text": testShowsTextAsText,
		"wire": testWireAndFaults, "keyboard": testByKeyboardAndLanguage, "cards": testCardsAskAndChange,
	} {
		t.Run(name, func(t *testing.T) { test(t, b) })
	}
}

func testHoldsAConversation(t *testing.T, b *browser.Browser) {
	t.Helper()
	for _, platform := range chat.Platforms() {
		t.Run(platform, func(t *testing.T) {
			r, s := open(t, b, "?platform="+platform, desktop("en-US"))
			r.types("plan office-hangzhou port=1195")
			r.sees("Plan for office-hangzhou")
			if platform == chat.WeCom { // its bot's Markdown has no buttons
				r.types("apply office-hangzhou port=1195")
			} else {
				r.clickLast("Ask for it")
			}
			r.sees("Waits for approval")
			r.click(`[data-person="jun"]`)
			if platform == chat.WeCom {
				r.types("approve " + demoID + " k7q2")
			} else {
				r.clickLast("Approve")
			}
			r.sees("Approved by Jun")
			if platform != chat.WeCom { // where an address works once
				r.demo.end()
				r.sees("✅ Applied")
				r.sees("rollback " + demoID)
			}
			approval, err := s.WaitFor(r.ctx, func(m chat.Message) bool { return m.Kind != chat.Bot && m.Person == chat.Jun })
			if err != nil || approval.Failed != "" {
				t.Errorf("Jun's approval is %+v, %v", approval, err)
			}
		})
	}
}

func testShowsTextAsText(t *testing.T, b *browser.Browser) {
	t.Helper()
	for _, platform := range chat.Platforms() {
		r, _ := open(t, b, "?platform="+platform, desktop("en-US"))
		r.types(`help <img src=x onerror=alert(1)><script>alert(1)</script>`)
		r.sees("no markup")
		r.sees("<img src=x onerror=alert(1)>")
		if got := r.value(`document.querySelectorAll('#messages img, #messages script, #messages b, #messages .link').length`); got != "0" {
			t.Errorf("%s: %s elements were made of text", platform, got)
		}
	}
}

func testWireAndFaults(t *testing.T, b *browser.Browser) {
	t.Helper()
	r, s := open(t, b, "?platform=feishu", desktop("en-US"))
	r.click("#wire-toggle")
	r.types("plan test port=1195")
	r.sees("Plan for")
	for _, how := range []string{"redelivered", "replayed", "forged", "expired", "tampered"} {
		r.click(`[data-how="` + how + `"]`)
		r.wait(`document.querySelector('.exchange[data-what="` + how + `"]')`)
	}
	r.click(`.exchange[data-what="message"] summary`)
	r.wait(`document.querySelector('.exchange[data-what="message"]').open`)
	text := r.value(`document.querySelector('.exchange[data-what="message"]').innerText`)
	for _, part := range []string{"X-Lark-Signature", `"event_type": "im.message.receive_v1"`, "POST /chat/feishu", `{"encrypt":"`} {
		if !strings.Contains(text, part) {
			t.Errorf("%s is not in %s", part, text)
		}
	}
	r.click(`#faults .row:last-child button:last-child`)
	r.wait(`document.querySelector('#faults [aria-pressed="true"]')`)
	if got := len(s.Exchanges()); got < 7 {
		t.Errorf("%d exchanges", got)
	}
	r.click("#wire-close")
	r.wait(`document.querySelector('#wire').hidden && document.activeElement.id === 'wire-toggle'`)
}

func testByKeyboardAndLanguage(t *testing.T, b *browser.Browser) {
	t.Helper()
	r, _ := open(t, b, "", desktop("zh-CN"))
	r.wait(`document.documentElement.lang === 'zh-CN' && document.title === '聊天 · 钉钉'`)
	r.must(r.page.Eval(r.ctx, `document.querySelector('.tab[aria-selected="true"]').focus()`, nil))
	r.presses("ArrowDown")
	r.wait(`document.body.dataset.platform === 'feishu' && document.activeElement.dataset.platform === 'feishu'`)
	r.must(r.page.Eval(r.ctx, `document.querySelector('.person[aria-checked="true"]').focus()`, nil))
	r.presses("ArrowDown")
	r.wait(`document.querySelector('[data-person="jun"]').getAttribute('aria-checked') === 'true'`)
	r.types("预览 office-hangzhou 端口=1195")
	r.sees("需要 1 人批准")
	r.click(`[data-lang="en"]`)
	r.wait(`document.documentElement.lang === 'en' && document.querySelector('#send').textContent === 'Send'`)
	missing := r.value(`Object.keys(WORDS.en).filter((k) => !(k in WORDS.zh)).concat(Object.keys(WORDS.zh).filter((k) => !(k in WORDS.en)))`)
	if missing != "" {
		t.Errorf("not in both languages: %s", missing)
	}
	// Every control has a name, and nothing is wider than the window, on a phone too.
	phone, _ := open(t, b, "?wire=", browser.View{Width: 390, Height: 800, Lang: "en-US"})
	phone.types("plan test port=1195")
	phone.sees("Plan for")
	for _, at := range []reader{r, phone} {
		if got := at.value(`[...document.querySelectorAll('button, input')].filter((el) => !el.closest('[hidden]') && !(el.textContent.trim() || el.labels?.length || el.getAttribute('aria-label'))).length`); got != "0" {
			t.Errorf("%s controls have no name", got)
		}
		if got := at.value(`document.documentElement.scrollWidth <= innerWidth`); got != "true" {
			t.Errorf("the page is wider than the window")
		}
	}
}

func TestPageIsForThisMachineOnly(t *testing.T) {
	t.Parallel()
	s, f := newService(t, chat.Options{})
	asked := false
	f.answer = func(http.ResponseWriter, *http.Request, []byte) { asked = true }
	for _, tt := range []struct {
		host, site, path, body string
		want                   int
	}{
		{"127.0.0.1:9000", "same-origin", "/say", `{"platform":"slack","person":"x"}`, http.StatusBadRequest},
		{"127.0.0.1:9000", "cross-site", "/say", `{"platform":"slack","person":"mei","text":"help"}`, http.StatusForbidden},
		{"attacker.example", "same-origin", "/say", `{"platform":"slack","person":"mei","text":"help"}`, http.StatusMisdirectedRequest},
		{"attacker.example", "", "", "", http.StatusMisdirectedRequest},
		{"localhost:9000", "", "", "", http.StatusOK},
		{"[::1]:9000", "", "/chat.js", "", http.StatusOK},
		{"127.0.0.1:9000", "", "/nothing", "", http.StatusNotFound},
		{"127.0.0.1:9000", "same-origin", "/replies", `{"platform":"x"}`, http.StatusBadRequest},
		{"127.0.0.1:9000", "same-origin", "/again", `{"message":"x","how":"forged"}`, http.StatusBadRequest},
	} {
		method := http.MethodGet
		if tt.body != "" {
			method = http.MethodPost
		}
		r := httptest.NewRequestWithContext(t.Context(), method, "http://"+tt.host+chat.PagePath+tt.path, strings.NewReader(tt.body))
		r.Header.Set("Sec-Fetch-Site", tt.site)
		w := httptest.NewRecorder()
		s.Page().ServeHTTP(w, r)
		data, _ := io.ReadAll(w.Result().Body)
		if w.Code != tt.want {
			t.Errorf("%+v: %d %s", tt, w.Code, data)
		}
	}
	if asked {
		t.Error("the function was asked")
	}
}

// testCardsAskAndChange posts a card whose button asks, and updates it.
func testCardsAskAndChange(t *testing.T, b *browser.Browser) {
	t.Helper()
	r, s := open(t, b, "?platform=slack&lang=en&person=jun", desktop("en"))
	plain := func(text string) map[string]string { return map[string]string{"type": "plain_text", "text": text} }
	call := func(method string, body map[string]any) map[string]any {
		t.Helper()
		status, out := r.demo.f.send("https://slack.com/api/"+method, http.Header{"Authorization": {"Bearer " + secrets().SlackBot}}, body)
		if status != 200 || out["ok"] != true {
			t.Fatalf("%s answers %d %v", method, status, out)
		}
		return out
	}
	posted := call("chat.postMessage", map[string]any{"channel": "CNETWORK", "text": "waits", "blocks": []any{
		map[string]any{"type": "section", "text": map[string]string{"type": "mrkdwn", "text": "<@U07JUN0001> waits for approval"}},
		map[string]any{"type": "actions", "elements": []any{map[string]any{
			"type": "button", "action_id": "next-1", "text": plain("Approve"), "value": "approve x",
			"confirm": map[string]any{"title": plain("Approve"), "text": plain("12 people are disconnected"), "confirm": plain("Send"), "deny": plain("Cancel")},
		}}},
	}})
	r.sees("waits for approval")
	clicks := func() int {
		return len(slices.DeleteFunc(s.Messages(chat.Slack, chat.Room), func(m chat.Message) bool { return m.Kind != chat.Clicked }))
	}
	r.clickLast("Approve")
	r.wait(`document.querySelector('dialog.ask[open]')?.innerText.includes('12 people are disconnected')`)
	r.click(`dialog.ask [data-answer="no"]`)
	r.wait(`!document.querySelector('dialog.ask')`)
	if clicks() != 0 {
		t.Error("a question that is answered with no sends the command")
	}
	r.clickLast("Approve")
	r.wait(`document.querySelector('dialog.ask[open]')`)
	r.click(`dialog.ask [data-answer="yes"]`)
	r.sees("clicked")
	if clicks() != 1 {
		t.Errorf("%d clicks", clicks())
	}
	call("chat.update", map[string]any{"channel": "CNETWORK", "ts": posted["ts"], "text": "done", "blocks": []any{
		map[string]any{"type": "section", "text": map[string]string{"type": "mrkdwn", "text": "was approved"}},
	}})
	r.sees("was approved")
	r.wait(`!document.querySelector('#messages').innerText.includes('waits for approval') && !document.querySelector('#messages .act') && document.querySelector('#messages').innerText.includes('updated')`)
}
