package sim_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// rareStates are the states that the simulation must reach, because bugs hide in
// them. A run of many seeds fails if it has reached one of them too seldom: then
// the simulation no longer tests what it did.
func rareStates() []string {
	return []string{
		// Takeovers: the lease of a worker expired, and another one went on.
		"a takeover",
		"a takeover of an intent",
		"a takeover of an intent that was never sent",
		"a takeover after the modification took effect",
		"a takeover after an unknown outcome",
		"a takeover while the gateway is updating",
		"a takeover while the modification is on its way",
		"a takeover of a decision",
		"a decision completed by a third worker",
		"a takeover of changes that are tried apart",
		"a record by another worker than the intent's",
		"two workers write one generation",
		"a thawed worker finds its lane taken",
		// Renewals.
		"a lease is renewed",
		"a worker holds its lease for longer than it lasts",
		"a renewal without an answer",
		"a takeover of a lease that was renewed",
		// Approvals.
		"a room is asked for approval",
		"a message about an approval: remind",
		"a message about an approval: news",
		"a request for approval that cannot be delivered",
		// Modifications.
		"a modification under its token again",
		"a modification takes effect late",
		"a modification takes effect after its worker died",
		"a modification takes effect after a takeover",
		"a modification is refused while the gateway is updating",
		"an outcome is unknown",
		"an intent is withdrawn",
		"a modification is answered with an error",
		"somebody else modifies a gateway that has an intent",
		// Merging.
		"a merge",
		"a merge of four",
		"a merge is refused",
		"a merge goes apart after a refusal",
		"a merge of unknown outcome",
		"superseded in a merge",
		// Votes.
		"an approved change takes effect",
		"an approval while the gateway is updating",
		"an approval that lapses while the gateway is updating",
		"an approval of another plan",
		"a change that was approved and rejected",
		"a cancel while the change is being applied",
		"a change that expires while it waits for approval",
		// Confirmations.
		"a change is confirmed",
		"a change is undone",
		"a change is undone at once",
		"people are reminded of a change that is to be confirmed",
		"a time to confirm is extended",
		"a takeover while a change is to be confirmed",
		// Proofs.
		"a server refuses probes",
		"a failed proof has a change undone",
		// Policies.
		"the policy changes while there is an intent",
		"permission withdrawn after approval",
		// Conditions.
		"a lane waits for few clients",
		"a change that waited for few clients is sent",
		// Windows and freezes.
		"a window closes between intent and send",
		"a freeze begins between intent and send",
		"a gateway is busy past the close",
		"a repetition while its window is closed",
		"a change that waited for its window is sent",
		"a first send at an opening by a wake-up",
		"an opening whose wake-up is lost",
		"an override is sent during its freeze",
		"windows are edited while a change waits for one",
		"a change expires before its window opens",
		// Ends.
		"a change fails with the API's answer",
		"a change that failed is cancelled",
		"expired while the gateway is updating",
		"ReadBackMismatch",
		"unchanged",
		"a dry run",
		// Objects and deliveries.
		"a record beside a foreign object",
		"an entry that cannot be read",
		"a vote that cannot be read",
		"a lane that cannot be read",
		"a stale listing hides an entry",
		"a stale listing hides a generation",
		"one delivery in two instances",
		"an outcome that cannot be delivered",
	}
}

// reach notes that the run has reached a state.
func (h *harness) reach(state string) {
	h.noting.Lock()
	defer h.noting.Unlock()
	if h.reached == nil {
		h.reached = map[string]bool{}
	}
	h.reached[state] = true
}

// reachIf notes a state under a condition.
func (h *harness) reachIf(ok bool, state string) {
	if ok {
		h.reach(state)
	}
}

// laneView is what is remembered of a lane's newest generation.
type laneView struct {
	generation

	at       time.Time       // when it was written
	since    time.Time       // when its owner acquired the lease that it renewed since; zero: it has not renewed it
	deciders map[string]bool // workers that held the lane with its decision
}

// lasts is until when a generation's lease lasts.
func (v laneView) lasts() time.Time {
	if v.Kind != "held" {
		return time.Time{}
	}
	return v.at.Add(time.Duration(v.TTL)*time.Millisecond + lane.Slack)
}

// mayModify checks that a worker that sends a modification holds the lease, and has had an
// answer to every generation that it wrote. It is checked when the request is sent: how
// late it takes effect is up to the network.
func (h *harness) mayModify(t change.Target, by *instance) {
	v, owner := h.lanes[t], fmt.Sprintf("r-%d-%d", by.id, by.invocation)
	if by.unsure[t] {
		h.violated("%s sends a modification of %s, and does not know whether it has renewed the lease", owner, t)
	}
	if !by.dead && (v.Owner != owner || time.Now().After(v.lasts())) {
		h.violated("%s sends a modification of %s without the lease, which %s holds until %v", owner, t, v.Owner, v.lasts().Sub(h.start))
	}
}

// works reports whether an invocation has not ended, and none of its requests had a
// fault: it has no reason to lose a lease.
func (h *harness) works(owner string) bool {
	return slices.ContainsFunc(h.platform.instances, func(in *instance) bool {
		return !in.dead && in.busy && !in.unlucky && owner == fmt.Sprintf("r-%d-%d", in.id, in.invocation)
	})
}

// laneOf is the lane of a generation's key.
func laneOf(key string) (t change.Target, ok bool) {
	name, ok := cutLast(strings.TrimPrefix(key, "lanes/"), "/")
	if ok && strings.HasPrefix(key, "lanes/") {
		return change.ParseTarget(name)
	}
	return t, false
}

// renews reports whether a generation that is about to be written renews a lease.
func (h *harness) renews(key string, data []byte) bool {
	t, ok := laneOf(key)
	if !ok {
		return false
	}
	p, g := h.lanes[t], decode[generation](data)
	return p.Kind == "held" && g.Kind == "held" && p.Owner == g.Owner
}

// laneWritten compares a generation with the one before it.
func (h *harness) laneWritten(t change.Target, g generation) {
	if h.lanes == nil {
		h.lanes = map[change.Target]laneView{}
	}
	p := h.lanes[t]
	next := laneView{generation: g, at: time.Now()}
	gate := h.api.gateways[t]
	if gate == nil {
		return
	}
	h.hours.laneWritten(t, p, g)
	had, has := p.State.Intent, g.State.Intent
	if p.Kind == "held" && p.Owner != g.Owner {
		h.takenOver(gate, p)
		if h.works(p.Owner) {
			h.violated("%s takes over %s from %s, which is at work", g.Owner, t, p.Owner)
		}
		h.reachIf(!p.since.IsZero(), "a takeover of a lease that was renewed")
	}
	if p.Kind == "held" && g.Kind == "held" && p.Owner == g.Owner {
		h.reach("a lease is renewed")
		if next.since = p.since; next.since.IsZero() {
			next.since = p.at
		}
		h.reachIf(next.at.Sub(next.since) > reconcile.DefaultPolicy().Lease+lane.Slack, "a worker holds its lease for longer than it lasts")
	}
	if has != nil && (had == nil || had.Token != has.Token) {
		h.authors[has.Token] = g.Owner
		n := len(h.seen.intents[has.Token].ids)
		h.reachIf(n > 1, "a merge")
		h.reachIf(n > 3, "a merge of four")
	}
	if g.State.Wait.Cause == "clients" {
		h.heldUp(t)
	}
	h.reachIf(has != nil && has.Withdrawn, "an intent is withdrawn")
	h.reachIf(len(g.State.Apart) > 0 && len(p.State.Apart) == 0, "a merge goes apart after a refusal")
	if len(g.State.Decided) > 0 {
		next.deciders = map[string]bool{g.Owner: true}
		if string(g.State.Decided) == string(p.State.Decided) {
			maps.Copy(next.deciders, p.deciders)
		}
		h.reachIf(len(next.deciders) > 2, "a decision completed by a third worker")
	}
	h.lanes[t] = next
}

// takenOver describes the generation whose lease expired.
func (h *harness) takenOver(gate *gateway, p laneView) {
	h.reach("a takeover")
	h.reachIf(len(p.State.Decided) > 0, "a takeover of a decision")
	h.reachIf(p.State.Armed != nil, "a takeover while a change is to be confirmed")
	h.reachIf(len(p.State.Apart) > 0, "a takeover of changes that are tried apart")
	in := p.State.Intent
	if in == nil {
		return
	}
	h.reach("a takeover of an intent")
	h.reachIf(!h.sent[in.Token], "a takeover of an intent that was never sent")
	h.reachIf(gate.tokens[in.Token], "a takeover after the modification took effect")
	h.reachIf(h.unknown[in.Token], "a takeover after an unknown outcome")
	h.reachIf(gate.updating(), "a takeover while the gateway is updating")
	h.reachIf(h.onItsWay[in.Token] > 0, "a takeover while the modification is on its way")
}

// modified notes a modification when the API gets it.
func (h *harness) modified(g *gateway, token string, by *instance) {
	h.reachIf(g.tokens[token], "a modification under its token again")
	if g.tokens[token] {
		return
	}
	h.reachIf(time.Now().Before(g.until), "a modification is refused while the gateway is updating")
	if time.Now().Before(g.until) {
		return
	}
	h.reachIf(h.onItsWay[token] > 0, "a modification takes effect late")
	h.reachIf(by.dead, "a modification takes effect after its worker died")
	h.reachIf(h.lanes[g.target].Owner != h.authors[token], "a modification takes effect after a takeover")
	for _, id := range h.seen.intents[token].ids {
		h.reachIf(h.seen.entries[id].approvals > 0, "an approved change takes effect")
	}
}

// unanswered notes a modification whose worker never gets to know its outcome.
func (h *harness) unanswered(token string) {
	h.unknown[token] = true
	h.doubted()
	h.hours.doubted()
	h.reach("an outcome is unknown")
	h.reachIf(len(h.seen.intents[token].ids) > 1, "a merge of unknown outcome")
}

// votedOn notes a vote when it is stored.
func (h *harness) votedOn(id string, v change.Vote) {
	e := h.seen.entries[id]
	gate := h.api.gateways[e.target]
	if gate == nil {
		return
	}
	approval := v.Kind == change.Approval
	h.reachIf(approval && gate.updating(), "an approval while the gateway is updating")
	h.reachIf(approval && h.said(id, change.Rejection) || v.Kind == change.Rejection && h.said(id, change.Approval), "a change that was approved and rejected")
	if in := h.lanes[e.target].State.Intent; in != nil && v.Kind == change.Cancel {
		h.reachIf(slices.Contains(h.seen.intents[in.Token].ids, id), "a cancel while the change is being applied")
	}
}

// recordedAs notes a record when it is written.
func (h *harness) recordedAs(key string, rec recorded) {
	e := h.seen.entries[rec.ID]
	gate := h.api.gateways[e.target]
	if gate == nil {
		return
	}
	newest := h.lanes[e.target]
	h.reachIf(strings.HasSuffix(key, ".2.json"), "a record beside a foreign object")
	author := h.authors[rec.ClientToken]
	h.reachIf(author != "" && newest.Owner != author, "a record by another worker than the intent's")
	expired := rec.Status == change.Expired
	h.reachIf(expired && gate.updating(), "expired while the gateway is updating")
	h.reachIf(expired && e.approvals > 0, "a change that expires while it waits for approval")
	h.reachIf(rec.Status == change.Unchanged, "unchanged")
	h.reachIf(rec.Status == change.Planned, "a dry run")
	if rec.Status == change.Superseded && rec.ClientToken != "" {
		h.reachIf(len(h.seen.intents[rec.ClientToken].ids) > 1, "superseded in a merge")
	}
	if rec.Error != nil {
		h.reachIf(rec.Error.Code == "ReadBackMismatch", "ReadBackMismatch")
		h.reachIf(rec.Error.Code == "entry-unreadable", "an entry that cannot be read")
		h.reachIf(rec.Error.Code == "permission-withdrawn" && h.said(rec.ID, change.Approval), "permission withdrawn after approval")
	}
	for _, v := range h.seen.votes[rec.ID] {
		if v.Kind == change.Approval && !h.wasShown(gate, rec.ID, v.Digest) {
			h.reach("an approval of another plan")
			h.reachIf(slices.ContainsFunc(gate.history, func(m moment) bool { return m.at.After(v.at) && m.until.After(m.at.Add(time.Second)) }),
				"an approval that lapses while the gateway is updating")
		}
	}
}

// lostRace notes a create-only write that found an object.
func (h *harness) lostRace(key string, in *instance) {
	if !strings.HasPrefix(key, "lanes/") {
		return
	}
	h.reach("two workers write one generation")
	h.reachIf(in.wasFrozen, "a thawed worker finds its lane taken")
}

// handled notes that an instance handles a delivery.
func (h *harness) handled(name string, begins bool) {
	if h.handling == nil {
		h.handling = map[string]int{}
	}
	if !begins {
		h.handling[name]--
		return
	}
	h.handling[name]++
	h.reachIf(h.handling[name] > 1, "one delivery in two instances")
}

// fewest is how often a run of manySeeds must have reached each rare state.
const (
	manySeeds = 12_000
	fewest    = 6
)

// reportReached logs in how many runs each state was reached, the rarest first, and
// fails if a long run has reached one too seldom.
func reportReached(t *testing.T, count int, reached map[string]int) {
	t.Helper()
	states := rareStates()
	slices.SortStableFunc(states, func(a, b string) int { return reached[a] - reached[b] })
	for _, s := range states {
		t.Logf("%6d runs: %s", reached[s], s)
		if count >= manySeeds && reached[s] < fewest {
			t.Errorf("%q was reached in %d of %d runs, want %d", s, reached[s], count, fewest)
		}
	}
	for s := range reached {
		if !slices.Contains(states, s) {
			t.Errorf("%q is no known state", s)
		}
	}
}
