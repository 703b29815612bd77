package sim_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// seen is what the checks collect during a run.
type seen struct {
	entries map[string]entry    // every change that was ever queued
	intents map[string]intended // by ClientToken
	records map[string]recorded // by change id
	decided map[string][]string // by change id: the versions that decided it

	votes   map[string][]cast        // by change id, in the order in which they were stored
	notices map[string]record.Notice // by change id
	sources map[string]string        // the change that a chat message asked for, by message

	unreadable int // changes that ended because their entry could not be read
}

type entry struct {
	at        time.Time
	due       time.Time
	expires   time.Time
	target    change.Target
	patch     change.Patch
	expect    change.Patch
	approvals int
	asker     string // the human
	dryRun    bool
	idle      int
	identity  string
	byProof   bool          // and is undone early if its proof fails
	confirm   time.Duration // it is undone unless somebody confirms it in this time
	undoes    string        // the change that it undoes
	override  string        // the freeze that it overrides
}

type intended struct {
	at  time.Time
	ids []string // changes that the modification contains
}

type recorded struct {
	at time.Time
	record.Record
}

// generation is the part of a lane's generation that the checks read.
type generation struct {
	Kind  string `json:"kind"`
	Owner string `json:"owner"`
	TTL   int64  `json:"ttlMs"`
	State struct {
		Decided json.RawMessage `json:"decided"`
		Apart   []string        `json:"apart"`
		Armed   *struct {
			ID string `json:"id"`
			Of string `json:"of"`
		} `json:"armed"`
		Wait   waiting `json:"wait"`
		Intent *struct {
			Token     string `json:"token"`
			Withdrawn bool   `json:"withdrawn"`
			Outcomes  []struct {
				ID     string        `json:"id"`
				Status change.Status `json:"status"`
			} `json:"outcomes"`
		} `json:"intent"`
	} `json:"state"`
}

// waiting is what a lane waits for.
type waiting struct {
	Cause    string    `json:"cause"`
	Why      string    `json:"why"`
	Settings []string  `json:"settings"`
	Windows  []string  `json:"windows"`
	Freeze   string    `json:"freeze"`
	Opens    time.Time `json:"opens"`
}

func (w waiting) same(other waiting) bool {
	return w.Cause == other.Cause && w.Why == other.Why && w.Freeze == other.Freeze && w.Opens.Equal(other.Opens) &&
		slices.Equal(w.Settings, other.Settings) && slices.Equal(w.Windows, other.Windows)
}

func decode[T any](data []byte) T {
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		panic(err)
	}
	return v
}

// written observes every object that is written.
func (h *harness) written(key string, data []byte) {
	if h.seen.entries == nil {
		h.seen = seen{
			entries: map[string]entry{}, intents: map[string]intended{}, records: map[string]recorded{}, decided: map[string][]string{},
			votes: map[string][]cast{}, notices: map[string]record.Notice{}, sources: map[string]string{},
		}
	}
	switch {
	case strings.HasPrefix(key, "queue/") && isVote(key):
		h.voted(data)
	case strings.HasPrefix(key, "queue/"):
		e := decode[struct {
			ID       string       `json:"id"`
			Identity string       `json:"identity"`
			RegionID string       `json:"regionId"`
			ServerID string       `json:"sslVpnServerId"`
			Patch    change.Patch `json:"patch"`
			Expect   change.Patch `json:"expect"`
			DueAt    time.Time    `json:"dueAt"`

			ExpiresAt time.Time     `json:"expiresAt"`
			Approvals int           `json:"approvals"`
			DryRun    bool          `json:"dryRun"`
			Idle      int           `json:"idle"`
			Origin    change.Origin `json:"origin"`
			Confirm   struct {
				Seconds int  `json:"seconds"`
				Proof   bool `json:"proof"`
			} `json:"confirm"`
			Undoes struct {
				Of string `json:"of"`
			} `json:"undoes"`
			Override string `json:"override"`
		}](data)
		if before, again := h.seen.entries[e.ID]; again && before.identity != e.Identity {
			h.violated("%s and %s share the id %s", before.identity, e.Identity, e.ID)
		} else if !again {
			h.seen.entries[e.ID] = entry{
				at: time.Now(), due: e.DueAt, expires: e.ExpiresAt, target: change.Target{RegionID: e.RegionID, ServerID: e.ServerID}, patch: e.Patch,
				approvals: e.Approvals, asker: humanOf(e.Origin.Actor), dryRun: e.DryRun, idle: e.Idle, identity: e.Identity,
				confirm: time.Duration(e.Confirm.Seconds) * time.Second, byProof: e.Confirm.Proof, undoes: e.Undoes.Of,
				override: e.Override, expect: e.Expect,
			}
			if e.Undoes.Of == "" {
				h.askedByChat(e.ID, e.Origin)
			}
			h.hours.accepted(e.ID)
			h.foreign.plant(e.ID)
			h.queued(e.ID)
		}
	case strings.HasPrefix(key, "lanes/"):
		g := decode[generation](data)
		if in := g.State.Intent; in != nil {
			if _, known := h.seen.intents[in.Token]; !known {
				it := intended{at: time.Now()}
				for _, o := range in.Outcomes {
					if o.Status == change.Applied || o.Status == change.Superseded {
						it.ids = append(it.ids, o.ID)
					}
				}
				h.seen.intents[in.Token] = it
			}
		}
		h.seen.decides(g.State.Decided)
		if name, ok := cutLast(strings.TrimPrefix(key, "lanes/"), "/"); ok {
			if t, ok := change.ParseTarget(name); ok {
				h.laneWritten(t, g)
			}
		}
	case strings.HasSuffix(key, ".notice.json"):
		n := decode[record.Notice](data)
		h.seen.notices[n.ID] = n
		for _, d := range n.Deliveries {
			h.reachIf(!d.Delivered, "an outcome that cannot be delivered")
		}
	case strings.HasPrefix(key, "approvals/open/"):
		h.chat.rooms.requested(key)
	case strings.HasSuffix(key, ".approval.json"):
		h.chat.rooms.recorded(data)
	case strings.HasSuffix(key, ".proof.json"):
		h.proofs.written(data)
	case strings.HasPrefix(key, "results/"):
		rec := decode[record.Record](data)
		h.seen.records[rec.ID] = recorded{at: time.Now(), Record: rec}
		h.recordedAs(key, h.seen.records[rec.ID])
		h.note("record of %s: %s", rec.ID, rec.Status)
	case strings.HasPrefix(key, "changes/"):
		h.uploads[key] = time.Now()
	case strings.HasPrefix(key, "receipts/"):
		file := decode[record.Receipt](data).File
		h.waited[file] = time.Since(h.uploads[file])
	case strings.HasPrefix(key, "wake/"), strings.HasPrefix(key, "outbox/answers/"):
		h.platform.emit("wake "+key, objectEvent(key, ""))
	}
}

// removed observes every object that is deleted: a queue entry may be deleted
// only after the change's record is written.
func (h *harness) removed(key string) {
	if !strings.HasPrefix(key, "queue/") || isVote(key) {
		return
	}
	id := idOf(key)
	if _, ok := h.seen.records[id]; !ok {
		h.violated("the queue entry of %s was deleted before its record was written", id)
	}
}

// newest returns the newest generation of a lane.
func (h *harness) newest(t change.Target) generation {
	prefix := "lanes/" + t.String() + "/"
	i, _ := slices.BinarySearch(h.store.keys, prefix)
	if i == len(h.store.keys) || !strings.HasPrefix(h.store.keys[i], prefix) {
		return generation{}
	}
	return decode[generation](h.store.objects[h.store.keys[i]].data)
}

// cutLast is what is before the last separator in a text.
func cutLast(s, sep string) (before string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, false
	}
	return s[:i], true
}

// effect checks a modification that is about to be accepted: it must be the
// lane's stored intent.
func (h *harness) effect(g *gateway, token string) {
	newest := h.newest(g.target)
	if in := newest.State.Intent; in == nil || in.Token != token {
		h.violated("a modification of %s under token %s is accepted, which is not the lane's intent", g.target, token)
	}
	for _, id := range h.seen.intents[token].ids {
		for _, m := range g.history {
			if m.token != "" && m.token != token && slices.Contains(h.seen.intents[m.token].ids, id) {
				h.violated("%s takes effect a second time, under another token", id)
			}
		}
		if rec, ok := h.seen.records[id]; ok {
			h.violated("%s takes effect after its record said %s", id, rec.Status)
		}
		h.permitted(g, id, h.seen.intents[token])
	}
	h.armedIn(g, h.seen.intents[token])
}

// overlap checks a modification when it is sent: no other worker that is not
// frozen may have one of the same gateway in flight.
func (h *harness) overlap(o *op) {
	for _, other := range o.gate.inFlight {
		a, b := o.inst, other.inst
		if a != b && !a.dead && !b.dead && !a.wasFrozen && !b.wasFrozen {
			h.violated("%s and %s have modifications of %s in flight at the same time", a, b, o.gate.target)
		}
	}
	o.gate.inFlight = append(o.gate.inFlight, o)
}

// filesTaken reports whether every change file has its receipt.
func (h *harness) filesTaken() bool {
	for _, key := range h.store.keys {
		if strings.HasPrefix(key, "changes/") {
			o := h.store.objects[key]
			if h.store.objects[objects.ReceiptKey(key, o.etag, o.modified)] == nil {
				return false
			}
		}
	}
	return true
}

// check compares a finished run with the promises.
func (h *harness) check() {
	if !h.filesTaken() {
		h.violated("a change file has no receipt")
	}
	for key, o := range h.store.objects {
		if strings.HasPrefix(key, "receipts/") {
			for _, c := range decode[record.Receipt](o.data).Changes {
				h.mustEnd(c.ID, "a receipt")
			}
		}
		if strings.HasPrefix(key, "queue/") {
			h.violated("%s is still queued", key)
		}
	}
	for id, ids := range h.platform.answered {
		for _, c := range ids {
			h.mustEnd(c, "the answer to "+id)
		}
	}
	for id := range h.platform.docs {
		if !h.platform.posts[id] {
			h.violated("%s was never answered", id)
		}
	}
	for id := range h.seen.entries {
		h.mustEnd(id, "a queue entry")
	}
	for _, id := range slices.Sorted(maps.Keys(h.seen.records)) {
		h.checkRecord(h.seen.records[id])
	}
	for _, g := range h.api.order {
		h.checkOrder(g)
	}
	if h.chat != nil {
		h.checkChat()
	}
	h.proofs.check()
	h.checkIndex()
	h.alarm.check()
}

func (h *harness) mustEnd(id, who string) {
	if _, ok := h.seen.records[id]; !ok {
		h.violated("%s names %s, which never ended", who, id)
	}
}

// decides notes who decided how changes ended.
func (s *seen) decides(decision json.RawMessage) {
	if len(decision) == 0 {
		return
	}
	d := decode[struct {
		Version string                `json:"version"`
		Items   []struct{ ID string } `json:"items"`
	}](decision)
	for _, it := range d.Items {
		s.decided[it.ID] = append(s.decided[it.ID], d.Version)
	}
}

// checkRecord compares a record with what happened.
func (h *harness) checkRecord(rec recorded) {
	e, ok := h.seen.entries[rec.ID]
	if rec.Version == "" || ok && !slices.Contains(h.seen.decided[rec.ID], rec.Version) {
		h.violated("the record of %s says that version %q decided it, which %q did", rec.ID, rec.Version, h.seen.decided[rec.ID])
	}
	if !ok {
		if rec.Status != change.Rejected || rec.Origin.Kind != change.FromTimer {
			h.violated("%s has a record and was never queued", rec.ID)
		}
		return
	}
	if rec.Identity != e.identity && (rec.Identity != "" || !h.damage.entryOf(rec.ID)) {
		h.violated("the record of %s has the identity %s, not %s", rec.ID, rec.Identity, e.identity)
	}
	g := h.api.gateways[e.target]
	var taken *moment
	for i, m := range g.history {
		if m.token != "" && slices.Contains(h.seen.intents[m.token].ids, rec.ID) {
			taken = &g.history[i]
		}
	}
	h.checkConfirmed(rec, e, taken)
	h.hours.checkExpired(rec, e)
	switch rec.Status {
	case change.Applied, change.Superseded:
		h.checkApplied(g, rec, e, taken)
	case change.Failed:
		if rec.Error.Code == "entry-unreadable" {
			h.seen.unreadable++
			if !h.damage.entryOf(rec.ID) {
				h.violated("the entry of %s is called unreadable, but was not damaged", rec.ID)
			}
		}
		h.checkFailed(rec, e)
		if taken != nil && (!g.foreign || rec.Error.Message != failedText) && rec.Error.Code != "ReadBackMismatch" && rec.Error.Code != "OutcomeUnknown" && rec.Error.Code != "GatewayStuck" {
			h.violated("%s failed with %s, but took effect", rec.ID, rec.Error.Code)
		}
		switch rec.Error.Class {
		case "busy", "throttled", "unavailable", "held", "credentials":
			h.violated("%s failed with %s, which is a reason to wait", rec.ID, rec.Error.Code)
		}
		if port, _ := e.patch[change.Port].Number(); rec.Error.Code == "IllegalParam.Port" && port != refusedPort {
			h.violated("%s failed because of another change's setting", rec.ID)
		}
		if rec.Error.Code == "ReadBackMismatch" && !g.foreign {
			h.violated("%s failed the read-back, and nobody else modified the gateway", rec.ID)
		}
	case change.Unchanged, change.Planned, change.Rejected, change.Expired:
		if taken != nil {
			h.violated("%s is %s, but took effect", rec.ID, rec.Status)
		}
		if rec.Status == change.Unchanged && e.undoes == "" && !h.was(g, func(s change.Settings) bool { return len(change.Diff(s, e.patch)) == 0 }) {
			h.violated("%s is unchanged, but the server never had these settings", rec.ID)
		}
	case change.Cancelled:
		h.reachIf(h.failing.answered(e.target, rec.ID), "a change that failed is cancelled")
		if taken != nil && !g.foreign || !h.said(rec.ID, change.Cancel) {
			h.violated("%s is cancelled; it took effect: %v; somebody cancelled it: %v", rec.ID, taken != nil, h.said(rec.ID, change.Cancel))
		}
	case change.Queued, change.Waiting, change.Applying:
		h.violated("%s has a record with the status %s", rec.ID, rec.Status)
	}
	// If nothing delays it, a change ends within the sweep's period plus a margin,
	// even if wake events are late.
	if ready := h.couldEnd(rec, e); h.cfg.calm && h.api.idle && h.cfg.latency == 0 && rec.at.Sub(ready) > 75*time.Second {
		h.violated("%s waited %v without a reason", rec.ID, rec.at.Sub(ready))
	}
	if rec.Before != nil && !h.was(g, func(s change.Settings) bool { return maps.Equal(s, rec.Before) }) {
		h.violated("the record of %s says that the server was %v before, which it never was", rec.ID, rec.Before)
	}
	if rec.After != nil && rec.Verified && !h.was(g, func(s change.Settings) bool { return maps.Equal(s, rec.After) }) {
		h.violated("the record of %s says that the server was %v after, which it never was", rec.ID, rec.After)
	}
}

// was reports whether the server's settings ever met a condition.
func (h *harness) was(g *gateway, so func(change.Settings) bool) bool {
	if len(g.history) == 0 {
		return so(g.settings)
	}
	return slices.ContainsFunc(g.history, func(m moment) bool { return so(m.before) || so(m.after) })
}

func (h *harness) checkApplied(g *gateway, rec recorded, e entry, taken *moment) {
	// A change may be superseded by one that restores the server's settings.
	if taken == nil {
		if rec.Status == change.Applied || rec.ClientToken != "" {
			h.violated("%s is %s, but took no effect", rec.ID, rec.Status)
		}
		return
	}
	if rec.Verified && rec.at.Before(taken.until) {
		h.violated("%s is verified, but the gateway was updating until %v later", rec.ID, taken.until.Sub(rec.at))
	}
	if taken.token != rec.ClientToken {
		h.violated("the record of %s has token %s, but it was accepted under %s", rec.ID, rec.ClientToken, taken.token)
	}
	for f, v := range e.patch {
		if e.undoes != "" {
			continue // it leaves what somebody else changed since
		}
		if _, again := rec.SupersededBy[f]; !again && !change.Equal(f, taken.after[f], v) {
			h.violated("%s is applied, but %s was %v, not %v", rec.ID, f, taken.after[f], v)
		}
	}
	for _, d := range rec.Changed {
		if !change.Equal(d.Field, taken.after[d.Field], d.To) || (!g.foreign && !change.Equal(d.Field, taken.before[d.Field], d.From)) {
			h.violated("the record of %s has %v, but it was %v to %v", rec.ID, d, taken.before[d.Field], taken.after[d.Field])
		}
	}
	for f, by := range rec.SupersededBy {
		other, ok := h.seen.records[by]
		if !ok || other.Status == change.Failed || h.seen.entries[by].patch[f].IsZero() {
			h.violated("the record of %s says that %s is superseded by %s, which does not set it", rec.ID, f, by)
		}
	}
}

// checkOrder checks the order of effects: of two changes that set the same
// setting and were both queued in time, the one that is due later is applied
// later.
func (h *harness) checkOrder(g *gateway) {
	for i, m := range g.history {
		for _, n := range g.history[i+1:] {
			if m.token == "" || n.token == "" {
				continue
			}
			for _, a := range h.seen.intents[m.token].ids {
				for _, b := range h.seen.intents[n.token].ids {
					x, y := h.seen.entries[a], h.seen.entries[b]
					if y.approvals == 0 && x.undoes == "" && x.due.After(y.due) && y.at.Before(h.seen.intents[m.token].at.Add(-time.Minute)) && y.due.Before(h.seen.intents[m.token].at.Add(-10*time.Minute)) && overlaps(x.patch, y.patch) && !h.hidden() {
						h.violated("%s was due before %s and was applied after it", b, a)
					}
				}
			}
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func overlaps(a, b change.Patch) bool {
	for f := range a {
		if _, ok := b[f]; ok {
			return true
		}
	}
	return false
}

// hidden reports whether stale listings of this run may have hidden changes.
func (h *harness) hidden() bool { return h.platform.weather.weights[stale] > 0 }
