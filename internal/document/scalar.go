package document

import (
	"strconv"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// WrongType adds the problem that the value of a key is of another kind.
func (r *Reader) WrongType(m Member, path, want, hint string) {
	if m.Value.Kind == KindNull {
		hint = r.hints.NoValue
	}
	if m.Value.Kind == KindNull && m.Value.Comment != "" {
		hint = "# starts a comment: put the value in quotes"
	}
	r.AddMember(path, m, change.Problem{Rule: change.RuleWrongType, Message: ShownKey(m.Key) + " takes " + want + ", not " + describeValue(m.Value), Hint: hint})
}

func describeValue(n *Node) string {
	if n.Kind == KindNull {
		return "nothing"
	}
	return n.Describe()
}

// IsKind checks that the value at a path is a list or a mapping.
func (r *Reader) IsKind(m Member, path string, want Kind) bool {
	if m.Value.Kind == want {
		return true
	}
	wanted := &Node{Kind: want}
	r.MarkReported(path)
	r.Add(change.Problem{Path: path, Line: m.Line, Rule: change.RuleWrongType, Message: m.Key + " takes " + wanted.Describe() + ", not " + describeValue(m.Value), Hint: r.hints.Example})
	return false
}

// TextOf reads the text at a key; "" where there is none.
func (r *Reader) TextOf(n *Node, key, path string) string {
	m, ok := n.Member(key)
	if !ok {
		return ""
	}
	s, _ := r.Text(m, path)
	return s
}

// Text reads a text.
func (r *Reader) Text(m Member, path string) (string, bool) {
	if m.Value.Kind == KindText {
		return m.Value.Text, true
	}
	hint := "write a text"
	switch m.Value.Kind {
	case KindInteger, KindNumber, KindFlag:
		hint = "put it in quotes"
	case KindList:
		hint = r.hints.List
	case KindNull, KindText, KindMapping:
	}
	r.WrongType(m, path, "a text", hint)
	return "", false
}

// Integer reads a whole number in plain decimal digits.
func (r *Reader) Integer(m Member, path string) (int, bool) {
	hint := "write a whole number, such as " + r.hints.Number
	switch m.Value.Kind {
	case KindInteger:
		if n, err := strconv.Atoi(m.Value.Text); err == nil {
			return n, true
		}
		hint = "the number is too large"
	case KindText:
		if _, err := strconv.Atoi(m.Value.Text); err == nil {
			hint = "remove the quotes"
		}
	case KindNumber:
		hint = "write it in plain decimal digits, such as " + r.hints.Number
	case KindNull, KindFlag, KindList, KindMapping:
	}
	r.WrongType(m, path, "a whole number", hint)
	return 0, false
}

// Flag reads true or false.
func (r *Reader) Flag(m Member, path string) (value, ok bool) {
	hint := "write true or false"
	switch m.Value.Kind {
	case KindFlag:
		return m.Value.Text == "true", true
	case KindText:
		switch strings.ToLower(m.Value.Text) {
		case "true", "false":
			hint = "remove the quotes"
		case "yes", "on":
			hint = "write true"
		case "no", "off":
			hint = "write false"
		}
	case KindNull, KindInteger, KindNumber, KindList, KindMapping:
	}
	r.WrongType(m, path, "true or false", hint)
	return false, false
}
