package executor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// freeze puts a freeze into the policy that is in force, and ends after a time.
func (r *harness) freeze(lasts time.Duration) (ends time.Time) {
	const form = "2006-01-02T15:04"
	now := r.Clock.Now().UTC()
	ends = now.Add(lasts).Truncate(time.Minute)
	r.policy += fmt.Sprintf("freezes: [{name: double-eleven, servers: ['*'], timeZone: UTC, from: %s, until: %s, reason: 双十一, override: {need: 1}}]\n",
		now.Add(-time.Hour).Format(form), ends.Format(form))
	return ends
}

// What is approved on Friday counts on Monday: until a day after the freeze has ended.
func TestAnApprovalCountsAcrossAWeekend(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	ends := r.freeze(60 * time.Hour)
	ans := r.accepted("mei", "apply office port=1195")
	c := ans.Change
	if c.Window == nil || c.Window.Open || !c.Window.OpensAt.Equal(ends) || !c.Expires.Equal(ends.Add(change.DefaultLifetime)) || c.Need == 0 {
		t.Fatalf("the answer says %+v, window %+v", c, c.Window)
	}
	for _, who := range []string{"jun", "lan"}[:c.Need] {
		r.accepted(who, "approve "+c.ID+" "+ans.Plan.Code)
	}
	e, err := queue.New(r.Store).Find(t.Context(), c.ID)
	if err != nil || len(e.Votes) != c.Need || !e.Votes[0].LapsesAt.Equal(ends.Add(change.ApprovalLifetime)) {
		t.Fatalf("the votes are %+v, %v", e.Votes, err)
	}
	r.drain(r.office)
	if got := r.says("lan", "status "+c.ID).Change; got.Cause != reconcile.CauseWindow || got.Status != change.Waiting || got.Window == nil || got.Window.Freeze != "double-eleven" {
		t.Errorf("its status is %+v", got)
	}
	r.Clock.Advance(60 * time.Hour)
	r.drain(r.office)
	r.ended(c.ID, change.Applied)
}

// An override needs a reason and its votes, and is applied in spite of the freeze. Its
// rollback obeys the freeze.
func TestAnOverrideOfAFreeze(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.freeze(3 * time.Hour)
	r.refused("mei", "apply test port=1195 override=triple reason=attacked", executor.Invalid, policy.RuleOverrideUnknown)
	ans := r.accepted("mei", "apply test port=1195 override=double-eleven reason=attacked")
	if c := ans.Change; c.Need != 1 || c.Override != "double-eleven" || c.Status != change.Waiting || c.Window != nil && !c.Window.Open {
		t.Fatalf("the answer says %+v, window %+v", c, c.Window)
	}
	r.drain(r.test)
	r.accepted("jun", "approve "+ans.Change.ID+" "+ans.Plan.Code)
	r.drain(r.test)
	rec := r.ended(ans.Change.ID, change.Applied)
	if rec.Override != "double-eleven" || rec.Reason != "attacked" || len(rec.Votes) != 1 {
		t.Errorf("the record says %+v", rec)
	}
	back := r.accepted("mei", "rollback "+ans.Change.ID)
	r.drain(r.test)
	if got := r.says("eve", "status "+back.Change.ID).Change; got == nil || got.Cause != reconcile.CauseWindow || !strings.Contains(got.Why, "double-eleven") {
		t.Errorf("the rollback stands at %+v", got)
	}
	r.Clock.Advance(3 * time.Hour)
	r.drain(r.test)
	r.ended(back.Change.ID, change.Applied)
}

// A message that was refused stays refused when it is delivered again: nobody reads twice
// what the first answer said.
func TestARefusedMessageThatIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.freeze(3 * time.Hour)
	for _, line := range []string{
		"apply test port=1195 override=triple reason=attacked",
		"apply test port=1195 expect.port=1300",
	} {
		m := r.message("mei", line)
		first, again := r.do(m, line), r.do(m, line)
		if first.Outcome != executor.Refused || again.Outcome != executor.Refused || again.Problems[0].Rule != first.Problems[0].Rule {
			t.Errorf("%s: %s %v, and again %s %v", line, first.Outcome, first.Problems, again.Outcome, again.Problems)
		}
	}
	if waiting, err := queue.New(r.Store).First(t.Context(), change.Target{}, 10); err != nil || len(waiting) > 0 {
		t.Errorf("queued: %+v, %v", waiting, err)
	}
}
