package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// rulebook is a policy of a run, and what it means for the humans behind the
// accounts. The meaning is written down here, and not taken from the code under
// test.
type rulebook struct {
	name   string
	text   string   // "" for none
	asks   []string // humans who may request changes; nil: the policy is unusable
	agrees []string // humans who may approve changes
	need   int      // approvals of every change of vss-sim0
}

// cast list of a policy: names of people by human.
type names map[string]string

func (n names) of(human string) string {
	if name := n[human]; name != "" {
		return name
	}
	return human
}

// policyText renders a policy; operators and approvers are names.
func policyText(n names, operators, approvers string, need int, notify string) string {
	var timers strings.Builder
	for i := range 12 {
		fmt.Fprintf(&timers, ", {door: timer, user: nightly-%d}", i+1)
	}
	return fmt.Sprintf(rules, n.of("mei"), n.of("jun"), n.of("lan"), timers.String(), notify, operators, n.of("mei"), approvers, need)
}

// notifying names the rooms that are asked for approval, of one server and of all.
const notifying = `notify:
  - {servers: [vss-sim0], quiet: none, rooms: [{door: feishu, tenant: T1, room: ops}, {door: wecom, tenant: T1, room: ops}]}
  - {servers: ["*"], quiet: none, rooms: [{door: feishu, tenant: T1, room: ops}]}
`

// rulebooks are the policies that a run may have, the usual one first.
func rulebooks(need int, rooms bool) []rulebook {
	notify := ""
	if rooms {
		notify = notifying
	}
	usual := rulebook{
		"usual", policyText(nil, "mei, jun, robot", "jun, lan", need, notify),
		[]string{"mei", "jun", "robot", "boss"},
		[]string{"mei", "jun", "lan", "boss"},
		need,
	}
	with := func(name, text string, asks, agrees []string, need int) rulebook {
		return rulebook{name, text, asks, agrees, need}
	}
	none := []string{}
	before, _, _ := strings.Cut(usual.text, "grants:")
	empty := before + "grants: []\n"
	return []rulebook{
		usual,
		with("no grants", empty, none, none, 0),
		with("invalid", usual.text+"  - [\n", nil, nil, 0),
		with("missing", "", nil, nil, 0),
		with("mei asks no more", policyText(nil, "jun, robot", "jun, lan", need, notify), []string{"jun", "robot", "boss"}, usual.agrees, need),
		with("robots ask no more", policyText(nil, "mei, jun", "jun, lan", need, notify), []string{"mei", "jun", "boss"}, usual.agrees, need),
		with("jun approves no more", policyText(nil, "mei, jun, robot", "lan", need, notify), usual.asks, []string{"mei", "lan", "boss"}, need),
		with("mei is called wei", policyText(names{"mei": "wei"}, "wei, jun, robot", "jun, lan", need, notify), usual.asks, usual.agrees, need),
		// Jun, under the name of Mei, asks; Mei, under the name of Jun, asks and approves.
		with("mei and jun exchange names", policyText(names{"mei": "jun", "jun": "mei"}, "mei, jun, robot", "jun, lan", need, notify), usual.asks, usual.agrees, need),
		with("one approval more", policyText(nil, "mei, jun, robot", "jun, lan", need+1, notify), usual.asks, usual.agrees, need+1),
	}
}

// inForce is a policy with the time from which it is in force.
type inForce struct {
	rulebook

	from     time.Time
	calendar calendar
}

// rule puts a policy into force.
func (h *harness) rule(b rulebook) {
	h.note("policy: %s", b.name)
	for _, lane := range h.lanes {
		h.reachIf(lane.State.Intent != nil, "the policy changes while there is an intent")
	}
	hours := h.hours.now
	if len(b.agrees) == 0 { // nobody could give the votes of an override
		hours = hours.strict()
	}
	h.books = append(h.books, inForce{b, time.Now(), hours})
	if b.text == "" {
		h.store.remove(objects.PolicyFile)
		return
	}
	h.store.put(objects.PolicyFile, []byte(b.text+hours.text()))
}

// reform has editors of the policy change it a few times, and restore it before
// the run's faults end.
func (h *harness) reform() {
	books := rulebooks(h.books[0].need, h.cfg.rooms)
	for range 1 + h.rng.IntN(4) {
		b := books[1+h.rng.IntN(len(books)-1)]
		h.after(time.Duration(h.rng.Int64N(int64(h.cfg.length))), func() { h.rule(b) })
		if h.rng.IntN(2) == 0 {
			h.after(time.Duration(h.rng.Int64N(int64(h.cfg.length))), func() { h.rule(books[0]) })
		}
	}
	h.at(h.start.Add(h.cfg.length), func() { h.rule(books[0]) })
}

// humanOf is the human behind an account, as origins and votes name it.
func humanOf(account string) string {
	_, user, ok := strings.Cut(account, "/")
	if !ok {
		return "robot"
	}
	return strings.TrimRight(user, "0123456789")
}

// outdated is how old a policy may be when a modification is sent: see queueAge of
// package reconcile, and the time of a few requests.
const outdated = 30 * time.Second

// mayBeSent checks a modification when it is sent: some policy that was in force
// shortly before permits each of its changes.
func (h *harness) mayBeSent(o *op) {
	if len(h.books) == 0 {
		return
	}
	for _, id := range h.seen.intents[o.token].ids {
		permitted := h.seen.entries[id].undoes != "" // it was part of what was permitted
		for i, b := range h.books {
			ended := i+1 < len(h.books) && time.Since(h.books[i+1].from) > outdated
			permitted = permitted || !ended && h.permits(b.rulebook, id)
		}
		if !permitted {
			h.violated("%s is sent, which no policy of the last %v permits; the last is %q", id, outdated, h.books[len(h.books)-1].name)
		}
	}
}

// permits reports whether a policy permits that a change is applied.
func (h *harness) permits(b rulebook, id string) bool {
	e := h.seen.entries[id]
	if !slices.Contains(b.asks, e.asker) {
		return false
	}
	need := e.approvals
	if e.target.ServerID == "vss-sim0" {
		need = max(need, b.need)
	}
	return e.dryRun || len(h.agreed(b, id)) >= need
}

// agreed are the humans who approved a change and whose approval counts by a policy.
func (h *harness) agreed(b rulebook, id string) map[string]bool {
	agreed := map[string]bool{}
	for _, v := range h.seen.votes[id] {
		if human := humanOf(v.Account); v.Kind == change.Approval && human != h.seen.entries[id].asker && slices.Contains(b.agrees, human) {
			agreed[human] = true
		}
	}
	return agreed
}
