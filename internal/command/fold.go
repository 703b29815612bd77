package command

import "unicode"

// fold gives the ASCII form of a letter, sign or blank that stands outside
// quotes. Unicode's own foldings will not do: they leave Chinese punctuation
// alone, and they turn letters of names into others.
func fold(r rune) rune {
	switch {
	case r >= '！' && r <= '～': // the full-width forms of all of ASCII
		return r - '！' + '!'
	case r == '\t' || unicode.Is(unicode.Zs, r): // among them U+3000, and U+2005 that WeChat writes after a mention
		return ' '
	}
	switch r {
	case '、', '﹐', '､':
		return ','
	case '。', '｡':
		return '.'
	case '–', '−', '‐', '‑':
		return '-'
	default:
		return r
	}
}

// dash tells the signs into which programs correct two hyphens.
func dash(r rune) bool { return r == '—' || r == '―' }

// dropped tells characters that show nothing and come along with copied text:
// zero-width ones, the soft hyphen, variation selectors.
func dropped(r rune) bool {
	switch {
	case r >= 0x200B && r <= 0x200D, r == 0x2060, r == 0xFEFF, r == 0x00AD:
		return true
	default:
		return unicode.Is(unicode.Variation_Selector, r)
	}
}

// closing gives the quote that ends what r begins.
func closing(r rune) (end rune, ok bool) {
	switch r {
	case '"', '\'', '＂', '＇':
		return r, true
	case '“':
		return '”', true
	case '‘':
		return '’', true
	case '「':
		return '」', true
	case '『':
		return '』', true
	default:
		return 0, false
	}
}

// stray tells quotes that only end what others begin.
func stray(r rune) bool { return r == '”' || r == '’' || r == '」' || r == '』' }

// bidirectional tells characters that change the order in which a line is
// read: what is shown would not be what is done.
func bidirectional(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }

// breaksLine tells every character that some program shows as a new line.
func breaksLine(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x0085, 0x2028, 0x2029:
		return true
	default:
		return false
	}
}
