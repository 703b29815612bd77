package sim_test

import (
	"context"
	"maps"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
)

// sound is the store without faults, for the checks after a run.
type sound struct{ *store }

func (s sound) Get(_ context.Context, key string, _ blob.GetOptions) (blob.Object, error) {
	o := s.objects[key]
	if o == nil {
		return blob.Object{}, &blob.Error{Op: "get", Bucket: bucketName, Key: key, Kind: blob.ErrNotFound}
	}
	return blob.Object{Entry: s.entry(key), Data: o.data, Now: s.now()}, nil
}

func (s sound) Create(_ context.Context, key string, data []byte) error {
	if s.objects[key] != nil {
		return &blob.Error{Op: "create", Bucket: bucketName, Key: key, Kind: blob.ErrExists}
	}
	s.put(key, data)
	return nil
}

func (s sound) Delete(_ context.Context, keys ...string) error {
	for _, key := range keys {
		s.remove(key)
	}
	return nil
}

func (s sound) List(_ context.Context, o blob.ListOptions) (blob.Page, error) { return s.list(o), nil }

// checkIndex looks for every record in what a search of the index finds, before and after
// everything is merged. No row may be there twice, or without a record.
func (h *harness) checkIndex() {
	x, ctx := index.New(sound{h.store}, quiet()), context.Background()
	for range 2 {
		rows := map[string]index.Row{}
		s := index.Search{Limit: 7, Requests: 3, Match: func(index.Row) bool { return true }}
		for more := true; more; {
			found, err := x.Find(ctx, s)
			if err != nil {
				h.violated("the index cannot be searched: %v", err)
				return
			}
			for _, r := range found.Rows {
				if _, twice := rows[r.ID]; twice {
					h.violated("the index has %s twice", r.ID)
				}
				rows[r.ID] = r
			}
			more, s.After = found.More, found.Next
		}
		for _, id := range slices.Sorted(maps.Keys(h.seen.records)) {
			rec := h.seen.records[id].Record
			want := index.RowOf(rec)
			// A rejected tick has no queue entry that would make anybody write the row again,
			// and the platform delivers it three times.
			if _, ok := rows[id]; !ok && h.faults > 0 && rec.Status == change.Rejected && rec.Origin.Kind == change.FromTimer {
				continue
			}
			if got, ok := rows[id]; !ok || !got.EndedAt.Equal(want.EndedAt) || got.Status != want.Status || got.Target != want.Target {
				h.violated("the index lacks the record of %s, or has another one: %+v", id, got)
			}
			delete(rows, id)
		}
		for _, id := range slices.Sorted(maps.Keys(rows)) {
			h.violated("the index has %s, which has no record", id)
		}
		for more := true; more; {
			_, left, err := x.Merge(ctx)
			if err != nil {
				h.violated("the index cannot be merged: %v", err)
				return
			}
			more = left
		}
	}
}
