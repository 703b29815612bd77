package slack

import (
	"strconv"
	"strings"
	"unicode"

	"sslvpnchange/internal/chat"
)

// Slack's limits, in UTF-16 units where it says characters.
const (
	maxSection = 2950 // of 3000: the text of a section
	maxNext    = 1200 // of it, for commands that are no buttons
	maxLabel   = 75
	maxButtons = 5
	maxValue   = 2000
)

// message is a message. Text is what notifications show.
type message struct {
	ResponseType    string  `json:"response_type,omitempty"`
	ReplaceOriginal *bool   `json:"replace_original,omitempty"`
	Channel         string  `json:"channel,omitempty"`
	Thread          string  `json:"thread_ts,omitempty"`
	UnfurlLinks     *bool   `json:"unfurl_links,omitempty"`
	UnfurlMedia     *bool   `json:"unfurl_media,omitempty"`
	Text            string  `json:"text"`
	Blocks          []block `json:"blocks"`
}

type block struct {
	Type     string    `json:"type"`
	Text     *text     `json:"text,omitempty"`
	Elements []element `json:"elements,omitempty"`
}

type text struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim,omitempty"` // addresses and names do not become links
}

type element struct {
	Type     string `json:"type"`
	ActionID string `json:"action_id"`
	Text     text   `json:"text"`
	Value    string `json:"value"`
}

func render(t chat.Text, mention string) message {
	buttons, typed := chat.Buttons(chat.Suggestions(t), maxButtons, func(n chat.Next) bool { return len(n.Command) <= maxValue })
	layout := chat.Layout{Size: chat.UTF16, Room: maxSection, Next: maxNext, Begin: "\n", Break: "\n", Gap: "\n\n", Span: span}
	body := layout.Write(mention, t, typed, "")
	out := message{Text: body, Blocks: []block{{Type: "section", Text: &text{Type: "mrkdwn", Text: body, Verbatim: true}}}}
	if len(buttons) > 0 {
		out.Blocks = append(out.Blocks, block{Type: "actions", Elements: elements(buttons)})
	}
	return out
}

func elements(buttons []chat.Next) []element {
	var out []element
	for i, n := range buttons {
		label := chat.Shorten(n.Label, maxLabel/2) // a character has two units at most
		out = append(out, element{
			Type: "button", ActionID: "next-" + strconv.Itoa(i+1), Text: text{Type: "plain_text", Text: label}, Value: n.Command,
		})
	}
	return out
}

// at renders a mention of a verified sender; "" for anything else.
func at(user string) string {
	if !isID(user) {
		return ""
	}
	return "<@" + user + "> "
}

// span renders a span in Slack's mrkdwn. The only marks in the result are the
// back-ticks around code, and no text contains one.
func span(s chat.Span, first bool) string {
	if s.Code {
		return "`" + escaped(chat.FullWidth(s.Text, "`")) + "`"
	}
	text := chat.FullWidth(s.Text, "`*_~")
	if first && strings.HasPrefix(text, ">") {
		text = chat.FullWidth(text[:1], ">") + text[1:] // a quotation
	}
	return escaped(withoutColons(text))
}

func escaped(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "&", "&amp;"), "<", "&lt;"), ">", "&gt;")
}

// withoutColons replaces colons before letters, which would make a link of an
// address and a picture of an emoji's name.
func withoutColons(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		if r == ':' && i+1 < len(runes) && (runes[i+1] == '/' || unicode.IsLetter(runes[i+1])) {
			r = '：'
		}
		b.WriteRune(r)
	}
	return b.String()
}
