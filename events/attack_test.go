package events_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/events"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/growth"
)

// spelled renders an HTTP event with one header in n spellings, each with a value
// of size bytes.
func spelled(n, size int) []byte {
	const name = "abcdefghijklmnop" // 16 letters: 65,536 spellings
	var b strings.Builder
	b.WriteString(`{"version":"v1","requestContext":{"http":{"method":"GET","path":"/"}},"headers":{`)
	for i := range n {
		letters := []byte(name)
		for bit := range letters {
			if i>>bit&1 == 1 {
				letters[bit] -= 'a' - 'A'
			}
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"%s":"%s"`, letters, strings.Repeat("v", size))
	}
	b.WriteString("}}")
	return []byte(b.String())
}

// TestAttackOneHeaderInManySpellings sends one header in all of its spellings. Joined
// one by one they cost 22 GiB.
func TestAttackOneHeaderInManySpellings(t *testing.T) {
	t.Parallel()
	raw := spelled(1<<16, 80)
	e, err := events.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(e.HTTP.Header); got != 1 {
		t.Fatalf("%d fields", got)
	}
	if got, want := len(e.HTTP.Header.Get("Abcdefghijklmnop")), 1<<16*81-1; got != want {
		t.Errorf("the field has %d bytes, want %d", got, want)
	}
}

// TestAttackEventsCostTheirSize quadruples payloads of the worst kinds.
func TestAttackEventsCostTheirSize(t *testing.T) {
	t.Parallel()
	repeated := func(before, one, after string) func(int) []byte {
		return func(n int) []byte { return []byte(before + strings.Repeat(one, n/len(one)) + after) }
	}
	numbered := func(before, format, after string) func(int) []byte {
		return func(n int) []byte {
			var b strings.Builder
			b.WriteString(before)
			for i := 0; b.Len() < n; i++ {
				fmt.Fprintf(&b, format, i)
			}
			return []byte(b.String() + after)
		}
	}
	const http = `{"version":"v1","requestContext":{"http":{"method":"GET","path":"/"}}`
	for name, build := range map[string]func(int) []byte{
		"one header in many spellings": func(n int) []byte { return spelled(n>>6, 32) },
		"many headers":                 numbered(http+`,"headers":{"a":"b"`, `,"h%d":"v"`, "}}"),
		"one header many times":        repeated(http+`,"headers":{"a":"b"`, `,"h":"v"`, "}}"),
		"a header with many values":    repeated(http+`,"headers":{"a":["b"`, `,"v"`, "]}}"),
		"many query parameters":        numbered(http+`,"queryParameters":{"a":"b"`, `,"q%d":"v"`, "}}"),
		"a path of escapes":            repeated(`{"version":"v1","requestContext":{"http":{"method":"GET"}},"rawPath":"/`, "%41", `"}`),
		"many keys":                    numbered(`{"a":1`, `,"k%d":1`, "}"),
		"one key many times":           repeated(http, `,"version":"v1"`, "}"),
		"nested lists":                 repeated(`{"events":`, "[", "}"),
		"many records":                 repeated(`{"events":[{}`, `,{"eventSource":"acs:oss","eventName":"n","oss":{"bucket":{"name":"b"},"object":{"key":"k"}}}`, "]}"),
		"blanks":                       repeated("", " ", "{"),
		"a long body":                  repeated(http+`,"body":"`, `\u0041`, `"}`),
		"keys in many cases":           numbered(`{"version":"v1","requestContext":{"http":{"METHOD":"a"`, `,"mEthod":"%d"`, "}}}"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			growth.Linear(t, 128<<10, build, func(raw []byte) { _, _ = events.Decode(raw) })
		})
	}
}
