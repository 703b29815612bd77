package executor_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// Whoever requested a change does not approve it, whatever the policy calls them in
// between.
func TestAttackApprovalOfOnesOwnChangeUnderAnotherName(t *testing.T) {
	t.Parallel()
	const mei = "{name: mei, accounts: [{door: slack, tenant: T1, user: mei}, {door: dingtalk, tenant: ding1, user: mei}]}"
	const jun = "{name: jun, accounts: [{door: slack, tenant: T1, user: jun}]}"
	swap := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(rules) }
	for name, tt := range map[string]struct {
		policy string // between the two
		by     string
	}{
		"renamed":                       {swap("name: mei", "name: wei", "who: [mei], roles: [operator]", "who: [wei], roles: [operator, approver]"), "mei"},
		"renamed, from another account": {swap("name: mei", "name: wei", "who: [mei], roles: [operator]", "who: [wei], roles: [operator, approver]"), "dingtalk:mei"},
		"accounts exchanged": {swap(mei, "{name: mei, accounts: [{door: slack, tenant: T1, user: jun}]}", jun,
			"{name: jun, accounts: [{door: slack, tenant: T1, user: mei}, {door: dingtalk, tenant: ding1, user: mei}]}"), "mei"},
		"merged into one person": {swap("  - "+mei+"\n", "", jun, "{name: jun, accounts: [{door: slack, tenant: T1, user: jun}, {door: slack, tenant: T1, user: mei}]}",
			"who: [mei]", "who: [jun]"), "jun"},
		"the account moved to a new person": {swap(mei, "{name: mei, accounts: [{door: dingtalk, tenant: ding1, user: mei}]}\n  - {name: new, accounts: [{door: slack, tenant: T1, user: mei}]}",
			"who: [jun, lan]", "who: [jun, lan, new]"), "mei"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			id, code := r.requested()
			r.policy = tt.policy
			r.refused(tt.by, "approve "+id+" "+code, executor.Forbidden, executor.RuleOwnChange)
			r.refused(tt.by, "reject "+id, executor.Forbidden, executor.RuleOwnChange)
			r.drain(r.office)
			r.count("results/", 0)
		})
	}
}

// Whoever was renamed can still cancel their own change.
func TestCancelingOnesOwnChangeUnderAnotherName(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id, _ := r.requested()
	r.policy = strings.NewReplacer("name: mei", "name: wei", "who: [mei]", "who: [wei]").Replace(rules)
	r.accepted("mei", "cancel "+id)
	r.drain(r.office)
	r.ended(id, change.Cancelled)
}

// Nobody cancels a change of somebody whose name they have got since.
func TestAttackCancelingUnderAnInheritedName(t *testing.T) {
	t.Parallel()
	const mei = "{name: mei, accounts: [{door: slack, tenant: T1, user: mei}, {door: dingtalk, tenant: ding1, user: mei}]}"
	const jun = "{name: jun, accounts: [{door: slack, tenant: T1, user: jun}]}"
	swap := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(rules) }
	for name, tt := range map[string]struct {
		policy string // between the two
		mine   string // who can cancel it
	}{
		"names exchanged": {swap(mei, "{name: mei, accounts: [{door: slack, tenant: T1, user: jun}]}", jun,
			"{name: jun, accounts: [{door: slack, tenant: T1, user: mei}, {door: dingtalk, tenant: ding1, user: mei}]}"), "dingtalk:mei"},
		"the name given to somebody else": {swap(mei, "{name: wei, accounts: [{door: slack, tenant: T1, user: mei}, {door: dingtalk, tenant: ding1, user: mei}]}", "name: jun,", "name: mei,",
			"who: [jun, lan]", "who: [wei, lan]"), "mei"},
		"the person removed, the name reused": {swap("  - "+mei+"\n", "", "name: jun,", "name: mei,", "who: [jun, lan]", "who: [lan]"), "boss"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			id, _ := r.requested()
			r.policy = tt.policy
			r.refused("jun", "cancel "+id, executor.Forbidden, executor.RuleNotYours)
			r.accepted(tt.mine, "cancel "+id)
			r.drain(r.office)
			r.ended(id, change.Cancelled)
		})
	}
}

// requested is a change of mei that needs one approval, with its code.
func (r *harness) requested() (id, code string) {
	r.t.Helper()
	ans := r.accepted("mei", "apply office port=1195")
	return ans.Change.ID, ans.Plan.Code
}

// An approval covers when the change goes.
func TestAttackAnApprovalCoversTheDueTime(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	at := r.Clock.Now().UTC().Add(3600e9).Format("2006-01-02T15:04:05Z")
	now, later := r.accepted("mei", "apply office port=1195"), r.accepted("mei", "apply office port=1195 at="+at)
	if now.Plan.Code == later.Plan.Code || later.Change.Due.Equal(now.Change.Due) {
		t.Errorf("the codes are %s and %s", now.Plan.Code, later.Plan.Code)
	}
	for _, verb := range []string{"status ", "approve "} {
		if ans := r.says("jun", verb+later.Change.ID); ans.Change == nil || !ans.Change.Due.Equal(later.Change.Due) || ans.Change.Expires.IsZero() || ans.Plan.Code != later.Plan.Code {
			t.Errorf("%s shows %+v, %+v", verb, ans.Change, ans.Plan)
		}
	}
	r.refused("jun", "approve "+later.Change.ID+" "+now.Plan.Code, executor.Invalid, executor.RuleCodeMismatch)
}

// While the policy cannot be used, the account that requested a change can cancel
// it, and nothing else is done.
func TestCancelingWithoutAUsablePolicy(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id, code := r.requested()
	r.policy = "people: ["
	for who, line := range map[string]string{
		"jun": "cancel " + id, "boss": "cancel " + id, "lan": "reject " + id, "eve": "status " + id, "dingtalk:mei": "cancel " + id,
		"mei": "approve " + id + " " + code, "dingtalk:jun": "cancel 20261122-aaaaaaaaaa",
	} {
		cmd, err := command.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		d, _ := r.services()
		if ans, _, err := d.Do(t.Context(), r.from(who), cmd); err == nil || ans.Change != nil {
			t.Errorf("%s: %s is answered %+v", who, line, ans)
		} else if _, ok := errors.AsType[*policy.InvalidError](err); !ok {
			t.Errorf("%s: %s fails with %v", who, line, err)
		}
	}
	ans := r.accepted("mei", "cancel "+id)
	if len(ans.Lanes) != 1 || ans.Change.ID != id {
		t.Errorf("answered %+v", ans)
	}
	r.drain(r.office)
	r.ended(id, change.Cancelled)
}
