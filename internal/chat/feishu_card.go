package chat

import (
	"encoding/json"
	"strings"
)

// The bounds of a card. The API takes 30 KB.
const (
	feishuMaxCard    = 28 << 10
	feishuMaxTitle   = 400 // bytes
	feishuMaxButtons = 8
)

// feishuCard is a message with buttons, of the form that all clients know. All
// text in it is plain_text, in which a client looks for neither mentions nor
// links nor formats.
type feishuCard struct {
	Config   feishuConfig    `json:"config"`
	Header   feishuHeader    `json:"header"`
	Elements []feishuElement `json:"elements"`
}

type feishuConfig struct {
	Wide bool `json:"wide_screen_mode"`
	// Forward is false: the buttons are for the room that was answered.
	Forward bool `json:"enable_forward"`
}

type feishuHeader struct {
	Title    feishuText `json:"title"`
	Template string     `json:"template"`
}

type feishuText struct {
	Tag     string `json:"tag"`
	Content string `json:"content"`
}

type feishuElement struct {
	Tag     string         `json:"tag"`
	Text    *feishuText    `json:"text,omitempty"`
	Actions []feishuButton `json:"actions,omitempty"`
}

type feishuButton struct {
	Tag     string            `json:"tag"`
	Text    feishuText        `json:"text"`
	Type    string            `json:"type"`
	Value   feishuButtonValue `json:"value"`
	Confirm feishuConfirm     `json:"confirm"`
}

// feishuButtonValue comes back with a click.
type feishuButtonValue struct {
	Command string `json:"command"`
}

// feishuConfirm shows the whole command before it is sent: a label is short.
type feishuConfirm struct {
	Title feishuText `json:"title"`
	Text  feishuText `json:"text"`
}

// feishuRender writes an answer as a card's JSON, short enough for the API.
func feishuRender(t Text) (string, error) {
	for limit := feishuMaxCard / 2; ; limit /= 2 {
		card, err := json.Marshal(feishuCardOf(t, limit))
		if err != nil {
			return "", err
		}
		if len(card) <= feishuMaxCard || limit == 0 {
			return string(card), nil
		}
	}
}

// feishuCardOf makes a card whose body has at most limit bytes. Commands that
// would not fit are left out: a part of a command is another command.
func feishuCardOf(t Text, limit int) feishuCard {
	card := feishuCard{
		Config:   feishuConfig{Wide: true},
		Header:   feishuHeader{Title: feishuPlainText(feishuMark(t)), Template: feishuColour(t.Mark)},
		Elements: []feishuElement{},
	}
	lines := make([]string, 0, len(t.Lines))
	for _, line := range t.Lines {
		lines = append(lines, plainLine(line))
	}
	if body := cutBytes(strings.Join(lines, "\n"), limit); strings.TrimSpace(body) != "" {
		text := feishuPlainText(body)
		card.Elements = append(card.Elements, feishuElement{Tag: "div", Text: &text})
	}
	var buttons []feishuButton
	for _, next := range t.Next {
		if len(buttons) == feishuMaxButtons || len(next.Command) > limit/4 {
			continue
		}
		label := feishuPlainText(cutBytes(plainText(next.Label), feishuMaxTitle/4))
		buttons = append(buttons, feishuButton{
			Tag: "button", Text: label, Type: "default", Value: feishuButtonValue{next.Command},
			Confirm: feishuConfirm{Title: label, Text: feishuPlainText(plainText(next.Command))},
		})
	}
	if len(buttons) > 0 {
		card.Elements = append(card.Elements, feishuElement{Tag: "action", Actions: buttons})
	}
	return card
}

func feishuMark(t Text) string {
	return cutBytes(symbol(t.Mark)+" "+plainLine(t.Title), feishuMaxTitle)
}

func feishuPlainText(s string) feishuText { return feishuText{Tag: "plain_text", Content: s} }

// feishuColour is the colour of a card's header.
func feishuColour(m Mark) string {
	switch m {
	case Done:
		return "green"
	case Waits:
		return "orange"
	case Refused:
		return "red"
	case Info:
		return "blue"
	default:
		return "grey"
	}
}
