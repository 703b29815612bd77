package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSpan bounds one span of a line, in characters.
const maxSpan = 300

// Symbol is how a mark is shown.
func Symbol(m Mark) string {
	switch m {
	case Done:
		return "✅"
	case Waits:
		return "⏳"
	case Refused:
		return "⛔"
	case Info:
	}
	return "ℹ️"
}

// Visible returns the visible part of a text, on one line: without control
// characters, characters of zero width, and those that change the direction of
// writing.
func Visible(s string) string { return strings.TrimSpace(OneLine(s)) }

// OneLine is Visible for a part of a line, which keeps its blanks.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		default:
			return r
		}
	}, s)
}

// Shorten cuts a text to at most so many characters, the last of which is then
// "…".
func Shorten(s string, most int) string {
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s
	}
	n := 0
	for i := range s {
		if n++; n == most {
			return s[:i] + "…"
		}
	}
	return s
}

// DisplayName makes a text that others chose fit to be shown as a name.
func DisplayName(s string) string { return Shorten(Visible(s), 64) }

// FullWidth replaces the ASCII characters of a set by their full-width forms.
// Those look the same and have no special meaning on any platform, and package
// command reads them like the originals.
func FullWidth(s, set string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < utf8.RuneSelf-1 && strings.ContainsRune(set, r) {
			return r + ('！' - '!')
		}
		return r
	}, s)
}

// LineStart takes away the meaning that a text has in Markdown at the beginning
// of a line: signs of a set, and the number of a list.
func LineStart(text, signs string) string {
	rest := strings.TrimLeft(text, signs)
	text = FullWidth(text[:len(text)-len(rest)], signs) + rest
	rest = strings.TrimLeft(text, "0123456789")
	if after := strings.TrimLeft(rest, ".)"); len(rest) < len(text) && rest != "" && (after == "" || after[0] == ' ') {
		text = text[:len(text)-len(rest)] + FullWidth(rest[:1], ".)") + rest[1:]
	}
	return text
}

// Unlinked replaces what makes a link of an address.
func Unlinked(s string) string { return strings.ReplaceAll(s, "://", "：//") }

// Separator stands between a label and its command, in the label's script.
func Separator(label string) string {
	if strings.ContainsFunc(label, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return "："
	}
	return ": "
}

// Suggestions are the commands to send next that have something visible. One
// without a label has its command as the label.
func Suggestions(t Text) []Next {
	var out []Next
	for _, n := range t.Next {
		n.Label = Shorten(Visible(n.Label), maxSpan)
		if n.Label == "" {
			n.Label = Shorten(Visible(n.Command), maxSpan)
		}
		if Visible(n.Command) != "" {
			out = append(out, n)
		}
	}
	return out
}

// Buttons divides commands into at most so many for buttons, and the others,
// which are shown for typing. A button's command contains nothing invisible, and
// fits.
func Buttons(next []Next, most int, fits func(Next) bool) (buttons, typed []Next) {
	for _, n := range next {
		if len(buttons) < most && Visible(n.Command) == n.Command && fits(n) {
			buttons = append(buttons, n)
		} else {
			typed = append(typed, n)
		}
	}
	return buttons, typed
}
