package dingtalk

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

const (
	// DingTalk accepts messages of 15,000 bytes, with everything around the text.
	maxText  = 13000 // bytes inside the JSON
	maxNext  = 6000  // of it, for the commands to send next
	maxTitle = 64    // characters
	maxLink  = 300   // bytes of a command that is offered as a link
)

// The characters with a meaning in DingTalk's Markdown, anywhere and at the
// beginning of a line. No escape for them works in all of its clients.
const (
	markup    = "`[]!<>*~|\\&$@"
	lineMarks = "#-+="
)

// message is a message in Markdown.
type message struct {
	Type     string   `json:"msgtype"`
	Markdown markdown `json:"markdown"`
	At       mentions `json:"at"`
}

type markdown struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

type mentions struct {
	Users []string `json:"atUserIds"`
	All   bool     `json:"isAtAll"`
}

func render(t chat.Text, mention string) message {
	layout := chat.Layout{Size: chat.JSONBytes, Room: maxText, Next: maxNext, Begin: "\n\n", Break: "  \n", Gap: "\n\n", Span: span, Link: link}
	title := chat.NewPage(maxText, chat.JSONBytes)
	title.Add(chat.Symbol(t.Mark) + " ")
	title.Line(t.Title, span)
	out := message{Type: "markdown", At: mentions{Users: []string{}}}
	foot := ""
	if mention != "" {
		out.At.Users = append(out.At.Users, mention)
		foot = at(mention)
	}
	out.Markdown = markdown{
		Title: chat.Shorten(title.String(), maxTitle),
		Text:  layout.Write("#### ", t, chat.Suggestions(t), foot),
	}
	return out
}

// span takes away every meaning of a span in Markdown. Code is not marked,
// because not every client of DingTalk's supports it.
func span(s chat.Span, first bool) string {
	var b strings.Builder
	last := rune(0)
	runes := []rune(chat.FullWidth(s.Text, markup))
	for i, r := range runes {
		switch {
		// Clients make links of addresses: http://…, www.….
		case r == '/' && last == '/':
			r = '／'
		case r == '.' && i+1 < len(runes) && unicode.IsLetter(runes[i+1]) && !plainDot(runes, i):
			r = '．'
		// Within a word, it has no meaning.
		case r == '_' && !inWord(runes, i):
			r = '＿'
		}
		last = r
		b.WriteRune(r)
	}
	if first {
		return chat.LineStart(b.String(), lineMarks)
	}
	return b.String()
}

// inWord reports whether the underscores at i have a letter or a digit on both sides.
func inWord(runes []rune, i int) bool {
	begin, end := i, i
	for begin > 0 && runes[begin-1] == '_' {
		begin--
	}
	for end+1 < len(runes) && runes[end+1] == '_' {
		end++
	}
	return begin > 0 && end+1 < len(runes) && wordRune(runes[begin-1]) && wordRune(runes[end+1])
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// plainDot reports whether the dot at i is one of the function's own names, which must
// be read and copied as they are, and of which no client makes a link: the end of a
// file's name, and an expected value.
func plainDot(runes []rune, i int) bool {
	begin, end := i, i+1
	for begin > 0 && wordRune(runes[begin-1]) {
		begin--
	}
	for end < len(runes) && wordRune(runes[end]) {
		end++
	}
	switch after := string(runes[i+1 : end]); after {
	case "yaml", "yml", "json":
		return true
	default:
		return string(runes[begin:i]) == "expect" && after != "Name"
	}
}

// link offers a command as a link: the client of whoever taps it sends the
// command. The command stands beside the link, so that everybody sees what would
// be sent.
func link(n chat.Next) string {
	to := address(n)
	if to == "" {
		return ""
	}
	return "[" + chat.FullWidth(span(chat.Words(n.Label), true), "()") + "](" + to + ")"
}

// address is the link that sends a command; "" for one that has to be typed.
func address(n chat.Next) string {
	if !chat.PlainID(n.Command, " -_.,:/=", maxLink) {
		return ""
	}
	content := strings.ReplaceAll(url.QueryEscape(n.Command), "+", "%20")
	return "dtmd://dingtalkclient/sendMessage?content=" + content
}

// at is the mention in the text, which clients need in order to show it; "" for
// an id with other characters than letters, digits and hyphens.
func at(user string) string {
	if !chat.PlainID(user, "-", 256) {
		return ""
	}
	return "\n\n@" + user
}
