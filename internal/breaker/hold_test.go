package breaker_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/breaker"
	"sslvpnchange/internal/sslvpn"
)

func TestANewInstanceWaitsOutTheHoldAndProbes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newBucket()
		trip(t, newSet().Region(region), store)
		<-time.After(10 * time.Second)

		b := newSet().Region(region)
		var open *breaker.OpenError
		made, err := do(t.Context(), b, store, nil)
		if made || !errors.As(err, &open) || time.Until(open.Until) != 20*time.Second {
			t.Fatalf("first call: made %v, error %v, want 20s to wait", made, err)
		}
		<-time.After(20 * time.Second)
		if made, _ := do(t.Context(), b, store, apiError(sslvpn.ClassUnavailable)); !made {
			t.Fatal("no probe at the end of the hold")
		}
		if h := store.hold(t); h.Openings != 2 || time.Until(h.Until) != time.Minute {
			t.Errorf("hold = %+v, want one failure to re-open for a minute", h)
		}
	})
}

func TestAnInstanceReadsTheHoldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, set := newBucket(), newSet()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { _, _ = do(t.Context(), set.Region(region), store, nil) })
		}
		wg.Wait()
		if store.gets != 1 || store.puts != 0 {
			t.Errorf("%d gets and %d puts, want 1 and 0", store.gets, store.puts)
		}
	})
}

// What ended was the caller's time, not the hold's say: whoever read, and
// whoever waited for it, is told the same, and the next call reads.
func TestAReadThatTheCallersDeadlineEndsIsDoneAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, set := newBucket(), newSet()
		trip(t, set.Region(region), store)
		b := newSet().Region(region)
		store.hang = true
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				made, err := do(ctx, b, store, nil)
				if want := "waiting for the hold of cn-hangzhou: context deadline exceeded"; made || err == nil || err.Error() != want {
					t.Errorf("call: made %v, error %v, want %q", made, err, want)
				}
			})
		}
		wg.Wait()
		store.hang = false
		if made, err := do(t.Context(), b, store, nil); made || !isOpen(err) {
			t.Errorf("the next call: made %v, error %v, want the other instance's opening", made, err)
		}
	})
}

func TestHoldsThatSayNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		hold string
	}{
		{"an old hold", `{"schema":"sslvpn-change/hold/v1","until":"1999-12-31T23:54:00Z","openings":3}`},
		{"a hold that was closed again", `{"schema":"sslvpn-change/hold/v1","until":"2000-01-01T01:00:00Z","openings":0}`},
		{"a hold of another schema", `{"schema":"other","until":"2000-01-01T01:00:00Z","openings":1}`},
		{"a broken hold", `{"schema":`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := newBucket()
				store.objects["holds/"+region+".json"] = []byte(tt.hold)
				trip(t, newSet().Region(region), store)
			})
		})
	}
}

func TestAHoldFromAClockAheadIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newBucket()
		store.objects["holds/"+region+".json"] = []byte(`{"schema":"sslvpn-change/hold/v1","until":"2030-01-01T00:00:00Z","openings":1}`)
		_, err := do(t.Context(), newSet().Region(region), store, nil)
		var open *breaker.OpenError
		if !errors.As(err, &open) || time.Until(open.Until) != 5*time.Minute {
			t.Errorf("error = %v, want a wait of 5 minutes", err)
		}
	})
}

func TestAStoreThatFailsNeverChangesAResult(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, b := newBucket(), newSet().Region(region)
		store.err = &blob.Error{Op: "get", Kind: blob.ErrUnavailable}
		if made, err := do(t.Context(), b, store, nil); !made || err != nil {
			t.Fatalf("call: made %v, error %v, want success", made, err)
		}
		for range 6 {
			want := apiError(sslvpn.ClassUnknown)
			if _, err := do(t.Context(), b, store, want); !errors.Is(err, want) && !isOpen(err) {
				t.Fatalf("error = %v, want the call's own", err)
			}
		}
		if _, err := do(t.Context(), b, store, nil); !isOpen(err) {
			t.Errorf("error = %v, want the region open without a hold", err)
		}
	})
}

func isOpen(err error) bool {
	var open *breaker.OpenError
	return errors.As(err, &open)
}

func TestOpenErrorNamesRegionTimeAndReason(t *testing.T) {
	t.Parallel()
	err := &breaker.OpenError{RegionID: region, Until: time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC), Reason: "down"}
	if got, want := fmt.Sprint(err), "the VPC API of cn-hangzhou is not called before 2026-11-22T01:02:03Z: down"; got != want {
		t.Errorf("error = %q, want %q", got, want)
	}
}
