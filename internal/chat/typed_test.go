package chat_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

func TestUnmarked(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                         "",
		"status":                   "status",
		"`status`":                 "status",
		"`` status ``":             "status",
		"```sh\nstatus\n```":       "status",
		"```status```":             "status",
		"```\nplan x\nport=1\n```": "plan x\nport=1",
		"plan ```x``` port=1":      "plan x port=1",
		"*`status`*":               "status",
		"**plan x port=1**":        "plan x port=1",
		"plan *x* port=*1195*":     "plan x port=1195",
		"plan x pool=`10.0.0.0/24`,`10.0.1.0/24`": "plan x pool=10.0.0.0/24,10.0.1.0/24",
		"端口=`1195`": "端口=1195",
		// What is no mark around words stays.
		"plan x `port=1": "plan x `port=1", "plan v* port=1 w*": "plan v* port=1 w*", "plan * x *": "plan * x *", "a*b*c": "a*b*c", "** x": "** x", "****": "****", "``": "``",
		`reason="*a* ` + "`b`" + `"`: `reason="*a* ` + "`b`" + `"`, "reason=“`a`”": "reason=“`a`”", `it's *x*`: "it's x", "reason='*x*' `y`": "reason='*x*' y",
		"`a` ``b": "a ``b", "name=_x_": "name=_x_", "~x~": "~x~",
	} {
		if got := chat.Unmarked(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if got := chat.Unmarked(chat.Unmarked(in)); got != chat.Unmarked(in) && !strings.Contains(in, "``") {
			t.Errorf("%q: twice %q", in, got)
		}
	}
}

func TestAddressed(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"help": "help", "@a help": "help", "@a @b help @c @d": "help", "@a b\u2005help": "help", "@a": "", "help @": "help", "x@y": "x@y", `r="a @b"`: `r="a @b"`,
		"reason=“to @b”": "reason=“to @b”", "a @b c": "a @b c", "": "",
	} {
		if got := chat.Addressed(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzTyped(f *testing.F) {
	for _, seed := range []string{"`a` *b* \"c\"", "```x\ny```", "@a\u2005@b c @d", "''`*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, out := range []string{chat.Unmarked(in), chat.Addressed(in)} {
			if utf8.RuneCountInString(out) > utf8.RuneCountInString(in) {
				t.Fatalf("%q became %q", in, out)
			}
		}
	})
}
