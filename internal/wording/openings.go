package wording

import (
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/zone"
)

// days lists the openings of settings, with days that are alike on one line.
func (w Writer) days(t *chat.Text, p executor.Part) {
	type day struct {
		first, last time.Time
		said        chat.Line
	}
	var days []day
	for _, s := range p.Spans {
		if s.Freeze != "" {
			continue // it has a line of its own
		}
		on, said := dateOf(s.From.In(w.location())), w.opening(s, p.TimeZones)
		if n := len(days) - 1; n >= 0 && days[n].last.Equal(on) {
			days[n].said = append(append(days[n].said, render(w.lang, w.phrases.historyAnd, nil)...), said...)
			continue
		}
		days = append(days, day{on, on, said})
	}
	var joined []day
	for _, d := range days {
		if n := len(joined) - 1; n >= 0 && joined[n].last.AddDate(0, 0, 1).Equal(d.first) && plainLines([]chat.Line{joined[n].said}) == plainLines([]chat.Line{d.said}) {
			joined[n].last = d.last
			continue
		}
		joined = append(joined, d)
	}
	for _, d := range joined {
		line := render(w.lang, phrase{"· {day}: ", "· {day}："}, args{"day", w.day(d.first)})
		if !d.last.Equal(d.first) {
			line = render(w.lang, phrase{"· {first} to {last}: ", "· {first} 至 {last}："}, args{"first", w.day(d.first), "last", w.day(d.last)})
		}
		t.Lines = append(t.Lines, append(line, d.said...))
	}
}

// opening is when an opening begins and ends, in the reader's zone and in the windows' own
// if that is another one.
func (w Writer) opening(s executor.ScheduleSpan, zones []string) chat.Line {
	line := render(w.lang, phrase{"{clock} {windows}", "{clock} {windows}"}, args{"clock", w.fromTo(s, w.location()), "windows", strings.Join(s.Windows, ", ")})
	for _, name := range zones {
		if own := zone.Load(name); own != nil && !sameClock(s, own, w.location()) {
			line = append(line, render(w.lang, phrase{" ({clock} {zone})", "（{zone} {clock}）"}, args{"clock", w.fromTo(s, own), "zone", name})...)
		}
	}
	return line
}

// sameClock reports whether the clocks of two zones show the same at the beginning and at
// the end of a span.
func sameClock(s executor.ScheduleSpan, a, b *time.Location) bool {
	const all = "2006-01-02 15:04"
	return s.From.In(a).Format(all) == s.From.In(b).Format(all) && s.Until.In(a).Format(all) == s.Until.In(b).Format(all)
}

// fromTo is the time of a span by the clock of a zone: "22:00–06:00", with the day of its
// end if that is later than the next morning.
func (w Writer) fromTo(s executor.ScheduleSpan, loc *time.Location) string {
	from, until := s.From.In(loc), s.Until.In(loc)
	end := until.Format("15:04")
	switch days := int(dateOf(until).Sub(dateOf(from)).Hours() / 24); {
	case days == 1 && end == "00:00":
		end = "24:00"
	case days > 1 || days == 1 && until.Format("15:04") >= from.Format("15:04"):
		end = w.day(dateOf(until)) + " " + end
	}
	return from.Format("15:04") + "–" + end
}

// freezes lists the freezes of a server: they are the same for all of its settings.
func (w Writer) freezes(t *chat.Text, parts []executor.Part) {
	if len(parts) == 0 {
		return
	}
	for _, s := range parts[0].Spans {
		if s.Freeze == "" {
			continue
		}
		line := render(w.lang, phrase{"Freeze {freeze}: {from} to {until}", "封网 {freeze}：{from} 至 {until}"}, args{
			"freeze", s.Freeze, "from", w.minute(s.From), "until", w.minute(s.Until),
		})
		if s.Reason != "" {
			line = append(line, render(w.lang, phrase{", {reason}", "，{reason}"}, args{"reason", s.Reason})...)
		}
		said := phrase{"; nobody may override it", "；不可豁免"}
		if s.Need > 0 {
			said = phrase{"; `override={freeze}` needs approvals: {n}", "；“`豁免={freeze}`”需批准人数：{n}"}
		}
		t.Lines = append(t.Lines, append(line, render(w.lang, said, args{"freeze", s.Freeze, "n", strconv.Itoa(s.Need)})...))
	}
}

// minute is a time to the minute, in the reader's zone, with its day.
func (w Writer) minute(at time.Time) string {
	at = at.In(w.location())
	return w.day(dateOf(at)) + " " + at.Format("15:04")
}

// day is a date with its day of the week: "Mon 2026-11-30".
func (w Writer) day(date time.Time) string {
	if w.lang == lang.Chinese {
		return date.Format(time.DateOnly) + " 周" + string([]rune("日一二三四五六")[date.Weekday()])
	}
	return date.Format("Mon " + time.DateOnly)
}

// dateOf is the date that a clock shows, as a time in UTC, in which all days have 24
// hours.
func dateOf(at time.Time) time.Time {
	y, m, d := at.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// location is the reader's zone.
func (w Writer) location() *time.Location {
	if w.zone == nil {
		return time.UTC
	}
	return w.zone
}

// zoneName names the reader's zone; an offset that has no name is written.
func (w Writer) zoneName() string {
	name := w.location().String()
	if name == "" || name == "Local" {
		return w.now.In(w.location()).Format("-07:00")
	}
	return name
}
