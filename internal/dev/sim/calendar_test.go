package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// calendar has the windows and freezes of a policy. What they mean is written down here,
// and not taken from the code under test.
type calendar struct {
	windows []opening
	freezes []frost
}

// opening is a maintenance window.
type opening struct {
	name      string
	server    string // "*" for all
	settings  []change.Field
	zone      *time.Location
	shifts    []shift
	except    string // a date; "" for none
	also      string
	lastStart time.Duration
}

// shift is a part of every day, in minutes since midnight. It ends on the next morning if
// to is not after from.
type shift struct{ from, to int }

// frost is a freeze, between two readings of a clock such as 2026-11-22T17:00.
type frost struct {
	name        string
	server      string
	zone        *time.Location
	from, until string
	need        int // votes to override it; 0: nobody may
}

const (
	clockReading = "2006-01-02T15:04"
	nobodyMay    = 0
)

func about(server string, t change.Target) bool { return server == "*" || server == t.ServerID }

// reads reports whether the window's clock reads a time of one of its intervals.
func (o opening) reads(at time.Time) bool {
	local := at.In(o.zone)
	minute := local.Hour()*60 + local.Minute()
	today, yesterday := local.Format(time.DateOnly), local.AddDate(0, 0, -1).Format(time.DateOnly)
	if o.also == today {
		return true
	}
	return slices.ContainsFunc(o.shifts, func(s shift) bool {
		if s.to > s.from {
			return o.except != today && minute >= s.from && minute < s.to
		}
		return o.except != today && minute >= s.from || o.except != yesterday && minute < s.to
	})
}

// letsStart reports whether one of the windows for a setting lets changes be sent.
func letsStart(windows []opening, at time.Time) bool {
	open := func(at time.Time) bool {
		return slices.ContainsFunc(windows, func(o opening) bool { return o.reads(at) })
	}
	return slices.ContainsFunc(windows, func(o opening) bool {
		// Edges are whole minutes.
		last := at.Add(o.lastStart)
		for m := at.Truncate(time.Minute).Add(time.Minute); m.Before(last); m = m.Add(time.Minute) {
			if !open(m) {
				return false
			}
		}
		return o.reads(at) && open(last)
	})
}

// frozenBy are the freezes that close a server at an instant.
func (c calendar) frozenBy(t change.Target, at time.Time) []frost {
	var out []frost
	for _, f := range c.freezes {
		if reading := at.In(f.zone).Format(clockReading); about(f.server, t) && reading >= f.from && reading < f.until {
			out = append(out, f)
		}
	}
	return out
}

// open reports whether a change may be sent for the first time at an instant.
func (c calendar) open(e entry, at time.Time) bool {
	if e.undoes != "" || e.dryRun {
		return true
	}
	for _, f := range c.frozenBy(e.target, at) {
		if f.need == nobodyMay || f.name != e.override {
			return false
		}
	}
	for field := range e.patch {
		var of []opening
		for _, o := range c.windows {
			if about(o.server, e.target) && slices.Contains(o.settings, field) {
				of = append(of, o)
			}
		}
		if len(of) > 0 && !letsStart(of, at) {
			return false
		}
	}
	return true
}

// opens is the first instant at which a change may be sent; ok is false if there is none
// before the end.
func (c calendar) opens(e entry, at, end time.Time) (opens time.Time, ok bool) {
	for at.Before(end) {
		if c.open(e, at) {
			return at, true
		}
		at = at.Truncate(time.Minute).Add(time.Minute)
	}
	return time.Time{}, false
}

// stays reports whether a calendar stays open for some time.
func (c calendar) stays(e entry, at time.Time, d time.Duration) bool {
	end := at.Add(d)
	for ; at.Before(end); at = at.Truncate(time.Minute).Add(time.Minute) {
		if !c.open(e, at) {
			return false
		}
	}
	return true
}

// overridden is how many votes a change needs to be sent at an instant because it
// overrides a freeze.
func (c calendar) overridden(e entry, at time.Time) int {
	need := 0
	for _, f := range c.frozenBy(e.target, at) {
		if f.name == e.override {
			need = max(need, f.need)
		}
	}
	return need
}

// text is the calendar as a part of a policy.
func (c calendar) text() string {
	var b strings.Builder
	if len(c.windows) > 0 {
		b.WriteString("windows:\n")
	}
	for _, o := range c.windows {
		var settings, open []string
		for _, f := range o.settings {
			settings = append(settings, string(f))
		}
		for _, s := range o.shifts {
			open = append(open, fmt.Sprintf("{days: [mon, tue, wed, thu, fri, sat, sun], from: \"%02d:%02d\", to: \"%02d:%02d\"}", s.from/60, s.from%60, s.to/60, s.to%60))
		}
		fmt.Fprintf(&b, "  - {name: %s, servers: [%q], settings: [%s], timeZone: %s, open: [%s]", o.name, o.server, strings.Join(settings, ", "), o.zone, strings.Join(open, ", "))
		if o.except != "" {
			fmt.Fprintf(&b, ", except: [%s]", o.except)
		}
		if o.also != "" {
			fmt.Fprintf(&b, ", also: [%s]", o.also)
		}
		if o.lastStart > 0 {
			fmt.Fprintf(&b, ", lastStart: %s", change.Span(o.lastStart))
		}
		b.WriteString("}\n")
	}
	if len(c.freezes) > 0 {
		b.WriteString("freezes:\n")
	}
	for _, f := range c.freezes {
		fmt.Fprintf(&b, "  - {name: %s, servers: [%q], timeZone: %s, from: %s, until: %s", f.name, f.server, f.zone, f.from, f.until)
		if f.need > 0 {
			fmt.Fprintf(&b, ", override: {need: %d}", f.need)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// strict is the calendar without overrides.
func (c calendar) strict() calendar {
	c.freezes = slices.Clone(c.freezes)
	for i := range c.freezes {
		c.freezes[i].need = nobodyMay
	}
	return c
}
