package fc

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// InvokeAsync queues an invocation and returns its request id at once. The
// function gets it at least once.
func (e *Emulator) InvokeAsync(payload []byte) (string, error) {
	return e.enqueue("direct", payload)
}

func (e *Emulator) enqueue(source string, payload []byte) (string, error) {
	if len(payload) > MaxAsyncPayload {
		return "", fmt.Errorf("%w: %d bytes, at most %d for an asynchronous invocation", ErrPayloadTooLarge, len(payload), MaxAsyncPayload)
	}
	if !e.enter() {
		return "", ErrClosed
	}
	r := request{id: newRequestID(), source: source, payload: payload, async: true}
	e.mu.Lock()
	e.pending++
	e.mu.Unlock()
	go func() {
		defer e.work.Done()
		defer e.finished()
		e.deliver(r)
	}()
	return r.id, nil
}

// deliver repeats an invocation until it succeeds or the retries are used up.
func (e *Emulator) deliver(r request) {
	for {
		_, err := e.attempt(r)
		switch {
		case err == nil, errors.Is(err, ErrClosed):
			return
		case r.retry >= e.retries():
			e.opts.Logger.Error("event dropped after its last retry", "request_id", r.id, "source", r.source, "retries", r.retry, "error", err.Error())
			e.mu.Lock()
			e.stats.Dropped++
			e.mu.Unlock()
			return
		}
		r = e.again(r)
		wait := time.NewTimer(e.opts.RetryDelay(r.retry))
		select {
		case <-wait.C:
		case <-e.done:
			wait.Stop()
			return
		}
	}
}

// finished counts a queued request as done and wakes its waiters.
func (e *Emulator) finished() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pending--
	if e.pending == 0 {
		for _, w := range e.waiters {
			close(w)
		}
		e.waiters = nil
	}
}

// Pending is how many asynchronous requests are queued, at work or waiting
// for a retry. Delayed lists those that are not queued yet.
func (e *Emulator) Pending() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.pending
}

// Wait returns when no asynchronous request is pending, and the delay of none is over
// within Options.Patience: the others may be an hour ahead. A request that an invocation
// causes is counted before that invocation is finished, so Wait covers chains of
// triggers.
func (e *Emulator) Wait(ctx context.Context) error {
	for {
		e.mu.Lock()
		if e.pending == 0 && !e.soon() {
			e.mu.Unlock()
			return nil
		}
		w := make(chan struct{})
		e.waiters = append(e.waiters, w)
		e.mu.Unlock()
		select {
		case <-w:
		case <-ctx.Done():
			return fmt.Errorf("%d asynchronous invocations are still pending: %w", e.Pending(), ctx.Err())
		}
	}
}
