package window

import (
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Question asks about a change of settings of the calendar's server.
type Question struct {
	Settings []change.Field
	Override string // the name of a freeze that the change overrides, in any case; "" for none
}

// Verdict says whether a change may be sent now.
type Verdict struct {
	Open bool

	// Opens is, for a closed calendar, the first instant at which the change may be sent;
	// zero if there is none within Horizon.
	Opens time.Time

	// Closes is, for an open calendar, the first instant at which the change may not be
	// sent any more; zero if there is none within Horizon.
	Closes time.Time

	Windows []string // the names of those that apply to the change; none: it is always open

	// Freeze and Reason are those of a freeze that closes the calendar now: of several,
	// one that nobody may override, else the first. MayOverride reports whether the change
	// would not be frozen now if it overrode that freeze, and Need is how many votes that
	// takes.
	Freeze      string
	Reason      string
	MayOverride bool
	Need        int
}

// Ask decides whether a change may be sent at an instant.
func (c Calendar) Ask(q Question, at time.Time) Verdict {
	s := c.search(q)
	out := Verdict{Windows: s.names()}
	if len(s.groups) == 0 && len(s.frozen) == 0 {
		out.Open = true
		return out
	}
	now := at.Unix()
	s.freezeNow(&out, now)
	for from, step := now, int64(daySeconds); from < now+horizon; from += step {
		if from > now {
			step = min(2*step, maxStep)
		}
		in := span{from, min(from+step, now+horizon)}
		open := s.open(in)
		starts := len(open) > 0 && open[0].from == in.from
		if from == now {
			out.Open = starts
		}
		switch {
		case !out.Open && len(open) > 0:
			out.Opens = instant(open[0].from)
			return out
		case out.Open && !starts:
			out.Closes = instant(in.from)
			return out
		case out.Open && open[0].until < in.until:
			out.Closes = instant(open[0].until)
			return out
		}
	}
	return out
}

// At is Ask without Opens and Closes, which it does not look for.
func (c Calendar) At(q Question, at time.Time) Verdict {
	s := c.search(q)
	out, now := Verdict{Windows: s.names()}, at.Unix()
	s.freezeNow(&out, now)
	out.Open = len(s.open(span{now, now + 1})) > 0
	return out
}

const (
	horizon = int64(Horizon / time.Second)
	maxStep = 32 * daySeconds
)

// search has what one question needs of a calendar.
type search struct {
	windows []*Window // those that apply to a setting
	groups  []group   // of each setting that has a window; equal ones once
	frozen  []frozen
}

// group lists the windows of a setting, by their numbers in search.
type group []int

type frozen struct {
	span

	freeze *Freeze
	lifted bool // by the override
}

func (c Calendar) search(q Question) *search {
	s := &search{}
	for i := range c.Windows {
		if w := &c.Windows[i]; slices.ContainsFunc(q.Settings, func(f change.Field) bool { return slices.Contains(w.Settings, f) }) {
			s.windows = append(s.windows, w)
		}
	}
	for _, f := range q.Settings {
		var g group
		for i, w := range s.windows {
			if slices.Contains(w.Settings, f) {
				g = append(g, i)
			}
		}
		if len(g) > 0 && !slices.ContainsFunc(s.groups, func(other group) bool { return slices.Equal(g, other) }) {
			s.groups = append(s.groups, g)
		}
	}
	for i := range c.Freezes {
		f := &c.Freezes[i]
		s.frozen = append(s.frozen, frozen{f.span(), f, f.MayOverride() && strings.EqualFold(f.Name, q.Override)})
	}
	return s
}

func (s *search) names() []string {
	var out []string
	for _, w := range s.windows {
		out = append(out, w.Name)
	}
	return out
}

// freezeNow adds the freeze that closes the calendar at an instant.
func (s *search) freezeNow(out *Verdict, now int64) {
	var by *Freeze
	active := 0
	for _, f := range s.frozen {
		if now < f.from || now >= f.until {
			continue
		}
		active++
		if !f.lifted && (by == nil || by.MayOverride() && !f.freeze.MayOverride()) {
			by = f.freeze
		}
	}
	if by == nil {
		return
	}
	out.Freeze, out.Reason = by.Name, by.Reason
	if by.MayOverride() && active == 1 {
		out.MayOverride, out.Need = true, by.Need
	}
}

// open are the times inside a span at which the change may be sent.
func (s *search) open(in span) []span {
	out := []span{in}
	if len(s.groups) > 0 {
		// An opening that reaches the end may go on, so its last start is looked for beyond.
		ahead := span{in.from, in.until + int64(MaxLastStart/time.Second)}
		of := make([][]span, len(s.windows))
		for i, w := range s.windows {
			of[i] = w.spans(ahead)
		}
		for _, g := range s.groups {
			out = both(out, s.sendable(g, of))
		}
	}
	var closed []span
	for _, f := range s.frozen {
		if !f.lifted && f.from < in.until && f.until > in.from {
			closed = append(closed, f.span)
		}
	}
	return without(out, joined(closed))
}

// sendable are the times at which one of the windows of a setting lets a change be sent:
// its own openings, without the last start before the end of the whole opening.
func (s *search) sendable(g group, of [][]span) []span {
	var all []span
	for _, i := range g {
		all = append(all, of[i]...)
	}
	all = joined(all)
	if !slices.ContainsFunc(g, func(i int) bool { return s.windows[i].LastStart > 0 }) {
		return all
	}
	var out []span
	for _, i := range g {
		before, j := int64(s.windows[i].LastStart/time.Second), 0
		for _, one := range of[i] {
			for all[j].until < one.until {
				j++
			}
			out = append(out, span{one.from, min(one.until, all[j].until-before)})
		}
	}
	return joined(out)
}
