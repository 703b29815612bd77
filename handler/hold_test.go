package handler_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

func TestAHeldQueryIsAnsweredWhenTheChangeEnds(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	id := h.accepted(post("/v1/changes", setPort))[0]
	payload := h.payload(get("/v1/changes/"+id).with("Prefer", "wait=20"))
	var out string
	var answered time.Time
	var wg sync.WaitGroup
	wg.Go(func() {
		out, _ = h.invoke(payload)
		answered = time.Now()
	})
	for deadline := time.Now().Add(10 * time.Second); len(h.Keys(t.Context(), "claims/")) < 4; { // the fourth is that of the wait
		if time.Now().After(deadline) {
			t.Fatal("the request does not wait")
		}
	}
	h.drain("vss-one")
	recorded := time.Now()
	wg.Wait()
	a := h.answer(out, 200)
	var rec record.Record
	decode(t, a.Body, &rec)
	if rec.ID != id || rec.Status != change.Applied || rec.Schema != record.Schema {
		t.Errorf("answered %s", a.Body)
	}
	if a.Headers["Preference-Applied"] != "wait=20" {
		t.Errorf("Preference-Applied is %q", a.Headers["Preference-Applied"])
	}
	if late := answered.Sub(recorded); late > 2*time.Second { // a quarter of a second, where the machine is not busy
		t.Errorf("answered %s after the record", late)
	}
	h.count("claims/", 3) // of the two webhook-ids, and of the document: none of the wait
	if a := h.ask(get("/v1/changes/"+id).with("Prefer", "wait=20"), 200); a.Headers["Preference-Applied"] != "" {
		t.Error("a change that has ended is waited for")
	}
}

func TestAHeldQueryEndsWithThePosition(t *testing.T) {
	t.Parallel()
	h := busy(t)
	id := h.accepted(post("/v1/changes", setPort))[0]
	start := time.Now()
	a := h.ask(get("/v1/changes/"+id).with("Prefer", "wait=1"), 200)
	var pos struct{ ID, Status, Why string }
	decode(t, a.Body, &pos)
	if pos.ID != id || pos.Status != "queued" || a.Headers["Preference-Applied"] != "wait=1" || time.Since(start) < 900*time.Millisecond {
		t.Errorf("after %s: %+v, Preference-Applied %q", time.Since(start), pos, a.Headers["Preference-Applied"])
	}
	h.timeout = 2 * time.Second // of which a reserve is left
	start = time.Now()
	if h.ask(get("/v1/changes/"+id).with("Prefer", "wait=60"), 200); time.Since(start) > 2*time.Second {
		t.Errorf("held for %s, longer than the invocation lives", time.Since(start))
	}
}

// Queries that wait have the places of requests that wait.
func TestAttackFewQueriesAreHeld(t *testing.T) {
	t.Parallel()
	h := busy(t)
	id := h.accepted(post("/v1/changes", setPort))[0]
	for i := range 10 {
		in := intake.New(intake.Deps{Bucket: h.Store, Now: h.Clock.Now, Log: h.logger(), Owner: strconv.Itoa(i)})
		_, _ = in.PermitRequest(t.Context())
	}
	start := time.Now()
	a := h.ask(get("/v1/changes/"+id).with("Prefer", "wait=20"), 200)
	if a.Headers["Preference-Applied"] != "" || time.Since(start) > 5*time.Second {
		t.Errorf("held for %s: %v", time.Since(start), a.Headers)
	}
	h.problem(get("/v1/changes/20261122-7f3akq2cd2kq3mzr5w7bxa4nhc").with("Prefer", "wait=20"), 404, "no-change")
}
