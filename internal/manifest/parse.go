package manifest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
)

// Limits of a file.
const (
	MaxSize     = document.MaxSize     // bytes
	MaxChanges  = 1000                 // in all documents of a file; 1,000 changes with every key have 50,000 keys and values
	MaxProblems = document.MaxProblems // listed; one more gives the number of the others
)

// RuleTooLarge is the rule of package document about the size of a file, for
// callers that know the size before they read.
const RuleTooLarge = document.RuleTooLarge

// Options configure Parse.
type Options struct {
	Format           Format
	AllowRequestedBy bool      // files only: in other channels, the verified sender is the requester
	Now              time.Time // the present, for notBefore and expiresAt
	// Regions are those that the function knows; the zero value stands for the
	// published ones.
	Regions change.Regions
	Again   bool // it was accepted before: times may have passed since
}

// Parse reads all documents of data. It returns either their changes, with
// normalized values, or all problems, in the order of their lines. Path and Line of
// a request are its position in the document.
func Parse(data []byte, opts Options) ([]change.Request, []change.Problem) {
	roots, problem := document.Parse(data, opts.Format, hints())
	if problem != nil {
		return nil, []change.Problem{*problem}
	}
	r := &reader{Reader: document.NewReader(hints()), opts: opts}
	for i, root := range roots {
		r.prefix = ""
		if len(roots) > 1 {
			r.prefix = fmt.Sprintf("documents[%d]", i)
		}
		r.document(root)
	}
	r.validate(roots)
	if len(r.Problems) > 0 {
		return nil, document.Bounded(r.Problems)
	}
	return r.requests, nil
}

// hints are the hints for change documents.
func hints() document.Hints {
	return document.Hints{
		Empty:   "write a change, or remove a --- that nothing follows",
		Depth:   "a change document needs 4 levels",
		Split:   "split it into several files",
		Several: "put several changes into the list changes",
		NoValue: "give a value, or remove the key to leave the setting as it is",
		List:    "write one text; several networks are separated by commas",
		Example: "docs/change-file.md lists the keys",
		Number:  "1194",
	}
}

// validate adds the problems that package change finds. Problems with values that
// could not be read are left out, because they have been reported.
func (r *reader) validate(roots []*document.Node) {
	for _, p := range append(change.Validate(r.requests, r.opts.Now), r.opts.Regions.Check(r.requests)...) {
		if !r.Reported(p.Path) && (!r.opts.Again || !change.Passed(p.Rule)) {
			root, path := locate(roots, p.Path)
			p.Line = root.LineAt(path)
			r.Problems = append(r.Problems, p)
		}
	}
}

// locate splits a path into its document and the path in that document.
func locate(roots []*document.Node, path string) (*document.Node, string) {
	if rest, ok := strings.CutPrefix(path, "documents["); ok {
		index, rest, _ := strings.Cut(rest, "]")
		if i, err := strconv.Atoi(index); err == nil && i < len(roots) {
			return roots[i], strings.TrimPrefix(rest, ".")
		}
	}
	return roots[0], path
}
