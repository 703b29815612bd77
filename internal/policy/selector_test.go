package policy_test

import (
	"path"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// words lists every text of the letters up to a length.
func words(letters string, length int) []string {
	out := []string{""}
	for level := out; length > 0; length-- {
		var next []string
		for _, w := range level {
			for _, c := range letters {
				next = append(next, w+string(c))
			}
		}
		out, level = append(out, next...), next
	}
	return out
}

// Two patterns of four signs overlap in a text of eight at most.
func TestPatternsMatchAndOverlap(t *testing.T) {
	t.Parallel()
	texts, patterns := words("ab", 8), words("ab*", 4)
	matched := make([][]bool, len(patterns))
	for i, p := range patterns {
		for _, s := range texts {
			want, err := path.Match(p, s)
			if got := policy.Matches(p, s); got != want || err != nil {
				t.Fatalf("%q matches %q: %v", p, s, got)
			}
			matched[i] = append(matched[i], want)
		}
	}
	for i, p := range patterns {
		for j, q := range patterns {
			want := false
			for k := range texts {
				want = want || matched[i][k] && matched[j][k]
			}
			if got := policy.Overlap(p, q); got != want {
				t.Fatalf("%q and %q overlap: %v", p, q, got)
			}
		}
	}
}
