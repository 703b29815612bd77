package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

// oracle knows for every minute whether a change may be sent. It reads the clock of each
// zone for each minute, and knows nothing of spans: offsets of zones are whole quarters of
// an hour in the years that it looks at.
type oracle struct {
	start   time.Time
	minutes int
	open    []bool
	frozen  [][]string // the freezes of each minute, also overridden ones
	drawn   drawn
}

const (
	oracleBefore = 26 * 60 // minutes that are asked before and after the middle
	oracleAfter  = 34 * 60
	oracleAhead  = 24 * 60 // more minutes, for the last start
	oracleMargin = 4 * 60  // more than a clock is set back, and more than one is set forward
)

func newOracle(d drawn) *oracle {
	o := &oracle{start: d.around.Add(-oracleBefore * time.Minute), minutes: oracleBefore + oracleAfter, drawn: d}
	all := o.minutes + oracleAhead
	open := make([]bool, all)
	for m := range open {
		open[m] = true
	}
	hours := make([][]bool, len(d.windows))
	for i, w := range d.windows {
		hours[i] = make([]bool, all)
		var known today
		for m := range all {
			hours[i][m] = w.isOpen(o.at(m).In(w.zone), &known)
		}
	}
	for _, setting := range d.settings {
		o.allow(setting, hours, open)
	}
	o.frozen = make([][]string, o.minutes)
	for _, f := range d.freezes {
		lifted := f.need > 0 && strings.EqualFold(f.name, d.override)
		for m, frozen := range o.freeze(f) {
			if frozen {
				o.frozen[m] = append(o.frozen[m], f.name)
				open[m] = open[m] && lifted
			}
		}
	}
	o.open = open[:o.minutes]
	return o
}

func (o *oracle) at(m int) time.Time { return o.start.Add(time.Duration(m) * time.Minute) }

// allow closes the minutes in which no window lets the setting be changed.
func (o *oracle) allow(setting string, hours [][]bool, open []bool) {
	var about []int
	for i, w := range o.drawn.windows {
		if len(w.settings) == 0 || slices.Contains(w.settings, setting) {
			about = append(about, i)
		}
	}
	if len(about) == 0 {
		return
	}
	stays := make([]int, len(open)+1) // for how many minutes from each one a window is open
	for m := len(open) - 1; m >= 0; m-- {
		if slices.ContainsFunc(about, func(i int) bool { return hours[i][m] }) {
			stays[m] = stays[m+1] + 1
		}
	}
	for m := range o.minutes {
		open[m] = open[m] && slices.ContainsFunc(about, func(i int) bool { return hours[i][m] && stays[m] > o.drawn.windows[i].lastStart })
	}
}

// today is a date of a window's zone, with the hours that begin on it and on the day
// before.
type today struct {
	date             int
	also             bool
	begin, yesterday []oracleHours
}

// isOpen reads a clock.
func (w oracleWindow) isOpen(clock time.Time, known *today) bool {
	y, month, day := clock.Date()
	if date := y*10000 + int(month)*100 + day; known.date != date {
		noon := time.Date(y, month, day, 12, 0, 0, 0, time.UTC)
		*known = today{date: date, also: slices.Contains(w.also, clock.Format(time.DateOnly)), begin: w.beginning(noon), yesterday: w.beginning(noon.AddDate(0, 0, -1))}
	}
	if known.also {
		return true
	}
	reads := clock.Hour()*60 + clock.Minute()
	for _, h := range known.begin {
		if from, to := minutesOf(h.from), minutesOf(h.to); reads >= from && (to <= from || reads < to) {
			return true
		}
	}
	for _, h := range known.yesterday {
		if from, to := minutesOf(h.from), minutesOf(h.to); to <= from && reads < to {
			return true
		}
	}
	return false
}

// beginning lists the hours that begin on a day.
func (w oracleWindow) beginning(noon time.Time) []oracleHours {
	if slices.Contains(w.except, noon.Format(time.DateOnly)) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(w.open), func(h oracleHours) bool { return !isOneOf(noon, h.days) })
}

// isOneOf compares the name of a day with those of a list.
func isOneOf(noon time.Time, days []string) bool {
	name := strings.ToLower(noon.Format("Mon"))
	ordinal := []string{"first", "second", "third", "fourth", "fifth"}[(noon.Day()-1)/7]
	last := noon.AddDate(0, 0, 7).Month() != noon.Month()
	return slices.Contains(days, name) || slices.Contains(days, ordinal+" "+name) || last && slices.Contains(days, "last "+name)
}

// freeze says for each minute whether the clock has read the beginning or later, and will
// read a time before the end.
func (o *oracle) freeze(f oracleFreeze) []bool {
	read := func(m int) int64 {
		clock := o.at(m).In(f.zone)
		y, month, day := clock.Date()
		return time.Date(y, month, day, clock.Hour(), clock.Minute(), 0, 0, time.UTC).Unix()
	}
	from, until := readingOf(f.from), readingOf(f.until)
	out := make([]bool, o.minutes)
	begun := false
	for m := -oracleMargin; m < o.minutes; m++ {
		begun = begun || read(m) >= from
		if m >= 0 {
			out[m] = begun
		}
	}
	ahead := false
	for m := o.minutes + oracleMargin; m >= 0; m-- {
		ahead = ahead || read(m) < until
		if m < o.minutes {
			out[m] = out[m] && ahead
		}
	}
	return out
}

// readingOf is a reading of a clock as if the clock were that of UTC.
func readingOf(text string) int64 {
	at, _ := time.Parse("2006-01-02T15:04", text)
	return at.Unix()
}

// judge compares a verdict with the minutes; "" if it agrees.
func (o *oracle) judge(now time.Time, v window.Verdict, seen *tally) string {
	m := int(now.Sub(o.start) / time.Minute)
	if v.Open != o.open[m] {
		return fmt.Sprintf("%s: %+v; the oracle says open: %v", now, v, o.open[m])
	}
	next := m
	for next < o.minutes && o.open[next] == v.Open {
		next++
	}
	changes, none := v.Opens, v.Closes
	if v.Open {
		changes, none = v.Closes, v.Opens
	}
	counted := map[bool][2]*int{true: {&seen.open, &seen.closes}, false: {&seen.closed, &seen.opens}}[v.Open]
	*counted[0]++
	switch {
	case !none.IsZero():
		return fmt.Sprintf("%s: both an opening and a closing: %+v", now, v)
	case next < o.minutes && !changes.Equal(o.at(next)):
		return fmt.Sprintf("%s: %+v; the oracle says until %s", now, v, o.at(next))
	case next < o.minutes:
		*counted[1]++
	case !changes.IsZero() && changes.Before(o.at(next)):
		return fmt.Sprintf("%s: %+v; the oracle knows no change before %s", now, v, o.at(next))
	}
	return o.judgeFreeze(m, now, v, seen)
}

func (o *oracle) judgeFreeze(m int, now time.Time, v window.Verdict, seen *tally) string {
	var hard, soft []string // that are not overridden
	need := 0
	for _, name := range o.frozen[m] {
		f := o.drawn.freezes[slices.IndexFunc(o.drawn.freezes, func(f oracleFreeze) bool { return f.name == name })]
		switch {
		case f.need == 0:
			hard = append(hard, name)
		case !strings.EqualFold(name, o.drawn.override):
			soft, need = append(soft, name), f.need
		}
	}
	want := slices.Concat(hard, soft)
	if len(want) == 0 {
		want = []string{""}
	} else {
		seen.frozen++
	}
	alone := len(o.frozen[m]) == 1 && len(soft) == 1
	if !alone {
		need = 0
	}
	if v.Freeze != want[0] || v.MayOverride != alone || v.Need != need {
		return fmt.Sprintf("%s: %+v; the oracle says freeze %q, may override %v, need %d", now, v, want[0], alone, need)
	}
	return ""
}
