package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/cloudtest"
	"sslvpnchange/internal/dev/localcloud/vpc"
	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/record"
	"sslvpnchange/internal/sslvpn"
)

var errDead = errors.New("the process is dead")

// mortal counts the requests of a worker and kills it at one of them: from then
// on nothing goes out any more.
type mortal struct {
	left   atomic.Int64 // requests until death
	landed bool         // the last request has its effect
}

// do makes a request unless the worker is dead; dies tells that its answer
// must not be used.
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

func (b mortalBucket) Get(ctx context.Context, key string, o blob.GetOptions) (out blob.Object, err error) {
	if b.m.do(func() { out, err = b.Bucket.Get(ctx, key, o) }) {
		return blob.Object{}, errDead
	}
	return out, err
}

func (b mortalBucket) Head(ctx context.Context, key string) (out blob.Entry, err error) {
	if b.m.do(func() { out, err = b.Bucket.Head(ctx, key) }) {
		return blob.Entry{}, errDead
	}
	return out, err
}

func (b mortalBucket) Create(ctx context.Context, key string, data []byte) (err error) {
	if b.m.do(func() { err = b.Bucket.Create(ctx, key, data) }) {
		return errDead
	}
	return err
}

func (b mortalBucket) Put(ctx context.Context, key string, data []byte) (err error) {
	if b.m.do(func() { err = b.Bucket.Put(ctx, key, data) }) {
		return errDead
	}
	return err
}

func (b mortalBucket) Delete(ctx context.Context, keys ...string) (err error) {
	if b.m.do(func() { err = b.Bucket.Delete(ctx, keys...) }) {
		return errDead
	}
	return err
}

func (b mortalBucket) List(ctx context.Context, o blob.ListOptions) (out blob.Page, err error) {
	if b.m.do(func() { out, err = b.Bucket.List(ctx, o) }) {
		return blob.Page{}, errDead
	}
	return out, err
}

type mortalAPI struct {
	reconcile.API

	m *mortal
}

// gone is what a dead worker's calls come to; nobody acts on it.
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
	set   func(*bench) []string
	check func(*bench, []string)
}

func stories() []story {
	return []story{
		{
			"a lone change",
			func(b *bench) []string { return []string{b.set(change.Port, change.Number(1195))} },
			func(b *bench, ids []string) {
				if rec := b.ends(ids[0], change.Applied); !rec.Verified {
					b.t.Error("not verified")
				}
				b.modifies(1)
			},
		},
		{
			"merged changes, one refused",
			func(b *bench) []string {
				return []string{
					b.set(change.Port, change.Number(1195)),
					b.submit(func(c *change.Change) {
						c.Patch, c.Expect = change.Patch{change.Port: change.Number(1200)}, change.Patch{change.Port: change.Number(9)}
					}),
					b.set(change.Compress, change.Flag(true)),
				}
			},
			func(b *bench, ids []string) {
				b.ends(ids[0], change.Applied)
				b.ends(ids[1], change.Rejected)
				b.ends(ids[2], change.Applied)
				b.modifies(1)
			},
		},
		{
			"a merge that the API refuses",
			func(b *bench) []string {
				b.fault(vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 400, Code: "IllegalParam.X", Message: "no"})
				return []string{b.set(change.Port, change.Number(1195)), b.set(change.Compress, change.Flag(true))}
			},
			func(b *bench, ids []string) {
				b.ends(ids[0], change.Applied)
				b.ends(ids[1], change.Applied)
				if s, _ := b.VPC.Server(b.server.ServerID); s.Port != 1195 || !s.Compress {
					b.t.Errorf("the server is %+v", s)
				}
			},
		},
		{
			"nothing to send",
			func(b *bench) []string { return []string{b.set(change.Port, change.Number(1194))} },
			func(b *bench, ids []string) {
				b.ends(ids[0], change.Unchanged)
				b.modifies(0)
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
				t.Run(fmt.Sprintf("%s, landed %v, long line %v", s.name, landed, long), func(t *testing.T) {
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

// dieAt tells a story with a death at the n-th request, and whether the worker
// got so far.
func dieAt(t *testing.T, s story, n int64, landed, long bool) bool {
	t.Helper()
	b := newBench(t, cloudtest.Configuring(5*time.Millisecond))
	ids := s.set(b)
	m := &mortal{landed: landed}
	m.left.Store(n)
	line := func(_ *reconcile.Deps, p *reconcile.Policy) {
		if long {
			p.LongQueue = 0
		}
	}
	_, err := b.reconciler(kill(m), line).Drain(t.Context(), b.server)
	if !m.dead() {
		if err != nil {
			t.Fatal(err)
		}
		s.check(b, ids)
		return false
	}
	if t.Failed() {
		t.Fatalf("died at request %d", n)
	}
	// At once: the lane may be held by the dead worker.
	if _, err := b.reconciler(line).Drain(t.Context(), b.server); err != nil {
		t.Fatalf("died at request %d: %v", n, err)
	}
	b.OSS.Advance(time.Minute + reconcile.DefaultPolicy().Margin + 2*lane.Slack)
	rep, err := b.reconciler(line).Drain(t.Context(), b.server)
	if err != nil || rep.Standing != reconcile.Empty {
		t.Fatalf("died at request %d: %+v, %v", n, rep, err)
	}
	s.check(b, ids)
	b.lineEmpty()
	if t.Failed() {
		t.Fatalf("died at request %d", n)
	}
	return true
}

// The time that a lane was left to a dead worker is none that nobody explains.
func TestARecordCountsTheTimeThatADeadWorkerHadTheLane(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	m := &mortal{}
	m.left.Store(1 << 30)
	b.reconciler(kill(m), afterCall("ModifySslVpnServer", 1, func() { m.left.Store(0) })).Drain(t.Context(), b.server)
	lost := time.Minute + reconcile.DefaultPolicy().Margin + 2*lane.Slack
	b.OSS.Advance(lost)
	b.Clock.Advance(lost)
	b.drain()
	rec := b.ends(id, change.Applied)
	took, queue := rec.FinishedAt.Sub(rec.DueAt), time.Duration(rec.Waited.Queue)*time.Millisecond
	if queue < lost-time.Second || queue > took {
		t.Errorf("it took %v, and waited %+v", took, rec.Waited)
	}
}

// A worker that was presumed dead comes back after its successor is done, and
// changes nothing.
func TestAWorkerThatComesBackTooLateChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	b.fault(vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 403, Code: "Forbidden"})
	frozen, thaw := make(chan struct{}), make(chan struct{})
	late := make(chan reconcile.Report, 1)
	go func() {
		late <- b.drain(func(d *reconcile.Deps, _ *reconcile.Policy) {
			api := d.API
			d.API = func(observe func(sslvpn.Call)) reconcile.API { return freezing{api(observe), frozen, thaw} }
		})
	}()
	<-frozen // it was refused, and froze before it could say so
	b.OSS.Advance(time.Minute + reconcile.DefaultPolicy().Margin + 2*lane.Slack)
	b.drain()
	b.ends(id, change.Applied)
	close(thaw)
	if rep := <-late; rep.Standing != reconcile.Leased {
		t.Errorf("the late worker reports %+v", rep)
	}
	b.ends(id, change.Applied)
	b.modifies(1)
	b.lineEmpty()
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
