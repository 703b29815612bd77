package sim_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/policy"
)

const (
	tenant = "T1"
	room   = "room"
)

// rules are the policy of a run: Mei asks, under two accounts; Jun asks and
// agrees; Lan agrees; the boss may do anything; the robot is every other door.
const rules = `
people:
  - {name: mei, accounts: [{door: feishu, tenant: T1, user: mei}, {door: feishu, tenant: T1, user: mei2}, {door: wecom, tenant: T1, user: mei}]}
  - {name: jun, accounts: [{door: feishu, tenant: T1, user: jun}, {door: wecom, tenant: T1, user: jun}]}
  - {name: lan, accounts: [{door: feishu, tenant: T1, user: lan}, {door: wecom, tenant: T1, user: lan}]}
  - {name: boss, accounts: [{door: feishu, tenant: T1, user: boss}]}
  - name: robot
    accounts: [{door: http, user: sim}, {door: file, user: "2"}%s]
grants:
  - {who: [mei, jun, robot], roles: [operator], servers: ["*"]}
  - {who: [mei], roles: [approver], servers: ["*"], settings: [Name]}
  - {who: [jun, lan], roles: [approver], servers: ["*"]}
  - {who: [boss], roles: [admin], servers: ["*"]}
approvals:
  - {servers: [vss-sim0], settings: ["*"], need: %d}
  - {servers: ["*"], settings: [Cipher, Name], need: 1}
`

// talk is what people say to the bot, and what they get to see.
type talk struct {
	w         *world
	platforms map[string]chat.Platform
	feishu    *messenger
	wecom     *messenger
	messages  map[string]*said
	order     []*said
	told      map[string]int // times that a room was told how a change ended
	budget    int            // messages that people still have in them
}

// said is a message of somebody's.
type said struct {
	utterance

	on       *messenger
	answered bool // the messenger had its answer in time
	seen     bool // an answer was shown
	replies  int  // later answers
}

func newTalk(w *world) *talk {
	k := &talk{
		w: w, messages: map[string]*said{}, told: map[string]int{}, budget: 12 + w.rng.IntN(20),
		feishu: &messenger{name: "feishu", later: true},
		wecom:  &messenger{name: "wecom", keeps: time.Duration(10+w.rng.IntN(80)) * time.Minute},
	}
	k.platforms = map[string]chat.Platform{"feishu": k.feishu, "wecom": k.wecom}
	var timers strings.Builder
	for i := range 12 {
		fmt.Fprintf(&timers, ", {door: timer, user: nightly-%d}", i+1)
	}
	w.store.put(policy.Key, fmt.Appendf(nil, rules, timers.String(), 1+w.rng.IntN(2)))
	return k
}

// begin has people ask for changes, and somebody look after what was left.
func (k *talk) begin() {
	w := k.w
	for range 2 + w.rng.IntN(4) {
		w.after(time.Duration(w.rng.Int64N(int64(w.cfg.length)*2/3)), k.ask)
	}
	w.after(w.cfg.length/3, k.clean)
	for _, m := range []*messenger{k.feishu, k.wecom} {
		if !w.cfg.calm && w.rng.IntN(3) == 0 {
			m.down.from = w.start.Add(time.Duration(w.rng.Int64N(int64(w.cfg.length))))
			m.down.until = m.down.from.Add(time.Duration(1+w.rng.IntN(20)) * time.Minute)
		}
	}
}

// say sends a message of somebody's.
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

// somewhere draws an account of a person: the boss has one.
func (k *talk) somewhere(person string) (on *messenger, user string) {
	switch k.w.rng.IntN(3) {
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
	return k.somewhere(people[k.w.rng.IntN(len(people))])
}

// ask asks for a change.
func (k *talk) ask() {
	w := k.w
	on, user := k.draw("mei", "mei", "jun", "boss")
	line := "apply vss-sim" + strconv.Itoa(w.rng.IntN(len(w.api.order)))
	switch w.rng.IntN(5) {
	case 0:
		line += " cipher=" + []string{"AES-192-CBC", "AES-256-CBC"}[w.rng.IntN(2)]
	case 1:
		line += fmt.Sprintf(" name=room-%d", len(k.order))
	default:
		line += fmt.Sprintf(" port=%d proto=%s", 1195+w.rng.IntN(20), []string{"TCP", "UDP"}[w.rng.IntN(2)])
	}
	switch w.rng.IntN(8) {
	case 0:
		line += " until=" + time.Now().Add(time.Duration(10+w.rng.IntN(30))*time.Minute).UTC().Format(time.RFC3339)
	case 1:
		line += " at=" + time.Now().Add(time.Duration(5+w.rng.IntN(15))*time.Minute).UTC().Format(time.RFC3339)
	}
	k.say(on, user, line)
}

// shown has people react to what they see of the bot's, each time that it is
// shown.
func (k *talk) shown(m *said, t chat.Text) {
	m.seen = true
	if k.budget <= 0 {
		return
	}
	w := k.w
	soon := func(most int, do func()) { w.after(time.Duration(1+w.rng.IntN(most))*time.Second, do) }
	for _, next := range t.Next {
		verb, _, _ := strings.Cut(next.Command, " ")
		switch {
		case verb == "approve" && w.rng.IntN(10) > 0:
			// Some of them may not, and one of them may be the asker.
			for range 1 + w.rng.IntN(4) {
				soon(400, func() {
					on, user := k.draw("mei", "jun", "lan", "jun", "lan", "boss")
					k.say(on, user, next.Command)
				})
			}
		case verb == "approve", verb == "reject" && w.rng.IntN(8) == 0:
			id := strings.Fields(next.Command)[1]
			soon(600, func() {
				on, user := k.draw("jun", "lan", "mei")
				k.say(on, user, "reject "+id+" reason=no")
			})
		case verb == "cancel" && w.rng.IntN(4) == 0, verb == "rollback" && w.rng.IntN(5) == 0:
			soon(240, func() {
				on, user := k.draw("mei", "boss", "jun")
				k.say(on, user, next.Command)
			})
		}
		if verb == "reject" && w.rng.IntN(8) == 0 {
			soon(600, func() { k.say(m.on, m.User, "cancel "+strings.Fields(next.Command)[1]) })
		}
	}
	if w.rng.IntN(10) == 0 {
		soon(60, func() {
			k.say(m.on, m.User, []string{"status", "history vss-sim0", "status vss-sim0", "help"}[w.rng.IntN(4)])
		})
	}
}

// clean looks after changes that wait for people: has one of them looked at
// now and then, and in the end all of them cancelled.
func (k *talk) clean() {
	w := k.w
	var waiting []string
	for _, key := range w.store.keys {
		if strings.HasPrefix(key, "queue/") && !isVote(key) && w.seen.entries[idOf(key)].approvals > 0 {
			waiting = append(waiting, idOf(key))
		}
	}
	switch {
	case len(waiting) == 0:
	case time.Since(w.start) < w.cfg.length+20*time.Minute:
		k.budget += 3
		on, user := k.draw("jun", "lan", "boss")
		k.say(on, user, "status "+waiting[w.rng.IntN(len(waiting))])
	default:
		for _, id := range waiting {
			k.say(k.feishu, "boss", "cancel "+id)
		}
	}
	if time.Since(w.start) < w.cfg.length+20*time.Hour {
		w.after(4*time.Minute, func() {
			if !w.quiet() {
				k.clean()
			}
		})
	}
}

// quiet tells whether everything that was said is answered, and nothing is owed.
func (k *talk) quiet() bool {
	for _, m := range k.order {
		if !m.answered {
			return false
		}
	}
	for _, key := range k.w.store.keys {
		if strings.HasPrefix(key, "outbox/") {
			return false
		}
	}
	return true
}

// idOf is the change that an entry's key is of.
func idOf(key string) string {
	id := strings.TrimSuffix(key[strings.LastIndexByte(key, '/')+1:], ".json")
	return strings.SplitN(id, "-", 4)[3]
}

// isVote tells a vote in line from a change.
func isVote(key string) bool {
	return strings.HasPrefix(key, "queue/") && strings.HasPrefix(key[strings.LastIndexByte(key, '/')+1:], "-")
}

// askedByChat notes which change a message asked for: one at most.
func (w *world) askedByChat(id string, o change.Origin) {
	if o.Kind != change.FromChat {
		return
	}
	from := o.Actor + " " + o.Source
	if old := w.seen.sources[from]; old != "" && old != id {
		w.violated("%s asked for %s and for %s", from, old, id)
	}
	w.seen.sources[from] = id
}
