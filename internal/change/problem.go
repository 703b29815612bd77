package change

import "strings"

// Problem is one thing wrong with a document: where, which rule, and the way
// out.
type Problem struct {
	Path    string `json:"path"`           // such as "changes[2].Port"; "" for the document itself
	Line    int    `json:"line,omitempty"` // 1-based; 0 where the format has no lines
	Rule    string `json:"rule"`           // stable name, such as "port-reserved"
	Message string `json:"message"`        // what is wrong
	Hint    string `json:"hint,omitempty"` // what to do
}

// String renders the problem on one line.
func (p Problem) String() string {
	var b strings.Builder
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message + " [" + p.Rule + "]")
	if p.Hint != "" {
		b.WriteString(": " + p.Hint)
	}
	return b.String()
}
