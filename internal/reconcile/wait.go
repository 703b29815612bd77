package reconcile

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/backoff"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// cause is what a lane waits for.
type cause string

const (
	causeGateway  cause = "gateway"     // the gateway is busy
	causeBreaker  cause = "breaker"     // the API is down, or its circuit is open
	causeThrottle cause = "throttle"    // the API throttles
	causeLogin    cause = "credentials" // the invocation's credentials are not accepted
	causeRecovery cause = "recovery"    // a dead worker's lease had to expire
	causePolicy   cause = "policy"      // the policy cannot be used, or refuses that something is sent again
	causeFailing  cause = "failing"     // the API does not accept the modification, and reads work
	causeClients  cause = "clients"     // too many clients are connected
	causeWindow   cause = "window"      // a maintenance window is closed, or there is a freeze
)

// wait is a wait that is not over.
type wait struct {
	Cause cause
	Why   string // for people
	Since time.Time
	Next  time.Time // when to look again
	Hold  bool      // do not look before Next
	// Connected is how many clients were connected, where that is the cause.
	Connected int
	Settings  []change.Field // of the changes that wait for them, or for a window; later changes of these wait as well
	Gateway   string         // that is waited for, where that is the cause and its id is known
	Chain     int64          // the generation whose wake-up is on its way for Next; 0: that of this wait
	// Holders are, for each of the settings, the first change that waits with it.
	Holders map[change.Field]string
	// Windows are those that are closed, Freeze is the freeze that closes them, and Opens
	// is when the first of the changes may be sent; zero: that is not known.
	Windows []string
	Freeze  string
	Opens   time.Time

	atLeast time.Duration // how long to wait at least: what the API asked for
	exactly time.Duration // how long to wait, where that is known; else 0
}

// waitAfter is the wait that an error of the API causes. Where the error does
// not say how long, nextLook is when the lane is looked at again.
func waitAfter(e *sslvpn.Error, now, nextLook time.Time) *wait {
	w := &wait{Since: now.UTC(), Next: nextLook, atLeast: e.RetryAfter}
	switch e.Class {
	case sslvpn.ClassBusy:
		w.Cause, w.Why = causeGateway, "the gateway is busy: "+e.Code
	case sslvpn.ClassThrottled:
		w.Cause, w.Why, w.Hold = causeThrottle, "the API throttles requests: "+e.Code, e.RetryAfter > 0
	case sslvpn.ClassCircuitOpen:
		w.Cause, w.Why, w.Hold = causeBreaker, "the circuit of this region is open: "+e.Message, true
	case sslvpn.ClassCredentials:
		w.Cause, w.Why = causeLogin, "the API does not accept the function's credentials: "+e.Code
	case sslvpn.ClassUnknown:
		w.Cause, w.Why = causeFailing, "the API does not answer the modification: "+describe(e)
		if e.Answered() {
			w.Why = "the API answered the modification with an error: " + e.Code
		}
	case sslvpn.ClassUnavailable, sslvpn.ClassLocked, sslvpn.ClassDenied,
		sslvpn.ClassInvalid, sslvpn.ClassOther:
		w.Cause, w.Why = causeBreaker, "the API does not answer: "+describe(e)
	}
	if w.Hold {
		w.Next = w.Since.Add(e.RetryAfter)
	}
	return w
}

func describe(e *sslvpn.Error) string {
	switch {
	case e.Code != "":
		return e.Code
	case e.HTTPStatus != 0:
		return fmt.Sprintf("HTTP %d", e.HTTPStatus)
	default:
		return e.Message
	}
}

// tooEarly reports whether the lane must not be looked at yet.
func (w *wait) tooEarly(now time.Time) bool { return w != nil && w.Hold && now.Before(w.Next) }

// same reports whether a wait that is written already is the same as another one.
func (w *wait) same(other *wait) bool {
	if w == nil || w.Cause != other.Cause || w.Why != other.Why || !slices.Equal(w.Settings, other.Settings) || !maps.Equal(w.Holders, other.Holders) {
		return false
	}
	if w.Cause == causeWindow {
		return w.Opens.Equal(other.Opens) // Why has the rest
	}
	return w.Next.Equal(other.Next)
}

// pastWait is a wait that is over.
type pastWait struct {
	Cause cause
	From  time.Time
	To    time.Time
}

// waits are what the changes in a lane's queue wait for and have waited for.
type waits struct {
	Wait *wait      // nil: the lane goes on
	Past []pastWait // in order, at most maxPastWaits
}

// maxPastWaits bounds the waits that a lane remembers through a long outage.
const maxPastWaits = 64

// begin opens a wait. It continues an open wait for the same.
func (ws *waits) begin(w *wait, now time.Time) {
	if old := ws.Wait; old != nil && old.Cause == w.Cause {
		w.Since = old.Since
	} else {
		ws.end(now)
	}
	ws.Wait = w
}

// end turns an open wait into a past one.
func (ws *waits) end(now time.Time) {
	if w := ws.Wait; w != nil {
		ws.add(pastWait{Cause: w.Cause, From: w.Since, To: now.UTC()})
		ws.Wait = nil
	}
}

// add appends a past wait, joined to the last one where they touch. When there
// are too many, the oldest is dropped.
func (ws *waits) add(w pastWait) {
	if !w.From.Before(w.To) {
		return
	}
	if n := len(ws.Past); n > 0 {
		last := &ws.Past[n-1]
		if last.Cause == w.Cause && !w.From.After(last.To.Add(time.Second)) {
			last.To = w.To
			return
		}
		if n == maxPastWaits {
			ws.Past = ws.Past[1:]
		}
	}
	ws.Past = append(ws.Past, w)
}

// waiter spends waits inside the invocation, as far as its budget and its
// deadline allow. What it refuses is written into the lane and left to the
// sweep.
type waiter struct {
	limits limits
	budget time.Duration // what is left of Policy.WaitBudget
	until  time.Time     // the end of the lane's turn; zero for none
	shared *permit       // with the other lanes of the invocation
	places places        // likewise
	quick  bool          // a modification was accepted a moment ago, and the gateway may be quick
	// keep renews the lease if it is time to. A wait is not longer than piece without it.
	keep  func(context.Context) error
	piece time.Duration
	log   *slog.Logger

	poll *backoff.Waits // between looks
	// throttled is between calls that the API throttles. Its hint says when there
	// is room for one call, and all lanes get the same hint: these waits grow
	// further than those for a gateway.
	throttled *backoff.Waits
}

// newWaiter makes the waiter of one drain. Jitter is as in Deps.
func newWaiter(l limits, shared *permit, places places, jitter func() float64, log *slog.Logger) *waiter {
	waits := func(most time.Duration) *backoff.Waits {
		return backoff.New(backoff.Config{
			First: l.policy.FirstPoll, Max: most, Until: l.deadline.Add(-l.reserve), Now: l.now, Jitter: jitter,
		})
	}
	budget := l.policy.WaitBudget
	if l.policy.Wakes {
		budget = min(budget, l.policy.ShortWait)
	}
	return &waiter{
		limits: l, budget: budget, shared: shared, places: places, log: log,
		keep: func(context.Context) error { return nil }, piece: max(l.policy.Lease/renewals, time.Second),
		poll: waits(l.policy.MaxPoll), throttled: waits(l.policy.MaxThrottle),
	}
}

// wait waits in this invocation until the next look. It returns false at once
// if the invocation cannot outlast the wait: no budget or time is left, the
// circuit is open, or only another invocation brings other credentials. A policy
// that cannot be used is usually one that somebody must fix, and clients stay for hours.
// It fails if the lease cannot be renewed meanwhile.
func (w *waiter) wait(ctx context.Context, ws *waits, next *wait) (bool, error) {
	if next.Cause == causeLogin || next.Cause == causePolicy || next.Cause == causeClients || next.Cause == causeWindow || (next.Hold && next.Cause == causeBreaker) {
		return false, nil
	}
	if w.limits.policy.Wakes && next.Cause == causeGateway && next.exactly == 0 {
		if !w.quick {
			return false, nil // it is likely to take longer than an invocation waits, and a look costs little
		}
		w.quick, next.exactly = false, w.limits.policy.QuickLook
	}
	delay, ok := w.delay(next)
	if !ok || delay > w.budget || delay > w.limits.left()-w.limits.policy.CallTime {
		return false, nil
	}
	if !w.until.IsZero() && w.limits.now().Add(delay).After(w.until) {
		return false, nil // others have their turn
	}
	if !w.shared.allows(ctx, w.limits.now(), delay) {
		return false, nil // others wait already
	}
	w.log.DebugContext(ctx, "waiting", slog.String("why", next.Why), slog.Duration("delay", delay))
	ws.begin(next, w.limits.now())
	if waited, err := w.sleepLeased(ctx, delay); !waited || err != nil {
		return false, err
	}
	w.budget -= delay
	return true, nil
}

// sleep waits, and lets another lane of the invocation work meanwhile.
func (w *waiter) sleep(ctx context.Context, delay time.Duration) bool {
	w.places.leave()
	slept := backoff.Sleep(ctx, delay)
	w.places.again()
	return slept
}

// sleepLeased is sleep of a worker that may have the lease: it renews it meanwhile, and
// when it has a place again.
func (w *waiter) sleepLeased(ctx context.Context, delay time.Duration) (bool, error) {
	for delay > w.piece {
		delay -= w.piece
		if !w.sleep(ctx, w.piece) {
			return false, nil
		}
		if err := w.keep(ctx); err != nil {
			return false, err
		}
	}
	if !w.sleep(ctx, delay) {
		return false, nil
	}
	err := w.keep(ctx)
	return err == nil, err
}

// sleepUntil waits in this invocation until a time that is at most so far ahead. It
// returns false at once if the invocation cannot outlast that, or does not wait.
func (w *waiter) sleepUntil(ctx context.Context, at time.Time, ahead time.Duration) bool {
	now := w.limits.now()
	delay := max(at.Sub(now), time.Millisecond)
	switch {
	case w.limits.policy.LeaveUndos, w.limits.policy.WaitBudget <= 0, delay > ahead, delay > w.limits.left()-w.limits.policy.CallTime,
		!w.until.IsZero() && now.Add(delay).After(w.until):
		return false
	}
	return w.shared.allows(ctx, now, delay) && w.sleep(ctx, delay)
}

// delay is how long to wait, and whether that is within the invocation.
func (w *waiter) delay(next *wait) (time.Duration, bool) {
	if next.exactly > 0 {
		return next.exactly, true
	}
	p := w.poll
	if next.Cause == causeThrottle {
		p = w.throttled
	}
	p.RetryAfter(next.atLeast)
	return p.Next()
}

// progress starts over with short waits between looks.
func (w *waiter) progress() { w.quick = true; w.poll.Reset() }
