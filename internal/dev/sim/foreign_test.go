package sim_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// foreigner puts objects at the keys that the records of queued changes will have,
// as somebody with write access below results/ could. Its random numbers are its
// own, so that the other runs stay the same.
type foreigner struct {
	h       *harness
	rng     *rand.Rand
	planted int
}

func newForeigner(h *harness) *foreigner {
	if h.cfg.calm || h.cfg.seed%4 != 2 || !h.cfg.kinds.has(foreigners) {
		return nil
	}
	return &foreigner{h: h, rng: rand.New(rand.NewPCG(h.cfg.seed, 4))}
}

// plant puts an object at the key of the record of every second change: when it is
// queued or up to a minute later, unless it has ended.
func (f *foreigner) plant(id string) {
	if f == nil || f.rng.IntN(2) == 0 {
		return
	}
	key, _ := objects.RecordKey(id)
	data := []string{
		"<!doctype html>", `{"schema":"another/v1"}`,
		fmt.Sprintf(`{"schema":%q,"id":%q,"status":"applied","finishedAt":"2026-11-22T08:00:00Z"}`, record.Schema, id),
		fmt.Sprintf(`{"schema":%q,"id":%q,"status":"applied","finishedAt":"2026-11-22T08:00:00Z","identity":"http \"mallory\" \"1\""}`, record.Schema, id),
	}[f.rng.IntN(4)]
	f.h.after(time.Duration(f.rng.IntN(2)*f.rng.IntN(60))*time.Second, func() {
		s := f.h.store
		if s.objects[key] != nil {
			return
		}
		// The checks observe what the function writes, and must not observe this.
		s.objects[key] = &object{data: []byte(data), etag: "FOREIGN", modified: s.now(), writes: 1}
		s.keys = slices.Insert(s.keys, sort.SearchStrings(s.keys, key), key)
		f.planted++
		f.h.note("somebody else writes %s: %s", key, data)
	})
}
