package reconcile_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// ahead sets the store's clock ahead of the function's.
const ahead = 5 * time.Minute

func TestAttackAnAcceptanceTimeAheadOfTheClock(t *testing.T) {
	t.Parallel()
	later := func(d time.Duration) func(*harness, *change.Change) {
		return func(h *harness, c *change.Change) {
			c.AcceptedAt = h.Clock.Now().Add(d).Truncate(time.Second).UTC()
			c.DueAt = c.AcceptedAt
		}
	}
	tests := []struct {
		name   string
		edit   func(*harness, *change.Change)
		status change.Status // "" while it waits
	}{
		{"a file that the store dates", later(ahead), change.Applied},
		{"a second ahead", later(time.Second), change.Applied},
		{"a notBefore that has passed when the file was dated", func(h *harness, c *change.Change) {
			later(ahead)(h, c)
			c.NotBefore = c.AcceptedAt.Add(-time.Minute)
		}, change.Applied},
		{"a notBefore that the function's clock has not reached", func(h *harness, c *change.Change) {
			c.NotBefore = h.Clock.Now().Add(2 * time.Minute).UTC()
			c.DueAt = c.NotBefore
		}, ""},
		{"a notBefore after a time of acceptance that is ahead", func(h *harness, c *change.Change) {
			later(ahead-2*time.Minute)(h, c)
			c.NotBefore = c.AcceptedAt.Add(time.Minute)
			c.DueAt = c.NotBefore
		}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.OSS.Advance(ahead)
			id := h.submit(func(c *change.Change) {
				c.Patch = change.Patch{change.Port: change.Number(1195)}
				test.edit(h, c)
			})
			_, pos, err := h.reconciler().Find(t.Context(), id)
			if err != nil || (pos.Status == change.Waiting) != (test.status == "") {
				t.Errorf("before: %+v, %v", pos, err)
			}
			rep, err := h.reconciler().Sweep(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.status != "" {
				h.ends(id, test.status)
				return
			}
			h.pending(id)
			if h.sent() > 0 {
				t.Errorf("sent before it is due: %+v", rep)
			}
		})
	}
}
