package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

var (
	hangzhou = change.Target{RegionID: "cn-hangzhou", ServerID: "vss-bp1"}
	beijing  = change.Target{RegionID: "cn-beijing", ServerID: "vss-2ze"}
	other    = change.Target{RegionID: "cn-beijing", ServerID: "vss-other"}
)

func TestAccountsBelongToPeople(t *testing.T) {
	t.Parallel()
	p := parse(t, example)
	for _, a := range []policy.Account{
		{Channel: "dingtalk", Tenant: "ding0123", User: "manager0417"},
		{Channel: "slack", Tenant: "T1DC2JH3J", User: "U2CERLKJA"},
		{Channel: "http", User: "bot"},
		{Channel: "file", User: "20412345678"},
		{Channel: "timer", User: "night"},
	} {
		if who, ok := p.Person(a); !ok || who != (policy.Person{Name: "zhang.san", Lang: lang.Chinese}) {
			t.Errorf("%v belongs to %v, %v", a, who, ok)
		}
	}
	for _, a := range []policy.Account{
		{},
		{Channel: "slack", Tenant: "ding0123", User: "manager0417"},
		{Channel: "dingtalk", Tenant: "ding0124", User: "manager0417"},
		{Channel: "dingtalk", User: "manager0417"},
		{Channel: "http", User: "zhang.san"},
		{Channel: "http", Tenant: "x", User: "bot"},
	} {
		if who, ok := p.Person(a); ok || who != (policy.Person{}) {
			t.Errorf("%v belongs to %v", a, who)
		}
		if problem := p.Unknown(a); problem.Rule != policy.RuleUnknownAccount || !strings.Contains(problem.Hint, objects.PolicyFile) {
			t.Errorf("%v: %v", a, problem)
		}
	}
	if got := p.Unknown(policy.Account{Channel: "slack", Tenant: "T1", User: "U1"}).String(); !strings.Contains(got, "slack:T1/U1") || !strings.Contains(got, "{door: slack, tenant: T1, user: U1}") {
		t.Error(got)
	}
	if got := p.People(); len(got) != 3 || got[2].Name != "wang.wu" || got[2].Lang != "" {
		t.Errorf("people %v", got)
	}
}

func TestServersHaveNames(t *testing.T) {
	t.Parallel()
	p := parse(t, example)
	for name, want := range map[string]change.Target{
		"office-hangzhou": hangzhou, "Office-HANGZHOU": hangzhou, "研发VPN": beijing, "研发vpn": beijing, "vss-2ze": beijing,
		"": {}, "office": {}, "vss-other": {}, "cn-beijing/vss-2ze": {}, "*": {},
	} {
		if got, ok := p.Server(name); got != want || ok != (want != change.Target{}) {
			t.Errorf("%s is %v, %v", name, got, ok)
		}
	}
	if p.NameOf(hangzhou) != "office-hangzhou" || p.NameOf(beijing) != "研发VPN" || p.NameOf(other) != "vss-other" {
		t.Error(p.NameOf(hangzhou), p.NameOf(beijing), p.NameOf(other))
	}
	if got := p.Servers(); !slices.Equal(got, []policy.Server{{Target: hangzhou, Name: "office-hangzhou"}, {Target: beijing, Name: "研发VPN"}}) {
		t.Errorf("servers %v", got)
	}
	twins := parse(t, one+"servers: [{name: x1, RegionId: cn-a1, SslVpnServerId: vss-a}, {name: x2, RegionId: cn-b1, SslVpnServerId: vss-a}]\n"+grant)
	if got, ok := twins.Server("vss-a"); ok {
		t.Errorf("an id of two regions is %v", got)
	}
}

func TestDecisionsOfGrants(t *testing.T) {
	t.Parallel()
	p := parse(t, example)
	port, cipher, idaas := []change.Field{change.Port}, []change.Field{change.Cipher}, []change.Field{change.IDaaSRegionID}
	both := []change.Field{change.Port, change.Cipher}
	for _, tt := range []struct {
		who    string
		perm   policy.Permission
		on     change.Target
		fields []change.Field
		want   string // what the refusal says; "" when allowed
	}{
		{"zhang.san", policy.Read, other, cipher, ""},
		{"zhang.san", policy.Ask, hangzhou, port, ""},
		{"zhang.san", policy.Ask, hangzhou, nil, ""},
		{"zhang.san", policy.Ask, beijing, idaas, ""},
		{"zhang.san", policy.Ask, other, port, "zhang.san may not request changes of Port on cn-beijing/vss-other [not-permitted]: wang.wu may; or have the role operator granted in policy/policy.yaml"},
		{"zhang.san", policy.Ask, other, nil, "zhang.san may not request changes on"},
		{"zhang.san", policy.Ask, hangzhou, both, "request changes of Cipher on office-hangzhou (cn-hangzhou/vss-bp1)"},
		{"zhang.san", policy.Approve, hangzhou, port, "zhang.san may not approve changes of Port"},
		{"zhang.san", policy.Retract, hangzhou, port, "zhang.san may not cancel others' changes of Port"},
		{"li.si", policy.Ask, hangzhou, port, "zhang.san, wang.wu may"},
		{"li.si", policy.Approve, other, both, ""},
		{"li.si", policy.Retract, other, both, "have the role admin granted"},
		{"wang.wu", policy.Ask, other, change.Fields(), ""},
		{"wang.wu", policy.Approve, other, change.Fields(), ""},
		{"wang.wu", policy.Retract, other, change.Fields(), ""},
		{"wang.wu", "drop", other, nil, "may not drop on"},
		{"zhang.san", policy.Ask, hangzhou, []change.Field{"DnsServers"}, "nobody may; have the role operator granted in policy/policy.yaml"},
		{"nobody", policy.Read, hangzhou, nil, `the policy has no person "nobody" [unknown-account]`},
		{"", policy.Read, hangzhou, nil, "unknown-account"},
		{"http:bot", policy.Ask, hangzhou, port, "unknown-account"},
	} {
		problem := p.May(policy.Person{Name: tt.who}, tt.perm, tt.on, tt.fields)
		if tt.want == "" != (problem == nil) || problem != nil && !strings.Contains(problem.String(), tt.want) {
			t.Errorf("%s, %s of %v on %v: %v, want %q", tt.who, tt.perm, tt.fields, tt.on, problem, tt.want)
		}
	}
}

func TestTheStrictestApprovalCounts(t *testing.T) {
	t.Parallel()
	p := parse(t, example)
	for _, tt := range []struct {
		on     change.Target
		fields []change.Field
		want   int
	}{
		{hangzhou, nil, 0},
		{hangzhou, []change.Field{change.Port}, 1},
		{hangzhou, []change.Field{change.Port, change.EnableMultiFactorAuth}, 2},
		{beijing, []change.Field{change.Port}, 0},
		{beijing, []change.Field{change.IDaaSRegionID, change.Port}, 2},
	} {
		if got := p.Approvals(tt.on, tt.fields); got != tt.want {
			t.Errorf("%v of %v: %d, want %d", tt.fields, tt.on, got, tt.want)
		}
	}
}

func TestNobodyApprovesTheirOwnUnderAnotherName(t *testing.T) {
	t.Parallel()
	p := parse(t, two+"grants: [{who: ['*'], roles: [admin], servers: ['*']}]\napprovals: [{servers: ['*'], need: 1}]\n")
	port := []change.Field{change.Port}
	for asker, want := range map[string][]string{"a": {"b"}, "b": {"a"}, "c": {"a", "b"}} {
		if got := p.Approvers(askedBy(asker, hangzhou, port)); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", asker, got, want)
		}
	}
}

func TestWithoutAPolicy(t *testing.T) {
	t.Parallel()
	p := policy.Absent()
	for _, tt := range []struct {
		account policy.Account
		name    string // "" for an invalid account
		asks    bool
	}{
		{policy.Account{Channel: "http", User: "bot"}, "http:bot", true},
		{policy.Account{Channel: "file", User: "2041"}, "file:2041", true},
		{policy.Account{Channel: "timer", User: "night"}, "timer:night", true},
		{policy.Account{Channel: "dingtalk", Tenant: "ding", User: "m"}, "dingtalk:ding/m", false},
		{policy.Account{Channel: "slack", Tenant: "T", User: "U"}, "slack:T/U", false},
		{policy.Account{Channel: "another", Tenant: "T", User: "U"}, "another:T/U", false},
		{policy.Account{}, "", false},
		{policy.Account{Channel: "slack", User: "U"}, "", false},
		{policy.Account{Channel: "http", Tenant: "T", User: "U"}, "", false},
		{policy.Account{Channel: "http"}, "", false},
		{policy.Account{Channel: "http:x", Tenant: "T", User: "U"}, "", false},
	} {
		who, ok := p.Person(tt.account)
		if ok != (tt.name != "") || ok && who.Name != tt.name {
			t.Errorf("%v is %v, %v", tt.account, who, ok)
		}
		if !ok {
			continue
		}
		if problem := p.May(who, policy.Read, hangzhou, nil); problem != nil {
			t.Errorf("%s may not read: %v", who.Name, problem)
		}
		for _, perm := range []policy.Permission{policy.Ask, policy.Approve, policy.Retract} {
			if problem := p.May(who, perm, hangzhou, change.Fields()); (problem == nil) != tt.asks || problem != nil && problem.Rule != policy.RuleNotPermitted {
				t.Errorf("%s, %s: %v", who.Name, perm, problem)
			}
		}
	}
	for _, name := range []string{"", "zhang.san", ":x"} {
		if problem := p.May(policy.Person{Name: name}, policy.Read, hangzhou, nil); problem == nil || problem.Rule != policy.RuleUnknownAccount {
			t.Errorf("%q may read: %v", name, problem)
		}
	}
	if !p.Absent() || p.Approvals(hangzhou, change.Fields()) != 0 || p.Approvers(askedBy("", hangzhou, nil)) != nil || len(p.Servers()) != 0 || p.NameOf(hangzhou) != "vss-bp1" {
		t.Error("the absent policy has something")
	}
}
