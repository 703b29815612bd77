package index_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// rowAt is the row of the n-th change. Several end at the same moment.
func rowAt(n int) index.Row {
	who := []string{"mei", "jun", "lin"}[n%3]
	status := change.Applied
	if n%50 == 7 {
		status = change.Failed
	}
	return index.RowOf(record.Record{
		ID: fmt.Sprintf("20261122-%s-%d", change.DocumentID(strconv.Itoa(n/7)), n%7+1), Status: status, RegionID: "cn-hangzhou", ServerID: fmt.Sprintf("vss-bp18q7hzj6largv4v%03d", n%40),
		Origin:  change.Origin{Kind: change.FromChat, Actor: "slack:T0123456789/U0123456789", Person: who},
		Changed: []change.Difference{{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}},
		Votes:   []change.Vote{{Kind: change.Approval, Person: "ning"}}, AcceptedAt: noon(), DueAt: noon(),
		FinishedAt: noon().Add(-time.Duration(n/5) * time.Minute),
	})
}

func rows(from, to int) []index.Row {
	var out []index.Row
	for n := from; n < to; n++ {
		out = append(out, rowAt(n))
	}
	return out
}

func all(index.Row) bool { return true }

// collect reads all pages of a search.
func collect(tb testing.TB, x *index.Index, s index.Search) (out []index.Row) {
	tb.Helper()
	if s.Match == nil {
		s.Match = all
	}
	for {
		found, err := x.Find(tb.Context(), s)
		if err != nil {
			tb.Fatal(err)
		}
		if len(found.Rows) > s.Limit {
			tb.Fatalf("a page has %d rows, the limit is %d", len(found.Rows), s.Limit)
		}
		out = append(out, found.Rows...)
		if !found.More {
			return out
		}
		if found.Next == s.After {
			tb.Fatalf("a page does not advance from %+v", s.After)
		}
		s.After = found.Next
	}
}

func ids(rows []index.Row) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.ID)
	}
	return out
}

// sorted is how a search orders rows.
func sorted(rows []index.Row) []index.Row {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b index.Row) int {
		if c := b.EndedAt.Compare(a.EndedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID+".", b.ID+".")
	})
	return rows
}

func newIndex(tb testing.TB) (*index.Index, *cloudtest.Cloud) {
	tb.Helper()
	c := cloudtest.New(tb)
	return index.New(c.Store, cloudtest.Log(tb)), c
}

func add(tb testing.TB, x *index.Index, rows ...index.Row) {
	tb.Helper()
	for _, r := range rows {
		if err := x.Add(tb.Context(), r); err != nil {
			tb.Fatal(err)
		}
	}
}

func TestRowsAreFoundTheNewestFirst(t *testing.T) {
	t.Parallel()
	x, _ := newIndex(t)
	some := rows(0, 60)
	add(t, x, some[20:]...)
	add(t, x, some[30]) // again
	if err := x.Fill(t.Context(), slices.Clone(some[10:40])); err != nil {
		t.Fatal(err)
	}
	if err := x.Fill(t.Context(), slices.Clone(some[:15])); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{1, 7, 100} {
		got := collect(t, x, index.Search{Limit: limit, Requests: 1})
		if !reflect.DeepEqual(got, sorted(some)) {
			t.Errorf("by %d, got %v, want %v", limit, ids(got), ids(sorted(some)))
		}
	}
	since, until := noon().Add(-8*time.Minute), noon().Add(-3*time.Minute)
	var want []index.Row
	for _, r := range sorted(some) {
		if !r.EndedAt.Before(since) && r.EndedAt.Before(until) && r.Person == "mei" {
			want = append(want, r)
		}
	}
	got := collect(t, x, index.Search{Limit: 2, Requests: 1, Since: since, Until: until, Match: func(r index.Row) bool { return r.Person == "mei" }})
	if len(want) < 5 || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", ids(got), ids(want))
	}
}

func TestNothingIsFoundInAnEmptyIndex(t *testing.T) {
	t.Parallel()
	x, _ := newIndex(t)
	found, err := x.Find(t.Context(), index.Search{Match: all, Limit: 20, Requests: 7})
	if err != nil || len(found.Rows) > 0 || found.More {
		t.Errorf("got %+v, error %v", found, err)
	}
	if merged, more, err := x.Merge(t.Context()); merged || more || err != nil {
		t.Errorf("merged %v, more %v, error %v", merged, more, err)
	}
}

// settle merges until nothing is left to merge.
func settle(tb testing.TB, x *index.Index) {
	tb.Helper()
	for range 100 {
		_, more, err := x.Merge(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		if !more {
			return
		}
	}
	tb.Fatal("there is always more to merge")
}

func TestFewNewRowsAreNotMergedAtOnce(t *testing.T) {
	t.Parallel()
	x, c := newIndex(t)
	add(t, x, rows(0, 30)...)
	settle(t, x)
	if keys := c.Keys(t.Context(), "index/parts/"); len(keys) > 0 {
		t.Errorf("parts %v", keys)
	}
	c.OSS.Advance(25 * time.Hour)
	settle(t, x)
	if parts, left := c.Keys(t.Context(), "index/parts/"), c.Keys(t.Context(), "index/new/"); len(parts) != 1 || len(left) > 0 {
		t.Errorf("a day later, parts %v, not merged %v", parts, left)
	}
	if got := collect(t, x, index.Search{Limit: 100, Requests: 7}); !reflect.DeepEqual(got, sorted(rows(0, 30))) {
		t.Errorf("got %v", ids(got))
	}
}

// TestPartsAreMergedUntilTheyDoNotOverlap merges parts as rebuilding and crashes leave them.
func TestPartsAreMergedUntilTheyDoNotOverlap(t *testing.T) {
	t.Parallel()
	x, c := newIndex(t)
	some := rows(0, 9000)
	random := rand.New(rand.NewPCG(1, 2))
	for range 25 {
		from := random.IntN(len(some) - 1)
		if err := x.Fill(t.Context(), slices.Clone(some[from:min(len(some), from+1+random.IntN(1500))])); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Fill(t.Context(), slices.Clone(some)); err != nil {
		t.Fatal(err)
	}
	// One part spans all.
	if err := x.Fill(t.Context(), []index.Row{some[0], some[len(some)-1]}); err != nil {
		t.Fatal(err)
	}
	settle(t, x)
	if parts := c.Keys(t.Context(), "index/parts/"); len(parts) > len(some)/index.PartRows+3 {
		t.Errorf("%d parts are left: %v", len(parts), parts)
	}
	got := collect(t, x, index.Search{Limit: 5000, Requests: 7})
	if !reflect.DeepEqual(got, sorted(some)) {
		t.Errorf("%d rows are found, want %d", len(got), len(some))
	}
	settle(t, x)
}

var errDead = errors.New("the process is dead")

// mortal is a bucket whose user dies at a request. That one may have its effect.
type mortal struct {
	index.Bucket

	left   atomic.Int64
	landed bool
}

func (m *mortal) do(request func()) (dies bool) {
	left := m.left.Add(-1)
	if left > 0 || left == 0 && m.landed {
		request()
	}
	return left <= 0
}

func (m *mortal) Get(ctx context.Context, key string, o blob.GetOptions) (out blob.Object, err error) {
	if m.do(func() { out, err = m.Bucket.Get(ctx, key, o) }) {
		return blob.Object{}, errDead
	}
	return out, err
}

func (m *mortal) Create(ctx context.Context, key string, data []byte) (err error) {
	if m.do(func() { err = m.Bucket.Create(ctx, key, data) }) {
		return errDead
	}
	return err
}

// Delete deletes one by one, as the store may die in the middle, too.
func (m *mortal) Delete(ctx context.Context, keys ...string) error {
	const few = 5
	for part := range slices.Chunk(keys, max(1, len(keys)/few)) {
		var err error
		if m.do(func() { err = m.Bucket.Delete(ctx, part...) }) {
			return errDead
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *mortal) List(ctx context.Context, o blob.ListOptions) (out blob.Page, err error) {
	if m.do(func() { out, err = m.Bucket.List(ctx, o) }) {
		return blob.Page{}, errDead
	}
	return out, err
}

// TestAMergeThatDiesLosesNothing kills a merge at every request. Every row is found
// afterwards, once, and again after the next merges.
func TestAMergeThatDiesLosesNothing(t *testing.T) {
	t.Parallel()
	many, parts := 2400, 2
	if testing.Short() {
		many, parts = 240, 1
	}
	for _, landed := range []bool{false, true} {
		points := 0
		for at := 1; ; at++ {
			x, c := newIndex(t)
			// A part that is not full, one that overlaps it, and rows in no part.
			for _, part := range [][]index.Row{rows(30, many-many/3), rows(many/2, many)} {
				if err := x.Fill(t.Context(), part); err != nil {
					t.Fatal(err)
				}
			}
			add(t, x, rows(0, 30)...)
			c.OSS.Advance(25 * time.Hour)
			m := &mortal{Bucket: c.Store, landed: landed}
			m.left.Store(int64(at))
			_, _, err := index.New(m, cloudtest.Log(t)).Merge(t.Context())
			alive := err == nil
			if !alive && !errors.Is(err, errDead) {
				t.Fatal(err)
			}
			for range 2 {
				got := collect(t, x, index.Search{Limit: 3000, Requests: 7})
				if !reflect.DeepEqual(got, sorted(rows(0, many))) {
					t.Fatalf("killed at request %d, %d rows are found, want %d", at, len(got), many)
				}
				settle(t, x)
			}
			if keys := c.Keys(t.Context(), "index/parts/"); len(keys) != parts {
				t.Errorf("killed at request %d, parts %v", at, keys)
			}
			if alive {
				break
			}
			points++
		}
		if points < 9 {
			t.Errorf("a merge dies at %d requests only", points)
		}
	}
}

// TestTwoMergesAtOnceLoseNothing lets one merge run to its end while another one has read
// what it merges.
func TestTwoMergesAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	x, c := newIndex(t)
	if err := x.Fill(t.Context(), rows(30, 900)); err != nil {
		t.Fatal(err)
	}
	add(t, x, rows(0, 30)...)
	c.OSS.Advance(25 * time.Hour)
	first := true
	slow := &between{Bucket: c.Store, before: func() {
		if first {
			first = false
			add(t, x, rows(900, 905)...)
			if _, _, err := x.Merge(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}}
	if _, _, err := index.New(slow, cloudtest.Log(t)).Merge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if first {
		t.Fatal("nothing was written")
	}
	got := collect(t, x, index.Search{Limit: 3000, Requests: 7})
	if !reflect.DeepEqual(got, sorted(rows(0, 905))) {
		t.Errorf("%d rows are found, want 905", len(got))
	}
}

// between is a bucket that something happens to before each object is created.
type between struct {
	index.Bucket

	before func()
}

func (b *between) Create(ctx context.Context, key string, data []byte) error {
	b.before()
	return b.Bucket.Create(ctx, key, data)
}

// TestASearchBeginsAgainWhenItsPartsAreMerged merges between the listing of a search and
// its reading.
func TestASearchBeginsAgainWhenItsPartsAreMerged(t *testing.T) {
	t.Parallel()
	x, c := newIndex(t)
	for _, part := range [][]index.Row{rows(0, 300), rows(300, 600)} {
		if err := x.Fill(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	reads := &beforeRead{Bucket: c.Store, before: func() { settle(t, x) }}
	got := collect(t, index.New(reads, cloudtest.Log(t)), index.Search{Limit: 1000, Requests: 7})
	if !reflect.DeepEqual(got, sorted(rows(0, 600))) {
		t.Errorf("%d rows are found, want 600", len(got))
	}
	gone := &beforeRead{Bucket: c.Store, before: func() {
		if err := c.Store.Delete(t.Context(), c.Keys(t.Context(), "index/parts/")...); err != nil {
			t.Error(err)
		}
		if err := x.Fill(t.Context(), rows(0, 100+len(c.Keys(t.Context(), "index/")))); err != nil {
			t.Error(err)
		}
	}}
	if _, err := index.New(gone, cloudtest.Log(t)).Find(t.Context(), index.Search{Match: all, Limit: 10, Requests: 7}); err != nil && !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("error %v, want that the store is unavailable", err)
	}
}

type beforeRead struct {
	index.Bucket

	before func()
}

func (b *beforeRead) Get(ctx context.Context, key string, o blob.GetOptions) (blob.Object, error) {
	b.before()
	return b.Bucket.Get(ctx, key, o)
}

// TestADamagedPartHidesOnlyItsRows damages a part. It is never deleted.
func TestADamagedPartHidesOnlyItsRows(t *testing.T) {
	t.Parallel()
	x, c := newIndex(t)
	for _, part := range [][]index.Row{rows(0, 100), rows(100, 200)} {
		if err := x.Fill(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	bad := c.Keys(t.Context(), "index/parts/")[0]
	if err := c.Store.Put(t.Context(), bad, []byte("damaged")); err != nil {
		t.Fatal(err)
	}
	if err := c.Store.Put(t.Context(), "index/parts/foreign", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := c.Store.Put(t.Context(), "index/new/foreign", []byte("x")); err != nil {
		t.Fatal(err)
	}
	add(t, x, rows(200, 500)...)
	settle(t, x)
	got := collect(t, x, index.Search{Limit: 1000, Requests: 7})
	if !reflect.DeepEqual(got, sorted(rows(100, 500))) {
		t.Errorf("%d rows are found, want 400", len(got))
	}
	for _, key := range []string{bad, "index/parts/foreign", "index/new/foreign"} {
		if _, err := c.Store.Get(t.Context(), key, blob.GetOptions{}); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// counted is a bucket whose requests are counted.
type counted struct {
	index.Bucket

	n atomic.Int64
}

func (b *counted) Get(ctx context.Context, key string, o blob.GetOptions) (blob.Object, error) {
	b.n.Add(1)
	return b.Bucket.Get(ctx, key, o)
}

func (b *counted) List(ctx context.Context, o blob.ListOptions) (blob.Page, error) {
	b.n.Add(1)
	return b.Bucket.List(ctx, o)
}

func TestARowIsReplacedByThatOfTheStoredRecord(t *testing.T) {
	t.Parallel()
	x, _ := newIndex(t)
	wrong, right := rowAt(1), rowAt(1)
	right.EndedAt = right.EndedAt.Add(-time.Hour)
	add(t, x, wrong)
	for range 2 {
		if err := x.Replace(t.Context(), wrong, right); err != nil {
			t.Fatal(err)
		}
		if err := x.Replace(t.Context(), right, right); err != nil {
			t.Fatal(err)
		}
	}
	if got := collect(t, x, index.Search{Limit: 10, Requests: 7}); !reflect.DeepEqual(got, []index.Row{right}) {
		t.Errorf("got %+v, want %+v", got, right)
	}
}
