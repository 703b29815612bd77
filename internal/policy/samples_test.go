package policy_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// sample is a policy that people read and copy, or one of a program.
type sample struct {
	text string
	keys []string // what of it is changed in mutants
}

// samples are all policies of the documentation and of the programs. What a page shows of a
// policy is completed with the example of docs/policy.md.
func samples(t *testing.T) map[string]sample {
	t.Helper()
	every := []string{"grants", "approvals", "guards", "confirmations", "windows", "freezes"}
	base := blocks(t, "policy.md")[0]
	base, _, _ = strings.Cut(base, "windows:")
	out := map[string]sample{
		"the example of the tests":         {example, every},
		"windows and freezes of the tests": {calendars, every},
		"the example of the package":       {textIn(t, "example_test.go", "(?s)const file = `(.*?)`"), every},
		"docs/windows.md":                  {base + blocks(t, "windows.md")[0], []string{"windows", "freezes"}},
		"docs/windows.zh-CN.md":            {base + blocks(t, "windows.zh-CN.md")[0], []string{"windows", "freezes"}},
		"docs/policy.md":                   {blocks(t, "policy.md")[0], every},
		"docs/policy.zh-CN.md":             {blocks(t, "policy.zh-CN.md")[0], every},
		"internal/dev/localcloud":          {textIn(t, "../dev/localcloud/policy.yaml", "(?s)(.*)"), every},
		"cmd/vpnctl/internal/demo":         {strings.NewReplacer("$FROM", "2026-12-01T08:00", "$UNTIL", "2026-12-01T09:00").Replace(textIn(t, "../../cmd/vpnctl/internal/demo/policy.yaml", "(?s)(.*)")), every},
	}
	for _, page := range []string{"mcp.md", "mcp.zh-CN.md"} {
		out["docs/"+page] = sample{blocks(t, page)[0], []string{"grants"}}
	}
	base, _, _ = strings.Cut(base, "notify:")
	for _, page := range []string{"approvals.md", "approvals.zh-CN.md"} {
		out["docs/"+page] = sample{text: base + blocks(t, page)[0]}
	}
	return out
}

// textIn finds a text in a file.
func textIn(t *testing.T, name, pattern string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(pattern).FindSubmatch(data)
	if m == nil {
		t.Fatalf("%s has no %s", name, pattern)
	}
	return string(m[1])
}

// blocks are the YAML texts of a page, without their indentation.
func blocks(t *testing.T, page string) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile("(?ms)^( *)```yaml\n(.*?)^ *```$").FindAllStringSubmatch(readPage(t, page), -1) {
		out = append(out, regexp.MustCompile("(?m)^"+m[1]).ReplaceAllString(m[2], ""))
	}
	return out
}

// TestEverySamplePolicyHasTests also finds the policies that samples does not list.
func TestEverySamplePolicyHasTests(t *testing.T) {
	t.Parallel()
	known := samples(t)
	for name, s := range known {
		if p := parse(t, s.text); p.Tests() == 0 {
			t.Errorf("%s has no tests", name)
		}
	}
	listed := 0
	for _, folder := range []string{"../../docs/", "../../docs/chat/"} {
		files, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !strings.HasSuffix(f.Name(), ".md") {
				continue
			}
			for _, text := range blocks(t, strings.TrimPrefix(folder, "../../docs/")+f.Name()) {
				if !regexp.MustCompile("(?m)^(people|grants|approvals|guards|confirmations|notify|windows|freezes):").MatchString(text) {
					continue
				}
				listed++
				if _, ok := known["docs/"+f.Name()]; !ok || !strings.Contains(text, "\ntests:\n") {
					t.Errorf("%s%s shows a policy without tests:\n%s", folder, f.Name(), text)
				}
			}
		}
	}
	if listed < 6 {
		t.Errorf("only %d policies were found", listed)
	}
}
