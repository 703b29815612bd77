package document

import (
	"strconv"
	"strings"
)

// Kind is the kind of a value, in both formats.
type Kind int

// The kinds.
const (
	KindNull Kind = iota
	KindText
	KindInteger // in plain decimal notation
	KindNumber  // any other number: a fraction, an exponent, hexadecimal
	KindFlag
	KindList
	KindMapping
)

// Node is one value of a document.
type Node struct {
	Kind    Kind
	Line    int    // 1-based
	Text    string // of a scalar, as written; a text without its quotes
	Items   []*Node
	Members []Member
	// Comment is a comment of YAML behind a scalar that may have been meant as a part
	// of it, as in "vpn #1"; "" for none.
	Comment string

	index map[string]int // of Members by key, for mappings with many
}

// Member is one key of a mapping with its value. Keys may repeat in a Node.
type Member struct {
	Key   string
	Line  int
	Value *Node
}

// Member finds the first member with a key.
func (n *Node) Member(key string) (Member, bool) {
	if n.index != nil {
		i, ok := n.index[key]
		if !ok {
			return Member{}, false
		}
		return n.Members[i], true
	}
	for _, m := range n.Members {
		if m.Key == key {
			return m, true
		}
	}
	return Member{}, false
}

// indexed makes looking for members cost the same, however many there are.
func (n *Node) indexed() *Node {
	const few = 32
	if len(n.Members) <= few {
		return n
	}
	n.index = make(map[string]int, len(n.Members))
	for i, m := range n.Members {
		if _, again := n.index[m.Key]; !again {
			n.index[m.Key] = i
		}
	}
	return n
}

// ColonHint is a hint for a text in place of a mapping: about its colon, if that is not
// the one of ASCII, or else the given one.
func (n *Node) ColonHint(hint string) string {
	if wideColon(n.Text) != "" {
		return colonHint
	}
	return hint
}

// LineAt finds the line of a path below the node. For a missing key it is the line
// of the mapping that lacks it.
func (n *Node) LineAt(path string) int {
	line := n.Line
	for step := range strings.SplitSeq(path, ".") {
		key, index, indexed := strings.Cut(step, "[")
		m, ok := n.Member(key)
		if !ok {
			return line
		}
		n, line = m.Value, m.Line
		if indexed {
			i, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
			if err != nil || i >= len(n.Items) {
				return line
			}
			n = n.Items[i]
			line = n.Line
		}
	}
	return line
}

// Describe names the kind of the value, for a message.
func (n *Node) Describe() string {
	switch n.Kind {
	case KindNull:
		return "empty"
	case KindText:
		return "a text"
	case KindInteger:
		return "a number"
	case KindNumber:
		return "a number that is not in plain decimal digits"
	case KindFlag:
		return "true or false"
	case KindList:
		return "a list"
	case KindMapping:
		return "a mapping"
	default:
		return "something else"
	}
}
