package wording

import (
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// At gives a writer that shows times in a zone, and says how far they are from now.
// nil is UTC.
func (w Writer) At(now time.Time, zone *time.Location) Writer {
	w.now, w.zone = now, zone
	return w
}

// zoneOf gives a writer that shows times in the sender's zone, or in that in which a
// command is written, if it has a time: its sender reads that zone.
func (w Writer) zoneOf(c command.Command, sender *time.Location) Writer {
	if sender != nil {
		w.zone = sender
	}
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
	var more []string
	if name := zone.String(); strings.Contains(name, "/") { // an offset has no name
		more = append(more, name)
	}
	if !w.now.IsZero() {
		apart := t.Sub(w.now)
		form := phrase{"{span} ago", "{span}前"}
		switch {
		case apart.Abs() < time.Second:
			form = phrase{"now", "现在"}
		case apart > 0:
			form = phrase{"in {span}", "{span}后"}
		}
		more = append(more, strings.ReplaceAll(form.in(w.lang), "{span}", span(w.lang, apart.Abs())))
	}
	if len(more) == 0 {
		return out
	}
	form := phrase{" ({more})", "（{more}）"}.in(w.lang)
	return out + strings.ReplaceAll(form, "{more}", strings.Join(more, phrase{", ", "，"}.in(w.lang)))
}

// clocks says which times of a command the clocks of the zone skip, or show twice.
func (w Writer) clocks(t *chat.Text, a *executor.Answer) {
	for _, c := range a.Clocks {
		said := phrase{
			"The clocks skip {clock} on that day: {time} is taken.", "当天时钟拨快，没有 {clock}：取 {time}。",
		}
		if c.Twice {
			said = phrase{
				"The clocks show {clock} twice on that day: the first, {time}, is taken. For the other, write the time with its offset.",
				"当天时钟拨慢，{clock} 出现两次：取第一次，即 {time}。如需第二次，请写带时差的完整时间。",
			}
		}
		w.add(t, said, args{"clock", c.Written, "time", w.Moment(c.At)})
	}
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
