package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSpan bounds one piece of a line, in characters.
const maxSpan = 300

// symbol is how a mark is shown.
func symbol(m Mark) string {
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

// visible keeps what can be seen: one line, without control characters and
// without those that turn the direction of writing or take no room.
func visible(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		default:
			return r
		}
	}, s))
}

// shortened cuts a text to so many characters, the last of which is then "…".
func shortened(s string, most int) string {
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

// wide writes ASCII characters of a set in their full-width forms. They look
// like themselves, mean nothing to any platform, and a command into which they
// are copied means the same.
func wide(s, set string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < utf8.RuneSelf-1 && strings.ContainsRune(set, r) {
			return r + ('！' - '!')
		}
		return r
	}, s)
}

// steps are the commands to go on with that there is something of to be seen.
// One without a label is its own.
func steps(t Text) []Next {
	var out []Next
	for _, n := range t.Next {
		n.Label = shortened(visible(n.Label), maxSpan)
		if n.Label == "" {
			n.Label = shortened(visible(n.Command), maxSpan)
		}
		if visible(n.Command) != "" {
			out = append(out, n)
		}
	}
	return out
}

// colon is what stands between a label and its command, as the label's script
// has it.
func colon(label string) string {
	if strings.ContainsFunc(label, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return "："
	}
	return ": "
}

// named makes a text that others chose fit to be shown as a name.
func named(s string) string { return shortened(visible(s), 64) }

// identifier tells whether a text can be an id of a platform's.
func identifier(s string) bool {
	return s != "" && len(s) <= 256 && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
}

// commandText is the text and the problem of a message of those words.
func commandText(s string) (text, problem string) {
	text = strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
	if len(text) > MaxText {
		return "", ProblemTooLong
	}
	return text, ""
}
