package sslvpn

import (
	"bytes"
	"errors"
	"iter"
	"strings"
)

// node is one element of a reply with everything inside it, whatever format it
// came in. The zero node is empty. Names are compared without regard to case,
// because the API's own samples spell ClientIpPool as CLientIpPool; numbers and
// flags are texts, because they come as JSON strings too. A list is as many
// elements of its name as it has items, so that an object and a list of one
// object are the same, as they are in XML. A repeated name in JSON is read like
// a list.
type node struct {
	all []element
	at  int
}

// element is one value. All elements of a reply are in one slice, each before
// those inside it.
type element struct {
	name string // of the field
	text string // of a text, a number or a flag
	end  int    // index of the first element after this one that is not inside it
	none bool   // the field has no value: null or an empty list
}

// maxDepth bounds the nesting of a reply; the deepest known has 4 levels.
const maxDepth = 16

// The bounds of what a reply may cost. A reply has less than 100 values; these
// would otherwise let 1 MiB of brackets or attributes cost a hundred times as much
// memory.
const (
	maxElements = 16 << 10  // of 48 bytes
	maxXML      = 128 << 10 // bytes; encoding/xml keeps all attributes of a tag
)

var errTooMany = errors.New("the answer has too many values")

var errForeign = errors.New("the answer is neither JSON nor XML of the API")

// parseReply reads a JSON object or an XML document, told apart by the first
// byte: the Content-Type of an error is not reliable.
func parseReply(body []byte) (node, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	switch {
	case len(body) == 0:
		return node{}, errors.New("the answer is empty")
	case body[0] == '{':
		return parseJSON(body)
	case body[0] == '<' && len(body) > maxXML:
		return node{}, errTooMany
	case body[0] == '<':
		return parseXML(body)
	default:
		return node{}, errForeign
	}
}

// kids are the elements directly inside n, those without a value included.
func (n node) kids() iter.Seq[node] {
	return func(yield func(node) bool) {
		if len(n.all) == 0 {
			return
		}
		for i := n.at + 1; i < n.all[n.at].end; i = n.all[i].end {
			if !yield(node{all: n.all, at: i}) {
				return
			}
		}
	}
}

func (n node) named(name string) bool { return strings.EqualFold(n.all[n.at].name, name) }

// nested reports whether there are elements inside n.
func (n node) nested() bool { return n.all[n.at].end > n.at+1 }

// has reports whether n has the field, with or without a value.
func (n node) has(name string) bool {
	for kid := range n.kids() {
		if kid.named(name) {
			return true
		}
	}
	return false
}

// get returns the text of a field, the first where it is repeated; ok reports
// whether there is one.
func (n node) get(name string) (text string, ok bool) {
	for kid := range n.kids() {
		if e := kid.all[kid.at]; !e.none && kid.named(name) {
			return e.text, e.text != "" || !kid.nested()
		}
	}
	return "", false
}

// textOf returns the text of the field, "" without one.
func (n node) textOf(name string) string {
	s, _ := n.get(name)
	return s
}

// items returns the elements of a reply: those wrapped as list.item, whether
// the API wrote an object or a list, and however it nested them.
func (n node) items(list, item string) []node {
	var found []node
	for wrap := range n.kids() {
		switch {
		case !wrap.named(list):
		case wrap.has(item):
			for kid := range wrap.kids() {
				if kid.named(item) && !kid.all[kid.at].none {
					found = append(found, kid)
				}
			}
		case wrap.nested():
			found = append(found, wrap)
		}
	}
	return found
}
