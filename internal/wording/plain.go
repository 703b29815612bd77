package wording

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// Plain renders a text for a terminal.
func Plain(t chat.Text) string {
	var b strings.Builder
	plainLine(&b, t.Title)
	for _, l := range t.Lines {
		b.WriteString("\n  ")
		plainLine(&b, l)
	}
	for _, n := range t.Next {
		b.WriteString("\n  > " + chat.OneLine(n.Command))
	}
	return b.String()
}

// PlainLine renders one line for a terminal.
func PlainLine(l chat.Line) string {
	var b strings.Builder
	plainLine(&b, l)
	return b.String()
}

func plainLine(b *strings.Builder, l chat.Line) {
	for _, s := range l {
		b.WriteString(chat.OneLine(s.Text)) // names are anybody's: no line feeds, nothing that a terminal acts on
	}
}
