package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// Page is one tab, with cookies and storage of its own.
type Page struct {
	b       *Browser
	session string

	mu       sync.Mutex
	problems []string
}

// View is the size, language and scheme in which a page is shown.
type View struct {
	Width, Height int
	Lang          string // such as "zh-CN"; the reader's preferred language
	Dark          bool
}

// Open opens a page and returns when it is loaded.
func (b *Browser) Open(ctx context.Context, url string, v View) (*Page, error) {
	var made struct {
		BrowserContextID string `json:"browserContextId"`
		TargetID         string `json:"targetId"`
		SessionID        string `json:"sessionId"`
		UserAgent        string `json:"userAgent"`
	}
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	if err := b.call(ctx, "", "Browser.getVersion", nil, &made); err != nil {
		return nil, err
	}
	if err := b.call(ctx, "", "Target.createBrowserContext", nil, &made); err != nil {
		return nil, err
	}
	if err := b.call(ctx, "", "Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": made.BrowserContextID}, &made); err != nil {
		return nil, err
	}
	if err := b.call(ctx, "", "Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &made); err != nil {
		return nil, err
	}
	p := &Page{b: b, session: made.SessionID}
	b.mu.Lock()
	b.pages[p.session] = p
	b.mu.Unlock()
	for _, c := range []struct {
		method string
		params map[string]any
	}{
		{"Runtime.enable", nil},
		{"Log.enable", nil},
		{"Page.enable", nil},
		{"Emulation.setDeviceMetricsOverride", map[string]any{"width": v.Width, "height": v.Height, "deviceScaleFactor": 1, "mobile": false}},
		{"Emulation.setUserAgentOverride", map[string]any{"userAgent": made.UserAgent, "acceptLanguage": v.Lang}},
		{"Emulation.setEmulatedMedia", map[string]any{"features": []any{
			map[string]string{"name": "prefers-color-scheme", "value": scheme},
			map[string]string{"name": "prefers-reduced-motion", "value": "reduce"},
		}}},
		{"Page.navigate", map[string]any{"url": url}},
	} {
		if err := b.call(ctx, p.session, c.method, c.params, nil); err != nil {
			return nil, err
		}
	}
	return p, p.Wait(ctx, `location.href !== "about:blank" && document.readyState === "complete"`)
}

// event keeps the page's errors.
func (p *Page) event(method string, params json.RawMessage) {
	var ev struct {
		Details struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
		Entry struct {
			Level string `json:"level"`
			Text  string `json:"text"`
			URL   string `json:"url"`
		} `json:"entry"`
	}
	if json.Unmarshal(params, &ev) != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case method == "Runtime.exceptionThrown":
		p.problems = append(p.problems, ev.Details.Text+" "+ev.Details.Exception.Description)
	case method == "Log.entryAdded" && ev.Entry.Level == "error":
		p.problems = append(p.problems, ev.Entry.Text+" "+ev.Entry.URL)
	}
}

// Problems lists the errors that the page's scripts threw or the browser logged:
// a broken script, a file that is missing, what the page's policy refused.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.problems...)
}

// Eval evaluates an expression, waits where it is a promise, and decodes its
// value into out, which may be nil.
func (p *Page) Eval(ctx context.Context, expression string, out any) error {
	var r struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		Exception *struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	err := p.b.call(ctx, p.session, "Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &r)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", expression, err)
	case r.Exception != nil:
		return fmt.Errorf("%s: %s %s", expression, r.Exception.Text, r.Exception.Exception.Description)
	case out == nil:
		return nil
	}
	return json.Unmarshal(r.Result.Value, out)
}

// Wait returns when a condition is true. It is evaluated 25 times a second.
func (p *Page) Wait(ctx context.Context, condition string) error {
	for {
		err := p.Eval(ctx, `new Promise((done) => { const look = () => { if (`+condition+`) done(true); else setTimeout(look, 40); }; look(); })`, nil)
		// Promises end with their page: evaluate in the new one.
		if err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "context") && !strings.Contains(err.Error(), "navigat") {
			return err
		}
	}
}

// Click clicks in the middle of the element that a selector names, as a mouse
// does: what covers it gets the click.
func (p *Page) Click(ctx context.Context, selector string) error {
	name, err := json.Marshal(selector)
	if err != nil {
		return err
	}
	var at struct{ X, Y float64 }
	find := `(() => { const el = document.querySelector(` + string(name) + `); if (!el) throw new Error("no such element"); el.scrollIntoView({block: "nearest"}); const r = el.getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2}; })()`
	if err := p.Eval(ctx, find, &at); err != nil {
		return err
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		err := p.b.call(ctx, p.session, "Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// Type types text into the focused element.
func (p *Page) Type(ctx context.Context, text string) error {
	return p.b.call(ctx, p.session, "Input.insertText", map[string]any{"text": text}, nil)
}

// Press presses a key, by its DOM name: "Enter", "Tab", "ArrowDown".
func (p *Page) Press(ctx context.Context, key string) error {
	codes := map[string]int{"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38, " ": 32}
	params := map[string]any{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
	if key == "Enter" {
		params["text"] = "\r"
	}
	if err := p.b.call(ctx, p.session, "Input.dispatchKeyEvent", params, nil); err != nil {
		return err
	}
	params["type"] = "keyUp"
	delete(params, "text")
	return p.b.call(ctx, p.session, "Input.dispatchKeyEvent", params, nil)
}

// Screenshot makes a PNG of what is in view.
func (p *Page) Screenshot(ctx context.Context) ([]byte, error) {
	var shot struct{ Data []byte }
	err := p.b.call(ctx, p.session, "Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	return shot.Data, err
}
