package slsquery

import (
	"fmt"
	"strings"
)

// Line is one log line: the JSON in the field message, as decoded.
type Line struct {
	Time   int64 // Unix seconds
	Fields map[string]any
}

// Index are the indexed fields, with their types: text or long.
type Index map[string]string

// search is a condition of a search.
type search func(Line) bool

// parseSearch reads a search: conditions field: value, and, or, not, parentheses, and *. It
// calls seen for each condition.
func parseSearch(text string, index Index, seen func(field, value string)) (search, error) {
	tokens, err := lex(text, true)
	if err != nil {
		return nil, err
	}
	p := &searchParser{parser{tokens: tokens}, index, seen}
	s, err := p.or()
	if err == nil && p.peek().kind != 0 {
		err = fmt.Errorf("unexpected %q", p.peek().text)
	}
	return s, err
}

type searchParser struct {
	parser
	index Index
	seen  func(field, value string)
}

func (p *searchParser) or() (search, error) {
	left, err := p.and()
	for err == nil && p.word("or") {
		var right search
		one := left
		if right, err = p.and(); err == nil {
			left = func(l Line) bool { return one(l) || right(l) }
		}
	}
	return left, err
}

func (p *searchParser) and() (search, error) {
	left, err := p.not()
	for err == nil && p.word("and") {
		var right search
		one := left
		if right, err = p.not(); err == nil {
			left = func(l Line) bool { return one(l) && right(l) }
		}
	}
	return left, err
}

func (p *searchParser) not() (search, error) {
	if p.word("not") {
		inner, err := p.not()
		return func(l Line) bool { return !inner(l) }, err
	}
	if p.word("(") {
		inner, err := p.or()
		if err == nil {
			err = p.need(")")
		}
		return inner, err
	}
	if p.word("*") {
		return func(Line) bool { return true }, nil
	}
	return p.condition()
}

// condition is message.field: value.
func (p *searchParser) condition() (search, error) {
	field := p.next()
	if err := p.need(":"); err != nil {
		return nil, err
	}
	value := p.next()
	name, ok := strings.CutPrefix(field.text, "message.")
	switch {
	case field.kind != 'i' || !ok || p.index[name] == "":
		return nil, fmt.Errorf("%q is not an indexed field", field.text)
	case p.index[name] != "text":
		return nil, fmt.Errorf("%q is a number: it is not searched by words", field.text)
	case value.kind != 'i' && value.kind != 'q':
		return nil, fmt.Errorf("%q is not a value", value.text)
	}
	p.seen(name, value.text)
	want := words(value.text)
	return func(l Line) bool {
		have := map[string]bool{}
		for _, w := range words(textOf(l.Fields[name])) {
			have[w] = true
		}
		for _, w := range want {
			if !have[w] {
				return false
			}
		}
		return len(want) > 0
	}, nil
}

// words splits a value as the index does.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(", '\";=()[]{}?@&<>/:\n\t\r", r) })
}

// textOf is a value of a JSON line as a text; "" for none.
func textOf(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
