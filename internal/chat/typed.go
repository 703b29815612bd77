package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The marks that clients put around text, the longest first: fences, code, and
// bold.
const (
	codeMark = '`'
	boldMark = '*'
)

// The quotes inside which a command's text is taken as it is, as package command
// reads them: each opening one is followed by the closing one.
const quotes = "\"\"''“”‘’「」『』"

// Unmarked drops the marks of code (back-ticks and fences) and of bold text around
// a command and its values. People paste commands with these marks, and some
// clients add them. It changes nothing inside quotes, and no mark that does not
// surround whole words: values contain asterisks, too.
func Unmarked(s string) string {
	s = withoutFence(s)
	if !strings.ContainsAny(s, "`*") {
		return s
	}
	runes := []rune(s)
	drop := make([]bool, len(runes))
	for i := 0; i < len(runes); {
		switch r := runes[i]; {
		case closing(r) != 0 && atWordStart(runes, drop, i):
			i = afterQuote(runes, i)
		case r == codeMark, r == boldMark:
			n := runLength(runes, i)
			if end := closingMark(runes, drop, i, n); end > 0 {
				for k := range n {
					drop[i+k], drop[end+k] = true, true
				}
			}
			i += n
		default:
			i++
		}
	}
	var b strings.Builder
	for i, r := range runes {
		if !drop[i] {
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// withoutFence drops the fence around a whole text, with the name of a language on
// its first line.
func withoutFence(s string) string {
	const fence = "```"
	s = strings.TrimSpace(s)
	inner, begun := strings.CutPrefix(s, fence)
	inner, ended := strings.CutSuffix(inner, fence)
	if !begun || !ended || strings.Contains(inner, fence) {
		return s
	}
	if first, rest, ok := strings.Cut(inner, "\n"); ok && PlainID(strings.TrimSpace(first), "-+", 16) && strings.TrimSpace(rest) != "" {
		inner = rest
	}
	return strings.TrimSpace(inner)
}

// closing is the quote that closes r; 0 if r opens none.
func closing(r rune) rune {
	for i, q := range quotes {
		if q == r {
			next, _ := utf8.DecodeRuneInString(quotes[i+utf8.RuneLen(q):])
			if index := utf8.RuneCountInString(quotes[:i]); index%2 == 0 {
				return next
			}
		}
	}
	return 0
}

// afterQuote is the position after a quoted text that begins at i; that after the
// quote alone where nothing closes it.
func afterQuote(runes []rune, i int) int {
	end := closing(runes[i])
	for k := i + 1; k < len(runes); k++ {
		if runes[k] == end {
			return k + 1
		}
	}
	return i + 1
}

// runLength is how often the mark at i is repeated.
func runLength(runes []rune, i int) int {
	n := 1
	for i+n < len(runes) && runes[i+n] == runes[i] {
		n++
	}
	return n
}

// closingMark finds the marks that close the n marks at i; 0 if there are none, or
// if they do not surround whole words. Back-ticks have no other meaning in a
// command, so that they may stand anywhere.
func closingMark(runes []rune, drop []bool, i, n int) int {
	mark := runes[i]
	if drop[i] || n > 3 || (mark == boldMark && (n > 2 || !atWordStart(runes, drop, i))) {
		return 0
	}
	for k := i + n; k < len(runes); k++ {
		if runes[k] != mark {
			continue
		}
		length := runLength(runes, k)
		if length != n {
			k += length - 1
			continue
		}
		if k == i+n || (mark == boldMark && (unicode.IsSpace(runes[i+n]) || unicode.IsSpace(runes[k-1]) || !atWordEnd(runes, k+n))) {
			return 0
		}
		return k
	}
	return 0
}

// atWordStart reports whether a word or a value can begin at i.
func atWordStart(runes []rune, drop []bool, i int) bool {
	for i--; i >= 0 && drop[i]; i-- {
	}
	return i < 0 || unicode.IsSpace(runes[i]) || strings.ContainsRune("=＝,，、", runes[i])
}

// atWordEnd reports whether a word or a value can end before i.
func atWordEnd(runes []rune, i int) bool {
	return i >= len(runes) || unicode.IsSpace(runes[i]) || strings.ContainsRune("=＝,，、`*", runes[i])
}

// mentionEnd is the blank that clients of WeCom and WeChat write after a mention.
const mentionEnd = '\u2005'

// Addressed drops the mentions at the beginning and end of a text that does not
// mark them. A mention begins with @ and ends at the blank that clients write
// after it, or at the first blank. Quoted text is kept.
func Addressed(text string) string {
	text = strings.TrimSpace(text)
	for strings.HasPrefix(text, "@") {
		end := strings.IndexRune(text, mentionEnd)
		if end < 0 || strings.Contains(text[1:end], "@") {
			end = strings.IndexFunc(text, unicode.IsSpace)
		}
		if end < 0 {
			return ""
		}
		text = strings.TrimSpace(text[end:])
	}
	for {
		begin := strings.LastIndexFunc(text, unicode.IsSpace)
		if begin < 0 {
			return text
		}
		_, blank := utf8.DecodeRuneInString(text[begin:])
		if last := text[begin+blank:]; !strings.HasPrefix(last, "@") || strings.ContainsAny(last, quotes) {
			return text
		}
		text = strings.TrimSpace(text[:begin])
	}
}
