package notify_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

var errDead = errors.New("the process is dead")

// mortal counts the requests of a worker, to the store and to platforms, and
// kills it at one of them: from then on nothing goes out any more.
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

type bucket interface {
	notify.Bucket
	record.Bucket
}

type mortalBucket struct {
	bucket

	m *mortal
}

func (b mortalBucket) Get(ctx context.Context, key string, o blob.GetOptions) (out blob.Object, err error) {
	if b.m.do(func() { out, err = b.bucket.Get(ctx, key, o) }) {
		return blob.Object{}, errDead
	}
	return out, err
}

func (b mortalBucket) Create(ctx context.Context, key string, data []byte) (err error) {
	if b.m.do(func() { err = b.bucket.Create(ctx, key, data) }) {
		return errDead
	}
	return err
}

func (b mortalBucket) Put(ctx context.Context, key string, data []byte) (err error) {
	if b.m.do(func() { err = b.bucket.Put(ctx, key, data) }) {
		return errDead
	}
	return err
}

func (b mortalBucket) Delete(ctx context.Context, keys ...string) (err error) {
	if b.m.do(func() { err = b.bucket.Delete(ctx, keys...) }) {
		return errDead
	}
	return err
}

func (b mortalBucket) List(ctx context.Context, o blob.ListOptions) (out blob.Page, err error) {
	if b.m.do(func() { out, err = b.bucket.List(ctx, o) }) {
		return blob.Page{}, errDead
	}
	return out, err
}

type mortalClient struct {
	chat.Doer

	m *mortal
}

func (c mortalClient) Do(r *http.Request) (*http.Response, error) {
	var resp *http.Response
	err := errDead
	dies := c.m.do(func() { resp, err = c.Doer.Do(r) }) //nolint:bodyclose // the caller's, or closed below
	if dies {
		if resp != nil {
			_ = resp.Body.Close()
		}
		return nil, errDead
	}
	return resp, err
}

// kill makes the worker of an invocation mortal.
func (b *harness) kill(m *mortal) func(*notify.Deps, *notify.Policy) {
	return func(d *notify.Deps, _ *notify.Policy) {
		store := mortalBucket{b.Store, m}
		d.Bucket, d.Records, d.Client = store, record.NewRecords(store), mortalClient{d.Client, m}
	}
}

// story is a notice, what the platform makes of it at first, and what the
// notice record must say in the end; nil for none.
type story struct {
	name   string
	first  map[string]int // answers until the worker has died
	notice func(*harness) notify.Notice
	rooms  int
	points int // crash points, at least
	sweep  bool
}

func stories() []story {
	two := func(b *harness) notify.Notice { return b.ended(id, slack("C1", "mei"), dingtalk("D1", "li")) }
	ready := func(*harness) notify.Notice {
		return notify.Answer(change.ChatIdentity("slack", "T1", "m1"), chat.Text{Title: chat.Line{chat.Words("x")}}, slack("C1", "mei"))
	}
	// create, get, notice, record, sends, notice, delete
	return []story{
		{"the end of a change, told at once", nil, two, 2, 8, false},
		{"the end of a change, told by the sweep", nil, two, 2, 9, true},
		{"a platform that is down at first", map[string]int{"D1-li": 503}, two, 2, 9, false},
		{"an answer that is ready", nil, ready, 1, 4, false},
	}
}

// A worker is killed at its n-th request, for every n, once before and once
// after the request has its effect; then another one comes along.
func TestAWorkerMayDieAtAnyRequest(t *testing.T) {
	t.Parallel()
	for _, s := range stories() {
		for _, landed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, landed %v", s.name, landed), func(t *testing.T) {
				t.Parallel()
				points := 0
				for dieAt(t, s, int64(points+1), landed) {
					points++
				}
				t.Logf("%d crash points", points)
				if points < s.points {
					t.Errorf("only %d crash points: the worker makes more requests than that", points)
				}
			})
		}
	}
}

// dieAt tells a story with a death at the n-th request, and whether the worker
// got so far.
func dieAt(t *testing.T, s story, n int64, landed bool) bool {
	t.Helper()
	b := newHarness(t)
	b.answers(s.first)
	notice := s.notice(b)
	m := &mortal{landed: landed}
	m.left.Store(n)
	work(t, b.outbox(b.kill(m)), b, notice, s.sweep)
	died := m.dead()

	// The next worker: whoever ended the change posts it again, unless its end is
	// known, and the sweeps come by.
	b.answers(nil)
	b.advance(time.Minute)
	b.post(notice)
	for range 2 {
		b.advance(time.Minute)
		if _, err := b.outbox().DeliverAll(t.Context()); err != nil {
			t.Fatalf("died at request %d: %v", n, err)
		}
	}
	check(b, s, notice)
	if t.Failed() {
		t.Fatalf("died at request %d", n)
	}
	return died
}

// work is an invocation that may die; nobody sees what it would have returned.
func work(t *testing.T, o *notify.Outbox, b *harness, n notify.Notice, sweep bool) {
	t.Helper()
	if o.Post(t.Context(), n) != nil {
		return
	}
	if sweep {
		b.advance(time.Minute)
		_, _ = o.DeliverAll(t.Context())
		return
	}
	_, _ = o.Deliver(t.Context(), n)
}

func check(b *harness, s story, n notify.Notice) {
	b.t.Helper()
	b.empty()
	b.mu.Lock()
	taken := slices.Clone(b.taken)
	b.mu.Unlock()
	ids := map[string]string{}
	count := map[string]int{}
	for _, m := range taken {
		count[m.Address]++
		if first, ok := ids[m.Address]; ok && first != m.ID {
			b.t.Errorf("%s was told under two ids: %s and %s", m.Address, first, m.ID)
		}
		ids[m.Address] = m.ID
	}
	if len(count) != s.rooms {
		b.t.Errorf("told are %v", count)
	}
	for room, times := range count {
		if times > 2 {
			b.t.Errorf("%s was told %d times", room, times)
		}
	}
	notices := b.Keys(b.t.Context(), "results/")
	notices = slices.DeleteFunc(notices, func(key string) bool { return key == "results/2026/11/22/"+id+".json" })
	if n.Text != nil {
		if len(notices) > 0 {
			b.t.Errorf("it left %q", notices)
		}
		return
	}
	if len(notices) != 1 {
		b.t.Errorf("the notice records are %q", notices)
	}
	for _, d := range b.notice(id) {
		if !d.Delivered || d.Tries < 1 {
			b.t.Errorf("noted is %+v", d)
		}
	}
}
