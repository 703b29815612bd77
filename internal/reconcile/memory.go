package reconcile

import (
	"sync"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lane"
)

// Memory is what an instance remembers between invocations: the newest generation of
// lanes, and of which decision of a lane it has written all records, so that it need
// not read them. It may be lost at any time. Its zero value is ready to use.
type Memory struct {
	lanes lane.Memory

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
