package breaker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

const (
	window      = 60 * time.Second
	bucket      = 10 * time.Second
	minFailures = 5
	// probeTimeout bounds the one call of a half-open circuit, retries included.
	probeTimeout = 8 * time.Second
)

// Set has the breakers of all regions. It lives as long as the instance and is
// safe for concurrent use.
type Set struct {
	log *slog.Logger

	mu            sync.Mutex
	regions       map[string]*Breaker // for reads
	modifications map[string]*Breaker
}

// New makes a set in which every circuit is closed until a stored circuit says
// otherwise.
func New(log *slog.Logger) *Set {
	return &Set{log: log, regions: map[string]*Breaker{}, modifications: map[string]*Breaker{}}
}

// Region returns the breaker of a region's reads.
func (s *Set) Region(regionID string) *Breaker { return s.breaker(s.regions, regionID, reads) }

// Modifications returns the breaker of a region's modifications. Its circuit is
// this instance's own, and is not stored.
func (s *Set) Modifications(regionID string) *Breaker {
	return s.breaker(s.modifications, regionID, modifications)
}

func (s *Set) breaker(of map[string]*Breaker, regionID string, c calls) *Breaker {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := of[regionID]
	if b == nil {
		b = newBreaker(regionID, c, s.log)
		of[regionID] = b
	}
	return b
}

// Open lists the circuits that are open, as "<region> <calls>", sorted. It sends nothing:
// a circuit that only the store has is not among them.
func (s *Set) Open() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, of := range []map[string]*Breaker{s.regions, s.modifications} {
		for region, b := range of {
			if b.open() != nil {
				out = append(out, region+" "+string(b.calls))
			}
		}
	}
	slices.Sort(out)
	return out
}

// calls are what a circuit is for.
type calls string

const (
	reads         calls = "reads"
	modifications calls = "modifications"
)

// OpenError says that a call was not made because the circuit is open.
type OpenError struct {
	RegionID string
	Calls    string    // that are not made: reads or modifications
	Until    time.Time // when to retry
	Reason   string    // the failure that opened the circuit
}

// Error names the region, the calls, the time and the reason.
func (e *OpenError) Error() string {
	what := "called"
	if e.Calls == string(modifications) {
		what = "sent modifications"
	}
	return fmt.Sprintf("the VPC API of %s is not %s before %s: %s", e.RegionID, what, e.Until.UTC().Format(time.RFC3339), e.Reason)
}

// Breaker is the circuit breaker of one region's reads or modifications.
type Breaker struct {
	region string
	calls  calls
	log    *slog.Logger
	cb     *gobreaker.CircuitBreaker[result]
	gate   chan struct{} // has one token while the stored circuit is being read

	mu sync.Mutex // never locked while calling cb, whose callbacks lock it
	state
}

// state is what the library does not keep. The library's open time (Timeout) is
// one fixed duration of the monotonic clock, so it is set to its minimum, and
// circuit decides how long no call is made.
type state struct {
	circuit   circuit
	read      bool                 // the stored circuit has been read
	restoring bool                 // the next failure reported to the library restores a stored circuit
	unwritten bool                 // the circuit has changed and must be written
	failure   string               // the last failure
	failing   map[string]time.Time // when a server's error of the API was last counted
}

// result carries a call's error past the library, which gets the judgment instead.
type result struct{ err error }

var (
	errFailure  = errors.New("counts as a failure")
	errExcluded = errors.New("is not counted")
	errRestored = errors.New("another instance opened the circuit")
)

func newBreaker(region string, c calls, log *slog.Logger) *Breaker {
	b := &Breaker{region: region, calls: c, log: log, gate: make(chan struct{}, 1)}
	b.read = c == modifications // nothing is stored
	b.failing = map[string]time.Time{}
	b.cb = gobreaker.NewCircuitBreaker[result](gobreaker.Settings{
		Name:         region,
		MaxRequests:  1,
		Interval:     window,
		BucketPeriod: bucket,
		Timeout:      time.Nanosecond, // see state
		ReadyToTrip:  b.readyToTrip,
		IsExcluded:   func(err error) bool { return errors.Is(err, errExcluded) },
		// The library calls it with its lock locked: it must not call cb.
		OnStateChange: b.stateChanged,
	})
	return b
}

func (b *Breaker) readyToTrip(c gobreaker.Counts) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.restoring || (c.TotalFailures >= minFailures && 2*c.TotalFailures >= c.TotalSuccesses+c.TotalFailures)
}

func (b *Breaker) stateChanged(_ string, _, to gobreaker.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch to {
	case gobreaker.StateOpen:
		if b.restoring {
			return
		}
		b.circuit = b.circuit.reopened(time.Now(), b.failure)
		b.unwritten = true
	case gobreaker.StateClosed:
		b.circuit = b.circuit.closed(time.Now())
		b.unwritten = true
	case gobreaker.StateHalfOpen:
	}
}

// Do makes the call unless the circuit is open; then it returns an *OpenError. The
// context of a probe has a deadline of its own. Otherwise Do returns the call's
// error, and never one of the store.
func (b *Breaker) Do(ctx context.Context, store Store, call func(context.Context) error) error {
	return b.do(ctx, store, call, b.judge)
}

func (b *Breaker) do(ctx context.Context, store Store, call func(context.Context) error, judge func(context.Context, error) error) error {
	if err := b.Restore(ctx, store); err != nil {
		return err
	}
	if open := b.open(); open != nil {
		return open
	}
	res, err := b.cb.Execute(func() (result, error) {
		// Another call may have opened the circuit since.
		if open := b.open(); open != nil {
			return result{open}, errExcluded
		}
		callCtx := ctx
		if b.cb.State() == gobreaker.StateHalfOpen {
			probe, cancel := context.WithTimeout(ctx, probeTimeout)
			defer cancel()
			callCtx = probe
		}
		err := call(callCtx)
		return result{err}, judge(ctx, err)
	})
	b.write(ctx, store)
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return b.probing()
	}
	return res.err
}

// closed returns the error of a call that must not be the probe, unless the circuit is
// closed.
func (b *Breaker) closed(ctx context.Context, store Store) error {
	if err := b.Restore(ctx, store); err != nil {
		return err
	}
	if open := b.open(); open != nil {
		return open
	}
	if b.cb.State() != gobreaker.StateClosed {
		return b.probing()
	}
	return nil
}

// open returns the error of a call while the circuit is open, else nil.
func (b *Breaker) open() *OpenError {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.circuit.open(time.Now()) {
		return nil
	}
	return &OpenError{RegionID: b.region, Calls: string(b.calls), Until: b.circuit.until, Reason: b.circuit.reason}
}

// probing is the error of a call while another one is the probe, which ends after
// its own deadline at the latest.
func (b *Breaker) probing() error {
	if open := b.open(); open != nil {
		return open
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return &OpenError{RegionID: b.region, Calls: string(b.calls), Until: time.Now().Add(probeTimeout), Reason: b.circuit.reason}
}

// judge says what an outcome means for the health of the API: nil for healthy,
// errFailure or errExcluded.
func (b *Breaker) judge(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return errExcluded
	}
	if e, ok := errors.AsType[*sslvpn.Error](err); ok {
		switch e.Class {
		case sslvpn.ClassThrottled, sslvpn.ClassCircuitOpen:
			return errExcluded
		case sslvpn.ClassBusy, sslvpn.ClassInvalid, sslvpn.ClassDenied, sslvpn.ClassLocked,
			sslvpn.ClassOther, sslvpn.ClassCredentials:
			return nil
		case sslvpn.ClassUnavailable, sslvpn.ClassUnknown:
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failure = err.Error()
	return errFailure
}

// judgeServer is judge for a call that is about one server. That the API answers the
// modifications of one server with errors says little about the region: such errors
// count once per server and window, so that one server does not stop the others.
func (b *Breaker) judgeServer(ctx context.Context, serverID string, err error) error {
	verdict := b.judge(ctx, err)
	e, ok := errors.AsType[*sslvpn.Error](err)
	if !errors.Is(verdict, errFailure) || !ok || !e.Answered() {
		return verdict
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(b.failing, func(_ string, at time.Time) bool { return now.Sub(at) >= window })
	if _, counted := b.failing[serverID]; counted {
		return errExcluded
	}
	b.failing[serverID] = now
	return errFailure
}
