package intake

import (
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/objects"
)

// Each bell starts an invocation, and so takes an instance for as long as its
// lanes wait for their gateways. A document that touches few lanes has a bell
// for each. One that touches many shares them out among few bells, so that it
// is worked on whole and at once and leaves instances for what else comes; a
// bell has as many lanes at most as an invocation drains at once by default.
const (
	fewBells  = 4
	mostLanes = 8
)

// bells gives the keys of the bells that ring for lanes: wake/<region>/ and the
// servers, joined by dots. The key says it all, because a bell's content may be
// written over before it is read.
func bells(lanes []change.Target) []string {
	size := min(mostLanes, (len(lanes)+fewBells-1)/fewBells)
	var keys []string
	regions := map[string]int{} // the bell that is being filled
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
