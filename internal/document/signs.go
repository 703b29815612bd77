package document

import (
	"fmt"
	"unicode"
)

// named shows a character of a message with its code point: a reader may not see
// that it is not the one of ASCII.
func named(r rune) string {
	if unicode.IsSpace(r) {
		return fmt.Sprintf("a blank that is not the ordinary one (U+%04X)", r)
	}
	return fmt.Sprintf("%c (U+%04X)", r, r)
}

// instead says which sign of ASCII to write in place of another, as word processors
// and input methods put it.
func instead(r rune) string {
	switch sign := ascii(r); {
	case sign == ' ':
		return "write an ordinary blank"
	case sign == '"':
		return `write straight quotes: "`
	case sign != 0:
		return fmt.Sprintf("write %c, the sign of ASCII", sign)
	default:
		return "remove it, or put the text in straight quotes"
	}
}

// ascii is the sign of ASCII that another sign looks like; 0 for none.
func ascii(r rune) rune {
	switch {
	case r >= '！' && r <= '～': // the full-width forms of all of ASCII
		return r - '！' + '!'
	case unicode.IsSpace(r):
		return ' '
	}
	switch r {
	case '“', '”', '„', '‟', '«', '»', '「', '」', '『', '』', '〝', '〞', '‘', '’', '‚', '‛':
		return '"'
	case '、', '﹐', '､':
		return ','
	case '︰', '﹕', '꞉', '∶', 'ː':
		return ':'
	case '–', '—', '‐', '‑', '−', '―':
		return '-'
	case '【', '〔', '［':
		return '['
	case '】', '〕', '］':
		return ']'
	default:
		return 0
	}
}
