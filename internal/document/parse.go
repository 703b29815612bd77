package document

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"sslvpnchange/internal/change"
)

// Limits of a document.
const (
	MaxSize     = 1 << 20 // bytes
	MaxProblems = 100     // listed; one more says how many there are besides

	maxDepth = 16
	maxNodes = 100_000 // keys and values
)

// Format is the notation of a document.
type Format string

// The formats.
const (
	YAML Format = "yaml"
	JSON Format = "json"
)

// Hints are the ways out that depend on what a document is for.
type Hints struct {
	Empty   string // what to write into an empty document
	Depth   string // how many levels are needed
	Split   string // what to do with one that is too large
	Several string // where several things belong in one JSON document
	NoValue string // what to do with a key that has no value
	List    string // what to do with a list where a text belongs
	Example string // where to see how it is written
	Number  string // a whole number to show
}

// Parse reads all documents of data, at least one, each into a tree, or tells
// what is wrong with their notation.
func Parse(data []byte, format Format, hints Hints) ([]*Node, *change.Problem) {
	if len(data) > MaxSize {
		return nil, &change.Problem{Rule: RuleTooLarge, Message: fmt.Sprintf("the document has %d bytes", len(data)), Hint: "1 MiB at most; " + hints.Split}
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if problem := checkEncoding(data); problem != nil {
		return nil, problem
	}
	switch format {
	case YAML:
		return parseYAML(data, hints)
	case JSON:
		root, problem := parseJSON(data, hints)
		if problem != nil {
			return nil, problem
		}
		return []*Node{root}, nil
	default:
		return nil, &change.Problem{Rule: RuleFormatUnknown, Message: "the document is neither YAML nor JSON by its name or type", Hint: "name the file .yaml, .yml or .json"}
	}
}

func checkEncoding(data []byte) *change.Problem {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		line := func() int { return 1 + bytes.Count(data[:i], []byte{'\n'}) }
		switch {
		case r == utf8.RuneError && size == 1:
			return &change.Problem{Line: line(), Rule: RuleEncoding, Message: "the document is not UTF-8", Hint: "save it as UTF-8 (not UTF-16 or GBK)"}
		case unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t', r == 0xFFFE, r == 0xFFFF:
			return &change.Problem{Line: line(), Rule: RuleEncoding, Message: fmt.Sprintf("the document holds the control character U+%04X", r), Hint: "remove it"}
		}
		i += size
	}
	return nil
}

// Empty is the problem with a document that holds nothing.
func Empty(line int, hints Hints) *change.Problem {
	return &change.Problem{Line: line, Rule: RuleEmptyDocument, Message: "the document is empty", Hint: hints.Empty}
}

func tooDeep(line int, hints Hints) *change.Problem {
	return &change.Problem{Line: line, Rule: RuleTooDeep, Message: fmt.Sprintf("values are nested more than %d deep", maxDepth), Hint: hints.Depth}
}

func tooManyValues(line int, hints Hints) *change.Problem {
	return &change.Problem{Line: line, Rule: RuleTooLarge, Message: fmt.Sprintf("the document has more than %d keys and values", maxNodes), Hint: hints.Split}
}

// Bounded sorts problems by line and keeps the first MaxProblems; one more then
// counts the others.
func Bounded(ps []change.Problem) []change.Problem {
	slices.SortStableFunc(ps, func(a, b change.Problem) int { return cmp.Compare(a.Line, b.Line) })
	if len(ps) <= MaxProblems {
		return ps
	}
	rest := len(ps) - MaxProblems
	return append(ps[:MaxProblems:MaxProblems], change.Problem{
		Rule: RuleMoreProblems, Message: fmt.Sprintf("there are %d more problems", rest), Hint: "mend these first",
	})
}
