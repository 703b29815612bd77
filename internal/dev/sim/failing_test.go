package sim_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// failer has the API answer the modifications of some servers with errors, while
// reads work, most with a 5xx, some with a 400: all of them for a while or forever,
// or forever those that set certain ports. Some of the former take effect
// nevertheless, at once or within seconds. Its random numbers are its own, so that
// the other runs stay the same.
type failer struct {
	h       *harness
	rng     *rand.Rand
	between map[change.Target][2]time.Time // all modifications fail between these
	ports   map[change.Target]bool         // those of ports that are a multiple of 3 fail
	refuses map[change.Target]bool         // always with a 400
	answers map[change.Target][]failed
}

// failedText is the message of these errors.
const failedText = "It failed."

// failed is an answer with an error.
type failed struct {
	at  time.Time
	err sslvpn.Error
	ids []string // changes that the modification contained
}

func newFailer(h *harness) *failer {
	f := &failer{
		h: h, rng: rand.New(rand.NewPCG(h.cfg.seed, 6)), between: map[change.Target][2]time.Time{},
		ports: map[change.Target]bool{}, refuses: map[change.Target]bool{}, answers: map[change.Target][]failed{},
	}
	if h.cfg.calm || !h.cfg.failing || !h.cfg.kinds.has(failingServers) {
		return f
	}
	for _, g := range h.api.order {
		from := h.start.Add(time.Duration(f.rng.Int64N(int64(h.cfg.length))))
		f.refuses[g.target] = f.rng.IntN(3) == 0
		switch f.rng.IntN(6) {
		case 0, 1:
			f.between[g.target] = [2]time.Time{from, from.Add(time.Duration(1+f.rng.IntN(60)) * time.Minute)}
		case 2:
			f.between[g.target] = [2]time.Time{from, from.Add(1000 * time.Hour)}
		case 3:
			f.ports[g.target] = true
		}
	}
	return f
}

// fails answers a modification with an error, or nil. Effect has it take effect.
func (f *failer) fails(m sslvpn.Modification, effect func()) *sslvpn.Error {
	now := time.Now()
	port, sets := m.Patch[change.Port].Number()
	window := f.between[m.Target]
	always := f.ports[m.Target] && sets && port%3 == 0
	if !always && (now.Before(window[0]) || now.After(window[1])) {
		return nil
	}
	h := f.h
	if h.undoing(m.ClientToken) && now.After(h.start.Add(h.cfg.length+time.Hour)) {
		return nil // an undo is tried until it is accepted
	}
	codes := []string{"UnknownError", "SystemBusy", "ServiceUnavailable", "InternalError"}
	e := sslvpn.Error{
		Class: sslvpn.ClassUnknown, Code: codes[f.rng.IntN(len(codes))], HTTPStatus: 500 + 3*f.rng.IntN(2), Message: failedText,
		RequestID: fmt.Sprintf("f-%s-%d", m.ServerID, len(f.answers[m.Target])+1),
	}
	refused := f.rng.IntN(3) == 0 || f.refuses[m.Target]
	if refused {
		e.Class, e.HTTPStatus, e.Code = sslvpn.ClassBusy, 400, codes[f.rng.IntN(3)]
	}
	ids := h.seen.intents[m.ClientToken].ids
	f.answers[m.Target] = append(f.answers[m.Target], failed{at: now, err: e, ids: ids})
	h.note("a modification of %s fails: %s %s", m.ServerID, e.Code, e.RequestID)
	h.reach("a modification is answered with an error")
	switch n := f.rng.IntN(40); {
	case refused:
	case n == 0:
		effect()
	case n == 1:
		h.after(time.Duration(1+f.rng.IntN(8000))*time.Millisecond, effect)
	}
	if h.chat != nil && f.rng.IntN(4) == 0 && len(ids) > 0 {
		id := ids[f.rng.IntN(len(ids))]
		h.after(time.Duration(1+f.rng.IntN(200))*time.Second, func() { h.chat.say(h.chat.feishu, "boss", "cancel "+id) })
	}
	return &e
}

// answered reports whether a modification that contained a change was answered with an
// error.
func (f *failer) answered(t change.Target, id string) bool {
	return slices.ContainsFunc(f.answers[t], func(a failed) bool { return slices.Contains(a.ids, id) })
}

// mostSends is how often the same changes are sent in a minute at most. Modifications
// of other changes follow each other as fast as the gateway takes them.
const mostSends = 12

// paced checks a modification when it is sent: not too many of one server are, and
// none of a change that was cancelled a while ago.
func (h *harness) paced(o *op) {
	g, now := o.gate, time.Now()
	what := strings.Join(h.seen.intents[o.token].ids, " ")
	g.sent[what] = append(slices.DeleteFunc(g.sent[what], func(at time.Time) bool { return now.Sub(at) >= time.Minute }), now)
	if n := len(g.sent[what]); n > mostSends {
		h.violated("%s of %s are sent %d times in a minute", what, g.target, n)
	}
	for _, id := range h.seen.intents[o.token].ids {
		for _, v := range h.seen.votes[id] {
			if v.Kind == change.Cancel && now.Sub(v.at) > reading && !h.froze && !h.damage.voteOn(id) {
				h.violated("%s is sent %v after %s cancelled it", id, now.Sub(v.at), v.Person)
			}
		}
	}
}

// checkFailed checks a change that failed with an answer of the API: the API gave
// this answer, and others for ten minutes before, or the change has expired.
func (h *harness) checkFailed(rec recorded, e entry) {
	if rec.Error.Message != failedText {
		return
	}
	h.reach("a change fails with the API's answer")
	var mine []failed
	given := false
	for _, a := range h.failing.answers[e.target] {
		if slices.Contains(a.ids, rec.ID) {
			mine = append(mine, a)
			given = given || a.err.RequestID == rec.Error.RequestID && a.err.Code == rec.Error.Code
		}
	}
	if !given {
		h.violated("%s failed with %s of request %s, which the API did not say", rec.ID, rec.Error.Code, rec.Error.RequestID)
		return
	}
	const skew = 5 * time.Minute
	over := mine[len(mine)-1].at.Sub(mine[0].at)
	if (len(mine) < 5 || over < 10*time.Minute-10*time.Second) && rec.at.Before(e.expires.Add(-skew)) {
		h.violated("%s failed after %d answers in %v", rec.ID, len(mine), over)
	}
}

// Servers whose modifications fail do not stop the simulation's promises.
func TestModificationsThatFail(t *testing.T) {
	t.Parallel()
	ended, cancelled := 0, 0
	for seed := range uint64(fewer(24, 4)) {
		cfg := everyKind(6000 + seed)
		cfg.failing, cfg.chats = true, seed%2 == 0
		if seed%3 == 0 {
			cfg.kinds = failingServers
		}
		out := simulate(t, cfg, false)
		report(t, out)
		if out.reached["a change fails with the API's answer"] {
			ended++
		}
		if out.reached["a change that failed is cancelled"] {
			cancelled++
		}
	}
	t.Logf("changes failed in %d runs, and were cancelled after sends in %d", ended, cancelled)
	if !testing.Short() && (ended == 0 || cancelled == 0) {
		t.Error("nothing failed, or nothing was cancelled")
	}
}
