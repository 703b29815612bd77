package observe

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// ordered is a mapping whose members keep their order: names and values in turn.
func ordered(pairs ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(pairs); i += 2 {
		n.Content = append(n.Content, node(pairs[i]), node(pairs[i+1]))
	}
	return n
}

// flow is ordered on one line.
func flow(pairs ...any) *yaml.Node {
	n := ordered(pairs...)
	n.Style = yaml.FlowStyle
	return n
}

func node(v any) *yaml.Node {
	switch v := v.(type) {
	case *yaml.Node:
		return v
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, inner := range v {
			n.Content = append(n.Content, node(inner))
		}
		return n
	case map[string]any:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, k := range sortedKeys(v) {
			n.Content = append(n.Content, node(k), node(v[k]))
		}
		return n
	default:
		n := &yaml.Node{}
		_ = n.Encode(v) // texts, numbers and flags only
		return n
	}
}

func sortedKeys(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
