package sim_test

import (
	"strconv"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// In a quarter of the runs with faults, documents ask that their changes wait until few
// clients are connected. The clients come and go every ten minutes.

// idleBelow is the limit of these changes.
const idleBelow = 5

// waitsForFew is the line of such a document; "" for others. Seeds without it stay the
// runs that they were.
func (p *platform) waitsForFew(dryRun bool) string {
	if p.h.cfg.calm || p.h.cfg.seed%4 != 1 || dryRun || p.asked%3 != 0 {
		return ""
	}
	return "when: idle(" + strconv.Itoa(idleBelow) + ")\n"
}

// connected is how many clients are connected to a gateway now.
func (h *harness) connected(g *gateway) int {
	shift := 0
	for i, other := range h.api.order {
		if other == g {
			shift = i
		}
	}
	if (int(time.Since(h.start)/(10*time.Minute))+shift)%2 == 0 {
		return 2 * idleBelow
	}
	return idleBelow - 1
}

// count is what an instance was told about the clients of a gateway.
type count struct {
	at        time.Time
	connected int
}

// countedBy notes what an instance was told.
func (g *gateway) countedBy(in *instance, connected int) {
	if g.counts == nil {
		g.counts = map[*instance]count{}
	}
	g.counts[in] = count{time.Now(), connected}
}

// maxCountAge is how old a count may be when a modification is sent, unless the
// instance was frozen.
const maxCountAge = time.Minute

// fewEnough checks a modification when it is sent: if a change in it waits until few
// clients are connected, the instance must have been told last, and not long ago, that
// they are.
func (h *harness) fewEnough(g *gateway, token string, by *instance) {
	for _, id := range h.seen.intents[token].ids {
		limit := h.seen.entries[id].idle
		if limit == 0 {
			continue
		}
		c, known := g.counts[by]
		if age := time.Since(c.at); !known || c.connected >= limit || age > maxCountAge && !by.wasFrozen {
			h.violated("%s is sent with %d clients connected (counted: %v, %v ago), and waits for fewer than %d", id, c.connected, known, age, limit)
		}
		h.reachIf(h.held[id], "a change that waited for few clients is sent")
	}
}

// heldUp notes the changes that are queued while their lane waits until few clients
// are connected.
func (h *harness) heldUp(t change.Target) {
	h.reach("a lane waits for few clients")
	if h.held == nil {
		h.held = map[string]bool{}
	}
	for id, e := range h.seen.entries {
		if _, ended := h.seen.records[id]; e.target == t && !ended && !e.due.After(time.Now()) {
			h.held[id] = true
		}
	}
}
