package notify

import (
	"context"
	"sync"
)

// gate limits the concurrent deliveries to one platform. After a number of
// consecutive failures it stops deliveries to the platform in this invocation:
// a platform that is down must not use up the time of the sweep.
type gate struct {
	slots chan struct{}
	limit int

	mu     sync.Mutex
	failed int // consecutive rooms
}

func newGate(atOnce, limit int) *gate {
	return &gate{slots: make(chan struct{}, atOnce), limit: limit}
}

// enter waits for a slot. It returns false when there must be no delivery.
// Otherwise the caller calls leave, and reports whether the platform answered.
func (g *gate) enter(ctx context.Context) (leave func(answered bool), ok bool) {
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return func(bool) {}, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.failed >= g.limit {
		<-g.slots
		return func(bool) {}, false
	}
	return g.leave, true
}

func (g *gate) leave(answered bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.failed++; answered {
		g.failed = 0
	}
	<-g.slots
}
