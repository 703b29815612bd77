package reconcile

import (
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
)

// Memory is what an instance remembers between invocations: the newest generation of
// lanes, and of which decision of a lane it has written all records, so that it need
// not read them. It may be lost at any time. Its zero value is ready to use.
type Memory struct {
	lanes lane.Memory

	mu      sync.Mutex
	done    map[change.Target]int64
	crowd   map[change.Target]time.Time // lanes that waited, and when they were last seen to
	closed  map[change.Target]closedLane
	promise map[change.Target]time.Time // until when a wake-up for the end of a lane's lease is on its way
}

// completed remembers that the decision in a generation has its records.
func (m *Memory) completed(t change.Target, gen int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.done == nil {
		m.done = map[change.Target]int64{}
	}
	m.done[t] = gen
}

// has reports whether this instance completed the decision in a generation.
func (m *Memory) has(t change.Target, gen int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done[t] == gen
}

// crowdTime is for how long a lane counts that was seen to wait.
const crowdTime = 2 * time.Minute

// goesOn remembers that a lane waits no more.
func (m *Memory) goesOn(t change.Target) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.crowd, t)
}

// waits remembers that a lane waits.
func (m *Memory) waits(t change.Target, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.crowd == nil {
		m.crowd = map[change.Target]time.Time{}
	}
	m.crowd[t] = now
}

// looked reports whether this instance saw a lane wait a short time ago.
func (m *Memory) looked(t change.Target, now time.Time, ago time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ok := m.crowd[t]
	return ok && now.Sub(at) < ago
}

// waiting is how many lanes of a lane's region this instance saw waiting lately. With
// many lanes the platform has one instance look at most of them.
func (m *Memory) waiting(t change.Target, now time.Time) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for other, at := range m.crowd {
		switch {
		case now.Sub(at) > crowdTime:
			delete(m.crowd, other)
		case other.RegionID == t.RegionID:
			n++
		}
	}
	return n
}

// first reports whether no wake-up for the end of a lane's lease was asked for that has
// not come yet.
func (m *Memory) first(t change.Target, now time.Time, left time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Before(m.promise[t]) {
		return false
	}
	if m.promise == nil {
		m.promise = map[change.Target]time.Time{}
	}
	for other, until := range m.promise {
		if !now.Before(until) {
			delete(m.promise, other)
		}
	}
	m.promise[t] = now.Add(left)
	return true
}

func (m *Memory) rememberClosed(t change.Target, l closedLane) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed == nil {
		m.closed = map[change.Target]closedLane{}
	}
	m.closed[t] = l
}

func (m *Memory) closedLane(t change.Target) (l closedLane, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok = m.closed[t]
	return l, ok
}
