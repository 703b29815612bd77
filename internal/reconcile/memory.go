package reconcile

import (
	"sync"

	"sslvpnchange/internal/change"
)

// Memory is what an instance remembers between invocations: which decision of a
// lane it has completed, so that it need not look for what is left of it. It may
// be lost at any time. Its zero value is empty and ready to use.
type Memory struct {
	mu   sync.Mutex
	done map[change.Target]int64
}

// completed remembers a decision by the generation that carries it.
func (m *Memory) completed(t change.Target, gen int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.done == nil {
		m.done = map[change.Target]int64{}
	}
	m.done[t] = gen
}

// has tells whether the decision of a generation was completed here.
func (m *Memory) has(t change.Target, gen int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done[t] == gen
}
