package reconcile_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// clockAt is a clock that shows one time.
func clockAt(at time.Time) func(*reconcile.Deps, *reconcile.Policy) {
	return func(d *reconcile.Deps, _ *reconcile.Policy) {
		left := d.Deadline.Sub(d.Now())
		d.Now = func() time.Time { return at }
		d.Deadline = at.Add(left)
	}
}

// A change is due from its time on, not a nanosecond before, and expires at its
// time, not a nanosecond before. It sets the name, which needs no time to pass.
func TestTimesAreExactToTheTick(t *testing.T) {
	t.Parallel()
	const tick = time.Nanosecond
	at := time.Date(2027, 3, 14, 2, 30, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		due, expires, now time.Time
		status            change.Status // "" for none yet
	}{
		"a tick before it is due":                    {at, at.Add(time.Hour), at.Add(-tick), ""},
		"when it is due":                             {at, at.Add(time.Hour), at, change.Applied},
		"a tick before it is due at part of a ms":    {at.Add(999_999), at.Add(time.Hour), at.Add(999_998), ""},
		"when it is due at a part of a ms":           {at.Add(999_999), at.Add(time.Hour), at.Add(999_999), change.Applied},
		"a tick before it expires":                   {at, at.Add(time.Hour), at.Add(time.Hour - tick), change.Applied},
		"when it expires":                            {at, at.Add(time.Hour), at.Add(time.Hour), change.Expired},
		"a tick before it expires at a part of a ms": {at, at.Add(1_500_000), at.Add(1_499_999), change.Applied},
		"due for a tick":                             {at, at.Add(tick), at, change.Applied},
		"due for a tick, a tick later":               {at, at.Add(tick), at.Add(tick), change.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			id := h.submit(func(c *change.Change) {
				c.Patch, c.DueAt, c.ExpiresAt = change.Patch{change.Name: change.Text("night")}, tt.due, tt.expires
			})
			rep := h.drain(clockAt(tt.now))
			if tt.status != "" {
				h.ends(id, tt.status)
				return
			}
			if rep.Standing != reconcile.Empty || !rep.Next.Equal(tt.due) {
				t.Errorf("the drain reports %+v, due at %v", rep, tt.due)
			}
			h.pending(id)
			_, pos, err := h.reconciler(clockAt(tt.now)).Find(t.Context(), id)
			if err != nil || pos == nil || pos.Status != change.Waiting {
				t.Errorf("it stands at %+v, %v", pos, err)
			}
		})
	}
}
