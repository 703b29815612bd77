package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// everything gives everybody every role, so that what an assistant cannot do is not for
// want of a grant.
const everything = `people:
  - {name: robot, assistant: true, accounts: [{door: http, user: robot}, {door: file, user: "2001"}, {door: timer, user: nightly}, {door: slack, tenant: T1, user: robot}]}
  - {name: mei, accounts: [{door: slack, tenant: T1, user: mei}, {door: http, user: mei}]}
  - {name: jun, accounts: [{door: slack, tenant: T1, user: jun}]}
servers:
  - {name: office, RegionId: cn-hangzhou, SslVpnServerId: vss-bp1}
grants:
  - {who: ["*"], roles: [viewer, operator, approver, admin, policy-editor], servers: ["*"]}
freezes: [{name: double-eleven, servers: ["*"], timeZone: UTC, from: 2026-11-10T00:00, until: 2026-11-12T00:00, override: {need: 1}}]
`

func person(t *testing.T, p *policy.Policy, user string) policy.Person {
	t.Helper()
	who, ok := p.Person(policy.Account{Channel: "http", User: user})
	if !ok {
		t.Fatalf("there is no %s", user)
	}
	return who
}

func TestWhatAnAssistantMayDoWhateverGrantsSay(t *testing.T) {
	t.Parallel()
	p := parse(t, everything)
	robot, mei := person(t, p, "robot"), person(t, p, "mei")
	if !robot.Assistant || mei.Assistant {
		t.Fatalf("robot %v, mei %v", robot, mei)
	}
	fields := []change.Field{change.Port}
	for perm, want := range map[policy.Permission]bool{policy.Read: true, policy.Ask: true, policy.Approve: false, policy.Retract: false, policy.Override: false, policy.Edit: false, "anything-new": false} {
		if no := p.May(robot, perm, hangzhou, fields); (no == nil) != want {
			t.Errorf("%s: %v", perm, no)
		}
		if no := p.MayEverywhere(robot, perm); (no == nil) != want {
			t.Errorf("%s everywhere: %v", perm, no)
		}
		if slices.Contains(p.Who(perm, hangzhou, fields), "robot") != want {
			t.Errorf("%s: the list of the people contradicts that", perm)
		}
		if no := p.May(mei, perm, hangzhou, fields); perm != "anything-new" && no != nil {
			t.Errorf("mei, %s: %v", perm, no)
		}
	}
	if no := p.MayConfirm(robot, hangzhou, fields); no == nil || p.MayConfirm(mei, hangzhou, fields) != nil {
		t.Errorf("confirm: %v", no)
	}
	frozen := portOf(hangzhou)
	frozen.Override = "double-eleven"
	if no := p.MayOverride(robot, frozen); no == nil || no.Path != "override" || p.MayOverride(mei, frozen) != nil || p.MayOverride(robot, portOf(hangzhou)) != nil {
		t.Errorf("override: %v", no)
	}
	if got := p.Permissions(hangzhou, fields, "robot"); got.Approvals != 1 || len(got.People) != 1 || !got.People[0].Assistant || got.People[0].Approve || !got.People[0].Request {
		t.Errorf("the answer about it is %+v", got)
	}
	if got := p.Permissions(hangzhou, fields, "mei"); got.Approvals != 0 || slices.Contains(got.Approvers, "robot") {
		t.Errorf("the answer about mei is %+v", got)
	}
}

// Roles with more than an operator's permissions do not let an assistant request either.
func TestARoleOfEverybodyThatIsNotOperator(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"viewer", "approver", "admin"} {
		text, _, _ := strings.Cut(everything, "freezes:")
		p := parse(t, strings.Replace(text, "[viewer, operator, approver, admin, policy-editor]", "["+role+"]", 1))
		robot := person(t, p, "robot")
		if no := p.May(robot, policy.Ask, hangzhou, []change.Field{change.Port}); no == nil {
			t.Errorf("%s lets it request changes", role)
		}
		if no := p.May(robot, policy.Read, hangzhou, nil); no != nil {
			t.Errorf("%s: %v", role, no)
		}
	}
}

// by is a change that an account requested when it belonged to a person.
func by(account change.Account, name string, assistant bool) change.Change {
	return change.Change{
		Request: portOf(hangzhou), Account: account,
		Origin: change.Origin{Kind: change.FromHTTP, Actor: account.User, Person: name, Assistant: assistant},
	}
}

func approvedBy(names ...string) []change.Vote {
	var out []change.Vote
	for _, name := range names {
		account := "slack:T1/" + name
		out = append(out, change.Vote{Kind: change.Approval, Person: name, Account: account})
	}
	return out
}

// The door does not matter, nor what was known when the change was accepted.
func TestWhatAnAssistantRequestedNeedsAnApproval(t *testing.T) {
	t.Parallel()
	p := parse(t, everything)
	for name, c := range map[string]change.Change{
		"over HTTP":                               by(change.Account{Channel: "http", User: "robot"}, "robot", true),
		"by a file":                               by(change.Account{Channel: "file", User: "2001"}, "robot", true),
		"by a timer":                              by(change.Account{Channel: "timer", User: "nightly"}, "robot", true),
		"in chat":                                 by(change.Account{Channel: "slack", Tenant: "T1", User: "robot"}, "robot", true),
		"before it was an assistant":              by(change.Account{Channel: "http", User: "robot"}, "robot", false),
		"before its account was an assistant's":   by(change.Account{Channel: "http", User: "robot"}, "mei", false),
		"when its account was an assistant's":     by(change.Account{Channel: "http", User: "mei"}, "other", true),
		"under a name that is an assistant's now": by(change.Account{Channel: "http", User: "mei"}, "robot", false),
	} {
		if !p.Assisted(c) {
			t.Errorf("%s: it does not count as an assistant's", name)
		}
		if no := p.Refuses(c, nil); no == nil || no.Rule != policy.RulePermissionWithdrawn {
			t.Errorf("%s, without an approval: %v", name, no)
		}
		if no := p.Refuses(c, approvedBy("robot")); no == nil {
			t.Errorf("%s: it approved itself", name)
		}
		if no := p.Refuses(c, approvedBy("jun")); no != nil {
			t.Errorf("%s, approved: %v", name, no)
		}
	}
	mine := by(change.Account{Channel: "http", User: "mei"}, "mei", false)
	if p.Assisted(mine) || p.Refuses(mine, nil) != nil {
		t.Error("a person's change needs an approval")
	}
	dry := by(change.Account{Channel: "http", User: "robot"}, "robot", true)
	dry.DryRun = true
	if no := p.Refuses(dry, nil); no != nil {
		t.Errorf("a dry run: %v", no)
	}
	frozen := by(change.Account{Channel: "http", User: "robot"}, "robot", true)
	frozen.Override = "double-eleven"
	if no := p.Refuses(frozen, approvedBy("jun", "mei")); no == nil {
		t.Error("its override counts")
	}
}

// What an assistant approved does not count, also as the second of two, and also if it
// was a person when it approved.
func TestAnAssistantsApprovalNeverCounts(t *testing.T) {
	t.Parallel()
	p := parse(t, everything+"approvals: [{servers: [office], need: 2}]\n")
	c := by(change.Account{Channel: "slack", Tenant: "T1", User: "lan"}, "mei", false)
	c.Account = change.Account{Channel: "http", User: "mei"}
	c.Approvals = 2
	for name, votes := range map[string][]change.Vote{
		"as the second":         approvedBy("jun", "robot"),
		"as the first":          approvedBy("robot", "jun"),
		"under an earlier name": {approvedBy("jun")[0], {Kind: change.Approval, Person: "lin", Account: "slack:T1/robot"}},
		"by its name then":      {approvedBy("jun")[0], {Kind: change.Approval, Person: "robot", Account: "slack:T1/jun"}},
	} {
		if no := p.Refuses(c, votes); no == nil {
			t.Errorf("%s: it counts", name)
		}
	}
}

func TestHowManyApproveWhatAnAssistantRequests(t *testing.T) {
	t.Parallel()
	p := parse(t, everything)
	two := parse(t, strings.Replace(everything, "freezes:", "approvals: [{servers: [office], settings: [Port], need: 2}]\nfreezes:", 1))
	robot := policy.Person{Name: "robot", Assistant: true}
	if a, b := p.ApprovalsFor(robot, portOf(hangzhou)), two.ApprovalsFor(robot, portOf(hangzhou)); a != 1 || b != 2 {
		t.Errorf("they need %d and %d approvals", a, b)
	}
}

// The tests of a policy judge assistants as the policy does.
func TestTestsOfAPolicyKnowAssistants(t *testing.T) {
	t.Parallel()
	parse(t, everything+`tests:
  - robot may view office
  - robot may apply port to office
  - robot may not approve port of office
  - robot may not cancel port of office
  - robot may not override double-eleven on office
  - only mei and jun may approve port of office
`)
	for _, wrong := range []string{"robot may approve port of office", "robot may not apply port to office", "everybody may approve port of office", "robot may override double-eleven on office"} {
		if _, problems := policy.Parse([]byte(everything+"tests: ["+wrong+"]\n"), document.YAML); len(problems) != 1 || problems[0].Rule != policy.RuleTestFailed {
			t.Errorf("%s: %v", wrong, problems)
		}
	}
}

// A comparison says what it means that somebody is an assistant, or is none any more.
func TestAComparisonKnowsAssistants(t *testing.T) {
	t.Parallel()
	with := parse(t, everything)
	without := parse(t, strings.Replace(everything, "assistant: true, ", "", 1))
	for name, got := range map[string]struct {
		comparison policy.Comparison
		access     []policy.Access
		change     string
	}{
		"removed": {policy.Compare(with, without), policy.Compare(with, without).Gained, policy.Removed},
		"added":   {policy.Compare(without, with), policy.Compare(without, with).Lost, policy.Added},
	} {
		var may []string
		for _, a := range got.access {
			if slices.Equal(a.People, []string{"robot"}) {
				may = append(may, a.May)
			}
		}
		slices.Sort(may)
		if want := []string{policy.DeedApprove, policy.DeedCancel, policy.DeedEdit}; !slices.Equal(may, want) {
			t.Errorf("%s: it may %q, want %q", name, may, want)
		}
		if want := []policy.EntryChange{{Kind: "assistants", Name: "robot", Change: got.change}}; !slices.Equal(got.comparison.Entries, want) {
			t.Errorf("%s: %v", name, got.comparison.Entries)
		}
	}
	if !slices.Equal(with.AnyApprovers(), []string{"mei", "jun"}) {
		t.Errorf("%q may approve something", with.AnyApprovers())
	}
}
