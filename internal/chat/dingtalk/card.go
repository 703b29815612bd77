package dingtalk

import (
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// The bounds of a card.
const (
	maxCardButtons = 6
	maxCardLabel   = 20 // characters
)

// The content of a card with DingTalk's template StandardCard, in the form of the
// samples of the vendor's SDK
// (github.com/open-dingtalk/dingtalk-stream-sdk-python, interactive_card.py).
type (
	cardData struct {
		Config   cardConfig    `json:"config"`
		Header   cardHeader    `json:"header"`
		Contents []cardContent `json:"contents"`
	}
	cardConfig struct {
		Layout  bool `json:"autoLayout"`
		Forward bool `json:"enableForward"`
	}
	cardHeader struct {
		Title cardText `json:"title"`
	}
	cardText struct {
		Type string `json:"type"`
		Text string `json:"text"`
		ID   string `json:"id,omitempty"`
	}
	cardContent struct {
		Type    string       `json:"type"`
		Text    string       `json:"text,omitempty"`
		Actions []cardAction `json:"actions,omitempty"`
		ID      string       `json:"id"`
	}
	cardAction struct {
		Type   string   `json:"type"`
		Label  cardText `json:"label"`
		Action string   `json:"actionType"`
		URL    struct {
			All string `json:"all"`
		} `json:"url"`
		Status string `json:"status"`
		ID     string `json:"id"`
	}
)

// renderCard writes a card. Its buttons open the link that sends a command from the
// client of whoever taps it. Every command stands in the text as well, with what it
// does: a button of DingTalk's cannot ask, and not every client follows such a link
// from a card.
func renderCard(t chat.Text) string {
	next := chat.Suggestions(t)
	layout := chat.Layout{Size: chat.JSONBytes, Room: maxText / 2, Next: maxNext / 2, Break: "  \n", Gap: "\n\n", Span: span}
	title := chat.NewPage(maxText, chat.JSONBytes)
	title.Add(chat.Symbol(t.Mark) + " ")
	title.Line(t.Title, span)
	out := cardData{
		Config: cardConfig{Layout: true},
		Header: cardHeader{cardText{Type: "text", Text: chat.Shorten(title.String(), maxTitle)}},
	}
	body := layout.Body(t.Lines, next)
	if body == "" {
		body = out.Header.Title.Text // a card needs content
	}
	out.Contents = append(out.Contents, cardContent{Type: "markdown", Text: body, ID: "text"})
	buttons, _ := chat.Buttons(next, maxCardButtons, func(n chat.Next) bool { return address(n) != "" })
	actions := cardContent{Type: "action", ID: "commands"}
	for i, n := range buttons {
		number := strconv.Itoa(i + 1)
		a := cardAction{
			Type: "button", Label: cardText{Type: "text", Text: chat.Shorten(span(chat.Words(n.Label), true), maxCardLabel), ID: "label-" + number},
			Action: "openLink", Status: "normal", ID: "next-" + number,
		}
		a.URL.All = address(n)
		actions.Actions = append(actions.Actions, a)
	}
	if len(buttons) > 0 {
		out.Contents = append(out.Contents, actions)
	}
	return string(chat.Encode(out))
}
