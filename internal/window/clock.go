package window

import (
	"slices"
	"time"
)

// spans are the times inside a span at which a window is open by its intervals, joined.
func (w *Window) spans(in span) []span {
	var out []span
	loc := w.Zone.Location()
	for at := in.from; at < in.until; {
		until, offset := periodAt(loc, at)
		period := span{at, min(until, in.until)}
		for d := Date(floorDiv(at+offset, daySeconds)); int64(d)*daySeconds < period.until+offset; d++ {
			midnight := int64(d)*daySeconds - offset
			w.of(d, func(from, to int) {
				out = append(out, span{midnight + int64(from)*60, midnight + int64(to)*60}.clip(period))
			})
		}
		at = until
	}
	return joined(out)
}

// of yields the parts of a date at which the window is open, in minutes since midnight.
func (w *Window) of(d Date, yield func(from, to int)) {
	if _, also := slices.BinarySearch(w.Also, d); also {
		yield(0, dayMinutes)
		return
	}
	today, yesterday := w.dayOf(d), w.dayOf(d-1)
	for i := range w.Open {
		o := &w.Open[i]
		overnight := o.To <= o.From
		if o.Days.has(today) {
			if overnight {
				yield(o.From, dayMinutes)
			} else {
				yield(o.From, o.To)
			}
		}
		if overnight && o.To > 0 && o.Days.has(yesterday) {
			yield(0, o.To)
		}
	}
}

// periodAt is an instant after another until which a zone has one offset, and the offset.
func periodAt(loc *time.Location, at int64) (until, offset int64) {
	t := time.Unix(at, 0).In(loc)
	_, seconds := t.Zone()
	switch _, end := t.ZoneBounds(); {
	case end.IsZero():
		return maxSecond, int64(seconds)
	case end.Unix() > at:
		return end.Unix(), int64(seconds)
	default:
		// ZoneBounds takes every year for one of 365 days, so that on 31 December of a
		// leap year its end has passed. All clocks change at a quarter of an hour of UTC.
		return (floorDiv(at, quarter) + 1) * quarter, int64(seconds)
	}
}

const (
	maxSecond = 1 << 40 // after everything that a calendar knows
	quarter   = 15 * 60
)

// maxOffset is more than any zone differs from UTC.
const maxOffset = 26 * 60 * 60

// span is the time of a freeze: from the first instant at which the clock reads its
// beginning or later, until the clock never reads a time before its end again.
func (f Freeze) span() span {
	loc := f.Zone.Location()
	return span{firstNotBefore(loc, int64(f.From)), lastBefore(loc, int64(f.Until))}
}

// Ends is the first instant after the freeze.
func (f Freeze) Ends() time.Time { return instant(f.span().until) }

func firstNotBefore(loc *time.Location, reading int64) int64 {
	for at := reading - maxOffset; ; {
		until, offset := periodAt(loc, at)
		if begin := max(at, reading-offset); begin < until {
			return begin
		}
		at = until
	}
}

// lastBefore is the end of the last time at which the clock reads less.
func lastBefore(loc *time.Location, reading int64) int64 {
	end := reading - maxOffset
	for at := end; at < reading+maxOffset; {
		until, offset := periodAt(loc, at)
		if reading-offset > at {
			end = min(until, reading-offset)
		}
		at = until
	}
	return end
}
