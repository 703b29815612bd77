package sim_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"sslvpnchange/internal/change"
)

// cast is a vote that was stored.
type cast struct {
	change.Vote

	at time.Time // when it was stored, by nobody's clock but the world's
}

// voted hears of every vote that is stored.
func (w *world) voted(data []byte) {
	v := decode[struct {
		ID   string      `json:"id"`
		Vote change.Vote `json:"vote"`
	}](data)
	w.note("%s says %s of %s", v.Vote.Person, v.Vote.Kind, v.ID)
	w.seen.votes[v.ID] = append(w.seen.votes[v.ID], cast{v.Vote, time.Now()})
	e, ok := w.seen.entries[v.ID]
	switch {
	case !ok:
		w.violated("%s has a vote and was never in line", v.ID)
	case v.Vote.Kind != change.Cancel && v.Vote.Person == e.asker:
		w.violated("%s, who asked for %s, says %s of it", e.asker, v.ID, v.Vote.Kind)
	case v.Vote.Kind == change.Cancel && v.Vote.Person != e.asker && v.Vote.Person != "boss":
		w.violated("%s cancels %s of %s", v.Vote.Person, v.ID, e.asker)
	}
}

// said tells whether anybody said a word of a change.
func (w *world) said(id string, word change.VoteKind) bool {
	return slices.ContainsFunc(w.seen.votes[id], func(v cast) bool { return v.Kind == word })
}

// reading is longer than a worker takes from reading the line to writing down
// what it will send, and than a listing may be old.
const reading = time.Minute

// permitted checks the effect of a change that is about to be taken: enough
// other people have agreed to exactly this, and nobody wanted it out of line
// before it was taken up.
func (w *world) permitted(g *gateway, id string, in intended) {
	e := w.seen.entries[id]
	agreed := map[string]bool{}
	for _, v := range w.seen.votes[id] {
		switch v.Kind {
		case change.Approval:
			if v.Person != e.asker && time.Since(v.at) < change.ApprovalLifetime+10*time.Minute && w.wasShown(g, id, v.Digest) {
				agreed[v.Person] = true
			}
		case change.Cancel, change.Rejection:
			if in.at.Sub(v.at) > reading && !w.froze {
				w.violated("%s takes effect %v after %s said %s", id, in.at.Sub(v.at), v.Person, v.Kind)
			}
		}
	}
	if len(agreed) < e.approvals {
		w.violated("%s takes effect and needs %d approvals: %v agreed to this", id, e.approvals, slices.Sorted(maps.Keys(agreed)))
	}
	if e.approvals > 0 && len(in.ids) > 1 {
		w.violated("%s, which was agreed to, takes effect together with %v", id, in.ids)
	}
}

// wasShown tells whether a showing is of the server as it is; where somebody
// else uses the gateway, who may do so after the last look, as it was.
func (w *world) wasShown(g *gateway, id, showing string) bool {
	of := func(s change.Settings) bool { return change.PlanDigest(id, s, w.seen.entries[id].patch) == showing }
	return of(g.settings) || g.foreign && w.was(g, of)
}

// couldEnd is when nothing but the sweep's period was in the way of a change's end.
func (w *world) couldEnd(rec recorded, e entry) time.Time {
	at := later(e.due, e.at)
	if rec.Status == change.Cancelled || rec.Status == change.Rejected || e.approvals > 0 {
		for _, v := range w.seen.votes[rec.ID] {
			at = later(at, v.at)
		}
	}
	if rec.Status == change.Expired {
		at = later(at, e.expires)
	}
	return at
}

// checkVotes holds a record to what people said.
func (w *world) checkVotes(rec recorded, e entry) {
	persons := map[string]bool{}
	for _, v := range rec.Votes {
		persons[v.Person] = true
		if !slices.ContainsFunc(w.seen.votes[rec.ID], func(c cast) bool { return c.Kind == v.Kind && c.Person == v.Person && c.At.Equal(v.At) }) {
			w.violated("the record of %s has a vote that nobody cast: %+v", rec.ID, v)
		}
	}
	if rec.Status == change.Applied && len(persons) < e.approvals {
		w.violated("%s is applied, needs %d approvals, and its record has %+v", rec.ID, e.approvals, rec.Votes)
	}
	if rec.Error != nil && rec.Error.Code == "rejected-by-approver" && !w.said(rec.ID, change.Rejection) {
		w.violated("%s was refused by nobody", rec.ID)
	}
}

// checkChat holds the rooms to their answers.
func (w *world) checkChat() {
	for _, m := range w.chat.order {
		switch {
		case !m.answered:
			w.violated("%s was never answered", m.ID)
		case m.on.later && m.replies == 0, !m.seen:
			w.violated("the answer to %s was never shown", m.ID)
		}
	}
	for _, key := range w.store.keys {
		if strings.HasPrefix(key, "outbox/") {
			w.violated("%s is still owed", key)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.seen.records)) {
		rec := w.seen.records[id]
		w.checkVotes(rec, w.seen.entries[id])
		if rec.Origin.Kind == change.FromChat {
			w.checkTold(rec)
		}
	}
}

// checkTold holds a change that came by chat to its notice, and the notice to
// what was shown.
func (w *world) checkTold(rec recorded) {
	n, ok := w.seen.notices[rec.ID]
	if !ok || len(n.Deliveries) == 0 {
		w.violated("%s came by chat and ended, and nobody was told: notice %v", rec.ID, ok)
		return
	}
	from, _, _ := strings.Cut(rec.Origin.Actor, ":")
	asked := false
	for _, d := range n.Deliveries {
		told := w.chat.told[rec.ID+" on "+d.Platform]
		switch {
		case d.Delivered && told == 0:
			w.violated("the notice of %s says that %s was told, and it was not", rec.ID, d.Platform)
		case !d.Delivered && (d.Code == "" || d.Platform == w.chat.feishu.name):
			w.violated("%s was given up: %s %s", rec.ID, d.Code, d.Message)
		}
		asked = asked || d.Platform == from
	}
	if !asked {
		w.violated("%s was asked for on %s, which is not among %+v", rec.ID, from, n.Deliveries)
	}
}
