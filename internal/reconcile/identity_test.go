package reconcile_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// An object of others at the key of a change's record does not drop the change: it
// is applied once, and its record is beside the object.
func TestAttackAForeignObjectDoesNotDropAChange(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	key, _ := objects.RecordKey(id)
	if err := h.Store.Put(t.Context(), key, []byte(`{"schema":"sslvpn-change/record/v1","id":"`+id+`","status":"applied"}`)); err != nil {
		t.Fatal(err)
	}
	if _, pos, err := h.reconciler().Find(t.Context(), id); err != nil || pos == nil {
		t.Errorf("before the change is applied: %+v, %v", pos, err)
	}
	h.drain()
	h.ends(id, change.Applied)
	h.queueEmpty()
	h.modifies(1)
	if rec, _, err := h.reconciler().Find(t.Context(), id); err != nil || rec == nil || rec.Status != change.Applied {
		t.Errorf("it is found as %+v, %v", rec, err)
	}
}

// An object that may be the change's record, cut off, neither ends the change nor
// has it applied a second time: the error names the object.
func TestAttackADamagedRecordStopsItsChange(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	key, _ := objects.RecordKey(id)
	if err := h.Store.Put(t.Context(), key, nil); err != nil {
		t.Fatal(err)
	}
	_, err := h.reconciler().Drain(t.Context(), h.server)
	if !errors.Is(err, record.ErrDamaged) || !strings.Contains(err.Error(), key) {
		t.Errorf("the drain fails with %v", err)
	}
	h.modifies(0)
	if err := h.Store.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	h.drain()
	h.ends(id, change.Applied)
}

// Two changes of an earlier version can have one id. They are never merged, and
// each gets its own outcome and its own record.
func TestAttackTwoQueuedChangesHaveOneID(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	now := h.Clock.Now().UTC()
	add := func(identity string, patch change.Patch, at time.Time) change.Change {
		c := change.Change{
			Request:  change.Request{Target: h.server, Patch: patch, ExpiresAt: now.Add(time.Hour)},
			Identity: identity, Document: "aaaaaaaaaa", ID: at.Format("20060102") + "-aaaaaaaaaa", Index: 1,
			Origin: change.Origin{Kind: change.FromHTTP, Actor: "mallory"}, AcceptedAt: at, DueAt: at,
		}
		if _, err := queue.New(h.Store).Add(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := add("one", change.Patch{change.Port: change.Number(1195)}, now.Add(-2*time.Second))
	second := add("two", change.Patch{change.Port: change.Number(1196)}, now.Add(-time.Second))
	h.drain()
	h.queueEmpty()
	for _, c := range []change.Change{first, second} {
		rec, err := record.NewRecords(h.Store).Of(t.Context(), c.ID, c.Identity)
		if err != nil || rec.Status != change.Applied || !rec.Requested.Equal(c.Patch) || len(rec.MergedWith) > 0 {
			t.Errorf("the record of %q is %+v, %v", c.Identity, rec, err)
		}
	}
	h.modifies(2)
}

func TestTypedIDs(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ended := h.set(change.Port, change.Number(1195))
	h.drain()
	queued := h.set(change.Port, change.Number(1196))
	for _, id := range []string{ended, queued} {
		for _, typed := range []string{id, id[:19], id[:25]} {
			if got, err := h.reconciler().Resolve(t.Context(), typed); err != nil || got != id {
				t.Errorf("%s stands for %q, %v", typed, got, err)
			}
		}
	}
	twin := queued[:len(queued)-2] + "aa"
	key, _ := objects.RecordKey(twin)
	if err := h.Store.Put(t.Context(), key, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	_, err := h.reconciler().Resolve(t.Context(), queued[:19])
	if _, ok := errors.AsType[*reconcile.AmbiguousError](err); !ok || strings.Contains(err.Error(), queued) {
		t.Errorf("the beginning of two ids: %v", err)
	}
	for _, none := range []string{"20200101-aaaaaaaaaab", "20200101", ""} {
		if got, err := h.reconciler().Resolve(t.Context(), none); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%q stands for %q, %v", none, got, err)
		}
	}
	if got, err := h.reconciler().Resolve(t.Context(), "20200101-aaaaaaaaaa"); err != nil || got != "20200101-aaaaaaaaaa" {
		t.Errorf("an id of an earlier version stands for %q, %v", got, err)
	}
}
