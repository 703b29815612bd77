package reconcile

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// cost is what the changes in a lane's queue have cost so far.
type cost struct {
	VPCCalls    int
	OSSRequests int
	Invocations int
	Attempts    []record.Attempt // modifications and failed calls, at most maxAttempts
}

// maxAttempts bounds the attempts that a lane remembers through a long outage.
const maxAttempts = 40

// meter counts what one drain uses until it is charged to the changes of the
// lane. Requests may be counted concurrently; calls may not.
type meter struct {
	requests atomic.Int64
	calls    []sslvpn.Call
	charged  bool // this invocation is counted in the cost of the current batch
}

// request counts one request of the object store.
func (m *meter) request() { m.requests.Add(1) }

// call counts one call of the API.
func (m *meter) call(c sslvpn.Call) { m.calls = append(m.calls, c) }

// charge adds what was used since the last time to a cost.
func (m *meter) charge(to cost) cost {
	if !m.charged {
		to.Invocations++
		m.charged = true
	}
	to.OSSRequests += int(m.requests.Swap(0))
	to.VPCCalls += len(m.calls)
	attempts := slices.Clone(to.Attempts)
	for _, c := range m.calls {
		if c.Action == actionModify || c.Class != "" {
			attempts = append(attempts, attempt(c))
		}
	}
	to.Attempts = bounded(attempts)
	m.calls = nil
	return to
}

// nextBatch begins a batch with costs of its own.
func (m *meter) nextBatch() { m.charged = false }

// bounded drops the oldest failed reads, and where there are none the oldest
// modifications: a record must not lack the modification that was sent last.
func bounded(attempts []record.Attempt) []record.Attempt {
	for len(attempts) > maxAttempts {
		oldest := max(0, slices.IndexFunc(attempts, func(a record.Attempt) bool { return a.Action != actionModify }))
		attempts = slices.Delete(attempts, oldest, oldest+1)
	}
	return attempts
}

func attempt(c sslvpn.Call) record.Attempt {
	return record.Attempt{
		At: c.At.UTC(), Action: c.Action, HTTPStatus: c.HTTPStatus, Code: c.Code,
		Class: string(c.Class), RequestID: c.RequestID, DurationMs: c.Duration.Milliseconds(),
	}
}

// metered is a bucket whose requests are counted.
type metered struct {
	bucket Bucket
	meter  *meter
}

var _ Bucket = metered{}

func (b metered) Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error) {
	b.meter.request()
	return b.bucket.Get(ctx, key, opts)
}

func (b metered) Head(ctx context.Context, key string) (blob.Entry, error) {
	b.meter.request()
	return b.bucket.Head(ctx, key)
}

func (b metered) Create(ctx context.Context, key string, data []byte) error {
	b.meter.request()
	return b.bucket.Create(ctx, key, data)
}

func (b metered) Put(ctx context.Context, key string, data []byte) error {
	b.meter.request()
	return b.bucket.Put(ctx, key, data)
}

func (b metered) Delete(ctx context.Context, keys ...string) error {
	b.meter.request()
	return b.bucket.Delete(ctx, keys...)
}

func (b metered) List(ctx context.Context, opts blob.ListOptions) (blob.Page, error) {
	b.meter.request()
	return b.bucket.List(ctx, opts)
}
