package wording

import (
	"strconv"
	"strings"
	"time"

	"sslvpnchange/internal/command"
	"sslvpnchange/internal/lang"
)

// At gives a writer that shows times in a zone, and says how far they are from now.
// nil is UTC.
func (w Writer) At(now time.Time, zone *time.Location) Writer {
	w.now, w.zone = now, zone
	return w
}

// zoneOf gives a writer that shows times in the zone in which a command is written, if
// it has a time: its sender reads that zone.
func (w Writer) zoneOf(c command.Command) Writer {
	for _, t := range []time.Time{c.ExpiresAt, c.NotBefore} {
		if !t.IsZero() {
			w.zone = t.Location()
		}
	}
	return w
}

// Due says when something is due: "now", or the time with its zone and how far ahead
// it is.
func (w Writer) Due(t time.Time) string {
	if t.IsZero() || !t.After(w.now) {
		return phrase{"now", "现在"}.in(w.lang)
	}
	return w.Moment(t)
}

// Moment shows a time to the second, with its zone, and how far it is from now: the
// people in a room may be in several time zones.
func (w Writer) Moment(t time.Time) string {
	zone := w.zone
	if zone == nil {
		zone = time.UTC
	}
	t = t.In(zone)
	out := t.Format("2006-01-02 15:04:05 -07:00")
	if _, offset := t.Zone(); offset == 0 {
		out = t.Format("2006-01-02 15:04:05 UTC")
	}
	if w.now.IsZero() {
		return out
	}
	apart := t.Sub(w.now)
	form := phrase{" ({span} ago)", "（{span}前）"}
	switch {
	case apart.Abs() < time.Second:
		form = phrase{" (now)", "（现在）"}
	case apart > 0:
		form = phrase{" (in {span})", "（{span}后）"}
	}
	return out + strings.ReplaceAll(form.in(w.lang), "{span}", span(w.lang, apart.Abs()))
}

// span shows a time span in its two largest units, rounded.
func span(l lang.Tag, d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 10*day-time.Hour/2:
		d = d.Round(day)
	case d >= day-time.Minute/2:
		d = d.Round(time.Hour)
	case d >= time.Minute-time.Second/2:
		d = d.Round(time.Minute)
	default:
		d = d.Round(time.Second)
	}
	if d < day {
		return duration(l, d)
	}
	unit := phrase{" d", " 天"}.in(l)
	return strings.TrimSpace(strconv.Itoa(int(d/day)) + unit + " " + duration(l, d%day))
}
