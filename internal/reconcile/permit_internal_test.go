package reconcile

import (
	"context"
	"testing"
	"time"
)

// holder counts holds, of which it gives one at a time.
type holder struct{ asked, held int }

func (h *holder) hold(context.Context) (func(), bool) {
	h.asked++
	if h.held > 0 {
		return nil, false
	}
	h.held++
	return func() { h.held-- }, true
}

func TestAnInvocationAsksOnceBeforeItWaitsForLong(t *testing.T) {
	t.Parallel()
	h, start := &holder{}, time.Unix(1_700_000_000, 0)
	first, second := newPermit(15*time.Second, h.hold), newPermit(15*time.Second, h.hold)
	wait := func(p *permit, after, delay time.Duration, want bool) {
		t.Helper()
		if got := p.allows(t.Context(), start.Add(after), delay); got != want {
			t.Errorf("after %v, a wait of %v: %v", after, delay, got)
		}
	}
	first.enter()
	first.enter()
	second.enter()
	wait(first, 0, 10*time.Second, true)
	wait(second, 0, 15*time.Second, true)
	if h.asked != 0 {
		t.Errorf("asked %d times for short waits", h.asked)
	}
	wait(first, 10*time.Second, 6*time.Second, true)
	wait(first, time.Minute, time.Minute, true)
	wait(second, 10*time.Second, 6*time.Second, false)
	wait(second, 11*time.Second, time.Second, true) // short waits go on
	first.leave()
	if h.held != 1 {
		t.Error("released while a lane of the invocation waits")
	}
	first.leave()
	second.leave()
	if h.held != 0 || h.asked != 2 {
		t.Errorf("%d held, asked %d times", h.held, h.asked)
	}
	second.enter()
	wait(second, time.Hour, time.Second, true)
	wait(second, time.Hour, time.Minute, true)
	second.leave()
	if h.held != 0 || h.asked != 3 {
		t.Errorf("%d held, asked %d times", h.held, h.asked)
	}
}
