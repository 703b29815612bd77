package wakeup

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Lane is a lane that a wake-up drains.
type Lane struct {
	Target change.Target
	// Gen is the generation of the lane's chain to which the wake-up belongs; 0: none.
	Gen int64
	// Remind says that the reminders of the lane that are due are delivered as well.
	Remind bool
}

// The wire form of a wake-up. Package events reads it, in whatever version of the
// function is deployed by then: fields may be added, and keep their meaning.
type (
	wireEvent struct {
		Wake wireWake `json:"wake"`
	}
	wireWake struct {
		At    time.Time  `json:"at"`
		Lanes []wireLane `json:"lanes"`
	}
	wireLane struct {
		Lane   string `json:"lane"`
		Gen    int64  `json:"gen,omitempty"`
		Remind bool   `json:"remind,omitempty"`
	}
)

// wish is a wake-up that is asked for.
type wish struct {
	at    time.Time
	lane  Lane
	again bool // it is set although it was set a short time ago
}

func (w wish) key() key { return key{w.lane.Target, w.at.UnixNano(), w.lane.Gen, w.lane.Remind} }

// message is one wake-up as it is sent: the lanes of one second.
type message struct {
	at    time.Time // of the latest lane: none is woken early
	lanes []Lane
	keys  []key
}

// maxLanes is how many lanes one wake-up has at most.
const maxLanes = 100

// group makes messages of wishes, the earliest first.
func group(wishes []wish) []*message {
	var out []*message
	filling := map[int64]*message{} // by second
	for _, w := range wishes {
		second := w.at.Unix()
		m := filling[second]
		if m == nil || len(m.lanes) == maxLanes {
			m = &message{}
			filling[second] = m
			out = append(out, m)
			for i := len(out) - 1; i > 0 && second < out[i-1].at.Unix(); i-- { // the standard library's sort is 10 kB of code
				out[i], out[i-1] = out[i-1], out[i]
			}
		}
		if m.at.Before(w.at) {
			m.at = w.at
		}
		m.lanes, m.keys = append(m.lanes, w.lane), append(m.keys, w.key())
	}
	return out
}

// payload encodes a message.
func (m *message) payload() []byte {
	ev := wireEvent{wireWake{At: m.at.UTC(), Lanes: make([]wireLane, len(m.lanes))}}
	for i, l := range m.lanes {
		ev.Wake.Lanes[i] = wireLane{l.Target.String(), l.Gen, l.Remind}
	}
	data, err := json.Marshal(ev)
	if err != nil {
		return nil // a time beyond year 9999, which nothing asks for
	}
	return data
}

// delay is how long the platform is to wait: whole seconds. It is rounded down for the
// due time of a change, and the woken invocation sleeps until the moment. For the looks
// of a lane that waits it is rounded to the nearest second: half a second matters less
// there than the time that each of many looks would sleep. A moment that is nearer than
// the shortest delay is missed by less than that.
func (m *message) delay(now time.Time) time.Duration {
	ahead := m.at.Sub(now)
	if !slices.ContainsFunc(m.lanes, func(l Lane) bool { return l.Gen == 0 }) {
		ahead += time.Second / 2
	}
	return min(max(ahead.Truncate(time.Second), minDelay), maxDelay)
}
