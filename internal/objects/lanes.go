package objects

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Lanes is the prefix of the chains of all lanes.
const Lanes = "lanes/"

// LanePrefix is the prefix of one lane's chain.
func LanePrefix(t change.Target) string { return Lanes + t.String() + "/" }

// GenerationKey is the key of one generation of a lane's chain, from 1. The
// digits are the largest int64 less the generation, so that the newest generation
// lists first.
//
//   - Keys: lanes/<region>/<server>/<19 digits>.json
//   - Written by: lane, for reconcile
//   - Read by: lane, for reconcile
//   - Deleted by: lane, for reconcile, when old
func GenerationKey(t change.Target, gen int64) string {
	return GenerationBelow(LanePrefix(t), gen)
}

// GenerationBelow is the key of one generation of the chain below a prefix.
func GenerationBelow(prefix string, gen int64) string {
	return fmt.Sprintf("%s%019d.json", prefix, math.MaxInt64-gen)
}

// ParseGenerationKey reads the generation out of a key of a chain.
func ParseGenerationKey(key string) (gen int64, ok bool) {
	base := key[strings.LastIndexByte(key, '/')+1:]
	text, ok := strings.CutSuffix(base, ".json")
	if !ok || !digits(text, 19) {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n == math.MaxInt64 {
		return 0, false
	}
	return math.MaxInt64 - n, true
}

// Wake is the prefix of wake objects.
const Wake = "wake/"

// MaxWoken is how many lanes intake lets one wake object name. One that names so many
// is full: its document may have more lanes, which no wake object names.
const MaxWoken = 32

// WakeKey is the key of the object whose creation wakes the lanes of some
// servers of one region. The key says which lanes: the content may be overwritten
// before it is read.
//
//   - Keys: wake/<region>/<server>, more servers joined by "."
//   - Written by: intake, operators
//   - Read by: the platform's trigger
//   - Deleted by: nobody
func WakeKey(regionID string, servers ...string) string {
	return Wake + regionID + "/" + strings.Join(servers, ".")
}

// ParseWakeKey reads the lanes out of the key of a wake object.
func ParseWakeKey(key string) ([]change.Target, bool) {
	name, ok := strings.CutPrefix(key, Wake)
	if !ok {
		return nil, false
	}
	region, servers, _ := strings.Cut(name, "/")
	var lanes []change.Target
	for id := range strings.SplitSeq(servers, ".") {
		t := change.Target{RegionID: region, ServerID: id}
		if !t.Valid() {
			return nil, false
		}
		lanes = append(lanes, t)
	}
	return lanes, true
}
