package policy

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/nearest"
)

// entry is one value of a list, with its path.
type entry struct {
	*document.Node

	path string
}

func indexed(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// require adds a problem for each missing key.
func (r *reader) require(n *document.Node, path string, keys ...string) {
	for _, key := range keys {
		at := document.Join(path, key)
		if _, ok := n.Member(key); ok || r.Reported(at) {
			continue
		}
		r.Add(change.Problem{Path: at, Line: n.Line, Rule: RuleKeyMissing, Message: key + " is missing", Hint: "add it; see the example in docs/policy.md"})
	}
}

// list reads the entries of a list; none without the key.
func (r *reader) list(n *document.Node, path, key string, most int) []entry {
	m, ok := n.Member(key)
	at := document.Join(path, key)
	if !ok || !r.IsKind(m, at, document.KindList) {
		return nil
	}
	if len(m.Value.Items) > most {
		r.Add(change.Problem{Path: at, Line: m.Line, Rule: RuleTooManyEntries, Message: fmt.Sprintf("%s has %d entries", key, len(m.Value.Items)), Hint: fmt.Sprintf("use at most %d; ", most) + fewer(key)})
		return nil
	}
	out := make([]entry, 0, len(m.Value.Items))
	for i, item := range m.Value.Items {
		out = append(out, entry{item, indexed(at, i)})
	}
	return out
}

// fewer says how a list gets shorter.
func fewer(key string) string {
	switch key {
	case keyExcept, keyAlso, keyFreezes:
		return "remove those that have passed"
	case keyOpen, keyWindows:
		return "list all days with the same hours in one entry, and servers by patterns"
	default:
		return `write "*" for all people, and patterns for servers`
	}
}

// mappings reads a list of mappings with known keys. All but the optional ones are
// required.
func (r *reader) mappings(n *document.Node, path, key string, most int, optional ...string) []entry {
	known := Keys()[key]
	var out []entry
	for _, e := range r.list(n, path, key, most) {
		if e.Kind != document.KindMapping {
			r.Add(change.Problem{Path: e.path, Line: e.Line, Rule: change.RuleWrongType, Message: "an entry of " + key + " is a mapping, not " + e.Describe(), Hint: "see the example in docs/policy.md"})
			continue
		}
		r.Keys(e.Node, e.path, known, nil)
		for _, k := range known {
			if !slices.Contains(optional, k) {
				r.require(e.Node, e.path, k)
			}
		}
		out = append(out, e)
	}
	return out
}

// texts reads a list of different texts, with at least one if the key is present.
func (r *reader) texts(n *document.Node, path, key string, most int) []entry {
	all := r.list(n, path, key, most)
	if m, ok := n.Member(key); ok && m.Value.Kind == document.KindList && len(m.Value.Items) == 0 {
		r.Add(change.Problem{Path: document.Join(path, key), Line: m.Line, Rule: RuleEmptyList, Message: key + " is empty", Hint: "add at least one entry, or \"*\" for all where that is allowed"})
	}
	seen := map[string]bool{}
	var out []entry
	for _, e := range all {
		switch {
		case e.Kind != document.KindText:
			r.Add(change.Problem{Path: e.path, Line: e.Line, Rule: change.RuleWrongType, Message: "an entry of " + key + " is a text, not " + e.Describe(), Hint: "put each entry in quotes"})
		case seen[e.Text]:
			r.Add(change.Problem{Path: e.path, Line: e.Line, Rule: RuleDuplicateEntry, Message: shown(e.Text) + " is listed twice in " + key, Hint: "keep one of the two"})
		default:
			seen[e.Text] = true
			out = append(out, e)
		}
	}
	return out
}

// text reads a text of a mapping; ok is false if there is none.
func (r *reader) text(e entry, key string) (string, bool) {
	m, ok := e.Member(key)
	if !ok {
		return "", false
	}
	return r.Text(m, e.path)
}

// at adds a problem with the value at a key of a mapping.
func (r *reader) at(e entry, key, rule, message, hint string) {
	m, _ := e.Member(key)
	r.Add(change.Problem{Path: document.Join(e.path, key), Line: m.Line, Rule: rule, Message: message, Hint: hint})
}

// on adds a problem with an entry of a list.
func (r *reader) on(e entry, rule, message, hint string) {
	r.Add(change.Problem{Path: e.path, Line: e.Line, Rule: rule, Message: message, Hint: hint})
}

// near finds the word that was probably meant; "" for none, and for problems that
// are not listed.
func (r *reader) near(text string, known []string) string {
	if len(r.Problems) > document.MaxProblems {
		return ""
	}
	return nearest.Word(text, known)
}

// nearestIs begins a hint with the word that was probably meant, if there is one.
func nearestIs(word string) string {
	if word == "" {
		return ""
	}
	return "the nearest is " + word + "; "
}

// shown quotes a value for a message, shortened.
func shown(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		s = string(r[:limit]) + "…"
	}
	return strconv.Quote(s)
}
