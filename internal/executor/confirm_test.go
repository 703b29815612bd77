package executor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

// applied has mei change the port of the test server until somebody confirms it.
func (r *harness) applied() (id, undo string) {
	r.t.Helper()
	id = r.accepted("mei", "apply test port=1195 confirm=10m").Change.ID
	r.drain(r.test)
	rec := r.ended(id, change.Applied)
	if rec.Undo == nil {
		r.t.Fatal("no undo is armed")
	}
	return id, rec.Undo.ID
}

// wait advances the clocks of the function and the store.
func (r *harness) wait(d time.Duration) {
	r.Clock.Advance(d)
	r.OSS.Advance(d)
}

// shown is an answer as people read it.
func shown(ans executor.Answer) string { return wording.Plain(wording.In(lang.English).Answer(ans)) }

func TestConfirm(t *testing.T) {
	t.Parallel()
	for name, who := range map[string]string{"the requester": "mei", "an admin": "boss"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newHarness(t)
			id, undo := r.applied()
			if text := shown(r.says("mei", "status "+id)); !strings.Contains(text, "Confirm it before") || !strings.Contains(text, "confirm "+id) {
				t.Errorf("the status is %q", text)
			}
			if text := shown(r.says("mei", "status "+undo)); !strings.Contains(text, "It undoes "+id) {
				t.Errorf("the status of the undo is %q", text)
			}
			ans := r.accepted(who, "confirm "+id+" reason=works")
			if text := shown(ans); !strings.Contains(text, id+" on test is confirmed") || len(ans.Lanes) != 1 {
				t.Errorf("the answer is %q, %v", text, ans.Lanes)
			}
			r.drain(r.test)
			if rec := r.ended(undo, change.Cancelled); rec.Undoes != id || rec.Votes[0].Person != who {
				t.Errorf("record %+v", rec)
			}
			r.refused(who, "confirm "+id, executor.TooLate, executor.RuleEnded)
			r.refused(who, "confirm "+undo, executor.TooLate, executor.RuleEnded)
			if text := shown(r.says("mei", "status "+id)); !strings.Contains(text, "Confirmed by "+who) {
				t.Errorf("the status is %q", text)
			}
			if r.wait(time.Hour); r.port(r.test) != 1195 {
				t.Errorf("port %d", r.port(r.test))
			}
		})
	}
}

// The same message, delivered again, confirms nothing twice, and has the same answer.
func TestAConfirmationThatIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id, undo := r.applied()
	from := r.from("mei")
	for _, line := range []string{"confirm " + id} {
		for range 2 {
			if ans := r.do(from, line); ans.Outcome != executor.Accepted || !strings.Contains(shown(ans), "is confirmed") {
				t.Errorf("the answer is %+v", ans)
			}
		}
		r.drain(r.test)
		if ans := r.do(from, line); ans.Outcome != executor.Accepted || !strings.Contains(shown(ans), "is confirmed") {
			t.Errorf("the answer is %+v: %s", ans, shown(ans))
		}
	}
	r.ended(undo, change.Cancelled)
}

func TestExtend(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id, undo := r.applied()
	r.refused("mei", "confirm "+id+" 5m", executor.Invalid, executor.RuleNotLonger)
	ans := r.accepted("mei", "confirm "+id+" 20m")
	if left := ans.Change.Next.Sub(r.Clock.Now()); left < 19*time.Minute || left > 20*time.Minute || !strings.Contains(shown(ans), "has more time") {
		t.Errorf("it has %v: %s", left, shown(ans))
	}
	r.wait(15 * time.Minute)
	r.drain(r.test)
	r.accepted("mei", "confirm "+id)
	r.drain(r.test)
	r.ended(undo, change.Cancelled)
}

func TestConfirmationsThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	plain := r.accepted("mei", "apply test compress=true").Change.ID
	waits := r.accepted("mei", "apply test port=1195 confirm=10m").Change.ID
	r.refused("mei", "confirm "+waits, executor.TooLate, executor.RuleNotApplied)
	r.refused("mei", "confirm "+plain, executor.Invalid, executor.RuleNothingToConfirm)
	r.drain(r.test)
	undo := r.ended(waits, change.Applied).Undo.ID
	r.refused("mei", "confirm "+plain, executor.Invalid, executor.RuleNothingToConfirm)
	r.refused("eve", "confirm "+waits, executor.Forbidden, executor.RuleMayNotConfirm)
	r.refused("eve", "confirm "+waits+" 1h", executor.Forbidden, executor.RuleMayNotConfirm)
	r.refused("eve", "rollback "+waits, executor.Forbidden, executor.RuleMayNotConfirm)
	r.refused("eve", "cancel "+undo, executor.Forbidden, executor.RuleMayNotConfirm)
	r.refused("mei", "confirm 20261122-aaaaaaaaaa", executor.NotFound, executor.RuleNoChange)
	r.wait(10 * time.Minute)
	for _, line := range []string{"confirm " + waits, "confirm " + waits + " 1h", "confirm " + undo, "cancel " + undo, "rollback " + waits} {
		r.refused("mei", line, executor.TooLate, executor.RuleConfirmLate)
	}
	r.wait(change.UndoGrace)
	r.drain(r.test)
	r.ended(undo, change.Applied)
	ans := r.refused("mei", "confirm "+waits, executor.TooLate, executor.RuleConfirmLate)
	if text := shown(ans); !strings.Contains(text, "was not confirmed, and was undone") || r.port(r.test) != 1194 {
		t.Errorf("port %d, %q", r.port(r.test), text)
	}
	if text := shown(r.says("mei", "status "+waits)); !strings.Contains(text, "undone at") || !strings.Contains(text, undo) {
		t.Errorf("the status is %q", text)
	}
}

// A rollback of a change that is undone by itself undoes it at once.
func TestARollbackOfWhatIsToBeConfirmed(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id, undo := r.applied()
	from := r.from("mei")
	for range 2 {
		if ans := r.do(from, "rollback "+id); ans.Outcome != executor.Accepted || !strings.Contains(shown(ans), id+" on test is being undone") {
			t.Errorf("%+v: %s", ans, shown(ans))
		}
	}
	r.wait(change.UndoGrace)
	r.drain(r.test)
	r.ended(undo, change.Applied)
	if r.port(r.test) != 1194 {
		t.Errorf("port %d", r.port(r.test))
	}
	if ans := r.do(from, "rollback "+id); ans.Outcome != executor.Accepted {
		t.Errorf("delivered again, it is answered with %+v", ans)
	}
	r.refused("mei", "rollback "+id, executor.Invalid, executor.RuleNothingToUndo)
}

// An admin can cancel an undo that is due and waits, such as for the API.
func TestAnAdminCancelsAnUndoThatWaits(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	_, undo := r.applied()
	r.wait(11 * time.Minute)
	r.accepted("boss", "cancel "+undo)
	r.drain(r.test)
	if r.ended(undo, change.Cancelled); r.port(r.test) != 1195 {
		t.Errorf("port %d", r.port(r.test))
	}
}

// Whoever requested a change and may no longer request such changes cannot keep it.
func TestARequesterWhosePermissionIsWithdrawnCannotConfirm(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	id, undo := r.applied()
	r.policy = strings.Replace(rules, "{who: [mei], roles: [operator]", "{who: [mei], roles: [viewer]", 1)
	for _, line := range []string{"confirm " + id, "confirm " + id + " 1h", "cancel " + undo} {
		r.refused("mei", line, executor.Forbidden, executor.RuleMayNotConfirm)
	}
	r.wait(10*time.Minute + change.UndoGrace)
	r.drain(r.test)
	if r.ended(undo, change.Applied); r.port(r.test) != 1194 {
		t.Errorf("port %d", r.port(r.test))
	}
}
