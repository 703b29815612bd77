package manifest

import (
	"strconv"
	"strings"
)

// kind is what a value is in either format.
type kind int

const (
	kindNull kind = iota
	kindText
	kindInteger // in plain decimal notation
	kindNumber  // any other number: a fraction, an exponent, hexadecimal
	kindFlag
	kindList
	kindMapping
)

// node is one value of a document.
type node struct {
	kind    kind
	line    int    // 1-based
	text    string // of a scalar, as written; a text without its quotes
	items   []*node
	members []member
}

// member is one key of a mapping with its value. Keys may repeat here.
type member struct {
	key   string
	line  int
	value *node
}

func (n *node) member(key string) (member, bool) {
	for _, m := range n.members {
		if m.key == key {
			return m, true
		}
	}
	return member{}, false
}

// lineAt finds the line of what stands at a path below the node, or else of
// the nearest thing that holds it: a missing key is placed at its change.
func (n *node) lineAt(path string) int {
	line := n.line
	for step := range strings.SplitSeq(path, ".") {
		key, index, indexed := strings.Cut(step, "[")
		m, ok := n.member(key)
		if !ok {
			return line
		}
		n, line = m.value, m.line
		if indexed {
			i, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
			if err != nil || i >= len(n.items) {
				return line
			}
			n = n.items[i]
			line = n.line
		}
	}
	return line
}
