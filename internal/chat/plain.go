package chat

import (
	"strings"
	"unicode"
)

// plainID tells whether s is an id: letters, digits and marks that mean
// nothing in a path, a header or a list of accounts.
func plainID(s, marks string, most int) bool {
	if s == "" || len(s) > most {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune(marks, r) {
			return false
		}
	}
	return true
}

// plainText takes out of a text what a client might act on: control and
// invisible characters, those that change the direction, the beginning of tags
// such as <at> and <@>, and the schemes that make a link of what follows.
func plainText(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '<':
			return '＜'
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return unlinked(s)
}

// plainLine is a line without any format. Pieces that are no links each may be
// one together.
func plainLine(line Line) string {
	var out strings.Builder
	for _, span := range line {
		out.WriteString(plainText(span.Text))
	}
	return unlinked(out.String())
}

// unlinked takes the schemes out that make a link of what follows.
func unlinked(s string) string { return strings.ReplaceAll(s, "://", "：//") }

// cutBytes shortens a text to at most limit bytes, and shows that it did.
func cutBytes(s string, limit int) string {
	const more = "…"
	if len(s) <= limit {
		return s
	}
	end := max(0, limit-len(more))
	for end > 0 && s[end]&0xC0 == 0x80 {
		end--
	}
	return s[:end] + more
}
