package sim_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// cast is a vote that was stored.
type cast struct {
	change.Vote

	at time.Time // when it was stored, by the harness's clock
}

// voted observes every vote that is stored.
func (h *harness) voted(data []byte) {
	v := decode[struct {
		ID   string      `json:"id"`
		Vote change.Vote `json:"vote"`
	}](data)
	h.note("%s votes %s on %s", v.Vote.Person, v.Vote.Kind, v.ID)
	h.votedOn(v.ID, v.Vote)
	h.seen.votes[v.ID] = append(h.seen.votes[v.ID], cast{v.Vote, time.Now()})
	e, ok := h.seen.entries[v.ID]
	human := humanOf(v.Vote.Account)
	switch {
	case !ok:
		h.violated("%s has a vote and was never queued", v.ID)
	case e.undoes != "": // whoever may ask or approve may decide about it
		if human == "eve" {
			h.violated("%s, whom the policy does not know, votes %s on %s", v.Vote.Account, v.Vote.Kind, v.ID)
		}
	case v.Vote.Kind != change.Cancel && human == e.asker:
		h.violated("%s, who asked for %s, votes %s on it", e.asker, v.ID, v.Vote.Kind)
	case v.Vote.Kind == change.Cancel && human != e.asker && human != "boss":
		h.violated("%s cancels %s of %s", v.Vote.Person, v.ID, e.asker)
	}
}

// said reports whether anybody cast a vote on a change.
func (h *harness) said(id string, kind change.VoteKind) bool {
	return slices.ContainsFunc(h.seen.votes[id], func(v cast) bool { return v.Kind == kind })
}

// reading is longer than a worker takes from reading the queue to storing its
// intent, and than the age of a stale listing.
const reading = time.Minute

// permitted checks a change that is about to take effect: enough other people
// have approved exactly this plan, and nobody had rejected or cancelled it before
// the intent was stored.
func (h *harness) permitted(g *gateway, id string, in intended) {
	e := h.seen.entries[id]
	agreed := map[string]bool{}
	for _, v := range h.seen.votes[id] {
		switch v.Kind {
		case change.Approval:
			if humanOf(v.Account) != e.asker && time.Since(v.at) < h.hours.counts(v.Vote)+10*time.Minute && h.wasShown(g, id, v.Digest) {
				agreed[humanOf(v.Account)] = true
			}
		case change.Extend, change.UndoNow:
		case change.Cancel, change.Rejection:
			if in.at.Sub(v.at) > reading && !h.froze && !h.damage.voteOn(id) {
				h.violated("%s takes effect %v after %s voted %s", id, in.at.Sub(v.at), v.Person, v.Kind)
			}
		}
	}
	if len(agreed) < e.approvals {
		h.violated("%s takes effect and needs %d approvals: %v approved this plan", id, e.approvals, slices.Sorted(maps.Keys(agreed)))
	}
	if e.approvals > 0 && len(in.ids) > 1 {
		h.violated("%s, which needs approvals, takes effect together with %v", id, in.ids)
	}
}

// wasShown reports whether a plan digest matches the server's current settings,
// or earlier ones where somebody else modifies the gateway after the last look.
func (h *harness) wasShown(g *gateway, id, digest string) bool {
	e := h.seen.entries[id]
	c := change.Change{ID: id, DueAt: e.due, Request: change.Request{Patch: e.patch, ExpiresAt: e.expires, Confirm: change.Confirmation{For: e.confirm, Proof: e.byProof}, Idle: e.idle, Override: e.override}}
	of := func(s change.Settings) bool { return change.PlanDigest(c, s) == digest }
	return of(g.settings) || g.foreign && h.was(g, of)
}

// couldEnd is the time from which only the sweep's period delays a change's end.
func (h *harness) couldEnd(rec recorded, e entry) time.Time {
	at := later(e.due, e.at)
	if e.undoes != "" {
		at = later(at, h.undoAt(rec.ID))
	}
	if a := h.waitedFor(rec, e); a.After(at) {
		at = a
	}
	if rec.Status == change.Cancelled || rec.Status == change.Rejected || e.approvals > 0 {
		for _, v := range h.seen.votes[rec.ID] {
			at = later(at, v.at)
		}
	}
	if rec.Status == change.Expired {
		return later(at, e.expires)
	}
	return h.hours.waitsUntil(rec, e, at)
}

// checkVotes compares a record with the votes.
func (h *harness) checkVotes(rec recorded, e entry) {
	persons := map[string]bool{}
	for _, v := range rec.Votes {
		persons[humanOf(v.Account)] = true
		if !slices.ContainsFunc(h.seen.votes[rec.ID], func(c cast) bool { return c.Kind == v.Kind && c.Person == v.Person && c.At.Equal(v.At) }) {
			h.violated("the record of %s has a vote that nobody cast: %+v", rec.ID, v)
		}
	}
	if rec.Status == change.Applied && len(persons) < e.approvals {
		h.violated("%s is applied, needs %d approvals, and its record has %+v", rec.ID, e.approvals, rec.Votes)
	}
	if rec.Error != nil && rec.Error.Code == "rejected-by-approver" && !h.said(rec.ID, change.Rejection) {
		h.violated("%s was rejected, but nobody rejected it", rec.ID)
	}
}

// checkChat checks that the rooms got their answers.
func (h *harness) checkChat() {
	for _, m := range h.chat.order {
		switch {
		case !m.answered:
			h.violated("%s was never answered", m.ID)
		case m.on.later && m.replies == 0, !m.seen:
			h.violated("the answer to %s was never shown", m.ID)
		}
	}
	h.chat.rooms.check()
	for _, key := range h.store.keys {
		if strings.HasPrefix(key, "outbox/") {
			h.violated("%s is still pending", key)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(h.seen.records)) {
		rec := h.seen.records[id]
		h.checkVotes(rec, h.seen.entries[id])
		if rec.Origin.Kind == change.FromChat {
			h.checkTold(rec)
		}
	}
}

// checkTold compares a chat change's notice with what the room was shown.
func (h *harness) checkTold(rec recorded) {
	n, ok := h.seen.notices[rec.ID]
	if !ok || len(n.Deliveries) == 0 {
		h.violated("%s came by chat and ended, and no room got the outcome: notice %v", rec.ID, ok)
		return
	}
	from, _, _ := strings.Cut(rec.Origin.Actor, ":")
	asked := false
	for _, d := range n.Deliveries {
		told := h.chat.told[rec.ID+" on "+d.Platform]
		switch {
		case d.Delivered && told == 0:
			h.violated("the notice of %s says that it was delivered to %s, which it was not", rec.ID, d.Platform)
		case !d.Delivered && (d.Code == "" || d.Platform == h.chat.feishu.name):
			h.violated("the delivery of %s was given up: %s %s", rec.ID, d.Code, d.Message)
		}
		asked = asked || d.Platform == from
	}
	if !asked && !h.damage.entryOf(rec.ID) { // the entry has the addresses
		h.violated("%s was asked for on %s, which is not among %+v", rec.ID, from, n.Deliveries)
	}
}
