package document

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
)

// Reader reads values from trees and collects problems.
type Reader struct {
	Problems []change.Problem

	hints Hints
	paths map[string]bool // paths with a reported problem
}

// NewReader returns a Reader without problems.
func NewReader(hints Hints) *Reader { return &Reader{hints: hints, paths: map[string]bool{}} }

// MarkReported notes that a problem at a path has been reported.
func (r *Reader) MarkReported(path string) { r.paths[path] = true }

// Reported reports whether a problem at a path has been reported. A further problem
// there would follow from the first.
func (r *Reader) Reported(path string) bool { return r.paths[path] }

// Add adds a problem and marks its path as reported.
func (r *Reader) Add(p change.Problem) {
	r.MarkReported(p.Path)
	r.Problems = append(r.Problems, p)
}

// AddMember adds a problem with a key, and marks its mapping as reported, too: a
// change with an unreadable key must not be reported as one without settings.
func (r *Reader) AddMember(path string, m Member, p change.Problem) {
	p.Path, p.Line = Join(path, ShownKey(m.Key)), m.Line
	r.MarkReported(path)
	r.Add(p)
}

// Join is the path of a key of the mapping at path.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Keys adds a problem for each repeated or unknown key. If judge returns a problem
// for an unknown key, that one is added instead; judge may be nil.
func (r *Reader) Keys(n *Node, path string, known []string, judge func(key string) *change.Problem) {
	first := map[string]int{}
	for _, m := range n.Members {
		if line, again := first[m.Key]; again {
			r.AddMember(path, m, change.Problem{Rule: RuleDuplicateKey, Message: fmt.Sprintf("the key %s is already on line %d", ShownKey(m.Key), line), Hint: "keep one of the two"})
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
		r.AddMember(path, m, r.unknown(m.Key, path, known))
	}
}

// unknown is the problem with an unknown key.
func (r *Reader) unknown(key, path string, known []string) change.Problem {
	p := change.Problem{Rule: RuleUnknownKey, Message: "unknown key " + ShownKey(key), Hint: "remove it; " + r.hints.Example}
	if len(r.Problems) > MaxProblems {
		return p // it is not listed
	}
	if at, c, found := change.Hidden(key); found {
		p.Hint = fmt.Sprintf("remove %s, which is character %d of the key", change.Shown(c), 1+utf8.RuneCountInString(key[:at]))
		return p
	}
	plain := strings.TrimSpace(key) // of every blank of Unicode
	if plain != key && slices.Contains(known, plain) {
		c, _ := utf8.DecodeRuneInString(strings.TrimLeft(key, " \t"))
		if !unicode.IsSpace(c) {
			c, _ = utf8.DecodeLastRuneInString(key)
		}
		p.Hint = plain + " is written with " + named(c) + ": write an ordinary blank"
		return p
	}
	if wideColon(key) != "" {
		p.Hint = colonHint
		return p
	}
	if near := nearest.Word(key, known); near != "" {
		r.MarkReported(Join(path, near)) // for RegionID, "RegionId is missing" would only confuse
		p.Hint = "the nearest known key is " + near
	}
	return p
}
