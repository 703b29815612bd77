package sslvpn_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v4"

	"sslvpnchange/internal/sslvpn"
)

func TestWaitsStayBelowTheirCeilings(t *testing.T) {
	t.Parallel()
	var longest [4]time.Duration
	for range 2000 {
		b := sslvpn.NewBackOff(sslvpn.Waits{First: sslvpn.PollFirst, Max: sslvpn.PollMax})
		for i := range longest {
			longest[i] = max(longest[i], b.NextBackOff())
		}
	}
	for i, ceiling := range []time.Duration{2 * time.Second, 4 * time.Second, 4 * time.Second, 4 * time.Second} {
		// Of 2000 draws one is in the upper fifth for certain, in human terms.
		if longest[i] > ceiling+time.Nanosecond || longest[i] < ceiling*4/5 {
			t.Errorf("longest of wait %d = %v, want just below %v", i+1, longest[i], ceiling)
		}
	}
}

func TestBackOffStopsInsteadOfSleepingIntoTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		until := start.Add(30 * time.Second)
		busy := errors.New("busy")
		tries := 0
		err := backoff.Retry(func() error { tries++; return busy },
			backoff.WithContext(sslvpn.NewBackOff(sslvpn.Waits{First: sslvpn.PollFirst, Max: sslvpn.PollMax, Until: until}), t.Context()))
		if !errors.Is(err, busy) {
			t.Errorf("error = %v, want the last try's own", err)
		}
		if time.Now().After(until) || time.Since(start) < 20*time.Second || tries < 8 {
			t.Errorf("%d tries in %v, want many in somewhat less than 30s", tries, time.Since(start))
		}
	})
}

func TestAHintIsTheFloorOfTheNextWaitOnly(t *testing.T) {
	t.Parallel()
	b := sslvpn.NewBackOff(sslvpn.Waits{First: 2 * time.Second, Max: 4 * time.Second})
	b.Hint(time.Minute)
	if got := b.NextBackOff(); got < time.Minute || got > 62*time.Second+time.Nanosecond {
		t.Errorf("wait after a hint = %v, want 60 to 62s", got)
	}
	if got := b.NextBackOff(); got > 4*time.Second+time.Nanosecond {
		t.Errorf("wait after that = %v, want at most 4s", got)
	}
	b.Hint(-time.Minute)
	if got := b.NextBackOff(); got < 0 {
		t.Errorf("wait after a negative hint = %v", got)
	}
}

func TestAHintBeyondTheDeadlineStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := sslvpn.NewBackOff(sslvpn.Waits{First: 2 * time.Second, Max: 4 * time.Second, Until: time.Now().Add(time.Minute)})
		b.Hint(time.Minute + time.Second)
		if got := b.NextBackOff(); got != backoff.Stop {
			t.Errorf("wait = %v, want Stop", got)
		}
		b.Hint(time.Hour)
		b.Reset()
		if got := b.NextBackOff(); got == backoff.Stop || got > 2*time.Second+time.Nanosecond {
			t.Errorf("wait after Reset = %v, want at most 2s", got)
		}
	})
}
