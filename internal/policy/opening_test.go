package policy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// Windows at night from Monday to Friday, and two freezes of which one can be overridden.
const nightly = `
people:
  - {name: mei, accounts: [{door: slack, tenant: T1, user: mei}]}
  - {name: jun, accounts: [{door: slack, tenant: T1, user: jun}]}
  - {name: lan, accounts: [{door: slack, tenant: T1, user: lan}]}
grants:
  - {who: [mei], roles: [operator], servers: ["*"]}
  - {who: [jun, lan], roles: [approver], servers: ["*"]}
approvals:
  - {servers: ["*"], need: 1}
windows:
  - name: nights
    servers: ["*"]
    timeZone: Asia/Shanghai
    open: [{days: [mon, tue, wed, thu, fri], from: "22:00", to: "06:00"}]
freezes:
  - {name: double-eleven, servers: ["*"], timeZone: Asia/Shanghai, from: 2026-11-10T00:00, until: 2026-11-12T12:00, reason: 双十一, override: {need: 2}}
  - {name: new-year, servers: ["*"], timeZone: Asia/Shanghai, from: 2026-12-31T00:00, until: 2027-01-04T00:00, reason: 元旦}
`

func nightlyPolicy(t *testing.T) *policy.Policy {
	t.Helper()
	p, problems := policy.Parse([]byte(nightly), document.YAML)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// shanghai is a time in China.
func shanghai(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04Z07:00", s+"+08:00")
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func asksPort(edit func(*change.Request)) change.Request {
	r := change.Request{
		Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, Patch: change.Patch{change.Port: change.Number(1195)}, Reason: "why",
	}
	edit(&r)
	return r
}

func TestWhatWindowsAndFreezesRefuseAtOnce(t *testing.T) {
	t.Parallel()
	p := nightlyPolicy(t)
	at := func(s string) time.Time { return shanghai(t, s) }
	for name, tt := range map[string]struct {
		now   string
		edit  func(*change.Request)
		opens string   // "": open when it is due
		rules []string // why it is refused
	}{
		"in the afternoon":                     {"2026-11-24T15:00", func(*change.Request) {}, "2026-11-24T22:00", nil},
		"in the night":                         {"2026-11-24T23:00", func(*change.Request) {}, "", nil},
		"due in the night":                     {"2026-11-24T15:00", func(r *change.Request) { r.NotBefore = at("2026-11-25T02:00") }, "", nil},
		"on Saturday":                          {"2026-11-28T15:00", func(*change.Request) {}, "2026-11-30T22:00", nil},
		"a dry run":                            {"2026-11-24T15:00", func(r *change.Request) { r.DryRun = true }, "", nil},
		"it expires when the window opens":     {"2026-11-24T15:00", func(r *change.Request) { r.ExpiresAt = at("2026-11-24T22:00") }, "2026-11-24T22:00", []string{policy.RuleExpiresBeforeOpening}},
		"it expires a moment later":            {"2026-11-24T15:00", func(r *change.Request) { r.ExpiresAt = at("2026-11-24T22:00").Add(1) }, "2026-11-24T22:00", nil},
		"in the freeze":                        {"2026-11-10T23:00", func(*change.Request) {}, "2026-11-12T22:00", nil},
		"an override in the freeze":            {"2026-11-10T23:00", func(r *change.Request) { r.Override = "Double-Eleven" }, "", nil},
		"an override outside the window":       {"2026-11-10T15:00", func(r *change.Request) { r.Override = "double-eleven" }, "2026-11-10T22:00", nil},
		"an override that is due in it":        {"2026-11-09T15:00", func(r *change.Request) { r.Override, r.NotBefore = "double-eleven", at("2026-11-10T01:00") }, "", nil},
		"an override of an unknown freeze":     {"2026-11-10T23:00", func(r *change.Request) { r.Override = "triple" }, "2026-11-12T22:00", []string{policy.RuleOverrideUnknown}},
		"an override of another kind":          {"2026-12-31T23:00", func(r *change.Request) { r.Override = "new-year" }, "2027-01-04T22:00", []string{policy.RuleOverrideNotAllowed}},
		"an override before the freeze":        {"2026-11-09T23:00", func(r *change.Request) { r.Override = "double-eleven" }, "", []string{policy.RuleOverrideNotNeeded}},
		"an override at the end of the freeze": {"2026-11-12T12:00", func(r *change.Request) { r.Override = "double-eleven" }, "2026-11-12T22:00", []string{policy.RuleOverrideNotNeeded}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, problems := p.Opening(asksPort(tt.edit), at(tt.now))
			var rules []string
			for _, no := range problems {
				rules = append(rules, no.Rule)
			}
			if !slices.Equal(rules, tt.rules) {
				t.Errorf("refused by %q, want %q", rules, tt.rules)
			}
			if v.Open != (tt.opens == "") || !v.Open && !v.Opens.Equal(at(tt.opens)) {
				t.Errorf("it opens %v, %s; want %q", v.Open, v.Opens, tt.opens)
			}
		})
	}
}

// A window that is closed on every day of a year refuses at once.
func TestAWindowThatNeverOpens(t *testing.T) {
	t.Parallel()
	text := strings.Replace(nightly, "[mon, tue, wed, thu, fri]", "[mon]", 1)
	text += `  - {name: closed, servers: ["*"], timeZone: UTC, from: 2026-01-01T00:00, until: 2031-01-01T00:00, reason: moving}` + "\n"
	p, problems := policy.Parse([]byte(text), document.YAML)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if _, no := p.Opening(asksPort(func(*change.Request) {}), shanghai(t, "2026-11-24T15:00")); len(no) != 1 || no[0].Rule != policy.RuleNeverOpens || !strings.Contains(no[0].Message, "closed") {
		t.Errorf("refused by %v", no)
	}
}

// An override needs the votes of its freeze, as the policy is when it is sent.
func TestHowManyApproveAnOverride(t *testing.T) {
	t.Parallel()
	p := nightlyPolicy(t)
	plain, override := asksPort(func(*change.Request) {}), asksPort(func(r *change.Request) { r.Override = "double-eleven" })
	if a, b := p.ApprovalsOf(plain), p.ApprovalsOf(override); a != 1 || b != 2 {
		t.Errorf("they need %d and %d approvals", a, b)
	}
	c := change.Change{
		Request: override, Approvals: 1, Account: change.Account{Channel: "slack", Tenant: "T1", User: "mei"}, Origin: change.Origin{Kind: change.FromChat, Person: "mei"},
	}
	vote := func(who string) change.Vote {
		return change.Vote{Kind: change.Approval, Person: who, Account: "slack:T1/" + who}
	}
	if no := p.Refuses(c, []change.Vote{vote("jun")}); no == nil || no.Rule != policy.RulePermissionWithdrawn {
		t.Errorf("with one approval: %v", no)
	}
	if no := p.Refuses(c, []change.Vote{vote("jun"), vote("lan")}); no != nil {
		t.Errorf("with two approvals: %v", no)
	}
}

// An approval counts until the end of the first opening after it.
func TestUntilWhenAnApprovalCounts(t *testing.T) {
	t.Parallel()
	p := nightlyPolicy(t)
	for name, tt := range map[string]struct {
		at, due string
		want    string // "": as always
	}{
		"on Friday afternoon, for the night": {"2026-11-27T15:00", "2026-11-27T15:00", ""}, // Saturday 06:00 is less than a day away
		"on Saturday, for Monday night":      {"2026-11-28T15:00", "2026-11-28T14:00", "2026-12-01T06:00"},
		"in the night, which ends":           {"2026-11-25T05:00", "2026-11-24T14:00", ""},
		"for a change that is due later":     {"2026-11-24T15:00", "2026-11-28T09:00", "2026-12-01T06:00"},
		"at most eight days":                 {"2026-12-30T23:00", "2027-01-07T12:00", "2027-01-07T23:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := shanghai(t, tt.at)
			got := p.ApprovalCounts(change.Change{Request: asksPort(func(*change.Request) {}), DueAt: shanghai(t, tt.due)}, at)
			if tt.want == "" && !got.IsZero() || tt.want != "" && !got.Equal(shanghai(t, tt.want)) {
				t.Errorf("it counts until %s, want %q", got, tt.want)
			}
		})
	}
	if got := policy.Absent().ApprovalCounts(change.Change{Request: asksPort(func(*change.Request) {})}, time.Now()); !got.IsZero() {
		t.Errorf("without a policy it counts until %s", got)
	}
}
