package slack

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Slack's limits, in UTF-16 units where it says characters.
const (
	maxSection = 2950 // of 3000: the text of a section, with its mentions
	maxNext    = 1200 // of it, for commands that are no buttons
	maxLabel   = 75
	maxButtons = 5
	maxConfirm = 300  // of the text that confirms a button
	maxValue   = 2000 // of what a button sends
)

// message is a message. Text is what notifications show.
type message struct {
	ResponseType    string  `json:"response_type,omitempty"`
	ReplaceOriginal *bool   `json:"replace_original,omitempty"`
	Channel         string  `json:"channel,omitempty"`
	Stamp           string  `json:"ts,omitempty"` // of the message that is updated
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
	Type     string        `json:"type"`
	ActionID string        `json:"action_id"`
	Text     text          `json:"text"`
	Value    string        `json:"value"`
	Confirm  *confirmation `json:"confirm,omitempty"`
}

// confirmation asks before a command is sent that disconnects people, or that sets
// what the message does not show: a label is short.
// Limits: docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object.
type confirmation struct {
	Title   text `json:"title"`
	Text    text `json:"text"`
	Confirm text `json:"confirm"`
	Deny    text `json:"deny"`
}

func render(t chat.Text, mention string) message {
	layout := chat.Layout{Size: chat.UTF16, Room: maxSection, Next: maxNext, Begin: "\n", Break: "\n", Gap: "\n\n", Span: span}
	// What is in this text is in the message, however many commands have to be typed.
	sure := layout
	sure.Room -= maxNext
	certain := sure.Write(mention, t, nil, "")
	question := func(n chat.Next) (string, bool) {
		n.Command, n.Warning = confirmed(n), withoutColons(chat.Visible(n.Warning))
		return chat.Question(n, chat.Shown(certain, n.Command), maxConfirm, chat.UTF16)
	}
	buttons, typed := chat.Buttons(chat.Suggestions(t), maxButtons, func(n chat.Next) bool {
		_, ok := question(n)
		return ok && len(n.Command) <= maxValue
	})
	body := layout.Write(mention, t, typed, "")
	out := message{Text: body, Blocks: []block{{Type: "section", Text: &text{Type: "mrkdwn", Text: body, Verbatim: true}}}}
	if len(buttons) > 0 {
		actions := block{Type: "actions"}
		for i, n := range buttons {
			asks, _ := question(n)
			actions.Elements = append(actions.Elements, buttonOf(n, i+1, asks))
		}
		out.Blocks = append(out.Blocks, actions)
	}
	return out
}

func buttonOf(n chat.Next, number int, asks string) element {
	label := chat.Shorten(n.Label, maxLabel/2) // a character has two units at most
	e := element{Type: "button", ActionID: "next-" + strconv.Itoa(number), Text: plain(label), Value: n.Command}
	if asks != "" {
		e.Confirm = confirm(n, label, asks)
	}
	return e
}

// confirm asks for the confirmation of a command, in the language of its label.
func confirm(n chat.Next, label, asks string) *confirmation {
	send, leave := "Send", "Cancel"
	if lang.Of(n.Label, lang.English) == lang.Chinese {
		send, leave = "发送", "取消"
	}
	return &confirmation{Title: plain(label), Text: plain(asks), Confirm: plain(send), Deny: plain(leave)}
}

// confirmed is the complete command as the confirmation shows it.
func confirmed(n chat.Next) string { return withoutColons(n.Command) }

func plain(s string) text { return text{Type: "plain_text", Text: s} }

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
