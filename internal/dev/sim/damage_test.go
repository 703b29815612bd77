package sim_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// damage is a way in which a stored object is not what was written.
type damage int

const (
	cutShort    damage = iota // the end is missing
	empty                     // nothing is left
	nameMissing               // a name that its reader needs is missing
	otherForm                 // JSON of another form
	damageKinds
)

func (d damage) String() string {
	return [...]string{"cut short", "empty", "without a name", "of another form"}[d]
}

// damaged is a damage of one object that lasts for a while.
type damaged struct {
	how   damage
	name  string // that is missing
	until time.Time
}

// damager damages what instances read. Its random numbers are its own, so that
// the seeds of runs without damage stay the same runs.
type damager struct {
	h       *harness
	rng     *rand.Rand
	lanes   [2]time.Time // between these every generation of a lane is cut short
	rate    float64
	objects map[string]damaged
	drawn   int
	unread  map[string]bool // changes with a vote that was damaged
}

func newDamager(h *harness) *damager {
	rng := rand.New(rand.NewPCG(h.cfg.seed, 3))
	d := &damager{h: h, rng: rng, rate: 0.01 + 0.1*rng.Float64(), objects: map[string]damaged{}, unread: map[string]bool{}}
	if h.cfg.heavy {
		d.rate = 0.25
	}
	return d
}

// required lists the names without which an object must be refused, by prefix.
// Names of nested objects are separated by dots. Change files and the policy are
// people's own documents: what is missing there was not asked for.
func required(key string) []string {
	kind, _, _ := strings.Cut(key, "/")
	switch {
	case isVote(key):
		return []string{"schema", "id", "vote", "vote.person"}
	case strings.HasSuffix(key, ".notice.json"):
		return []string{"schema", "id"}
	}
	return map[string][]string{
		"queue":   {"schema", "id", "document", "regionId", "sslVpnServerId", "patch", "dueAt"},
		"lanes":   {"schema", "gen", "kind", "state.intent.token", "state.intent.patch", "state.intent.asked", "state.intent.keys", "state.intent.outcomes", "state.decided.items"},
		"claims":  {"schema", "identity"},
		"outbox":  {"schema", "id", "to"},
		"results": {"schema", "id"},
		"holds":   {"schema"},
		"state":   {"schema"},
	}[kind]
}

// read returns an object as an instance reads it.
func (d *damager) read(key string, data []byte) []byte {
	if d == nil || required(key) == nil {
		return data
	}
	h, now := d.h, time.Now()
	if strings.HasPrefix(key, "lanes/") && !now.Before(d.lanes[0]) && now.Before(d.lanes[1]) {
		return damaged{how: cutShort}.apply(data)
	}
	was, ok := d.objects[key]
	if !ok || !now.Before(was.until) { //nolint:nestif // the order of the draws is what a seed means
		if h.cfg.calm || h.faults >= h.cfg.maxFaults || time.Since(h.start) > h.cfg.length || d.rng.Float64() > d.rate {
			return data
		}
		was = damaged{how: damage(d.rng.IntN(int(damageKinds))), until: now.Add(d.lasts(key))}
		if was.how == otherForm && strings.HasPrefix(key, "results/") {
			return data // see foreigner
		}
		names := slices.DeleteFunc(required(key), func(name string) bool { return without(data, name) == nil })
		if was.how == nameMissing {
			if len(names) == 0 {
				return data
			}
			was.name = names[d.rng.IntN(len(names))]
		}
		h.faults++
		d.drawn++
		d.objects[key] = was
		h.note("%s is %s %s for %v", key, was.how, was.name, was.until.Sub(now))
	}
	h.reachIf(strings.HasPrefix(key, "lanes/"), "a lane that cannot be read")
	if isVote(key) {
		d.unread[changeOf(key)] = true
		h.reach("a vote that cannot be read")
	}
	return was.apply(data)
}

// voteOn reports whether a vote on a change was damaged: it counts as not cast
// for as long as it cannot be read.
func (d *damager) voteOn(id string) bool { return d != nil && d.unread[id] }

// entryOf reports whether the queue entry of a change was damaged.
func (d *damager) entryOf(id string) bool {
	if d == nil {
		return false
	}
	for key := range d.objects {
		if strings.HasPrefix(key, "queue/") && !isVote(key) && idOf(key) == id {
			return true
		}
	}
	return false
}

// count returns how many objects were damaged.
func (d *damager) count() int {
	if d == nil {
		return 0
	}
	return d.drawn
}

// lasts draws how long an object stays damaged: for one read, for some minutes,
// or until the faults end, when somebody repairs it; in heavy runs a queue entry
// forever.
func (d *damager) lasts(key string) time.Duration {
	if d.h.cfg.heavy && strings.HasPrefix(key, "queue/") && !isVote(key) {
		return 1000 * time.Hour
	}
	switch d.rng.IntN(4) {
	case 0:
		return time.Duration(1+d.rng.IntN(900)) * time.Second
	case 1:
		return max(time.Millisecond, d.h.cfg.length-time.Since(d.h.start))
	default:
		return 0
	}
}

func (d damaged) apply(data []byte) []byte {
	switch d.how {
	case cutShort:
		return data[:len(data)/2]
	case nameMissing:
		if out := without(data, d.name); out != nil {
			return out
		}
		return data[:0]
	case otherForm:
		return []byte(`{"schema":"another/v1","changes":[1]}`)
	case empty, damageKinds:
	}
	return data[:0]
}

// without removes a name from a JSON object; nil if it has none of that name.
func without(data []byte, path string) []byte {
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil {
		return nil
	}
	name, rest, nested := strings.Cut(path, ".")
	value, ok := object[name]
	switch {
	case !ok:
		return nil
	case nested:
		inner := without(value, rest)
		if inner == nil {
			return nil
		}
		object[name] = inner
	default:
		delete(object, name)
	}
	return encode(object)
}

func encode(object map[string]json.RawMessage) []byte {
	data, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return data
}

// changeOf returns the change id in a vote's key.
func changeOf(key string) string {
	name := strings.TrimPrefix(key[strings.LastIndexByte(key, '/')+1:], "-")
	for _, kind := range []string{"-approve-", "-reject-", "-cancel-", "-extend-", "-undo-"} {
		if id, _, ok := strings.Cut(name, kind); ok {
			return id
		}
	}
	return ""
}

// otherVersion rewrites what every second instance writes as another version of
// the function could: names that are optional in v1 and tell nothing but to
// people are missing, as in an earlier version, and there are names that this
// version does not know, as in a later one.
func otherVersion(in *instance, key string, data []byte) []byte {
	kind, _, _ := strings.Cut(key, "/")
	if !in.harness.cfg.mixed || in.id%2 == 0 || kind == "wake" {
		return data
	}
	if strings.HasPrefix(key, "index/parts/") {
		return data // its key has the hash of what the version has written
	}
	for _, name := range map[string][]string{
		"queue":   {"ref", "reason", "requestedBy"},
		"results": {"ref", "reason", "requestedBy"},
		"lanes":   {"state.past", "state.stalls", "state.spent"},
	}[kind] {
		if out := without(data, name); out != nil {
			data = out
		}
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil {
		panic(key + " is not a JSON object")
	}
	unknown := json.RawMessage(`{"at":"2027-01-01T00:00:00Z","items":[{"id":"x"},null,1.5]}`)
	object["ofALaterVersion"] = unknown
	for _, name := range []string{"state", "vote", "origin"} {
		var inner map[string]json.RawMessage
		if json.Unmarshal(object[name], &inner) == nil && inner != nil {
			inner["ofALaterVersion"] = unknown
			object[name] = encode(inner)
		}
	}
	return encode(object)
}

// Every lane with a generation that cannot be read stops: nothing is sent and
// nothing is recorded. When the objects are repaired, every change ends.
func TestADamagedLaneStopsAndLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		<-time.After(time.Until(time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)))
		h := newHarness(config{seed: 9, servers: 2, length: time.Minute, calm: true, damages: true}, false)
		h.api.busy, h.api.idle = func() time.Duration { return 0 }, true
		const document = "expiresAt: 2026-11-24T00:00:00Z\nchanges:\n" +
			"  - {RegionId: cn-hangzhou, SslVpnServerId: vss-sim0, Port: %d}\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-sim1, Port: %d}\n"
		h.after(time.Second, func() { h.upload("changes/first.yaml", fmt.Sprintf(document, 1201, 1202)) })
		h.after(30*time.Second, func() { h.platform.sweep(h.start.Add(6 * time.Hour)) })
		h.damage.lanes = [2]time.Time{h.start.Add(10 * time.Minute), h.start.Add(3 * time.Hour)}
		h.at(h.damage.lanes[0], func() {
			for _, in := range h.platform.instances {
				h.kill(in) // it remembers the lanes as they were
			}
			h.upload("changes/second.yaml", fmt.Sprintf(document, 1203, 1204))
		})
		h.run(h.damage.lanes[1].Add(-time.Second))
		if len(h.seen.records) != 2 || h.api.modifies != 2 || len(h.seen.entries) != 4 {
			t.Errorf("while the lanes are damaged: %d changes, %d records, %d modifications", len(h.seen.entries), len(h.seen.records), h.api.modifies)
		}
		h.run(h.start.Add(8 * time.Hour))
		h.cfg.calm = false // waiting times are not checked here
		h.check()
		if len(h.violation) > 0 || len(h.seen.records) != 4 || h.api.modifies != 4 {
			t.Errorf("after the repair: %d records, %d modifications, %q", len(h.seen.records), h.api.modifies, h.violation)
		}
		for _, in := range h.platform.instances {
			h.kill(in)
		}
		h.run(time.Now().Add(time.Hour))
	})
}

// In every run a quarter of the reads is damaged for good: a queue entry that
// cannot be read ends with a record that says so, and nothing else is lost.
func TestDamagedEntriesEndWithARecord(t *testing.T) {
	t.Parallel()
	unreadable := 0
	for seed := range uint64(fewer(20, 4)) {
		cfg := defaults(6000 + seed)
		cfg.damages, cfg.heavy, cfg.maxFaults = true, true, 1000
		out := simulate(t, cfg, false)
		if len(out.violations) > 0 {
			t.Errorf("seed %d breaks promises: %q", cfg.seed, out.violations)
		}
		unreadable += out.unreadable
	}
	t.Logf("%d changes ended because their queue entries could not be read", unreadable)
	if unreadable == 0 {
		t.Error("no queue entry was damaged")
	}
}
