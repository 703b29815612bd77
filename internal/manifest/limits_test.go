package manifest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
)

// many renders a document with n changes of different servers.
func many(n int, line string) []byte {
	var b strings.Builder
	b.WriteString("changes:\n")
	for i := range n {
		fmt.Fprintf(&b, "- RegionId: cn-hangzhou\n  SslVpnServerId: vss-a%d\n  %s\n", i, line)
	}
	return []byte(b.String())
}

func TestParseAcceptsAThousandChangesAndNoMore(t *testing.T) {
	t.Parallel()
	reqs, problems := manifest.Parse(many(manifest.MaxChanges, "Port: 1195"), options(manifest.YAML))
	if len(reqs) != manifest.MaxChanges || len(problems) > 0 {
		t.Fatalf("%d requests, problems %v", len(reqs), problems)
	}
	if last := reqs[manifest.MaxChanges-1]; last.ServerID != "vss-a999" || last.Path != "changes[999]" || last.Line != 2999 {
		t.Errorf("the last change: %+v", last)
	}
	_, problems = manifest.Parse(many(manifest.MaxChanges+5, "Port: 1195"), options(manifest.YAML))
	if got := places(problems); len(got) != 1 || got[0] != "3002 changes[1000] too-many-changes" {
		t.Errorf("problems %v", problems)
	}
}

func TestParseListsAHundredProblemsAndCountsTheOthers(t *testing.T) {
	t.Parallel()
	_, problems := manifest.Parse(many(250, "Port: 22"), options(manifest.YAML))
	if len(problems) != manifest.MaxProblems+1 {
		t.Fatalf("%d problems", len(problems))
	}
	if p := problems[99]; p.Path != "changes[99].Port" || p.Line != 301 || p.Rule != change.RulePortReserved {
		t.Errorf("the hundredth: %+v", p)
	}
	if p := problems[100]; p.Rule != document.RuleMoreProblems || !strings.Contains(p.Message, "150 more") {
		t.Errorf("the last: %+v", p)
	}
}

func TestRequestedByIsForFilesOnly(t *testing.T) {
	t.Parallel()
	text := []byte("requestedBy: zhang.san\n" + target + "Port: 1195\n")
	opts := options(manifest.YAML)
	reqs, problems := manifest.Parse(text, opts)
	if len(problems) > 0 || reqs[0].RequestedBy != "zhang.san" {
		t.Errorf("in a file: %v, %v", reqs, problems)
	}
	opts.AllowRequestedBy = false
	reqs, problems = manifest.Parse(text, opts)
	if got := places(problems); len(got) != 1 || got[0] != "1 requestedBy requested-by-not-allowed" || reqs != nil {
		t.Errorf("elsewhere: %v, %v", reqs, problems)
	}
}

func TestProblemsRepeatNoValueOfAnUnknownKey(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"Password: hunter2", "AccessKeyId: hunter2", "Signature: [hunter2]", "? {a: hunter2}\n: b", "x: *hunter", "accesskeysecret: hunter2", "y: {z: hunter2}", "Port: hunter2"} {
		_, problems := manifest.Parse([]byte(target+"Name: ab\n"+line+"\n"), options(manifest.YAML))
		if len(problems) == 0 {
			t.Errorf("%s was accepted", line)
		}
		if text := fmt.Sprint(problems); strings.Contains(text, "hunter") {
			t.Errorf("%s is repeated: %s", line, text)
		}
	}
}

func TestParseRefusesOddComments(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"#\n  - - #\n  a\n#\n", "a:\n  - b\n   #x\n  -\n#\n", "- #\n - #\n-", "{#\n", "? #\n- #\n:\n#", "[\n#\n,#\n]#", "a: |\n #\n#", "\r#\r- \r#",
	} {
		if reqs, problems := manifest.Parse([]byte(text), options(manifest.YAML)); len(problems) == 0 {
			t.Errorf("%q was accepted: %v", text, reqs)
		}
	}
}

func BenchmarkParseYAML(b *testing.B) {
	data := many(manifest.MaxChanges, "Port: 1195\n  LocalSubnet: 10.1.0.0/16,10.2.0.0/16\n  expect: {Port: 1194}")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := manifest.Parse(data, options(manifest.YAML)); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

func BenchmarkParseJSON(b *testing.B) {
	var s strings.Builder
	for i := range manifest.MaxChanges {
		fmt.Fprintf(&s, `,{"RegionId":"cn-hangzhou","SslVpnServerId":"vss-a%d","Port":1195,"LocalSubnet":"10.1.0.0/16,10.2.0.0/16","expect":{"Port":1194}}`, i)
	}
	data := []byte(`{"changes":[` + s.String()[1:] + `]}`)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := manifest.Parse(data, options(manifest.JSON)); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

// BenchmarkParseWorstYAML is the largest document with the most values.
func BenchmarkParseWorstYAML(b *testing.B) {
	data := []byte("[" + strings.Repeat("0,", manifest.MaxSize/2-1) + "]")
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := manifest.Parse(data, options(manifest.YAML)); len(problems) != 1 {
			b.Fatal(problems)
		}
	}
}
