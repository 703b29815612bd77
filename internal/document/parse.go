package document

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Limits of a document.
const (
	MaxSize     = 1 << 20 // bytes
	MaxProblems = 100     // listed; one more gives the number of the others

	maxDepth = 16
	maxNodes = 100_000      // keys and values
	maxSigns = 2 * maxNodes // lines, and signs that begin or separate values
)

// Format is the notation of a document.
type Format string

// The formats.
const (
	YAML Format = "yaml"
	JSON Format = "json"
)

// Hints are the hints that depend on the purpose of a document.
type Hints struct {
	Empty   string // what to write into an empty document
	Depth   string // how many levels are needed
	Split   string // how to split one that is too large
	Several string // where to put several things in one JSON document
	NoValue string // how to fix a key that has no value
	List    string // how to fix a list in place of a text
	Example string // where to find an example
	Number  string // an example of a whole number
}

// Parse reads all documents of data, at least one, each into a tree, or returns the
// first problem with their notation.
func Parse(data []byte, format Format, hints Hints) ([]*Node, *change.Problem) {
	if len(data) > MaxSize {
		return nil, &change.Problem{Rule: RuleTooLarge, Message: fmt.Sprintf("the document has %d bytes", len(data)), Hint: "use at most 1 MiB; " + hints.Split}
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	joiners, problem := checkEncoding(data)
	if problem != nil {
		return nil, problem
	}
	switch format {
	case YAML:
		if problem := checkYAML(data, hints); problem != nil {
			return nil, problem
		}
		return parseYAML(data, joiners, hints)
	case JSON:
		root, problem := parseJSON(data, hints)
		if problem != nil {
			return nil, problem
		}
		return []*Node{root}, nil
	default:
		return nil, &change.Problem{Rule: RuleFormatUnknown, Message: "the name or type of the document is neither that of YAML nor that of JSON", Hint: "name the file .yaml, .yml or .json"}
	}
}

// Empty is the problem with an empty document.
func Empty(line int, hints Hints) *change.Problem {
	return &change.Problem{Line: line, Rule: RuleEmptyDocument, Message: "the document is empty", Hint: hints.Empty}
}

func tooDeep(line int, hints Hints) *change.Problem {
	return &change.Problem{Line: line, Rule: RuleTooDeep, Message: fmt.Sprintf("values are nested more than %d levels deep", maxDepth), Hint: hints.Depth}
}

func tooManyValues(line int, hints Hints) *change.Problem {
	return &change.Problem{Line: line, Rule: RuleTooLarge, Message: fmt.Sprintf("the document has more than %d keys and values", maxNodes), Hint: hints.Split}
}

// Bounded sorts problems by line and keeps the first MaxProblems. One more gives
// the number of the others.
func Bounded(ps []change.Problem) []change.Problem {
	slices.SortStableFunc(ps, func(a, b change.Problem) int { return cmp.Compare(a.Line, b.Line) })
	if len(ps) <= MaxProblems {
		return ps
	}
	rest := len(ps) - MaxProblems
	return append(ps[:MaxProblems:MaxProblems], change.Problem{
		Rule: RuleMoreProblems, Message: fmt.Sprintf("there are %d more problems", rest), Hint: "fix these first",
	})
}
