package ui_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/browser"
)

// TestPage looks at the page with one browser, one thing after the other: a browser is
// heavy.
//
//nolint:paralleltest,tparallel // see above
func TestPage(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	quick := map[string]func(*testing.T, *browser.Browser){
		"now": testNow, "approve": testApprove, "reject": testReject, "history": testHistory, "change": testChange, "policy": testPolicy,
		"token": testToken, "words": testWords, "markup": testTextIsNoMarkup,
	}
	long := map[string]func(*testing.T, *browser.Browser){
		"hidden": testPausesWhileHidden, "others": testOthersApprovals, "thousand": testAThousandRows, "queued": testAChangeThatWaits,
		"errors": testErrors, "stale": testWhatWasKnownStays, "unreachable": testUnreachable, "empty": testEmpty,
		"keyboard": testKeyboard, "phone": testPhone, "axe": testAxe,
	}
	for name, test := range quick {
		t.Run(name, func(t *testing.T) { test(t, b) })
	}
	if testing.Short() && !*needBrowser {
		return // make browser runs them
	}
	for name, test := range long {
		t.Run(name, func(t *testing.T) { test(t, b) })
	}
}

func sampled(t *testing.T) *function {
	t.Helper()
	f := newFunction(t)
	sample(f)
	return f
}

func testNow(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := sampled(t)
	r := open(t, b, f, "", desktop("en-GB"))
	for _, text := range []string{"You are Jun", "office-hangzhou", "It waits for approval.", "0 of 1 approvals: Jun, Lan may approve", "The gateway is busy.", "looked at again in", "due ", "Servers on which nothing waits", "It waits for the window nights, which opens", "overrides the freeze move", "Next openings and freezes", "closed, opens", "Freeze double-eleven:", "12 connected · gateway busy", "2 connected"} {
		r.sees(text)
	}
	if got := r.value(`document.querySelector('#count-now').textContent + '/' + document.querySelector('#count-approvals').textContent`); got != "4/1" {
		t.Errorf("counts %s", got)
	}
	r.sees("Did not end well in the last 24 hours")
	if got := r.value(`[...document.querySelectorAll('[data-bad] li .badge')].map((el) => el.textContent).join()`); got != "failed,rejected,expired" {
		t.Errorf("what did not end well is %s", got)
	}
	// The one that waits for its gateway ends, and another one comes.
	r.wait(`document.querySelector('#state').classList.contains('on')`)
	f.set(func(f *function) {
		f.waiting = []object{f.waiting[0], f.waiting[2], with(base(f.servers[2], "20261127-nnnvgfo4zpkq3mzr5w7bxa4nhc", 0), object{"status": "queued", "cause": "in-line", "requested": object{"Port": 1200}})}
		f.changes[busyID] = with(record(f.servers[0]), object{"id": busyID})
	})
	r.wait(`document.querySelector('#live').textContent.includes('office-hangzhou: cipher → AES-256-CBC is applied') || document.querySelector('#live').textContent.includes('test: a new change waits: port → 1200')`)
	r.sees("Ended while you watched")
	r.sees("It is queued.")
}

// A page that nobody sees asks nothing.
func testPausesWhileHidden(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := sampled(t)
	r := open(t, b, f, "#/now", desktop("en-GB"))
	r.settled()
	r.eval(`window.timers = new Map(); const start = setTimeout, stop = clearTimeout;
		window.setTimeout = (run, pause) => { const id = start(() => { timers.delete(id); run(); }, pause); timers.set(id, pause); return id; };
		window.clearTimeout = (id) => { timers.delete(id); stop(id); };`)
	r.wait(`[...timers.values()].includes(3000)`)
	r.eval(`Object.defineProperty(document, 'hidden', { value: true, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`)
	r.sees("Paused")
	r.wait(`timers.size === 0`)
	before, _ := f.sent()
	r.eval(`Object.defineProperty(document, 'hidden', { value: false }); document.dispatchEvent(new Event('visibilitychange'))`)
	r.wait(`[...timers.values()].includes(3000)`)
	r.sees("Live")
	if after, _ := f.sent(); len(after) <= len(before) {
		t.Errorf("%d requests before, %d after", len(before), len(after))
	}
}

func testApprove(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := sampled(t)
	r := open(t, b, f, "#/approvals", desktop("en-GB"))
	for _, text := range []string{"Mei asks", "UDP", "Hotels block UDP/1194", "cannot return with their old configuration file", "12 of 200 clients are connected now", "remote 203.0.113.20 1195", "k7m2q4xa", "0 of 1", "It waits for the window nights, which opens"} {
		r.sees(text)
	}
	approve := `[data-key="approve-` + askedID + `"]`
	if got := r.value(`document.querySelector('` + strings.ReplaceAll(approve, `"`, `\"`) + `').textContent`); got != "Approve: change protocol, port of office-hangzhou" {
		t.Errorf("the button says %q", got)
	}
	// It disconnects people, so that the page asks. The safe button has the focus, and
	// Escape is a no.
	r.click(approve)
	r.wait(`document.querySelector('#ask').open && document.activeElement.textContent === 'Back'`)
	r.sees("Approve, and disconnect 12")
	r.presses("Escape")
	r.wait(`!document.querySelector('#ask').open`)
	r.wait(`document.activeElement.dataset.key === 'approve-` + askedID + `'`)
	if _, lines := f.sent(); slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "approve") }) {
		t.Fatalf("Escape approved: %q", lines)
	}
	r.presses("Enter")
	r.wait(`document.querySelector('#ask').open`)
	r.presses("Tab")
	r.wait(`document.activeElement.id === 'ask-yes'`)
	f.set(func(f *function) { f.waiting = f.waiting[1:] })
	r.presses("Enter")
	r.sees("It will be applied to office-hangzhou when the gateway is free.") // the function's own words
	if _, lines := f.sent(); !slices.Contains(lines, "approve "+askedID+" k7m2q4xa") {
		t.Errorf("sent %q", lines)
	}
	r.wait(`!document.querySelector('[data-key^="approve-"]')`)
}

func testReject(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := sampled(t)
	r := open(t, b, f, "#/approvals", desktop("en-GB"))
	r.settled()
	r.click(`[data-key="reject-` + askedID + `"]`)
	r.wait(`document.activeElement.id === 'ask-reason'`)
	r.must(r.page.Type(r.ctx, "not during the day"))
	r.click("#ask-yes")
	r.sees("was rejected by Jun")
	if _, lines := f.sent(); !slices.Contains(lines, `reject `+askedID+` reason="not during the day"`) {
		t.Errorf("sent %q", lines)
	}
	// An answer that is a refusal is shown, and the buttons stay.
	g := sampled(t)
	delete(g.votes, "reject")
	r = open(t, b, g, "#/approvals", desktop("en-GB"))
	*r.expected = true // of the 409
	r.settled()
	r.click(`[data-key="reject-` + askedID + `"]`)
	r.wait(`document.querySelector('#ask').open`)
	r.click("#ask-yes")
	r.sees("The change has ended, or is being applied.")
	r.wait(`document.querySelector('[data-key="reject-` + askedID + `"]')`)
}

// What somebody may not approve has no button.
func testOthersApprovals(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := sampled(t)
	f.set(func(f *function) {
		own := with(f.waiting[0], object{"id": "20261127-aaavgfo4zpkq3mzr5w7bxa4nhc", "by": "Jun", "approvers": []string{"Lan"}})
		f.waiting = []object{own}
	})
	r := open(t, b, f, "#/approvals", desktop("en-GB"))
	r.sees("No approval to give")
	r.sees("You asked for it, so somebody else must approve it.")
	if got := r.value(`document.querySelectorAll('[data-key^="approve-"]').length`); got != "0" {
		t.Errorf("%s buttons", got)
	}
}

func testHistory(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := sampled(t)
	r := open(t, b, f, "#/history", desktop("en-GB"))
	r.sees("7 changes shown")
	for _, text := range []string{"InvalidParameter.Port", "port → 1195", "applied", "Approved by"} {
		r.sees(text)
	}
	r.eval(`document.querySelector('#f-status').value = 'failed'; document.querySelector('#f-by').value = 'Mei'; document.querySelector('#f-since').value = '2026-11-01'; document.querySelector('#f-server').value = 'test'; document.querySelector('.filters').id = 'before'`)
	r.click("#f-show")
	r.wait(`location.hash === '#/history?status=failed&server=test&by=Mei&since=2026-11-01' && !document.querySelector('#before') && document.querySelector('#f-by')?.value === 'Mei' && document.querySelector('.hrow')`)
	r.click("#f-last-7")
	r.wait(`location.hash.includes('since=7d') && document.querySelector('#f-last-7')?.getAttribute('aria-pressed') === 'true' && !document.querySelector('.bones')`)
	requests, _ := f.sent()
	want := "by=Mei&limit=50&server=test&since=2026-1" // the day in this machine's zone
	if !slices.ContainsFunc(requests, func(s string) bool { return strings.Contains(s, want) && strings.Contains(s, "status=failed") }) {
		t.Errorf("asked %q", requests)
	}
	if !slices.ContainsFunc(requests, func(s string) bool { return strings.Contains(s, "since=7d") }) {
		t.Errorf("asked %q", requests)
	}
}

func testAThousandRows(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := sampled(t)
	f.set(func(f *function) { f.ended = history(f.servers, 1000) })
	r := open(t, b, f, "#/history", desktop("en-GB"))
	for n := 50; n <= 1000; n += 50 {
		r.sees(fmt.Sprintf("%d changes shown", n))
		if n < 1000 {
			r.wait(`document.querySelector('[data-key="more"]:not([disabled])')`)
			r.click(`[data-key="more"]`)
		}
	}
	r.wait(`!document.querySelector('[data-key="more"]')`)
	if got := r.value(`document.querySelectorAll('.hrow[data-change]').length`); got != "1000" {
		t.Errorf("%s rows", got)
	}
	// The same of what waits: pages as somebody asks for them.
	g := sampled(t)
	g.set(func(f *function) {
		f.waiting = nil
		for i, row := range history(f.servers, 250) {
			f.waiting = append(f.waiting, with(row, object{"status": "waiting", "cause": "in-line", "requested": object{"Port": i}, "changed": nil}))
		}
	})
	r = open(t, b, g, "#/now", desktop("en-GB"))
	r.wait(`document.querySelectorAll('.lane .queue > li').length === 100`)
	r.click(`[data-key="more"]`)
	r.wait(`document.querySelectorAll('.lane .queue > li').length === 200`)
	r.wait(`document.querySelector('[data-key="more"]')`)
	r.click(`[data-key="more"]`)
	r.wait(`document.querySelectorAll('.lane .queue > li').length === 250 && !document.querySelector('[data-key="more"]')`)
}

func testChange(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := sampled(t)
	r := open(t, b, f, "#/change/"+appliedID, desktop("en-GB"))
	for _, text := range []string{"office-hangzhou", "Jun: approved", "Call ModifySslVpnServer", "503 Throttling.User", "Looked at after: the server answers · 9 connected", "9 of 12 are connected again", "Confirmed: Mei", "OPS-1042", "confirmed by a read"} {
		r.sees(text)
	}
	// The waits are drawn to scale: 520 of 592 s for the approval, 31 for the gateway.
	for kind, want := range map[string]float64{"approval": 520.0 / 592, "gateway": 31.0 / 592, "queue": 20.0 / 592} {
		var got float64
		r.must(r.page.Eval(r.ctx, fmt.Sprintf(`(() => { const t = document.querySelector('.track'); return t.querySelector('.s-%s').getBoundingClientRect().width / t.clientWidth; })()`, kind), &got))
		if got < want-0.005 || got > want+0.005 {
			t.Errorf("%s is %.3f of the bar, want %.3f", kind, got, want)
		}
	}
	r.click("summary")
	r.sees(`"vpcCalls": 7`)
	// The id that somebody types leads there, too.
	r.goes("#/history")
	r.eval(`document.querySelector('#goto-id').focus()`)
	r.must(r.page.Type(r.ctx, appliedID))
	r.presses("Enter")
	r.wait(`location.hash === '#/change/` + appliedID + `'`)
	r.sees("Jun: approved")
}

func testAChangeThatWaits(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := sampled(t)
	r := open(t, b, f, "#/change/"+askedID, desktop("zh-CN"))
	for _, text := range []string{"等待批准。", "过期", "端口", "申请人", "现在", "批准或驳回"} {
		r.sees(text)
	}
	r.goes("#/change/" + windowID)
	for _, text := range []string{"等待维护窗口 nights，开放时间：", "维护窗口开放", "封网 move"} {
		r.sees(text)
	}
	r.goes("#/change/" + askedID)
	r.sees("批准或驳回")
	// It ends while somebody looks.
	f.set(func(f *function) { f.changes[askedID] = with(record(f.servers[0]), object{"id": askedID}) })
	r.sees("结束：已应用")
	r.wait(`document.querySelector('#live').textContent.includes('已应用')`)
	*r.expected = true // of the 404
	r.goes("#/change/20261127-aaaaaaaaaa")
	r.sees("没有这个变更")
}

func testPolicy(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := sampled(t)
	r := open(t, b, f, "#/policy?person=Mei&server=office-hangzhou&settings=Port", desktop("en-GB"))
	for _, text := range []string{"Yes: Mei may request it.", "One of them must agree: Jun, Lan", "more than 20 clients", "within 20 min after it is applied", "stops answering"} {
		r.sees(text)
	}
	r.eval(`const p = document.querySelector('#q-person'); p.value = 'Jun'; p.dispatchEvent(new Event('change'))`)
	r.sees("No: Jun may not request it.")
	r.sees("No permission for: port")
	r.click("#q-Cipher")
	r.wait(`location.hash === '#/policy?server=office-hangzhou&person=Jun&settings=Port%2CCipher'`)
	r.wait(`document.activeElement.id === 'q-Cipher'`)
	f.awaits(r.ctx, "GET /v1/permissions?server=office-hangzhou&settings=Port%2CCipher")
	f.set(func(f *function) {
		f.policy = object{"noPolicy": true, "people": []object{}, "approvers": []string{}, "settings": []string{}}
	})
	r.goes("#/policy?server=test")
	r.sees("There is no policy")
}

func testErrors(t *testing.T, b *browser.Browser) {
	t.Helper()
	for _, tt := range []struct {
		status   int
		problem  object
		en, text string
	}{
		{401, problemOf(401, "unauthorized", "x"), "The function does not accept the secret", "函数不接受该密钥"},
		{403, with(problemOf(403, "forbidden", "x"), object{"problems": []object{{"rule": "unknown-account", "message": "the account http:demo belongs to no person", "hint": "have it added"}}}), "You may not see this", "have it added"},
		{503, problemOf(503, "policy", "The policy is invalid"), "The policy cannot be used", "策略不可用"},
		{503, problemOf(503, "unavailable", "x"), "The function does not answer", "函数没有响应"},
		{502, object{"errorMessage": "out of memory"}, "The function does not answer", "函数没有响应"},
		{405, problemOf(405, "method", "x"), "The function does not know this question", "函数的版本比 vpnctl 旧"},
		{422, problemOf(422, "invalid", "The filter is wrong"), "The function refused the question", "函数拒绝了该查询"},
	} {
		f := sampled(t)
		f.status, f.problem = tt.status, tt.problem
		r := open(t, b, f, "#/now", desktop("en-GB"))
		*r.expected = true
		for _, hash := range []string{"#/now", "#/approvals", "#/history", "#/policy?server=test", "#/change/" + appliedID} {
			r.goes(hash)
			r.wait(fmt.Sprintf(`document.querySelector('main .problem')?.innerText.includes(%q)`, tt.en))
		}
		r.click(`[data-lang="zh"]`)
		r.sees(tt.text)
		f.set(func(f *function) { f.status = 0 })
		r.click(`[data-key="retry"]`)
		r.wait(`!document.querySelector('.problem')`)
	}
}

// What was known stays on the page while the function does not answer.
func testWhatWasKnownStays(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := sampled(t)
	r := open(t, b, f, "#/now", desktop("en-GB"))
	*r.expected = true
	r.settled()
	f.set(func(f *function) { f.status, f.problem = 503, problemOf(503, "unavailable", "x") })
	r.sees("This is what was known at")
	r.sees("office-shanghai")
	r.sees("No answer")
	f.set(func(f *function) { f.status = 0 })
	r.wait(`!document.querySelector('.problem') && document.querySelector('#state').classList.contains('on')`)
}

func testUnreachable(t *testing.T, b *browser.Browser) {
	t.Helper()
	gone := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	r := open(t, b, gone, "#/now", desktop("en-GB"))
	*r.expected = true
	r.sees("The function does not answer")
	// vpnctl itself has ended.
	f := sampled(t)
	s, _ := serve(t, f, nil)
	srv := httptest.NewServer(s)
	r = openAt(t, b, srv.URL+"/", s.Fragment(), "#/now", desktop("en-GB"))
	*r.expected = true
	r.settled()
	srv.CloseClientConnections()
	srv.Close()
	r.sees("vpnctl does not answer")
}

// The token is in no URL that somebody could copy, and works in a new tab.
func testToken(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := sampled(t)
	s, at := serve(t, f, nil)
	r := openAt(t, b, at, s.Fragment(), "", desktop("en-GB"))
	r.sees("You are Jun")
	if got := r.value(`location.href`); got != at+"#/now" {
		t.Errorf("the URL is %s", got)
	}
	r.eval(`location.reload()`)
	r.sees("You are Jun")
	if got := r.value(`document.cookie + document.body.innerHTML`); strings.Contains(got, strings.TrimPrefix(s.Fragment(), "#token=")) {
		t.Error("the token is in the page")
	}
	for _, fragment := range []string{"", "#token=AAAA", "#code=AAAA"} {
		r := openAt(t, b, at, fragment, "", desktop("en-GB"))
		*r.expected = true
		r.sees("This page has no permission to ask")
	}
}

func testEmpty(t *testing.T, b *browser.Browser) {
	t.Helper()
	f := newFunction(t)
	r := open(t, b, f, "#/now", desktop("en-GB"))
	r.sees("Nothing waits")
	r.goes("#/approvals")
	r.sees("No approval to give")
	r.goes("#/history")
	r.sees("Nothing found")
	r.goes("#/policy")
	r.sees("The policy names no server that you may see")
	r.click(`[data-lang="zh"]`)
	r.sees("策略中没有你可以查看的服务端")
}

// A text of the function is never markup.
func testTextIsNoMarkup(t *testing.T, b *browser.Browser) {
	t.Helper()
	const evil = `<img src=x onerror=alert(1)><script>alert(1)</script>`
	f := sampled(t)
	f.set(func(f *function) {
		for _, row := range append(f.waiting, f.ended...) {
			row["name"], row["by"], row["reason"] = evil, evil, evil
		}
		f.waiting[1]["cause"], f.waiting[1]["why"] = evil, evil
		f.servers[0]["name"] = evil
		f.changes[appliedID]["reason"] = evil
		f.votes["reject"]["text"] = evil
	})
	for _, hash := range []string{"#/now", "#/approvals", "#/history?by=" + "%3Cimg%20src%3Dx%3E", "#/policy?person=%3Cimg%20src%3Dx%3E", "#/change/" + appliedID} {
		r := open(t, b, f, hash, desktop("en-GB"))
		r.settled()
		r.sees("<img src=x")
		if got := r.value(`document.querySelectorAll('main img, main script, nav img').length`); got != "0" {
			t.Errorf("%s: %s elements were made of text", hash, got)
		}
	}
}

func testPhone(t *testing.T, b *browser.Browser) {
	t.Helper()
	long := strings.Repeat("office-with-a-very-long-name-", 4)
	f := sampled(t)
	f.set(func(f *function) {
		for _, row := range append(f.waiting, f.ended...) {
			row["name"], row["by"], row["reason"] = long, strings.Repeat("m", 64), strings.Repeat("原因很长", 80)
		}
		f.servers[0]["name"] = long
		f.changes[appliedID]["reason"] = strings.Repeat("x", 500)
		if people, ok := f.policy["people"].([]object); ok {
			people[0]["person"] = strings.Repeat("m", 64)
		}
	})
	for _, view := range []browser.View{phone("en-GB"), phone("zh-CN"), desktop("en-GB")} {
		r := open(t, b, f, "#/now", view)
		for _, hash := range []string{"#/now", "#/approvals", "#/history", "#/policy", "#/change/" + appliedID, "#/change/" + askedID} {
			r.goes(hash)
			r.settled()
			if got := r.value(`document.documentElement.scrollWidth <= innerWidth`); got != "true" {
				t.Errorf("%s at %d: the page is wider than the window: %s", hash, view.Width, r.value(`[...document.querySelectorAll('body *')].filter((el) => el.getBoundingClientRect().right > innerWidth + 1 && !el.closest('.scroll, .side')).map((el) => el.tagName + '.' + el.className).slice(0, 5)`))
			}
		}
		r.goes("#/approvals")
		r.settled()
		r.click(`[data-key^="reject-"]`)
		r.wait(`document.querySelector('#ask').open`)
		if got := r.value(`document.querySelector('#ask').getBoundingClientRect().right <= innerWidth`); got != "true" {
			t.Errorf("the dialog is wider than the window of %d", view.Width)
		}
	}
}
