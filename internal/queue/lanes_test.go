package queue_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

// crowd fills lanes with so many changes that the listing has several pages, and
// one lane alone more than one. It returns the lanes that have changes due at noon.
func crowd(t *testing.T) (h *harness, due []change.Target, some change.Change) {
	t.Helper()
	h = newHarness(t)
	var all []change.Change
	for _, lane := range []struct {
		id    string
		due   time.Time
		count int
	}{
		{"a", noon().Add(-time.Hour), 40},
		{"ab", noon().Add(time.Hour), 30}, // not due yet
		{"b", noon().Add(-time.Hour), 1100},
		{"c", noon().Add(time.Minute), 350},
		{"d", noon(), 1},
		{"e", noon().Add(-time.Hour), 60},
	} {
		for i := range lane.count {
			all = append(all, one(lane.id+numbered(i), server(lane.id), lane.due.Add(time.Duration(i)*time.Second)))
		}
		if !lane.due.After(noon()) {
			due = append(due, server(lane.id))
		}
	}
	var g errgroup.Group
	g.SetLimit(32)
	for _, c := range all {
		g.Go(func() error {
			_, err := h.Add(t.Context(), c)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	return h, due, all[40+30+1099]
}

func TestACrowdedQueue(t *testing.T) {
	t.Parallel()
	h, want, last := crowd(t)
	before := len(h.OSS.Requests())
	if got, _, err := h.Lanes(t.Context(), noon(), "", 100); err != nil || len(got) != len(want) {
		t.Errorf("lanes are %v, %v", got, err)
	}
	if n := len(h.OSS.Requests()) - before; n > 3 {
		t.Errorf("%d listings for 6 lanes and 1581 changes: full lanes should be skipped", n)
	}

	t.Run("all lanes with due changes are found over several pages", func(t *testing.T) {
		t.Parallel()
		got, next, err := h.Lanes(t.Context(), noon(), "", 100)
		if err != nil || next != "" || !slices.Equal(got, want) {
			t.Errorf("lanes are %v, next %q, %v; want %v", got, next, err, want)
		}
	})
	t.Run("they are found in portions", func(t *testing.T) {
		t.Parallel()
		var got []change.Target
		for after := ""; ; {
			lanes, next, err := h.Lanes(t.Context(), noon(), after, 1)
			if err != nil || len(lanes) > 1 {
				t.Fatalf("lanes %v, %v", lanes, err)
			}
			got = append(got, lanes...)
			if after = next; after == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("lanes are %v, want %v", got, want)
		}
	})
	t.Run("a full lane is read in portions, in order", func(t *testing.T) {
		t.Parallel()
		due := h.due(server("b"), noon())
		if len(due.Entries) != queue.MaxDue || !slices.IsSortedFunc(due.Entries, func(a, b queue.Entry) int { return a.DueAt.Compare(b.DueAt) }) {
			t.Fatalf("%d entries, or out of order", len(due.Entries))
		}
		if !due.Next.IsZero() {
			t.Errorf("the next is due at %v, which cannot be known", due.Next)
		}
	})
	t.Run("a change is found behind a page", func(t *testing.T) {
		t.Parallel()
		e, err := h.Find(t.Context(), last.ID)
		if err != nil || e.ID != last.ID || e.Key != objects.EntryKey(last) {
			t.Errorf("found %+v, %v", e, err)
		}
	})
}

func TestFindComparesTheWholeID(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	d := document("several", server("a"), noon(), 12)
	h.add(d...)
	h.add(one("single", server("a"), noon()))
	e, err := h.Find(t.Context(), d[1].ID)
	if err != nil || e.ID != d[1].ID {
		t.Errorf("found %s, %v", e.ID, err)
	}
	for _, id := range []string{
		"", "2", "12", d[1].Document, d[1].Document + "-2", "0002-" + d[1].ID, d[1].ID + ".json", "-" + d[1].ID,
		d[1].ID[:len(d[1].ID)-2], // the id of a document with one change
		d[1].ID + "0", "20261122-aaaaaaaaaa", "../" + d[1].ID,
	} {
		if e, err := h.Find(t.Context(), id); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%q found %s, %v", id, e.ID, err)
		}
	}
}

func TestADamagedEntryIsFoundByItsKey(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	c := one("damaged", server("a"), noon())
	h.put(objects.EntryKey(c), "{")
	e, err := h.Find(t.Context(), c.ID)
	if err != nil || e.ID != c.ID || e.Err == nil {
		t.Errorf("found %+v, %v", e, err)
	}
}

func TestErrorsOfTheStoreAreReturned(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	c := one("a", server("a"), noon())
	h.add(c)
	if err := h.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, Times: -1}); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_, addErr := h.Add(ctx, one("b", server("a"), noon()))
	_, dueErr := h.Due(ctx, c.Target, noon())
	_, readErr := h.Read(ctx, []string{objects.EntryKey(c)})
	_, _, lanesErr := h.Lanes(ctx, noon(), "", 1)
	_, findErr := h.Find(ctx, c.ID)
	removeErr := h.Remove(ctx, objects.EntryKey(c))
	for name, err := range map[string]error{
		"add": addErr, "due": dueErr, "read": readErr, "lanes": lanesErr, "find": findErr, "remove": removeErr,
	} {
		if !errors.Is(err, blob.ErrDenied) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
