package command

import (
	"strings"
	"testing"
)

func TestSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ask an approver, or cancel the change":            "ask an approver, or cancel the change",
		"port 443 is reserved; 4443, 1195 or 9443 is free": "port [443] is reserved; [4443, 1195] or [9443] is free",
		"the id of server vss-bp1.":                        "the id of server [vss-bp1].",
		"did you mean Asia/Shanghai?":                      "did you mean [Asia/Shanghai]?",
		"<!channel> [x](https://evil.example) click":       "[<!channel> [x](https://evil.example)] click",
		"evil.example":               "[evil.example]",
		"":                           "",
		"@all":                       "[@all]",
		"--dry-run is a flag":        "[--dry-run] is a flag",
		"a\u202eb\nc":                "[a\u202eb] c",
		"the change's policy-editor": "the change's policy-editor",
	} {
		var got strings.Builder
		for _, p := range Sentence(text) {
			if p.Exact {
				got.WriteString("[" + p.Text + "]")
			} else {
				got.WriteString(p.Text)
			}
		}
		if got.String() != want {
			t.Errorf("%q: %q, want %q", text, got.String(), want)
		}
	}
}

func FuzzSentence(f *testing.F) {
	f.Add("port 443 is reserved; use `x` *now* @all evil.example")
	f.Fuzz(func(t *testing.T, text string) {
		pieces := Sentence(text)
		if got := joinPieces(pieces); got != strings.Join(strings.Fields(text), " ") {
			t.Fatalf("%q became %q", text, got)
		}
		for i, p := range pieces {
			if p.Text == "" || i > 0 && p.Exact == pieces[i-1].Exact {
				t.Fatalf("%q: %+v", text, pieces)
			}
			if !p.Exact && strings.ContainsFunc(p.Text, func(r rune) bool { return !letterOfSentence(r) && !strings.ContainsRune(" ,.;:?", r) }) {
				t.Fatalf("%q: the words %q", text, p.Text)
			}
			if i > 0 && !p.Exact && strings.ContainsAny(strings.TrimRight(strings.TrimLeft(p.Text, ",.;:?"), " "), "`<>@*_") {
				t.Fatalf("%q: %q", text, p.Text)
			}
		}
	})
}
