package handler_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/function"
)

// dying is a bucket whose requests fail after a number of them, as those of a worker
// that died.
type dying struct {
	function.Bucket

	left *atomic.Int64
}

func (d dying) dies() error {
	if d.left.Add(-1) < 0 {
		return blob.ErrUnavailable
	}
	return nil
}

func (d dying) Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error) {
	if err := d.dies(); err != nil {
		return blob.Object{}, err
	}
	return d.Bucket.Get(ctx, key, opts)
}

func (d dying) Create(ctx context.Context, key string, data []byte) error {
	if err := d.dies(); err != nil {
		return err
	}
	return d.Bucket.Create(ctx, key, data)
}

func (d dying) Put(ctx context.Context, key string, data []byte) error {
	if err := d.dies(); err != nil {
		return err
	}
	return d.Bucket.Put(ctx, key, data)
}

func (d dying) Delete(ctx context.Context, keys ...string) error {
	if err := d.dies(); err != nil {
		return err
	}
	return d.Bucket.Delete(ctx, keys...)
}

func (d dying) List(ctx context.Context, opts blob.ListOptions) (blob.Page, error) {
	if err := d.dies(); err != nil {
		return blob.Page{}, err
	}
	return d.Bucket.List(ctx, opts)
}

const immortal = 1 << 30

// pass lets time pass for the function and for the store, by whose clock leases expire.
func (h *harness) pass(d time.Duration) {
	h.t.Helper()
	h.OSS.Advance(d)
	h.later(d)
}

// Whichever request is the last one of a worker that posts, or of one that ends the
// change: the room is asked, its last card shows the end, and the request is closed.
func TestAWorkerThatDiesLeavesNoCardBehind(t *testing.T) {
	t.Parallel()
	const most = 60
	step := 1
	if testing.Short() {
		step = 7
	}
	for _, second := range []bool{false, true} {
		n := 0
		for n < most && aDeath(t, n, second) {
			n += step
		}
		if n < 15 || n >= most {
			t.Errorf("the worker, second %v, has made %d requests", second, n)
		}
	}
}

// aDeath is one run, in which the worker dies that posts the card, or the second one, that
// ends the change. It reports whether the worker used up its requests.
func aDeath(t *testing.T, requests int, second bool) (died bool) {
	t.Helper()
	h, rooms := newAsking(t, asking)
	var left atomic.Int64
	left.Store(immortal)
	h.opts.Buckets = func(handler.Invocation) (function.Buckets, error) {
		b := dying{h.Store, &left}
		return function.Buckets{Changes: b, Records: b}, nil
	}
	h.start()
	drain := func(mortal bool) {
		if mortal {
			left.Store(int64(requests))
		}
		_, _ = h.invoke(string(oss.EventJSON(oss.Event{Name: oss.PutObjectEvent, Bucket: cloudtest.Bucket, Key: "wake/cn-hangzhou/vss-one"})))
		died = died || mortal && left.Load() < 0
		left.Store(immortal)
	}
	id := h.told(says("apply one port=1195"), 202, "taken").Change.ID
	drain(!second)
	h.pass(2 * time.Minute)
	h.sweep()
	if len(rooms.posted) == 0 {
		t.Fatalf("request %d: the room is not asked", requests)
	}
	h.told(says(rooms.posted[0].card.Next[0].Command).by(checker), 202, "taken")
	drain(second)
	for range 3 {
		h.pass(3 * time.Minute)
		h.sweep()
	}
	if h.port("vss-one") != 1195 {
		t.Errorf("request %d: it was not applied", requests)
	}
	h.count("approvals/open/", 0)
	if a := h.asked(id); len(a.Rooms) != 1 || !a.Rooms[0].Delivered {
		t.Errorf("request %d: on record is %+v", requests, a)
	}
	last := rooms.posted[len(rooms.posted)-1] // of two messages, the function knows the last
	if text := plain(last.card.Text); len(last.card.Next) > 0 || !strings.Contains(text, "was applied to one") {
		t.Errorf("request %d: the last card offers %v\n%s", requests, last.card.Next, text)
	}
	return died
}
