package policy_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/gosource"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// pages are the two pages, with the headings of their sections in the same order.
func pages() map[string][]string {
	return map[string][]string{
		"policy.md":       {"Rules of policies", "Refusals", "Roles", "Keys of a policy", "Keys of a person", "Keys of an account", "Keys of a server", "Keys of a grant", "Keys of an approval", "Keys of a guard", "Keys of a confirmation", "Keys of a notification", "Keys of a room", "Keys of a window", "Keys of open", "Keys of a freeze", "Keys of an override"},
		"policy.zh-CN.md": {"策略的规则", "拒绝", "角色", "策略的键", "人的键", "账号的键", "服务端的键", "授权的键", "审批的键", "连接数限制的键", "确认规则的键", "通知的键", "会话的键", "维护窗口的键", "open 的键", "封网的键", "豁免的键"},
	}
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// rows reads the cells of each row below a heading whose first cell is code.
func rows(t *testing.T, page, heading string) map[string][]string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("the page has no section %s", heading)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	out := map[string][]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`|]+)` \\| (.+) \\|$").FindAllStringSubmatch(text, -1) {
		out[m[1]] = strings.Split(m[2], " | ")
	}
	return out
}

// policyRules are the rules of a policy as a document, refusals those that refuse
// what a person may not do.
func policyRules(t *testing.T) []string {
	t.Helper()
	own := slices.DeleteFunc(gosource.Constants(t, ".", "Rule"), func(rule string) bool { return slices.Contains(refusals(), rule) })
	shared := []string{change.RuleWrongType, change.RuleRegionFormat, change.RuleServerIDFormat, change.RuleUnknownSetting, change.RuleConfirmFormat, change.RuleConfirmRange}
	return slices.Concat(own, shared, gosource.Constants(t, "../document", "Rule"))
}

func refusals() []string {
	return []string{
		policy.RuleNotPermitted, policy.RuleUnknownAccount, policy.RulePermissionWithdrawn, policy.RulePolicyMissing, policy.RuleTooManyConnected,
		policy.RuleNeverOpens, policy.RuleExpiresBeforeOpening, policy.RuleOverrideUnknown, policy.RuleOverrideNotAllowed, policy.RuleOverrideNotNeeded,
	}
}

func TestPagesListEveryRule(t *testing.T) {
	t.Parallel()
	for name, headings := range pages() {
		page := readPage(t, name)
		for i, want := range [][]string{policyRules(t), refusals()} {
			got := rows(t, page, headings[i])
			if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(slices.Values(want))) {
				t.Errorf("%s, %s: the page has %q, the code %q", name, headings[i], slices.Sorted(maps.Keys(got)), want)
			}
			for rule, cells := range got {
				if len(cells) != 2 {
					t.Errorf("%s, %s: %q", name, rule, cells)
				}
			}
		}
	}
}

func TestPagesListEveryKey(t *testing.T) {
	t.Parallel()
	for name, headings := range pages() {
		page := readPage(t, name)
		for i, where := range []string{"", "people", "accounts", "servers", "grants", "approvals", "guards", "confirmations", "notify", "rooms", "windows", "open", "freezes", "override"} {
			got, want := slices.Sorted(maps.Keys(rows(t, page, headings[3+i]))), slices.Sorted(slices.Values(policy.Keys()[where]))
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: the page has %q, the code %q", name, headings[3+i], got, want)
			}
		}
	}
}

func TestPagesSayWhatRolesMayDo(t *testing.T) {
	t.Parallel()
	for name, headings := range pages() {
		table := rows(t, readPage(t, name), headings[2])
		if len(table) != len(policy.Roles()) {
			t.Errorf("%s: roles %q", name, table)
		}
		for _, role := range policy.Roles() {
			p := parse(t, one+"grants: [{who: [a], roles: ["+string(role)+"], servers: ['*']}]\n")
			var want []string
			for _, perm := range []policy.Permission{policy.Read, policy.Ask, policy.Approve, policy.Retract} {
				word := map[bool]string{true: "yes", false: "no"}
				if name != "policy.md" {
					word = map[bool]string{true: "是", false: "否"}
				}
				want = append(want, word[p.May(policy.Person{Name: "a"}, perm, hangzhou, nil) == nil])
			}
			if got := table[string(role)]; !slices.Equal(got, want) {
				t.Errorf("%s, %s: the page has %q, the code %q", name, role, got, want)
			}
		}
	}
}

func TestTheExampleOfThePagesDoesWhatTheySay(t *testing.T) {
	t.Parallel()
	for name := range pages() {
		examples := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(readPage(t, name), -1)
		if len(examples) != 1 {
			t.Fatalf("%s: %d examples", name, len(examples))
		}
		p, problems := policy.Parse([]byte(examples[0][1]), document.YAML)
		if len(problems) > 0 {
			t.Fatalf("%s: %v", name, problems)
		}
		office, _ := p.Server("office-hangzhou")
		port, mfa := []change.Field{change.Port}, []change.Field{change.EnableMultiFactorAuth}
		zhang := policy.Person{Name: "zhang.san"}
		if got := p.Approvers(askedBy("zhang.san", office, port)); p.Approvals(office, port) != 1 || !slices.Equal(got, []string{"li.si", "wang.wu"}) || p.May(zhang, policy.Ask, office, port) != nil {
			t.Errorf("%s: a change of the port by zhang.san: %q", name, got)
		}
		asked := change.Request{Target: office, Patch: change.Patch{change.Port: change.Number(1195)}}
		if p.TooManyConnected(asked, 20, true) != nil || p.TooManyConnected(asked, 21, true) == nil || p.Confirmation(asked) != (change.Confirmation{For: 10 * time.Minute, Proof: true}) {
			t.Errorf("%s: a change of the port with 20 and 21 clients connected", name)
		}
		if got := p.Approvers(askedBy("wang.wu", office, mfa)); p.Approvals(office, mfa) != 2 || !slices.Equal(got, []string{"zhang.san", "li.si"}) {
			t.Errorf("%s: multi-factor authentication by wang.wu: %q", name, got)
		}
	}
}

// TestPagesDescribeTests compares the forms of tests with the code, and reads the tests that a
// page shows as tests of its example.
func TestPagesDescribeTests(t *testing.T) {
	t.Parallel()
	for name, heading := range map[string]string{"policy.md": "## Tests", "policy.zh-CN.md": "## 测试"} {
		page := readPage(t, name)
		_, section, _ := strings.Cut(page, "\n"+heading+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		var verbs []string
		for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\*(?:settings|servers|freeze|配置项|服务端|封网)\\*").FindAllStringSubmatch(section, -1) {
			verbs = append(verbs, m[1])
		}
		if !slices.Equal(verbs, policy.Verbs()) {
			t.Errorf("%s: the page has the actions %q, the code %q", name, verbs, policy.Verbs())
		}
		shown := regexp.MustCompile(`(?m)^  - "(.*)"$`).FindAllStringSubmatch(section, -1)
		var tests []string
		for _, m := range shown {
			tests = append(tests, m[1])
		}
		rest, _, _ := splitTests(t, blocks(t, name)[0])
		if got := holding(t, rest, tests); len(tests) < 4 || slices.Contains(got, false) {
			t.Errorf("%s: %q: %v", name, tests, got)
		}
		forms := 0
		for _, m := range regexp.MustCompile("(?m)^\\| \\*(?:settings|配置项)\\* `of` \\*(?:servers|服务端)\\* (.*?) \\|").FindAllStringSubmatch(section, -1) {
			words := strings.NewReplacer("`", "", "*n*", "1", "*freeze*", "double-eleven", "*windows*", "nights", "*times*", "2026-12-01T00:00Z", "*duration*", "10m", ", ", "\n", "、", "\n", "*封网*", "double-eleven", "*维护窗口*", "nights", "*时间*", "2026-12-01T00:00Z", "*时长*", "10m").Replace(m[1])
			for line := range strings.Lines(words) {
				forms++
				_, problems := policy.Parse([]byte(rest+"tests: [port of office-hangzhou "+strings.TrimSpace(line)+"]\n"), document.YAML)
				if slices.ContainsFunc(problems, func(p change.Problem) bool { return p.Rule != policy.RuleTestFailed }) {
					t.Errorf("%s: %q: %v", name, line, problems)
				}
			}
		}
		if forms != 12 {
			t.Errorf("%s: %d forms", name, forms)
		}
	}
}
