package sim_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// sends checks a modification when it is sent: for the first time under its token, only
// while its changes are open by a policy that its instance may have read. The clock is
// that of the instance, which may be off by minutes: nothing else can be asked of it. It
// is read when the request is handed over; an instance that is frozen between its last
// look at the clock and the request sends it late, which no program can prevent.
func (k *timekeeper) sends(o *op, again bool) {
	if !k.on {
		return
	}
	h, now := k.h, o.inst.now()
	ids := h.seen.intents[o.token].ids
	open := func(b inForce) bool {
		return !slices.ContainsFunc(ids, func(id string) bool { return !b.calendar.open(h.seen.entries[id], now) })
	}
	last := h.books[len(h.books)-1]
	if again {
		h.reachIf(!open(last), "a repetition while its window is closed")
		return
	}
	k.sentAt[o.gate.target] = time.Now()
	if o.inst.frozenUntil.After(time.Now()) {
		return
	}
	if !slices.ContainsFunc(h.recent(), open) {
		h.violated("%v are first sent while closed; the last policy is %q", ids, last.name)
	}
	for _, id := range ids {
		k.sentOnce(o, last, h.seen.entries[id], id)
	}
}

// sentOnce notes the first send of a change.
func (k *timekeeper) sentOnce(o *op, last inForce, e entry, id string) {
	h, now := k.h, o.inst.now()
	h.reachIf(k.waited[id], "a change that waited for its window is sent")
	woken := strings.HasPrefix(o.inst.doing, "wake-up")
	h.reachIf(woken && e.undoes == "" && last.calendar.open(e, now) && !last.calendar.open(e, now.Add(-10*time.Second)), "a first send at an opening by a wake-up")
	need := last.calendar.overridden(e, now)
	if need == 0 || e.undoes != "" {
		return
	}
	h.reach("an override is sent during its freeze")
	enough := func(b inForce) bool { return len(h.agreed(b.rulebook, id)) >= b.calendar.overridden(e, now) }
	if !slices.ContainsFunc(h.recent(), enough) {
		h.violated("%s overrides %s, which needs %d votes: %v", id, e.override, need, h.agreed(last.rulebook, id))
	}
}

// recent are the policies that were in force shortly before.
func (h *harness) recent() []inForce {
	i := len(h.books) - 1
	for i > 0 && time.Since(h.books[i].from) <= outdated {
		i--
	}
	return h.books[i:]
}

// minute looks at every lane at each whole minute: windows open and close then.
func (k *timekeeper) minute() {
	h := k.h
	if h.platform.idleTicks >= 15 {
		return
	}
	for _, g := range h.api.order {
		k.look(g)
	}
	h.after(time.Minute, k.minute)
}

// look looks at a lane at a whole minute.
func (k *timekeeper) look(g *gateway) {
	h, now, lane := k.h, time.Now(), k.h.lanes[g.target]
	ready, opened := k.ready(g.target)
	for _, id := range k.queued(g.target) {
		e := h.seen.entries[id]
		if open := k.now.open(e, now); !open && !e.due.After(now) {
			k.waited[id] = true
			closed := k.now.open(e, now.Add(-1))
			h.reachIf(closed && now.Before(g.until), "a gateway is busy past the close")
		}
	}
	since := now.Sub(h.books[len(h.books)-1].from)
	if !opened || !h.cfg.calm || since < sweepTime || lane.Kind == "held" || lane.State.Intent != nil || lane.State.Armed != nil || now.Before(g.until) {
		return
	}
	limit := sweepTime
	if h.cfg.wakes == exactWakeUps {
		limit = 5 * time.Second
	}
	k.openings++
	edits := len(h.books)
	h.after(limit, func() {
		for _, id := range ready {
			if _, ended := h.seen.records[id]; ended || h.said(id, change.Cancel) {
				return
			}
		}
		if k.sentAt[g.target].Before(now) && len(h.books) == edits {
			h.violated("nothing of %v is sent in the %v since its window opened", ready, limit)
		}
	})
}

// queued are the changes of a server that have not ended, in the order of the queue.
func (k *timekeeper) queued(t change.Target) []string {
	var out []string
	prefix := "queue/" + t.String() + "/"
	i, _ := slices.BinarySearch(k.h.store.keys, prefix)
	for ; i < len(k.h.store.keys) && strings.HasPrefix(k.h.store.keys[i], prefix); i++ {
		key := k.h.store.keys[i]
		if isVote(key) {
			continue
		}
		id := idOf(key)
		if _, ended := k.h.seen.records[id]; !ended {
			out = append(out, id)
		}
	}
	return out
}

// ready are the changes of a server that may be sent now, and opened says that a window
// has just opened for one of them. A change waits for the earlier ones of its settings.
func (k *timekeeper) ready(t change.Target) (ready []string, opened bool) {
	h, now := k.h, time.Now()
	var blocked []change.Patch
	for _, id := range k.queued(t) {
		e := h.seen.entries[id]
		if e.dryRun || e.undoes != "" || e.due.After(now) {
			continue
		}
		waits := e.approvals > 0 || e.override != "" || now.Sub(later(e.due, e.at)) < 5*time.Second || !now.Before(e.expires.Add(-time.Minute)) || !k.now.open(e, now)
		if waits || slices.ContainsFunc(blocked, func(p change.Patch) bool { return together(p, e.patch) }) {
			blocked = append(blocked, e.patch)
			continue
		}
		ready = append(ready, id)
		opened = opened || !k.now.open(e, now.Add(-1)) && k.now.stays(e, now, sweepTime)
	}
	return ready, opened
}

// together reports whether two patches have settings that the API checks together.
func together(a, b change.Patch) bool {
	for f := range a {
		for g := range b {
			if f == g || f.Setting().Group == g.Setting().Group {
				return true
			}
		}
	}
	return false
}

// sweepTime is how long a change waits for nothing at most, if no wake-up comes.
const sweepTime = 75 * time.Second

// waitsUntil is until when a change had to wait for its window, and for the changes before
// it of the same settings.
func (k *timekeeper) waitsUntil(rec recorded, e entry, at time.Time) time.Time {
	h := k.h
	if !k.on || e.undoes != "" || e.dryRun || rec.Status == change.Cancelled || h.said(rec.ID, change.Rejection) {
		return at
	}
	for id, other := range h.seen.records {
		before := h.seen.entries[id]
		if id == rec.ID || before.target != e.target || before.due.After(e.due) || !together(before.patch, e.patch) && !together(before.patch, e.expect) {
			continue
		}
		switch apart := other.at.Sub(rec.at).Abs(); {
		case apart < time.Second: // one batch, which waited for the windows of both
			behind := e
			behind.patch = maps.Clone(e.patch)
			maps.Copy(behind.patch, before.patch)
			e = behind
		case other.at.Before(rec.at):
			at = later(at, other.at)
		}
	}
	for i, b := range h.books {
		end := at.Add(72 * time.Hour)
		if i+1 < len(h.books) {
			end = h.books[i+1].from
		}
		for opens, ok := b.calendar.opens(e, later(at, b.from), end); ok && at.Before(end); opens, ok = b.calendar.opens(e, opens.Truncate(time.Minute).Add(time.Minute), end) {
			// The sweep may miss a shorter opening, and one that an edited policy ends soon.
			if b.calendar.stays(e, opens, sweepTime) && !opens.Add(sweepTime).After(end) {
				return opens
			}
		}
	}
	return rec.at
}

// skew is more than any two clocks of the run differ from the harness's.
func (h *harness) skew() time.Duration {
	if h.cfg.kinds.has(skewedClocks) {
		return 5 * time.Minute
	}
	return 2 * time.Second
}

// checkExpired checks that a change that could not be sent before it expired says so.
func (k *timekeeper) checkExpired(rec recorded, e entry) {
	skew := k.h.skew()
	from, end := later(e.due, e.at).Add(-skew), e.expires.Add(skew)
	if !k.on || e.undoes != "" || e.dryRun || e.approvals > 0 || !later(e.due, e.at).Add(time.Minute).Before(e.expires) {
		return
	}
	for i, b := range k.h.books {
		until := end
		if i+1 < len(k.h.books) && k.h.books[i+1].from.Before(end) {
			until = k.h.books[i+1].from
		}
		if _, opens := b.calendar.opens(e, later(from, b.from), until); opens {
			return
		}
	}
	k.h.reach("a change expires before its window opens")
	// Its lane may have waited for something else, so that nobody came to look at it.
	w := rec.Waited
	unexplained := w.Window == 0 && (k.h.faults == 0 && k.h.api.idle || w.Gateway+w.Breaker+w.Throttle+w.Recovery+w.Queue == 0)
	if rec.Status == change.Expired && unexplained {
		k.h.violated("%s expired because it could not be sent before, and its record does not say so: waited %+v", rec.ID, w)
	}
}

// manyHours is longer than anything is closed in a run, unless it never opens.
const manyHours = 60 * time.Hour

// refuses reports whether a document may be refused because one of its changes could not
// be sent before it expires.
func (k *timekeeper) refuses(doc, answer string) bool {
	if !k.on || !strings.Contains(answer, policy.RuleExpiresBeforeOpening) && !strings.Contains(answer, policy.RuleNeverOpens) {
		return false
	}
	reqs, problems := manifest.Parse([]byte(doc), manifest.Options{Format: document.YAML, Again: true})
	if len(problems) > 0 {
		k.h.violated("%s has problems: %v", doc, problems)
	}
	return slices.ContainsFunc(k.h.recent(), func(b inForce) bool {
		return slices.ContainsFunc(reqs, func(r change.Request) bool {
			until := r.ExpiresAt
			if until.IsZero() {
				until = time.Now().Add(manyHours)
			}
			// An instance's clock may be late.
			_, opens := b.calendar.opens(entry{target: r.Target, patch: r.Patch}, later(time.Now().Add(5*time.Minute), r.NotBefore), until)
			return !opens
		})
	})
}

// accepted checks a change that was queued: in a run without faults, it can be sent before
// it expires.
func (k *timekeeper) accepted(id string) {
	h, e := k.h, k.h.seen.entries[id]
	if !k.on || e.undoes != "" || e.dryRun {
		return
	}
	k.overtake(e)
	if !h.cfg.calm || e.asker != "robot" { // a message that comes again is queued, whatever the first answer was
		return
	}
	opens := func(b inForce) bool {
		_, ok := b.calendar.opens(e, later(e.due, e.at.Add(-time.Minute)), e.expires)
		return ok
	}
	if !slices.ContainsFunc(h.recent(), opens) {
		h.violated("%s was accepted, and cannot be sent before it expires at %v", id, e.expires)
	}
}

// counts is how long an approval counts: a day, or until the end of the next opening, but
// no longer than eight days.
func (k *timekeeper) counts(v change.Vote) time.Duration {
	const day = 24 * time.Hour
	if v.LapsesAt.IsZero() {
		return day
	}
	counts := v.LapsesAt.Sub(v.At)
	if !k.on || counts <= day || counts > 8*day {
		k.h.violated("an approval by %s counts for %v", v.Person, counts)
	}
	return counts
}

// rewritten is a generation that says the same as the one before it.
type rewritten struct{ at time.Time }

// mostRewrites is how often a lane that waits for a window is written in ten minutes at
// most without anything new.
const mostRewrites = 4

// mostShut is how often a modification of a server is planned in vain at most.
const mostShut = 12

// laneWritten compares a generation with the one before it.
func (k *timekeeper) laneWritten(t change.Target, p laneView, g generation) {
	h, now := k.h, time.Now()
	had, has := p.State.Intent, g.State.Intent
	shut := had != nil && has == nil && !h.sent[had.Token] && g.State.Wait.Cause == "window"
	h.reachIf(shut, "a window closes between intent and send")
	h.reachIf(shut && g.State.Wait.Freeze != "", "a freeze begins between intent and send")
	if a := g.State.Armed; a != nil && g.Kind == "free" && g.State.Wait.Cause == "window" && h.seen.entries[a.ID].undoes != "" && time.Since(h.undoAt(a.ID)) > h.skew() {
		h.violated("the undo of %s waits for %q", a.Of, g.State.Wait.Why)
	}
	if shut {
		k.shut[t]++
	}
	if n := k.shut[t]; shut && n > mostShut {
		h.violated("%d modifications of %s were planned and not sent because a window was closed", n, t)
	}
	if p.State.Wait.Cause != "window" || g.State.Wait.Cause != "window" || !p.State.Wait.same(g.State.Wait) || had != nil || has != nil || len(p.State.Decided)+len(g.State.Decided) > 0 || !now.Before(g.State.Wait.Opens) {
		k.rewrites[t] = nil
		return
	}
	k.rewrites[t] = append(slices.DeleteFunc(k.rewrites[t], func(r rewritten) bool { return now.Sub(r.at) > 10*time.Minute }), rewritten{now})
	if n := len(k.rewrites[t]); n > mostRewrites {
		h.violated("the lane of %s waits for %v and was written %d times in 10 minutes without anything new", t, g.State.Wait.Windows, n)
	}
}

// Whatever waits starts when its window opens, however wake-ups come.
func TestWhatWaitsStartsWhenItsWindowOpens(t *testing.T) {
	t.Parallel()
	openings := 0
	for seed := range uint64(fewer(60, 6)) {
		cfg := everyKind(8000 + seed)
		cfg.calm, cfg.kinds, cfg.windows, cfg.chats, cfg.rooms, cfg.reforms = true, 0, true, false, false, false
		cfg.damages, cfg.mixed, cfg.failing = false, false, false
		cfg.wakes = []wakes{exactWakeUps, exactWakeUps, lostWakeUps, noWakeUps}[seed%4]
		out := simulate(t, cfg, false)
		report(t, out)
		openings += out.openings
	}
	if t.Logf("%d openings for lanes with a free gateway", openings); openings == 0 {
		t.Error("no window opened")
	}
}

// moved is how often openings have moved: a lane that waits for one then begins another
// chain of wake-ups, and the next one of the old chain, which may be on its way for an
// hour, ends when it comes.
func (k *timekeeper) moved() int {
	if !k.on {
		return 0
	}
	return len(k.h.books)
}

// set notes a wake-up for an opening.
func (k *timekeeper) set(payload []byte, lost bool) {
	for _, l := range decode[wakePayload](payload).Wake.Lanes {
		t, _ := change.ParseTarget(l.Lane)
		k.h.reachIf(lost && k.h.lanes[t].State.Wait.Cause == "window", "an opening whose wake-up is lost")
	}
}
