package wakeup

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
)

// Deps are what wake-ups are set with, in one invocation.
type Deps struct {
	Invoker Invoker
	Memory  *Memory // the instance's
	Now     func() time.Time
	Log     *slog.Logger
}

// Wakes are the wake-ups of one invocation. They are sent while it works, so that a lane
// that takes long does not delay those of others. A nil *Wakes sets none. It is safe for
// concurrent use.
type Wakes struct {
	deps       Deps
	invocation context.Context //nolint:containedctx // wake-ups outlive the drains, whose contexts end earlier

	sending sync.WaitGroup
	hurry   chan struct{} // closed when the invocation ends: nothing more is collected

	mu         sync.Mutex
	open       []wish
	asked      map[key]bool
	collecting bool
	ended      bool
	sent       int // messages
}

// collectTime is how long wishes are collected before they are sent.
const collectTime = 200 * time.Millisecond

// maxMessages is how many wake-ups one invocation sends. The lanes of the others are
// left to the sweep.
const maxMessages = 32

// maxWishes is how many lanes one invocation asks for: more than it can send.
const maxWishes = 2 * maxMessages * maxLanes

// parallel is how many requests are under way at once.
const parallel = 8

// New gives the wake-ups of the invocation with the context ctx.
func New(ctx context.Context, d Deps) *Wakes {
	return &Wakes{deps: d, invocation: ctx, hurry: make(chan struct{}), asked: map[key]bool{}}
}

// Usable reports whether wake-ups can be set, as far as is known.
func (w *Wakes) Usable() bool { return w != nil && w.deps.Memory.usable(w.deps.Now()) }

// Ask asks for a wake-up of a lane. It does not block.
func (w *Wakes) Ask(at time.Time, l Lane) { w.ask(wish{at: at, lane: l}) }

// Again sets a wake-up again that came too early: for the same moment and lanes, even
// though this instance may have set it a short time ago.
func (w *Wakes) Again(at time.Time, lanes []Lane) {
	for _, l := range lanes {
		w.ask(wish{at: at, lane: l, again: true})
	}
}

func (w *Wakes) ask(one wish) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended || w.asked[one.key()] || len(w.asked) == maxWishes {
		return
	}
	w.asked[one.key()] = true
	w.open = append(w.open, one)
	if !w.collecting {
		w.collecting = true
		w.sending.Go(w.collect)
	}
}

// End sends what was asked for and is not sent yet, and waits for it until a time is
// over: the platform may freeze the instance when its invocation ends. What is asked for
// later is not sent.
func (w *Wakes) End(most time.Duration) {
	if w == nil {
		return
	}
	w.mu.Lock()
	if !w.ended {
		w.ended = true
		close(w.hurry)
	}
	busy := w.collecting
	w.mu.Unlock()
	if !busy {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.sending.Wait()
	}()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// collect waits for more wishes, and sends them, until there are none.
func (w *Wakes) collect() {
	defer func() {
		if v := recover(); v != nil { // the edge recovers only its own goroutine
			w.deps.Log.ErrorContext(w.invocation, "panic", slog.String("panic", fmt.Sprint(v)), slog.String("stack", string(debug.Stack())))
		}
	}()
	for {
		timer := time.NewTimer(collectTime)
		select {
		case <-timer.C:
		case <-w.hurry:
		}
		timer.Stop()
		w.mu.Lock()
		wishes := w.open
		w.open = nil
		w.collecting = len(wishes) > 0
		w.mu.Unlock()
		if len(wishes) == 0 {
			return
		}
		w.send(wishes)
	}
}

// send sends wishes. What fails is left to the sweep.
func (w *Wakes) send(wishes []wish) {
	messages := w.bounded(group(w.fresh(wishes)))
	_ = fanout.Each(w.invocation, len(messages), parallel, func(ctx context.Context, i int) error {
		if w.Usable() {
			w.set(ctx, messages[i])
		}
		return nil // one failure must not keep the others from being sent
	})
}

// fresh leaves out what was set a short time ago.
func (w *Wakes) fresh(wishes []wish) []wish {
	out := wishes[:0]
	for _, one := range wishes {
		if one.again || !w.deps.Memory.has(one.key(), w.deps.Now()) {
			out = append(out, one)
		}
	}
	return out
}

// bounded leaves out what one invocation does not send.
func (w *Wakes) bounded(messages []*message) []*message {
	w.mu.Lock()
	defer w.mu.Unlock()
	if left := maxMessages - w.sent; len(messages) > left {
		w.deps.Log.InfoContext(w.invocation, "wake-ups left to the sweep", slog.Int("wake_ups", len(messages)-left))
		messages = messages[:left]
	}
	w.sent += len(messages)
	return messages
}

// set sets one wake-up.
func (w *Wakes) set(ctx context.Context, m *message) {
	now := w.deps.Now()
	delay := m.delay(now)
	err := w.deps.Invoker.Invoke(ctx, delay, m.payload())
	if err == nil {
		w.deps.Memory.succeeded(m.keys, now)
		w.deps.Log.DebugContext(ctx, "wake-up set", slog.Time("at", m.at), slog.Duration("delay", delay), slog.Int("lanes", len(m.lanes)))
		return
	}
	if ctx.Err() != nil { // the invocation ended: that says nothing about the platform
		w.deps.Log.DebugContext(ctx, "wake-up not set in time", slog.Any("error", err))
		return
	}
	c := classOf(err)
	if !w.deps.Memory.failed(c, now) {
		w.deps.Log.DebugContext(ctx, "wake-up not set again", slog.Any("error", err))
		return
	}
	w.deps.Log.WarnContext(ctx, "wake-up not set, the sweep looks within a minute",
		slog.Any("error", err), slog.String("cause", string(c)), slog.String("hint", c.hint()))
}
