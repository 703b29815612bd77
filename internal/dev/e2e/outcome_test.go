package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/record"
)

// outcome is what must be there when everything has settled.
type outcome struct {
	effective int // modifications that the API carried out
	records   int // all of them applied and verified
	receipts  int // all of them of accepted files
	port      int // of the server
}

// once is the outcome of one change of the port.
func once(port, receipts int) outcome {
	return outcome{effective: 1, records: 1, receipts: receipts, port: port}
}

// check compares what is there.
func (o outcome) check(w *world) error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if got := w.VPC().Snapshot().Effective; got != o.effective {
		wrong("%d effective modifications, want %d", got, o.effective)
	}
	if s, _ := w.VPC().Server(serverID); s.Port != o.port {
		wrong("the server's port is %d, want %d", s.Port, o.port)
	}
	records, err := w.records()
	errs = append(errs, err)
	if len(records) != o.records {
		wrong("%d records, want %d: %q", len(records), o.records, w.keys("results/"))
	}
	for _, r := range records {
		if r.Status != change.Applied || !r.Verified {
			wrong("record %s: %s, verified %v, error %+v", r.ID, r.Status, r.Verified, r.Error)
		}
	}
	receipts, err := w.receipts()
	errs = append(errs, err)
	if len(receipts) != o.receipts {
		wrong("%d receipts, want %d: %q", len(receipts), o.receipts, w.keys("receipts/"))
	}
	for _, r := range receipts {
		if r.Status != record.FileAccepted {
			wrong("receipt of %s: %s, %v", r.File, r.Status, r.Problems)
		}
	}
	if left := w.keys("queue/"); len(left) > 0 {
		wrong("left in line: %q", left)
	}
	if strings.Contains(w.printed(), `"msg":"panic"`) {
		wrong("the function panicked")
	}
	return errors.Join(errs...)
}

// settle waits for an outcome, and looks once more after another sweep: what
// is done must stay done.
func (o outcome) settle(ctx context.Context, w *world) error {
	if err := w.settle(ctx, func() bool { return o.check(w) == nil }); err != nil {
		return errors.Join(err, o.check(w))
	}
	w.OSS().Advance(pastLease)
	if err := w.tick(); err != nil {
		return err
	}
	return errors.Join(w.FC().Wait(ctx), o.check(w))
}

// settles is settle for tests.
func (o outcome) settles(t *testing.T, w *world) {
	t.Helper()
	if err := o.settle(t.Context(), w); err != nil {
		t.Error(err)
	}
}

// portChange is a change document that sets the port of the server.
func portChange(port int) string {
	return fmt.Sprintf("reason: end to end\nchanges:\n  - {RegionId: %s, SslVpnServerId: %s, Port: %d}\n", region, serverID, port)
}
