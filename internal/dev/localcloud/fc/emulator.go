package fc

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Emulator runs one function. Make one with New.
type Emulator struct {
	opts  Options
	slots chan struct{} // one token per invocation at work
	done  chan struct{} // closed by Close
	work  sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	number  int         // of the last instance
	live    []*instance // oldest first
	idle    []*instance // last used last
	stats   Stats
	pending int       // asynchronous requests that are not finished
	delayed []Delayed // those whose delay is not over, which are not pending
	waiters []chan struct{}
	denied  bool // the role may not invoke the function
	broken  Broken
	nonces  map[string]bool // of requests to the API
}

// Stats counts what happened since New.
type Stats struct {
	Invocations int `json:"invocations"` // attempts, retries included
	Errors      int `json:"errors"`
	Retries     int `json:"retries"`
	ColdStarts  int `json:"coldStarts"`
	Dropped     int `json:"dropped"` // asynchronous requests given up after the last retry
	Delayed     int `json:"delayed"` // asynchronous requests with a delay
	Lost        int `json:"lost"`    // of these, lost by Options.Lose
}

// New makes an emulator and starts the timers; processes start with the first
// invocation. It reports every option that the platform would refuse.
func New(opts Options) (*Emulator, error) {
	if err := opts.check(); err != nil {
		return nil, fmt.Errorf("function options: %w", err)
	}
	opts = opts.withDefaults()
	e := &Emulator{
		opts:  opts,
		slots: make(chan struct{}, opts.MaxInstances),
		done:  make(chan struct{}),
	}
	for _, t := range opts.Timers {
		e.work.Add(1)
		go e.tickEvery(t)
	}
	return e, nil
}

// Close ends every process, waits for what was at work, and drops what was
// queued. It may be called more than once.
func (e *Emulator) Close() error {
	e.mu.Lock()
	if !e.closed {
		e.closed = true
		close(e.done)
	}
	idle := slices.Clone(e.idle)
	e.idle = nil
	live := slices.Clone(e.live)
	e.mu.Unlock()
	if e.opts.PreStop {
		for _, i := range idle {
			i.run(newDelivery(request{id: newRequestID(), source: "pre-stop"}, typePreStop), func() {})
		}
	}
	for _, i := range live {
		i.kill()
	}
	e.work.Wait()
	return nil
}

// Invoke runs the function once and waits for its answer. When ctx ends first
// the caller gets its error and the invocation goes on, as on the platform.
func (e *Emulator) Invoke(ctx context.Context, payload []byte) (Result, error) {
	return e.invoke(ctx, request{id: newRequestID(), source: "direct", payload: payload})
}

func (e *Emulator) invoke(ctx context.Context, r request) (Result, error) {
	if len(r.payload) > MaxSyncPayload {
		return Result{}, fmt.Errorf("%w: %d bytes, at most %d for a synchronous invocation", ErrPayloadTooLarge, len(r.payload), MaxSyncPayload)
	}
	if !e.enter() {
		return Result{}, ErrClosed
	}
	type answer struct {
		res Result
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		defer e.work.Done()
		res, err := e.attempt(r)
		answers <- answer{res, err}
	}()
	select {
	case a := <-answers:
		return a.res, a.err
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
}

// enter counts a piece of work that Close must wait for.
func (e *Emulator) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.work.Add(1)
	}
	return !e.closed
}

// attempt runs one request on one instance.
func (e *Emulator) attempt(r request) (Result, error) {
	i, cold, err := e.acquire()
	if err != nil {
		return Result{}, err
	}
	d := newDelivery(r, typeInvoke)
	inv := Invocation{
		RequestID: r.id, Source: r.source, Instance: i.id, PID: i.cmd.Process.Pid,
		RetryCount: r.retry, Async: r.async, ColdStart: cold, StartedAt: time.Now(),
	}
	out := e.initialize(i, r)
	if out.err == nil {
		out = i.run(d, func() {
			inv.StartedAt = time.Now()
			e.opts.Began(inv)
		})
	}
	inv.Duration = time.Since(inv.StartedAt)
	if out.err != nil {
		inv.Err = out.err
		i.log.Warn("invocation failed", "request_id", r.id, "source", r.source, "retry", r.retry, "error", out.err.Error())
	}
	e.count(inv)
	e.opts.Ended(inv) // before the instance can begin the next one
	e.release(i)
	if inv.Err != nil {
		return Result{}, inv.Err
	}
	return Result{RequestID: r.id, Body: out.body, Instance: i.id, ColdStart: cold, Duration: inv.Duration}, nil
}

func (e *Emulator) count(inv Invocation) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.Invocations++
	if inv.Err != nil {
		e.stats.Errors++
	}
	if inv.RetryCount > 0 {
		e.stats.Retries++
	}
	if inv.ColdStart {
		e.stats.ColdStarts++
	}
}

// Stats returns the counts so far.
func (e *Emulator) Stats() Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stats
}
