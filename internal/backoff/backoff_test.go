package backoff_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/backoff"
)

func TestWaitsStayBelowTheirCeilings(t *testing.T) {
	t.Parallel()
	var longest [4]time.Duration
	for range 2000 {
		w := backoff.New(backoff.Config{First: 2 * time.Second, Max: 4 * time.Second})
		for i := range longest {
			wait, ok := w.Next()
			if !ok || wait < 0 {
				t.Fatalf("wait %d = %v, %t", i+1, wait, ok)
			}
			longest[i] = max(longest[i], wait)
		}
	}
	for i, ceiling := range []time.Duration{2 * time.Second, 4 * time.Second, 4 * time.Second, 4 * time.Second} {
		// The chance that none of 2000 draws is in the upper fifth is 10^-193.
		if longest[i] > ceiling+time.Nanosecond || longest[i] < ceiling*4/5 {
			t.Errorf("longest of wait %d = %v, want just below %v", i+1, longest[i], ceiling)
		}
	}
}

func TestTheSourceOfJitterCanBeGiven(t *testing.T) {
	t.Parallel()
	w := backoff.New(backoff.Config{First: time.Second, Max: 8 * time.Second, Jitter: func() float64 { return 0.5 }})
	for i, want := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second} {
		if got, ok := w.Next(); !ok || got != want {
			t.Errorf("wait %d = %v, want %v", i+1, got, want)
		}
	}
}

func TestRetriesAreCounted(t *testing.T) {
	t.Parallel()
	w := backoff.New(backoff.Config{First: time.Second, Max: time.Second, Retries: 2})
	for i, want := range []bool{true, true, false, false} {
		if _, ok := w.Next(); ok != want {
			t.Errorf("wait %d: got %t, want %t", i+1, ok, want)
		}
	}
	w.Reset()
	if _, ok := w.Next(); !ok {
		t.Error("no wait after Reset")
	}
}

func TestNoWaitEndsAfterUntil(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		until := start.Add(30 * time.Second)
		w := backoff.New(backoff.Config{First: 2 * time.Second, Max: 4 * time.Second, Until: until})
		tries := 1
		for w.Wait(t.Context()) {
			tries++
		}
		if time.Now().After(until) || time.Since(start) < 20*time.Second || tries < 8 {
			t.Errorf("%d tries in %v, want many in somewhat less than 30s", tries, time.Since(start))
		}
	})
}

func TestUntilRefersToTheGivenClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	w := backoff.New(backoff.Config{
		First: time.Second, Max: time.Second, Until: now.Add(time.Minute), Now: func() time.Time { return now },
	})
	if _, ok := w.Next(); !ok {
		t.Error("no wait a minute before Until")
	}
	now = now.Add(time.Minute)
	w.RetryAfter(time.Nanosecond)
	if _, ok := w.Next(); ok {
		t.Error("a wait that ends after Until")
	}
}

func TestRetryAfterIsTheFloorOfTheNextWaitOnly(t *testing.T) {
	t.Parallel()
	w := backoff.New(backoff.Config{First: 2 * time.Second, Max: 4 * time.Second})
	w.RetryAfter(time.Minute)
	if got, ok := w.Next(); !ok || got < time.Minute || got > 62*time.Second+time.Nanosecond {
		t.Errorf("wait after RetryAfter = %v, want 60 to 62s", got)
	}
	if got, ok := w.Next(); !ok || got > 4*time.Second+time.Nanosecond {
		t.Errorf("wait after that = %v, want at most 4s", got)
	}
	w.RetryAfter(-time.Minute)
	if got, ok := w.Next(); !ok || got < 0 {
		t.Errorf("wait after a negative RetryAfter = %v", got)
	}
}

func TestARetryAfterBeyondUntilEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := backoff.New(backoff.Config{First: 2 * time.Second, Max: 4 * time.Second, Until: time.Now().Add(time.Minute)})
		w.RetryAfter(time.Minute + time.Second)
		if got, ok := w.Next(); ok {
			t.Errorf("wait = %v, want none", got)
		}
		w.RetryAfter(time.Hour)
		w.Reset()
		if got, ok := w.Next(); !ok || got > 2*time.Second+time.Nanosecond {
			t.Errorf("wait after Reset = %v, want at most 2s", got)
		}
	})
}

func TestWaitObservesTheContext(t *testing.T) {
	t.Parallel()
	whole := func() float64 { return 1 }
	tests := []struct {
		name string
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		want bool
		took time.Duration
	}{
		{"a context without a deadline", context.WithCancel, true, 10 * time.Second},
		{"a deadline after the wait", within(11 * time.Second), true, 10 * time.Second},
		{"a deadline during the wait", within(9 * time.Second), false, 0},
		{"a deadline at the end of the wait", within(10 * time.Second), false, 0},
		{"a context that has ended", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, false, 0},
		{"a context that is canceled during the wait", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(3*time.Second, cancel)
			return ctx, cancel
		}, false, 3 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := tt.ctx(t.Context())
				defer cancel()
				start := time.Now()
				w := backoff.New(backoff.Config{First: 10 * time.Second, Max: 10 * time.Second, Jitter: whole})
				if got := w.Wait(ctx); got != tt.want || time.Since(start) != tt.took {
					t.Errorf("got %t after %v, want %t after %v", got, time.Since(start), tt.want, tt.took)
				}
			})
		})
	}
}

func within(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
	return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
}
