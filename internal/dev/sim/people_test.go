package sim_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

const (
	tenant = "T1"
	room   = "room"
)

// rules are the policy of a run, but for some names and numbers: Mei asks, under two
// accounts; Jun asks and approves; Lan approves; the boss may do anything; the robot
// is every other channel.
const rules = `
people:
  - {name: %s, accounts: [{door: feishu, tenant: T1, user: mei}, {door: feishu, tenant: T1, user: mei2}, {door: wecom, tenant: T1, user: mei}]}
  - {name: %s, accounts: [{door: feishu, tenant: T1, user: jun}, {door: wecom, tenant: T1, user: jun}]}
  - {name: %s, accounts: [{door: feishu, tenant: T1, user: lan}, {door: wecom, tenant: T1, user: lan}]}
  - {name: boss, accounts: [{door: feishu, tenant: T1, user: boss}]}
  - name: robot
    accounts: [{door: http, user: sim}, {door: file, user: "2"}%s]
%sgrants:
  - {who: [%s], roles: [operator], servers: ["*"]}
  - {who: [%s], roles: [approver], servers: ["*"], settings: [Name]}
  - {who: [%s], roles: [approver], servers: ["*"]}
  - {who: [boss], roles: [admin], servers: ["*"]}
approvals:
  - {servers: [vss-sim0], settings: ["*"], need: %d}
  - {servers: ["*"], settings: [Cipher, Name], need: 1}
`

// talk is the conversation of people with the bot.
type talk struct {
	h         *harness
	platforms map[string]chat.Platform
	feishu    *messenger
	wecom     *messenger
	messages  map[string]*said
	order     []*said
	told      map[string]int // how often a room got the outcome of a change
	budget    int            // messages that people may still send
	rooms     *rooms         // nil: the policy names none
}

// said is a person's message.
type said struct {
	utterance

	on       *messenger
	answered bool // the messenger got a response in time
	seen     bool // an answer was shown
	replies  int  // answers that were sent separately
}

func newTalk(h *harness) *talk {
	k := &talk{
		h: h, messages: map[string]*said{}, told: map[string]int{}, budget: 12 + h.rng.IntN(20),
		feishu: &messenger{name: "feishu", later: true},
		wecom:  &messenger{name: "wecom", keeps: time.Duration(10+h.rng.IntN(80)) * time.Minute},
	}
	k.platforms = map[string]chat.Platform{"feishu": k.feishu, "wecom": k.wecom}
	if h.cfg.rooms {
		k.rooms = &rooms{h: h}
		k.platforms = map[string]chat.Platform{"feishu": roomMessenger{k.feishu}, "wecom": roomMessenger{k.wecom}}
	}
	h.rule(rulebooks(1+h.rng.IntN(2), h.cfg.rooms)[0])
	return k
}

// begin has people ask for changes, and schedules the final cleaning up.
func (k *talk) begin() {
	h := k.h
	for range 2 + h.rng.IntN(4) {
		h.after(time.Duration(h.rng.Int64N(int64(h.cfg.length)*2/3)), k.ask)
	}
	h.after(h.cfg.length/3, k.clean)
	for _, m := range []*messenger{k.feishu, k.wecom} {
		if !h.cfg.calm && h.rng.IntN(3) == 0 {
			m.down.from = h.start.Add(time.Duration(h.rng.Int64N(int64(h.cfg.length))))
			m.down.until = m.down.from.Add(time.Duration(1+h.rng.IntN(20)) * time.Minute)
		}
	}
}

// say sends a message.
func (k *talk) say(on *messenger, user, text string) {
	m := &said{utterance: utterance{ID: fmt.Sprintf("m%d", len(k.order)+1), User: user, Text: text}, on: on}
	if on.keeps > 0 {
		m.Until = time.Now().Add(on.keeps).UTC()
	}
	k.messages[m.ID] = m
	k.order = append(k.order, m)
	k.budget--
	k.deliver(m, 0)
}

// somewhere draws one of a person's accounts; the boss has one.
func (k *talk) somewhere(person string) (on *messenger, user string) {
	switch k.h.rng.IntN(3) {
	case 0:
		if person != "boss" {
			return k.wecom, person
		}
	case 1:
		if person == "mei" {
			return k.feishu, "mei2"
		}
	}
	return k.feishu, person
}

func (k *talk) draw(people ...string) (on *messenger, user string) {
	return k.somewhere(people[k.h.rng.IntN(len(people))])
}

// ask asks for a change.
func (k *talk) ask() {
	h := k.h
	on, user := k.draw("mei", "mei", "jun", "boss")
	line := "apply vss-sim" + strconv.Itoa(h.rng.IntN(len(h.api.order)))
	switch h.rng.IntN(5) {
	case 0:
		line += " cipher=" + []string{"AES-192-CBC", "AES-256-CBC"}[h.rng.IntN(2)]
	case 1:
		line += fmt.Sprintf(" name=room-%d", len(k.order))
	default:
		line += fmt.Sprintf(" port=%d proto=%s", 1195+h.rng.IntN(20), []string{"TCP", "UDP"}[h.rng.IntN(2)])
	}
	switch h.rng.IntN(8) {
	case 0:
		line += " until=" + time.Now().Add(time.Duration(10+h.rng.IntN(30))*time.Minute).UTC().Format(time.RFC3339)
	case 1:
		line += " at=" + time.Now().Add(time.Duration(5+h.rng.IntN(15))*time.Minute).UTC().Format(time.RFC3339)
	}
	k.say(on, user, line+h.confirms.key()+h.hours.words(line))
}

// shown has people react to an answer of the bot, each time that it is shown.
func (k *talk) shown(m *said, t chat.Text) {
	m.seen = true
	if k.budget <= 0 {
		return
	}
	h := k.h
	soon := func(most int, do func()) { h.after(time.Duration(1+h.rng.IntN(most))*time.Second, do) }
	for _, next := range t.Next {
		verb, _, _ := strings.Cut(next.Command, " ")
		switch {
		case verb == "confirm":
			h.confirms.offered(m, next.Command)
		case verb == "approve" && h.rng.IntN(10) > 0:
			// Some of them lack the right, and one of them may be the asker.
			for range 1 + h.rng.IntN(4) {
				soon(400, func() {
					on, user := k.draw("mei", "jun", "lan", "jun", "lan", "boss")
					k.say(on, user, next.Command)
				})
			}
		case verb == "approve", verb == "reject" && h.rng.IntN(8) == 0:
			id := strings.Fields(next.Command)[1]
			soon(600, func() {
				on, user := k.draw("jun", "lan", "mei")
				k.say(on, user, "reject "+id+" reason=no")
			})
		case verb == "cancel" && h.rng.IntN(4) == 0, verb == "rollback" && h.rng.IntN(5) == 0:
			soon(240, func() {
				on, user := k.draw("mei", "boss", "jun")
				k.say(on, user, next.Command)
			})
		}
		if verb == "reject" && h.rng.IntN(8) == 0 {
			soon(600, func() { k.say(m.on, m.User, "cancel "+strings.Fields(next.Command)[1]) })
		}
	}
	if h.rng.IntN(10) == 0 {
		soon(60, func() {
			k.say(m.on, m.User, []string{"status", "history vss-sim0", "status vss-sim0", "help"}[h.rng.IntN(4)])
		})
	}
}

// clean handles changes that wait for approvals: it asks for the status of one
// now and then, and finally cancels all of them.
func (k *talk) clean() {
	h := k.h
	var waiting []string
	for _, key := range h.store.keys {
		if strings.HasPrefix(key, "queue/") && !isVote(key) && h.seen.entries[idOf(key)].approvals > 0 {
			waiting = append(waiting, idOf(key))
		}
	}
	switch {
	case len(waiting) == 0:
	case time.Since(h.start) < h.cfg.length+20*time.Minute:
		k.budget += 3
		on, user := k.draw("jun", "lan", "boss")
		k.say(on, user, "status "+waiting[h.rng.IntN(len(waiting))])
	default:
		for _, id := range waiting {
			k.say(k.feishu, "boss", "cancel "+id)
		}
	}
	if time.Since(h.start) < h.cfg.length+20*time.Hour {
		h.after(4*time.Minute, func() {
			if !h.quiet() {
				k.clean()
			}
		})
	}
}

// quiet reports whether every message is answered, and no notification is
// pending.
func (k *talk) quiet() bool {
	for _, m := range k.order {
		if !m.answered {
			return false
		}
	}
	for _, key := range k.h.store.keys {
		if strings.HasPrefix(key, "outbox/") || strings.HasPrefix(key, "approvals/open/") {
			return false
		}
	}
	return true
}

// idOf returns the change id in a queue entry's key.
func idOf(key string) string {
	id := strings.TrimSuffix(key[strings.LastIndexByte(key, '/')+1:], ".json")
	return strings.SplitN(id, "-", 4)[3]
}

// isVote reports whether a key below queue/ is a vote's.
func isVote(key string) bool {
	return strings.HasPrefix(key, "queue/") && strings.HasPrefix(key[strings.LastIndexByte(key, '/')+1:], "-")
}

// askedByChat checks that a message asks for at most one change.
func (h *harness) askedByChat(id string, o change.Origin) {
	if o.Kind != change.FromChat {
		return
	}
	from := o.Actor + " " + o.Source
	if old := h.seen.sources[from]; old != "" && old != id {
		h.violated("%s asked for %s and for %s", from, old, id)
	}
	h.seen.sources[from] = id
}
