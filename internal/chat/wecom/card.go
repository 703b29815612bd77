package wecom

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// What a card of the kind button_interaction shows, in characters. The API recommends
// these lengths and cuts longer text
// (developer.work.weixin.qq.com/document/path/90236).
const (
	maxCardTitle   = 36
	maxCardText    = 160
	maxCardButtons = 6
	maxCardLabel   = 10
	maxCardKey     = 1024 // bytes: what a button sends
)

// templateCard is a card with buttons, or without them of the kind text_notice.
type templateCard struct {
	Kind    string       `json:"card_type"`
	Title   cardTitle    `json:"main_title"`
	Text    string       `json:"sub_title_text,omitempty"`
	Task    string       `json:"task_id"`
	Buttons []cardButton `json:"button_list,omitempty"`
	Action  *cardAction  `json:"card_action,omitempty"`
}

type cardTitle struct {
	Title string `json:"title"`
}

type cardButton struct {
	Text  string `json:"text"`
	Style int    `json:"style"`
	Key   string `json:"key"`
}

// cardAction is what a text_notice opens, which must be something.
type cardAction struct {
	Type int    `json:"type"`
	URL  string `json:"url"`
}

// opened is what a card without buttons opens: the API requires an address.
const opened = "https://work.weixin.qq.com"

// cardOf writes a card. whole reports whether it shows the whole text. A button of
// WeCom's cannot ask: what its command does to people stands in the text, and a
// command that the text does not show has to be typed.
func cardOf(t chat.Text, task string) (card templateCard, whole bool) {
	layout := chat.Layout{Size: utf8.RuneCountInString, Room: 1 << 20, Next: 1 << 20, Break: "\n", Gap: "\n\n", Span: textSpan}
	title := layout.Write("", chat.Text{Mark: t.Mark, Title: t.Title}, nil, "")
	var warnings []chat.Line
	suggestions := chat.Suggestions(t)
	for _, n := range suggestions {
		if w := chat.Visible(n.Warning); w != "" {
			warnings = append(warnings, chat.Line{chat.Words("⚠️ " + n.Label + chat.Separator(n.Label) + w)})
		}
	}
	all := title + "\n" + layout.Body(t.Lines, nil)
	buttons, typed := chat.Buttons(suggestions, maxCardButtons, func(n chat.Next) bool {
		return len(n.Command) <= maxCardKey && chat.Shown(all, textSpan(chat.Code(n.Command), false))
	})
	for i := range typed {
		typed[i].Warning = "" // it stands above
	}
	text := layout.Body(append(warnings, t.Lines...), typed)
	short, cut := shortTitle(layout, t, title)
	if whole := title + "\n" + text; cut && utf8.RuneCountInString(whole) <= maxCardText {
		text, cut = whole, false
	}
	card = templateCard{Kind: "button_interaction", Task: task, Title: cardTitle{short}, Text: chat.Shorten(text, maxCardText)}
	for _, n := range buttons {
		card.Buttons = append(card.Buttons, cardButton{
			Text: shortLabel(textSpan(chat.Words(n.Label), true)), Style: 1, Key: n.Command,
		})
	}
	if len(buttons) == 0 {
		card.Kind, card.Action = "text_notice", &cardAction{Type: 1, URL: opened}
	}
	return card, !cut && card.Text == text
}

// maxCardCode is how long a code may be in a title that is too long: ids are left out.
const maxCardCode = 20 // characters

// shortTitle is a title that fits; cut reports whether something of it is left out.
func shortTitle(l chat.Layout, t chat.Text, title string) (short string, cut bool) {
	if utf8.RuneCountInString(title) <= maxCardTitle {
		return title, false
	}
	var rest chat.Line
	for _, s := range t.Title {
		if !s.Code || utf8.RuneCountInString(s.Text) <= maxCardCode {
			rest = append(rest, s)
		}
	}
	return chat.Shorten(l.Write("", chat.Text{Mark: t.Mark, Title: rest}, nil, ""), maxCardTitle), true
}

// shortLabel is a label that fits: what it does, without to what, if need be.
func shortLabel(label string) string {
	if utf8.RuneCountInString(label) > maxCardLabel {
		if i := strings.IndexAny(label, ":："); i > 0 {
			label = label[:i]
		}
	}
	return chat.Shorten(label, maxCardLabel)
}

// taskID is the id of a card: the same for a repetition.
func taskID(to chat.Room, id string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{to.ID, id}, "\n")))
	return hex.EncodeToString(sum[:20])
}
