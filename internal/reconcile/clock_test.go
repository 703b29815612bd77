package reconcile_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// A worker dies between its decision and the records, and the next one's clock
// is behind, so that for it the decided change is not due yet.
func TestADecisionIsCompletedByAWorkerWhoseClockIsBehind(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	first := h.set(change.Port, change.Number(1195))
	dying := &decider{Bucket: h.Store}
	if _, err := h.reconciler(func(d *reconcile.Deps, _ *reconcile.Policy) {
		d.Bucket, d.Records = dying, record.NewRecords(dying)
	}).Drain(t.Context(), h.server); !errors.Is(err, errDead) {
		t.Fatalf("the worker lives on: %v", err)
	}
	h.pending(first)
	second := h.submit(func(c *change.Change) {
		c.Patch = change.Patch{change.Port: change.Number(1300)}
		c.AcceptedAt = c.AcceptedAt.Add(-2 * time.Hour)
		c.DueAt = c.AcceptedAt
	})
	h.drain(func(d *reconcile.Deps, _ *reconcile.Policy) {
		now := d.Now
		d.Now = func() time.Time { return now().Add(-time.Hour) }
	})
	h.drain()
	h.ends(first, change.Applied)
	h.ends(second, change.Applied)
	h.modifies(2)
	if h.port() != 1300 {
		t.Errorf("the port is %d: the older change came last", h.port())
	}
}

// decider is a worker's bucket until the worker has written its decision; then
// the worker dies.
type decider struct {
	reconcile.Bucket

	dead atomic.Bool
}

func (h *decider) Create(ctx context.Context, key string, data []byte) error {
	if h.dead.Load() {
		return errDead
	}
	if err := h.Bucket.Create(ctx, key, data); err != nil {
		return err
	}
	if strings.HasPrefix(key, "lanes/") && strings.Contains(string(data), `"decided":{`) {
		h.dead.Store(true)
		return errDead
	}
	return nil
}

// A send whose outcome is unknown is followed by one that is refused for good:
// the first may still have been accepted, and show late.
func TestARefusalAfterAnUnknownOutcomeIsNotFinalAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(unknownThenRefused()[0])
	h.fault(unknownThenRefused()[1])
	id := h.set(change.Port, change.Number(1195))
	done := make(chan reconcile.Report)
	go func() {
		done <- h.drain(func(_ *reconcile.Deps, p *reconcile.Policy) { p.Doubt = 10 * time.Second })
	}()
	for h.sent() < 2 {
		select {
		case <-t.Context().Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
	// The first send lands now.
	h.setPort(1195)
	<-done
	if rec := h.ends(id, change.Applied); len(rec.Attempts) != 2 || rec.Attempts[1].Code != "IllegalParam.X" {
		t.Errorf("attempts are %+v", rec.Attempts)
	}
}

func TestARefusalAfterAnUnknownOutcomeThatNeverShowsIsFinal(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(unknownThenRefused()[0])
	h.fault(unknownThenRefused()[1])
	id := h.set(change.Port, change.Number(1195))
	h.drain()
	rec := h.ends(id, change.Failed)
	if rec.Error.Code != "IllegalParam.X" || h.sent() != 2 || h.port() != 1194 {
		t.Errorf("error %+v after %d sends", rec.Error, h.sent())
	}
}

func unknownThenRefused() [2]vpc.Fault {
	return [2]vpc.Fault{
		{Action: modify, Kind: vpc.FaultReset},
		{Action: modify, Kind: vpc.FaultError, Status: 400, Code: "IllegalParam.X", Message: "no"},
	}
}

func (h *harness) setPort(port int) {
	h.t.Helper()
	if err := h.VPC.UpdateServer(h.server.ServerID, func(s *vpc.Server) { s.Port = port }); err != nil {
		h.t.Fatal(err)
	}
}
