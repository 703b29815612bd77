package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// page collects what was rendered, up to a size. A piece is taken whole or not
// at all, so that no markup is cut in half; "…" stands for the first that found
// no room and all after it.
type page struct {
	size func(string) int // in the unit of the platform's limit
	room int              // what is left
	text strings.Builder
	full bool
}

func (p *page) add(piece string) {
	if p.full {
		return
	}
	n := p.size(piece)
	if n > p.room {
		p.full = true
		p.text.WriteString("…")
		return
	}
	p.room -= n
	p.text.WriteString(piece)
}

// line adds a line's pieces. Between a code piece and a letter beside it comes a
// blank: platforms do not see marks of code inside a word. The same holds between
// pieces that would be more together than each is.
func (p *page) line(l Line, render func(s Span, first bool) string) {
	last, first := Span{}, true
	for _, s := range l {
		s.Text = between(s, l)
		if s.Text == "" {
			continue
		}
		piece := render(s, first)
		if !first && glued(last, s) {
			piece = " " + piece
		}
		p.add(piece)
		last, first = s, false
	}
}

// between is a piece's text as it may be shown. Blanks around words stay where
// they part them from their neighbors.
func between(s Span, l Line) string {
	text := visible(s.Text)
	if s.Code {
		if text == "" {
			text = `""` // an empty value is something to be seen
		}
		return shortened(text, maxSpan)
	}
	text = shortened(text, maxSpan)
	if len(l) == 1 {
		return text
	}
	if r, _ := utf8.DecodeRuneInString(s.Text); unicode.IsSpace(r) && text != "" {
		text = " " + text
	}
	if r, _ := utf8.DecodeLastRuneInString(s.Text); unicode.IsSpace(r) {
		text += " "
	}
	return text
}

func glued(a, b Span) bool {
	left, _ := utf8.DecodeLastRuneInString(a.Text)
	right, _ := utf8.DecodeRuneInString(b.Text)
	switch {
	case a.Code && b.Code:
		return true
	// An address, of which no piece is one: "example." and "com", "https:/" and "/".
	case strings.ContainsRune(".:/", left) && (right == '/' || letterOrDigit(right)):
		return true
	case a.Code:
		return letterOrDigit(right)
	case b.Code:
		return letterOrDigit(left)
	default:
		return false
	}
}

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
