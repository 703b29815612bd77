package intake

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Every wake object starts an invocation, which occupies an instance while its
// lanes wait for their gateways. So a document has few of them, however many lanes
// and regions it touches: its drains leave instances for other work. A document
// with more lanes than they name leaves the others to the invocations of full wake
// objects, and to the sweep.
const (
	maxWakes   = 4
	maxWakeKey = 900 // bytes, of the 1,023 that a key may have
)

// Wake writes the wake objects of lanes; the platform's trigger starts a drain
// for each. An object that cannot be written is no error: the sweep drains every
// lane that has work within a minute.
func (in *Intake) Wake(ctx context.Context, lanes []change.Target) {
	data, err := json.Marshal(storedWake{RungAt: in.Now().UTC().Format(time.RFC3339Nano), By: in.Owner})
	if err != nil {
		return // cannot be: two texts
	}
	data = append(data, '\n')
	keys := wakeKeys(lanes)
	_ = fanout.Each(ctx, len(keys), parallel, func(ctx context.Context, i int) error {
		if err := in.Bucket.Put(ctx, keys[i], data); err != nil {
			in.Log.WarnContext(ctx, "doorbell not rung, the sweep will look", slog.String("key", keys[i]), slog.Any("error", err))
		}
		return nil // one failure must not keep the other lanes asleep
	})
}

// wakeKeys gives the keys of the wake objects of lanes: wake/<region>/ and the
// servers, joined by dots. The key names the lanes, because the content may be
// overwritten before it is read.
func wakeKeys(lanes []change.Target) []string {
	size := min(objects.MaxWoken, (len(lanes)+maxWakes-1)/maxWakes)
	var keys []string
	regions := map[string]int{} // the index of the key that is being filled
	filled := make([]int, 0, maxWakes)
	for _, l := range lanes {
		i, open := regions[l.RegionID]
		switch {
		case open && filled[i] < size && len(keys[i])+1+len(l.ServerID) <= maxWakeKey:
			keys[i] += "." + l.ServerID
			filled[i]++
		case len(keys) < maxWakes:
			regions[l.RegionID] = len(keys)
			keys, filled = append(keys, objects.WakeKey(l.RegionID, l.ServerID)), append(filled, 1)
		}
	}
	return keys
}
