package chat_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/lang"
)

// attacks are names that somebody may give a server.
func attacks() []string {
	return []string{
		"[x](dtmd://dingtalkclient/sendMessage?content=approve%20chg-1)", "![x](https://evil.example/x.png)", "<!channel>", "<!everyone|x>", "<@U1>",
		"<https://evil.example|x>", "<a href=x>", "@all", "@manager0417", "`code`", "``` x ```", "*bold* _it_ ~gone~ **b** __i__", "# title", "> quote", "- list", "1. list", "---", "===",
		"| a | b |", "\u202eevil\u202c", "a\u2066b\u2069\u200e\u200f\u061c", "a\x00b\x1b[31mc\x7f", "a\nb\r\nc\u2028d\u2029e", "\u200bzero\u200d\ufeffwidth\u00ad",
		"https://evil.example/x", "www.evil.example", "dtmd://x", "&lt;!channel&gt;", "&#91;x&#93;", "\\[x\\]", ":tada:", "$$x$$", "com/x.", "/x:/", "x:", "\xff\xfe", "", " ",
	}
}

type dingTalkAnswer struct {
	Type     string `json:"msgtype"`
	Markdown struct {
		Title string `json:"title"`
		Text  string `json:"text"`
	} `json:"markdown"`
	At struct {
		Users []string `json:"atUserIds"`
		All   *bool    `json:"isAtAll"`
	} `json:"at"`
}

func dingTalkShown(t *testing.T, text chat.Text, mention string) dingTalkAnswer {
	t.Helper()
	p := platform(t, "dingtalk", dingTalkSetting)
	res, later := p.Answer(chat.Delivery{Message: &chat.Message{Reply: chat.Reply{Mention: mention}}}, text)
	if later || res.Status != 200 || res.ContentType != "application/json; charset=utf-8" || len(res.Body) > 15000 {
		t.Fatalf("got %d, %s, %d bytes, later %v", res.Status, res.ContentType, len(res.Body), later)
	}
	var out dingTalkAnswer
	if err := json.Unmarshal(res.Body, &out); err != nil {
		t.Fatal(err)
	}
	if out.Type != "markdown" || out.At.All == nil || *out.At.All {
		t.Fatalf("got %+v", out)
	}
	return out
}

type slackAnswer struct {
	ResponseType string `json:"response_type"`
	Text         string `json:"text"`
	Blocks       []struct {
		Type string `json:"type"`
		Text struct {
			Type     string `json:"type"`
			Text     string `json:"text"`
			Verbatim bool   `json:"verbatim"`
		} `json:"text"`
		Elements []struct {
			Type     string `json:"type"`
			ActionID string `json:"action_id"`
			Value    string `json:"value"`
			Text     struct {
				Type string `json:"type"`
				Text string `json:"text"`
			} `json:"text"`
		} `json:"elements"`
	} `json:"blocks"`
}

func slackShown(t *testing.T, text chat.Text) slackAnswer {
	t.Helper()
	p := platform(t, "slack", slackSetting)
	d, err := p.Receive(t.Context(), nil, slackRequest(slackVector), moment())
	if err != nil {
		t.Fatal(err)
	}
	res, later := p.Answer(d, text)
	if later || res.Status != 200 || res.ContentType != "application/json; charset=utf-8" {
		t.Fatalf("got %+v, later %v", res, later)
	}
	var out slackAnswer
	if err := json.Unmarshal(res.Body, &out); err != nil {
		t.Fatal(err)
	}
	if out.ResponseType != "in_channel" || len(out.Blocks) == 0 || out.Blocks[0].Text.Type != "mrkdwn" || !out.Blocks[0].Text.Verbatim || out.Blocks[0].Text.Text != out.Text ||
		len(utf16.Encode([]rune(out.Text))) > 3000 {
		t.Fatalf("got %+v", out)
	}
	return out
}

func sample() chat.Text {
	return chat.Text{
		Mark:  chat.Waits,
		Title: chat.Line{chat.Words("等待批准 "), chat.Code("20261122-psfvgfo4zp")},
		Lines: []chat.Line{
			{chat.Words("port: "), chat.Code("1194"), chat.Words(" → "), chat.Code("1195")},
			{chat.Words("把"), chat.Code("a_b"), chat.Words("改为"), chat.Code("")},
			{},
			{chat.Words("原因: "), chat.Code("[x](dtmd://y) <!channel> `q` a&b")},
		},
		Next: []chat.Next{{Label: "批准", Command: "approve 20261122-psfvgfo4zp code=7F3A"}, {Label: "why", Command: "reject x reason=“不要 (x)”"}},
	}
}

func TestDingTalkShows(t *testing.T) {
	t.Parallel()
	got := dingTalkShown(t, sample(), "manager0417")
	want := "#### ⏳ 等待批准 20261122-psfvgfo4zp\n\n" +
		"port: 1194 → 1195  \n" +
		"把 a＿b 改为 \"\"\n\n" +
		"原因: ［x］（dtmd:/／y） ＜！channel＞ ｀q｀ a＆b\n\n" +
		"[批准](dtmd://dingtalkclient/sendMessage?content=approve%2020261122-psfvgfo4zp%20code%3D7F3A) approve 20261122-psfvgfo4zp code=7F3A  \n" +
		"why: reject x reason=“不要 （x）”\n\n@manager0417"
	if got.Markdown.Text != want {
		t.Errorf("got\n%s\nwant\n%s", got.Markdown.Text, want)
	}
	if got.Markdown.Title != "⏳ 等待批准 20261122-psfvgfo4zp" || len(got.At.Users) != 1 || got.At.Users[0] != "manager0417" {
		t.Errorf("got %.200q, %.200q", got.Markdown.Title, got.At.Users)
	}
	if alone := dingTalkShown(t, sample(), ""); len(alone.At.Users) != 0 || strings.Contains(alone.Markdown.Text, "@") {
		t.Errorf("got %+v", alone)
	}
	if odd := dingTalkShown(t, sample(), "a](b)"); strings.Contains(odd.Markdown.Text, "@") || odd.At.Users[0] != "a](b)" {
		t.Errorf("got %+v", odd)
	}
}

func TestSlackShows(t *testing.T) {
	t.Parallel()
	got := slackShown(t, sample())
	want := "⏳ 等待批准 `20261122-psfvgfo4zp`\n" +
		"port: `1194` → `1195`\n" +
		"把 `a_b` 改为 `\"\"`\n\n" +
		"原因: `[x](dtmd://y) &lt;!channel&gt; ｀q｀ a&amp;b`"
	if got.Text != want {
		t.Errorf("got\n%s\nwant\n%s", got.Text, want)
	}
	if len(got.Blocks) != 2 || got.Blocks[1].Type != "actions" || len(got.Blocks[1].Elements) != 2 {
		t.Fatalf("got %+v", got.Blocks)
	}
	for i, e := range got.Blocks[1].Elements {
		n := sample().Next[i]
		if e.Type != "button" || e.Value != n.Command || e.Text.Type != "plain_text" || e.Text.Text != n.Label || e.ActionID == "" {
			t.Errorf("got %+v", e)
		}
	}
	many := sample()
	many.Next = nil
	for range 7 {
		many.Next = append(many.Next, chat.Next{Label: "l", Command: "status `x` <!here>"})
	}
	got = slackShown(t, many)
	if n := len(got.Blocks[1].Elements); n != 5 || strings.Count(got.Text, "\nl: `status ｀x｀ &lt;!here&gt;`") != 2 {
		t.Errorf("got %d buttons and %s", n, got.Text)
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	for mark, want := range map[chat.Mark]string{chat.Done: "✅", chat.Waits: "⏳", chat.Refused: "⛔", chat.Info: "ℹ️", "": "ℹ️"} {
		text := chat.Text{Mark: mark, Title: chat.Line{chat.Words("x")}}
		if got := dingTalkShown(t, text, "").Markdown.Text; got != "#### "+want+" x" {
			t.Errorf("got %.200q", got)
		}
		if got := slackShown(t, text).Text; got != want+" x" {
			t.Errorf("got %.200q", got)
		}
	}
}

func TestPlatformsAndTheirLanguages(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]lang.Tag{"dingtalk": lang.Chinese, "slack": lang.English} {
		p := platform(t, name, map[string]string{"dingtalk": dingTalkSetting, "slack": slackSetting}[name])
		if p.Name() != name || p.Lang() != want {
			t.Errorf("got %s, %s", p.Name(), p.Lang())
		}
	}
}

// everywhere puts a text at every place of an answer that somebody's text can
// get to.
func everywhere(s string) chat.Text {
	return chat.Text{
		Title: chat.Line{chat.Words(s), chat.Code(s), chat.Words(s)},
		Lines: []chat.Line{{chat.Words(s)}, {chat.Code(s)}, {chat.Words("x"), chat.Code(s), chat.Words("x")}, {}, {chat.Code(s), chat.Code(s), chat.Words(s)}},
		Next:  []chat.Next{{Label: s, Command: s}, {Label: "x", Command: s}, {Label: s, Command: "help"}},
	}
}

var (
	dingTalkLink   = regexp.MustCompile(`\[[^\[\]()]*\]\(dtmd://dingtalkclient/sendMessage\?content=[A-Za-z0-9%._-]+\)`)
	dingTalkMarkup = regexp.MustCompile("[\\[\\]()!<>*_~|\\\\&$@`]|//|\\.\\pL")
	dingTalkStart  = regexp.MustCompile(`^(?:\s*[-+#=]|\s*[0-9]+\.)`)
	slackCode      = regexp.MustCompile("`[^`\n]+`")
	slackMarkup    = regexp.MustCompile(`(?m)^&gt;|:\pL|:/`)
	slackEntity    = regexp.MustCompile(`&(?:amp|lt|gt);`)
)

func hidden(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp))
}

// plain holds that nothing in an answer mentions, links or formats but what the
// platform's file put there.
func plain(t *testing.T, s string) {
	t.Helper()
	d := dingTalkShown(t, everywhere(s), "")
	for i, l := range strings.Split(dingTalkLink.ReplaceAllString(d.Markdown.Text, "L"), "\n") {
		if i == 0 {
			l = strings.TrimPrefix(l, "#### ")
		}
		if dingTalkMarkup.MatchString(l) || dingTalkStart.MatchString(l) || strings.ContainsFunc(l, hidden) {
			t.Errorf("DingTalk: %.200q became %.200q", s, l)
		}
	}
	for _, m := range dingTalkLink.FindAllString(d.Markdown.Text, -1) {
		content := strings.TrimSuffix(m[strings.LastIndex(m, "content=")+len("content="):], ")")
		if command, err := url.PathUnescape(content); err != nil || (command != s && command != "help") {
			t.Errorf("DingTalk: %.200q is offered as %.200q", s, command)
		}
	}
	if dingTalkMarkup.MatchString(d.Markdown.Title) || strings.ContainsFunc(d.Markdown.Title, hidden) || len(d.At.Users) > 0 {
		t.Errorf("DingTalk: %.200q became the title %.200q", s, d.Markdown.Title)
	}

	answer := slackShown(t, everywhere(s))
	words := slackCode.ReplaceAllString(answer.Text, "□")
	rest := slackEntity.ReplaceAllString(words, "△")
	if strings.ContainsAny(rest, "`*_~<>&") || slackMarkup.MatchString(words) {
		t.Errorf("Slack: %.80q became %.200q", s, words)
	}
	for _, code := range slackCode.FindAllString(answer.Text, -1) {
		if rest := slackEntity.ReplaceAllString(code, ""); strings.ContainsAny(rest, "<>&") {
			t.Errorf("Slack: %.200q became %.200q", s, code)
		}
	}
	if strings.ContainsFunc(answer.Text, hidden) {
		t.Errorf("Slack: %.200q became %.200q", s, answer.Text)
	}
	for _, b := range answer.Blocks[1:] {
		for _, e := range b.Elements {
			if (e.Value != s && e.Value != "help") || e.Text.Type != "plain_text" || strings.ContainsFunc(e.Text.Text+e.Value, hidden) || len(utf16.Encode([]rune(e.Text.Text))) > 75 {
				t.Errorf("Slack: %.200q became the button %+v", s, e)
			}
		}
	}
}

func TestWhatPeopleWriteIsText(t *testing.T) {
	t.Parallel()
	for _, s := range attacks() {
		plain(t, s)
		plain(t, s+strings.Repeat("&", 2000))
	}
}

func TestLongAnswersAreCutWhole(t *testing.T) {
	t.Parallel()
	text := sample()
	for range 400 {
		text.Lines = append(text.Lines, chat.Line{chat.Words("线路 "), chat.Code(strings.Repeat("<&𝔸", 60))})
	}
	d := dingTalkShown(t, text, "manager0417").Markdown.Text
	if !strings.Contains(d, "…\n\n[批准](dtmd://") || !strings.HasSuffix(d, "@manager0417") || len(d) < 6000 {
		t.Errorf("got %d bytes, %s", len(d), d[max(0, len(d)-300):])
	}
	s := slackShown(t, text)
	if !strings.HasSuffix(s.Text, "…") || len(s.Text) < 2000 || len(s.Blocks) != 2 || strings.Count(s.Text, "`")%2 != 0 {
		t.Errorf("got %d bytes, %s", len(s.Text), s.Text)
	}
	// Commands too long for a button or a link are there to be read, or "…".
	text = sample()
	text.Next = []chat.Next{{Label: "long", Command: "plan vss-1 reason=" + strings.Repeat("a", 1990)}}
	if d := dingTalkShown(t, text, "").Markdown.Text; strings.Contains(d, "dtmd://") || !strings.HasSuffix(d, strings.Repeat("a", 1990)) {
		t.Errorf("got %s", d)
	}
	if s := slackShown(t, text); len(s.Blocks) != 1 || !strings.HasSuffix(s.Text, "`…") {
		t.Errorf("got %.300v", s)
	}
}

// FuzzAnswer holds that whatever stands in an answer is shown as text.
func FuzzAnswer(f *testing.F) {
	for _, s := range attacks() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) < 4096 {
			plain(t, s)
		}
	})
}
