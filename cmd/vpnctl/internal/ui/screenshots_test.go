package ui_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/browser"
)

var screenshots = flag.String("screenshots", "", "write the documentation's pictures into this folder")

// TestScreenshots takes the pictures of docs/ui.md.
//
//nolint:paralleltest // a browser is heavy
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("make screenshots takes the pictures")
	}
	b := startBrowser(t)
	for _, shot := range []struct {
		name, hash string
		view       browser.View
	}{
		{"ui-now-en", "#/now", wide(1290, "en-GB")},
		{"ui-now-zh", "#/now", browser.View{Width: 1180, Height: 1290, Lang: "zh-CN", Dark: true}},
		{"ui-window-en", "#/change/" + windowID, wide(680, "en-GB")},
		{"ui-window-zh", "#/change/" + windowID, wide(680, "zh-CN")},
		{"ui-approvals-en", "#/approvals", wide(600, "en-GB")},
		{"ui-approvals-zh", "#/approvals", wide(600, "zh-CN")},
		{"ui-approvals-phone", "#/approvals", browser.View{Width: 360, Height: 1100, Lang: "en-GB"}},
		{"ui-history-en", "#/history", wide(840, "en-GB")},
		{"ui-history-zh", "#/history", wide(840, "zh-CN")},
		{"ui-change-en", "#/change/" + appliedID, wide(1150, "en-GB")},
		{"ui-change-zh", "#/change/" + appliedID, wide(1150, "zh-CN")},
		{"ui-policy-en", "#/policy?person=Mei&settings=Port&server=office-hangzhou", wide(710, "en-GB")},
		{"ui-policy-zh", "#/policy?person=Mei&settings=Port&server=office-hangzhou", wide(710, "zh-CN")},
		{"ui-phone-zh", "#/now", browser.View{Width: 360, Height: 980, Lang: "zh-CN", Dark: true}},
	} {
		f := newFunction(t)
		sample(f)
		r := open(t, b, f, shot.hash, shot.view)
		r.settled()
		picture, err := r.page.Screenshot(r.ctx)
		r.must(err)
		if err := os.WriteFile(filepath.Join(*screenshots, shot.name+".png"), picture, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func wide(height int, lang string) browser.View {
	return browser.View{Width: 1180, Height: height, Lang: lang}
}
