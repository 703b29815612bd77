package breaker_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/breaker"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

const region = "cn-hangzhou"

// bucket is the object store of the tests: virtual time needs one in memory.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
	err     error // fails everything
	hang    bool  // a read lasts as long as its context
	gets    int
	puts    int
}

func newBucket() *bucket { return &bucket{objects: map[string][]byte{}} }

func (b *bucket) Get(ctx context.Context, key string, _ blob.GetOptions) (blob.Object, error) {
	if b.hang {
		<-ctx.Done()
		return blob.Object{}, &blob.Error{Op: "get", Key: key, Kind: blob.ErrUnavailable}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gets++
	data, ok := b.objects[key]
	switch {
	case b.err != nil:
		return blob.Object{}, b.err
	case !ok:
		return blob.Object{}, &blob.Error{Op: "get", Key: key, Kind: blob.ErrNotFound}
	}
	return blob.Object{Data: data}, nil
}

func (b *bucket) Put(_ context.Context, key string, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.puts++
	if b.err != nil {
		return b.err
	}
	b.objects[key] = data
	return nil
}

type circuit struct {
	Schema   string    `json:"schema"`
	Until    time.Time `json:"until"`
	OpenedAt time.Time `json:"openedAt"`
	Reason   string    `json:"reason"`
	Openings int       `json:"openings"`
}

func (b *bucket) circuit(t *testing.T) circuit {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var c circuit
	if err := json.Unmarshal(b.objects["holds/"+region+".json"], &c); err != nil {
		t.Fatalf("stored circuit: %v", err)
	}
	return c
}

func newSet() *breaker.Set { return breaker.New(slog.New(slog.DiscardHandler)) }

func apiError(class sslvpn.Class) error {
	return &sslvpn.Error{Class: class, Action: "DescribeVpnGateway", Code: "Code", HTTPStatus: 503}
}

// do makes a call that ends with err, and reports whether it was made.
func do(ctx context.Context, b *breaker.Breaker, store breaker.Store, err error) (made bool, got error) {
	got = b.Do(ctx, store, func(context.Context) error { made = true; return err })
	return made, got
}

// trip makes the five failures that open a region.
func trip(t *testing.T, b *breaker.Breaker, store breaker.Store) {
	t.Helper()
	for i := range 5 {
		if made, _ := do(t.Context(), b, store, apiError(sslvpn.ClassUnavailable)); !made {
			t.Fatalf("call %d was not made: the region opened early", i+1)
		}
	}
}

func TestFiveFailuresOpenTheRegion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, b := newBucket(), newSet().Region(region)
		trip(t, b, store)
		made, err := do(t.Context(), b, store, nil)
		var open *breaker.OpenError
		if made || !errors.As(err, &open) {
			t.Fatalf("sixth call: made %v, error %v, want an open circuit", made, err)
		}
		if want := time.Now().Add(30 * time.Second); !open.Until.Equal(want) {
			t.Errorf("until = %v, want %v", open.Until, want)
		}
		c := store.circuit(t)
		if c.Schema != "sslvpn-change/hold/v1" || c.Openings != 1 || !c.Until.Equal(open.Until) || !c.OpenedAt.Equal(time.Now()) {
			t.Errorf("stored circuit = %+v", c)
		}
		if want := "DescribeVpnGateway: unavailable (503 Code)"; c.Reason != want {
			t.Errorf("reason = %q, want %q", c.Reason, want)
		}
	})
}

func TestOtherRegionsStayClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, set := newBucket(), newSet()
		trip(t, set.Region(region), store)
		if made, err := do(t.Context(), set.Region("cn-beijing"), store, nil); !made || err != nil {
			t.Errorf("call to another region: made %v, error %v", made, err)
		}
	})
}

func TestWhatCountsAsFailure(t *testing.T) {
	t.Parallel()
	tests := []struct {
		class sslvpn.Class
		opens bool
	}{
		{sslvpn.ClassUnavailable, true},
		{sslvpn.ClassUnknown, true},
		{sslvpn.ClassBusy, false},
		{sslvpn.ClassThrottled, false},
		{sslvpn.ClassCredentials, false},
		{sslvpn.ClassLocked, false},
		{sslvpn.ClassDenied, false},
		{sslvpn.ClassInvalid, false},
		{sslvpn.ClassOther, false},
	}
	for _, tt := range tests {
		t.Run(string(tt.class), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store, b := newBucket(), newSet().Region(region)
				for range 5 {
					want := apiError(tt.class)
					if _, err := do(t.Context(), b, store, want); !errors.Is(err, want) {
						t.Fatalf("error = %v, want the call's own", err)
					}
				}
				if made, _ := do(t.Context(), b, store, nil); made == tt.opens {
					t.Errorf("after 5 of class %s the next call was made: %v", tt.class, made)
				}
			})
		})
	}
}

func TestHealthyRefusalsKeepTheRatioLow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, b := newBucket(), newSet().Region(region)
		for range 6 {
			_, _ = do(t.Context(), b, store, apiError(sslvpn.ClassBusy))
		}
		trip(t, b, store) // 5 of 11 is less than half
		if made, _ := do(t.Context(), b, store, apiError(sslvpn.ClassUnavailable)); !made {
			t.Fatal("5 failures of 11 calls opened the region")
		}
		if made, _ := do(t.Context(), b, store, nil); made {
			t.Error("6 failures of 12 calls left the region closed")
		}
	})
}

func TestOldFailuresLeaveTheWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, b := newBucket(), newSet().Region(region)
		for range 4 {
			_, _ = do(t.Context(), b, store, apiError(sslvpn.ClassUnavailable))
		}
		<-time.After(71 * time.Second)
		_, _ = do(t.Context(), b, store, apiError(sslvpn.ClassUnavailable))
		if made, _ := do(t.Context(), b, store, nil); !made {
			t.Error("failures older than the window opened the region")
		}
	})
}

func TestTheCallersOwnDeadlineIsNotCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, b := newBucket(), newSet().Region(region)
		for range 6 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			err := b.Do(ctx, store, func(ctx context.Context) error {
				<-ctx.Done()
				return &sslvpn.Error{Class: sslvpn.ClassUnknown, Err: ctx.Err()}
			})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("error = %v, want the deadline", err)
			}
		}
		if made, _ := do(t.Context(), b, store, nil); !made {
			t.Error("the caller's deadlines opened the region")
		}
	})
}

func TestEachReopeningDoublesTheOpenTimeAndAnAnswerResetsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, b := newBucket(), newSet().Region(region)
		trip(t, b, store)
		opened := time.Now()
		for i, seconds := range []int{30, 60, 120, 240, 300, 300} {
			want := time.Duration(seconds) * time.Second
			c := store.circuit(t)
			if got := time.Until(c.Until); got != want || c.Openings != i+1 || !c.OpenedAt.Equal(opened) {
				t.Fatalf("opening %d: %v long, %d openings since %v; want %v, %d, %v", i+1, got, c.Openings, c.OpenedAt, want, i+1, opened)
			}
			<-time.After(time.Until(c.Until) - time.Millisecond)
			if made, _ := do(t.Context(), b, store, nil); made {
				t.Fatalf("opening %d: a call was made before its end", i+1)
			}
			<-time.After(time.Millisecond)
			if made, _ := do(t.Context(), b, store, apiError(sslvpn.ClassUnavailable)); !made {
				t.Fatalf("opening %d: no probe was let through at its end", i+1)
			}
		}
		<-time.After(5 * time.Minute)
		if made, err := do(t.Context(), b, store, apiError(sslvpn.ClassBusy)); !made || err == nil {
			t.Fatalf("probe: made %v, error %v", made, err)
		}
		if c := store.circuit(t); c.Openings != 0 || c.Until.After(time.Now()) {
			t.Errorf("stored circuit after a healthy answer = %+v, want it closed", c)
		}
		trip(t, b, store)
		if got := time.Until(store.circuit(t).Until); got != 30*time.Second {
			t.Errorf("first opening after closing = %v, want 30s again", got)
		}
	})
}

func TestAHangingProbeEndsAtItsOwnDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, b := newBucket(), newSet().Region(region)
		trip(t, b, store)
		<-time.After(30 * time.Second)
		start := time.Now()
		done := make(chan error)
		go func() {
			done <- b.Do(t.Context(), store, func(ctx context.Context) error {
				<-ctx.Done()
				return &sslvpn.Error{Class: sslvpn.ClassUnavailable, Err: ctx.Err()}
			})
		}()
		synctest.Wait()
		var open *breaker.OpenError
		if made, err := do(t.Context(), b, store, nil); made || !errors.As(err, &open) {
			t.Errorf("call during the probe: made %v, error %v, want an open circuit", made, err)
		}
		if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("probe = %v, want its deadline", err)
		}
		if got := time.Since(start); got != 8*time.Second {
			t.Errorf("the probe took %v, want 8s", got)
		}
		if c := store.circuit(t); c.Openings != 2 || time.Until(c.Until) != time.Minute {
			t.Errorf("stored circuit after the probe = %+v, want the second opening", c)
		}
		<-time.After(time.Minute)
		if made, err := do(t.Context(), b, store, nil); !made || err != nil {
			t.Errorf("next probe: made %v, error %v", made, err)
		}
	})
}

func TestAThrottledProbeLeavesTheRegionHalfOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, b := newBucket(), newSet().Region(region)
		trip(t, b, store)
		<-time.After(30 * time.Second)
		for range 3 {
			if made, _ := do(t.Context(), b, store, apiError(sslvpn.ClassThrottled)); !made {
				t.Fatal("a throttled probe blocked the next")
			}
		}
		_, _ = do(t.Context(), b, store, apiError(sslvpn.ClassUnavailable))
		if made, _ := do(t.Context(), b, store, nil); made {
			t.Error("a failed probe left the region open to calls")
		}
	})
}
