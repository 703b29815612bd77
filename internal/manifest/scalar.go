package manifest

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"sslvpnchange/internal/change"
)

// time.Parse takes more than RFC 3339 writes, such as a comma for the point and
// offsets of 24 hours or 60 minutes.
var rfc3339 = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)

func (n *node) describe() string {
	switch n.kind {
	case kindNull:
		return "empty"
	case kindText:
		return "a text"
	case kindInteger:
		return "a number"
	case kindNumber:
		return "a number in other than plain decimal digits"
	case kindFlag:
		return "true or false"
	case kindList:
		return "a list"
	case kindMapping:
		return "a mapping"
	default:
		return "something else"
	}
}

func (r *reader) wrongType(m member, path, want, hint string) {
	if m.value.kind == kindNull {
		hint = "give a value, or remove the key to leave the setting as it is"
	}
	r.addMember(path, m, change.Problem{Rule: change.RuleWrongType, Message: shownKey(m.key) + " takes " + want + ", not " + describeValue(m.value), Hint: hint})
}

func describeValue(n *node) string {
	if n.kind == kindNull {
		return "nothing"
	}
	return n.describe()
}

// isKind checks a list or mapping that stands at its own path.
func (r *reader) isKind(m member, path string, want kind) bool {
	if m.value.kind == want {
		return true
	}
	wanted := &node{kind: want}
	r.said[path] = true
	r.add(change.Problem{Path: path, Line: m.line, Rule: change.RuleWrongType, Message: m.key + " takes " + wanted.describe() + ", not " + describeValue(m.value), Hint: "see the examples of change files"})
	return false
}

func (r *reader) textOf(n *node, key, path string) string {
	m, ok := n.member(key)
	if !ok {
		return ""
	}
	s, _ := r.text(m, path)
	return s
}

func (r *reader) text(m member, path string) (string, bool) {
	if m.value.kind == kindText {
		return m.value.text, true
	}
	hint := "write a text"
	switch m.value.kind {
	case kindInteger, kindNumber, kindFlag:
		hint = "put it in quotes"
	case kindList:
		hint = "write one text; several networks are separated by commas"
	case kindNull, kindText, kindMapping:
	}
	r.wrongType(m, path, "a text", hint)
	return "", false
}

func (r *reader) integer(m member, path string) (int, bool) {
	hint := "write a whole number, such as 1194"
	switch m.value.kind {
	case kindInteger:
		if n, err := strconv.Atoi(m.value.text); err == nil {
			return n, true
		}
		hint = "the number is too large"
	case kindText:
		if _, err := strconv.Atoi(m.value.text); err == nil {
			hint = "drop the quotes"
		}
	case kindNumber:
		hint = "write it in plain decimal digits, such as 1194"
	case kindNull, kindFlag, kindList, kindMapping:
	}
	r.wrongType(m, path, "a whole number", hint)
	return 0, false
}

func (r *reader) flag(m member, path string) (value, ok bool) {
	hint := "write true or false"
	switch m.value.kind {
	case kindFlag:
		return m.value.text == "true", true
	case kindText:
		switch strings.ToLower(m.value.text) {
		case "true", "false":
			hint = "drop the quotes"
		case "yes", "on":
			hint = "write true"
		case "no", "off":
			hint = "write false"
		}
	case kindNull, kindInteger, kindNumber, kindList, kindMapping:
	}
	r.wrongType(m, path, "true or false", hint)
	return false, false
}

// timeOf reads a time of the header; zero where there is none.
func (r *reader) timeOf(n *node, key string) time.Time {
	m, ok := n.member(key)
	if !ok {
		return time.Time{}
	}
	s, ok := r.text(m, r.prefix)
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err == nil && rfc3339.MatchString(s) && t.UTC().Year() >= 1970 {
		return t.UTC()
	}
	hint := "write it as 2026-11-23T02:00:00+08:00"
	if _, err := time.Parse(time.RFC3339, s+"Z"); err == nil {
		hint = "add the zone: Z for UTC, or an offset such as +08:00"
	}
	r.addMember(r.prefix, m, change.Problem{Rule: RuleTimeFormat, Message: key + " is not a time of RFC 3339", Hint: hint})
	return time.Time{}
}
