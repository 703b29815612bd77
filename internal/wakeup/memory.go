package wakeup

import (
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Memory is what an instance remembers of its wake-ups. It may be lost at any time.
// Its zero value is ready to use. It is safe for concurrent use.
type Memory struct {
	mu     sync.Mutex
	sent   map[key]time.Time // when a wake-up was set
	off    time.Time         // until then, none is set
	logged map[Class]bool    // since the last success
}

// key is one lane of a wake-up.
type key struct {
	lane   change.Target
	at     int64 // ns
	gen    int64
	remind bool
}

// How long a wake-up is not set twice, and how many of them are remembered.
const (
	rememberFor   = time.Minute
	maxRemembered = 5000
)

// How long no wake-up is set after a failure. A role does not get a right often, and
// every failure costs the time of a request.
const (
	offDenied      = 5 * time.Minute
	offUnavailable = 30 * time.Second
)

// usable reports whether wake-ups may be set.
func (m *Memory) usable(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !now.Before(m.off)
}

// has reports whether a wake-up was set a short time ago.
func (m *Memory) has(k key, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ok := m.sent[k]
	return ok && now.Sub(at).Abs() < rememberFor
}

// succeeded remembers wake-ups that were set.
func (m *Memory) succeeded(keys []key, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.off, m.logged = time.Time{}, nil
	if len(m.sent)+len(keys) > maxRemembered {
		m.forget(now)
	}
	if m.sent == nil {
		m.sent = map[key]time.Time{}
	}
	for _, k := range keys {
		m.sent[k] = now
	}
}

// forget drops what is old, or everything if nothing is.
func (m *Memory) forget(now time.Time) {
	before := len(m.sent)
	for k, at := range m.sent {
		if now.Sub(at).Abs() >= rememberFor {
			delete(m.sent, k)
		}
	}
	if len(m.sent) == before {
		m.sent = nil
	}
}

// failed remembers a failure. It reports whether it is the first of its class since the
// last success.
func (m *Memory) failed(c Class, now time.Time) (first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	off := offDenied
	if c == ClassUnavailable {
		off = offUnavailable
	}
	if until := now.Add(off); until.After(m.off) {
		m.off = until
	}
	first = !m.logged[c]
	if m.logged == nil {
		m.logged = map[Class]bool{}
	}
	m.logged[c] = true
	return first
}
