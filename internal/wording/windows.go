package wording

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/command"
	"sslvpnchange/internal/executor"
	"sslvpnchange/internal/lang"
	"sslvpnchange/internal/zone"
)

// windows shows when changes of one server may be sent, or of several.
func (w Writer) windows(a *executor.Answer) *chat.Text {
	if a.Server != nil && len(a.Schedules) == 1 {
		return w.windowsOf(serverName(a.Server), a.Schedules[0])
	}
	t := w.text(chat.Info, phrase{"Windows of the servers that you may see", "你可以查看的服务端的维护窗口"}, nil)
	if len(a.Schedules) == 0 {
		w.add(t, w.phrases.noServers, nil)
	}
	for _, same := range w.alike(a.Schedules) {
		t.Lines = append(t.Lines, same.servers)
		t.Lines = append(t.Lines, same.said...)
	}
	if a.MoreServers > 0 {
		w.add(t, w.phrases.moreServers, args{"n", strconv.Itoa(a.MoreServers)})
	}
	for _, s := range a.Schedules[:min(len(a.Schedules), maxOffered)] {
		w.next(t, command.Command{Verb: command.Windows, Server: s.Name})
	}
	return t
}

// windowsOf shows the windows of one server, day by day.
func (w Writer) windowsOf(server string, s executor.Schedule) *chat.Text {
	t := w.text(chat.Info, phrase{"Windows of {server}", "{server} 的维护窗口"}, args{"server", server})
	for i, p := range s.Parts {
		t.Lines = append(t.Lines, w.partHead(s.Parts, i))
		w.days(t, p)
	}
	w.freezes(t, s.Parts)
	if slices.ContainsFunc(s.Parts, func(p executor.Part) bool { return len(p.Spans) > 0 }) {
		w.add(t, phrase{"Times are those of {zone}.", "以上为 {zone} 时间。"}, args{"zone", w.zoneName()})
	}
	return t
}

// alike is servers of which the same is said.
type alike struct {
	servers chat.Line
	said    []chat.Line
}

// alike joins the servers of which the same is said: most have the same windows.
func (w Writer) alike(all []executor.Schedule) []alike {
	var out []alike
	var texts []string
	for _, s := range all {
		var t chat.Text
		for i := range s.Parts {
			t.Lines = append(t.Lines, append(render(w.lang, phrase{"· ", "· "}, nil), w.partHead(s.Parts, i)...))
		}
		w.freezes(&t, s.Parts)
		text, name := plainLines(t.Lines), chat.Code(cmp.Or(s.Name, s.ServerID))
		if i := slices.Index(texts, text); i >= 0 {
			out[i].servers = append(append(out[i].servers, render(w.lang, w.phrases.historyAnd, nil)...), name)
			continue
		}
		texts = append(texts, text)
		out = append(out, alike{chat.Line{name}, t.Lines})
	}
	return out
}

func plainLines(lines []chat.Line) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(PlainLine(line) + "\n")
	}
	return b.String()
}

// partHead says whether settings may be changed now, and when that ends.
func (w Writer) partHead(all []executor.Part, at int) chat.Line {
	p := all[at]
	var names []string
	for _, f := range p.Settings {
		names = append(names, string(f))
	}
	settings := render(w.lang, phrase{"{settings}", "{settings}"}, args{"settings", strings.Join(names, ", ")})
	switch {
	case len(all) == 1:
		settings = render(w.lang, phrase{"All settings", "所有配置项"}, nil)
	case len(p.Windows) == 0:
		settings = render(w.lang, phrase{"All other settings", "其他配置项"}, nil)
	}
	return append(append(settings, chat.Words(phrase{": ", "："}.in(w.lang))), w.standing(p)...)
}

// standing says whether settings may be changed now.
func (w Writer) standing(p executor.Part) chat.Line {
	a := args{"time", w.Moment(cmp.Or(p.OpensAt, p.ClosesAt)), "freeze", p.Freeze, "windows", strings.Join(p.Windows, ", ")}
	switch {
	case p.Open && p.ClosesAt.IsZero() && len(p.Windows) == 0:
		return render(w.lang, phrase{"always open", "随时可以变更"}, nil)
	case p.Open && p.ClosesAt.IsZero():
		return render(w.lang, phrase{"open now", "现在可以变更"}, nil)
	case p.Open:
		return render(w.lang, phrase{"open now, until {time}", "现在可以变更，截止时间：{time}"}, a)
	case p.Freeze != "" && p.OpensAt.IsZero():
		return render(w.lang, phrase{"closed by the freeze {freeze}, and does not open within 366 days", "封网 {freeze} 期间不可变更，366 天内不会开放"}, a)
	case p.Freeze != "":
		return render(w.lang, phrase{"closed by the freeze {freeze}, opens {time}", "封网 {freeze} 期间不可变更，开放时间：{time}"}, a)
	case p.OpensAt.IsZero():
		return render(w.lang, phrase{"closed: {windows} does not open within 366 days", "不可变更：维护窗口 {windows} 在 366 天内不会开放"}, a)
	default:
		return render(w.lang, phrase{"closed now, opens {time}", "现在不可变更，开放时间：{time}"}, a)
	}
}

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
func (w Writer) fromTo(s executor.ScheduleSpan, zone *time.Location) string {
	from, until := s.From.In(zone), s.Until.In(zone)
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
