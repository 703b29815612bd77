package reconcile_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/proof"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// looks notes what a reconciler asks for.
type looks struct {
	h        *harness
	before   []sslvpn.GatewayRef
	added    []proof.Asked
	recorded []string
	fail     error // of Add
}

var _ reconcile.Proofs = (*looks)(nil)

func (l *looks) Before(_ context.Context, ref sslvpn.GatewayRef, s change.Settings, observe func(sslvpn.Call)) record.Look {
	observe(sslvpn.Call{Action: "DescribeSslVpnClients"})
	if port, _ := s[change.Port].Number(); port != 1194 || l.h.sent() > 0 {
		l.h.t.Errorf("the look before comes after %d modifications, with port %d", l.h.sent(), port)
	}
	l.before = append(l.before, ref)
	return seenBefore()
}

func (l *looks) Add(ctx context.Context, a proof.Asked) error {
	if keys := l.h.Keys(ctx, "queue/"); len(keys) == 0 {
		l.h.t.Error("the pending proof is stored after the queue entry was deleted")
	}
	l.added = append(l.added, a)
	return l.fail
}

func (l *looks) Recorded(ids ...string) {
	for _, id := range ids {
		l.h.record(id)
	}
	l.recorded = append(l.recorded, ids...)
}

func (l *looks) use(d *reconcile.Deps, _ *reconcile.Policy) { d.Proofs = l }

func seenBefore() record.Look {
	return record.Look{At: atNoon(), Probe: probe.Listening, Connected: new(37)}
}

// proven queues a change that asks for a proof.
func (h *harness) proven(p change.Patch) string {
	h.t.Helper()
	return h.submit(func(c *change.Change) { c.Patch, c.Proof, c.Reply = p, true, []byte(`"mei"`) })
}

func TestAServerIsLookedAtBeforeAndAfterAChangeThatAsksForIt(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	l := &looks{h: h}
	plain := h.set(change.Compress, change.Flag(true))
	id := h.proven(change.Patch{change.Port: change.Number(1195)})
	h.drain(l.use)
	rec := h.ends(id, change.Applied)
	if !rec.ProofWanted || h.record(plain).ProofWanted {
		t.Error("the records do not say which change asks for a proof")
	}
	ref := sslvpn.GatewayRef{RegionID: h.server.RegionID, GatewayID: "vpn-of-" + h.server.ServerID}
	if len(l.before) != 1 || l.before[0] != ref || len(l.added) != 1 || !slices.Contains(l.recorded, id) {
		t.Fatalf("%+v", l)
	}
	a := l.added[0]
	if port, _ := a.Settings[change.Port].Number(); port != 1195 || a.ID != id || a.Target != h.server || a.GatewayID != ref.GatewayID || a.Undo ||
		!a.VerifiedAt.Equal(rec.FinishedAt) || !a.SentAt.Equal(rec.StartedAt) || !reflect.DeepEqual(a.Before, seenBefore()) ||
		!reflect.DeepEqual(a.Replies, []json.RawMessage{json.RawMessage(`"mei"`)}) {
		t.Errorf("%+v", a)
	}
	if calls := len(h.VPC.Snapshot().Calls); rec.Cost.VPCCalls != calls+1 {
		t.Errorf("the record counts %d calls, there were %d and one for the look", rec.Cost.VPCCalls, calls)
	}
	if found, _, err := h.reconciler().Find(t.Context(), id); err != nil || found.Proof != nil {
		t.Errorf("before the proof: %+v, %v", found, err)
	}
	want := record.Proof{Schema: record.ProofSchema, ID: id, Before: seenBefore(), After: seenBefore(), VerifiedAt: atNoon(), Looks: 1, Returned: new(37)}
	if err := record.NewRecords(h.Store).WriteProof(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if found, _, err := h.reconciler().Find(t.Context(), id); err != nil || !reflect.DeepEqual(found.Proof, &want) {
		t.Errorf("with the proof: %+v, %v", found, err)
	}
}

func TestNoServerIsLookedAtForOtherChanges(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	l := &looks{h: h}
	ids := []string{
		h.set(change.Compress, change.Flag(true)),
		h.submit(func(c *change.Change) { // rejected
			c.Patch, c.Proof, c.Expect = change.Patch{change.Port: change.Number(1195)}, true, change.Patch{change.Port: change.Number(9999)}
		}),
		h.proven(change.Patch{change.Name: change.Text("test")}), // unchanged
		h.submit(func(c *change.Change) {
			c.Patch, c.Proof, c.DryRun = change.Patch{change.Port: change.Number(1195)}, true, true
		}),
	}
	h.drain(l.use)
	for _, id := range ids {
		if h.record(id).ProofWanted {
			t.Errorf("%s asks for a proof", id)
		}
	}
	if len(l.before)+len(l.added) > 0 {
		t.Errorf("%+v", l)
	}
}

func TestAConfirmationByProofMayUndo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	l := &looks{h: h}
	h.submit(func(c *change.Change) {
		c.Patch, c.Confirm = change.Patch{change.Port: change.Number(1195)}, change.Confirmation{For: tenMinutes, Proof: true}
	})
	h.drain(l.use)
	if len(l.added) != 1 || !l.added[0].Undo {
		t.Errorf("%+v", l.added)
	}
}

// A role without the right to store pending proofs costs the proof, and not the record.
func TestAChangeEndsWithoutTheRightToStoreProofs(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	l := &looks{h: h, fail: fmt.Errorf("store the pending proof: %w", blob.ErrDenied)}
	id := h.proven(change.Patch{change.Port: change.Number(1195)})
	h.drain(l.use)
	h.ends(id, change.Applied)
	h.queueEmpty()
	if len(l.added) != 1 {
		t.Errorf("%+v", l)
	}
}

// A worker that dies between the decision and the records leaves the look in the lane.
func TestTheLookBeforeOutlivesItsWorker(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	dying, next := &looks{h: h, fail: errors.New("the store does not answer")}, &looks{h: h}
	id := h.proven(change.Patch{change.Port: change.Number(1195)})
	if _, err := h.reconciler(dying.use).Drain(t.Context(), h.server); err == nil {
		t.Error("the records were written although the pending proof was not")
	}
	h.pending(id)
	h.drain(next.use)
	h.ends(id, change.Applied)
	if len(next.before) != 0 || len(next.added) != 1 || !reflect.DeepEqual(next.added[0].Before, seenBefore()) {
		t.Errorf("%+v", next)
	}
	h.modifies(1)
}

func atNoon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
