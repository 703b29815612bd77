package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// numberKind is KindInteger for a whole number in plain decimal notation.
func numberKind(s string) Kind {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" || digits[0] == '0' && s != "0" {
		return KindNumber
	}
	return KindInteger
}

// checkYAML refuses what would cost the library more than its size, before it reads a
// byte. The cost of directives is quadratic, and they mean nothing in a document.
// The number of lines and signs bounds the number of values.
func checkYAML(data []byte, hints Hints) *change.Problem {
	line, signs := 1, 0
	for i, c := range data {
		switch c {
		case '%':
			if i == 0 || data[i-1] == '\n' {
				return &change.Problem{
					Line: line, Rule: RuleYAMLDirective, Message: "directives, which are lines that start with %, are not allowed",
					Hint: "remove the line; if it belongs to a text, indent it",
				}
			}
		case '\n':
			line++
			signs++
		case ',', '[', '{':
			signs++
		case '-', '?', ':':
			if i+1 < len(data) && (data[i+1] == ' ' || data[i+1] == '\t') {
				signs++
			}
		}
	}
	if signs > maxSigns {
		return tooManyValues(line, hints)
	}
	return nil
}

// parseYAML reads the documents of a YAML stream into trees. Joiners are the offsets
// of characters that are allowed inside quotes only.
func parseYAML(data []byte, joiners []int, hints Hints) (roots []*Node, problem *change.Problem) {
	// The YAML library panics on some comments in unexpected places. Invalid input
	// must not end the invocation.
	defer func() {
		if recover() != nil {
			roots, problem = nil, &change.Problem{Line: 1, Rule: RuleYAMLSyntax, Message: "the document cannot be read", Hint: "remove comments inside lists and mappings, or write it as JSON"}
		}
	}()
	data = withoutTabs(data)
	dec := yaml.NewDecoder(bytes.NewReader(data))
	r := &yamlReader{hints: hints, source: source{data: data}, joiners: joiners}
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, yamlSyntax(data, dec, err)
		}
		root, problem := r.node(doc.Content[0], 0)
		if problem != nil {
			return nil, problem
		}
		roots = append(roots, root)
	}
	if outside := slices.Concat(r.outside, r.joiners); len(outside) > 0 {
		return nil, hidden(data, outside[0], "remove it, or put the text in quotes")
	}
	if len(roots) == 0 {
		return nil, Empty(1, hints)
	}
	return roots, nil
}

// withoutTabs replaces tabs by blanks in lines that are empty or hold only a comment,
// where YAML allows them and the library does not. Offsets stay the same.
func withoutTabs(data []byte) []byte {
	if bytes.IndexByte(data, '\t') < 0 {
		return data
	}
	data = bytes.Clone(data)
	for start := 0; start < len(data); {
		end := len(data)
		if i := bytes.IndexByte(data[start:], '\n'); i >= 0 {
			end = start + i
		}
		text := start
		for text < end && (data[text] == ' ' || data[text] == '\t') {
			text++
		}
		if text == end || data[text] == '\r' || data[text] == '#' {
			for i := start; i < text; i++ {
				data[i] = ' '
			}
		}
		start = end + 1
	}
	return data
}

// yamlSyntax converts the library's error to a problem. The library's texts are
// general, and repeat nothing of the document but the names of anchors.
func yamlSyntax(data []byte, dec *yaml.Decoder, err error) *change.Problem {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	if anchor, ok := between(msg, "unknown anchor '", "' referenced"); ok {
		before, _, _ := bytes.Cut(data, []byte("*"+anchor)) // the library gives no line here
		return yamlAnchor(1 + bytes.Count(before, []byte{'\n'}))
	}
	p := &change.Problem{Line: 1, Rule: RuleYAMLSyntax, Hint: "check indentation, colons and quotes at and before this line; indent with spaces, not tabs"}
	if line, ok := between(msg, "line ", ": "); ok {
		if n, err := strconv.Atoi(line); err == nil {
			p.Line, msg = n, strings.TrimPrefix(msg, "line "+line+": ")
		}
	}
	p.Message = "the document is not well-formed YAML: " + msg
	if line, ok := stopped(dec, msg); ok {
		p.Line = max(1, min(line, lastLine(data)))
	}
	explain(p, lineOf(data, p.Line))
	return p
}

// stopped is the line on which the library stopped reading. Its error often has the
// line on which the mapping or list around it begins, or one less. A key without a
// colon and an open quote are noticed later than they begin. The library does not
// export where it stands; if a version of it has no such fields, the line of its
// error is used.
func stopped(dec *yaml.Decoder, msg string) (line int, ok bool) {
	mark := "problem_mark"
	if strings.Contains(msg, "could not find expected ':'") || strings.Contains(msg, "end of stream") || strings.Contains(msg, "document indicator") {
		mark = "context_mark"
	}
	v := reflect.ValueOf(dec)
	for _, name := range []string{"parser", "parser", mark, "line"} {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return 0, false
		}
		v = v.FieldByName(name)
	}
	if !v.CanInt() {
		return 0, false
	}
	return int(v.Int()) + 1, true
}

// lastLine is the number of the last line with a text.
func lastLine(data []byte) int { return 1 + bytes.Count(bytes.TrimSpace(data), []byte{'\n'}) }

// lineOf is a line, without its end; line counts from 1.
func lineOf(data []byte, line int) []byte {
	for ; line > 1; line-- {
		_, rest, ok := bytes.Cut(data, []byte{'\n'})
		if !ok {
			return nil
		}
		data = rest
	}
	text, _, _ := bytes.Cut(data, []byte{'\n'})
	return text
}

// explain completes the problem with a line for what is known to be wrong with it.
func explain(p *change.Problem, line []byte) {
	text := bytes.TrimLeft(line, " \t")
	key, _, colon := bytes.Cut(text, []byte{':'})
	switch {
	case bytes.IndexByte(line[:len(line)-len(text)], '\t') >= 0:
		p.Message = fmt.Sprintf("the document is not well-formed YAML: line %d is indented with a tab", p.Line)
		p.Hint = "indent with spaces"
	case wideColon(string(text)) != "" && (!colon || wideColon(string(key)) != ""):
		p.Message = fmt.Sprintf("the document is not well-formed YAML: the colon in line %d is %s", p.Line, named([]rune(wideColon(string(text)))[0]))
		p.Hint = colonHint
	}
}

const colonHint = "the colon is full-width: write : and a blank"

// wideColon is the first colon in a text that is not the one of ASCII; "" for none.
func wideColon(s string) string {
	for _, r := range s {
		if r > 0x7F && ascii(r) == ':' {
			return string(r)
		}
	}
	return ""
}

// between returns the text between a prefix and the next occurrence of an end.
func between(s, prefix, end string) (string, bool) {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return "", false
	}
	text, _, ok := strings.Cut(rest, end)
	return text, ok
}

func yamlAnchor(line int) *change.Problem {
	return &change.Problem{Line: line, Rule: RuleYAMLAnchor, Message: "anchors, aliases and merge keys are not allowed", Hint: "write the values out, and quote a text that starts with & or *"}
}

// yamlReader converts the library's nodes to our own and refuses features by which a
// document means something else than it shows.
type yamlReader struct {
	hints   Hints
	source  source
	joiners []int // the offsets of joiners behind the last value
	outside []int // of those before it, the ones that are not inside quotes
	count   int
}

func (r *yamlReader) node(y *yaml.Node, depth int) (*Node, *change.Problem) {
	r.count++
	switch {
	case r.count > maxNodes:
		return nil, tooManyValues(y.Line, r.hints)
	case y.Kind == yaml.AliasNode || y.Anchor != "":
		return nil, yamlAnchor(y.Line)
	case y.Style&yaml.TaggedStyle != 0:
		return nil, &change.Problem{Line: y.Line, Rule: RuleYAMLTag, Message: "tags such as !!str are not allowed", Hint: "remove the tag; put a text in quotes"}
	case y.Kind == yaml.ScalarNode:
		return yamlScalar(y), nil
	case depth >= maxDepth:
		return nil, tooDeep(y.Line, r.hints)
	case y.Kind == yaml.SequenceNode:
		n := &Node{Kind: KindList, Line: y.Line}
		for _, c := range y.Content {
			item, problem := r.value(c, depth+1)
			if problem != nil {
				return nil, problem
			}
			n.Items = append(n.Items, item)
		}
		return n, nil
	default:
		return r.mapping(y, depth)
	}
}

// value is node for everything but keys.
func (r *yamlReader) value(y *yaml.Node, depth int) (*Node, *change.Problem) {
	n, problem := r.node(y, depth)
	if problem != nil || y.Kind != yaml.ScalarNode {
		return n, problem
	}
	at := r.source.offset(y.Line, y.Column)
	switch {
	case y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		if len(r.joiners) > 0 {
			r.quoted(at, r.source.closing(at))
		}
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0:
		n.Comment = r.source.comment(at, y.Value)
	}
	return n, nil
}

// quoted takes the joiners between two offsets as quoted. The offsets grow from call to
// call.
func (r *yamlReader) quoted(start, end int) {
	for len(r.joiners) > 0 && r.joiners[0] < end {
		if r.joiners[0] < start {
			r.outside = append(r.outside, r.joiners[0])
		}
		r.joiners = r.joiners[1:]
	}
}

func (r *yamlReader) mapping(y *yaml.Node, depth int) (*Node, *change.Problem) {
	n := &Node{Kind: KindMapping, Line: y.Line}
	for i := 0; i+1 < len(y.Content); i += 2 {
		k := y.Content[i]
		if k.Tag == "!!merge" {
			return nil, yamlAnchor(k.Line)
		}
		key, problem := r.node(k, depth+1)
		if problem != nil {
			return nil, problem
		}
		if k.Kind != yaml.ScalarNode {
			return nil, &change.Problem{Line: k.Line, Rule: RuleYAMLSyntax, Message: "a key is a list or a mapping", Hint: "keys are plain words; quote a value that starts with { or ["}
		}
		value, problem := r.value(y.Content[i+1], depth+1)
		if problem != nil {
			return nil, problem
		}
		n.Members = append(n.Members, Member{Key: key.Text, Line: key.Line, Value: value})
	}
	return n.indexed(), nil
}

func yamlScalar(y *yaml.Node) *Node {
	n := &Node{Kind: KindText, Line: y.Line, Text: y.Value}
	switch y.Tag {
	case "!!null":
		n.Kind = KindNull
	case "!!bool":
		n.Kind, n.Text = KindFlag, strconv.FormatBool(strings.EqualFold(y.Value, "true"))
	case "!!int", "!!float":
		n.Kind = numberKind(y.Value)
	}
	return n
}

// source finds the values of a document in its text. It is asked in the order of the
// text, and reads the text once.
type source struct {
	data         []byte
	line, column int // of at, from 0
	at           int
}

// offset is the offset of a line and column, which count from 1.
func (s *source) offset(line, column int) int {
	for s.at < len(s.data) && (s.line < line-1 || s.line == line-1 && s.column < column-1) {
		if s.data[s.at] == '\n' {
			s.line, s.column = s.line+1, -1
		}
		_, size := utf8.DecodeRune(s.data[s.at:])
		s.at += size
		s.column++
	}
	return s.at
}

// closing is the offset of the quote that closes the one at an offset.
func (s *source) closing(at int) int {
	for i := at + 1; i < len(s.data); i++ {
		switch {
		case s.data[at] == '"' && s.data[i] == '\\':
			i++
		case s.data[i] == s.data[at]:
			if s.data[at] == '\'' && i+1 < len(s.data) && s.data[i+1] == '\'' {
				i++
				continue
			}
			return i
		}
	}
	return len(s.data)
}

// comment is the comment behind a plain scalar at an offset, if it may have been meant
// as a part of the scalar: behind no scalar at all, or without a blank after the #.
func (s *source) comment(at int, text string) string {
	rest, ok := bytes.CutPrefix(s.data[at:], []byte(text))
	if !ok {
		return ""
	}
	rest, _, _ = bytes.Cut(rest[:min(len(rest), longestComment)], []byte{'\n'})
	comment := bytes.TrimLeft(rest, " \t")
	if len(comment) == len(rest) || len(comment) < 2 || comment[0] != '#' {
		return ""
	}
	if text != "" && (comment[1] == ' ' || comment[1] == '\t' || comment[1] == '#') {
		return ""
	}
	return string(bytes.TrimRight(comment, " \t\r"))
}

// longestComment bounds what is read for a comment.
const longestComment = 80
