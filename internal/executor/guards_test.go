package executor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// connects gives a server so many clients.
func (r *harness) connects(t change.Target, n int) {
	r.t.Helper()
	r.connect(t, strings.Split("abcdefghijklmnop"[:n], "")...)
}

func TestTheGuardOfThePolicyRefusesACommand(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.policy += "guards: [{servers: ['*'], settings: [Port], maxConnected: 3, otherwise: refuse}]\n"
	r.connects(r.test, 4)
	ans := r.refused("mei", "apply test port=1195", executor.Invalid, policy.RuleTooManyConnected)
	if p := ans.Problems[0]; !strings.Contains(p.Message, "4 clients are connected") || !strings.Contains(p.Hint, "when=idle(3)") {
		t.Errorf("it says %+v", p)
	}
	if ans := r.says("mei", "plan test port=1195"); len(ans.Problems) != 1 || ans.Problems[0].Rule != policy.RuleTooManyConnected {
		t.Errorf("the plan says %+v", ans.Problems)
	}
	r.count("queue/", 0)
	later := time.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04Z")
	for _, line := range []string{"apply test cipher=none", "apply test port=1195 when=idle(3)", "apply test port=1195 --dry-run", "apply test port=1195 at=" + later} {
		if c := r.accepted("mei", line).Change; c.Need != 0 {
			t.Errorf("%s needs %d approvals", line, c.Need)
		}
	}
	r.down()
	r.refused("mei", "apply test port=1195", executor.Invalid, policy.RuleTooManyConnected)
}

func TestTheGuardOfThePolicyNeedsAnotherApproval(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.policy += "guards: [{servers: ['*'], settings: [Port], maxConnected: 3, otherwise: approval}]\n"
	later := time.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04Z")
	for _, tt := range []struct {
		connected  int
		line       string
		test, more int
	}{
		{3, "port=1195", 0, 1},
		{4, "port=1195", 1, 2},
		{4, "cipher=none", 0, 1},
		{4, "port=1195 when=idle(4)", 0, 1},
		{0, "port=1195 at=" + later, 1, 2},
	} {
		r := *r
		r.Cloud, r.messages = newHarness(t).Cloud, 0
		r.connects(r.test, tt.connected)
		r.connects(r.office, tt.connected)
		if c := r.accepted("mei", "apply test "+tt.line).Change; c.Need != tt.test {
			t.Errorf("%d connected, %s of test: %d approvals", tt.connected, tt.line, c.Need)
		}
		if c := r.accepted("mei", "apply office "+tt.line).Change; c.Need != tt.more {
			t.Errorf("%d connected, %s of office: %d approvals", tt.connected, tt.line, c.Need)
		}
	}
}

func TestThePolicyAsksForAConfirmation(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.policy += "confirmations: [{servers: ['*'], settings: [Port], for: 20m}]\n"
	want := change.Confirmation{For: 20 * time.Minute}
	if p := r.says("mei", "plan test port=1195").Plan; p.Confirm != want {
		t.Errorf("the plan says %+v", p.Confirm)
	}
	for line, want := range map[string]change.Confirmation{
		"apply test port=1195":               want,
		"apply test cipher=none":             {},
		"apply test port=1195 confirm=proof": {For: 10 * time.Minute, Proof: true},
		"apply test port=1195 --dry-run":     {},
	} {
		ans := r.accepted("mei", line)
		if ans.Change.Confirm != want {
			t.Errorf("%s: to be confirmed as %+v", line, ans.Change.Confirm)
		}
		if c := r.says("mei", "status "+ans.Change.ID).Change; c.Confirm != want {
			t.Errorf("%s: queued to be confirmed as %+v", line, c.Confirm)
		}
	}
}
