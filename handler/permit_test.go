package handler_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/intake"
)

// busy gives a harness with a gateway that stays busy.
func busy(t *testing.T) *harness {
	t.Helper()
	h := newHarness(t)
	h.Server("vss-one")
	if err := h.VPC.Busy("vpn-of-vss-one", time.Hour); err != nil {
		t.Fatal(err)
	}
	return h
}

// waiting makes requests at once, and gives how many of them waited.
func (h *harness) waiting(n int) int {
	h.t.Helper()
	payloads := make([]string, n)
	for i := range payloads {
		payloads[i] = h.payload(post("/v1/changes", setPort).with("Prefer", "wait=1"))
	}
	outs := make([]string, n)
	var wg sync.WaitGroup
	for i, p := range payloads {
		wg.Go(func() { outs[i], _ = h.invoke(p) })
	}
	wg.Wait()
	waited := 0
	for _, out := range outs {
		a := h.answer(out, 202)
		if a.Headers["Preference-Applied"] != "" {
			waited++
		}
		if len(h.ids(a)) != 1 {
			h.t.Errorf("answered %s", a.Body)
		}
	}
	return waited
}

func TestAttackFewRequestsWait(t *testing.T) {
	t.Parallel()
	h := busy(t)
	if n := h.waiting(10); n < 1 || n > 4 {
		t.Errorf("%d of 10 requests waited", n)
	}
	h.count("queue/", 10)
	if n := h.waiting(1); n != 1 {
		t.Error("a request after the others does not wait")
	}
}

// The claims of dead instances count until they are stale.
func TestAttackWaitsOfDeadInstances(t *testing.T) {
	t.Parallel()
	h := busy(t)
	for i := range 10 {
		in := intake.New(intake.Deps{Bucket: h.Store, Now: h.Clock.Now, Log: h.logger(), Owner: strconv.Itoa(i)})
		_, _ = in.PermitRequest(t.Context())
	}
	if n := h.waiting(5); n != 0 {
		t.Errorf("%d requests waited", n)
	}
	h.Clock.Advance(7 * time.Minute)
	if n := h.waiting(1); n != 1 {
		t.Error("a request after that does not wait")
	}
}

func TestAWaitIsOverWhenItsClaimIsDeleted(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	in := intake.New(intake.Deps{Bucket: h.Store, Now: h.Clock.Now, Log: h.logger(), Owner: "A"})
	for i := range 10 {
		release, ok := in.PermitRequest(t.Context())
		if !ok {
			t.Fatalf("wait %d is refused", i)
		}
		release()
	}
	if keys := h.Keys(t.Context(), "claims/"); len(keys) > 0 {
		t.Errorf("left: %q", keys)
	}
}
