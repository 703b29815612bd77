package feishu

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// The bounds of a card, in bytes of its JSON. The API accepts 30 KB.
const (
	maxBody    = 14 << 10
	maxNext    = 4 << 10 // of maxBody, for commands that are no buttons
	maxTitle   = 120     // characters
	maxButtons = 8
	maxActions = 10 << 10 // all buttons together
	maxLabel   = 40       // characters
)

// card is a message with buttons, in the form that all clients support. All of
// its text is plain_text, in which clients look for neither mentions nor links
// nor formats. The one exception has mentions, and nothing else.
type card struct {
	Config   config    `json:"config"`
	Header   header    `json:"header"`
	Elements []element `json:"elements"`
}

type config struct {
	Wide bool `json:"wide_screen_mode"`
	// Forward is false: the buttons are for the room that was answered.
	Forward bool `json:"enable_forward"`
	// Multi allows updates, which everybody sees
	// (open.feishu.cn/document/server-docs/im-v1/message-card/patch).
	Multi bool `json:"update_multi,omitempty"`
}

type header struct {
	Title    text   `json:"title"`
	Template string `json:"template"`
}

type text struct {
	Tag     string `json:"tag"`
	Content string `json:"content"`
}

type element struct {
	Tag     string   `json:"tag"`
	Text    *text    `json:"text,omitempty"`
	Content string   `json:"content,omitempty"` // of mentions
	Actions []button `json:"actions,omitempty"`
}

type button struct {
	Tag     string        `json:"tag"`
	Text    text          `json:"text"`
	Type    string        `json:"type"`
	Value   buttonValue   `json:"value"`
	Confirm *confirmation `json:"confirm,omitempty"`
}

// buttonValue comes back with a click.
type buttonValue struct {
	Command string `json:"command"`
}

// confirmation asks before a command is sent that disconnects people, or that sets
// what the card does not show: a label is short.
type confirmation struct {
	Title text `json:"title"`
	Text  text `json:"text"`
}

// render writes an answer as a card's JSON, short enough for the API.
func render(t chat.Text) string { return string(chat.Encode(cardOf(t))) }

// renderCard writes a card of a room. One that is posted mentions people.
func renderCard(c chat.Card, mention bool) string {
	out := cardOf(c.Text)
	out.Config.Multi = true
	if at := mentionAll(c.Mention); at != "" && mention {
		out.Elements = append([]element{{Tag: "markdown", Content: at}}, out.Elements...)
	}
	return string(chat.Encode(out))
}

// mentionAll mentions people as the element markdown does
// (open.feishu.cn/document/ukTMukTMukTM/uADOwUjLwgDM14CM4ATN).
func mentionAll(users []string) string {
	var out []string
	for _, user := range chat.Mentioned(users, isOpenID) {
		out = append(out, "<at id="+user+"></at>")
	}
	return strings.Join(out, " ")
}

// isOpenID reports whether a text is a person's open_id, and so neither "all" nor
// the end of a tag.
func isOpenID(id string) bool {
	rest, ok := strings.CutPrefix(id, "ou_")
	return ok && chat.PlainID(rest, "_-", 128)
}

func cardOf(t chat.Text) card {
	layout := chat.Layout{Size: chat.JSONBytes, Room: maxBody, Next: maxNext, Break: "\n", Gap: "\n\n", Span: span}
	title := chat.NewPage(maxBody, chat.JSONBytes)
	title.Add(chat.Symbol(t.Mark) + " ")
	title.Line(t.Title, span)
	out := card{
		Config:   config{Wide: true},
		Header:   header{Title: plain(chat.Shorten(title.String(), maxTitle)), Template: color(t.Mark)},
		Elements: []element{},
	}
	// What is in this text is in the card, however many commands have to be typed.
	sure := layout
	sure.Room -= maxNext
	certain := out.Header.Title.Content + "\n" + sure.Body(t.Lines, nil)
	var actions []button
	room := maxActions
	_, typed := chat.Buttons(chat.Suggestions(t), maxButtons, func(n chat.Next) bool {
		b, ok := buttonOf(n, certain)
		size := len(chat.Encode(b)) + 1
		if !ok || size > room {
			return false
		}
		room -= size
		actions = append(actions, b)
		return true
	})
	if body := layout.Body(t.Lines, typed); body != "" {
		content := plain(body)
		out.Elements = append(out.Elements, element{Tag: "div", Text: &content})
	}
	if len(actions) > 0 {
		out.Elements = append(out.Elements, element{Tag: "action", Actions: actions})
	}
	if len(out.Elements) == 0 { // a card needs one
		out.Elements = []element{{Tag: "div", Text: &out.Header.Title}}
	}
	return out
}

// buttonOf makes the button of a command under a text; false for one whose
// confirmation would be too long.
func buttonOf(n chat.Next, shown string) (button, bool) {
	label := plain(chat.Shorten(span(chat.Words(n.Label), true), maxLabel))
	b := button{Tag: "button", Text: label, Type: "default", Value: buttonValue{n.Command}}
	n.Command, n.Warning = span(chat.Code(n.Command), true), span(chat.Words(chat.Visible(n.Warning)), true)
	asks, ok := chat.Question(n, chat.Shown(shown, n.Command), maxActions, chat.JSONBytes)
	if asks != "" {
		b.Confirm = &confirmation{Title: label, Text: plain(asks)}
	}
	return b, ok
}

// span makes sure that a text that is shown elsewhere, such as in a
// notification, does not become a link or a tag either.
func span(s chat.Span, _ bool) string { return chat.Unlinked(chat.FullWidth(s.Text, "<")) }

func plain(s string) text { return text{Tag: "plain_text", Content: s} }

// color is the color of a card's header.
func color(m chat.Mark) string {
	switch m {
	case chat.Done:
		return "green"
	case chat.Waits:
		return "orange"
	case chat.Refused:
		return "red"
	case chat.Info:
		return "blue"
	default:
		return "grey"
	}
}
