package sim_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// In a quarter of the runs the policy has windows and freezes, of minutes up to hours, so
// that they open and close within the run. They are edited while changes wait.

// timekeeper edits windows and freezes, and checks what they promise. Its random numbers
// are its own, so that the other runs stay the same.
type timekeeper struct {
	h       *harness
	rng     *rand.Rand
	on      bool
	edition int
	now     calendar
	lasting []frost // freezes that outlast the faults

	waited   map[string]bool               // changes that were closed when they were due
	sentAt   map[change.Target]time.Time   // the last first send
	rewrites map[change.Target][]rewritten // generations that say the same as the one before
	openings int                           // for changes whose lane and gateway were free
	shut     map[change.Target]int         // modifications that were planned and not sent
}

// drawWindows draws whether a run has windows.
func drawWindows(seed uint64, chats bool) bool {
	n := 4
	if chats {
		n = 2
	}
	return rand.New(rand.NewPCG(seed, 15)).IntN(n) == 0
}

func newTimekeeper(h *harness) *timekeeper {
	k := &timekeeper{
		h: h, rng: rand.New(rand.NewPCG(h.cfg.seed, 16)), on: h.cfg.windows,
		waited: map[string]bool{}, sentAt: map[change.Target]time.Time{}, rewrites: map[change.Target][]rewritten{}, shut: map[change.Target]int{},
	}
	if k.on {
		k.now = k.draw()
	}
	return k
}

// begin schedules the edits. The last one comes when the run's faults end: from then on,
// every window opens within a day, and no freeze lasts for longer than some hours.
func (k *timekeeper) begin() {
	if !k.on {
		return
	}
	h := k.h
	if h.chat == nil {
		h.rule(rulebook{name: "robots alone", text: robotRules(), asks: []string{"robot"}, agrees: []string{}})
	}
	for range k.rng.IntN(4) {
		h.after(time.Duration(k.rng.Int64N(int64(h.cfg.length))), func() { k.edit(k.draw()) })
	}
	h.at(h.start.Add(h.cfg.length), func() {
		last := k.draw()
		if k.rng.IntN(4) > 0 {
			last.windows = nil
		}
		last.freezes = k.lasting
		k.edit(last)
	})
	h.at(h.start.Truncate(time.Minute).Add(time.Minute), k.minute)
}

// robotRules is a policy for runs in which nobody chats.
func robotRules() string {
	var timers strings.Builder
	for i := range 12 {
		fmt.Fprintf(&timers, ", {door: timer, user: nightly-%d}", i+1)
	}
	return "people:\n  - {name: robot, accounts: [{door: http, user: sim}, {door: file, user: \"2\"}" + timers.String() + "]}\n" +
		"grants:\n  - {who: [robot], roles: [operator], servers: [\"*\"]}\n"
}

// edit puts other windows and freezes into force, with the rest of the policy as it is.
func (k *timekeeper) edit(c calendar) {
	h := k.h
	for _, t := range h.targets() {
		h.reachIf(h.lanes[t].State.Wait.Cause == "window", "windows are edited while a change waits for one")
	}
	k.now = c
	h.rule(h.books[len(h.books)-1].rulebook)
}

// freezeNow begins a freeze of every server, at the moment or in the last minutes.
func (k *timekeeper) freezeNow(d time.Duration) {
	k.edition++
	c := k.now
	c.freezes = append(slices.Clone(c.freezes), k.freeze(0, "*", time.Now().Add(-time.Minute), d))
	k.edit(c)
}

// zones have offsets of half and quarter hours, and days that begin at other times.
func zones() []string {
	return []string{"Asia/Shanghai", "UTC", "Asia/Kolkata", "Pacific/Chatham", "America/St_Johns", "Australia/Lord_Howe"}
}

func (k *timekeeper) zone() *time.Location {
	loc, err := time.LoadLocation(zones()[k.rng.IntN(len(zones()))])
	if err != nil {
		panic(err)
	}
	return loc
}

// server draws what a window or a freeze is about.
func (k *timekeeper) server() string {
	if k.rng.IntN(2) == 0 {
		return "*"
	}
	return fmt.Sprintf("vss-sim%d", k.rng.IntN(k.h.cfg.servers))
}

// draw draws windows and freezes, around now.
func (k *timekeeper) draw() calendar {
	k.edition++
	var c calendar
	if k.edition > 1 && k.rng.IntN(2) == 0 {
		c.freezes = slices.Clone(k.now.freezes)
	}
	for i := range k.rng.IntN(3) {
		c.windows = append(c.windows, k.window(i))
	}
	if k.h.cfg.chats && k.rng.IntN(3) > 0 { // one that people can override soon
		f := k.freeze(9, "*", time.Now().Add(-time.Minute), time.Duration(10+k.rng.IntN(30))*time.Minute)
		f.need = 1 + k.rng.IntN(2)
		c.freezes = append(c.freezes, f)
	}
	freezes := k.rng.IntN(3)
	if len(c.windows) == 0 || k.h.cfg.chats {
		freezes++
	}
	for i := range freezes {
		from := time.Now().Add(time.Duration(k.rng.IntN(int(k.h.cfg.length/time.Minute)+10)-10) * time.Minute)
		c.freezes = append(c.freezes, k.freeze(i, k.server(), from, time.Duration(2+k.rng.IntN(40))*time.Minute))
	}
	return c
}

func (k *timekeeper) freeze(i int, server string, from time.Time, d time.Duration) frost {
	f := frost{name: fmt.Sprintf("f%d-%d", k.edition, i), server: server, zone: k.zone()}
	f.from, f.until = from.In(f.zone).Format(clockReading), from.Add(d).In(f.zone).Format(clockReading)
	if k.h.chat != nil || k.h.cfg.chats { // otherwise nobody could vote
		f.need = k.rng.IntN(3)
	}
	return f
}

func (k *timekeeper) window(i int) opening {
	o := opening{
		name: fmt.Sprintf("w%d-%d", k.edition, i), server: k.server(), zone: k.zone(),
		settings: [][]change.Field{
			{change.Port, change.Proto}, {change.Port, change.Proto}, {change.Cipher}, {change.Name, change.Proto}, {change.ClientIPPool}, change.Fields(),
		}[k.rng.IntN(6)],
	}
	local := time.Now().Add(-time.Duration(k.rng.IntN(20)) * time.Minute).In(o.zone)
	minute, longest := local.Hour()*60+local.Minute(), 0
	for range 2 + k.rng.IntN(9) {
		long := 2 + k.rng.IntN(20)
		longest = max(longest, long)
		o.shifts = append(o.shifts, shift{minute % (24 * 60), (minute + long) % (24 * 60)})
		minute += long + 2 + k.rng.IntN(25)
	}
	if k.rng.IntN(3) == 0 {
		o.lastStart = time.Duration(1+k.rng.IntN(min(longest-1, 5))) * time.Minute
	}
	switch day := local.AddDate(0, 0, k.rng.IntN(2)).Format(time.DateOnly); k.rng.IntN(8) {
	case 0:
		o.also = day
	case 1:
		o.except = day
	}
	return o
}

// targets are the servers, in their order.
func (h *harness) targets() []change.Target {
	var out []change.Target
	for _, g := range h.api.order {
		out = append(out, g.target)
	}
	return out
}

// line is the line of a document that is due right before a window closes or a freeze
// begins; "" for others.
func (k *timekeeper) line(doc string) string {
	if !k.on || strings.Contains(doc, "notBefore:") || strings.Contains(doc, "dryRun") || k.rng.IntN(3) > 0 {
		return ""
	}
	e := entry{target: k.h.targets()[k.rng.IntN(len(k.h.api.order))], patch: change.Patch{change.Port: change.Number(1), change.Proto: change.Text("")}}
	for at := time.Now().Truncate(time.Minute).Add(2 * time.Minute); at.Before(time.Now().Add(25 * time.Minute)); at = at.Add(time.Minute) {
		if k.now.open(e, at.Add(-1)) && !k.now.open(e, at) {
			return fmt.Sprintf("notBefore: %s\n", at.Add(-time.Duration(100+k.rng.IntN(2000))*time.Millisecond).UTC().Format(time.RFC3339Nano))
		}
	}
	return ""
}

// words are the keys of a command that overrides the freeze of its server, if there is
// one now that may be overridden; "" for others.
func (k *timekeeper) words(line string) string {
	if !k.on || k.rng.IntN(4) == 0 {
		return ""
	}
	server := strings.Fields(line)[1]
	for _, f := range k.now.frozenBy(change.Target{RegionID: regionID, ServerID: server}, time.Now()) {
		if f.need > 0 {
			return " override=" + f.name + " reason=urgent"
		}
	}
	return ""
}

// doubted begins a freeze while the outcome of a modification is unknown.
func (k *timekeeper) doubted() {
	if !k.on || !k.h.cfg.pointed || time.Since(k.h.start) > k.h.cfg.length || k.rng.IntN(2) == 0 {
		return
	}
	d := time.Duration(k.rng.IntN(3000)) * time.Millisecond
	k.h.after(d, func() { k.freezeNow(time.Duration(3+k.rng.IntN(15)) * time.Minute) })
}

// overtake begins a freeze that lasts until a change expires that is due later.
func (k *timekeeper) overtake(e entry) {
	now := time.Now()
	if !k.h.cfg.pointed || time.Since(k.h.start) > k.h.cfg.length || e.due.Sub(now) < time.Minute || e.expires.Sub(now) > time.Hour || k.rng.IntN(3) > 0 {
		return
	}
	k.h.after(time.Duration(k.rng.IntN(3000))*time.Millisecond, func() {
		k.freezeNow(time.Until(e.expires) + 20*time.Minute)
		k.lasting = append(k.lasting, k.now.freezes[len(k.now.freezes)-1])
	})
}
