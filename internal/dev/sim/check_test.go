package sim_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/record"
)

// seen is what the checks remember of a run.
type seen struct {
	entries map[string]entry    // every change that was ever in line
	intents map[string]intended // by ClientToken
	records map[string]recorded // by change id

	votes   map[string][]cast        // by change id, in the order in which they were stored
	notices map[string]record.Notice // by change id
	sources map[string]string        // of changes that came by chat: the change, by message
}

type entry struct {
	at        time.Time
	due       time.Time
	expires   time.Time
	target    change.Target
	patch     change.Patch
	approvals int
	asker     string
}

type intended struct {
	at  time.Time
	ids []string // changes that the modification carries
}

type recorded struct {
	at time.Time
	record.Record
}

// generation is as much of a lane's generation as the checks look at.
type generation struct {
	Kind  string `json:"kind"`
	Owner string `json:"owner"`
	State struct {
		Intent *struct {
			Token    string `json:"token"`
			Outcomes []struct {
				ID     string        `json:"id"`
				Status change.Status `json:"status"`
			} `json:"outcomes"`
		} `json:"intent"`
	} `json:"state"`
}

func decode[T any](data []byte) T {
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		panic(err)
	}
	return v
}

// written hears of every object that is written.
func (w *world) written(key string, data []byte) {
	if w.seen.entries == nil {
		w.seen = seen{
			entries: map[string]entry{}, intents: map[string]intended{}, records: map[string]recorded{},
			votes: map[string][]cast{}, notices: map[string]record.Notice{}, sources: map[string]string{},
		}
	}
	switch {
	case strings.HasPrefix(key, "queue/") && isVote(key):
		w.voted(data)
	case strings.HasPrefix(key, "queue/"):
		e := decode[struct {
			ID       string       `json:"id"`
			RegionID string       `json:"regionId"`
			ServerID string       `json:"sslVpnServerId"`
			Patch    change.Patch `json:"patch"`
			DueAt    time.Time    `json:"dueAt"`

			ExpiresAt time.Time     `json:"expiresAt"`
			Approvals int           `json:"approvals"`
			Origin    change.Origin `json:"origin"`
		}](data)
		if _, again := w.seen.entries[e.ID]; !again {
			w.seen.entries[e.ID] = entry{
				at: time.Now(), due: e.DueAt, expires: e.ExpiresAt, target: change.Target{RegionID: e.RegionID, ServerID: e.ServerID}, patch: e.Patch,
				approvals: e.Approvals, asker: e.Origin.Person,
			}
			w.askedByChat(e.ID, e.Origin)
		}
	case strings.HasPrefix(key, "lanes/"):
		g := decode[generation](data)
		if in := g.State.Intent; in != nil {
			if _, known := w.seen.intents[in.Token]; !known {
				it := intended{at: time.Now()}
				for _, o := range in.Outcomes {
					if o.Status == change.Applied || o.Status == change.Superseded {
						it.ids = append(it.ids, o.ID)
					}
				}
				w.seen.intents[in.Token] = it
			}
		}
	case strings.HasSuffix(key, ".notice.json"):
		n := decode[record.Notice](data)
		w.seen.notices[n.ID] = n
	case strings.HasPrefix(key, "results/"):
		rec := decode[record.Record](data)
		w.seen.records[rec.ID] = recorded{at: time.Now(), Record: rec}
		w.note("record of %s: %s", rec.ID, rec.Status)
	case strings.HasPrefix(key, "changes/"):
		w.uploads[key] = time.Now()
	case strings.HasPrefix(key, "receipts/"):
		file := decode[record.Receipt](data).File
		w.waited[file] = time.Since(w.uploads[file])
	case strings.HasPrefix(key, "wake/"), strings.HasPrefix(key, "outbox/answers/"):
		w.platform.emit("bell "+key, objectEvent(key, ""))
	}
}

// removed hears of every object that is deleted: a change leaves the line only
// after its record is written.
func (w *world) removed(key string) {
	if !strings.HasPrefix(key, "queue/") || isVote(key) {
		return
	}
	id := idOf(key)
	if _, ok := w.seen.records[id]; !ok {
		w.violated("%s left the line without a record", id)
	}
}

// newest is the newest generation of a lane.
func (w *world) newest(t change.Target) (generation, *object) {
	prefix := "lanes/" + t.String() + "/"
	i, _ := slices.BinarySearch(w.store.keys, prefix)
	if i == len(w.store.keys) || !strings.HasPrefix(w.store.keys[i], prefix) {
		return generation{}, nil
	}
	o := w.store.objects[w.store.keys[i]]
	return decode[generation](o.data), o
}

// effect checks a modification that is about to be taken: it must be the one
// that the lane has written down as its intent.
func (w *world) effect(g *gateway, token string) {
	newest, _ := w.newest(g.target)
	if in := newest.State.Intent; in == nil || in.Token != token {
		w.violated("a modification of %s under token %s is taken, which is not the lane's intent", g.target, token)
	}
	for _, id := range w.seen.intents[token].ids {
		for _, m := range g.history {
			if m.token != "" && m.token != token && slices.Contains(w.seen.intents[m.token].ids, id) {
				w.violated("the effect of %s is sent again, under another token", id)
			}
		}
		if rec, ok := w.seen.records[id]; ok {
			w.violated("%s takes effect after its record said %s", id, rec.Status)
		}
		w.permitted(g, id, w.seen.intents[token])
	}
}

// overlap checks a modification that sets out: no other worker that is awake
// has one on its way to the same gateway.
func (w *world) overlap(o *op) {
	for _, other := range o.gate.flying {
		a, b := o.inst, other.inst
		if a != b && !a.dead && !b.dead && !a.wasFrozen && !b.wasFrozen {
			w.violated("%s and %s have modifications of %s on their way at once", a, b, o.gate.target)
		}
	}
	o.gate.flying = append(o.gate.flying, o)
}

// filesTaken tells whether every change file has its receipt.
func (w *world) filesTaken() bool {
	for _, key := range w.store.keys {
		if strings.HasPrefix(key, "changes/") {
			o := w.store.objects[key]
			if w.store.objects[record.ReceiptKey(key, o.etag, o.modified)] == nil {
				return false
			}
		}
	}
	return true
}

// check holds a finished run to the promises.
func (w *world) check() {
	if !w.filesTaken() {
		w.violated("a change file has no receipt")
	}
	for key, o := range w.store.objects {
		if strings.HasPrefix(key, "receipts/") {
			for _, c := range decode[record.Receipt](o.data).Changes {
				w.mustEnd(c.ID, "a receipt")
			}
		}
		if strings.HasPrefix(key, "queue/") {
			w.violated("%s is still in line", key)
		}
	}
	for id, ids := range w.platform.answered {
		for _, c := range ids {
			w.mustEnd(c, "the answer to "+id)
		}
	}
	for id := range w.platform.docs {
		if !w.platform.posts[id] {
			w.violated("%s was never answered", id)
		}
	}
	for id := range w.seen.entries {
		w.mustEnd(id, "an entry in line")
	}
	for _, id := range slices.Sorted(maps.Keys(w.seen.records)) {
		w.checkRecord(w.seen.records[id])
	}
	for _, g := range w.api.order {
		w.checkOrder(g)
	}
	if w.chat != nil {
		w.checkChat()
	}
}

func (w *world) mustEnd(id, who string) {
	if _, ok := w.seen.records[id]; !ok {
		w.violated("%s names %s, which never ended", who, id)
	}
}

// checkRecord holds a record to what really happened.
func (w *world) checkRecord(rec recorded) {
	e, ok := w.seen.entries[rec.ID]
	if !ok {
		if rec.Status != change.Rejected || rec.Origin.Kind != change.FromTimer {
			w.violated("%s has a record and was never in line", rec.ID)
		}
		return
	}
	g := w.api.gateways[e.target]
	var taken *moment
	for i, m := range g.history {
		if m.token != "" && slices.Contains(w.seen.intents[m.token].ids, rec.ID) {
			taken = &g.history[i]
		}
	}
	switch rec.Status {
	case change.Applied, change.Superseded:
		w.checkApplied(g, rec, e, taken)
	case change.Failed:
		if taken != nil && rec.Error.Code != "ReadBackMismatch" && rec.Error.Code != "OutcomeUnknown" && rec.Error.Code != "GatewayStuck" {
			w.violated("%s failed with %s, and took effect", rec.ID, rec.Error.Code)
		}
		switch rec.Error.Class {
		case "busy", "throttled", "unavailable", "held", "credentials":
			w.violated("%s failed for something to wait for: %s", rec.ID, rec.Error.Code)
		}
		if port, _ := e.patch[change.Port].Number(); rec.Error.Code == "IllegalParam.Port" && port != refusedPort {
			w.violated("%s failed for what another change asked", rec.ID)
		}
		if rec.Error.Code == "ReadBackMismatch" && !g.foreign {
			w.violated("%s does not show, and nobody else used the gateway", rec.ID)
		}
	case change.Unchanged, change.Planned, change.Rejected, change.Expired:
		if taken != nil {
			w.violated("%s is %s, and took effect", rec.ID, rec.Status)
		}
		if rec.Status == change.Unchanged && !w.was(g, func(s change.Settings) bool { return len(change.Diff(s, e.patch)) == 0 }) {
			w.violated("%s is unchanged, and the server never was so", rec.ID)
		}
	case change.Cancelled:
		if taken != nil || !w.said(rec.ID, change.Cancel) {
			w.violated("%s is cancelled, took effect: %v, and somebody said so: %v", rec.ID, taken != nil, w.said(rec.ID, change.Cancel))
		}
	case change.Queued, change.Waiting, change.Applying:
		w.violated("%s has a record that says %s", rec.ID, rec.Status)
	}
	// With nothing in the way, a change ends within the sweep's period and a
	// margin, even though every wake event may come late.
	if ready := w.couldEnd(rec, e); w.cfg.calm && w.api.idle && w.cfg.latency == 0 && rec.at.Sub(ready) > 75*time.Second {
		w.violated("%s waited %v for nothing", rec.ID, rec.at.Sub(ready))
	}
	if rec.Before != nil && !w.was(g, func(s change.Settings) bool { return maps.Equal(s, rec.Before) }) {
		w.violated("%s says that the server was %v before, and it never was", rec.ID, rec.Before)
	}
	if rec.After != nil && rec.Verified && !w.was(g, func(s change.Settings) bool { return maps.Equal(s, rec.After) }) {
		w.violated("%s says that the server was %v after, and it never was", rec.ID, rec.After)
	}
}

// was tells whether the server's settings ever were as said.
func (w *world) was(g *gateway, so func(change.Settings) bool) bool {
	if len(g.history) == 0 {
		return so(g.settings)
	}
	return slices.ContainsFunc(g.history, func(m moment) bool { return so(m.before) || so(m.after) })
}

func (w *world) checkApplied(g *gateway, rec recorded, e entry, taken *moment) {
	// A change may be superseded by one that restores what the server had.
	if taken == nil {
		if rec.Status == change.Applied || rec.ClientToken != "" {
			w.violated("%s is %s, and took no effect", rec.ID, rec.Status)
		}
		return
	}
	if rec.Verified && rec.at.Before(taken.until) {
		w.violated("%s says verified, and the gateway was at work until %v later", rec.ID, taken.until.Sub(rec.at))
	}
	if taken.token != rec.ClientToken {
		w.violated("%s says token %s, and was taken under %s", rec.ID, rec.ClientToken, taken.token)
	}
	for f, v := range e.patch {
		if _, again := rec.SupersededBy[f]; !again && !change.Equal(f, taken.after[f], v) {
			w.violated("%s is applied, and %s was %v, not %v", rec.ID, f, taken.after[f], v)
		}
	}
	for _, d := range rec.Changed {
		if !change.Equal(d.Field, taken.after[d.Field], d.To) || (!g.foreign && !change.Equal(d.Field, taken.before[d.Field], d.From)) {
			w.violated("%s says %v, and it was %v to %v", rec.ID, d, taken.before[d.Field], taken.after[d.Field])
		}
	}
	for f, by := range rec.SupersededBy {
		other, ok := w.seen.records[by]
		if !ok || other.Status == change.Failed || w.seen.entries[by].patch[f].IsZero() {
			w.violated("%s says that %s is superseded by %s, which does not set it", rec.ID, f, by)
		}
	}
}

// checkOrder holds what took effect to a serial order: of two changes that set
// the same and were both in line in time, the later one goes later.
func (w *world) checkOrder(g *gateway) {
	for i, m := range g.history {
		for _, n := range g.history[i+1:] {
			if m.token == "" || n.token == "" {
				continue
			}
			for _, a := range w.seen.intents[m.token].ids {
				for _, b := range w.seen.intents[n.token].ids {
					x, y := w.seen.entries[a], w.seen.entries[b]
					if y.approvals == 0 && x.due.After(y.due) && y.at.Before(w.seen.intents[m.token].at.Add(-time.Minute)) && y.due.Before(w.seen.intents[m.token].at.Add(-10*time.Minute)) && overlaps(x.patch, y.patch) && !w.hidden() {
						w.violated("%s was due before %s and was applied after it", b, a)
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

// hidden tells whether listings of this run may have hidden changes.
func (w *world) hidden() bool { return w.platform.weather.weights[stale] > 0 }
