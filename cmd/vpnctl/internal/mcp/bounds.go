package mcp

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// The bounds of what is passed on to an assistant.
const (
	maxText   = 1000      // characters of a text
	maxDepth  = 32        // of nested answers
	maxAnswer = 256 << 10 // bytes of a result
	// hidden stands for a character that is not shown, and for a line break.
	hidden = '\uFFFD'
)

// words is a text that somebody wrote freely. It is data, whatever it says.
type words struct {
	Quoted string `json:"quoted"`
}

// quoted is a text of somebody; nil for none.
func quoted(text string) *words {
	if text == "" {
		return nil
	}
	return &words{text}
}

// bounded is a text of somebody else, on one line, without characters that are not shown,
// and cut.
func bounded(s string) string {
	runes := []rune(strings.ToValidUTF8(s, string(hidden)))
	cut := len(runes) > maxText
	runes = append(runes[:min(len(runes), maxText)], 0) // nothing comes after the last one
	var b strings.Builder
	before := rune(0)
	for i, r := range runes[:len(runes)-1] {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case change.HiddenName(r) != "" && !change.Needed(before, r, runes[i+1]):
			b.WriteRune(hidden)
		default:
			b.WriteRune(r)
		}
		before = r
	}
	if cut {
		b.WriteRune('…')
	}
	return b.String()
}

// boundedJSON is a JSON document whose texts are bounded, the keys of objects as well.
func boundedJSON(data []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber() // as it is written
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(boundedValue(v, maxDepth))
}

func boundedValue(v any, depth int) any {
	if depth == 0 {
		return nil
	}
	switch x := v.(type) {
	case string:
		return bounded(x)
	case []any:
		for i := range x {
			x[i] = boundedValue(x[i], depth-1)
		}
		return x
	case map[string]any:
		out := make(map[string]any, len(x))
		for key, value := range x {
			out[bounded(key)] = boundedValue(value, depth-1)
		}
		return out
	default:
		return v
	}
}
