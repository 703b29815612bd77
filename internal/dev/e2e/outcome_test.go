package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// outcome is the expected final state.
type outcome struct {
	effective int // modifications that the API carried out
	records   int // all of them applied and verified
	receipts  int // all of them of accepted files
	port      int // of the server
	proofs    int // all of them of a server that listens
}

// once is the outcome of one change of the port.
func once(port, receipts int) outcome {
	return outcome{effective: 1, records: 1, receipts: receipts, port: port}
}

// check compares the cloud with the outcome.
func (o outcome) check(h *harness) error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if got := h.VPC().Snapshot().Effective; got != o.effective {
		wrong("%d effective modifications, want %d", got, o.effective)
	}
	if s, _ := h.VPC().Server(serverID); s.Port != o.port {
		wrong("the server's port is %d, want %d", s.Port, o.port)
	}
	records, err := h.records()
	errs = append(errs, err)
	if len(records) != o.records {
		wrong("%d records, want %d: %q", len(records), o.records, h.keys("results/"))
	}
	for _, r := range records {
		if r.Status != change.Applied || !r.Verified {
			wrong("record %s: %s, verified %v, error %+v", r.ID, r.Status, r.Verified, r.Error)
		}
	}
	receipts, err := h.receipts()
	errs = append(errs, err)
	if len(receipts) != o.receipts {
		wrong("%d receipts, want %d: %q", len(receipts), o.receipts, h.keys("receipts/"))
	}
	for _, r := range receipts {
		if r.Status != record.FileAccepted {
			wrong("receipt of %s: %s, %v", r.File, r.Status, r.Problems)
		}
	}
	if left := h.keys("queue/"); len(left) > 0 {
		wrong("still queued: %q", left)
	}
	errs = append(errs, checkProofs(h, o.proofs))
	if strings.Contains(h.printed(), `"msg":"panic"`) {
		wrong("the function panicked")
	}
	return errors.Join(errs...)
}

// settle waits for an outcome, and checks once more after another sweep.
func (o outcome) settle(ctx context.Context, h *harness) error {
	if err := h.settle(ctx, func() bool { return o.check(h) == nil }); err != nil {
		return errors.Join(err, o.check(h))
	}
	h.OSS().Advance(pastLease)
	if err := h.tick(); err != nil {
		return err
	}
	return errors.Join(h.FC().Wait(ctx), o.check(h))
}

// settles is settle for tests.
func (o outcome) settles(t *testing.T, h *harness) {
	t.Helper()
	if err := o.settle(t.Context(), h); err != nil {
		t.Error(err)
	}
}

// portChange is a change document that sets the port of the server.
func portChange(port int) string {
	return fmt.Sprintf("reason: end to end\nchanges:\n  - {RegionId: %s, SslVpnServerId: %s, Port: %d}\n", region, serverID, port)
}
