package main

import (
	"encoding/json"
	"testing"
)

func TestAttackTextsThatATerminalActsOn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"office":                "office",
		"two\nlines\tand a tab": "two\nlines\tand a tab",
		"办公网 → é 👨\u200d👩\u200d👧 می\u200cخواهم": "办公网 → é 👨\u200d👩\u200d👧 می\u200cخواهم",
		"a\x1b]0;owned\x07b":     `a\u001b]0;owned\u0007b`,
		"a\x1b[2Jb\rc\x08":       `a\u001b[2Jb\u000dc\u0008`,
		"a\u009b31mb\x7f":        `a\u009b31mb\u007f`,
		"a\u202egnp.exe":         `a\u202egnp.exe`,
		"a\u2028b\u0085c\u200bd": `a\u2028b\u0085c\u200bd`,
		"a\U000e0041b":           `a\udb40\udc41b`,
		"a\xffb":                 "a\ufffdb",
	} {
		if got := visible(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	for _, name := range []string{"x\u202ey", "x\U000e0041y", "x\x1by", "x\u009by"} {
		data, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		var back string
		if err := json.Unmarshal([]byte(visible(string(data))), &back); err != nil || back != name {
			t.Errorf("%q is read back from JSON as %q, %v", name, back, err)
		}
	}
}
