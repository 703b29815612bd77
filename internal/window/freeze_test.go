package window_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

func freeze(t *testing.T, name, zone, from, until string, need int) window.Freeze {
	t.Helper()
	return window.Freeze{Name: name, Zone: window.NewZone(zone), From: reading(t, from), Until: reading(t, until), Reason: "because of " + name, Need: need}
}

func TestAFreezeBeatsEveryWindow(t *testing.T) {
	t.Parallel()
	c := only(hours("Asia/Shanghai", everyDay(), 22*60, 6*60))
	c.Freezes = []window.Freeze{freeze(t, "double-eleven", "Asia/Shanghai", "2026-11-10T23:00", "2026-11-12T12:00", 2)}
	for now, want := range map[string]string{
		"2026-11-10T14:00:00Z":           "open until 2026-11-10T15:00:00Z",
		"2026-11-10T14:59:59.999999999Z": "open until 2026-11-10T15:00:00Z",
		"2026-11-10T15:00:00Z":           "closed until 2026-11-12T14:00:00Z", // it ends by day, and the night opens
	} {
		if got := shown(c.Ask(port(), at(t, now))); got != want {
			t.Errorf("%s: %s, want %s", now, got, want)
		}
	}
	v := c.Ask(port(), at(t, "2026-11-11T00:00:00Z"))
	if v.Freeze != "double-eleven" || v.Reason != "because of double-eleven" || !v.MayOverride || v.Need != 2 {
		t.Errorf("%+v", v)
	}
	if v = c.Ask(port(), at(t, "2026-11-12T04:00:00Z")); v.Open || v.Freeze != "" || v.MayOverride {
		t.Errorf("closed after the freeze: %+v", v)
	}
	over := port()
	over.Override = "Double-Eleven"
	for now, want := range map[string]string{
		"2026-11-11T00:00:00Z": "closed until 2026-11-11T14:00:00Z", // the windows are still there
		"2026-11-11T14:00:00Z": "open until 2026-11-11T22:00:00Z",
	} {
		if v := c.Ask(over, at(t, now)); shown(v) != want || v.Freeze != "" {
			t.Errorf("overridden at %s: %s, want %s; %+v", now, shown(v), want, v)
		}
	}
}

func TestAFreezeFreezesWhatHasNoWindow(t *testing.T) {
	t.Parallel()
	c := window.Calendar{Freezes: []window.Freeze{freeze(t, "a", "UTC", "2026-11-10T00:00", "2026-11-11T00:00", 0), freeze(t, "b", "UTC", "2026-11-11T00:00", "2026-11-12T00:00", 1)}}
	if got, want := shown(c.Ask(port(), at(t, "2026-11-01T00:00:00Z"))), "open until 2026-11-10T00:00:00Z"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := shown(c.Ask(port(), at(t, "2026-11-10T00:00:00Z"))), "closed until 2026-11-12T00:00:00Z"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := shown(c.Ask(port(), at(t, "2026-11-12T00:00:00Z"))), "open for good"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	over := window.Question{Settings: port().Settings, Override: "a"} // nobody may
	if v := c.Ask(over, at(t, "2026-11-10T00:00:00Z")); v.Open || v.Freeze != "a" || v.MayOverride {
		t.Errorf("%+v", v)
	}
}

func TestOfSeveralFreezesTheOneThatNobodyMayOverrideIsNamed(t *testing.T) {
	t.Parallel()
	soft, hard := freeze(t, "soft", "UTC", "2026-11-10T00:00", "2026-11-12T00:00", 1), freeze(t, "hard", "UTC", "2026-11-11T00:00", "2026-11-12T00:00", 0)
	c := window.Calendar{Freezes: []window.Freeze{soft, hard}}
	if v := c.Ask(port(), at(t, "2026-11-11T00:00:00Z")); v.Freeze != "hard" || v.MayOverride || v.Need != 0 {
		t.Errorf("%+v", v)
	}
	c.Freezes[1].Need = 2
	over := window.Question{Settings: port().Settings, Override: "soft"}
	if v := c.Ask(port(), at(t, "2026-11-11T00:00:00Z")); v.Freeze != "soft" || v.MayOverride {
		t.Errorf("one override does not lift two freezes: %+v", v)
	}
	if v := c.Ask(over, at(t, "2026-11-11T00:00:00Z")); v.Open || v.Freeze != "hard" || v.MayOverride {
		t.Errorf("the other freeze stays: %+v", v)
	}
	if v := c.Ask(over, at(t, "2026-11-10T00:00:00Z")); !v.Open || v.Closes != at(t, "2026-11-11T00:00:00Z") {
		t.Errorf("the other freeze begins later: %+v", v)
	}
}

// TestAFreezeIsAsLongAsItCanBe: in Berlin, 02:30 does not come on 28 March 2027, and comes
// twice on 31 October.
func TestAFreezeIsAsLongAsItCanBe(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ from, until, begins, ends string }{
		{"2027-03-28T02:30", "2027-03-29T02:30", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"},
		{"2027-03-27T02:30", "2027-03-28T02:30", "2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z"},
		{"2027-10-31T02:30", "2027-11-01T02:30", "2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"},
		{"2027-10-30T02:30", "2027-10-31T02:30", "2027-10-30T00:30:00Z", "2027-10-31T01:30:00Z"},
		{"2027-10-31T02:10", "2027-10-31T02:20", "2027-10-31T00:10:00Z", "2027-10-31T01:20:00Z"},
	} {
		c := window.Calendar{Freezes: []window.Freeze{freeze(t, "a", "Europe/Berlin", tt.from, tt.until, 0)}}
		begins, ends := at(t, tt.begins), at(t, tt.ends)
		if got := c.Ask(port(), begins.Add(-time.Nanosecond)).Closes; got != begins {
			t.Errorf("%s: begins at %s, want %s", tt.from, got, begins)
		}
		if got := c.Ask(port(), begins).Opens; got != ends {
			t.Errorf("%s: ends at %s, want %s", tt.until, got, ends)
		}
	}
	never := window.Calendar{Freezes: []window.Freeze{freeze(t, "a", "Europe/Berlin", "2027-03-28T02:10", "2027-03-28T02:20", 0)}}
	if got, want := shown(never.Ask(port(), at(t, "2027-03-28T00:00:00Z"))), "open for good"; got != want {
		t.Errorf("a freeze inside the skipped hour: %s, want %s", got, want)
	}
}

func TestOpeningsAreListed(t *testing.T) {
	t.Parallel()
	nights, sundays := hours("UTC", days(saturday), 22*60, 6*60), hours("UTC", days(sunday), 5*60, 8*60)
	nights.LastStart = time.Hour
	sundays.Name, sundays.Settings = "sundays", []change.Field{change.Port, change.Proto}
	c := only(nights, sundays)
	c.Freezes = []window.Freeze{freeze(t, "f", "UTC", "2026-11-28T23:00", "2026-11-29T00:00", 2)}
	span := func(from, until string, names ...string) window.Span {
		return window.Span{From: at(t, from), Until: at(t, until), Names: names}
	}
	frozen := window.Span{From: at(t, "2026-11-28T23:00:00Z"), Until: at(t, "2026-11-29T00:00:00Z"), Freeze: "f", Reason: "because of f", Need: 2}
	for _, tt := range []struct {
		settings []change.Field
		want     []window.Span
	}{
		{[]change.Field{change.Port}, []window.Span{span("2026-11-28T22:00:00Z", "2026-11-28T23:00:00Z", "hours"), frozen, span("2026-11-29T00:00:00Z", "2026-11-29T08:00:00Z", "hours", "sundays")}},
		{[]change.Field{change.Port, change.Proto}, []window.Span{frozen, span("2026-11-29T05:00:00Z", "2026-11-29T08:00:00Z", "hours", "sundays")}},
		{[]change.Field{change.Cipher}, []window.Span{span("2026-11-28T12:00:00Z", "2026-11-28T23:00:00Z"), frozen, span("2026-11-29T00:00:00Z", "2026-11-30T12:00:00Z")}},
		{nil, []window.Span{span("2026-11-28T22:00:00Z", "2026-11-28T23:00:00Z", "hours"), frozen, span("2026-11-29T00:00:00Z", "2026-11-29T05:00:00Z", "hours"), span("2026-11-29T05:00:00Z", "2026-11-29T08:00:00Z", "sundays")}},
	} {
		if got := c.Openings(tt.settings, at(t, "2026-11-28T12:00:00Z"), at(t, "2026-11-30T12:00:00Z")); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%v:\n%v, want\n%v", tt.settings, got, tt.want)
		}
	}
}
