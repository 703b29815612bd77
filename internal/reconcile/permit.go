package reconcile

import (
	"context"
	"time"
)

// WaitPermit asks whether this invocation may wait for long, because few enough others
// do. Release gives the permit back.
type WaitPermit func(context.Context) (release func(), ok bool)

// permit bounds the waits of an invocation that may not wait for long. It is safe for
// concurrent use: the lanes of an invocation wait together, and ask once.
type permit struct {
	after time.Duration // how long every invocation may wait
	ask   WaitPermit    // nil: this one may wait for as long as its budget

	turn    chan struct{} // a semaphore that guards the fields below: asking takes requests
	drains  int           // under way
	since   time.Time     // when the first of them began to wait; zero before
	asked   bool
	may     bool
	release func()
	held    bool // it has been allowed to wait for long
}

func newPermit(after time.Duration, ask WaitPermit) *permit {
	return &permit{after: after, ask: ask, turn: make(chan struct{}, 1)}
}

// enter begins a drain.
func (p *permit) enter() {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	p.drains++
}

// leave ends a drain. The last one lets others wait.
func (p *permit) leave() {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	if p.drains--; p.drains > 0 {
		return
	}
	if p.release != nil {
		p.release()
	}
	p.since, p.asked, p.may, p.release = time.Time{}, false, false, nil
}

// waited reports whether this invocation was one of the few that may wait for long.
func (p *permit) waited() bool {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	return p.held
}

// allows reports whether a drain may wait from now for a time.
func (p *permit) allows(ctx context.Context, now time.Time, delay time.Duration) bool {
	if p.ask == nil {
		return true
	}
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	if p.since.IsZero() {
		p.since = now
	}
	if now.Add(delay).Sub(p.since) <= p.after {
		return true
	}
	if !p.asked {
		p.asked = true
		p.release, p.may = p.ask(ctx)
		p.held = p.held || p.may
	}
	return p.may
}
