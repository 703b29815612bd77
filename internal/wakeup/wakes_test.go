package wakeup_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sslvpn-change/sslvpn-change/events"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/wakeup"
)

// platform is an Invoker that keeps what it got.
type platform struct {
	t    *testing.T
	fail func() error

	mu    sync.Mutex
	wakes []set
}

// set is one wake-up that was set.
type set struct {
	delay time.Duration
	at    time.Time // of the request
	wake  events.Wake
}

func (p *platform) Invoke(_ context.Context, delay time.Duration, payload []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	ev, err := events.Decode(payload)
	if err != nil || ev.Wake == nil {
		p.t.Errorf("payload %s: %v", payload, err)
		return nil
	}
	if delay < time.Second || delay > time.Hour || delay%time.Second != 0 {
		p.t.Errorf("a delay of %s", delay)
	}
	if p.fail != nil {
		if err := p.fail(); err != nil {
			return err
		}
	}
	p.wakes = append(p.wakes, set{delay, time.Now(), *ev.Wake})
	return nil
}

// got lists the wake-ups that were set, and forgets them.
func (p *platform) got() []set {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.wakes
	p.wakes = nil
	slices.SortFunc(out, func(a, b set) int { return a.wake.At.Compare(b.wake.At) })
	return out
}

// instance is an instance of the function.
type instance struct {
	*platform

	memory wakeup.Memory
	log    bytes.Buffer
}

func newInstance(t *testing.T) *instance {
	t.Helper()
	return &instance{platform: &platform{t: t}}
}

func (i *instance) invocation(t *testing.T) *wakeup.Wakes {
	t.Helper()
	return wakeup.New(t.Context(), wakeup.Deps{
		Invoker: i.platform, Memory: &i.memory, Now: time.Now, Log: slog.New(slog.NewTextHandler(&i.log, nil)),
	})
}

func lane(n int) wakeup.Lane {
	return wakeup.Lane{Target: change.Target{RegionID: "cn-hangzhou", ServerID: fmt.Sprintf("vss-%d", n)}}
}

func TestDelays(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration][2]time.Duration{ // of a due time, and of a look
		-time.Minute:            {time.Second, time.Second},
		300 * time.Millisecond:  {time.Second, time.Second},
		1900 * time.Millisecond: {time.Second, 2 * time.Second},
		2400 * time.Millisecond: {2 * time.Second, 2 * time.Second},
		time.Hour:               {time.Hour, time.Hour},
		time.Hour + time.Second: {time.Hour, time.Hour},
		90 * 24 * time.Hour:     {time.Hour, time.Hour},
	} {
		for n, gen := range []int64{0, 7} {
			synctest.Test(t, func(t *testing.T) {
				i := newInstance(t)
				w := i.invocation(t)
				l := lane(1)
				l.Gen = gen
				at := time.Now().Add(ahead)
				w.Ask(at, l)
				w.End(time.Minute)
				got := i.got()
				if len(got) != 1 || got[0].delay != want[n] || !got[0].wake.At.Equal(at) || got[0].wake.Lanes[0].Gen != gen {
					t.Errorf("%s ahead, generation %d: got %+v, want %s", ahead, gen, got, want[n])
				}
			})
		}
	}
}

// TestLanesOfOneSecondShareAWakeUp asks for lanes of three seconds.
func TestLanesOfOneSecondShareAWakeUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := newInstance(t)
		w := i.invocation(t)
		at := time.Now().Add(time.Minute)
		for n := range 250 {
			w.Ask(at.Add(time.Duration(n%3)*300*time.Millisecond), lane(n)) // within one second
		}
		w.Ask(at.Add(time.Second), lane(1))
		w.Ask(at.Add(time.Second), lane(1)) // twice
		w.End(time.Minute)
		var sizes []int
		for _, s := range i.got() {
			sizes = append(sizes, len(s.wake.Lanes))
			if s.wake.At.Before(at) || s.wake.At.After(at.Add(time.Second)) {
				t.Errorf("a wake-up at %s", s.wake.At)
			}
		}
		slices.Sort(sizes) // they are sent at the same time
		if !slices.Equal(sizes, []int{1, 50, 100, 100}) {
			t.Errorf("wake-ups of %v lanes", sizes)
		}
	})
}

// TestAWakeUpIsSentWhileTheInvocationWorks: a slow lane does not delay the wake-ups of
// others.
func TestAWakeUpIsSentWhileTheInvocationWorks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := newInstance(t)
		w := i.invocation(t)
		began := time.Now()
		for n := range 3 {
			w.Ask(began.Add(time.Minute), lane(n))
			<-time.After(10 * time.Second)
		}
		w.End(time.Minute)
		got := i.got()
		if len(got) != 3 {
			t.Fatalf("%d wake-ups", len(got))
		}
		for n, s := range got {
			if late := s.at.Sub(began) - time.Duration(n)*10*time.Second; late > 300*time.Millisecond {
				t.Errorf("wake-up %d was sent after %s", n, late)
			}
		}
	})
}

func TestNothingIsSetTwiceWithinAShortTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := newInstance(t)
		at := time.Now().Add(time.Hour)
		ask := func(want int, what string, ask func(*wakeup.Wakes)) {
			t.Helper()
			w := i.invocation(t)
			ask(w)
			w.End(time.Minute)
			if got := i.got(); len(got) != want {
				t.Errorf("%s: %d wake-ups, want %d", what, len(got), want)
			}
		}
		other := lane(1)
		other.Gen = 3
		ask(1, "the first", func(w *wakeup.Wakes) { w.Ask(at, lane(1)) })
		ask(0, "the same", func(w *wakeup.Wakes) { w.Ask(at, lane(1)) })
		ask(1, "another generation", func(w *wakeup.Wakes) { w.Ask(at, other) })
		ask(1, "another moment", func(w *wakeup.Wakes) { w.Ask(at.Add(time.Millisecond), lane(1)) })
		ask(1, "one that came too early", func(w *wakeup.Wakes) { w.Again(at, []wakeup.Lane{lane(1)}) })
		<-time.After(2 * time.Minute)
		ask(1, "the same, later", func(w *wakeup.Wakes) { w.Ask(at, lane(1)) })
	})
}

func TestAnInvocationSendsABoundedNumber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := newInstance(t)
		w := i.invocation(t)
		now := time.Now()
		for n := range 50 {
			w.Ask(now.Add(time.Hour-time.Duration(n)*time.Minute), lane(n))
		}
		<-time.After(time.Second)
		w.Ask(now.Add(2*time.Hour), lane(1))
		w.End(time.Minute)
		got := i.got()
		if len(got) != 32 || !got[0].wake.At.Equal(now.Add(11*time.Minute)) || !strings.Contains(i.log.String(), "left to the sweep") {
			t.Errorf("%d wake-ups, the first for %s; the log says %s", len(got), got[0].wake.At, i.log.String())
		}
	})
}

// TestFailuresTurnWakeUpsOff: the caller waits in process meanwhile, and the log says
// each cause once, with the way out.
func TestFailuresTurnWakeUpsOff(t *testing.T) {
	t.Parallel()
	tests := []struct {
		class wakeup.Class
		off   time.Duration
		says  string
	}{
		{wakeup.ClassDenied, 5 * time.Minute, "allow the function's role fc:InvokeFunction"},
		{wakeup.ClassRefused, 5 * time.Minute, "check WAKE_ENDPOINT"},
		{wakeup.ClassUnavailable, 30 * time.Second, "set WAKE_ENDPOINT"},
	}
	for _, tt := range tests {
		t.Run(string(tt.class), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				i := newInstance(t)
				calls, broken := 0, true
				i.fail = func() error {
					if calls++; broken {
						return &wakeup.Error{Class: tt.class, Status: 418}
					}
					return nil
				}
				invoke := func() *wakeup.Wakes {
					w := i.invocation(t)
					w.Ask(time.Now().Add(time.Hour), lane(1))
					w.End(time.Minute)
					return w
				}
				if invoke().Usable() || calls != 1 {
					t.Errorf("usable after a failure, %d requests", calls)
				}
				<-time.After(tt.off - time.Second)
				if invoke().Usable() || calls != 1 {
					t.Errorf("usable too soon, %d requests", calls)
				}
				<-time.After(2 * time.Second)
				if w := i.invocation(t); !w.Usable() {
					t.Error("not tried again")
				}
				if invoke(); calls != 2 {
					t.Errorf("%d requests", calls)
				}
				if n := strings.Count(i.log.String(), "wake-up not set"); n != 1 || !strings.Contains(i.log.String(), tt.says) {
					t.Errorf("it is said %d times: %s", n, i.log.String())
				}
				broken = false
				<-time.After(10 * time.Minute)
				if !invoke().Usable() || len(i.got()) != 1 {
					t.Error("not usable after a success")
				}
				broken = true
				<-time.After(time.Second)
				if invoke(); strings.Count(i.log.String(), "wake-up not set") != 2 {
					t.Errorf("a new failure is not said: %s", i.log.String())
				}
			})
		})
	}
}

// TestTheEndOfAnInvocationIsBounded: the platform does not answer.
func TestTheEndOfAnInvocationIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := newInstance(t)
		i.fail = func() error { <-time.After(time.Minute); return nil }
		w := i.invocation(t)
		began := time.Now()
		w.Ask(began.Add(time.Hour), lane(1))
		w.End(time.Second)
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %s", took)
		}
		w.Ask(began.Add(time.Hour), lane(2)) // it comes too late
		<-time.After(2 * time.Minute)
		if got := i.got(); len(got) != 1 {
			t.Errorf("%d wake-ups", len(got))
		}
	})
}

func TestNoWakeUpsAreNoPanic(t *testing.T) {
	t.Parallel()
	var w *wakeup.Wakes
	w.Ask(time.Now(), lane(1))
	w.Again(time.Now(), []wakeup.Lane{lane(1)})
	w.End(time.Second)
	if w.Usable() {
		t.Error("nobody sets wake-ups, and they are usable")
	}
}

// TestAPanicDoesNotEndTheProcess: the platform would not get an answer.
func TestAPanicDoesNotEndTheProcess(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	i.fail = func() error { panic("planted") }
	w := i.invocation(t)
	w.Ask(time.Now().Add(time.Hour), lane(1))
	w.End(time.Minute)
	if !strings.Contains(i.log.String(), "planted") {
		t.Errorf("the log says %s", i.log.String())
	}
}
