package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// MaxWakeLanes is how many lanes a wake-up may name.
const MaxWakeLanes = 100

// maxLaneLength bounds the name of a lane in bytes.
const maxLaneLength = 200

// wakeLane is one lane of a wake-up on the wire. Numbers are numbers here: the format
// is the function's own.
type wakeLane struct {
	Lane   string `json:"lane"`
	Gen    int64  `json:"gen"`
	Remind bool   `json:"remind"`
}

// decodeWake reads {"wake": {"at": …, "lanes": […]}}, which the function sends to
// itself. Anybody who may invoke the function can send it as well. All that it does is
// to have lanes looked at, as the sweep does every minute: what is due is decided by
// what is stored. So it is bounded, and not authenticated.
func decodeWake(obj object) (Event, error) {
	var w struct {
		At    string     `json:"at"`
		Lanes []wakeLane `json:"lanes"`
	}
	if err := json.Unmarshal(obj["wake"], &w); err != nil {
		return Event{}, malformed("wake", errors.New("wake is not an object with a time and a list of lanes"))
	}
	at, err := time.Parse(time.RFC3339Nano, w.At)
	if err != nil {
		return Event{}, malformed("wake", errors.New("wake.at is not an RFC 3339 time"))
	}
	if len(w.Lanes) == 0 || len(w.Lanes) > MaxWakeLanes {
		return Event{}, malformed("wake", fmt.Errorf("wake.lanes has %d lanes, not 1 to %d", len(w.Lanes), MaxWakeLanes))
	}
	out := &Wake{At: at.UTC(), Lanes: make([]WakeLane, len(w.Lanes))}
	for i, l := range w.Lanes {
		region, server, ok := strings.Cut(l.Lane, "/")
		if !ok || region == "" || server == "" || len(l.Lane) > maxLaneLength {
			return Event{}, malformed("wake", fmt.Errorf("wake.lanes[%d].lane is not <region>/<server>", i))
		}
		if l.Gen < 0 {
			return Event{}, malformed("wake", fmt.Errorf("wake.lanes[%d].gen is negative", i))
		}
		out.Lanes[i] = WakeLane{Region: region, Server: server, Gen: l.Gen, Remind: l.Remind}
	}
	return Event{Wake: out}, nil
}
