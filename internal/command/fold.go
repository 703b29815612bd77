package command

import "unicode"

// fold returns the ASCII form of a letter, sign or blank outside quotes. Unicode's
// own foldings are unsuitable: they keep Chinese punctuation, and they replace
// letters of names.
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

// dash reports whether r is a sign that programs put in place of two hyphens.
func dash(r rune) bool { return r == '—' || r == '―' }

// dropped reports whether r is invisible and comes with copied text: zero-width
// characters, the soft hyphen, variation selectors.
func dropped(r rune) bool {
	switch {
	case r >= 0x200B && r <= 0x200D, r == 0x2060, r == 0xFEFF, r == 0x00AD:
		return true
	default:
		return unicode.Is(unicode.Variation_Selector, r)
	}
}

// closing returns the quote that closes the opening quote r.
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

// stray reports whether r is a quote that can only close.
func stray(r rune) bool { return r == '”' || r == '’' || r == '」' || r == '』' }

// bidirectional reports whether r changes the reading order of a line. Such a line
// would not be executed as it is displayed.
func bidirectional(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }

// breaksLine reports whether some program displays r as a line break.
func breaksLine(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x0085, 0x2028, 0x2029:
		return true
	default:
		return false
	}
}
