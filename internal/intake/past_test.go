package intake_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
)

// at is a line of a document with a time relative to the clock.
func (d *harness) at(key string, ahead time.Duration) string {
	return key + ": " + d.Clock.Now().Add(ahead).UTC().Format(time.RFC3339)
}

// A time in the past is refused on the first delivery, by every channel. A mistyped
// time would otherwise mean now.
func TestATimeInThePastIsRefused(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	past := []string{change.RuleNotBeforeInPast}
	for name, text := range map[string]string{
		"a year ago":            setPort("one", "1195", "notBefore: 2025-01-01T02:00:00Z"),
		"four hours ago":        setPort("one", "1195", d.at("notBefore", -4*time.Hour)),
		"more than the slack":   setPort("one", "1195", d.at("notBefore", -change.MaxBehind-10*time.Second)),
		"a dry run":             setPort("one", "1195", d.at("notBefore", -time.Hour), "dryRun: true"),
		"with a token":          setPort("one", "1195", d.at("notBefore", -time.Hour), "ClientToken: new"),
		"with an expiry to be":  setPort("one", "1195", d.at("notBefore", -time.Hour), d.at("expiresAt", time.Hour)),
		"the first of a second": setPort("one", "1195", d.at("notBefore", -time.Hour)) + "---\n" + setPort("two", "1195"),
	} {
		if no := d.refused(delivery("msg-"+name[:5], text)); !slices.Equal(rules(no.Problems), past) || no.Problems[0].Hint == "" {
			t.Errorf("%s, posted: %v", name, no.Problems)
		}
		if _, err := d.intake().Check(t.Context(), delivery("plan-"+name[:5], text)); err == nil {
			t.Errorf("%s has a plan", name)
		}
		res := d.accept(d.upload("changes/"+name[:5]+".yaml", text), intake.FileRejected)
		if !slices.Equal(rules(res.Problems), past) {
			t.Errorf("%s, in a file: %v", name, res.Problems)
		}
		tick := d.night()
		tick.Name, tick.Inline = "tick "+name, []byte(text)
		if res := d.tick(tick); res.Rejected == "" || !slices.Equal(rules(res.Problems), past) {
			t.Errorf("%s, in a trigger: %+v", name, res)
		}
	}
	d.queued()
	d.nothing("wake/")
}

func TestAnExpiryInThePastIsRefused(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	both := []string{change.RuleNotBeforeInPast, change.RuleExpiresInPast}
	text := setPort("one", "1195", d.at("notBefore", -2*time.Hour), d.at("expiresAt", -time.Hour))
	if no := d.refused(delivery("msg_1", text)); len(no.Problems) != 2 || no.Problems[0].Rule != both[0] || no.Problems[1].Rule != both[1] {
		t.Errorf("posted: %v", no.Problems)
	}
	text = setPort("one", "1195", d.at("notBefore", 2*time.Hour), d.at("expiresAt", time.Hour))
	if no := d.refused(delivery("msg_2", text)); !slices.Equal(rules(no.Problems), []string{change.RuleExpiresBeforeNotBefore}) {
		t.Errorf("posted: %v", no.Problems)
	}
}

// A document takes a moment to write and to arrive.
func TestAMomentAgoIsNow(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	got := d.post(delivery("msg_1", setPort("one", "1195", d.at("notBefore", -change.MaxBehind+time.Minute))))
	d.queued(got...)
	if e := d.entries()[0]; !e.DueAt.Equal(e.AcceptedAt) {
		t.Errorf("due is %v, accepted %v", e.DueAt, e.AcceptedAt)
	}
}

// What was accepted is accepted again, although its time has passed since.
func TestARedeliveryIsNotRefusedForATimeThatHasPassed(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	tonight := setPort("one", "1195", d.at("notBefore", time.Hour), d.at("expiresAt", 3*time.Hour))
	posted := d.post(delivery("msg_1", tonight))
	file := d.upload("changes/night.yaml", tonight)
	uploaded := d.accept(file, intake.FileAccepted).IDs
	tick := d.night()
	tick.Inline = []byte(tonight)
	scheduled := ids(d.tick(tick).Changes)
	withToken := setPort("two", "1195", "ClientToken: tonight", d.at("notBefore", time.Hour), d.at("expiresAt", 3*time.Hour))
	byToken := d.post(delivery("msg_2", withToken))
	all := slices.Concat(posted, uploaded, scheduled, byToken)

	for _, later := range []time.Duration{2 * time.Hour, 20 * time.Hour, 200 * time.Hour} {
		d.Clock.Advance(later)
		if again := d.post(delivery("msg_1", tonight)); !slices.Equal(again, posted) {
			t.Errorf("posted again: %q, first %q", again, posted)
		}
		if again := d.accept(file, intake.FileAccepted).IDs; !slices.Equal(again, uploaded) {
			t.Errorf("the file's event again: %q, first %q", again, uploaded)
		}
		if again := d.tick(tick); !slices.Equal(ids(again.Changes), scheduled) {
			t.Errorf("the tick again: %+v, first %q", again, scheduled)
		}
		if again := d.post(delivery("msg-"+later.String(), withToken)); !slices.Equal(again, byToken) {
			t.Errorf("the ClientToken again: %q, first %q", again, byToken)
		}
	}
	d.queued(all...)
	// The token does not make another change out of one that is too late.
	for name, text := range map[string]string{
		"other settings": setPort("two", "1196", "ClientToken: tonight", "notBefore: 2025-01-01T02:00:00Z"),
		"one of two":     withToken + "---\n" + setPort("two", "1196"),
	} {
		if no := d.refused(delivery("msg-"+name[:5], text)); no.Problems[0].Rule != change.RuleNotBeforeInPast {
			t.Errorf("%s: %v", name, no.Problems)
		}
	}
	d.queued(all...)
}

// An earlier version of the function accepted times of the past. What it accepted is
// not refused, or recorded as rejected, when it is delivered again after the upgrade.
func TestWhatAnEarlierVersionAcceptedStaysAccepted(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	past := setPort("one", "1195", "notBefore: 2025-01-01T02:00:00Z")
	now := setPort("one", "1195")
	tick := d.night()
	tick.Inline = []byte(now)
	scheduled := ids(d.tick(tick).Changes)
	tick.Inline = []byte(past) // the same change: its due time is its acceptance
	if again := d.tick(tick); again.Rejected != "" || !slices.Equal(ids(again.Changes), scheduled) {
		t.Errorf("the tick again: %+v", again)
	}
	d.end(scheduled[0])
	if again := d.tick(tick); again.Rejected != "" || !slices.Equal(ids(again.Changes), scheduled) {
		t.Errorf("the tick again, when its change has ended: %+v", again)
	}
	d.queued()
}
