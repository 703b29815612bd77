package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/browser"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
)

var needBrowser = flag.Bool("browser", false, "run the tests that need Chromium and the function's binary")

const uiSecret = "whsec_c2VjcmV0LW9mLXRoZS11c2VyLXNlY3JldC1vZi11c2Vy"

func TestUIServesAPageForItsURLOnly(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	function := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.URL.String()
		_, _ = io.WriteString(w, `{"changes":[]}`)
	}))
	t.Cleanup(function.Close)
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		term := &terminal{in: strings.NewReader(""), out: w, err: &errs, self: "vpnctl", lookup: func(name string) (string, bool) {
			value, ok := map[string]string{variableSecret: uiSecret, variableURL: function.URL}[name]
			return value, ok
		}}
		code := execute(ctx, term, []string{"ui"})
		_ = w.Close()
		ended <- code
	}()
	lines, url := bufio.NewScanner(r), ""
	for url == "" && lines.Scan() {
		if _, fragment, ok := strings.Cut(lines.Text(), "http://127.0.0.1:"); ok {
			url = "http://127.0.0.1:" + fragment
		}
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	address, token, ok := strings.Cut(url, "#token=")
	if !ok || token == "" {
		t.Fatalf("the URL is %q", url)
	}
	for header, want := range map[string]int{"": 401, "Bearer " + token: 200} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"api/changes?status=waiting", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", header)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("answered %d, want %d", resp.StatusCode, want)
		}
	}
	if got := <-asked; got != "GET /v1/changes?status=waiting" || len(asked) != 0 {
		t.Errorf("the function was asked %s", got)
	}
	cancel()
	if code := <-ended; code != exitDone || errs.Len() > 0 {
		t.Errorf("exit status %d: %s", code, errs.String())
	}
}

func TestUIIsForThisMachineOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":8090", "192.168.1.7:8090", "example.com:80"} {
		var out, errs bytes.Buffer
		term := &terminal{in: strings.NewReader(""), out: &out, err: &errs, lookup: func(string) (string, bool) { return uiSecret, true }}
		if code := execute(t.Context(), term, []string{"ui", "--no-open", "--listen", address}); code != exitUsage || !strings.Contains(errs.String(), "127.0.0.1:PORT") {
			t.Errorf("%s: %d %s", address, code, errs.String())
		}
	}
}

// TestPageInTheLocalCloud runs the function: Mei asks in chat, and the page approves.
func TestPageInTheLocalCloud(t *testing.T) {
	t.Parallel()
	if !*needBrowser {
		t.Skip("make browser runs it")
	}
	dir := t.TempDir()
	binary := filepath.Join(dir, "function")
	if err := localcloud.Build(t.Context(), functionPackage, binary); err != nil {
		t.Fatal(err)
	}
	cloud, err := localcloud.Start(t.Context(), localcloud.Options{Function: binary, Dir: dir, Policy: localcloud.Policy(), People: true, Page: localPage, Configuring: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() }) // the function's processes are killed
	b, err := browser.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	if _, err := cloud.Chat().Say(ctx, chat.Slack, chat.Mei, `apply office-hangzhou port=1195 reason="Hotels block UDP/1194"`); err != nil {
		t.Fatal(err)
	}
	p, err := b.Open(ctx, cloud.URL()+chat.PagePath+"?lang=en", browser.View{Width: 1280, Height: 900, Lang: "en-GB"})
	must := func(err error) {
		t.Helper()
		if err != nil {
			var text string
			_ = p.Eval(context.WithoutCancel(ctx), `document.body.innerText`, &text)
			t.Fatalf("%v\nthe page shows:\n%s\nand complains about %q", err, text, p.Problems())
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	sees := func(text string) {
		t.Helper()
		must(p.Wait(ctx, fmt.Sprintf("document.body?.innerText.includes(%q)", text)))
	}
	must(p.Wait(ctx, `document.querySelector('#beside:not([hidden])')`))
	must(p.Click(ctx, "#beside"))
	sees("You are local")
	sees("It waits for approval.")
	must(p.Eval(ctx, `location.hash = '#/approvals'; 0`, nil))
	sees("12 of 200 clients are connected now.")
	must(p.Click(ctx, `[data-key^="approve-"]`))
	sees("Approve, and disconnect 12")
	must(p.Click(ctx, "#ask-yes"))
	sees("is approved")
	must(p.Eval(ctx, `location.hash = '#/history'; 0`, nil))
	must(p.Wait(ctx, `document.querySelector('.hrow[data-change]') || (document.querySelector('#f-show')?.click(), false)`))
	must(p.Eval(ctx, `document.querySelector('.hrow[data-change] a').click(); 0`, nil))
	for _, text := range []string{"confirmed by a read", "local: approved", "Call ModifySslVpnServer", "Hotels block UDP/1194", "for approvals"} {
		sees(text)
	}
	must(p.Eval(ctx, `location.hash = '#/policy?person=Mei&settings=Port&server=office-hangzhou'; 0`, nil))
	sees("Yes: Mei may request it.")
	sees("One of them must agree: Jun, local")
	must(p.Click(ctx, "#chat"))
	must(p.Wait(ctx, `location.pathname === '/local/chat'`))
	for _, problem := range p.Problems() {
		t.Errorf("the page complains: %s", problem)
	}
}
