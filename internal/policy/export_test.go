package policy

// For the tests of patterns.
var (
	Matches = matches
	Overlap = overlap
)

// Verbs are what tests say that people may do.
func Verbs() []string {
	var out []string
	for _, a := range acts() {
		out = append(out, a.verb)
	}
	return out
}
