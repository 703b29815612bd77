package manifest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/document"
)

// Limits of a file.
const (
	MaxSize     = document.MaxSize     // bytes
	MaxChanges  = 1000                 // in all documents of a file; with every key they have 50,000 keys and values
	MaxProblems = document.MaxProblems // listed; one more says how many there are besides
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

// hints are the ways out in change documents.
func hints() document.Hints {
	return document.Hints{
		Empty:   "write a change, or remove a --- with nothing after it",
		Depth:   "a change document needs 4 levels",
		Split:   "split it into several files",
		Several: "put several changes into the list changes",
		NoValue: "give a value, or remove the key to leave the setting as it is",
		List:    "write one text; several networks are separated by commas",
		Example: "see the examples of change files",
		Number:  "1194",
	}
}

// validate adds the problems that package change finds. One about a value that
// could not even be read would only repeat what has been said, so it is left
// out.
func (r *reader) validate(roots []*document.Node) {
	for _, p := range change.Validate(r.requests, r.opts.Now) {
		if !r.Settled(p.Path) {
			root, path := locate(roots, p.Path)
			p.Line = root.LineAt(path)
			r.Problems = append(r.Problems, p)
		}
	}
}

// locate splits a path into its document and the path therein.
func locate(roots []*document.Node, path string) (*document.Node, string) {
	if rest, ok := strings.CutPrefix(path, "documents["); ok {
		index, rest, _ := strings.Cut(rest, "]")
		if i, err := strconv.Atoi(index); err == nil && i < len(roots) {
			return roots[i], strings.TrimPrefix(rest, ".")
		}
	}
	return roots[0], path
}
