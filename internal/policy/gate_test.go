package policy_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/growth"
	"github.com/sslvpn-change/sslvpn-change/internal/document"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

func portOf(t change.Target) change.Request {
	return change.Request{Target: t, Patch: change.Patch{change.Port: change.Number(1195)}}
}

func instant(tb testing.TB, text string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

func TestGateIsAlwaysOpenWithoutWindows(t *testing.T) {
	t.Parallel()
	now := instant(t, "2026-11-11T00:00:00Z")
	for name, p := range map[string]*policy.Policy{"no policy": policy.Absent(), "a policy without windows": parse(t, example), "empty lists": parse(t, "people: []\ngrants: []\nwindows: []\nfreezes: []\n")} {
		if v := p.Gate(portOf(hangzhou), now); !reflect.DeepEqual(v, window.Verdict{Open: true}) {
			t.Errorf("%s: %+v", name, v)
		}
		all := []window.Span{{From: now, Until: now.Add(time.Hour)}}
		if got := p.Openings(hangzhou, []change.Field{change.Port}, now, now.Add(time.Hour)); !reflect.DeepEqual(got, all) {
			t.Errorf("%s: %v", name, got)
		}
		if got := p.Openings(hangzhou, nil, now, now.Add(time.Hour)); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestGateAsksTheWindowsOfTheServerAndTheSettings(t *testing.T) {
	t.Parallel()
	p := parse(t, calendars)
	office := change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}
	other := change.Target{RegionID: "cn-hangzhou", ServerID: "vss-b"}
	secure := change.Request{Target: office, Patch: change.Patch{change.EnableMultiFactorAuth: change.Flag(true)}}
	over := portOf(office)
	over.Override = "Double-Eleven"
	for _, tt := range []struct {
		name    string
		request change.Request
		now     string
		want    window.Verdict
	}{
		{"by day", portOf(office), "2026-11-27T04:00:00Z", window.Verdict{Opens: instant(t, "2026-11-27T14:00:00Z"), Windows: []string{"nights", "sundays"}}},
		{"by night", portOf(office), "2026-11-26T14:00:00Z", window.Verdict{Open: true, Closes: instant(t, "2026-11-26T21:45:00Z"), Windows: []string{"nights", "sundays"}}},
		// The Sunday of Lord Howe begins on Saturday at 13:00 UTC.
		{"on Sunday", secure, "2026-11-27T14:00:00Z", window.Verdict{Opens: instant(t, "2026-11-28T13:00:00Z"), Windows: []string{"sundays"}}},
		{"another server", portOf(other), "2026-11-27T14:00:00Z", window.Verdict{Opens: instant(t, "2026-11-28T13:00:00Z"), Windows: []string{"sundays"}}},
		{"frozen", portOf(office), "2026-11-10T14:00:00Z", window.Verdict{
			Opens: instant(t, "2026-11-12T14:00:00Z"), Windows: []string{"nights", "sundays"}, Freeze: "double-eleven", Reason: "双十一", MayOverride: true, Need: 2,
		}},
		{"overridden", over, "2026-11-10T14:00:00Z", window.Verdict{Open: true, Closes: instant(t, "2026-11-10T21:45:00Z"), Windows: []string{"nights", "sundays"}}},
		{"overridden by day", over, "2026-11-10T04:00:00Z", window.Verdict{Opens: instant(t, "2026-11-10T14:00:00Z"), Windows: []string{"nights", "sundays"}}},
	} {
		if got := p.Gate(tt.request, instant(t, tt.now)); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\n%+v, want\n%+v", tt.name, got, tt.want)
		}
	}
	if f, ok := p.Freeze(office, "DOUBLE-eleven"); !ok || f.Need != 2 || f.Name != "double-eleven" {
		t.Errorf("%+v, %v", f, ok)
	}
	if f, ok := p.Freeze(office, "nights"); ok {
		t.Errorf("%+v", f)
	}
}

func TestTheHintsOfWindowsSayWhatToWrite(t *testing.T) {
	t.Parallel()
	const head = "people: []\ngrants: []\nwindows: [{name: w, servers: ['*'], timeZone: UTC, "
	for text, want := range map[string]string{
		head + "open: [{days: [Mon], from: '22:00', to: '06:00'}]}]":                           "write mon;",
		head + "open: [{days: [Saturday], from: '22:00', to: '06:00'}]}]":                      "write sat;",
		head + "open: [{days: [thirt sat], from: '22:00', to: '06:00'}]}]":                     "the nearest is third sat;",
		head + "open: [{days: [sat], from: '24:00', to: '06:00'}]}]":                           `write "00:00", and the next day`,
		head + "open: [{days: [sat], from: '22:00', to: '6'}]}]":                               `or "24:00" for midnight`,
		head + "open: [{days: [sat], from: '22:00', to: '06:00'}], lastStart: 8h}]":            "less than 8h",
		head + "also: [2027-02-29]}]":                                                          "that exists",
		strings.Replace(head, "UTC", "Asia/Beijing", 1) + "also: [2027-02-28]}]":               "write Asia/Shanghai",
		strings.Replace(head, "UTC", "Africa/El_Aaiun", 1) + "also: [2027-02-28]}]":            "another zone",
		head + "settings: [Prot], also: [2027-02-28]}]":                                        "the nearest is Proto",
		head + "opened: [], also: [2027-02-28]}]":                                              "the nearest known key is open",
		"people: []\ngrants: []\nfreezes: [{name: f, servers: ['*'], timeZone: UTC, from: x}]": "without an offset",
	} {
		_, problems := policy.Parse([]byte(text+"\n"), document.YAML)
		if !slices.ContainsFunc(problems, func(p change.Problem) bool { return strings.Contains(p.Hint, want) }) {
			t.Errorf("%s: problems %v, want a hint with %q", text, problems, want)
		}
	}
}

// busy renders a policy at the limits: windows with as many hours and dates as are
// allowed, of which none opens for all settings, and freezes.
func busy(windows, hours, dates, freezes int) []byte {
	var b strings.Builder
	b.WriteString("people: []\ngrants: []\nwindows:\n")
	for i := range windows {
		fmt.Fprintf(&b, "- name: w%d\n  servers: ['*']\n  settings: [%s]\n  timeZone: Europe/Berlin\n  lastStart: 1m\n  open:\n", i, []string{"Port", "Proto"}[i%2])
		for j := range hours {
			fmt.Fprintf(&b, "  - {days: [first mon, second tue, third wed, fourth thu, fifth fri, last sat], from: '%02d:%02d', to: '%02d:%02d'}\n", 12*(i%2), 2*j, 12*(i%2), 2*j+2)
		}
		b.WriteString("  except:\n")
		for j := range dates {
			fmt.Fprintf(&b, "  - %s\n", window.Date(20800+j))
		}
	}
	b.WriteString("freezes:\n")
	for i := range freezes {
		fmt.Fprintf(&b, "- {name: f%d, servers: ['*'], timeZone: Europe/Berlin, from: 2027-%02d-01T00:00, until: 2027-%02d-02T00:00}\n", i, 1+i%12, 1+i%12)
	}
	return []byte(b.String())
}

// never is a change that needs two windows that are never open together.
func never() change.Request {
	return change.Request{Target: hangzhou, Patch: change.Patch{change.Port: change.Number(1195), change.Proto: change.Text("UDP")}}
}

// TestAttackCalendarsAtTheLimitsAreAskedInTime asks a calendar that never opens, so that
// every day of the year is looked at.
func TestAttackCalendarsAtTheLimitsAreAskedInTime(t *testing.T) {
	t.Parallel()
	data := busy(window.MaxWindows, window.MaxIntervals, window.MaxDates, window.MaxFreezes)
	growth.Within(t, time.Second, data, judge)
	p := parse(t, string(data))
	now := instant(t, "2026-11-28T00:00:00Z")
	if v := p.Gate(never(), now); v.Open || !v.Opens.IsZero() || len(v.Windows) != window.MaxWindows {
		t.Errorf("%+v", v)
	}
	growth.Within(t, time.Second, p, func(p *policy.Policy) { p.Gate(never(), now) })
	growth.Within(t, time.Second, p, func(p *policy.Policy) { p.Openings(hangzhou, nil, now, now.Add(window.Horizon)) })
}

// TestAttackCalendarsCostTheirSize quadruples the windows, and the hours of each.
func TestAttackCalendarsCostTheirSize(t *testing.T) {
	t.Parallel()
	now := instant(t, "2026-11-28T00:00:00Z")
	ask := func(p *policy.Policy) {
		for range 20 {
			p.Gate(never(), now)
		}
	}
	growth.Linear(t, 12, func(n int) *policy.Policy { return parse(t, string(busy(n, 5, 20, 1))) }, ask)
	growth.Linear(t, 5, func(n int) *policy.Policy { return parse(t, string(busy(10, n, 20, 1))) }, ask)
}

func BenchmarkGate(b *testing.B) {
	now := instant(b, "2026-11-27T04:00:00Z")
	for name, c := range map[string]struct {
		text    string
		request change.Request
	}{
		"no window":             {example, portOf(hangzhou)},
		"a window by day":       {calendars, portOf(change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"})},
		"50 windows for a year": {string(busy(window.MaxWindows, window.MaxIntervals, window.MaxDates, window.MaxFreezes)), never()},
	} {
		p, problems := policy.Parse([]byte(c.text), document.YAML)
		if len(problems) > 0 {
			b.Fatal(problems)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Gate(c.request, now)
			}
		})
	}
}
