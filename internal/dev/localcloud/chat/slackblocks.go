package chat

import (
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// slackText is a text object.
type slackText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

func (t slackText) spans() []Span {
	if t.Type == "mrkdwn" {
		return slackInline(t.Text, Span{})
	}
	return []Span{{Text: t.Text}}
}

// slackBlock is a block, or an element of one.
type slackBlock struct {
	Type     string       `json:"type"`
	BlockID  string       `json:"block_id"`
	Text     any          `json:"text"` // a text object, or a rich text element's string
	Fields   []slackText  `json:"fields"`
	Elements []slackBlock `json:"elements"`
	ActionID string       `json:"action_id"`
	Value    string       `json:"value"`
	Style    any          `json:"style"` // a button's string, or a rich text's object
	URL      string       `json:"url"`
	UserID   string       `json:"user_id"`
	Range    string       `json:"range"`
	Name     string       `json:"name"`
	Confirm  *struct {
		Title   slackText `json:"title"`
		Text    slackText `json:"text"`
		Confirm slackText `json:"confirm"`
		Deny    slackText `json:"deny"`
	} `json:"confirm"`
}

func (b slackBlock) text() slackText {
	switch t := b.Text.(type) {
	case string:
		return slackText{Type: b.Type, Text: t}
	case map[string]any:
		kind, _ := t["type"].(string)
		text, _ := t["text"].(string)
		return slackText{Type: kind, Text: text}
	}
	return slackText{}
}

// read adds a block to the draft. It knows the documented limits of length.
func (b slackBlock) read(dr *draft) (problem string) {
	switch b.Type {
	case "header":
		if n := utf8.RuneCountInString(b.text().Text); n == 0 || n > 150 || b.text().Type != "plain_text" {
			return "a header is 1 to 150 characters of plain_text"
		}
		dr.blocks = append(dr.blocks, Block{Kind: Heading, Level: 3, Spans: b.text().spans()})
	case "section":
		return b.section(dr)
	case "context":
		var spans []Span
		for _, e := range b.Elements {
			spans = append(append(spans, e.text().spans()...), Span{Text: "  "})
		}
		dr.blocks = append(dr.blocks, Block{Kind: Note, Spans: spans})
	case "divider":
		dr.blocks = append(dr.blocks, Block{Kind: Rule})
	case "actions":
		return b.actions(dr)
	case "rich_text":
		for _, e := range b.Elements {
			e.rich(dr)
		}
	default:
		return "type " + b.Type + " is unknown here"
	}
	return ""
}

func (b slackBlock) section(dr *draft) (problem string) {
	t := b.text()
	n := utf8.RuneCountInString(t.Text)
	if n > 3000 || n == 0 && len(b.Fields) == 0 || len(b.Fields) > 10 {
		return "a section has 1 to 3000 characters, or 1 to 10 fields"
	}
	switch {
	case n == 0:
	case t.Type == "mrkdwn":
		dr.blocks = append(dr.blocks, mrkdwn(t.Text)...)
	default:
		dr.blocks = append(dr.blocks, paragraphs(t.Text)...)
	}
	for _, f := range b.Fields {
		dr.blocks = append(dr.blocks, Block{Kind: Item, Spans: f.spans()})
	}
	return ""
}

func (b slackBlock) actions(dr *draft) (problem string) {
	if len(b.Elements) == 0 || len(b.Elements) > 25 {
		return "an actions block has 1 to 25 elements"
	}
	for _, e := range b.Elements {
		label := e.text().Text
		if e.Type != "button" || label == "" || utf8.RuneCountInString(label) > 75 || len(e.Value) > 2000 {
			return "a button has a text of 1 to 75 characters and a value of at most 2000"
		}
		if e.ActionID == "" || len(e.ActionID) > 255 || slices.ContainsFunc(dr.buttons, func(b Button) bool { return b.action == e.ActionID }) {
			return "an action_id has 1 to 255 characters and occurs once"
		}
		confirm, problem := e.confirm()
		if problem != "" {
			return problem
		}
		style, _ := e.Style.(string)
		dr.buttons = append(dr.buttons, Button{Label: label, Style: style, Command: e.Value, Confirm: confirm, action: e.ActionID, block: b.BlockID})
	}
	return ""
}

// confirm reads a confirmation dialog, with its documented limits.
func (b slackBlock) confirm() (c *Confirm, problem string) {
	if b.Confirm == nil {
		return nil, ""
	}
	for _, part := range []struct {
		slackText
		most int
	}{{b.Confirm.Title, 100}, {b.Confirm.Text, 300}, {b.Confirm.Confirm, 30}, {b.Confirm.Deny, 30}} {
		if n := utf8.RuneCountInString(part.Text); part.Type != "plain_text" || n == 0 || n > part.most {
			return nil, "a confirmation has a title of 1 to 100 characters of plain_text, a text of 300, and buttons of 30"
		}
	}
	return &Confirm{b.Confirm.Title.Text, b.Confirm.Text.Text, b.Confirm.Confirm.Text, b.Confirm.Deny.Text}, ""
}

// rich parses an element of a rich_text block, in which text has no markup.
func (b slackBlock) rich(dr *draft) {
	kind := map[string]string{"rich_text_preformatted": Pre, "rich_text_quote": Quote}[b.Type]
	if kind == "" {
		kind = Paragraph
	}
	if b.Type == "rich_text_list" {
		for _, e := range b.Elements {
			dr.blocks = append(dr.blocks, Block{Kind: Item, Spans: e.richSpans()})
		}
		return
	}
	dr.blocks = append(dr.blocks, Block{Kind: kind, Spans: b.richSpans()})
}

func (b slackBlock) richSpans() []Span {
	var out []Span
	for _, e := range b.Elements {
		sp := Span{Text: e.text().Text, Link: e.URL}
		if look, ok := e.Style.(map[string]any); ok {
			sp.Bold, sp.Italic, sp.Code, sp.Strike = look["bold"] == true, look["italic"] == true, look["code"] == true, look["strike"] == true
		}
		switch e.Type {
		case "link":
			if sp.Text == "" {
				sp.Text = e.URL
			}
		case "user":
			sp.Mention, sp.Text = e.UserID, "@"+e.UserID
		case "broadcast":
			sp.Mention, sp.Text = "everyone", "@"+e.Range
		case "emoji":
			sp.Text = emoji(e.Name)
		}
		out = append(out, sp)
	}
	return out
}

// mrkdwn parses Slack's own markup.
func mrkdwn(source string) []Block {
	var out []Block
	for n, part := range strings.Split(source, "```") {
		if n%2 == 1 {
			out = append(out, Block{Kind: Pre, Spans: []Span{{Text: html.UnescapeString(strings.Trim(part, "\n"))}}})
			continue
		}
		for para := range strings.SplitSeq(part, "\n\n") {
			kind := Paragraph
			if after, ok := strings.CutPrefix(strings.TrimSpace(para), "&gt;"); ok {
				kind, para = Quote, strings.ReplaceAll(after, "\n&gt;", "\n")
			} else if after, ok = strings.CutPrefix(strings.TrimSpace(para), ">"); ok {
				kind, para = Quote, strings.ReplaceAll(after, "\n>", "\n")
			}
			if para = strings.Trim(para, "\n "); para != "" {
				out = append(out, Block{Kind: kind, Spans: slackInline(para, Span{})})
			}
		}
	}
	return out
}

// slackInline reads the spans of a text.
func slackInline(s string, look Span) []Span {
	var out []Span
	start, before := 0, rune(' ')
	for i := 0; i < len(s); {
		spans, size := slackConstruct(s[i:], before, look)
		if size == 0 {
			r, n := utf8.DecodeRuneInString(s[i:])
			before = r
			i += n
			continue
		}
		if start < i {
			out = append(out, withText(look, s[start:i]))
		}
		out = append(out, spans...)
		i += size
		start, before = i, 'x'
	}
	if start < len(s) {
		out = append(out, withText(look, s[start:]))
	}
	return out
}

func withText(look Span, text string) Span {
	look.Text = html.UnescapeString(text)
	return look
}

func slackConstruct(s string, before rune, look Span) (spans []Span, size int) {
	switch s[0] {
	case '`':
		if inner, n := between(s, "`", "`"); n > 0 && !strings.Contains(inner, "\n") {
			look.Code = true
			return []Span{withText(look, inner)}, n
		}
	case '<':
		if inner, n := between(s, "<", ">"); n > 0 {
			return []Span{slackRef(inner, look)}, n
		}
	case ':':
		if inner, n := between(s, ":", ":"); n > 0 && emoji(inner) != ":"+inner+":" {
			look.Text = emoji(inner)
			return []Span{look}, n
		}
	case '*', '_', '~':
		inner, n := between(s, s[:1], s[:1])
		after, _ := utf8.DecodeRuneInString(s[n:])
		if n == 0 || wordy(before) || n < len(s) && wordy(after) || strings.TrimSpace(inner) != inner || strings.Contains(inner, "\n") {
			return nil, 0
		}
		look.Bold, look.Italic, look.Strike = look.Bold || s[0] == '*', look.Italic || s[0] == '_', look.Strike || s[0] == '~'
		return slackInline(inner, look), n
	}
	return nil, 0
}

func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// slackRef parses a mention or a link in angle brackets.
func slackRef(inner string, look Span) Span {
	target, label, _ := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(target, "@"):
		look.Mention, look.Text = target[1:], target
	case strings.HasPrefix(target, "!subteam"):
		look.Mention, look.Text = "subteam", "@group"
	case strings.HasPrefix(target, "!"):
		look.Mention, look.Text = "everyone", "@"+target[1:]
	case strings.HasPrefix(target, "#"):
		look.Text = target
	default:
		look.Link, look.Text = html.UnescapeString(target), html.UnescapeString(target)
		if label != "" {
			look.Text = html.UnescapeString(label)
		}
	}
	return look
}

// emoji renders the few names that bots use.
func emoji(name string) string {
	switch name {
	case "white_check_mark", "heavy_check_mark":
		return "✅"
	case "hourglass", "hourglass_flowing_sand":
		return "⏳"
	case "x", "no_entry":
		return "❌"
	case "warning":
		return "⚠️"
	case "information_source":
		return "ℹ️"
	}
	return ":" + name + ":"
}
