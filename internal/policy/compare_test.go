package policy_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/growth"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// base is a policy that each case of TestCompare changes in one place.
const base = `people:
  - {name: mei, accounts: [{door: http, user: mei}, {door: slack, tenant: T1, user: U1}]}
  - {name: jun, accounts: [{door: http, user: jun}]}
  - {name: bot, accounts: [{door: http, user: bot}]}
servers:
  - {name: office-a, RegionId: cn-hangzhou, SslVpnServerId: vss-a}
  - {name: office-b, RegionId: cn-hangzhou, SslVpnServerId: vss-b}
  - {name: lab, RegionId: cn-beijing, SslVpnServerId: vss-lab}
grants:
  - {who: [mei], roles: [operator], servers: ["office-*"], settings: [Port, Proto]}
  - {who: [jun, bot], roles: [approver], servers: ["*"]}
  - {who: [jun], roles: [policy-editor], servers: ["*"]}
approvals:
  - {servers: [office-a], settings: [Port], need: 1}
guards:
  - {servers: ["office-*"], settings: [Port], maxConnected: 20, otherwise: refuse}
confirmations:
  - {servers: ["office-*"], settings: [Proto], for: 10m}
windows:
  - {name: nights, servers: ["office-*"], timeZone: Asia/Shanghai, open: [{days: [mon], from: "22:00", to: "06:00"}]}
notify:
  - {servers: ["*"], rooms: [{door: slack, tenant: T1, room: C1}]}
`

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		old, new string // what replaces what in base
		want     policy.Comparison
	}{
		{"the same", "", "", policy.Comparison{}},
		{"a comment", "people:", "# staff\npeople:", policy.Comparison{}},
		{
			"a setting more", "settings: [Port, Proto]}", "settings: [Port, Proto, Cipher]}",
			policy.Comparison{Gained: []policy.Access{{People: []string{"mei"}, May: "request", Servers: []string{"office-a", "office-b"}, Settings: settings("Cipher")}}},
		},
		{
			"all servers", `servers: ["office-*"], settings: [Port, Proto]}`, `servers: ["*"], settings: [Port, Proto]}`,
			policy.Comparison{Gained: []policy.Access{
				{People: []string{"mei"}, May: "request", Servers: []string{"lab", policy.EveryOther}, Settings: settings("Proto", "Port")},
				{People: []string{"mei"}, May: "view", Servers: []string{"lab", policy.EveryOther}},
			}},
		},
		{
			"a pattern of servers without a name", `servers: ["office-*"], settings: [Port, Proto]}`, `servers: ["office-*", "cn-beijing/*"], settings: [Port, Proto]}`,
			policy.Comparison{Gained: []policy.Access{
				{People: []string{"mei"}, May: "request", Servers: []string{"lab", "cn-beijing/*"}, Settings: settings("Proto", "Port")},
				{People: []string{"mei"}, May: "view", Servers: []string{"lab", "cn-beijing/*"}},
			}},
		},
		{
			"another role", "roles: [approver]", "roles: [admin]",
			policy.Comparison{Gained: []policy.Access{
				{People: []string{"jun", "bot"}, May: "request", Servers: []string{"office-a", "office-b", "lab", policy.EveryOther}},
				{People: []string{"jun", "bot"}, May: "cancelOthers", Servers: []string{"office-a", "office-b", "lab", policy.EveryOther}},
			}},
		},
		{
			"another editor", "{who: [jun], roles: [policy-editor]", "{who: [mei], roles: [policy-editor]",
			policy.Comparison{
				Gained: []policy.Access{{People: []string{"mei"}, May: "editPolicy"}},
				Lost:   []policy.Access{{People: []string{"jun"}, May: "editPolicy"}},
			},
		},
		{
			"an account of somebody else", "user: bot}]}", "user: bot2}]}",
			policy.Comparison{Accounts: []policy.AccountChange{{Account: "http:bot", From: "bot"}, {Account: "http:bot2", To: "bot"}}},
		},
		{
			"a person who leaves", "who: [jun, bot], roles: [approver]", "who: [bot], roles: [approver]",
			policy.Comparison{Lost: []policy.Access{
				{People: []string{"jun"}, May: "approve", Servers: []string{"office-a", "office-b", "lab", policy.EveryOther}},
				{People: []string{"jun"}, May: "view", Servers: []string{"office-a", "office-b", "lab", policy.EveryOther}},
			}},
		},
		{
			"more approvals", "settings: [Port], need: 1", "settings: [Port, Cipher], need: 1",
			policy.Comparison{Rules: []policy.RuleChange{{Rule: "approvals", Servers: []string{"office-a"}, Settings: settings("Cipher"), Before: "0", After: "1"}}},
		},
		{
			"no approvals", "approvals:\n  - {servers: [office-a], settings: [Port], need: 1}\n", "",
			policy.Comparison{Rules: []policy.RuleChange{{Rule: "approvals", Servers: []string{"office-a"}, Settings: settings("Port"), Before: "1", After: "0"}}},
		},
		{
			"a guard that lets more through", "maxConnected: 20", "maxConnected: 200",
			policy.Comparison{Rules: []policy.RuleChange{{Rule: "refuseAbove", Servers: []string{"office-a", "office-b"}, Settings: settings("Port"), Before: "20", After: "200"}}},
		},
		{
			"a guard that asks", "otherwise: refuse", "otherwise: approval",
			policy.Comparison{Rules: []policy.RuleChange{
				{Rule: "refuseAbove", Servers: []string{"office-a", "office-b"}, Settings: settings("Port"), Before: "20", After: "none"},
				{Rule: "approveAbove", Servers: []string{"office-a", "office-b"}, Settings: settings("Port"), Before: "none", After: "20"},
			}},
		},
		{
			"another time to confirm", "for: 10m", "for: 1h, proof: true",
			policy.Comparison{Rules: []policy.RuleChange{{Rule: "confirm", Servers: []string{"office-a", "office-b"}, Settings: settings("Proto"), Before: "10m", After: "1h proof"}}},
		},
		{
			"another window", `from: "22:00"`, `from: "21:00"`,
			policy.Comparison{Entries: []policy.EntryChange{{Kind: "windows", Name: "nights", Change: "changed"}}},
		},
		{
			"another zone of a window", "timeZone: Asia/Shanghai, open", "timeZone: UTC, open",
			policy.Comparison{Entries: []policy.EntryChange{{Kind: "windows", Name: "nights", Change: "changed"}}},
		},
		{
			"another name of a window", "name: nights", "name: days",
			policy.Comparison{Entries: []policy.EntryChange{{Kind: "windows", Name: "days", Change: "added"}, {Kind: "windows", Name: "nights", Change: "removed"}}},
		},
		{
			"a freeze", "notify:", "freezes: [{name: f, servers: ['*'], timeZone: UTC, from: 2026-11-10T00:00, until: 2026-11-11T00:00}]\nnotify:",
			policy.Comparison{Entries: []policy.EntryChange{{Kind: "freezes", Name: "f", Change: "added"}}},
		},
		{
			"a room that is not told any more", "room: C1", "room: C2",
			policy.Comparison{Entries: []policy.EntryChange{{Kind: "notify", Name: "slack T1 C2", Change: "added"}, {Kind: "notify", Name: "slack T1 C1", Change: "removed"}}},
		},
		{
			"a room that is told about less", `notify:` + "\n" + `  - {servers: ["*"]`, `notify:` + "\n" + `  - {servers: [lab]`,
			policy.Comparison{Entries: []policy.EntryChange{{Kind: "notify", Name: "slack T1 C1", Change: "changed"}}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if strings.Count(base, tt.old) != 1 && tt.old != "" {
				t.Fatalf("%q is not once in the policy", tt.old)
			}
			got := policy.Compare(parse(t, base), parse(t, strings.Replace(base, tt.old, tt.new, 1)))
			if !reflect.DeepEqual(normal(got), normal(tt.want)) || got.Empty() != (len(fmt.Sprint(normal(tt.want))) == len(fmt.Sprint(normal(policy.Comparison{})))) {
				text, _ := json.MarshalIndent(got, "", " ")
				t.Errorf("got %s", text)
			}
		})
	}
}

// A name that is given to another server changes what the name stands for.
func TestCompareSeesANameThatMoves(t *testing.T) {
	t.Parallel()
	got := policy.Compare(parse(t, base), parse(t, strings.Replace(base, "SslVpnServerId: vss-a}", "SslVpnServerId: vss-new}", 1)))
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`{"kind":"servers","name":"office-a","change":"changed"}`, `"gained":[{"people":["mei"],"may":"request","servers":["office-a"]`, `"lost":[{"people":["mei"],"may":"request","servers":["office-a"]`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %s", text, want)
		}
	}
}

func TestCompareWithNothing(t *testing.T) {
	t.Parallel()
	p := parse(t, base)
	for _, before := range []*policy.Policy{nil, policy.Absent()} {
		got := policy.Compare(before, p)
		if len(got.Gained) == 0 || len(got.Lost) != 0 || len(got.Accounts) != 4 || got.Open != (before != nil) {
			t.Errorf("got %+v", got)
		}
	}
	if got := policy.Compare(p, nil); len(got.Lost) == 0 || len(got.Gained) != 0 {
		t.Errorf("got %+v", got)
	}
}

// normal has nil in place of empty lists.
func normal(c policy.Comparison) policy.Comparison {
	if len(c.Accounts) == 0 {
		c.Accounts = nil
	}
	if len(c.Gained) == 0 {
		c.Gained = nil
	}
	if len(c.Lost) == 0 {
		c.Lost = nil
	}
	if len(c.Rules) == 0 {
		c.Rules = nil
	}
	if len(c.Entries) == 0 {
		c.Entries = nil
	}
	for _, list := range [][]policy.Access{c.Gained, c.Lost} {
		for i := range list {
			if len(list[i].Servers) == 0 {
				list[i].Servers = nil
			}
		}
	}
	return c
}

// The comparison of the largest policies ends in time, and its answer is bounded.
func TestAttackComparisonsAreBounded(t *testing.T) {
	t.Parallel()
	growth.Skip(t)
	before, problems := policy.Parse([]byte(crowded(7)), document.YAML)
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	after, problems := policy.Parse([]byte(crowded(11)), document.YAML)
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	text, err := json.Marshal(policy.Compare(before, after))
	if err != nil || len(text) > 256<<10 {
		t.Errorf("%d bytes: %v", len(text), err)
	}
	growth.Within(t, 10*time.Second, before, func(p *policy.Policy) { _ = policy.Compare(p, after) })
}

// crowded is a policy at its limits in which no two people and no two servers have the same
// grants.
func crowded(step int) string {
	var b strings.Builder
	b.WriteString("people:\n")
	for i := range 500 {
		fmt.Fprintf(&b, "  - {name: p%d-x, accounts: [{door: http, user: u%d}]}\n", i, i+step)
	}
	b.WriteString("servers:\n")
	for i := range 500 {
		fmt.Fprintf(&b, "  - {name: s%d-y, RegionId: cn-hangzhou, SslVpnServerId: vss-%d}\n", i, i)
	}
	b.WriteString("grants:\n")
	for i := range 200 {
		var who, servers []string
		for n := range 250 {
			who = append(who, fmt.Sprintf("p%d-x", (n*(i+step)+i)%500))
		}
		for n := range 20 {
			servers = append(servers, fmt.Sprintf("s%d-y", (n*(i+step)+i)%500))
		}
		fmt.Fprintf(&b, "  - {who: [%s], roles: [admin], servers: [%s], settings: [Port]}\n", strings.Join(unique(who), ","), strings.Join(unique(servers), ","))
	}
	return b.String()
}

func unique(list []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func settings(names ...change.Field) []change.Field { return names }
