package policy_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the oracle does not use the table of package zone

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

var (
	calendarSeeds = flag.Int("calendars", 40, "how many random calendars are compared with the oracle")
	calendarFirst = flag.Uint64("calendars-first", 1, "the seed of the first of them")
)

// oracleZones have clocks that never change, and clocks that change in both hemispheres,
// at midnight, at other hours, by half an hour, by two hours, and in winter.
func oracleZones() []string {
	return []string{
		"Asia/Shanghai", "UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns",
		"America/Havana", "America/Nuuk", "America/Santiago", "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Auckland", "Pacific/Chatham", "Africa/Cairo",
		"Asia/Beirut", "Asia/Jerusalem", "Asia/Gaza", "Antarctica/Troll", "Pacific/Easter", "Atlantic/Azores",
	}
}

// oracleWindow and oracleFreeze are written into a policy, and are what the oracle reads.
type oracleWindow struct {
	settings     []string // none: all
	zone         *time.Location
	open         []oracleHours
	except, also []string // dates
	lastStart    int      // minutes
}

type oracleHours struct {
	days     []string
	from, to string
}

type oracleFreeze struct {
	name        string
	zone        *time.Location
	from, until string
	need        int
}

// drawn is a random calendar with a change, and the hour around which it is asked.
type drawn struct {
	windows  []oracleWindow
	freezes  []oracleFreeze
	settings []string
	override string
	around   time.Time
}

// draw makes a random calendar around a moment at which a clock changes, or around any.
func draw(r *rand.Rand, zones []*time.Location, changes map[string][]time.Time) drawn {
	main := zones[r.IntN(len(zones))]
	d := drawn{around: time.Date(2027, 1, 1, r.IntN(365*24*2), 0, 0, 0, time.UTC)}
	if moments := changes[main.String()]; len(moments) > 0 && r.IntN(3) > 0 {
		d.around = moments[r.IntN(len(moments))]
	}
	zone := func() *time.Location {
		if r.IntN(4) > 0 {
			return main
		}
		return zones[r.IntN(len(zones))]
	}
	names := []string{"Port", "Proto", "Cipher"}
	for range r.IntN(4) {
		w := oracleWindow{zone: zone()}
		if r.IntN(3) > 0 {
			w.settings = some(r, names)
		}
		for range 1 + r.IntN(3) {
			w.open = append(w.open, drawHours(r))
		}
		for i := range 4 {
			date := d.around.In(w.zone).AddDate(0, 0, i-2).Format(time.DateOnly)
			switch r.IntN(8) {
			case 0:
				w.except = append(w.except, date)
			case 1:
				w.also = append(w.also, date)
			}
		}
		if len(w.also) > 0 && r.IntN(6) == 0 {
			w.open = nil
		}
		if longest := w.longest(); r.IntN(2) == 0 && longest > 1 {
			w.lastStart = 1 + r.IntN(min(longest-1, []int{20, 90, longest - 1}[r.IntN(3)]))
		}
		d.windows = append(d.windows, w)
	}
	for i := range max(0, r.IntN(4)-1) {
		f := oracleFreeze{name: fmt.Sprintf("f%d", i), zone: zone(), need: r.IntN(3)}
		from := d.around.In(f.zone).Add(time.Duration(r.IntN(60)-45) * time.Hour)
		from = time.Date(from.Year(), from.Month(), from.Day(), from.Hour(), r.IntN(4)*15, 0, 0, time.UTC)
		const minutes = "2006-01-02T15:04"
		f.from, f.until = from.Format(minutes), from.Add(time.Duration(1+r.IntN(40*60))*time.Minute).Format(minutes)
		d.freezes = append(d.freezes, f)
	}
	d.settings = some(r, names)
	if r.IntN(3) == 0 {
		d.override = fmt.Sprintf("F%d", r.IntN(2))
	}
	return d
}

func drawHours(r *rand.Rand) oracleHours {
	minute := func() int {
		switch r.IntN(4) {
		case 0:
			return r.IntN(24 * 60)
		case 1: // where clocks change
			return r.IntN(5*4) * 15 % (24 * 60)
		default:
			return r.IntN(24*4) * 15
		}
	}
	clock := func(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }
	h := oracleHours{from: clock(minute()), to: clock(minute())}
	if r.IntN(10) == 0 {
		h.to = "24:00"
	}
	if r.IntN(8) == 0 {
		h.from = "00:00"
	}
	week := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	switch r.IntN(4) {
	case 0:
		h.days = week
	case 1:
		for _, day := range some(r, week) {
			h.days = append(h.days, []string{"first ", "second ", "third ", "fourth ", "fifth ", "last "}[r.IntN(6)]+day)
		}
		h.days = append(h.days, week[r.IntN(7)])
	default:
		r.Shuffle(7, func(i, j int) { week[i], week[j] = week[j], week[i] })
		h.days = week[:2+r.IntN(5)]
	}
	return h
}

// longest is how many minutes the longest hours have.
func (w oracleWindow) longest() int {
	most := 0
	for _, h := range w.open {
		minutes := minutesOf(h.to) - minutesOf(h.from)
		if minutes <= 0 {
			minutes += 24 * 60
		}
		most = max(most, minutes)
	}
	if len(w.also) > 0 {
		most = 24 * 60
	}
	return most
}

func minutesOf(clock string) int {
	digit := func(i int) int { return int(clock[i] - '0') }
	return (digit(0)*10+digit(1))*60 + digit(3)*10 + digit(4)
}

// document writes the calendar as a policy.
func (d drawn) document() string {
	list := func(of []string) string { return "['" + strings.Join(of, "', '") + "']" }
	var b strings.Builder
	b.WriteString("people:\n")
	for _, name := range []string{"a", "b", "c"} {
		fmt.Fprintf(&b, "- {name: %s, accounts: [{door: http, user: %s}]}\n", name, name)
	}
	b.WriteString("grants: [{who: ['*'], roles: [admin], servers: ['*']}]\nwindows:\n")
	b.WriteString("- {name: elsewhere, servers: [vss-other], timeZone: UTC, also: [2020-01-01]}\n")
	for i, w := range d.windows {
		fmt.Fprintf(&b, "- name: w%d\n  servers: ['*']\n  timeZone: %s\n", i, w.zone)
		if len(w.settings) > 0 {
			b.WriteString("  settings: " + list(w.settings) + "\n")
		}
		if len(w.open) > 0 {
			b.WriteString("  open:\n")
		}
		for _, h := range w.open {
			fmt.Fprintf(&b, "  - {days: %s, from: %s, to: %s}\n", list(h.days), h.from, h.to)
		}
		if len(w.except) > 0 {
			b.WriteString("  except: " + list(w.except) + "\n")
		}
		if len(w.also) > 0 {
			b.WriteString("  also: " + list(w.also) + "\n")
		}
		if w.lastStart > 0 {
			fmt.Fprintf(&b, "  lastStart: %dm\n", w.lastStart)
		}
	}
	b.WriteString("freezes:\n- {name: elsewhere, servers: [vss-other], timeZone: UTC, from: 2020-01-01T00:00, until: 2030-01-01T00:00}\n")
	for _, f := range d.freezes {
		fmt.Fprintf(&b, "- {name: %s, servers: ['*'], timeZone: %s, from: %s, until: %s", f.name, f.zone, f.from, f.until)
		if f.need > 0 {
			fmt.Fprintf(&b, ", override: {need: %d}", f.need)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// clockChanges lists when the clock of a zone changes in two years.
func clockChanges(loc *time.Location) []time.Time {
	var out []time.Time
	_, before := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).In(loc).Zone()
	for at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2029; at = at.Add(30 * time.Minute) {
		_, offset := at.In(loc).Zone()
		if offset != before {
			out = append(out, at)
		}
		before = offset
	}
	return out
}

// TestCalendarsDoWhatTheOracleSays compares the gate with the oracle, which asks about
// every minute of two and a half days.
func TestCalendarsDoWhatTheOracleSays(t *testing.T) {
	t.Parallel()
	var zones []*time.Location
	changes := map[string][]time.Time{}
	for _, name := range oracleZones() {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones, changes[name] = append(zones, loc), clockChanges(loc)
	}
	if len(changes["Australia/Lord_Howe"]) != 4 || len(changes["Asia/Shanghai"]) != 0 {
		t.Fatalf("changes %v", changes)
	}
	var seen tally
	for i := range *calendarSeeds {
		seed := *calendarFirst + uint64(i)
		r := rand.New(rand.NewPCG(seed, 12))
		d := draw(r, zones, changes)
		p, problems := policy.Parse([]byte(d.document()), document.YAML)
		if len(problems) > 0 {
			t.Fatalf("seed %d: %v\n%s", seed, problems, d.document())
		}
		if wrong := compare(r, d, p, &seen); wrong != "" {
			t.Fatalf("seed %d: %s\n%v override %q\n%s", seed, wrong, d.settings, d.override, d.document())
		}
	}
	t.Logf("%d calendars: %+v", *calendarSeeds, seen)
	if least := *calendarSeeds; seen.open < least || seen.closed < least || seen.opens < least || seen.closes < least/2 || seen.frozen < least/2 || seen.spans < least {
		t.Errorf("%d calendars are too much alike: %+v", *calendarSeeds, seen)
	}
}

// tally counts what was compared.
type tally struct{ open, closed, opens, closes, frozen, spans int }

// compare asks the policy at random instants and at all edges; "" if it agrees with the
// oracle.
func compare(r *rand.Rand, d drawn, p *policy.Policy, seen *tally) string {
	o := newOracle(d)
	about := change.Request{Target: hangzhou, Patch: change.Patch{}, Override: d.override}
	var fields []change.Field
	for _, name := range d.settings {
		about.Patch[change.Field(name)] = change.Text("x")
		fields = append(fields, change.Field(name))
	}
	var instants []time.Time
	for range 20 {
		instants = append(instants, o.at(r.IntN(o.minutes)).Add(time.Duration(r.Int64N(int64(time.Minute)))))
	}
	edges := 0
	for m := 1; m < o.minutes && edges < 20; m++ {
		if o.open[m] != o.open[m-1] {
			instants = append(instants, o.at(m), o.at(m).Add(-time.Nanosecond))
			edges++
		}
	}
	for _, now := range instants {
		if wrong := o.judge(now, p.Gate(about, now), seen); wrong != "" {
			return wrong
		}
	}
	if d.override != "" {
		return ""
	}
	listed := slices.DeleteFunc(p.Openings(hangzhou, fields, o.at(0), o.at(o.minutes)), func(s window.Span) bool { return s.Freeze != "" })
	seen.spans += len(listed)
	for m := range o.minutes {
		for len(listed) > 0 && !o.at(m).Before(listed[0].Until) {
			listed = listed[1:]
		}
		if inside := len(listed) > 0 && !o.at(m).Before(listed[0].From); inside != o.open[m] {
			return fmt.Sprintf("%s is in an opening: %v; the oracle says %v", o.at(m), inside, o.open[m])
		}
	}
	return ""
}
