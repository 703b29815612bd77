package document

import (
	"fmt"
	"slices"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/nearest"
)

// Reader takes values out of trees and gathers everything that is wrong.
type Reader struct {
	Problems []change.Problem

	hints Hints
	said  map[string]bool // paths about which enough has been said
}

// NewReader makes a Reader without problems.
func NewReader(hints Hints) *Reader { return &Reader{hints: hints, said: map[string]bool{}} }

// Settle notes that enough has been said about what stands at a path.
func (r *Reader) Settle(path string) { r.said[path] = true }

// Settled tells whether enough has been said about what stands at a path: a
// further problem would only repeat it.
func (r *Reader) Settled(path string) bool { return r.said[path] }

// Add adds a problem, which settles its path.
func (r *Reader) Add(p change.Problem) {
	r.Settle(p.Path)
	r.Problems = append(r.Problems, p)
}

// AddMember adds a problem with a key, which also says enough of its mapping: a
// change with a key that cannot be read is not one that sets nothing.
func (r *Reader) AddMember(path string, m Member, p change.Problem) {
	p.Path, p.Line = Join(path, ShownKey(m.Key)), m.Line
	r.Settle(path)
	r.Add(p)
}

// Join is the path of a key of the mapping at path.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Keys reports keys that are repeated or not known. What judge finds wrong with
// a key that is not known is said in place of that; judge may be nil.
func (r *Reader) Keys(n *Node, path string, known []string, judge func(key string) *change.Problem) {
	first := map[string]int{}
	for _, m := range n.Members {
		if line, again := first[m.Key]; again {
			r.AddMember(path, m, change.Problem{Rule: RuleDuplicateKey, Message: fmt.Sprintf("the key %s stands already on line %d", ShownKey(m.Key), line), Hint: "keep one of the two"})
			continue
		}
		first[m.Key] = m.Line
		if slices.Contains(known, m.Key) {
			continue
		}
		if judge != nil {
			if p := judge(m.Key); p != nil {
				r.AddMember(path, m, *p)
				continue
			}
		}
		near := nearest.Word(m.Key, known)
		r.Settle(Join(path, near)) // "RegionId is missing" helps nobody who wrote RegionID
		r.AddMember(path, m, change.Problem{Rule: RuleUnknownKey, Message: "the key " + ShownKey(m.Key) + " is not known", Hint: "the nearest known key is " + near})
	}
}
