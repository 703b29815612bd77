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
