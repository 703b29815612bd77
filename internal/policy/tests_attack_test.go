package policy_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/growth"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// tedious renders a policy with tests, in which everybody may do everything, by many grants.
func tedious(people, servers, rules, tests int, of func(i int) string) []byte {
	var b strings.Builder
	head, _, _ := strings.Cut(string(large(size{people: people, servers: servers, grants: 1, selectors: 1}, `"*"`)), "grants:")
	b.WriteString(head + "grants:\n")
	list := func(key string, n int, entry string) {
		b.WriteString(key + ":\n")
		for i := range n {
			b.WriteString("- " + strings.ReplaceAll(entry, "$", strconv.Itoa(i)) + "\n")
		}
	}
	list("- {who: ['*'], roles: [admin], servers: ['*']}\n# more", 4*rules-1, "{who: ['*'], roles: [admin], servers: ['*s$ab*a*a*b*b']}")
	list("approvals", rules, "{servers: ['*s$ab*a*a*b*b'], need: 1}")
	list("guards", rules, "{servers: ['*s$ab*a*a*b*b'], maxConnected: 10, otherwise: refuse}")
	list("confirmations", rules, "{servers: ['*s$ab*a*a*b*b'], for: 10m}")
	var hours strings.Builder
	for h := range 20 {
		fmt.Fprintf(&hours, "{days: [mon, tue, wed, thu, fri, sat, sun], from: '%02d:00', to: '%02d:59'}, ", h, h)
	}
	list("windows", rules, "{name: w$, servers: ['*s$ab*a*a*b*b', 's1ab*'], timeZone: Asia/Shanghai, lastStart: 1m, open: ["+hours.String()+"]}")
	list("freezes", rules, "{name: f$, servers: ['*'], timeZone: Asia/Shanghai, from: 2027-01-01T00:00, until: 2027-01-02T00:00}")
	b.WriteString("tests:\n")
	for i := range tests {
		fmt.Fprintf(&b, "- %q\n", strings.ReplaceAll(of(i), "'", ""))
	}
	return []byte(b.String())
}

func manyTests() map[string]func(i int) string {
	return map[string]func(i int) string{
		"of people": func(i int) string {
			return fmt.Sprintf("everybody may apply anything to '*', cn-hangzhou/vss-%d", i)
		},
		"that fail":    func(i int) string { return fmt.Sprintf("nobody may cancel anything of '*', cn-hangzhou/vss-%d", i) },
		"of approvals": func(i int) string { return fmt.Sprintf("anything of '*', cn-hangzhou/vss-%d needs 0", i) },
		"of guards": func(i int) string {
			return fmt.Sprintf("anything of '*', cn-hangzhou/vss-%d is not refused above 10000 clients", i)
		},
		"of windows": func(i int) string { return fmt.Sprintf("anything of '*', cn-hangzhou/vss-%d waits for no window", i) },
		"of times": func(i int) string {
			return fmt.Sprintf("anything of '*' is open at 2026-11-30T22:00:%02dZ, 2026-11-30T23:%02d:00Z, 2027-11-30T23:%02d:%02dZ", i%60, i%60, i%60, i/60)
		},
		"of patterns": func(i int) string {
			return fmt.Sprintf("anything of %s needs 0", strings.Trim(strings.Repeat(fmt.Sprintf("*s%dab*a*a*b*b, ", i), 11), ", "))
		},
		"with mistakes": func(i int) string { return fmt.Sprintf("person%d may aply prot=%d to offise", i, i) },
		"of strangers":  func(i int) string { return fmt.Sprintf("%s%d may view *", strings.Repeat("p", 60), i) },
		"of blanks":     func(i int) string { return strings.Repeat(" ", 290-len(strconv.Itoa(i))) + strconv.Itoa(i) },
		"of commas":     func(i int) string { return strings.Repeat("a, ", 90) + strconv.Itoa(i) },
		"of values": func(i int) string {
			return fmt.Sprintf("p0 may apply %s to *", strings.Trim(strings.Repeat(fmt.Sprintf("port=%d, ", 2000+i), 20), ", "))
		},
	}
}

// TestAttackTestsAtTheLimitsAreJudgedInTime judges as many tests as are allowed, of a policy
// with as many people, servers, grants and windows as are allowed.
func TestAttackTestsAtTheLimitsAreJudgedInTime(t *testing.T) {
	t.Parallel()
	growth.Skip(t)
	for name, of := range manyTests() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := tedious(500, 400, 50, 200, of)
			if len(data) > document.MaxSize {
				t.Fatalf("%d bytes", len(data))
			}
			start := time.Now()
			_, problems := policy.Parse(data, document.YAML)
			t.Logf("%d bytes, %d problems, %v", len(data), len(problems), time.Since(start))
			for _, p := range problems {
				if p.Path != "" && !strings.HasPrefix(p.Path, "tests[") {
					t.Fatal(p)
				}
			}
			growth.Within(t, 3*time.Second, data, judge)
		})
	}
}

// TestAttackTestsCostTheirSize quadruples tests, people and servers one by one.
func TestAttackTestsCostTheirSize(t *testing.T) {
	t.Parallel()
	growth.Skip(t)
	for name, of := range manyTests() {
		if testing.Short() && !slices.Contains([]string{"of people", "that fail", "of times"}, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			growth.Linear(t, 50, func(n int) []byte { return tedious(100, 100, 10, n, of) }, judge)
			growth.Linear(t, 100, func(n int) []byte { return tedious(n, 100, 10, 50, of) }, judge)
			growth.Linear(t, 100, func(n int) []byte { return tedious(100, n, 10, 50, of) }, judge)
			growth.Linear(t, 10, func(n int) []byte { return tedious(100, 100, n, 50, of) }, judge)
		})
	}
}
