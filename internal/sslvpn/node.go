package sslvpn

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// node is one element of a reply, whatever format it came in: a text, or
// children by name. Names are lower case, because the API's own samples spell
// ClientIpPool as CLientIpPool; numbers and flags are texts, because they come
// as JSON strings too.
type node struct {
	text string
	kids map[string][]node
}

// maxDepth bounds the nesting of a reply; the deepest known has 4 levels.
const maxDepth = 16

var errForeign = errors.New("the answer is neither JSON nor XML of the API")

// parseReply reads a JSON object or an XML document, told apart by the first
// byte: the Content-Type of an error is not to be trusted.
func parseReply(body []byte) (node, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	switch {
	case len(body) == 0:
		return node{}, errors.New("the answer is empty")
	case body[0] == '{':
		return parseJSON(body)
	case body[0] == '<':
		return parseXML(body)
	default:
		return node{}, errForeign
	}
}

func parseJSON(body []byte) (node, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		return node{}, fmt.Errorf("the answer is broken JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return node{}, errForeign
	}
	nodes, err := fromJSON(v, 0)
	if err != nil {
		return node{}, err
	}
	return nodes[0], nil
}

// fromJSON turns a value into nodes: a list into as many as it has items, so
// that an object and a list of one object are the same, as they are in XML.
func fromJSON(v any, depth int) ([]node, error) {
	if depth > maxDepth {
		return nil, errForeign
	}
	switch x := v.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		n := node{kids: make(map[string][]node, len(x))}
		for name, value := range x {
			kids, err := fromJSON(value, depth+1)
			if err != nil {
				return nil, err
			}
			name = strings.ToLower(name)
			n.kids[name] = append(n.kids[name], kids...)
		}
		return []node{n}, nil
	case []any:
		var all []node
		for _, value := range x {
			nodes, err := fromJSON(value, depth+1)
			if err != nil {
				return nil, err
			}
			all = append(all, nodes...)
		}
		return all, nil
	default: // string, json.Number, bool
		return []node{{text: fmt.Sprint(x)}}, nil
	}
}

func parseXML(body []byte) (node, error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	for {
		tok, err := dec.Token()
		if err != nil {
			return node{}, fmt.Errorf("the answer is broken XML: %w", err)
		}
		if start, ok := tok.(xml.StartElement); ok {
			if strings.EqualFold(start.Name.Local, "html") {
				return node{}, errForeign
			}
			return fromXML(dec, 0)
		}
	}
}

// fromXML reads up to the end of the element that was just opened.
func fromXML(dec *xml.Decoder, depth int) (node, error) {
	if depth > maxDepth {
		return node{}, errForeign
	}
	n := node{kids: map[string][]node{}}
	var text strings.Builder
	for {
		tok, err := dec.Token()
		if err != nil {
			return node{}, fmt.Errorf("the answer is broken XML: %w", err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			kid, err := fromXML(dec, depth+1)
			if err != nil {
				return node{}, err
			}
			name := strings.ToLower(t.Name.Local)
			n.kids[name] = append(n.kids[name], kid)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			n.text = strings.TrimSpace(text.String())
			return n, nil
		}
	}
}

// get returns the text of the child; ok tells whether there is one.
func (n node) get(name string) (text string, ok bool) {
	kids := n.kids[strings.ToLower(name)]
	if len(kids) == 0 || (kids[0].text == "" && len(kids[0].kids) > 0) {
		return "", false
	}
	return kids[0].text, true
}

// textOf returns the text of the child, "" without one.
func (n node) textOf(name string) string {
	s, _ := n.get(name)
	return s
}

// items returns the elements of a reply: those wrapped as list.item, whether
// the API wrote an object or a list, and however it nested them.
func (n node) items(list, item string) []node {
	var found []node
	for _, wrap := range n.kids[strings.ToLower(list)] {
		inner, nested := wrap.kids[strings.ToLower(item)]
		switch {
		case nested:
			found = append(found, inner...)
		case len(wrap.kids) > 0:
			found = append(found, wrap)
		}
	}
	return found
}
