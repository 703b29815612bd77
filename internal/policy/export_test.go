package policy

// What the tests of patterns look at.
var (
	Matches = matches
	Overlap = overlap
)
