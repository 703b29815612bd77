package command

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Moment is a time as people write it to each other: a span from now, or a time of day
// with or without a day. Which time it is depends on when and where it was written, so
// the grammar keeps it as it is, and Resolved computes it. The zero Moment is none.
type Moment struct {
	In    time.Duration // from now, whole seconds; 0 with Clock
	Day   Day           // "": the next day on which it is that time
	Clock string        // "02:00", in the writer's time zone; "" with In
}

// Day is a day as people name it: today, tomorrow, or the next day of the week with that
// name.
type Day string

// The days.
const (
	Today     Day = "today"
	Tomorrow  Day = "tomorrow"
	Monday    Day = "mon"
	Tuesday   Day = "tue"
	Wednesday Day = "wed"
	Thursday  Day = "thu"
	Friday    Day = "fri"
	Saturday  Day = "sat"
	Sunday    Day = "sun"
)

// weekdays lists the days of the week as time.Weekday counts them.
func weekdays() []Day {
	return []Day{Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday}
}

// IsZero reports whether it is none.
func (m Moment) IsZero() bool { return m == Moment{} }

// String renders a moment as a value that Parse reads as the same one.
func (m Moment) String() string {
	switch {
	case m.In > 0:
		return "+" + change.Span(m.In)
	case m.Day != "":
		return string(m.Day) + "-" + m.Clock
	default:
		return m.Clock
	}
}

// ClockChange says that a time of day does not exist on its day, or occurs twice,
// because the clocks of the zone change.
type ClockChange struct {
	Key     string    `json:"key"`     // at or until
	Written string    `json:"written"` // the time of day
	At      time.Time `json:"at"`      // the time that was taken
	Twice   bool      `json:"twice"`   // it occurs twice, and the first was taken; else it is skipped, and the time after the gap was taken
}

// Resolved gives the command with its moments as times. They follow from what is given
// alone, so that a message that is delivered again has the same times: now is when it
// was accepted first. What until names is after what at names.
func (c Command) Resolved(now time.Time, zone *time.Location) (Command, []ClockChange) {
	var changes []ClockChange
	resolve := func(key string, m Moment, after time.Time, to *time.Time) {
		if m.IsZero() {
			return
		}
		at, clocks := m.at(now, after, zone)
		*to = at
		if clocks != regular {
			changes = append(changes, ClockChange{Key: key, Written: m.Clock, At: at, Twice: clocks == twice})
		}
	}
	now = now.In(zone)
	resolve(keyAt, c.At, now, &c.NotBefore)
	after := now
	if c.NotBefore.After(now) {
		after = c.NotBefore.In(zone)
	}
	resolve(keyUntil, c.Until, after, &c.ExpiresAt)
	c.At, c.Until = Moment{}, Moment{}
	return c, changes
}

// at is the time that a moment means. Today and tomorrow are those of now; everything
// else is after a time that is not before now.
func (m Moment) at(now, after time.Time, zone *time.Location) (time.Time, clocks) {
	if m.In > 0 {
		return after.Add(m.In).Truncate(time.Second), regular
	}
	y, month, d := now.Date()
	hour, minute := int(m.Clock[0]-'0')*10+int(m.Clock[1]-'0'), int(m.Clock[3]-'0')*10+int(m.Clock[4]-'0')
	switch m.Day {
	case Today:
		return onDay(y, month, d, hour, minute, zone)
	case Tomorrow:
		return onDay(y, month, d+1, hour, minute, zone)
	case "", tonight, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday:
	}
	y, month, d = after.Date()
	for i := 0; ; i++ {
		day := time.Date(y, month, d+i, 0, 0, 0, 0, time.UTC)
		at, clocks := onDay(y, month, d+i, hour, minute, zone)
		if at.After(after) && (m.Day == "" || m.Day == weekdays()[day.Weekday()]) {
			return at, clocks
		}
	}
}

// clocks is what the clocks of a zone do at a time of day.
type clocks int

const (
	regular clocks = iota
	skipped        // the time of day does not exist on that day
	twice          // it occurs twice
)

// onDay is a time of day on a day in a zone. One that the clocks skip is as far after
// the gap as it would be after the gap's beginning; of one that occurs twice, it is the
// first.
func onDay(y int, month time.Month, d, hour, minute int, zone *time.Location) (time.Time, clocks) {
	wall := time.Date(y, month, d, hour, minute, 0, 0, time.UTC)
	_, before := wall.Add(-24 * time.Hour).In(zone).Zone()
	_, later := wall.Add(24 * time.Hour).In(zone).Zone()
	first, second := wall.Add(-time.Duration(before)*time.Second).In(zone), wall.Add(-time.Duration(later)*time.Second).In(zone)
	shows := func(t time.Time) bool { return t.Hour() == wall.Hour() && t.Minute() == wall.Minute() }
	switch {
	case first.Equal(second):
		return first, regular
	case shows(first) && shows(second):
		if second.Before(first) {
			first = second
		}
		return first, twice
	case shows(first):
		return first, regular
	case shows(second):
		return second, regular
	default:
		return first, skipped
	}
}
