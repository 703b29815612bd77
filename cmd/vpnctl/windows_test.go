package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

func TestWindowsAsksAboutEachServer(t *testing.T) {
	t.Parallel()
	c := commanded{status: http.StatusOK, answer: `{"verb":"windows","outcome":"shown","text":"Windows of office"}`}
	url := c.serve(t)
	if got := vpnctl(t, secretEnv(), "", "windows", "--url", url); got.code != exitDone || got.out != "Windows of office\n" {
		t.Errorf("%+v", got)
	}
	if got := vpnctl(t, secretEnv(), "", "windows", "office", "cn-beijing/vss-1", "--url", url, "--lang", "zh"); got.code != exitDone || got.out != "Windows of office\n\nWindows of office\n" {
		t.Errorf("%+v", got)
	}
	want := `{"command":"windows"} {"command":"windows office","lang":"zh"} {"command":"windows cn-beijing/vss-1","lang":"zh"}`
	if got := strings.Join(c.sent, " "); got != want {
		t.Errorf("sent %s\nwant %s", got, want)
	}
}

func openingAt(from time.Time) remote.ScheduleSpan {
	return remote.ScheduleSpan{From: from, Until: from.Add(8 * time.Hour), Windows: []string{"nights"}}
}

// windowsAnswer has a server with a window for two settings and a freeze, and one that is
// always open.
func windowsAnswer() remote.Windows {
	from := time.Date(2026, 11, 27, 14, 0, 0, 0, time.UTC)
	freeze := remote.ScheduleSpan{From: from.AddDate(0, 0, 2), Until: from.AddDate(0, 0, 4), Freeze: "double-eleven", Reason: "双十一; 不可, 变更", Need: 2}
	return remote.Windows{Schedules: []remote.Schedule{
		{
			Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-office"}, Name: "office",
			Parts: []remote.SchedulePart{
				{Settings: []change.Field{change.Port, change.Proto}, Windows: []string{"nights"}, Spans: []remote.ScheduleSpan{openingAt(from), openingAt(from.AddDate(0, 0, 1)), freeze}},
				{Settings: []change.Field{change.Name}, Spans: []remote.ScheduleSpan{freeze}},
			},
		},
		{Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-lab"}, Parts: []remote.SchedulePart{{Settings: change.Fields()}}},
	}, MoreServers: 2}
}

func windowsURL(t *testing.T, answer remote.Windows) string {
	t.Helper()
	return function(t, func(r *http.Request, _ string) (int, string) {
		from, err := time.Parse(time.RFC3339, r.URL.Query().Get("from"))
		until, err2 := time.Parse(time.RFC3339, r.URL.Query().Get("until"))
		if r.Method != http.MethodGet || r.URL.Path != "/v1/windows" || err != nil || err2 != nil || until.Sub(from) != 90*24*time.Hour && until.Sub(from) != 30*24*time.Hour {
			t.Errorf("asked %s %s", r.Method, r.URL)
		}
		data, err := json.Marshal(answer)
		if err != nil {
			t.Error(err)
		}
		return http.StatusOK, string(data)
	})
}

func eventsOf(t *testing.T, text string) map[string]*ics.VEvent {
	t.Helper()
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	out := map[string]*ics.VEvent{}
	for _, e := range cal.Events() {
		out[e.Id()] = e
	}
	if len(out) != len(cal.Events()) {
		t.Errorf("two events have one UID:\n%s", text)
	}
	return out
}

func TestWindowsAsACalendar(t *testing.T) {
	t.Parallel()
	got := vpnctl(t, secretEnv(), "", "windows", "--ics", "--url", windowsURL(t, windowsAnswer()))
	if got.code != exitDone || !strings.Contains(got.err, "2 servers left out") {
		t.Fatalf("%+v", got)
	}
	events := eventsOf(t, got.out)
	if len(events) != 3 {
		t.Errorf("%d events:\n%s", len(events), got.out)
	}
	wants(t, "the calendar", got.out, "SUMMARY;LANGUAGE=en:Window nights: office\r\n", "SUMMARY;LANGUAGE=en:Freeze double-eleven: office\r\n", "CATEGORIES;LANGUAGE=en:Freeze\r\n",
		`双十一\; 不可\, 变更\noverride=double-eleven`, `Settings that may be changed: Port\, Proto`)
	zh := vpnctl(t, secretEnv(), "", "windows", "office", "lab", "--ics", "--lang", "zh", "--days", "30", "--url", windowsURL(t, windowsAnswer()))
	wants(t, "the calendar in Chinese", zh.out, "SUMMARY;LANGUAGE=zh:维护窗口 nights：office\r\n", "X-WR-CALNAME:SSL-VPN 维护窗口\r\n")
}

// A later calendar has the same UIDs for the same events; a freeze that was moved keeps its
// own.
func TestCalendarsKeepTheirUIDs(t *testing.T) {
	t.Parallel()
	first := windowsAnswer()
	later := windowsAnswer()
	spans := later.Schedules[0].Parts[0].Spans
	spans[2].From = spans[2].From.Add(time.Hour)
	later.Schedules[0].Parts[0].Spans = append(slices.Clone(spans[1:]), openingAt(spans[1].From.AddDate(0, 0, 1)))
	before := eventsOf(t, calendarOf(first.Schedules, "", time.Now()).String())
	after := eventsOf(t, calendarOf(later.Schedules, "zh", time.Now()).String())
	same := 0
	for uid := range after {
		if before[uid] != nil {
			same++
		}
	}
	if len(before) != 3 || len(after) != 3 || same != 2 {
		t.Errorf("%d and %d events, of which %d have the same UID", len(before), len(after), same)
	}
}

func TestWindowsRefusesWhatContradicts(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"use 1 to 366": {"windows", "--ics", "--days", "367"}, "exclude each other": {"windows", "--ics", "--json"},
	} {
		if got := vpnctl(t, secretEnv(), "", args...); got.code != exitUsage || !strings.Contains(got.out+got.err, want) {
			t.Errorf("%q: %+v", args, got)
		}
	}
}

const closedChange = `{"id":"20261122-aaaaaaaaaa","status":"waiting","cause":"window","why":"the window nights is closed","acceptedAt":"2026-11-22T08:30:00Z","window":{"open":false,"windows":["nights"]%s}}`

func closedUntil(at time.Time) string {
	return strings.ReplaceAll(closedChange, "%s", `,"opensAt":"`+at.UTC().Format(time.RFC3339)+`"`)
}

// Nobody waits at the terminal for a window that opens tomorrow.
func TestApplyDoesNotWaitForALaterWindow(t *testing.T) {
	t.Parallel()
	tomorrow := time.Now().Add(24 * time.Hour)
	for name, answer := range map[string]string{
		"the function's answer": strings.Replace(acceptedAnswer, `"status":"queued"`, `"status":"queued","window":{"open":false,"opensAt":"`+tomorrow.UTC().Format(time.RFC3339)+`"}`, 1),
		"its position":          acceptedAnswer,
	} {
		c := commanded{status: http.StatusAccepted, answer: answer, records: queued(closedUntil(tomorrow))}
		began := time.Now()
		got := vpnctl(t, secretEnv(), "", "apply", "office", "port=1195", "--url", c.serve(t), "--wait", "30s")
		if got.code != exitUnended || time.Since(began) > 20*time.Second {
			t.Errorf("%s: %+v after %s", name, got, time.Since(began))
		}
		wants(t, name, got.err, "20261122-aaaaaaaaaa waits for its window; check it with: vpnctl status")
	}
	c := commanded{status: http.StatusAccepted, answer: acceptedAnswer, records: queued(closedUntil(time.Now().Add(time.Second)), appliedRecord)}
	if got := vpnctl(t, secretEnv(), "", "apply", "office", "port=1195", "--url", c.serve(t), "--wait", "30s"); got.code != exitDone {
		t.Errorf("a window that opens soon: %+v", got)
	}
}

func TestStatusSaysWhenAWindowOpens(t *testing.T) {
	t.Parallel()
	c := commanded{status: http.StatusOK, answer: shownAnswer, records: queued(closedUntil(time.Now().Add(200*time.Minute + time.Second)))}
	got := vpnctl(t, secretEnv(), "", "status", "20261122-aaaaaaaaaa", "--url", c.serve(t))
	wants(t, "the status", got.out, "It waits for the window nights, which opens", "in 3 h 20 min")
}
