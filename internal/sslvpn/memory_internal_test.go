package sslvpn

import (
	"runtime"
	"strings"
	"testing"
)

// TestAttackReplyMemory: a reply of 1 MiB costs a few MiB, whatever is in it.
//
//nolint:paralleltest // It counts what the process allocates.
func TestAttackReplyMemory(t *testing.T) {
	fill := func(head, unit, tail string) []byte {
		return []byte(head + strings.Repeat(unit, (maxBody-len(head)-len(tail))/len(unit)) + tail)
	}
	tests := map[string][]byte{
		"A23 numbers":       fill(`{"a":[1`, `,1`, `]}`),
		"A23 empty objects": fill(`{"a":[{}`, `,{}`, `]}`),
		"A23 fields":        fill(`{"":1`, `,"":1`, `}`),
		"A23 empty lists":   fill(`{"":[]`, `,"":[]`, `}`),
		"A23 nested lists":  fill(`{"a":`+strings.Repeat("[", 10)+`1`, `,1`, strings.Repeat("]", 10)+`}`),
		"A23 nested deep":   fill(`{"a":`+strings.Repeat("[", maxBody/2), `[`, ``),
		"A23 escapes":       fill(`{"a":"`, `\u0041`, `"}`),
		"A23 no UTF-8":      fill(`{"a":"`, "\xff", `"}`),
		"A23 odd texts":     fill(`{"a":["`, `\u0041","`, `"]}`),
		"A23 XML elements":  fill(`<a>`, `<b/>`, `</a>`),
		"A23 attributes":    fill(`<a`, ` b=""`, `/>`),
		"A23 short XML":     []byte(`<a` + strings.Repeat(` b=""`, maxXML/5-2) + `/>`),
		"A23 comments":      fill(`<a>`, `<!---->`, `</a>`),
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _ = parseReply(body)
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 {
				t.Errorf("%d KiB of a reply cost %d KiB", len(body)>>10, got>>10)
			}
		})
	}
}
