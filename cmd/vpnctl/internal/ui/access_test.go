package ui_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/browser"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// axeVersion is pinned: a newer one may have new rules.
const axeVersion = "axe-core@4.11.0"

func views() []string {
	return []string{"#/now", "#/approvals", "#/history", "#/policy?person=Mei&settings=Port&server=office-hangzhou", "#/change/" + appliedID, "#/change/" + askedID}
}

// testAxe looks for what keeps people with disabilities out, contrast included.
func testAxe(t *testing.T, b *browser.Browser) {
	t.Helper()
	if !*needBrowser {
		t.Skip("make browser runs axe")
	}
	axe := fetchAxe(t)
	for _, lang := range []string{"en-GB", "zh-CN"} {
		for _, dark := range []bool{false, true} {
			for _, width := range []int{1280, 360} {
				r := open(t, b, sampled(t), "", browser.View{Width: width, Height: 900, Lang: lang, Dark: dark})
				r.eval(axe)
				for _, hash := range views() {
					r.goes(hash)
					r.settled()
					r.check(fmt.Sprintf("%s, %s, dark %v, %d", hash, lang, dark, width))
				}
				r.goes("#/approvals")
				r.settled()
				r.click(`[data-key^="approve-"]`)
				r.wait(`document.querySelector('#ask').open`)
				r.check("the dialog, " + lang)
			}
		}
	}
	f := sampled(t)
	f.status, f.problem = 403, problemOf(403, "forbidden", "x")
	r := open(t, b, f, "#/now", desktop("en-GB"))
	*r.expected = true
	r.eval(axe)
	r.sees("You may not see this")
	r.check("an error")
	// It does find something.
	var found int
	r.eval(`document.querySelector('#main').append(document.createElement('img'))`)
	r.must(r.page.Eval(r.ctx, `axe.run(document).then((got) => got.violations.filter((v) => v.id === 'image-alt').length)`, &found))
	if found != 1 {
		t.Error("axe does not find an image without a text")
	}
}

// check fails for findings of axe that are serious or critical.
func (r reader) check(where string) {
	r.t.Helper()
	var found []struct {
		ID, Impact, Help string
		Nodes            []struct {
			HTML           string `json:"html"`
			FailureSummary string `json:"failureSummary"`
		}
	}
	r.must(r.page.Eval(r.ctx, `axe.run(document, { resultTypes: ['violations'] }).then((got) => got.violations)`, &found))
	for _, v := range found {
		if v.Impact == "serious" || v.Impact == "critical" {
			r.t.Errorf("%s: %s (%s): %s\n%.300s\n%.400s", where, v.ID, v.Impact, v.Help, v.Nodes[0].HTML, v.Nodes[0].FailureSummary)
		} else {
			r.t.Logf("%s: %s (%s): %s: %.200s", where, v.ID, v.Impact, v.Help, v.Nodes[0].HTML)
		}
	}
}

// fetchAxe gets axe's script from npm.
func fetchAxe(t *testing.T) string {
	t.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("no npm: axe is not run")
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), npm, "pack", "--silent", axeVersion)
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("npm has no %s: axe is not run: %v\n%s", axeVersion, err, text)
	}
	packed, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(packed) != 1 {
		t.Fatalf("npm made %q, %v", packed, err)
	}
	data, err := os.ReadFile(packed[0])
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for in := tar.NewReader(z); ; {
		h, err := in.Next()
		if err != nil {
			t.Fatalf("axe.min.js is not in the package: %v", err)
		}
		if h.Name == "package/axe.min.js" {
			script, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			return string(script)
		}
	}
}

// testKeyboard reaches everything by Tab, and sees where the focus is.
func testKeyboard(t *testing.T, b *browser.Browser) {
	t.Helper()
	const name = `((el) => el.tagName + '#' + el.id + '/' + (el.dataset.key ?? '') + '/' + (el.getAttribute('href') ?? '') + '/' + (el.dataset.lang ?? ''))`
	for _, hash := range views() {
		r := open(t, b, sampled(t), hash, desktop("en-GB"))
		r.settled()
		var all []string
		r.must(r.page.Eval(r.ctx, `[...document.querySelectorAll('a[href], button:not([disabled]), input, select, summary, [tabindex="0"]')].filter((el) => el.checkVisibility() && !el.closest('dialog')).map(`+name+`)`, &all))
		r.eval(`document.activeElement.blur(); document.querySelector('.skip').focus()`)
		reached := map[string]bool{}
		for range 3 * len(all) {
			var at string
			r.must(r.page.Eval(r.ctx, `(`+name+`)(document.activeElement)`, &at))
			reached[at] = true
			if got := r.value(`(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || document.activeElement === document.body; })()`); got != "true" {
				t.Errorf("%s: the focus of %s is not visible", hash, at)
			}
			r.presses("Tab")
		}
		for _, el := range all {
			if !reached[el] {
				t.Errorf("%s: Tab does not reach %s", hash, el)
			}
		}
	}
	// The first Tab offers a way past the navigation.
	r := open(t, b, sampled(t), "#/now", desktop("en-GB"))
	r.settled()
	r.eval(`document.activeElement.blur(); document.querySelector('.skip').focus()`)
	r.presses("Enter")
	r.wait(`document.activeElement.id === 'main' && location.hash === '#/now'`)
}

// testWords compares the languages, in the page itself.
func testWords(t *testing.T, b *browser.Browser) {
	t.Helper()
	r := open(t, b, sampled(t), "#/now", desktop("en-GB"))
	var missing []string
	r.must(r.page.Eval(r.ctx, `(async () => {
		const { WORDS } = await import('./js/words.js'); const { tables } = await import('./js/labels.js'); const out = [];
		const names = (text) => [...String(text).matchAll(/\{\w+\}/g)].map(String).sort().join();
		for (const key of new Set([...Object.keys(WORDS.en), ...Object.keys(WORDS.zh)])) {
			if (!WORDS.en[key] || !WORDS.zh[key]) out.push(key);
			else if (names(WORDS.en[key]) !== names(WORDS.zh[key])) out.push(key + ': other values');
		}
		for (const [name, table] of Object.entries(tables)) for (const [key, pair] of Object.entries(table)) if (!pair.en || !pair.zh) out.push(name + '.' + key);
		return out; })()`, &missing))
	if len(missing) > 0 {
		t.Errorf("not in both languages: %q", missing)
	}
	r.click(`[data-lang="zh"]`)
	r.wait(`document.documentElement?.lang === 'zh-CN' && document.title === '当前 · SSL-VPN 变更'`)
	r.eval(`location.reload()`)
	r.wait(`document.documentElement?.lang === 'zh-CN' && document.title === '当前 · SSL-VPN 变更'`) // it is remembered
}

// Every word that the scripts ask for exists, and every word that exists is asked for.
func TestWordsExist(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join("page", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	words := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?:^|[ ,{])'?([a-zA-Z_][\w-]*)'?: '`).FindAllStringSubmatch(read("js/words.js"), -1) {
		words[m[1]] = true
	}
	var all strings.Builder
	all.WriteString(read("index.html"))
	files, err := fs.Glob(os.DirFS("page"), "js/*.js")
	if err != nil || len(files) < 10 {
		t.Fatal(errors.Join(err, fmt.Errorf("%d scripts", len(files))))
	}
	for _, name := range files {
		if name == "js/words.js" {
			continue
		}
		text := read(name)
		all.WriteString(text)
		for _, m := range regexp.MustCompile(`word\('([\w-]+)'[,)]`).FindAllStringSubmatch(text, -1) {
			if !words[m[1]] {
				t.Errorf("%s: there is no word %s", name, m[1])
			}
		}
	}
	used := all.String()
	prefixes := []string{"w_", "seg_", "err"} // of keys that are put together
	for key := range words {
		if !strings.Contains(used, "'"+key+"'") && !strings.Contains(used, `"`+key+`"`) && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("the word %s is not used", key)
		}
	}
}

// The page has the names that the function has.
func TestLabelsAreComplete(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("page/js/labels.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range names() {
		if !strings.Contains(string(data), key+": pair(") && !strings.Contains(string(data), "'"+key+"': pair(") {
			t.Errorf("labels.js has no %s", key)
		}
	}
}

// names are the settings, statuses and causes of the function.
func names() []string {
	var out []string
	for _, f := range change.Fields() {
		out = append(out, string(f))
	}
	for _, s := range []change.Status{
		change.Queued, change.Waiting, change.Applying, change.Applied, change.Unchanged, change.Planned, change.Rejected, change.Superseded,
		change.Failed, change.Expired, change.Cancelled,
	} {
		out = append(out, string(s))
	}
	for _, c := range []reconcile.Cause{
		reconcile.CauseQueued, reconcile.CauseNotDue, reconcile.CauseApproval, reconcile.CauseApplying, reconcile.CauseUnverified, reconcile.CauseOthers,
		reconcile.CauseRecovery, reconcile.CauseGateway, reconcile.CauseBreaker, reconcile.CauseThrottle, reconcile.CauseFailing, reconcile.CauseClients, reconcile.CauseWindow,
		reconcile.CauseConfirm, reconcile.CausePolicy, reconcile.CauseLogin,
	} {
		out = append(out, string(c))
	}
	return out
}
