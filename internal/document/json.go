package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// parseJSON reads one JSON document into a tree.
func parseJSON(data []byte, hints Hints) (*Node, *change.Problem) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, Empty(1, hints)
	}
	r := &jsonReader{hints: hints, data: data, line: 1, dec: json.NewDecoder(bytes.NewReader(data))}
	r.dec.UseNumber()
	root, problem := r.value(0)
	if problem != nil {
		return nil, problem
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		// The line on which the rest begins, not the one on which the decoder stopped.
		rest := bytes.TrimLeft(data[r.offset:], " \t\r\n")
		r.advance(int64(len(data) - len(rest)))
		return nil, &change.Problem{Line: r.line, Rule: RuleJSONSyntax, Message: "there is more text after the document", Hint: "a JSON file contains one document; " + hints.Several}
	}
	return root, nil
}

// jsonReader reads the tokens of a document and counts lines.
type jsonReader struct {
	hints  Hints
	data   []byte
	dec    *json.Decoder
	offset int64 // line is the line of this offset
	line   int
	count  int
}

func (r *jsonReader) advance(offset int64) {
	r.line += bytes.Count(r.data[r.offset:offset], []byte{'\n'})
	r.offset = offset
}

func (r *jsonReader) token() (json.Token, *change.Problem) {
	tok, err := r.dec.Token()
	if err != nil {
		return nil, r.syntax(err)
	}
	r.advance(r.dec.InputOffset())
	if r.count++; r.count > maxNodes {
		return nil, tooManyValues(r.line, r.hints)
	}
	return tok, nil
}

func (r *jsonReader) syntax(err error) *change.Problem {
	p := &change.Problem{Rule: RuleJSONSyntax, Message: "the document is not well-formed JSON: " + err.Error(), Hint: "check commas, quotes and brackets at and before this line; JSON has no comments"}
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		if foreign := r.foreign(); foreign != nil {
			return foreign
		}
		r.advance(max(r.offset, min(syntax.Offset, int64(len(r.data)))))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.advance(int64(len(bytes.TrimRight(r.data, " \t\r\n"))))
		p.Message = "the document ends too early"
	}
	p.Line = r.line
	return p
}

// foreign names a character that is not ASCII and stands behind the last token. The
// library names its first byte.
func (r *jsonReader) foreign() *change.Problem {
	rest := bytes.TrimLeft(r.data[r.offset:], " \t\r\n:,")
	c, size := utf8.DecodeRune(rest)
	if size < 2 {
		return nil
	}
	line, column := position(r.data, len(r.data)-len(rest))
	return &change.Problem{
		Line: line, Rule: RuleJSONSyntax, Message: fmt.Sprintf("the document is not well-formed JSON: line %d, column %d has %s", line, column, named(c)),
		Hint: instead(c),
	}
}

func (r *jsonReader) value(depth int) (*Node, *change.Problem) {
	tok, problem := r.token()
	if problem != nil {
		return nil, problem
	}
	return r.of(tok, depth)
}

func (r *jsonReader) of(tok json.Token, depth int) (*Node, *change.Problem) {
	n := &Node{Line: r.line}
	switch tok := tok.(type) {
	case json.Delim:
		if depth >= maxDepth {
			return nil, tooDeep(r.line, r.hints)
		}
		if tok == '{' {
			return n, r.members(n, depth)
		}
		return n, r.items(n, depth)
	case string:
		n.Kind, n.Text = KindText, tok
	case json.Number:
		n.Kind, n.Text = numberKind(tok.String()), tok.String()
	case bool:
		n.Kind, n.Text = KindFlag, strconv.FormatBool(tok)
	}
	return n, nil
}

func (r *jsonReader) items(n *Node, depth int) *change.Problem {
	n.Kind = KindList
	for r.dec.More() {
		item, problem := r.value(depth + 1)
		if problem != nil {
			return problem
		}
		n.Items = append(n.Items, item)
	}
	_, problem := r.token()
	return problem
}

func (r *jsonReader) members(n *Node, depth int) *change.Problem {
	n.Kind = KindMapping
	for r.dec.More() {
		tok, problem := r.token()
		if problem != nil {
			return problem
		}
		key, _ := tok.(string)
		m := Member{Key: key, Line: r.line}
		if m.Value, problem = r.value(depth + 1); problem != nil {
			return problem
		}
		n.Members = append(n.Members, m)
	}
	n.indexed()
	_, problem := r.token()
	return problem
}
