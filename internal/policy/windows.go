package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
	"github.com/sslvpn-change/sslvpn-change/internal/zone"
)

// serverWindow is a maintenance window with its servers.
type serverWindow struct {
	window.Window

	servers []selector
}

// windows reads the maintenance windows.
func (r *reader) windows(root *document.Node) {
	names := map[string]string{} // in lower case, to paths
	for _, e := range r.mappings(root, "", keyWindows, window.MaxWindows, keySettings, keyOpen, keyExcept, keyAlso, keyLastStart) {
		w := serverWindow{servers: r.selectors(e)}
		w.Name = r.calendarName(e, names)
		w.Settings = r.settings(e)
		w.Zone = r.exactZone(e)
		w.Open = r.intervals(e)
		w.Except = r.dates(e, keyExcept)
		w.Also = r.dates(e, keyAlso)
		r.contradictions(e, w.Except, w.Also)
		_, opens := e.Member(keyOpen)
		_, also := e.Member(keyAlso)
		if !opens && !also && !r.Reported(document.Join(e.path, keyOpen)) {
			r.on(e, RuleWindowNeverOpens, "the window has neither open nor also, so it never opens", `add open, such as [{days: [sat], from: "22:00", to: "06:00"}]`)
		}
		w.LastStart = r.lastStart(e, w.Window)
		r.policy.windows = append(r.policy.windows, w)
	}
}

// calendarName reads the name of a window or a freeze.
func (r *reader) calendarName(e entry, names map[string]string) string {
	name, ok := r.text(e, keyName)
	folded := strings.ToLower(name)
	switch {
	case !ok:
	case !validName(name, "._-"):
		r.at(e, keyName, RuleWindowNameFormat, shown(name)+" is not a valid name for a window or a freeze", "use at most 64 letters, digits, periods, underscores and hyphens, such as nights")
	case names[folded] != "":
		r.at(e, keyName, RuleWindowDuplicate, shown(name)+" is already at "+names[folded], "give each window and each freeze a name of its own")
	default:
		names[folded] = e.path
	}
	return name
}

// exactZone reads the zone of a window or a freeze; nil for one with a problem.
func (r *reader) exactZone(e entry) *window.Zone {
	name := r.zone(e)
	if name == "" {
		return nil
	}
	if !zone.Regular(string(name)) {
		r.at(e, keyTimeZone, RuleTimeZoneInexact, shown(string(name))+" sets its clocks back for Ramadan, by a rule that this program does not have", "write the hours in another zone, such as UTC or Europe/Paris")
		return nil
	}
	return r.sharedZone(string(name))
}

// sharedZone makes each zone once, so that a policy loads it once.
func (r *reader) sharedZone(name string) *window.Zone {
	if r.zones == nil {
		r.zones = map[string]*window.Zone{}
	}
	if r.zones[name] == nil {
		r.zones[name] = window.NewZone(name)
	}
	return r.zones[name]
}

// intervals reads when a window is open.
func (r *reader) intervals(w entry) []window.Interval {
	if m, ok := w.Member(keyOpen); ok && m.Value.Kind == document.KindList && len(m.Value.Items) == 0 {
		r.at(w, keyOpen, RuleEmptyList, "open is empty", `add an entry, such as {days: [sat], from: "22:00", to: "06:00"}`)
	}
	var out []window.Interval
	for _, e := range r.mappings(w.Node, w.path, keyOpen, window.MaxIntervals) {
		out = append(out, window.Interval{Days: r.days(e), From: r.clock(e, keyFrom, false), To: r.clock(e, keyTo, true)})
	}
	return out
}

// clock reads a time of the day, in minutes since midnight. An end may be 24:00.
func (r *reader) clock(e entry, key string, end bool) int {
	text, ok := r.text(e, key)
	if !ok {
		return 0
	}
	if end && text == "24:00" {
		return 24 * 60
	}
	at, ok := parseClock(text)
	if !ok {
		hint := `write hours and minutes in quotes, such as "22:00"`
		if end {
			hint += `, or "24:00" for midnight`
		} else if text == "24:00" {
			hint = `write "00:00", and the next day`
		}
		r.at(e, key, RuleClockFormat, shown(text)+" is not a time of the day", hint)
	}
	return int(at)
}

// weekdays and ordinals are the words of days.
func weekdays() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }

func ordinals() []string { return []string{"", "first", "second", "third", "fourth", "fifth", "last"} }

// days reads days of the week, and days of the month such as "third sat".
func (r *reader) days(e entry) window.Days {
	var out window.Days
	for _, s := range r.texts(e.Node, e.path, keyDays, len(weekdays())*len(ordinals())) {
		ordinal, day, both := strings.Cut(s.Text, " ")
		if !both {
			ordinal, day = "", s.Text
		}
		weekday, nth := slices.Index(weekdays(), day), slices.Index(ordinals(), ordinal)
		if weekday < 0 || nth < 0 || both && nth == 0 {
			r.on(s, RuleDayUnknown, shown(s.Text)+" is not a day", r.nearestDay(s.Text)+`write mon, tue, wed, thu, fri, sat or sun, or a day of the month such as "third sat" or "last fri"`)
			continue
		}
		out.Add(time.Weekday(weekday), nth)
	}
	return out
}

func (r *reader) nearestDay(text string) string {
	var known []string
	for _, ordinal := range ordinals() {
		for _, day := range weekdays() {
			known = append(known, strings.TrimSpace(ordinal+" "+day))
		}
	}
	lower := strings.ToLower(text)
	if slices.Contains(known, lower) {
		return "write " + lower + "; "
	}
	if head := min(len(lower), 3); slices.Contains(weekdays(), lower[:head]) && strings.HasSuffix(lower, "day") {
		return "write " + lower[:head] + "; "
	}
	return nearestIs(r.near(lower, known))
}

// dates reads a list of dates, sorted.
func (r *reader) dates(e entry, key string) []window.Date {
	var out []window.Date
	for _, s := range r.texts(e.Node, e.path, key, window.MaxDates) {
		d, ok := parseDate(s.Text)
		if !ok {
			r.on(s, RuleDateFormat, shown(s.Text)+" is not a date", "write a date that exists as year-month-day, such as 2027-02-06")
			continue
		}
		out = append(out, d)
	}
	slices.Sort(out)
	return out
}

// parseDate reads a date such as 2027-02-06.
func parseDate(text string) (window.Date, bool) {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil || len(text) != len(time.DateOnly) || at.Year() < 1970 {
		return 0, false
	}
	return window.DateOf(at.Year(), int(at.Month()), at.Day())
}

// contradictions checks that no date is in both lists.
func (r *reader) contradictions(e entry, except, also []window.Date) {
	for _, d := range except {
		if _, found := slices.BinarySearch(also, d); found {
			r.at(e, keyAlso, RuleDateContradicts, d.String()+" is in except and in also", "keep one of the two")
		}
	}
}

// lastStart reads how long before its end a window takes no more changes.
func (r *reader) lastStart(e entry, w window.Window) time.Duration {
	text, ok := r.text(e, keyLastStart)
	if !ok {
		return 0
	}
	d, ok := change.ParseSpan(text)
	if !ok {
		r.at(e, keyLastStart, RuleLastStartFormat, shown(text)+" is not a duration", "write 15m, or 1h30m")
		return 0
	}
	longest := time.Duration(0)
	if len(w.Also) > 0 {
		longest = window.MaxLastStart
	}
	for _, o := range w.Open {
		longest = max(longest, o.Length())
	}
	if longest > 0 && d >= longest {
		r.at(e, keyLastStart, RuleLastStartRange, "lastStart is "+change.Span(d)+", and the window is open for at most "+change.Span(longest)+" at a time",
			fmt.Sprintf("write less than %s; hours past midnight are one entry of open, such as from: \"22:00\", to: \"06:00\"", change.Span(longest)))
	}
	return d
}
