package localcloud_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/browser"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
)

var screenshots = flag.String("screenshots", "", "write the documentation's pictures of the chat page into this `folder`")

// photographer is somebody with a camera at the chat page. What fails ends the
// test.
type photographer struct {
	*testing.T

	ctx  context.Context //nolint:containedctx // of one test
	page *browser.Page
}

func (p photographer) must(err error) {
	p.Helper()
	if err != nil {
		var text string
		_ = p.page.Eval(context.WithoutCancel(p.ctx), `document.body.innerText`, &text)
		p.Fatalf("%v\nthe page shows:\n%s", err, text)
	}
}

func (p photographer) types(text string) {
	p.Helper()
	p.must(p.page.Eval(p.ctx, `document.querySelector('#input').focus()`, nil))
	p.must(p.page.Type(p.ctx, text))
	p.must(p.page.Press(p.ctx, "Enter"))
}

func (p photographer) sees(text string) {
	p.Helper()
	p.must(p.page.Wait(p.ctx, fmt.Sprintf("document.querySelector('#messages').innerText.includes(%q)", text)))
}

// scene is what is typed and seen in one language.
type scene struct{ apply, reason, approve, waits, approved, applied string }

func scenes() map[string]scene {
	return map[string]scene{
		"en": {"apply office-hangzhou port=1195", ` reason="Hotels block UDP/1194"`, "Approve", "waits for approval", "is approved", "was applied to"},
		"zh": {"变更 office-hangzhou 端口=1195", " 原因=“酒店屏蔽 UDP/1194”", "批准", "等待批准", "已批准", "已应用到"},
	}
}

// TestScreenshots writes the pictures of the documentation, of the function
// itself: make screenshots.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	if *screenshots == "" {
		t.Skip("no folder given: -screenshots")
	}
	binary := filepath.Join(t.TempDir(), "function")
	if err := localcloud.Build(t.Context(), "github.com/sslvpn-change/sslvpn-change", binary); err != nil {
		t.Fatal(err)
	}
	b, err := browser.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() }) // its pictures are taken
	for lang, words := range trials() {
		t.Run("trial-"+lang, func(t *testing.T) {
			t.Parallel()
			shootTrial(t, b, binary, lang, words)
		})
	}
	for _, lang := range []string{"en", "zh"} {
		t.Run("approval-"+lang, func(t *testing.T) {
			t.Parallel()
			shootApproval(t, b, binary, lang)
		})
	}
	for lang, words := range scenes() {
		for _, platform := range chat.Platforms() {
			t.Run(platform+"-"+lang, func(t *testing.T) {
				t.Parallel()
				shoot(t, b, binary, platform, lang, words)
			})
		}
	}
}

// shoot plays a change that another person approves.
func shoot(t *testing.T, b *browser.Browser, binary, platform, lang string, words scene) {
	t.Helper()
	cloud := start(t, func(o *localcloud.Options) {
		o.Function, o.Env, o.Configuring = binary, nil, 200*time.Millisecond
		o.Policy = bytes.ReplaceAll(withoutRooms(), []byte("    accounts:"), []byte("    lang: "+lang+"\n    accounts:"))
	})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	// As high as the conversation is, so that nothing of it is scrolled away.
	heights := map[string]int{chat.DingTalk: 1760, chat.Feishu: 1610, chat.WeCom: 1600, chat.Slack: 1350}
	view, query := browser.View{Width: 1180, Height: heights[platform], Lang: lang}, "?platform="+platform+"&lang="+lang
	if platform == chat.Feishu {
		view.Width, query = 1500, query+"&wire=1"
	}
	page, err := b.Open(ctx, cloud.URL()+chat.PagePath+query, view)
	if err != nil {
		t.Fatal(err)
	}
	p := photographer{t, ctx, page}
	p.must(page.Wait(ctx, `document.querySelector('#state.on') && document.querySelector('.tab')`))
	p.types(words.apply + words.reason)
	p.sees(words.waits)
	waiting, err := cloud.Chat().WaitFor(ctx, func(m chat.Message) bool {
		return m.Kind == chat.Bot && strings.Contains(m.Text, words.waits)
	})
	p.must(err)
	p.must(page.Click(ctx, `[data-person="jun"]`))
	if approve := slices.IndexFunc(waiting.Buttons, func(b chat.Button) bool { return b.Label == words.approve }); approve >= 0 {
		find := fmt.Sprintf(`[...document.querySelectorAll('#messages .act')].filter((b) => b.textContent === %q).pop()`, words.approve)
		p.must(page.Wait(ctx, find))
		p.must(page.Eval(ctx, find+".id = 'here'", nil))
		p.must(page.Click(ctx, "#here"))
		p.must(page.Eval(ctx, `document.querySelector('dialog.ask [data-answer="yes"]')?.click()`, nil))
	} else { // its Markdown has no buttons: the command is typed
		_, after, _ := strings.Cut(waiting.Text, "approve ")
		command, _, _ := strings.Cut(after, "\n")
		p.types("approve " + command)
	}
	p.sees(words.approved)
	p.sees(words.applied)
	p.saves("chat-" + platform + "-" + lang)
}

// shootApproval has a file ask for a change that needs approval, and presses the button
// to approve it.
func shootApproval(t *testing.T, b *browser.Browser, binary, lang string) {
	t.Helper()
	cloud := start(t, func(o *localcloud.Options) {
		o.Function, o.Env, o.People = binary, nil, true
		o.Policy = bytes.ReplaceAll(localcloud.Policy(), []byte("room: CNETWORK}"), []byte("room: CNETWORK, lang: "+lang+"}"))
	})
	reason := map[string]string{"en": "Hotels block UDP/1194", "zh": "酒店屏蔽 UDP/1194"}[lang]
	office := localcloud.Servers()[1]
	if err := cloud.Drop("changes/office.yaml", fmt.Appendf(nil, "reason: %s\nchanges:\n  - {RegionId: %s, SslVpnServerId: %s, Port: 1195}\n", reason, office.RegionID, office.ID)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	page, err := b.Open(ctx, cloud.URL()+chat.PagePath+"?platform="+chat.Slack+"&lang="+lang+"&person="+chat.Jun, browser.View{Width: 1180, Height: 830, Lang: lang})
	if err != nil {
		t.Fatal(err)
	}
	p := photographer{t, ctx, page}
	p.must(page.Wait(ctx, `document.querySelector('#messages .act')`))
	p.must(page.Eval(ctx, `document.querySelector('#messages .act').click()`, nil))
	p.must(page.Wait(ctx, `document.querySelector('dialog.ask[open]')`))
	p.saves("approval-" + lang)
}

// saves writes a picture of the whole conversation.
func (p photographer) saves(name string) {
	p.Helper()
	var hidden int
	p.must(p.page.Eval(p.ctx, `(() => { const m = document.querySelector('#messages'); return m.scrollHeight - m.clientHeight; })()`, &hidden))
	if hidden > 0 {
		p.Fatalf("%d pixels of the conversation are scrolled away: make the view higher", hidden)
	}
	picture, err := p.page.Screenshot(p.ctx)
	p.must(err)
	if err := os.WriteFile(filepath.Join(*screenshots, name+".png"), picture, 0o600); err != nil {
		p.Fatal(err)
	}
}

// withoutRooms is the policy without the rooms that are asked for approval, so that a
// picture has one conversation.
func withoutRooms() []byte {
	before, _, _ := bytes.Cut(localcloud.Policy(), []byte("# The room on every platform"))
	return before
}

// trial is what is typed and seen of a change that nobody confirms.
type trial struct{ apply, applied, half, undone string }

func trials() map[string]trial {
	return map[string]trial{
		"en": {"apply office-shanghai port=1195 confirm=1m", "was applied to", "is undone unless somebody confirms it", "was not confirmed, and was undone"},
		"zh": {"变更 office-shanghai 端口=1195 确认=1m", "已应用到", "如不确认，将自动撤销", "未经确认，已撤销"},
	}
}

// shootTrial plays a change that nobody confirms, which takes a little more than a
// minute.
func shootTrial(t *testing.T, b *browser.Browser, binary, lang string, words trial) {
	t.Helper()
	cloud := start(t, func(o *localcloud.Options) {
		o.Function, o.Env, o.Configuring, o.People, o.SweepEvery = binary, nil, 200*time.Millisecond, true, 3*time.Second
		o.Policy = bytes.ReplaceAll(withoutRooms(), []byte("    accounts:"), []byte("    lang: "+lang+"\n    accounts:"))
	})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	page, err := b.Open(ctx, cloud.URL()+chat.PagePath+"?platform="+chat.Slack+"&lang="+lang, browser.View{Width: 1180, Height: 1560, Lang: lang})
	if err != nil {
		t.Fatal(err)
	}
	p := photographer{t, ctx, page}
	p.must(page.Wait(ctx, `document.querySelector('#state.on') && document.querySelector('.tab')`))
	p.types(words.apply)
	p.sees(words.applied)
	p.waits(cloud, words.half)
	p.waits(cloud, words.undone)
	p.sees(words.undone)
	p.saves("trial-" + lang)
}

// waits waits until the bot says something.
func (p photographer) waits(cloud *localcloud.Cloud, text string) {
	p.Helper()
	_, err := cloud.Chat().WaitFor(p.ctx, func(m chat.Message) bool {
		return m.Kind == chat.Bot && strings.Contains(m.Title+m.Text, text)
	})
	p.must(err)
}
