package reconcile_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/vpc"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/record"
)

// A worker dies between its decision and the records, and the next one's clock
// is behind, so that for it the decided change is not due yet.
func TestADecisionIsCompletedByAWorkerWhoseClockIsBehind(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.set(change.Port, change.Number(1195))
	dying := &decider{Bucket: b.Store}
	if _, err := b.reconciler(func(d *reconcile.Deps, _ *reconcile.Policy) {
		d.Bucket, d.Records = dying, record.NewRecords(dying)
	}).Drain(t.Context(), b.server); !errors.Is(err, errDead) {
		t.Fatalf("the worker lives on: %v", err)
	}
	b.pending(first)
	second := b.submit(func(c *change.Change) {
		c.Patch = change.Patch{change.Port: change.Number(1300)}
		c.AcceptedAt = c.AcceptedAt.Add(-2 * time.Hour)
		c.DueAt = c.AcceptedAt
	})
	b.drain(func(d *reconcile.Deps, _ *reconcile.Policy) {
		now := d.Now
		d.Now = func() time.Time { return now().Add(-time.Hour) }
	})
	b.drain()
	b.ends(first, change.Applied)
	b.ends(second, change.Applied)
	b.modifies(2)
	if b.port() != 1300 {
		t.Errorf("the port is %d: the older change came last", b.port())
	}
}

// decider is a worker's bucket until the worker has written its decision; then
// the worker dies.
type decider struct {
	reconcile.Bucket

	dead atomic.Bool
}

func (b *decider) Create(ctx context.Context, key string, data []byte) error {
	if b.dead.Load() {
		return errDead
	}
	if err := b.Bucket.Create(ctx, key, data); err != nil {
		return err
	}
	if strings.HasPrefix(key, "lanes/") && strings.Contains(string(data), `"decided":{`) {
		b.dead.Store(true)
		return errDead
	}
	return nil
}

// A send whose outcome is unknown is followed by one that is refused for good:
// the first may still have been taken, and show late.
func TestARefusalAfterAnUnknownOutcomeIsDoubted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault(unknownThenRefused()[0])
	b.fault(unknownThenRefused()[1])
	id := b.set(change.Port, change.Number(1195))
	done := make(chan reconcile.Report)
	go func() {
		done <- b.drain(func(_ *reconcile.Deps, p *reconcile.Policy) { p.Doubt = 10 * time.Second })
	}()
	for b.sent() < 2 {
		select {
		case <-t.Context().Done():
			return
		case <-time.After(time.Millisecond):
		}
	}
	// The first send lands now.
	b.setPort(1195)
	<-done
	if rec := b.ends(id, change.Applied); len(rec.Attempts) != 2 || rec.Attempts[1].Code != "IllegalParam.X" {
		t.Errorf("attempts are %+v", rec.Attempts)
	}
}

func TestARefusalAfterAnUnknownOutcomeThatNeverShowsIsFinal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault(unknownThenRefused()[0])
	b.fault(unknownThenRefused()[1])
	id := b.set(change.Port, change.Number(1195))
	b.drain()
	rec := b.ends(id, change.Failed)
	if rec.Error.Code != "IllegalParam.X" || b.sent() != 2 || b.port() != 1194 {
		t.Errorf("error %+v after %d sends", rec.Error, b.sent())
	}
}

func unknownThenRefused() [2]vpc.Fault {
	return [2]vpc.Fault{
		{Action: modify, Kind: vpc.FaultReset},
		{Action: modify, Kind: vpc.FaultError, Status: 400, Code: "IllegalParam.X", Message: "no"},
	}
}

func (b *bench) setPort(port int) {
	b.t.Helper()
	if err := b.VPC.UpdateServer(b.server.ServerID, func(s *vpc.Server) { s.Port = port }); err != nil {
		b.t.Fatal(err)
	}
}
