package document

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"sslvpnchange/internal/change"
)

var (
	plainDecimal  = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)
	yamlErrLine   = regexp.MustCompile(`^line ([0-9]+): `)
)

func numberKind(s string) Kind {
	if plainDecimal.MatchString(s) {
		return KindInteger
	}
	return KindNumber
}

// parseYAML reads the documents of a YAML stream into trees.
func parseYAML(data []byte, hints Hints) (roots []*Node, problem *change.Problem) {
	// The YAML library panics on some comments that stand where it does not
	// expect them. Bad input must not take the invocation down.
	defer func() {
		if recover() != nil {
			roots, problem = nil, &change.Problem{Line: 1, Rule: RuleYAMLSyntax, Message: "the document cannot be read", Hint: "remove comments inside lists and mappings, or write it as JSON"}
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	r := &yamlReader{hints: hints}
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			if len(roots) == 0 {
				return nil, Empty(1, hints)
			}
			return roots, nil
		}
		if err != nil {
			return nil, yamlSyntax(data, err)
		}
		root, problem := r.node(doc.Content[0], 0)
		if problem != nil {
			return nil, problem
		}
		roots = append(roots, root)
	}
}

// yamlSyntax turns the library's error into a problem. Its texts say what is
// wrong in general, and repeat nothing of the document but anchors' names.
func yamlSyntax(data []byte, err error) *change.Problem {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := unknownAnchor.FindStringSubmatch(msg); m != nil {
		before, _, _ := bytes.Cut(data, []byte("*"+m[1])) // the library gives no line here
		return yamlAnchor(1 + bytes.Count(before, []byte{'\n'}))
	}
	p := &change.Problem{Line: 1, Rule: RuleYAMLSyntax, Hint: "check indentation, colons and quotes at and before this line; indent with blanks, not tabs"}
	if strings.Contains(msg, "incompatible YAML document") {
		p.Hint = "remove the line that starts with %YAML"
	}
	if m := yamlErrLine.FindStringSubmatch(msg); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		msg = strings.TrimPrefix(msg, m[0])
	}
	p.Message = "the document is not well-formed YAML: " + msg
	return p
}

func yamlAnchor(line int) *change.Problem {
	return &change.Problem{Line: line, Rule: RuleYAMLAnchor, Message: "anchors, aliases and merge keys are not taken", Hint: "write the values out, and quote a text that starts with & or *"}
}

// yamlReader turns the library's nodes into our own and refuses what makes a
// document say something else than it shows.
type yamlReader struct {
	hints Hints
	count int
}

func (r *yamlReader) node(y *yaml.Node, depth int) (*Node, *change.Problem) {
	r.count++
	switch {
	case r.count > maxNodes:
		return nil, tooManyValues(y.Line, r.hints)
	case y.Kind == yaml.AliasNode || y.Anchor != "":
		return nil, yamlAnchor(y.Line)
	case y.Style&yaml.TaggedStyle != 0:
		return nil, &change.Problem{Line: y.Line, Rule: RuleYAMLTag, Message: "tags such as !!str are not taken", Hint: "remove the tag; quote what is meant as text"}
	case y.Kind == yaml.ScalarNode:
		return yamlScalar(y), nil
	case depth >= maxDepth:
		return nil, tooDeep(y.Line, r.hints)
	case y.Kind == yaml.SequenceNode:
		n := &Node{Kind: KindList, Line: y.Line}
		for _, c := range y.Content {
			item, problem := r.node(c, depth+1)
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
		value, problem := r.node(y.Content[i+1], depth+1)
		if problem != nil {
			return nil, problem
		}
		n.Members = append(n.Members, Member{Key: key.Text, Line: key.Line, Value: value})
	}
	return n, nil
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
