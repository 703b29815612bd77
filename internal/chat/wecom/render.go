package wecom

import (
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// The maximum lengths of texts, in bytes.
const (
	maxText     = 2048  // of an app
	maxMarkdown = 20480 // of an AI bot
)

// renderText renders an answer for an app's text message, which has no formats.
func renderText(t chat.Text) string { return write(t, maxText, textSpan) }

// renderMarkdown renders an answer for an AI bot, whose messages always are
// Markdown. Signs with a meaning are replaced by their full-width forms, since
// no escape works in every client.
func renderMarkdown(t chat.Text) string { return write(t, maxMarkdown, markdownSpan) }

func write(t chat.Text, room int, span func(s chat.Span, first bool) string) string {
	layout := chat.Layout{Size: chat.Bytes, Room: room, Next: room / 2, Begin: "\n", Break: "\n", Gap: "\n\n", Span: span}
	return layout.Write("", t, chat.Suggestions(t), "")
}

// textSpan takes away the meaning of a span in a text message: tags such as <a>
// and <@user>, and links.
func textSpan(s chat.Span, _ bool) string { return chat.Unlinked(chat.FullWidth(s.Text, "<")) }

// markdownSpan renders a span in Markdown. Code is between back-ticks.
func markdownSpan(s chat.Span, first bool) string {
	text := textSpan(s, first)
	if s.Code {
		return "`" + strings.TrimSpace(chat.FullWidth(text, "`")) + "`"
	}
	text = chat.FullWidth(text, "*_`[]~#>|\\$&")
	if first {
		return chat.LineStart(text, "-+=")
	}
	return text
}
