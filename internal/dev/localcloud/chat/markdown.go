package chat

import (
	"html"
	"net/url"
	"strings"
)

// dialect describes how a platform's Markdown differs from that of the others.
type dialect struct {
	softBreaks bool // a single line break is a space, as in CommonMark
	fonts      bool // <font color="…">
	entities   bool // &lt; and the like
	escapes    bool // a backslash escapes a sign
	dtmd       bool // links that send text on behalf of the reader
	// mention reads a mention at the start of text: the account, and how long it is.
	mention func(text string) (account string, size int)
}

// markdown parses a message. It knows only what platforms render; the rest is
// text.
func markdown(source string, d dialect) []Block {
	var out []Block
	var open *Block // a paragraph that continues
	fence := false
	for line := range strings.SplitSeq(strings.ReplaceAll(source, "\r\n", "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```"):
			if fence = !fence; fence {
				out = append(out, Block{Kind: Pre})
			}
			open = nil
			continue
		case fence:
			out[len(out)-1] = appendLine(out[len(out)-1], line)
			continue
		case trimmed == "":
			open = nil
			continue
		}
		kind, level, rest := lineKind(trimmed)
		if kind == Rule {
			out, open = append(out, Block{Kind: Rule}), nil
			continue
		}
		spans := inline(rest, d, Span{})
		if goesOn(open, kind) {
			open.Spans = append(append(open.Spans, Span{Text: "\n"}), spans...)
		} else {
			out = append(out, Block{Kind: kind, Level: level, Spans: spans})
			open = &out[len(out)-1]
			if kind != Paragraph && kind != Quote {
				open = nil
			}
		}
		if open != nil && d.softBreaks && kind == Paragraph {
			soften(open, strings.HasSuffix(line, "  "))
		}
	}
	return out
}

// goesOn reports whether a line belongs to the paragraph or quote before it.
func goesOn(open *Block, kind string) bool {
	return open != nil && (kind == Paragraph || kind == Quote && open.Kind == Quote)
}

// soften makes the last line break of a paragraph a space, unless the line
// before it ended in two spaces, which is remembered in Level.
func soften(b *Block, hard bool) {
	if b.Level == 0 {
		for i := len(b.Spans) - 1; i >= 0; i-- {
			if b.Spans[i].Text == "\n" {
				b.Spans[i].Text = " "
				break
			}
		}
	}
	b.Level = 0
	if hard {
		b.Level = 1
	}
}

func appendLine(b Block, line string) Block {
	if len(b.Spans) == 0 {
		b.Spans = []Span{{Text: line}}
		return b
	}
	b.Spans[0].Text += "\n" + line
	return b
}

// lineKind returns what a line starts.
func lineKind(line string) (kind string, level int, rest string) {
	for n := 6; n >= 1; n-- {
		if after, ok := strings.CutPrefix(line, strings.Repeat("#", n)+" "); ok {
			return Heading, n, after
		}
	}
	switch {
	case line == "---" || line == "***":
		return Rule, 0, ""
	case strings.HasPrefix(line, "> "), line == ">":
		return Quote, 0, strings.TrimPrefix(line[1:], " ")
	case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "* "), strings.HasPrefix(line, "+ "):
		return Item, 0, line[2:]
	}
	return Paragraph, 0, line
}

// inline reads the spans of a line.
func inline(s string, d dialect, look Span) []Span {
	var out []Span
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			sp := look
			sp.Text = text.String()
			if d.entities {
				sp.Text = html.UnescapeString(sp.Text)
			}
			out = append(out, sp)
			text.Reset()
		}
	}
	for len(s) > 0 {
		if d.escapes && len(s) > 1 && s[0] == '\\' && strings.IndexByte("\\`*_{}[]()#+-.!~<>|&", s[1]) >= 0 {
			flush()
			sp := look
			sp.Text = s[1:2]
			out = append(out, sp)
			s = s[2:]
			continue
		}
		if spans, size := construct(s, d, look); size > 0 {
			flush()
			out = append(out, spans...)
			s = s[size:]
			continue
		}
		text.WriteByte(s[0])
		s = s[1:]
	}
	flush()
	return out
}

// construct reads one construct at the start of s; size is 0 when there is none.
func construct(s string, d dialect, look Span) (spans []Span, size int) {
	switch {
	case s[0] == '`':
		if inner, n := between(s, "`", "`"); n > 0 {
			look.Code, look.Text = true, inner
			if d.entities {
				look.Text = html.UnescapeString(inner)
			}
			return []Span{look}, n
		}
	case strings.HasPrefix(s, "**"):
		if inner, n := between(s, "**", "**"); n > 0 {
			look.Bold = true
			return inline(inner, d, look), n
		}
	case strings.HasPrefix(s, "~~"):
		if inner, n := between(s, "~~", "~~"); n > 0 {
			look.Strike = true
			return inline(inner, d, look), n
		}
	case s[0] == '*':
		if inner, n := between(s, "*", "*"); n > 0 && inner[0] != ' ' {
			look.Italic = true
			return inline(inner, d, look), n
		}
	case s[0] == '[' || strings.HasPrefix(s, "!["):
		return link(s, d, look)
	case s[0] == '<':
		return tag(s, d, look)
	}
	return nil, 0
}

// between finds the text between open and close at the start of s.
func between(s, open, end string) (inner string, size int) {
	if !strings.HasPrefix(s, open) {
		return "", 0
	}
	n := strings.Index(s[len(open):], end)
	if n < 1 {
		return "", 0
	}
	return s[len(open) : len(open)+n], len(open) + n + len(end)
}

// link reads [text](address), and ![text](address), whose picture is not loaded.
func link(s string, d dialect, look Span) (spans []Span, size int) {
	start := strings.IndexByte(s, '[')
	mid := strings.Index(s, "](")
	if mid < 0 || strings.Contains(s[:mid], "\n") {
		return nil, 0
	}
	end := strings.IndexByte(s[mid:], ')')
	if end < 0 {
		return nil, 0
	}
	look.Text, look.Link = s[start+1:mid], s[mid+2:mid+end]
	if d.dtmd {
		if _, ok := dtmdCommand(look.Link); ok {
			look.Button = look.Text
		}
	}
	return []Span{look}, mid + end + 1
}

// dtmdCommand is the text that a DingTalk link sends on behalf of whoever clicks.
func dtmdCommand(link string) (string, bool) {
	query, ok := strings.CutPrefix(link, "dtmd://dingtalkclient/sendMessage?")
	if !ok {
		return "", false
	}
	for pair := range strings.SplitSeq(query, "&") {
		if value, found := strings.CutPrefix(pair, "content="); found {
			text, err := url.PathUnescape(value) // own choice: a plus is a plus
			return text, err == nil && text != ""
		}
	}
	return "", false
}

// tag reads <font>, <br> and the platform's mentions.
func tag(s string, d dialect, look Span) (spans []Span, size int) {
	if d.mention != nil {
		if account, n := d.mention(s); n > 0 {
			look.Mention, look.Text = account, "@"+account
			return []Span{look}, n
		}
	}
	for _, br := range []string{"<br>", "<br/>", "<br />"} {
		if strings.HasPrefix(s, br) {
			return []Span{{Text: "\n"}}, len(br)
		}
	}
	if !d.fonts || !strings.HasPrefix(s, "<font color=") {
		return nil, 0
	}
	end := strings.IndexByte(s, '>')
	closing := strings.Index(s, "</font>")
	if end < 0 || closing < end {
		return nil, 0
	}
	look.Color = strings.Trim(s[len("<font color="):end], `"' `)
	return inline(s[end+1:closing], d, look), closing + len("</font>")
}
