package sim_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
)

// confirmer has changes that are undone unless somebody confirms them, and people who
// do: in time, late, twice, or not at all. Its random numbers are its own, so that the
// other runs stay the same.
type confirmer struct {
	h   *harness
	rng *rand.Rand
	on  bool
}

func newConfirmer(h *harness) *confirmer {
	c := &confirmer{h: h, rng: rand.New(rand.NewPCG(h.cfg.seed, 11))}
	n := 4
	if h.cfg.chats {
		n = 2
	}
	c.on = c.rng.IntN(n) == 0
	return c
}

// span draws a time in which a change is to be confirmed; "" for one that need not be.
func (c *confirmer) span(n int) string {
	if !c.on || c.rng.IntN(n) > 0 {
		return ""
	}
	return fmt.Sprintf("%dm", 1+c.rng.IntN(12))
}

// line is the line of a change file.
func (c *confirmer) line(doc string) string {
	if d := c.span(3); d != "" && !strings.Contains(doc, "dryRun") {
		return "confirm: " + c.h.proofs.words(d) + "\n"
	}
	return ""
}

// key is the key of a command.
func (c *confirmer) key() string {
	if d := c.span(2); d != "" {
		return " confirm=" + strings.ReplaceAll(c.h.proofs.words(d), " ", "+")
	}
	return ""
}

// offered has people react to the offer to confirm a change.
func (c *confirmer) offered(m *said, line string) {
	k := c.h.chat
	for range c.rng.IntN(3) {
		text := line
		switch c.rng.IntN(5) {
		case 0:
			text += fmt.Sprintf(" %dm", 1+c.rng.IntN(20))
		case 1:
			text = strings.Replace(line, "confirm ", "rollback ", 1)
		}
		c.h.after(time.Duration(1+c.rng.IntN(900))*time.Second, func() {
			who := []string{"mei", "jun", "boss", "eve"}[c.rng.IntN(4)] // the policy does not know Eve
			if c.rng.IntN(2) == 0 && m.User != "boss" {
				k.say(m.on, m.User, text)
			} else {
				k.say(k.feishu, who, text)
			}
		})
	}
}

// undoAt is when an undo is due, by the votes on it.
func (h *harness) undoAt(id string) time.Time {
	e := h.seen.entries[id]
	var votes []change.Vote
	for _, v := range h.seen.votes[id] {
		votes = append(votes, v.Vote)
	}
	return change.Change{DueAt: e.due}.UndoAt(votes)
}

// armedIn checks a modification that is about to take effect: while a change of its
// server is to be confirmed, only the undo may.
func (h *harness) armedIn(g *gateway, in intended) {
	newest := h.newest(g.target)
	a := newest.State.Armed
	for _, id := range in.ids {
		if a != nil && id != a.ID {
			h.violated("%s takes effect while %s is to be confirmed or undone", id, a.Of)
		}
		if e := h.seen.entries[id]; e.undoes != "" && (a == nil || a.ID != id) {
			h.violated("%s undoes %s, and is not armed", id, e.undoes)
		}
	}
}

// checkConfirmed checks that no change stands that was to be confirmed and that nobody
// confirmed in time.
func (h *harness) checkConfirmed(rec recorded, e entry, taken *moment) {
	if e.undoes != "" {
		h.checkUndo(rec, e, taken)
	}
	if rec.Undo == nil {
		if e.confirm > 0 && taken != nil && rec.Status == change.Applied && len(rec.Changed) > 0 {
			h.violated("%s is applied, and has no undo", rec.ID)
		}
		return
	}
	undo, ok := h.seen.records[rec.Undo.ID]
	if !ok || h.seen.entries[rec.Undo.ID].undoes != rec.ID {
		h.violated("%s has the undo %s, which did not end", rec.ID, rec.Undo.ID)
		return
	}
	h.reachIf(undo.Status == change.Applied, "a change is undone")
	h.reachIf(undo.Status == change.Cancelled, "a change is confirmed")
}

// checkUndo compares the record of an undo with the votes and the clock.
func (h *harness) checkUndo(rec recorded, e entry, taken *moment) {
	due := h.undoAt(rec.ID)
	inTime := false
	var before []change.Vote // by clocks that differ, a vote that is cast later may have an earlier time
	for _, v := range h.seen.votes[rec.ID] {
		due := change.Change{DueAt: e.due}.UndoAt(before)
		before = append(before, v.Vote)
		h.reachIf(v.Kind == change.Extend, "a time to confirm is extended")
		h.reachIf(v.Kind == change.UndoNow, "a change is undone at once")
		// An admin may cancel an undo that is due and waits.
		inTime = inTime || v.Kind == change.Cancel && (v.At.Before(due) || v.Person == "boss")
	}
	switch rec.Status {
	case change.Cancelled:
		if !inTime && !h.damage.voteOn(rec.ID) {
			h.violated("%s counts as confirmed, and nobody confirmed it in time", e.undoes)
		}
	case change.Applied:
		if taken == nil {
			h.violated("%s undid %s, and took no effect", rec.ID, e.undoes)
			break
		}
		if start := h.seen.intents[rec.ClientToken].at; start.Before(due) && !h.cfg.kinds.has(skewedClocks) && !h.damage.voteOn(rec.ID) {
			h.violated("%s was undone %v before it was due", e.undoes, due.Sub(start))
		}
	case change.Unchanged: // somebody else changed the settings since
		if g := h.api.gateways[e.target]; !g.foreign {
			h.violated("nothing of %s was left to undo, and nobody else modified the gateway", e.undoes)
		}
	case change.Failed:
		if g := h.api.gateways[e.target]; !g.foreign && rec.Error.Code != "ReadBackMismatch" && rec.Error.Code != "OutcomeUnknown" && rec.Error.Code != "GatewayStuck" {
			h.violated("%s stands, and nobody confirmed it: the undo failed with %s", e.undoes, rec.Error.Code)
		}
	case change.Rejected:
		if g := h.api.gateways[e.target]; !g.foreign || rec.Error.Code != plan.RuleUndoConflict {
			h.violated("%s stands, and nobody confirmed it: the undo was rejected with %s", e.undoes, rec.Error.Code)
		}
	case change.Queued, change.Waiting, change.Applying, change.Planned, change.Superseded, change.Expired:
		h.violated("%s stands, and nobody confirmed it: the undo is %s", e.undoes, rec.Status)
	}
	// With nothing in the way, it starts within seconds; where invocations are too short
	// to wait for it, with the next sweep.
	if h.cfg.calm && h.api.idle && h.cfg.latency == 0 && rec.Status == change.Applied {
		most := 75 * time.Second
		if h.platform.timeout >= 2*time.Minute {
			most = 5 * time.Second
		}
		if started := h.seen.intents[rec.ClientToken].at.Sub(due); started > most {
			h.violated("the undo of %s started %v after it was due", e.undoes, started)
		}
	}
}

// waitedFor is until when a change waited for an earlier one to be confirmed or undone.
func (h *harness) waitedFor(rec recorded, e entry) (until time.Time) {
	for id, undo := range h.seen.entries {
		if undo.undoes == "" || undo.target != e.target || id == rec.ID {
			continue
		}
		if end := h.seen.records[id].at; undo.at.Before(rec.at) && end.After(until) && !end.After(rec.at) {
			until = end
		}
	}
	return until
}

// undoing reports whether a modification is that of an undo.
func (h *harness) undoing(token string) bool {
	return slices.ContainsFunc(h.seen.intents[token].ids, func(id string) bool { return h.seen.entries[id].undoes != "" })
}

// reminded checks a reminder of a change that is to be confirmed: it must not come when
// the undo has ended, except for what a delivery takes.
func (h *harness) reminded(message string) {
	id, _ := cutLast(message, "-")
	h.reach("people are reminded of a change that is to be confirmed")
	if rec, ended := h.seen.records[id]; ended && time.Since(rec.at) > time.Minute {
		h.violated("people are reminded of %s, whose undo ended %v ago", h.seen.entries[id].undoes, time.Since(rec.at))
	}
}
