package notify

import (
	"context"
	"sync"
)

// gate lets so many rooms of one platform be told at once, and none any more
// in this invocation after so many have failed in a row: a platform that is
// down must not use up the time of the sweep.
type gate struct {
	slots   chan struct{}
	strikes int

	mu     sync.Mutex
	failed int // rooms in a row
}

func newGate(atOnce, strikes int) *gate {
	return &gate{slots: make(chan struct{}, atOnce), strikes: strikes}
}

// enter waits for a slot. The caller passes on whether the platform answered
// in the end; ok is false when the platform is to be left alone.
func (g *gate) enter(ctx context.Context) (pass func(answered bool), ok bool) {
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return func(bool) {}, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.failed >= g.strikes {
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
