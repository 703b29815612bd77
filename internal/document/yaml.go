package document

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"sslvpnchange/internal/change"
)

// numberKind is KindInteger for a whole number in plain decimal notation.
func numberKind(s string) Kind {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" || digits[0] == '0' && s != "0" {
		return KindNumber
	}
	return KindInteger
}

// parseYAML reads the documents of a YAML stream into trees.
func parseYAML(data []byte, hints Hints) (roots []*Node, problem *change.Problem) {
	// The YAML library panics on some comments in unexpected places. Invalid input
	// must not end the invocation.
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

// yamlSyntax converts the library's error to a problem. The library's texts are
// general, and repeat nothing of the document but the names of anchors.
func yamlSyntax(data []byte, err error) *change.Problem {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	if anchor, ok := between(msg, "unknown anchor '", "' referenced"); ok {
		before, _, _ := bytes.Cut(data, []byte("*"+anchor)) // the library gives no line here
		return yamlAnchor(1 + bytes.Count(before, []byte{'\n'}))
	}
	p := &change.Problem{Line: 1, Rule: RuleYAMLSyntax, Hint: "check indentation, colons and quotes at and before this line; indent with spaces, not tabs"}
	if strings.Contains(msg, "incompatible YAML document") {
		p.Hint = "remove the line that starts with %YAML"
	}
	if line, ok := between(msg, "line ", ": "); ok {
		if n, err := strconv.Atoi(line); err == nil {
			p.Line, msg = n, strings.TrimPrefix(msg, "line "+line+": ")
		}
	}
	p.Message = "the document is not well-formed YAML: " + msg
	return p
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
		return nil, &change.Problem{Line: y.Line, Rule: RuleYAMLTag, Message: "tags such as !!str are not allowed", Hint: "remove the tag; put a text in quotes"}
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
