package window_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

// days lists each given weekday.
func days(of ...time.Weekday) window.Days {
	var out window.Days
	for _, d := range of {
		out.Add(d, 0)
	}
	return out
}

// nth is one weekday of each month.
func nth(n int, day time.Weekday) window.Days {
	var out window.Days
	out.Add(day, n)
	return out
}

func everyDay() window.Days { return days(0, 1, 2, 3, 4, 5, 6) }

func date(t *testing.T, text string) window.Date {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	d, ok := window.DateOf(at.Year(), int(at.Month()), at.Day())
	if !ok || d.String() != text {
		t.Fatalf("%s is %v, %v", text, d, ok)
	}
	return d
}

// at reads an instant.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// reading is what a clock reads, such as 2026-11-10T00:00.
func reading(t *testing.T, text string) window.Clock {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return window.Clock(at.Unix())
}

func port() window.Question { return window.Question{Settings: []change.Field{change.Port}} }

// hours is a window for the port.
func hours(zone string, on window.Days, from, to int) window.Window {
	return window.Window{
		Name: "hours", Settings: []change.Field{change.Port}, Zone: window.NewZone(zone),
		Open: []window.Interval{{Days: on, From: from, To: to}},
	}
}

func only(w ...window.Window) window.Calendar { return window.Calendar{Windows: w} }

// shown is a verdict's state and next change.
func shown(v window.Verdict) string {
	next := v.Opens
	state := "closed"
	if v.Open {
		state, next = "open", v.Closes
	}
	if next.IsZero() {
		return state + " for good"
	}
	return state + " until " + next.Format(time.RFC3339Nano)
}

func TestNightsOfWorkingDays(t *testing.T) {
	t.Parallel()
	nights := only(hours("Asia/Shanghai", days(1, 2, 3, 4, 5), 22*60, 6*60))
	for now, want := range map[string]string{
		"2026-11-27T13:59:59.999999999Z": "closed until 2026-11-27T14:00:00Z", // Friday
		"2026-11-27T14:00:00Z":           "open until 2026-11-27T22:00:00Z",
		"2026-11-27T21:59:59.999999999Z": "open until 2026-11-27T22:00:00Z",
		"2026-11-27T22:00:00Z":           "closed until 2026-11-30T14:00:00Z", // Monday
	} {
		v := nights.Ask(port(), at(t, now))
		if got := shown(v); got != want || len(v.Windows) != 1 || v.Windows[0] != "hours" {
			t.Errorf("%s: %s, want %s; windows %q", now, got, want, v.Windows)
		}
	}
}
