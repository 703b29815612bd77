package breaker_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/breaker"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

func TestANewInstanceContinuesTheStoredCircuitAndProbes(t *testing.T) {
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
			t.Fatal("no probe at the end of the open time")
		}
		if c := store.circuit(t); c.Openings != 2 || time.Until(c.Until) != time.Minute {
			t.Errorf("stored circuit = %+v, want one failure to re-open for a minute", c)
		}
	})
}

func TestAnInstanceReadsTheStoredCircuitOnce(t *testing.T) {
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

// When the caller's deadline ends the read, every waiting call fails, and the next
// call reads again.
func TestAReadThatTheCallersDeadlineEndsIsRepeated(t *testing.T) {
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
				if want := "read the stored circuit of cn-hangzhou: context deadline exceeded"; made || err == nil || err.Error() != want {
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

func TestStoredCircuitsThatAreIgnored(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		data string
	}{
		{"an old one", `{"schema":"sslvpn-change/hold/v1","until":"1999-12-31T23:54:00Z","openedAt":"1999-12-31T23:50:00Z","openings":3}`},
		{"one that was closed again", `{"schema":"sslvpn-change/hold/v1","until":"2000-01-01T01:00:00Z","openedAt":"1999-12-31T23:50:00Z","openings":0}`},
		{"another schema", `{"schema":"other","until":"2000-01-01T01:00:00Z","openedAt":"1999-12-31T23:50:00Z","openings":1}`},
		{"no beginning", `{"schema":"sslvpn-change/hold/v1","until":"2000-01-01T01:00:00Z","openings":1}`},
		{"no end", `{"schema":"sslvpn-change/hold/v1","openedAt":"1999-12-31T23:50:00Z","openings":1}`},
		{"truncated", `{"schema":`},
		{"empty", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := newBucket()
				store.objects["holds/"+region+".json"] = []byte(tt.data)
				trip(t, newSet().Region(region), store)
			})
		})
	}
}

func TestAStoredCircuitFromAClockAheadIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := newBucket()
		store.objects["holds/"+region+".json"] = []byte(`{"schema":"sslvpn-change/hold/v1","until":"2030-01-01T00:00:00Z","openedAt":"1999-12-31T23:50:00Z","openings":1}`)
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
			t.Errorf("error = %v, want an open circuit that is not stored", err)
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
