package manifest

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sslvpnchange/internal/change"
)

// Limits of a file.
const (
	MaxSize     = 1 << 20 // bytes
	MaxChanges  = 1000    // in all documents of a file
	MaxProblems = 100     // listed; one more says how many there are besides

	maxDepth = 16
	maxNodes = 100_000 // keys and values; 1,000 changes with every key have 50,000
)

// Options say how a document is to be read.
type Options struct {
	Format           Format
	AllowRequestedBy bool      // files only: elsewhere the verified sender is who asks
	Now              time.Time // the present, for notBefore and expiresAt
}

// Parse reads all documents of data and returns either their changes, with
// values as the API spells them, or everything that is wrong with them, by
// line. A request's Path and Line say where it stands.
func Parse(data []byte, opts Options) ([]change.Request, []change.Problem) {
	roots, problem := parseTrees(data, opts.Format)
	if problem != nil {
		return nil, []change.Problem{*problem}
	}
	r := &reader{opts: opts, said: map[string]bool{}}
	for i, root := range roots {
		r.prefix = ""
		if len(roots) > 1 {
			r.prefix = fmt.Sprintf("documents[%d]", i)
		}
		r.document(root)
	}
	r.validate(roots)
	if len(r.problems) > 0 {
		return nil, bounded(r.problems)
	}
	return r.requests, nil
}

func parseTrees(data []byte, format Format) ([]*node, *change.Problem) {
	if len(data) > MaxSize {
		return nil, &change.Problem{Rule: RuleTooLarge, Message: fmt.Sprintf("the document has %d bytes", len(data)), Hint: "1 MiB at most; split it into several files"}
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if problem := checkEncoding(data); problem != nil {
		return nil, problem
	}
	switch format {
	case YAML:
		return parseYAML(data)
	case JSON:
		root, problem := parseJSON(data)
		return []*node{root}, problem
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

func emptyDocument(line int) *change.Problem {
	return &change.Problem{Line: line, Rule: RuleEmptyDocument, Message: "the document is empty", Hint: "write a change, or remove a --- with nothing after it"}
}

func tooDeep(line int) *change.Problem {
	return &change.Problem{Line: line, Rule: RuleTooDeep, Message: fmt.Sprintf("values are nested more than %d deep", maxDepth), Hint: "a change document needs 4 levels"}
}

func tooManyValues(line int) *change.Problem {
	return &change.Problem{Line: line, Rule: RuleTooLarge, Message: fmt.Sprintf("the document has more than %d keys and values", maxNodes), Hint: "split it into several files"}
}

// validate adds the problems that package change finds. One about a value that
// could not even be read would only repeat what has been said, so it is left
// out.
func (r *reader) validate(roots []*node) {
	for _, p := range change.Validate(r.requests, r.opts.Now) {
		if !r.said[p.Path] {
			root, path := locate(roots, p.Path)
			p.Line = root.lineAt(path)
			r.problems = append(r.problems, p)
		}
	}
}

// locate splits a path into its document and the path therein.
func locate(roots []*node, path string) (*node, string) {
	if rest, ok := strings.CutPrefix(path, "documents["); ok {
		index, rest, _ := strings.Cut(rest, "]")
		if i, err := strconv.Atoi(index); err == nil && i < len(roots) {
			return roots[i], strings.TrimPrefix(rest, ".")
		}
	}
	return roots[0], path
}

func bounded(ps []change.Problem) []change.Problem {
	slices.SortStableFunc(ps, func(a, b change.Problem) int { return cmp.Compare(a.Line, b.Line) })
	if len(ps) <= MaxProblems {
		return ps
	}
	rest := len(ps) - MaxProblems
	return append(ps[:MaxProblems:MaxProblems], change.Problem{
		Rule: RuleMoreProblems, Message: fmt.Sprintf("there are %d more problems", rest), Hint: "mend these first",
	})
}
