package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/growth"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// size says how large a policy is.
type size struct{ people, servers, grants, approvals, selectors, who int }

// large renders a policy of a size, in which each grant and each approval has its own
// selectors. A selector is a pattern that is slow to judge; those of grants and of
// approvals have few servers in common.
func large(s size, who string) []byte {
	var b strings.Builder
	b.WriteString("people:\n")
	for i := range s.people {
		fmt.Fprintf(&b, "- {name: p%d, accounts: [{door: http, user: u%d}]}\n", i, i)
	}
	b.WriteString("servers:\n")
	for i := range s.servers {
		fmt.Fprintf(&b, "- {name: s%d%s, RegionId: cn-hangzhou, SslVpnServerId: vss-%d}\n", i, strings.Repeat("ab", 25), i)
	}
	selectors := func(list int) string {
		var out []string
		for i := range s.selectors {
			if i%2 == 1 && s.servers > 0 {
				out = append(out, fmt.Sprintf("'*s%dab*a*a*b*b'", (list+i)%s.servers))
				continue
			}
			kind := "g"
			if list >= 1000 {
				kind = "p"
			}
			out = append(out, fmt.Sprintf("'vss-*a*a*a*%dx%d%s'", list, i, kind))
		}
		slices.Sort(out)
		out = slices.Compact(out)
		return strings.Join(out, ", ")
	}
	names := who
	if s.who > 0 {
		var list []string
		for i := range s.who {
			list = append(list, fmt.Sprintf("p%d", i))
		}
		names = strings.Join(list, ", ")
	}
	b.WriteString("grants:\n")
	for i := range s.grants {
		fmt.Fprintf(&b, "- {who: [%s], roles: [admin], servers: [%s]}\n", names, selectors(i))
	}
	b.WriteString("approvals:\n")
	for i := range s.approvals {
		fmt.Fprintf(&b, "- {servers: [%s], need: 1}\n", selectors(1000+i))
	}
	return []byte(b.String())
}

func judge(data []byte) { policy.Parse(data, document.YAML) }

// TestAttackThePoliciesAtTheLimitsAreJudgedInTime judges policies with as many grants,
// servers, approvals and people as are allowed. 200 grants and 50 approvals with 100
// servers each took 28 seconds.
func TestAttackThePoliciesAtTheLimitsAreJudgedInTime(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]size{
		"200 grants and 50 approvals with 100 servers each": {people: 2, servers: 0, grants: 200, approvals: 50, selectors: 100},
		"as many selectors as are allowed":                  {people: 500, servers: 500, grants: 150, approvals: 50, selectors: 25},
		"as many grants for everybody":                      {people: 500, servers: 1, grants: 200, approvals: 50, selectors: 1},
		"grants with many names":                            {people: 500, servers: 1, grants: 200, approvals: 50, selectors: 1, who: 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := large(s, `"*"`)
			if len(data) > document.MaxSize {
				t.Logf("%d bytes", len(data))
			}
			growth.Within(t, 3*time.Second, data, judge)
		})
	}
}

// TestAttackPoliciesCostTheirSize quadruples the parts of a policy one by one.
func TestAttackPoliciesCostTheirSize(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]func(n int) size{
		"people":    func(n int) size { return size{people: n, servers: 1, grants: 10, approvals: 10, selectors: 1} },
		"servers":   func(n int) size { return size{people: 1, servers: n, grants: 10, approvals: 10, selectors: 10} },
		"grants":    func(n int) size { return size{people: 100, servers: 10, grants: n / 2, approvals: 10, selectors: 5} },
		"approvals": func(n int) size { return size{people: 100, servers: 10, grants: 100, approvals: n / 10, selectors: 5} },
		"selectors": func(n int) size { return size{people: 10, servers: 500, grants: 20, approvals: 20, selectors: n / 5} },
		"names": func(n int) size {
			return size{people: 500, servers: 1, grants: 100, approvals: 1, selectors: 1, who: n}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			growth.Linear(t, 100, func(n int) []byte { return large(of(n), `"*"`) }, judge)
		})
	}
}

// TestAttackHintsOfAPolicyAreBounded names people and servers that nobody knows.
func TestAttackHintsOfAPolicyAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("people:\n")
	for i := range 500 {
		fmt.Fprintf(&b, "- {name: %s%d, accounts: [{door: http, user: u%d}]}\n", strings.Repeat("n", 60), i, i)
	}
	b.WriteString("grants:\n")
	for range 20 {
		b.WriteString("- {roles: [admin], servers: [x], who: [")
		for i := range 500 {
			fmt.Fprintf(&b, "%s%d, ", strings.Repeat("m", 60), i)
		}
		b.WriteString("a]}\n")
	}
	growth.Within(t, 3*time.Second, []byte(b.String()), judge)
}

// TestAttackDecisionsOfALargePolicyAreFast asks the largest policy.
func TestAttackDecisionsOfALargePolicyAreFast(t *testing.T) {
	t.Parallel()
	data := large(size{people: 500, servers: 500, grants: 100, approvals: 1, selectors: 1, who: 400}, "")
	data = []byte(strings.ReplaceAll(string(data), "'vss-*a*a*a*", "vss-1, 'vss-*a*a*a*"))
	p, problems := policy.Parse(data, document.YAML)
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	target := change.Target{RegionID: "cn-hangzhou", ServerID: "vss-1"}
	if got := len(p.Who(policy.Approve, target, change.Fields())); got != 400 {
		t.Errorf("%d people", got)
	}
	growth.Within(t, time.Second, p, func(p *policy.Policy) { p.Who(policy.Approve, target, change.Fields()) })
}

// named renders a policy with two people or two servers of these names.
func named(kind, a, b string) []byte {
	if kind == "people" {
		return fmt.Appendf(nil, "people:\n- {name: %q, accounts: [{door: http, user: a}]}\n- {name: %q, accounts: [{door: http, user: b}]}\ngrants: []\n", a, b)
	}
	return fmt.Appendf(nil, "people: []\ngrants: []\nservers:\n- {name: %q, RegionId: cn-hangzhou, SslVpnServerId: vss-a}\n- {name: %q, RegionId: cn-hangzhou, SslVpnServerId: vss-b}\n", a, b)
}

// TestAttackNamesThatLookAlike gives two people, and two servers, names that readers
// confuse.
func TestAttackNamesThatLookAlike(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"mei", "mеi"},
		{"office", "оffice"},
		{"office", "οffice"},
		{"mei", "meі"},
		{"scope", "ѕсоре"},
		{"anna", "аnnа"},
		{"lisi", "Iisi"},
		{"lisi", "1isi"},
		{"zhao", "zha0"},
		{"zhao", "zhaO"},
		{"room10", "rooml0"},
		{"room10", "roomlO"},
		{"modern", "modem"},
		{"wang", "vvang"},
		{"vpn-a", "vpn-ɑ"},
		{"KING", "КING"},
		{"ross", "roѕѕ"},
		{"li", "lı"},
		{"力一", "カー"},
		{"路口", "路ロ"},
		{"vpn5", "vpn5"},
		{"nina", "ոina"},
		{"Vera", "Ѵera"},
	} {
		for _, kind := range []string{"people", "servers"} {
			_, problems := policy.Parse(named(kind, pair[0], pair[1]), document.YAML)
			rules := []string{policy.RuleNameLookAlike}
			if strings.EqualFold(pair[0], pair[1]) {
				rules = []string{policy.RulePersonDuplicate, policy.RuleServerDuplicate}
			}
			if len(problems) != 1 || !slices.Contains(rules, problems[0].Rule) {
				t.Errorf("%s %q and %q: %v", kind, pair[0], pair[1], problems)
			}
		}
	}
}

func TestAttackSecondFormsOfLettersAreNoNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ｍei", "𝐦ei", "\uf900", "ﬁne", "\u1100\u1161\u11a8", "ℕode", "ㅤ", "a\u3164", "ﻼ", "ᄀ", "a\u115f"} {
		for _, kind := range []string{"people", "servers"} {
			_, problems := policy.Parse(named(kind, name, "other"), document.YAML)
			if len(problems) != 1 {
				t.Errorf("%s %q: %v", kind, name, problems)
			}
		}
	}
}

func TestNamesThatDoNotLookAlike(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"zhang.san", "zhang.shan"}, {"office-1", "office-2"}, {"li", "lin"}, {"a.b", "a-b"}, {"研发", "研究"}, {"иван", "олег"}, {"e", "c"}, {"josé", "jose"}, {"room1", "room2"},
	} {
		for _, kind := range []string{"people", "servers"} {
			if _, problems := policy.Parse(named(kind, pair[0], pair[1]), document.YAML); len(problems) > 0 {
				t.Errorf("%s %q and %q: %v", kind, pair[0], pair[1], problems)
			}
		}
	}
}

// TestAttackANameThatLooksLikeAnID gives a server the look of another's id.
func TestAttackANameThatLooksLikeAnID(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"vss-bp1", "VSS-bp1", "vѕs-bp1", "νss-bp1", "vss-bр1", "20261122-7f3akqxcd2", "2O26ll22-7f3akqxcd2"} {
		_, problems := policy.Parse(named("servers", name, "other"), document.YAML)
		if len(problems) != 1 || problems[0].Rule != policy.RuleServerNameFormat {
			t.Errorf("%q: %v", name, problems)
		}
	}
}

// TestAttackAPolicyThatSaysMoreThanItShows gives a right in a comment.
func TestAttackAPolicyThatSaysMoreThanItShows(t *testing.T) {
	t.Parallel()
	for _, r := range []rune{0x85, 0x2028, 0x2029, 0x202E, 0x200B, 0x200D, 0xE0041, 0xFEFF, 0x3164, 0xFE0F, 0xAD, 0x0D} {
		text := example + fmt.Sprintf("# nobody%c  - {who: [\"*\"], roles: [admin], servers: [\"*\"]}\n", r)
		_, problems := policy.Parse([]byte(text), document.YAML)
		if len(problems) != 1 || problems[0].Rule != document.RuleEncoding || !strings.Contains(problems[0].Message, fmt.Sprintf("line %d, column 9: the document contains the character %U (", 1+strings.Count(example, "\n"), r)) {
			t.Errorf("%U: %v", r, problems)
		}
	}
}

func TestDocumentsThatAreNoPolicies(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"changes: []\n", "RegionId: cn-hangzhou\nSslVpnServerId: vss-a\nPort: 1195\n", "ROSTemplateFormatVersion: '2015-09-01'\n",
		`{"Version": "1", "Statement": []}`, `{"schema": "sslvpn-change/receipt/v1"}`, "apiVersion: v1\nkind: Role\n",
	} {
		_, problems := policy.Parse([]byte(text), document.YAML)
		if len(problems) != 1 || problems[0].Rule != document.RuleOtherDocument {
			t.Errorf("%s: %v", text, problems)
		}
	}
}
