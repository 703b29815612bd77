package feishu

import "sslvpnchange/internal/chat"

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
// nor formats.
type card struct {
	Config   config    `json:"config"`
	Header   header    `json:"header"`
	Elements []element `json:"elements"`
}

type config struct {
	Wide bool `json:"wide_screen_mode"`
	// Forward is false: the buttons are for the room that was answered.
	Forward bool `json:"enable_forward"`
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
	Actions []button `json:"actions,omitempty"`
}

type button struct {
	Tag     string       `json:"tag"`
	Text    text         `json:"text"`
	Type    string       `json:"type"`
	Value   buttonValue  `json:"value"`
	Confirm confirmation `json:"confirm"`
}

// buttonValue comes back with a click.
type buttonValue struct {
	Command string `json:"command"`
}

// confirmation shows the complete command before it is sent: a label is short.
type confirmation struct {
	Title text `json:"title"`
	Text  text `json:"text"`
}

// render writes an answer as a card's JSON, short enough for the API.
func render(t chat.Text) string {
	layout := chat.Layout{Size: chat.JSONBytes, Room: maxBody, Next: maxNext, Break: "\n", Gap: "\n\n", Span: span}
	title := chat.NewPage(maxBody, chat.JSONBytes)
	title.Add(chat.Symbol(t.Mark) + " ")
	title.Line(t.Title, span)
	out := card{
		Config:   config{Wide: true},
		Header:   header{Title: plain(chat.Shorten(title.String(), maxTitle)), Template: color(t.Mark)},
		Elements: []element{},
	}
	room := maxActions
	buttons, typed := chat.Buttons(chat.Suggestions(t), maxButtons, func(n chat.Next) bool {
		size := len(chat.Encode(actionOf(n))) + 1
		if size > room {
			return false
		}
		room -= size
		return true
	})
	if body := layout.Body(t.Lines, typed); body != "" {
		content := plain(body)
		out.Elements = append(out.Elements, element{Tag: "div", Text: &content})
	}
	if len(buttons) > 0 {
		actions := make([]button, len(buttons))
		for i, n := range buttons {
			actions[i] = actionOf(n)
		}
		out.Elements = append(out.Elements, element{Tag: "action", Actions: actions})
	}
	if len(out.Elements) == 0 { // a card needs one
		out.Elements = []element{{Tag: "div", Text: &out.Header.Title}}
	}
	return string(chat.Encode(out))
}

func actionOf(n chat.Next) button {
	label := plain(chat.Shorten(span(chat.Words(n.Label), true), maxLabel))
	return button{
		Tag: "button", Text: label, Type: "default", Value: buttonValue{n.Command},
		Confirm: confirmation{Title: label, Text: plain(span(chat.Code(n.Command), true))},
	}
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
