package chat

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Bytes measures a text in bytes of UTF-8.
func Bytes(s string) int { return len(s) }

// UTF16 measures a text in UTF-16 units, which some platforms call characters.
func UTF16(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// JSONBytes measures a text in bytes of UTF-8, as written by Encode inside a
// JSON string.
func JSONBytes(s string) int { return len(Encode(s)) - len(`""`) }

// Page collects rendered text up to a size. A piece is added completely or not
// at all, so that no markup is cut. "…" stands for the first piece that does not
// fit and everything after it. Make one with NewPage.
type Page struct {
	size func(string) int
	room int // what is left, in units
	text strings.Builder
	full bool
}

// NewPage makes an empty page with so much room, in the unit that size measures.
func NewPage(room int, size func(string) int) *Page {
	return &Page{size: size, room: room - size("…")}
}

// Add adds a piece, if it fits.
func (p *Page) Add(piece string) {
	if p.full || piece == "" {
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

// Line adds the spans of a line. A blank is inserted between two that would mean
// something together, such as the halves of an address, and between code and a
// letter, where platforms do not recognize code.
func (p *Page) Line(l Line, render func(s Span, first bool) string) {
	last, first := Span{}, true
	for _, s := range l {
		if p.full {
			return
		}
		s.Text = shown(s, l)
		if first {
			s.Text = strings.TrimLeft(s.Text, " ")
		}
		if s.Text == "" {
			continue
		}
		piece := render(s, first)
		if !first && joined(last, s) {
			piece = " " + piece
		}
		p.Add(piece)
		last, first = s, false
	}
}

// String returns what was collected.
func (p *Page) String() string { return p.text.String() }

// shown is the visible text of a span. Blanks around words are kept where they
// separate them from their neighbors.
func shown(s Span, l Line) string {
	text := Shorten(Visible(s.Text), maxSpan)
	if s.Code {
		if text == "" {
			return `""` // so that an empty value can be seen
		}
		return text
	}
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

func joined(a, b Span) bool {
	left, _ := utf8.DecodeLastRuneInString(a.Text)
	right, _ := utf8.DecodeRuneInString(b.Text)
	switch {
	case a.Code && b.Code:
		return true
	// Two halves of an address: "example." and "com", "https:/" and "/".
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
