package nearest

import "strings"

// most limits the characters that are compared: no known word is longer.
const most = 64

// To finds the known word at the smallest edit distance, ignoring case, and returns
// the distance. Of several it is the first; "" when known is empty.
func To(typed string, known []string) (word string, edits int) {
	for _, k := range known {
		if d := distance(strings.ToLower(typed), strings.ToLower(k)); word == "" || d < edits {
			word, edits = k, d
		}
	}
	return word, edits
}

// Word is To without the distance.
func Word(typed string, known []string) string {
	word, _ := To(typed, known)
	return word
}

// distance is the Levenshtein distance in characters, of the first most of each.
func distance(s, t string) int {
	a, b := []rune(s), []rune(t)
	a, b = a[:min(len(a), most)], b[:min(len(b), most)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
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
