package dingtalk

import (
	"net/url"
	"strings"
	"unicode"

	"sslvpnchange/internal/chat"
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
	markup    = "`[]()!<>*_~|\\&$@"
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
		case r == '.' && i+1 < len(runes) && unicode.IsLetter(runes[i+1]):
			r = '．'
		}
		last = r
		b.WriteRune(r)
	}
	if first {
		return chat.LineStart(b.String(), lineMarks)
	}
	return b.String()
}

// link offers a command as a link: the client of whoever taps it sends the
// command. The command stands beside the link, so that everybody sees what would
// be sent.
func link(n chat.Next) string {
	if len(n.Command) > maxLink || !chat.PlainID(n.Command, " -_.,:/=", maxLink) {
		return ""
	}
	content := strings.ReplaceAll(url.QueryEscape(n.Command), "+", "%20")
	return "[" + span(chat.Words(n.Label), true) + "](dtmd://dingtalkclient/sendMessage?content=" + content + ")"
}

// at is the mention in the text, which clients need in order to show it; "" for
// an id with other characters than letters, digits and hyphens.
func at(user string) string {
	if !chat.PlainID(user, "-", 256) {
		return ""
	}
	return "\n\n@" + user
}
