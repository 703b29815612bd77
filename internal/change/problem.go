package change

import (
	"strconv"
	"strings"
)

// Problem is one thing wrong with a document: its position, the rule that it
// breaks, and how to fix it.
type Problem struct {
	Path    string `json:"path"`           // such as "changes[2].Port"; "" for the document itself
	Line    int    `json:"line,omitempty"` // 1-based; 0 where the format has no lines
	Rule    string `json:"rule"`           // stable name, such as "port-reserved"
	Message string `json:"message"`        // what is wrong
	Hint    string `json:"hint,omitempty"` // how to fix it
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

// Under returns the problem with its path below the given one. Checks name the key
// alone; the caller adds its position in the document.
func (p Problem) Under(path string) Problem {
	p.Path = joinPath(path, p.Path)
	return p
}

func joinPath(path, key string) string {
	if path == "" || key == "" {
		return path + key
	}
	return path + "." + key
}

// quoted renders a value for a message, shortened, because values in documents may
// be long.
func quoted(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		s = string(r[:limit]) + "…"
	}
	return strconv.Quote(s)
}
