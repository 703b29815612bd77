package breaker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"sslvpnchange/internal/sslvpn"
)

const (
	window      = 60 * time.Second
	bucket      = 10 * time.Second
	minFailures = 5
	firstHold   = 30 * time.Second
	maxHold     = 5 * time.Minute
	// probeTimeout bounds the one call of a half-open region, retries and all.
	probeTimeout = 8 * time.Second
	// holdTimeout bounds a read or a write of the hold.
	holdTimeout = 2 * time.Second
)

// Set holds the breakers of all regions. It lives as long as the instance and
// is safe for concurrent use.
type Set struct {
	log *slog.Logger

	mu      sync.Mutex
	regions map[string]*Breaker
}

// New makes a set in which every region is closed until a hold says otherwise.
func New(log *slog.Logger) *Set {
	return &Set{log: log, regions: map[string]*Breaker{}}
}

// Region returns the breaker of a region.
func (s *Set) Region(regionID string) *Breaker {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.regions[regionID]
	if b == nil {
		b = newBreaker(regionID, s.log)
		s.regions[regionID] = b
	}
	return b
}

// OpenError says that a call was not made because the region is open.
type OpenError struct {
	RegionID string
	Until    time.Time // when to try again
	Reason   string    // the failure that opened it
}

// Error names the region, the time and the reason.
func (e *OpenError) Error() string {
	return fmt.Sprintf("the VPC API of %s is not called before %s: %s", e.RegionID, e.Until.UTC().Format(time.RFC3339), e.Reason)
}

// Breaker is the circuit breaker of one region.
type Breaker struct {
	region string
	log    *slog.Logger
	cb     *gobreaker.CircuitBreaker[result]
	gate   chan struct{} // holds one token while the hold is unread

	mu sync.Mutex // never held while calling cb, whose callbacks take it
	state
}

// state is what the library does not keep. How long the region stays open is
// decided here and not by the library, whose open time is fixed: for it the
// region turns half-open at once, and the hold keeps calls away.
type state struct {
	read      bool // the hold of other instances was looked at
	restoring bool // the next failure is a hold being taken over
	hold      hold
	unwritten bool   // the hold changed and must be written
	failure   string // the last failure
}

// result carries a call's error past the library, which is told the judgement
// instead.
type result struct{ err error }

var (
	errFailure  = errors.New("counts as failure")
	errExcluded = errors.New("counts for nothing")
	errRestored = errors.New("another instance opened the region")
)

func newBreaker(region string, log *slog.Logger) *Breaker {
	b := &Breaker{region: region, log: log, gate: make(chan struct{}, 1)}
	b.cb = gobreaker.NewCircuitBreaker[result](gobreaker.Settings{
		Name:         region,
		MaxRequests:  1,
		Interval:     window,
		BucketPeriod: bucket,
		Timeout:      time.Nanosecond, // see state
		ReadyToTrip:  b.readyToTrip,
		IsExcluded:   func(err error) bool { return errors.Is(err, errExcluded) },
		// Called by the library with its lock held: no call of cb in here.
		OnStateChange: b.changed,
	})
	return b
}

func (b *Breaker) readyToTrip(c gobreaker.Counts) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.restoring || (c.TotalFailures >= minFailures && 2*c.TotalFailures >= c.TotalSuccesses+c.TotalFailures)
}

func (b *Breaker) changed(_ string, _, to gobreaker.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	switch to {
	case gobreaker.StateOpen:
		if b.restoring {
			return
		}
		b.hold = b.hold.reopened(now, b.failure)
		b.unwritten = true
	case gobreaker.StateClosed:
		b.hold = hold{openedAt: b.hold.openedAt, until: now.Round(0), reason: "the region answers again"}
		b.unwritten = true
	case gobreaker.StateHalfOpen:
	}
}

// Do makes the call unless the region is open, in which case it returns an
// *OpenError. The call's context has a deadline of its own when the call is a
// probe. Otherwise Do returns the call's error, and never one of the store.
func (b *Breaker) Do(ctx context.Context, store Holds, call func(context.Context) error) error {
	if err := b.readHold(ctx, store); err != nil {
		return err
	}
	if open := b.open(); open != nil {
		return open
	}
	res, err := b.cb.Execute(func() (result, error) {
		// Another call may have opened the region since.
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
		return result{err}, b.judge(ctx, err)
	})
	b.writeHold(ctx, store)
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return b.probing()
	}
	return res.err
}

// open returns the error for a call while the hold lasts, else nil.
func (b *Breaker) open() *OpenError {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hold.openings == 0 || !time.Now().Before(b.hold.until) {
		return nil
	}
	return &OpenError{RegionID: b.region, Until: b.hold.until, Reason: b.hold.reason}
}

// probing is the error for a call that came while another one probes: the probe
// has ended after its own deadline at the latest.
func (b *Breaker) probing() error {
	if open := b.open(); open != nil {
		return open
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return &OpenError{RegionID: b.region, Until: time.Now().Add(probeTimeout), Reason: b.hold.reason}
}

// judge tells the library what an outcome means for the health of the API: nil
// for healthy, errFailure or errExcluded.
func (b *Breaker) judge(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return errExcluded
	}
	if e, ok := errors.AsType[*sslvpn.Error](err); ok {
		switch e.Class {
		case sslvpn.ClassThrottled, sslvpn.ClassHeld:
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
