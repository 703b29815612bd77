package nearest

import "strings"

// most limits the characters that are compared: no known word is longer.
const most = 64

// To finds the known word at the smallest edit distance, ignoring case, and returns
// the distance. Of several it is the first; "" when known is empty.
func To(typed string, known []string) (word string, edits int) {
	a := runes(typed)
	for _, k := range known {
		if d := distance(a, runes(k), most); word == "" || d < edits {
			word, edits = k, d
		}
	}
	return word, edits
}

// Word finds the known word that was probably meant: the nearest one, if the distance
// is that of a typing error; "" if none is so near. A guess beyond that misleads.
func Word(typed string, known []string) string {
	a := runes(typed)
	limit := limitOf(len(a))
	word, edits := "", limit+1
	for _, k := range known {
		b := runes(k)
		if abs(len(a)-len(b)) > limit {
			continue
		}
		if d := distance(a, b, limit); d < edits {
			word, edits = k, d
		}
	}
	return word
}

// limitOf is the most edits of a typing error in a word of n characters.
func limitOf(n int) int {
	switch {
	case n < 2:
		return 0
	case n <= 5:
		return 1
	case n <= 9:
		return 2
	default:
		return 3
	}
}

func abs(n int) int { return max(n, -n) }

// runes are the first characters of a text, in lower case.
func runes(s string) []rune {
	n := 0
	for i := range s {
		if n == most {
			s = s[:i]
			break
		}
		n++
	}
	return []rune(strings.ToLower(s))
}

// distance is the number of edits between two texts: a character added, removed or
// replaced, or two neighbors exchanged. More than the limit are not told apart.
func distance(a, b []rune, limit int) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before, last, row = last, row, before
		for j := range row {
			row[j] = limit + 1
		}
		if row[0] = i + 1; i+1 > limit {
			row[0] = limit + 1
		}
		// Outside of this band, the distance is more than the limit.
		for j := max(0, i-limit); j < min(len(b), i+limit+1); j++ {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, row[j]+1, last[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
