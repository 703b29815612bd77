package document

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Nearest finds the known word that takes the fewest edits, in any case.
func Nearest(key string, known []string) string {
	best, least := "", 0
	for _, k := range known {
		if d := distance(strings.ToLower(key), strings.ToLower(k)); best == "" || d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is the Levenshtein distance in bytes, of the first 64 of each: no
// key is longer.
func distance(a, b string) int {
	a, b = a[:min(len(a), 64)], b[:min(len(b), 64)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// ShownKey renders a key for a path or message: as it is if it is a plain word,
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
