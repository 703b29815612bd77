package executor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
)

// china is the clock's time there, some time ahead.
func (r *harness) china(ahead time.Duration) string {
	return r.Clock.Now().Add(ahead).In(time.FixedZone("", 8*60*60)).Format(time.RFC3339)
}

// A mistyped time would otherwise mean now.
func TestATimeInThePastIsRefused(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	for _, line := range []string{
		"apply test port=1451 at=2025-01-01T02:00Z",
		"apply test port=1451 at=" + r.china(-4*time.Hour),
		"apply office port=1451 at=" + r.china(-4*time.Hour),
		"apply test port=1451 --dry-run at=" + r.china(-time.Hour),
		"apply test port=1451 at=" + r.china(-time.Hour) + " until=" + r.china(time.Hour),
		"plan test port=1451 at=" + r.china(-6*time.Minute),
	} {
		ans := r.refused("mei", line, executor.Invalid, change.RuleNotBeforeInPast)
		if p := ans.Problems[0]; strings.Contains(line, "+08:00") && strings.Count(p.Message, "+08:00") != 2 {
			t.Errorf("%s: the message has another zone: %s", line, p.Message)
		}
	}
	r.refused("mei", "apply test port=1451 until="+r.china(-time.Minute), executor.Invalid, change.RuleExpiresInPast)
	ans := r.refused("mei", "apply test port=1451 at="+r.china(-4*time.Hour), executor.Invalid, change.RuleNotBeforeInPast)
	if next := r.china(20 * time.Hour); !strings.Contains(ans.Problems[0].Hint, "such as "+next) {
		t.Errorf("the hint is %s, want the next day, %s", ans.Problems[0].Hint, next)
	}
	r.count("queue/", 0)
	for _, line := range []string{"apply test port=1451 at=now", "apply test port=1452 at=" + r.china(-4*time.Minute)} {
		if c := r.accepted("mei", line).Change; !c.Due.Equal(c.Accepted) {
			t.Errorf("%s: due at %v, accepted at %v", line, c.Due, c.Accepted)
		}
	}
}

// What was accepted is answered again, although its time has passed since.
func TestARedeliveredMessageIsNotRefusedForATimeThatHasPassed(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	for name, line := range map[string]string{
		"now":      "apply test port=1451 at=" + r.china(time.Hour) + " until=" + r.china(2*time.Hour),
		"approval": "apply office port=1451 at=" + r.china(time.Hour) + " until=" + r.china(2*time.Hour),
	} {
		a := r.message("mei", name)
		first := r.do(a, line)
		r.Clock.Advance(3 * time.Hour)
		if again := r.do(a, line); again.Outcome != executor.Accepted || again.Change.ID != first.Change.ID {
			t.Errorf("%s: the redelivery is %s: %v", name, again.Outcome, again.Problems)
		}
		r.Clock.Advance(-3 * time.Hour)
	}
	r.count("queue/", 2)
	r.Clock.Advance(90 * time.Minute)
	r.drain(r.test)
	a := r.message("mei", "now")
	if again := r.do(a, "apply test port=1451 at="+r.china(-30*time.Minute)+" until="+r.china(30*time.Minute)); again.Outcome != executor.Accepted || again.Record == nil {
		t.Errorf("the redelivery after the end is %+v", again)
	}
}
