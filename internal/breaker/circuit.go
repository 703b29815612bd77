package breaker

import (
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	firstOpening = 30 * time.Second
	maxOpening   = 5 * time.Minute
)

// circuit says until when a region is open. The zero circuit is closed.
type circuit struct {
	until    time.Time
	openedAt time.Time // of the first opening since the circuit was closed
	reason   string
	openings int // since the circuit was closed; 0: it is closed
}

// reopened is the circuit after one more opening.
func (c circuit) reopened(now time.Time, reason string) circuit {
	// Without the monotonic part: an instance may be frozen while the circuit is
	// open, and the open time is measured by the wall clock.
	now = now.Round(0)
	length := firstOpening
	for range c.openings {
		length = min(2*length, maxOpening)
	}
	if c.openings == 0 {
		c.openedAt = now
	}
	return circuit{until: now.Add(length), openedAt: c.openedAt, reason: reason, openings: c.openings + 1}
}

// closed is the circuit after a healthy answer.
func (c circuit) closed(now time.Time) circuit {
	return circuit{openedAt: c.openedAt, until: now.Round(0), reason: "the region answers again"}
}

// open reports whether no call is made at now.
func (c circuit) open(now time.Time) bool { return c.openings > 0 && now.Before(c.until) }

// stale reports whether a stored circuit says nothing about the region any more:
// no instance has probed it for the longest open time after its end.
func (c circuit) stale(now time.Time) bool {
	return c.openings == 0 || now.Sub(c.until) > maxOpening
}

// bounded limits how long the circuit stays open: a clock that is far ahead
// somewhere must not stop a region for days.
func (c circuit) bounded(now time.Time) circuit {
	if limit := now.Add(maxOpening); c.until.After(limit) {
		c.until = limit
	}
	return c
}

// stateName names the state as the log shows it.
func (c circuit) stateName() string {
	if c.openings == 0 {
		return gobreaker.StateClosed.String()
	}
	return gobreaker.StateOpen.String()
}
