package document

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// ShownKey renders a key for a path or message: unchanged if it is a plain word, or
// else quoted and shortened.
func ShownKey(key string) string {
	const limit = 40
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
	}
	if key != "" && len(key) <= limit && !slices.ContainsFunc([]rune(key), func(r rune) bool { return !plain(r) }) {
		return key
	}
	if utf8.RuneCountInString(key) > limit {
		key = string([]rune(key)[:limit]) + "…"
	}
	return strconv.Quote(key)
}
