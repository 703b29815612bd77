package policy

// For the tests of patterns.
var (
	Matches = matches
	Overlap = overlap
)
