package intake

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/fanout"
	"sslvpnchange/internal/objects"
)

// Every wake object starts an invocation, which occupies an instance while its
// lanes wait for their gateways. A document that touches up to maxSeparate lanes
// has a wake object for each. One that touches more shares them out among few
// wake objects, so that its drains leave instances for other work. An object has
// at most as many lanes as an invocation drains at once by default.
const (
	maxSeparate = 4
	maxTogether = 8
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
	size := min(maxTogether, (len(lanes)+maxSeparate-1)/maxSeparate)
	var keys []string
	regions := map[string]int{} // the index of the key that is being filled
	filled := make([]int, 0, len(lanes))
	for _, l := range lanes {
		i, open := regions[l.RegionID]
		if !open || filled[i] == size {
			i = len(keys)
			regions[l.RegionID] = i
			keys, filled = append(keys, objects.WakeKey(l.RegionID, l.ServerID)), append(filled, 1)
			continue
		}
		keys[i] += "." + l.ServerID
		filled[i]++
	}
	return keys
}
