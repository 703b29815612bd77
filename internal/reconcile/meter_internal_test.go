package reconcile

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// silent is a bucket without objects.
type silent struct{}

func (silent) Get(context.Context, string, blob.GetOptions) (blob.Object, error) {
	return blob.Object{}, blob.ErrNotFound
}

func (silent) Head(context.Context, string) (blob.Entry, error) {
	return blob.Entry{}, blob.ErrNotFound
}

func (silent) Create(context.Context, string, []byte) error { return nil }

func (silent) Put(context.Context, string, []byte) error { return nil }

func (silent) Delete(context.Context, ...string) error { return nil }

func (silent) List(context.Context, blob.ListOptions) (blob.Page, error) { return blob.Page{}, nil }

func TestAMeterCountsEveryRequestAndCallOnce(t *testing.T) {
	t.Parallel()
	m := &meter{}
	b := metered{silent{}, m}
	ctx := t.Context()
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			_, _ = b.Get(ctx, "", blob.GetOptions{})
			_, _ = b.Head(ctx, "")
			_ = b.Create(ctx, "", nil)
			_ = b.Put(ctx, "", nil)
			_ = b.Delete(ctx)
			_, _ = b.List(ctx, blob.ListOptions{})
			m.request()
		})
	}
	all.Wait()
	m.call(sslvpn.Call{Action: "DescribeVpnGateway"})
	m.call(sslvpn.Call{Action: "DescribeVpnGateway", Class: sslvpn.ClassThrottled})
	m.call(sslvpn.Call{Action: actionModify})
	first := m.charge(cost{})
	if first.OSSRequests != 70 || first.VPCCalls != 3 || first.Invocations != 1 || len(first.Attempts) != 2 {
		t.Errorf("charged %+v, want 70 requests, 3 calls, 1 invocation, and the calls that failed or modified", first)
	}
	again := m.charge(first)
	if again.OSSRequests != 70 || again.VPCCalls != 3 || again.Invocations != 1 || len(again.Attempts) != 2 {
		t.Errorf("charged again: %+v", again)
	}
	m.nextBatch()
	if next := m.charge(cost{}); next.Invocations != 1 || next.OSSRequests != 0 {
		t.Errorf("the next batch is charged %+v", next)
	}
}

// A cost is a value: charging a copy does not alter the cost that a decision
// has.
func TestAChargeDoesNotAlterTheCostItStartsFrom(t *testing.T) {
	t.Parallel()
	m := &meter{}
	from := cost{Attempts: make([]record.Attempt, 1, 8)}
	m.call(sslvpn.Call{Action: actionModify})
	m.charge(from)
	if got := from.Attempts[:2][1].Action; got != "" {
		t.Errorf("the cost shares its attempts: %q", got)
	}
}

func TestTheOldestReadsAreForgottenBeforeAnyModification(t *testing.T) {
	t.Parallel()
	var attempts []record.Attempt
	add := func(action string, n int) {
		for range n {
			attempts = append(attempts, record.Attempt{Action: action, Code: strconv.Itoa(len(attempts))})
		}
	}
	add(actionModify, 1)
	add("DescribeVpnGateway", maxAttempts)
	add(actionModify, 1)
	got := bounded(attempts)
	if len(got) != maxAttempts || got[0].Code != "0" || got[1].Code != "3" || got[len(got)-1].Action != actionModify {
		t.Errorf("%d attempts from %+v to %+v", len(got), got[0], got[len(got)-1])
	}
	attempts = nil
	add(actionModify, maxAttempts+2)
	if got := bounded(attempts); len(got) != maxAttempts || got[0].Code != "2" {
		t.Errorf("%d attempts from %+v", len(got), got[0])
	}
}
