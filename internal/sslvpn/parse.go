package sslvpn

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"
)

// parseJSON reads an object. It does not decode into maps, as encoding/json
// would: most of the allocations of a call were those.
func parseJSON(body []byte) (node, error) {
	if !json.Valid(body) {
		var v json.RawMessage
		return node{}, fmt.Errorf("the answer is broken JSON: %w", json.Unmarshal(body, &v))
	}
	fields := bytes.Count(body, []byte(`":`)) // about, and usually exactly
	r := jsonReader{s: string(body), all: make([]element, 0, 1+min(fields, 256))}
	if err := r.value("", 0); err != nil {
		return node{}, err
	}
	return node{all: r.all}, nil
}

// jsonReader reads JSON that is known to be valid.
type jsonReader struct {
	s   string
	at  int
	all []element
}

// value reads a value and adds its elements, if any.
func (r *jsonReader) value(name string, depth int) error {
	if depth > maxDepth {
		return errForeign
	}
	if len(r.all) >= maxElements {
		return errTooMany
	}
	switch r.next() {
	case '{':
		return r.object(name, depth)
	case '[':
		r.at++
		for r.more(']') {
			if err := r.value(name, depth+1); err != nil {
				return err
			}
		}
		return nil
	case 'n':
		r.at += len("null")
		return nil
	case '"':
		text, err := r.text()
		r.add(element{name: name, text: text})
		return err
	default: // a number or a flag
		start := r.at
		for !strings.ContainsRune(",]} \t\r\n", rune(r.s[r.at])) {
			r.at++ // an object is around it, so the text does not end here
		}
		r.add(element{name: name, text: r.s[start:r.at]})
		return nil
	}
}

func (r *jsonReader) object(name string, depth int) error {
	self := len(r.all)
	r.add(element{name: name})
	r.at++
	for r.more('}') {
		key, err := r.text()
		if err != nil {
			return err
		}
		r.next()
		r.at++ // the colon
		before := len(r.all)
		if err := r.value(key, depth+1); err != nil {
			return err
		}
		if len(r.all) == before {
			r.add(element{name: key, none: true})
		}
	}
	r.all[self].end = len(r.all)
	return nil
}

// add adds an element with nothing inside it.
func (r *jsonReader) add(e element) {
	e.end = len(r.all) + 1
	r.all = append(r.all, e)
}

// next skips white space and returns the byte after it.
func (r *jsonReader) next() byte {
	for {
		switch c := r.s[r.at]; c {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return c
		}
	}
}

// more goes to the next item of an object or a list. It reports false when
// there is none, and has then read its end.
func (r *jsonReader) more(end byte) bool {
	c := r.next()
	if c == ',' {
		r.at++
		c = r.next()
	}
	if c == end {
		r.at++
		return false
	}
	return true
}

// text reads a string.
func (r *jsonReader) text() (string, error) {
	start := r.at
	plain := true
	for r.at++; r.s[r.at] != '"'; r.at++ {
		if r.s[r.at] == '\\' {
			plain = false
			r.at++
		}
	}
	r.at++
	quoted := r.s[start:r.at]
	if plain {
		return strings.ToValidUTF8(quoted[1:len(quoted)-1], string(utf8.RuneError)), nil
	}
	var text string
	err := json.Unmarshal([]byte(quoted), &text)
	return text, err
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
			all, err := appendXML(nil, dec, start.Name.Local, 0)
			return node{all: all}, err
		}
	}
}

// appendXML reads up to the end of the element that was just opened, and
// appends it with everything inside it.
func appendXML(all []element, dec *xml.Decoder, name string, depth int) ([]element, error) {
	if depth > maxDepth {
		return nil, errForeign
	}
	if len(all) >= maxElements {
		return nil, errTooMany
	}
	self := len(all)
	all = append(all, element{name: name})
	var text strings.Builder
	for {
		tok, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("the answer is broken XML: %w", err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if all, err = appendXML(all, dec, t.Name.Local, depth+1); err != nil {
				return nil, err
			}
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			all[self].text, all[self].end = strings.TrimSpace(text.String()), len(all)
			return all, nil
		}
	}
}
