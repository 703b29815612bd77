package ui_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/ui"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/browser"
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
	url  string
	// Expected are complaints of the browser that the test provokes, such as of a
	// request that fails.
	expected *bool
}

func desktop(lang string) browser.View { return browser.View{Width: 1280, Height: 900, Lang: lang} }

func phone(lang string) browser.View { return browser.View{Width: 360, Height: 780, Lang: lang} }

// open opens the page of a function at a view. The URL is the one that vpnctl ui opens:
// it has a code, which the page exchanges.
func open(t *testing.T, b *browser.Browser, f http.Handler, hash string, v browser.View) reader {
	t.Helper()
	s, at := serve(t, f, func(o *ui.Options) { o.Chat = "/local/chat" })
	return openAt(t, b, at, s.OnceFragment(), hash, v)
}

func openAt(t *testing.T, b *browser.Browser, at, fragment, hash string, v browser.View) reader {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	t.Cleanup(cancel)
	p, err := b.Open(ctx, at+fragment, v)
	if err != nil {
		t.Fatal(err)
	}
	expected := false
	r := reader{t, ctx, p, at, &expected}
	t.Cleanup(func() {
		for _, problem := range p.Problems() {
			if !expected {
				t.Errorf("the page complains: %s", problem)
			}
		}
	})
	r.wait(`document.querySelector('#main').childElementCount > 0`)
	if hash != "" {
		r.goes(hash)
	}
	return r
}

// goes shows another view, and returns when the one before is gone.
func (r reader) goes(hash string) {
	r.t.Helper()
	r.eval(fmt.Sprintf(`if (location.hash !== %q) { document.querySelector('#main').append(Object.assign(document.createElement('i'), { id: 'before' })); location.hash = %q; }`, hash, hash))
	r.wait(`!document.querySelector('#before')`)
}

func (r reader) must(err error) {
	r.t.Helper()
	if err != nil {
		var text string
		_ = r.page.Eval(context.WithoutCancel(r.ctx), `document.body.innerText`, &text)
		r.t.Fatalf("%v\nthe page shows:\n%s\nand complains about %q", err, text, r.page.Problems())
	}
}

func (r reader) eval(expression string) {
	r.t.Helper()
	r.must(r.page.Eval(r.ctx, expression+"; 0", nil))
}

func (r reader) wait(condition string) { r.t.Helper(); r.must(r.page.Wait(r.ctx, condition)) }

func (r reader) click(selector string) { r.t.Helper(); r.must(r.page.Click(r.ctx, selector)) }

func (r reader) presses(key string) { r.t.Helper(); r.must(r.page.Press(r.ctx, key)) }

// sees waits until the page has a text.
func (r reader) sees(text string) {
	r.t.Helper()
	r.wait(fmt.Sprintf("document.body?.innerText.includes(%q)", text))
}

func (r reader) value(expression string) string {
	r.t.Helper()
	var out string
	r.must(r.page.Eval(r.ctx, "String("+expression+")", &out))
	return out
}

// settled waits until nothing is loading any more.
func (r reader) settled() {
	r.t.Helper()
	r.wait(`!document.querySelector('.bones') && document.querySelector('main .card, main .note') && ![...document.querySelectorAll('.approval')].some((el) => !el.querySelector('.notes') && !el.querySelector('.problem'))`)
}
