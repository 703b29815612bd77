package reconcile

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// minute is an invocation that ends in a minute, of which 10 s are reserved.
func minute(p Policy) limits {
	p.FirstPoll, p.MaxPoll, p.MaxThrottle, p.CallTime = 2*time.Second, 4*time.Second, 16*time.Second, 5*time.Second
	return limits{policy: p, now: time.Now, deadline: time.Now().Add(time.Minute), reserve: 10 * time.Second}
}

// longest is the jitter at which every wait takes its ceiling.
func longest() float64 { return 1 }

func TestAWaiterWaitsWhileBudgetAndDeadlineAllow(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		budget time.Duration
		w      wait
		waits  bool
		takes  time.Duration
	}{
		"a busy gateway":                     {time.Minute, wait{Cause: causeGateway}, true, 2 * time.Second},
		"a throttled call, with its hint":    {time.Minute, wait{Cause: causeThrottle, Hold: true, atLeast: 7 * time.Second}, true, 9 * time.Second},
		"a time that is known":               {time.Minute, wait{Cause: causeGateway, exactly: 300 * time.Millisecond}, true, 300 * time.Millisecond},
		"more than the budget":               {time.Second, wait{Cause: causeGateway}, false, 0},
		"into the time of a call":            {time.Hour, wait{Cause: causeGateway, exactly: 46 * time.Second}, false, 0},
		"to the time of a call":              {time.Hour, wait{Cause: causeGateway, exactly: 45 * time.Second}, true, 45 * time.Second},
		"longer than the invocation":         {time.Hour, wait{Cause: causeThrottle, atLeast: time.Hour}, false, 0},
		"an open circuit":                    {time.Minute, wait{Cause: causeBreaker, Hold: true}, false, 0},
		"an API that does not answer":        {time.Minute, wait{Cause: causeBreaker}, true, 2 * time.Second},
		"credentials of another invocation":  {time.Minute, wait{Cause: causeLogin}, false, 0},
		"a budget of nothing":                {0, wait{Cause: causeGateway}, false, 0},
		"a budget of exactly what is needed": {2 * time.Second, wait{Cause: causeGateway}, true, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWaiter(minute(Policy{WaitBudget: tt.budget}), &permit{}, nil, longest, slog.New(slog.DiscardHandler))
				begun := time.Now()
				var ws waits
				if got, err := w.wait(t.Context(), &ws, &tt.w); got != tt.waits || err != nil || time.Since(begun) != tt.takes {
					t.Errorf("waited: %v, %v, for %v; want %v, %v", got, err, time.Since(begun), tt.waits, tt.takes)
				}
				if (ws.Wait != nil) != tt.waits || w.budget != tt.budget-tt.takes {
					t.Errorf("the open wait is %+v, and %v of the budget are left", ws.Wait, w.budget)
				}
			})
		})
	}
}

func TestWaitsGrowUntilThereIsProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWaiter(minute(Policy{WaitBudget: time.Minute}), &permit{}, nil, longest, slog.New(slog.DiscardHandler))
		var ws waits
		var took []time.Duration
		next := func() {
			begun := time.Now()
			if waited, err := w.wait(t.Context(), &ws, &wait{Cause: causeGateway, Since: begun}); !waited || err != nil {
				t.Errorf("waited: %v, %v", waited, err)
			}
			took = append(took, time.Since(begun))
		}
		next()
		next()
		next()
		w.progress()
		next()
		want := []time.Duration{2 * time.Second, 4 * time.Second, 4 * time.Second, 2 * time.Second}
		for i := range want {
			if took[i] != want[i] {
				t.Errorf("waits of %v, want %v", took, want)
				break
			}
		}
		if since := time.Since(ws.Wait.Since); since != 12*time.Second {
			t.Errorf("the open wait began %v ago: waits for the same are one", since)
		}
	})
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWaiter(minute(Policy{WaitBudget: time.Minute}), &permit{}, nil, longest, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if waited, err := w.wait(ctx, &waits{}, &wait{Cause: causeGateway}); waited || err != nil {
			t.Errorf("waited beyond the context: %v, %v", waited, err)
		}
	})
}

func TestPastWaitsAreJoinedAndBounded(t *testing.T) {
	t.Parallel()
	var ws waits
	ws.add(pastWait{causeGateway, at(5), at(5)})
	if len(ws.Past) != 0 {
		t.Errorf("a wait for no time is kept: %+v", ws.Past)
	}
	ws.add(pastWait{causeGateway, at(1), at(2)})
	ws.add(pastWait{causeGateway, at(3), at(4)})
	ws.add(pastWait{causeBreaker, at(4), at(5)})
	ws.add(pastWait{causeBreaker, at(7), at(8)})
	if len(ws.Past) != 3 || ws.Past[0] != (pastWait{causeGateway, at(1), at(4)}) {
		t.Errorf("past waits are %+v", ws.Past)
	}
	for i := range maxPastWaits {
		ws.add(pastWait{causeGateway, at(10 + 3*i), at(11 + 3*i)})
	}
	if len(ws.Past) != maxPastWaits || ws.Past[0].From != at(10) {
		t.Errorf("%d past waits from %v", len(ws.Past), ws.Past[0].From)
	}
}

func TestAWaitForSomethingElseEndsTheOneBefore(t *testing.T) {
	t.Parallel()
	var ws waits
	ws.begin(&wait{Cause: causeGateway, Since: at(1)}, at(1))
	ws.begin(&wait{Cause: causeGateway, Since: at(3)}, at(3))
	ws.begin(&wait{Cause: causeBreaker, Since: at(5)}, at(5))
	if len(ws.Past) != 1 || ws.Past[0] != (pastWait{causeGateway, at(1), at(5)}) || ws.Wait.Since != at(5) {
		t.Errorf("past %+v, open %+v", ws.Past, ws.Wait)
	}
	ws.end(at(6))
	ws.end(at(7))
	if len(ws.Past) != 2 || ws.Wait != nil {
		t.Errorf("past %+v, open %+v", ws.Past, ws.Wait)
	}
}

func TestAnErrorSaysWhatIsWaitedForAndUntilWhen(t *testing.T) {
	t.Parallel()
	next := at(60)
	for class, want := range map[sslvpn.Class]struct {
		cause cause
		next  time.Time
		hold  bool
	}{
		sslvpn.ClassBusy:        {causeGateway, next, false},
		sslvpn.ClassThrottled:   {causeThrottle, at(9), true},
		sslvpn.ClassCircuitOpen: {causeBreaker, at(9), true},
		sslvpn.ClassCredentials: {causeLogin, next, false},
		sslvpn.ClassUnavailable: {causeBreaker, next, false},
		sslvpn.ClassUnknown:     {causeFailing, next, false},
	} {
		w := waitAfter(&sslvpn.Error{Class: class, Code: "Some.Code", RetryAfter: 5 * time.Second}, at(4), next)
		if w.Cause != want.cause || w.Next != want.next || w.Hold != want.hold || w.Why == "" || w.Since != at(4) {
			t.Errorf("%s: %+v", class, w)
		}
		if w.tooEarly(at(8)) != want.hold || w.tooEarly(at(9)) {
			t.Errorf("%s: too early at %v: %v", class, at(8), w.tooEarly(at(8)))
		}
	}
	var none *wait
	if none.tooEarly(at(1)) {
		t.Error("it is too early without a wait")
	}
}

// A long wait is cut into pieces, between which the lease is renewed. It ends with a
// renewal that fails.
func TestALongWaitRenewsTheLease(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p := Policy{WaitBudget: time.Hour, Lease: 45 * time.Second}
			l := minute(p)
			l.deadline = l.deadline.Add(time.Hour)
			w := newWaiter(l, &permit{}, nil, longest, slog.New(slog.DiscardHandler))
			begun := time.Now()
			var looks []time.Duration
			w.keep = func(context.Context) error {
				if looks = append(looks, time.Since(begun)); fails && len(looks) == 2 {
					return errors.New("the renewal was not answered")
				}
				return nil
			}
			waited, err := w.wait(t.Context(), &waits{}, &wait{Cause: causeGateway, exactly: 40 * time.Second})
			want := []time.Duration{15 * time.Second, 30 * time.Second, 40 * time.Second}
			if fails {
				want = want[:2]
			}
			if waited == fails || (err != nil) != fails || !slices.Equal(looks, want) {
				t.Errorf("fails %v: waited %v, %v, looked at the lease after %v, want %v", fails, waited, err, looks, want)
			}
		})
	}
}
