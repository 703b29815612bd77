package window_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

const (
	sunday   = time.Sunday
	saturday = time.Saturday
)

// TestCases are moments at which calendars go wrong, each with what the verdict says.
func TestCases(t *testing.T) {
	t.Parallel()
	berlin := func(from, to int) window.Calendar { return only(hours("Europe/Berlin", everyDay(), from, to)) }
	tests := []struct {
		name     string
		calendar window.Calendar
		now      string
		want     string
	}{
		// On 28 March 2027 the clocks of Berlin go from 02:00 to 03:00 at 01:00 UTC.
		{"a night in spring is an hour shorter", berlin(22*60, 6*60), "2027-03-27T21:00:00Z", "open until 2027-03-28T04:00:00Z"},
		{"hours inside the skipped hour do not come", berlin(2*60+15, 2*60+45), "2027-03-27T01:45:00Z", "closed until 2027-03-29T00:15:00Z"},
		{"hours that begin in the skipped hour begin after it", berlin(2*60+30, 4*60), "2027-03-28T00:59:59Z", "closed until 2027-03-28T01:00:00Z"},
		{"hours that end in the skipped hour end before it", berlin(1*60, 2*60+30), "2027-03-28T00:00:00Z", "open until 2027-03-28T01:00:00Z"},
		{"hours that end at the skipped hour", berlin(1*60, 2*60), "2027-03-28T00:00:00Z", "open until 2027-03-28T01:00:00Z"},

		// On 31 October 2027 they go from 03:00 to 02:00 at 01:00 UTC.
		{"a night in autumn is an hour longer", berlin(22*60, 6*60), "2027-10-30T20:00:00Z", "open until 2027-10-31T05:00:00Z"},
		{"hours inside the repeated hour come once", berlin(2*60+15, 2*60+45), "2027-10-31T00:15:00Z", "open until 2027-10-31T00:45:00Z"},
		{"hours inside the repeated hour come twice", berlin(2*60+15, 2*60+45), "2027-10-31T00:45:00Z", "closed until 2027-10-31T01:15:00Z"},
		{"hours inside the repeated hour end twice", berlin(2*60+15, 2*60+45), "2027-10-31T01:15:00Z", "open until 2027-10-31T01:45:00Z"},
		{"hours that begin in the repeated hour stop when it begins again", berlin(2*60+30, 4*60), "2027-10-31T00:30:00Z", "open until 2027-10-31T01:00:00Z"},
		{"hours that begin in the repeated hour begin again", berlin(2*60+30, 4*60), "2027-10-31T01:00:00Z", "closed until 2027-10-31T01:30:00Z"},
		{"hours that end in the repeated hour go on in it", berlin(60, 2*60+30), "2027-10-31T00:30:00Z", "closed until 2027-10-31T01:00:00Z"},
		{"the whole repeated hour is one opening", berlin(2*60, 3*60), "2027-10-31T00:00:00Z", "open until 2027-10-31T02:00:00Z"},

		// Lord Howe moves its clocks by half an hour, on 4 April 2027 at 02:00 (15:00 UTC of the day before).
		{"half an hour is repeated", only(hours("Australia/Lord_Howe", everyDay(), 60+40, 60+50)), "2027-04-03T14:45:00Z", "open until 2027-04-03T14:50:00Z"},
		{"half an hour is repeated, again", only(hours("Australia/Lord_Howe", everyDay(), 60+40, 60+50)), "2027-04-03T14:50:00Z", "closed until 2027-04-03T15:10:00Z"},
		// Santiago goes from 24:00 to 01:00 on 5 September 2027 (04:00 UTC).
		{"a day without midnight begins at one", only(hours("America/Santiago", days(sunday), 0, 12*60)), "2027-09-04T12:00:00Z", "closed until 2027-09-05T04:00:00Z"},
		{"hours around a skipped midnight go on", only(hours("America/Santiago", days(saturday), 23*60, 2*60)), "2027-09-05T03:00:00Z", "open until 2027-09-05T05:00:00Z"},
		// It goes from 24:00 to 23:00 on 3 April 2027 (03:00 UTC), so the last hour of Saturday comes twice.
		{"an evening before a repeated hour is an hour longer", only(hours("America/Santiago", days(saturday), 23*60, 24*60)), "2027-04-04T02:00:00Z", "open until 2027-04-04T04:00:00Z"},

		{"midnight is of the next day", only(hours("Asia/Shanghai", days(sunday), 0, 1)), "2026-11-28T15:59:59.999999999Z", "closed until 2026-11-28T16:00:00Z"},
		{"the end is exclusive", only(hours("Asia/Shanghai", days(sunday), 0, 1)), "2026-11-28T16:01:00Z", "closed until 2026-12-05T16:00:00Z"},
		{"the last nanosecond is inside", only(hours("Asia/Shanghai", days(sunday), 0, 1)), "2026-11-28T16:00:59.999999999Z", "open until 2026-11-28T16:01:00Z"},
		{"24:00 is the end of the day", only(hours("UTC", days(saturday), 23*60, 24*60)), "2026-11-28T23:00:00Z", "open until 2026-11-29T00:00:00Z"},
		{"00:00 is the next midnight", only(hours("UTC", days(saturday), 23*60, 0)), "2026-11-28T23:00:00Z", "open until 2026-11-29T00:00:00Z"},
		{"equal times are 24 hours", only(hours("UTC", days(saturday), 6*60, 6*60)), "2026-11-28T06:00:00Z", "open until 2026-11-29T06:00:00Z"},
		{"every day all day", only(hours("UTC", everyDay(), 0, 24*60)), "2026-11-28T06:00:00Z", "open for good"},
		{"every day all day, from noon to noon", only(hours("Europe/Berlin", everyDay(), 12*60, 12*60)), "2026-11-28T06:00:00Z", "open for good"},

		{"third Saturday", only(hours("UTC", nth(3, saturday), 9*60, 12*60)), "2026-11-21T12:00:00Z", "closed until 2026-12-19T09:00:00Z"},
		{"fifth Saturday", only(hours("UTC", nth(5, saturday), 9*60, 12*60)), "2026-11-01T00:00:00Z", "closed until 2027-01-30T09:00:00Z"},
		{"last Saturday that is the fourth", only(hours("UTC", nth(window.Last, saturday), 9*60, 12*60)), "2026-11-01T00:00:00Z", "closed until 2026-11-28T09:00:00Z"},
		{"last Saturday that is the fifth", only(hours("UTC", nth(window.Last, saturday), 9*60, 12*60)), "2027-01-01T00:00:00Z", "closed until 2027-01-30T09:00:00Z"},
		{"last Monday of February", only(hours("UTC", nth(window.Last, time.Monday), 9*60, 12*60)), "2027-02-01T00:00:00Z", "closed until 2027-02-22T09:00:00Z"},
		{"the first day of a month after a night of the last", only(hours("UTC", nth(window.Last, saturday), 22*60, 6*60)), "2027-07-31T23:00:00Z", "open until 2027-08-01T06:00:00Z"},
		// The standard library takes leap years for a day shorter.
		{"the last day of a leap year", berlin(22*60, 6*60), "2028-12-30T23:30:00Z", "open until 2028-12-31T05:00:00Z"},
		{"the last night of a leap year", berlin(22*60, 6*60), "2028-12-31T05:00:00Z", "closed until 2028-12-31T21:00:00Z"},
		{"the last hours of a leap year", berlin(22*60, 6*60), "2028-12-31T23:30:00Z", "open until 2029-01-01T05:00:00Z"},
		{"29 February is the last Tuesday", only(hours("UTC", nth(window.Last, time.Tuesday), 9*60, 12*60)), "2028-02-23T00:00:00Z", "closed until 2028-02-29T09:00:00Z"},
		{"no fifth Tuesday within a year but 29 February", only(hours("UTC", nth(5, time.Tuesday), 9*60, 12*60)), "2028-02-01T00:00:00Z", "closed until 2028-02-29T09:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := shown(tt.calendar.Ask(port(), at(t, tt.now))); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestAHolidayHasNoNightAndStillEndsTheOneBefore(t *testing.T) {
	t.Parallel()
	w := hours("Asia/Shanghai", everyDay(), 22*60, 6*60)
	w.Except = []window.Date{date(t, "2027-02-05"), date(t, "2027-02-06")}
	w.Also = []window.Date{date(t, "2027-02-08")}
	for now, want := range map[string]string{
		"2027-02-04T20:00:00Z": "open until 2027-02-04T22:00:00Z",   // the morning of the 5th
		"2027-02-04T22:00:00Z": "closed until 2027-02-07T14:00:00Z", // the night of the 7th
		"2027-02-07T14:00:00Z": "open until 2027-02-08T22:00:00Z",   // all of the 8th, and the night of the 8th
	} {
		if got := shown(only(w).Ask(port(), at(t, now))); got != want {
			t.Errorf("%s: %s, want %s", now, got, want)
		}
	}
}

func TestADateOn29FebruaryIsAWholeDay(t *testing.T) {
	t.Parallel()
	w := window.Window{Settings: []change.Field{change.Port}, Zone: window.NewZone("Europe/Berlin"), Also: []window.Date{date(t, "2028-02-29")}}
	if got, want := shown(only(w).Ask(port(), at(t, "2028-01-01T00:00:00Z"))), "closed until 2028-02-28T23:00:00Z"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := shown(only(w).Ask(port(), at(t, "2028-02-29T22:59:59.999999999Z"))), "open until 2028-02-29T23:00:00Z"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestHoursAndWindowsThatTouchAreOneOpening(t *testing.T) {
	t.Parallel()
	touching := hours("UTC", everyDay(), 1*60, 2*60)
	touching.Open = append(touching.Open, window.Interval{Days: everyDay(), From: 2 * 60, To: 3 * 60}, window.Interval{Days: everyDay(), From: 2*60 + 30, To: 4 * 60})
	later := hours("UTC", everyDay(), 4*60, 5*60)
	later.Name = "later"
	now := at(t, "2026-11-28T01:30:00Z")
	if got, want := shown(only(touching).Ask(port(), now)), "open until 2026-11-28T04:00:00Z"; got != want {
		t.Errorf("hours: %s, want %s", got, want)
	}
	v := only(touching, later).Ask(port(), now)
	if got, want := shown(v), "open until 2026-11-28T05:00:00Z"; got != want || !slices.Equal(v.Windows, []string{"hours", "later"}) {
		t.Errorf("windows: %s, want %s; %q", got, want, v.Windows)
	}
	for before, want := range map[time.Duration]string{
		15 * time.Minute: "open until 2026-11-28T04:45:00Z", // before the end of the whole opening
		90 * time.Minute: "open until 2026-11-28T03:30:00Z",
		5 * time.Hour:    "closed for good",
	} {
		early, late := touching, later
		early.LastStart, late.LastStart = before, before
		if got := shown(only(early, late).Ask(port(), now)); got != want {
			t.Errorf("last start %s: %s, want %s", before, got, want)
		}
	}
	touching.LastStart = 2 * time.Hour // the other window takes changes until the end
	if got, want := shown(only(touching, later).Ask(port(), now)), "open until 2026-11-28T03:00:00Z"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestLastStartIsElapsedTimeInNightsOfChangingClocks(t *testing.T) {
	t.Parallel()
	w := hours("Europe/Berlin", everyDay(), 22*60, 3*60)
	w.LastStart = 90 * time.Minute
	for now, want := range map[string]string{
		"2027-03-27T22:00:00Z": "open until 2027-03-27T23:30:00Z", // ends at 01:00 UTC, when the clock skips to 03:00
		"2027-10-30T21:00:00Z": "open until 2027-10-31T00:30:00Z", // ends at 02:00 UTC, after the second 02:59
	} {
		if got := shown(only(w).Ask(port(), at(t, now))); got != want {
			t.Errorf("%s: %s, want %s", now, got, want)
		}
	}
}

func TestEverySettingNeedsAnOpenWindow(t *testing.T) {
	t.Parallel()
	early, late := hours("UTC", everyDay(), 1*60, 3*60), hours("UTC", everyDay(), 2*60, 4*60)
	late.Name, late.Settings = "late", []change.Field{change.Proto}
	c := only(early, late)
	for _, tt := range []struct {
		settings []change.Field
		want     string
		windows  []string
	}{
		{[]change.Field{change.Port}, "closed until 2026-11-28T01:00:00Z", []string{"hours"}},
		{[]change.Field{change.Proto}, "closed until 2026-11-28T02:00:00Z", []string{"late"}},
		{[]change.Field{change.Port, change.Proto}, "closed until 2026-11-28T02:00:00Z", []string{"hours", "late"}},
		{[]change.Field{change.Port, change.Cipher}, "closed until 2026-11-28T01:00:00Z", []string{"hours"}},
		{[]change.Field{change.Cipher}, "open for good", nil},
		{nil, "open for good", nil},
	} {
		v := c.Ask(window.Question{Settings: tt.settings}, at(t, "2026-11-28T00:00:00Z"))
		if got := shown(v); got != tt.want || !slices.Equal(v.Windows, tt.windows) {
			t.Errorf("%v: %s, want %s; windows %q", tt.settings, got, tt.want, v.Windows)
		}
	}
	if got, want := shown(c.Ask(window.Question{Settings: []change.Field{change.Port, change.Proto}}, at(t, "2026-11-28T02:30:00Z"))), "open until 2026-11-28T03:00:00Z"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestWindowsThatNeverMeetNeverOpen(t *testing.T) {
	t.Parallel()
	a, b := hours("UTC", everyDay(), 1*60, 2*60), hours("UTC", everyDay(), 2*60, 3*60)
	b.Settings = []change.Field{change.Proto}
	v := only(a, b).Ask(window.Question{Settings: []change.Field{change.Port, change.Proto}}, at(t, "2026-11-28T01:30:00Z"))
	if v.Open || !v.Opens.IsZero() || !v.Closes.IsZero() {
		t.Errorf("%+v", v)
	}
}

func TestTheHorizonIs366Days(t *testing.T) {
	t.Parallel()
	w := window.Window{Settings: []change.Field{change.Port}, Zone: window.NewZone("UTC"), Also: []window.Date{date(t, "2027-11-29")}}
	for now, want := range map[string]string{
		"2026-11-28T00:00:00Z": "closed for good",
		"2026-11-28T00:00:01Z": "closed until 2027-11-29T00:00:00Z",
	} {
		if got := shown(only(w).Ask(port(), at(t, now))); got != want {
			t.Errorf("%s: %s, want %s", now, got, want)
		}
	}
}
