package window

import (
	"slices"
	"time"
)

const (
	daySeconds = 24 * 60 * 60
	dayMinutes = 24 * 60
)

// Date is a day of the calendar, in days since 1 January 1970.
type Date int

// DateOf is the date in a calendar; ok is false for a date that does not exist.
func DateOf(year, month, day int) (d Date, ok bool) {
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	y, m, same := at.Date()
	return Date(floorDiv(at.Unix(), daySeconds)), y == year && int(m) == month && same == day
}

// String is the date as in 2027-02-08.
func (d Date) String() string { return d.midnight().Format(time.DateOnly) }

func (d Date) midnight() time.Time { return time.Unix(int64(d)*daySeconds, 0).UTC() }

// Days are days of the week, or of the month such as the third Saturday: a bit for each,
// by weekday. Bits 1 to 5 are the first to the fifth of the month, last is the last.
type Days [7]uint8

const (
	last = 6 // the bit of the last of a month
	each = 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5
)

// Last is the number of the last weekday of a month, for [Days.Add].
const Last = last

// Add adds a weekday: the nth of each month, the last for Last, each one for 0.
func (d *Days) Add(weekday time.Weekday, nth int) {
	if nth == 0 {
		d[weekday] |= each
		return
	}
	d[weekday] |= 1 << nth
}

// day is a date as Days have it: the weekday, and the bits of its place in the month.
type day struct {
	weekday time.Weekday
	bits    uint8
}

// dayOf is the day of a date; one without bits for a date on which no interval begins.
func (w *Window) dayOf(d Date) day {
	if _, excepted := slices.BinarySearch(w.Except, d); excepted {
		return day{}
	}
	midnight := d.midnight()
	_, month, number := midnight.Date()
	out := day{weekday: midnight.Weekday(), bits: 1 << ((number + 6) / 7)}
	if number > 21 && midnight.AddDate(0, 0, 7).Month() != month {
		out.bits |= 1 << last
	}
	return out
}

// has reports whether a day is one of the days.
func (d *Days) has(one day) bool { return d[one.weekday]&one.bits != 0 }

// floorDiv divides and rounds down.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
