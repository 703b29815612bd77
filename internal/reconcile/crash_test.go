package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

var errDead = errors.New("the process is dead")

// mortal counts the requests of a worker and kills it at one of them: no later
// request is sent.
type mortal struct {
	left   atomic.Int64 // requests until death
	landed bool         // the last request has its effect
}

// do makes a request unless the worker is dead; dies reports that its answer must
// not be used.
func (m *mortal) do(request func()) (dies bool) {
	left := m.left.Add(-1)
	if left > 0 {
		request()
		return false
	}
	if left == 0 && m.landed {
		request()
	}
	return true
}

func (m *mortal) dead() bool { return m.left.Load() <= 0 }

type mortalBucket struct {
	reconcile.Bucket

	m *mortal
}

func (h mortalBucket) Get(ctx context.Context, key string, o blob.GetOptions) (out blob.Object, err error) {
	if h.m.do(func() { out, err = h.Bucket.Get(ctx, key, o) }) {
		return blob.Object{}, errDead
	}
	return out, err
}

func (h mortalBucket) Head(ctx context.Context, key string) (out blob.Entry, err error) {
	if h.m.do(func() { out, err = h.Bucket.Head(ctx, key) }) {
		return blob.Entry{}, errDead
	}
	return out, err
}

func (h mortalBucket) Create(ctx context.Context, key string, data []byte) (err error) {
	if h.m.do(func() { err = h.Bucket.Create(ctx, key, data) }) {
		return errDead
	}
	return err
}

func (h mortalBucket) Put(ctx context.Context, key string, data []byte) (err error) {
	if h.m.do(func() { err = h.Bucket.Put(ctx, key, data) }) {
		return errDead
	}
	return err
}

func (h mortalBucket) Delete(ctx context.Context, keys ...string) (err error) {
	if h.m.do(func() { err = h.Bucket.Delete(ctx, keys...) }) {
		return errDead
	}
	return err
}

func (h mortalBucket) List(ctx context.Context, o blob.ListOptions) (out blob.Page, err error) {
	if h.m.do(func() { out, err = h.Bucket.List(ctx, o) }) {
		return blob.Page{}, errDead
	}
	return out, err
}

type mortalAPI struct {
	reconcile.API

	m *mortal
}

// gone is the error of a dead worker's calls; nobody acts on it.
func gone() *sslvpn.Error { return &sslvpn.Error{Class: sslvpn.ClassCredentials, Err: errDead} }

func (a mortalAPI) DescribeServer(ctx context.Context, t change.Target) (out sslvpn.Server, err error) {
	if a.m.do(func() { out, err = a.API.DescribeServer(ctx, t) }) {
		return out, gone()
	}
	return out, err
}

func (a mortalAPI) DescribeGateway(ctx context.Context, r sslvpn.GatewayRef) (out sslvpn.Gateway, err error) {
	if a.m.do(func() { out, err = a.API.DescribeGateway(ctx, r) }) {
		return out, gone()
	}
	return out, err
}

func (a mortalAPI) DescribeClients(ctx context.Context, r sslvpn.GatewayRef) (out sslvpn.Connections, err error) {
	if a.m.do(func() { out, err = a.API.DescribeClients(ctx, r) }) {
		return out, gone()
	}
	return out, err
}

func (a mortalAPI) ModifyServer(ctx context.Context, mod sslvpn.Modification) (out sslvpn.ModifyReply, err error) {
	if a.m.do(func() { out, err = a.API.ModifyServer(ctx, mod) }) {
		return out, gone()
	}
	return out, err
}

// kill makes the worker of an invocation mortal.
func kill(m *mortal) func(*reconcile.Deps, *reconcile.Policy) {
	return func(d *reconcile.Deps, _ *reconcile.Policy) {
		api := d.API
		bucket := mortalBucket{d.Bucket, m}
		d.Bucket, d.Records = bucket, record.NewRecords(bucket)
		d.API = func(observe func(sslvpn.Call)) reconcile.API { return mortalAPI{api(observe), m} }
	}
}

// story is a lane with work in it, and what must hold when all of it is done,
// however often the worker dies on the way.
type story struct {
	name  string
	set   func(*harness) []string
	check func(*harness, []string)
}

func stories() []story {
	return []story{
		{
			"a lone change",
			func(h *harness) []string { return []string{h.set(change.Port, change.Number(1195))} },
			func(h *harness, ids []string) {
				if rec := h.ends(ids[0], change.Applied); !rec.Verified {
					h.t.Error("not verified")
				}
				h.modifies(1)
			},
		},
		{
			"a change that is sent while few clients are connected, between others",
			func(h *harness) []string {
				h.connected(2)
				return []string{h.set(change.Cipher, change.Text("none")), h.idle(3, 1195), h.set(change.Port, change.Number(1196))}
			},
			func(h *harness, ids []string) {
				for _, id := range ids {
					h.ends(id, change.Applied)
				}
				h.modifies(3)
			},
		},
		{
			"merged changes, one refused",
			func(h *harness) []string {
				return []string{
					h.set(change.Port, change.Number(1195)),
					h.submit(func(c *change.Change) {
						c.Patch, c.Expect = change.Patch{change.Port: change.Number(1200)}, change.Patch{change.Port: change.Number(9)}
					}),
					h.set(change.Compress, change.Flag(true)),
				}
			},
			func(h *harness, ids []string) {
				h.ends(ids[0], change.Applied)
				h.ends(ids[1], change.Rejected)
				h.ends(ids[2], change.Applied)
				h.modifies(1)
			},
		},
		{
			"a merge that the API refuses",
			func(h *harness) []string {
				h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 400, Code: "IllegalParam.X", Message: "no"})
				return []string{h.set(change.Port, change.Number(1195)), h.set(change.Compress, change.Flag(true))}
			},
			func(h *harness, ids []string) {
				h.ends(ids[0], change.Applied)
				h.ends(ids[1], change.Applied)
				if s, _ := h.VPC.Server(h.server.ServerID); s.Port != 1195 || !s.Compress {
					h.t.Errorf("the server is %+v", s)
				}
			},
		},
		{
			"errors of the API before the acceptance",
			func(h *harness) []string {
				h.fault(failing(400, "SystemBusy", 1), failing(500, "UnknownError", 1), failing(400, "UnknownError", 1))
				return []string{h.set(change.Port, change.Number(1195))}
			},
			func(h *harness, ids []string) {
				h.ends(ids[0], change.Applied)
				h.modifies(1)
			},
		},
		{
			"an error of the API with an effect",
			func(h *harness) []string {
				h.fault(failing(400, "SystemBusy", 1), vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 500, Code: "InternalError", Commit: true})
				return []string{h.set(change.Port, change.Number(1195)), h.set(change.Compress, change.Flag(true))}
			},
			func(h *harness, ids []string) {
				h.ends(ids[0], change.Applied)
				h.ends(ids[1], change.Applied)
				h.modifies(1)
			},
		},
		{
			"nothing to send",
			func(h *harness) []string { return []string{h.set(change.Port, change.Number(1194))} },
			func(h *harness, ids []string) {
				h.ends(ids[0], change.Unchanged)
				h.modifies(0)
			},
		},
	}
}

// A worker is killed at its n-th request, for every n, once before and once
// after the request has its effect; then another one comes along.
func TestAWorkerMayDieAtAnyRequest(t *testing.T) {
	t.Parallel()
	for _, s := range stories() {
		for _, landed := range []bool{false, true} {
			for _, long := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, landed %v, long queue %v", s.name, landed, long), func(t *testing.T) {
					t.Parallel()
					points := 0
					for n := 1; ; n++ {
						if !dieAt(t, s, int64(n), landed, long) {
							break
						}
						points++
					}
					t.Logf("%d crash points", points)
					if points < 8 {
						t.Errorf("only %d crash points: the worker makes more requests than that", points)
					}
				})
			}
		}
	}
}

// dieAt runs a story in which the worker dies at its n-th request. It reports
// whether the worker made so many.
func dieAt(t *testing.T, s story, n int64, landed, long bool) bool {
	t.Helper()
	h := newHarness(t, cloudtest.Configuring(5*time.Millisecond))
	ids := s.set(h)
	m := &mortal{landed: landed}
	m.left.Store(n)
	queue := func(_ *reconcile.Deps, p *reconcile.Policy) {
		if long {
			p.LongQueue = 0
		}
	}
	_, err := h.reconciler(kill(m), queue).Drain(t.Context(), h.server)
	if !m.dead() {
		if err != nil {
			t.Fatal(err)
		}
		s.check(h, ids)
		return false
	}
	if t.Failed() {
		t.Fatalf("died at request %d", n)
	}
	// Immediately: the dead worker may have a lease.
	if _, err := h.reconciler(queue).Drain(t.Context(), h.server); err != nil {
		t.Fatalf("died at request %d: %v", n, err)
	}
	h.OSS.Advance(reconcile.DefaultPolicy().Lease + 2*lane.Slack)
	rep, err := h.reconciler(queue).Drain(t.Context(), h.server)
	if err != nil || rep.Standing != reconcile.Empty {
		t.Fatalf("died at request %d: %+v, %v", n, rep, err)
	}
	s.check(h, ids)
	h.queueEmpty()
	if t.Failed() {
		t.Fatalf("died at request %d", n)
	}
	return true
}

// The record says that a worker died, and how long its lease blocked the lane.
func TestARecordCountsTheTimeOfADeadWorkersLease(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	m := &mortal{}
	m.left.Store(1 << 30)
	h.reconciler(kill(m), afterCall("ModifySslVpnServer", 1, func() { m.left.Store(0) })).Drain(t.Context(), h.server)
	lost := reconcile.DefaultPolicy().Lease + 2*lane.Slack
	h.OSS.Advance(lost)
	h.Clock.Advance(lost)
	h.drain()
	rec := h.ends(id, change.Applied)
	took, died := rec.FinishedAt.Sub(rec.DueAt), time.Duration(rec.Waited.Recovery)*time.Millisecond
	if died < lost-time.Second || died > took || rec.Waited.Queue > 2*time.Second.Milliseconds() {
		t.Errorf("it took %v, and waited %+v", took, rec.Waited)
	}
}

// A worker that was presumed dead comes back after its successor is done, and
// changes nothing.
func TestAWorkerThatComesBackTooLateChangesNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 403, Code: "Forbidden"})
	frozen, thaw := make(chan struct{}), make(chan struct{})
	late := make(chan reconcile.Report, 1)
	go func() {
		late <- h.drain(func(d *reconcile.Deps, _ *reconcile.Policy) {
			api := d.API
			d.API = func(observe func(sslvpn.Call)) reconcile.API { return freezing{api(observe), frozen, thaw} }
		})
	}()
	<-frozen // it was refused, and froze before it could write that
	h.OSS.Advance(reconcile.DefaultPolicy().Lease + 2*lane.Slack)
	h.drain()
	h.ends(id, change.Applied)
	close(thaw)
	if rep := <-late; rep.Standing != reconcile.Leased {
		t.Errorf("the late worker reports %+v", rep)
	}
	h.ends(id, change.Applied)
	h.modifies(1)
	h.queueEmpty()
}

// freezing freezes after a modification was answered.
type freezing struct {
	reconcile.API

	frozen chan<- struct{}
	thaw   <-chan struct{}
}

func (f freezing) ModifyServer(ctx context.Context, m sslvpn.Modification) (sslvpn.ModifyReply, error) {
	reply, err := f.API.ModifyServer(ctx, m)
	close(f.frozen)
	<-f.thaw
	return reply, err
}
