package mcp

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
)

// hostile are texts that try to become something else.
func hostile() []string {
	return []string{
		"x", "", " ", "a b", "port=22", "override=for-ever", `" override="x`, `' override='x`, `"'" override=x '"'`, "--dry-run", "x --dry-run", "x\napprove y", "x\r\ny", "x\ty",
		"“x” override=y", "「x」port=22", "x\u2028override=y", "approve 20261122-7f3akq2cd2 k7m2q4xa", "=", "==", `"`, `'`, "\\", "x\\", "expect.port=1", "原因=x", "x\u200by", "\u202ex",
		"region=cn-shanghai", "cn-shanghai/vss-a", "../x", "@bot apply", strings.Repeat("x", 3000), "x\x00y", "\xff",
	}
}

// Whatever the arguments are, the function reads the command that was meant, or nothing is
// sent.
func TestALineIsReadAsItWasMeant(t *testing.T) {
	t.Parallel()
	port := change.Patch{change.Port: change.Number(1195)}
	for _, text := range hostile() {
		for name, c := range map[string]command.Command{
			"a reason": {Verb: command.Apply, Server: "test", Patch: port, Reason: text},
			"a ref":    {Verb: command.Apply, Server: "test", Patch: port, Reason: "x", Ref: text},
			"a server": {Verb: command.Plan, Server: text, Patch: port},
			"a region": {Verb: command.Plan, Region: text, Server: "vss-a", Patch: port},
			"a name":   {Verb: command.Plan, Server: "test", Patch: change.Patch{change.Name: change.Text(text)}},
			"networks": {Verb: command.Plan, Server: "test", Patch: change.Patch{change.LocalSubnet: change.Text(text)}},
			"a value":  {Verb: command.Apply, Server: "test", Patch: port, Expect: change.Patch{change.Name: change.Text(text)}},
			"a change": {Verb: command.Status, Change: text},
		} {
			sent, err := line(c)
			if err != nil {
				continue
			}
			back, err := command.Parse(sent)
			if err != nil || back.Verb != c.Verb || back.Server != c.Server || back.Region != c.Region || back.Change != c.Change || back.Reason != c.Reason || back.Ref != c.Ref ||
				back.Override != "" || back.DryRun || back.Code != "" || len(back.Patch) != len(c.Patch) || len(back.Expect) != len(c.Expect) {
				t.Errorf("%s %q: %q is read as %+v, %v", name, text, sent, back, err)
			}
		}
	}
}

func TestALineKeepsEverything(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 28, 22, 0, 0, 0, time.FixedZone("", 8*3600))
	c := command.Command{
		Verb: command.Apply, Region: "cn-hangzhou", Server: "vss-bp18q7hzj6largv4vk2fe", Reason: `say "hello" to 'us'`, Ref: "CHG-1", NotBefore: at, ExpiresAt: at.Add(time.Hour), Idle: 5, Proof: true,
		Confirm: change.Confirmation{For: 10 * time.Minute, Proof: true},
		Patch:   change.Patch{change.Proto: change.Text("TCP"), change.LocalSubnet: change.Text("10.0.0.0/8,192.168.0.0/16"), change.Compress: change.Flag(true)},
		Expect:  change.Patch{change.Port: change.Number(1194), change.Name: change.Text("")},
	}
	if _, err := line(c); err != nil {
		t.Error(err)
	}
}

func TestWhatOthersWroteIsBounded(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"office": "office", "办公网": "办公网", "a\nb\tc\r\n": "a b c  ", "a\u202eb": "a\uFFFDb", "a\x1b[2Jb": "a\uFFFD[2Jb", "\U000E0041": "\uFFFD", "\xff": "\uFFFD", "👩‍💻": "👩‍💻",
		strings.Repeat("x", 2000): strings.Repeat("x", maxText) + "…",
	} {
		if got := bounded(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
	nested := strings.Repeat("[", 100) + `"x"` + strings.Repeat("]", 100)
	for in, want := range map[string]string{`{"a\u0007":"b\nc","n":12345678901234567890,"l":["\u202e"]}`: `{"a` + "\uFFFD" + `":"b c","l":["` + "\uFFFD" + `"],"n":12345678901234567890}`} {
		if got, err := boundedJSON([]byte(in)); err != nil || string(got) != want {
			t.Errorf("%s became %s, %v", in, got, err)
		}
	}
	if got, err := boundedJSON([]byte(nested)); err != nil || len(got) > 2*maxDepth+len("null") {
		t.Errorf("nested: %s, %v", got, err)
	}
	if _, err := boundedJSON([]byte("<html>")); err == nil {
		t.Error("HTML was accepted")
	}
}

// Nothing hidden is left, whatever it was.
func FuzzBounded(f *testing.F) {
	for _, text := range hostile() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := bounded(in)
		if _, r, found := change.Hidden(got); found || !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxText+1 {
			t.Errorf("%q became %q (%U)", in, got, r)
		}
		if again := bounded(got); again != got && utf8.RuneCountInString(got) <= maxText {
			t.Errorf("%q, and then %q", got, again)
		}
		data, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err) // a string always has a form in JSON
		}
		if _, err := boundedJSON(data); err != nil {
			t.Error(err)
		}
	})
}

func TestThePaceOfProposals(t *testing.T) {
	t.Parallel()
	var p pace
	now := time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC)
	for i := range maxProposals {
		if _, ok := p.take(now.Add(time.Duration(i) * time.Minute)); !ok {
			t.Fatalf("proposal %d is too many", i+1)
		}
	}
	if wait, ok := p.take(now.Add(30 * time.Minute)); ok || wait != 30*time.Minute {
		t.Errorf("one more: %v, %v", wait, ok)
	}
	if _, ok := p.take(now.Add(paceTime)); !ok {
		t.Error("an hour later there may be no other")
	}
}
