package fc

import (
	"fmt"
	"slices"
	"time"
)

// Delayed is an asynchronous invocation whose delay is not over.
type Delayed struct {
	RequestID string
	At        time.Time // when its delay is over
	Payload   []byte
}

// invokeLater queues an invocation when a delay is over, and returns its request id at
// once. Options.Late makes it later than that, and Options.Lose loses it.
func (e *Emulator) invokeLater(source string, payload []byte, delay time.Duration) (string, error) {
	if delay == 0 || e.breaks().NoDelays {
		return e.enqueue(source, payload)
	}
	if len(payload) > MaxAsyncPayload {
		return "", fmt.Errorf("%w: %d bytes, at most %d for an asynchronous invocation", ErrPayloadTooLarge, len(payload), MaxAsyncPayload)
	}
	if !e.enter() {
		return "", ErrClosed
	}
	r := request{id: newRequestID(), source: source, payload: payload, async: true}
	lost := e.opts.Lose()
	e.mu.Lock()
	e.delayed = append(e.delayed, Delayed{RequestID: r.id, At: time.Now().Add(delay), Payload: payload})
	e.stats.Delayed++
	e.mu.Unlock()
	go func() {
		defer e.work.Done()
		timer := time.NewTimer(delay + e.opts.Late())
		defer timer.Stop()
		dropped := false
		select {
		case <-timer.C:
		case <-e.done:
			dropped = true
		}
		e.dispatch(r, lost, dropped)
	}()
	return r.id, nil
}

// dispatch delivers an invocation whose delay is over, unless it is lost, or dropped
// because the emulator is closed. It is pending from the moment at which it is not
// delayed any more, so that Wait does not miss it.
func (e *Emulator) dispatch(r request, lost, dropped bool) {
	e.mu.Lock()
	e.delayed = slices.DeleteFunc(e.delayed, func(d Delayed) bool { return d.RequestID == r.id })
	if lost && !dropped {
		e.stats.Lost++
	}
	e.pending++
	e.mu.Unlock()
	defer e.finished()
	switch {
	case dropped:
	case lost:
		e.opts.Logger.Warn("delayed invocation lost", "request_id", r.id)
	default:
		e.deliver(r)
	}
}

// Delayed lists the invocations whose delay is not over, the next one first.
func (e *Emulator) Delayed() []Delayed {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := slices.Clone(e.delayed)
	slices.SortFunc(out, func(a, b Delayed) int { return a.At.Compare(b.At) })
	return out
}

// soon reports whether the delay of an invocation is over within Options.Patience.
func (e *Emulator) soon() bool {
	until := time.Now().Add(e.opts.Patience)
	return slices.ContainsFunc(e.delayed, func(d Delayed) bool { return !d.At.After(until) })
}
