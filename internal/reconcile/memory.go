package reconcile

import (
	"sync"

	"sslvpnchange/internal/change"
)

// Memory is what an instance remembers between invocations: of which decision of
// a lane it has written all records, so that it need not look for them. It may be
// lost at any time. Its zero value is ready to use.
type Memory struct {
	mu   sync.Mutex
	done map[change.Target]int64
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
