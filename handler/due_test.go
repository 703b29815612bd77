package handler_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/zone"
)

// Every answer to a document says when its changes are due: now, or the time in the
// zone in which the document names it, and how far ahead it is.
func TestAnswersSayWhenAChangeIsDue(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	at := h.Clock.Now().Add(3*time.Hour + time.Minute).In(time.FixedZone("", 8*60*60)).Truncate(time.Second)
	later := "notBefore: " + at.Format(time.RFC3339) + "\n" + setPort
	type due struct {
		Changes []struct {
			DueAt time.Time
			Due   string
		}
	}
	for name, c := range map[string]call{"now": post("/v1/changes", setPort), "now, planned": post("/v1/plans", setPort)} {
		status := map[bool]int{true: 202, false: 200}[name == "now"]
		var got due
		decode(t, h.ask(c, status).Body, &got)
		if len(got.Changes) != 1 || got.Changes[0].Due != "now" || h.Clock.Now().Sub(got.Changes[0].DueAt).Abs() > time.Minute {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for path, status := range map[string]int{"/v1/changes": 202, "/v1/plans": 200} {
		var got due
		decode(t, h.ask(post(path, later), status).Body, &got)
		want := at.Format("2006-01-02 15:04:05") + " +08:00 (in 3 h"
		if len(got.Changes) != 1 || !strings.HasPrefix(got.Changes[0].Due, want) || !got.Changes[0].DueAt.Equal(at) {
			t.Errorf("%s: %+v, want %s", path, got, want)
		}
		past := "notBefore: " + at.Add(-24*time.Hour).Format(time.RFC3339) + "\n" + setPort
		p := h.problem(post(path, past), 422, "invalid")
		if len(p.Problems) != 1 || p.Problems[0].Rule != change.RuleNotBeforeInPast || !strings.Contains(p.Problems[0].Hint, at.Format(time.RFC3339)) {
			t.Errorf("%s: %+v", path, p.Problems)
		}
	}
	var pos struct{ DueAt time.Time }
	id := h.accepted(post("/v1/changes", later))[0]
	decode(t, h.ask(get("/v1/changes/"+id), 200).Body, &pos)
	if !pos.DueAt.Equal(at) {
		t.Errorf("the position is %+v, want %v", pos, at)
	}
}

// In chat, a time is shown in the zone in which its command is written, and elsewhere
// in the function's zone; with the date, and with how far it is.
func TestChatShowsTimesInTheReadersZone(t *testing.T) {
	t.Parallel()
	r := newChatHarness(t)
	r.cfg.TimeZone = time.FixedZone("", 8*60*60)
	r.start()
	at := r.Clock.Now().Add(3*time.Hour + 30*time.Minute).Truncate(time.Minute)
	in := func(hours int) string {
		return at.In(time.FixedZone("", hours*60*60)).Format("2006-01-02 15:04:05 -07:00")
	}
	typed := at.In(time.FixedZone("", -5*60*60)).Format("2006-01-02T15:04-07:00")
	for line, want := range map[string]string{
		"plan one port=1201 at=" + typed:  "Due: `" + in(-5) + " (in 3 h",
		"apply one port=1202 at=" + typed: "Due: `" + in(-5) + " (in 3 h",
		"apply one port=1203":             "Due: now",
		"apply one port=1204 at=now":      "Due: now",
		"变更 one 端口=1205 定时=" + typed:      "执行时间：`" + in(-5) + "（3 小时",
	} {
		if got := r.shown(r.slash("U1", line)); !strings.Contains(got, want) {
			t.Errorf("%s is answered with\n%s\nwant %s", line, got, want)
		}
	}
	if got, want := r.shown(r.slash("U1", "status")), in(8)+" (in 3 h"; !strings.Contains(got, want) {
		t.Errorf("status is answered with\n%s\nwant %s", got, want)
	}
	if got := r.shown(r.slash("U1", "apply one port=1206 at=2025-01-01T02:00Z")); !strings.Contains(got, "is in the past") {
		t.Errorf("a time of the past is answered with\n%s", got)
	}
	if got := r.shown(r.slash("U1", "变更 one 端口=1206 定时=2025-01-01T02:00Z")); !strings.Contains(got, "定时时间已过") || strings.Contains(got, "past") {
		t.Errorf("a time of the past is answered with\n%s", got)
	}
}

// Times of day are those of the platform's zone, and answers name the zone.
func TestChatUnderstandsTimesOfDay(t *testing.T) {
	t.Parallel()
	r := newChatHarness(t)
	shanghai := zone.Load("Asia/Shanghai")
	r.cfg.Zones = map[string]*time.Location{"slack": shanghai}
	r.start()
	now := r.Clock.Now().In(shanghai)
	y, m, d := now.Date()
	tomorrow := time.Date(y, m, d+1, 2, 0, 0, 0, shanghai).Format("2006-01-02 15:04:05 -07:00")
	for line, want := range map[string]string{
		"apply one port=1202 at=tomorrow 02:00": "Due: `" + tomorrow + " (Asia/Shanghai, in ",
		"变更 one 端口=1205 定时=明天凌晨2点":              "执行时间：`" + tomorrow + "（Asia/Shanghai，",
		"apply one port=1203 at=+2h":            " +08:00 (Asia/Shanghai, in 2 h)",
		"apply one port=1203 at=tomorrow":       "at: tomorrow has no time of day",
	} {
		if got := r.shown(r.slash("U1", line)); !strings.Contains(strings.ReplaceAll(got, "`", ""), strings.ReplaceAll(want, "`", "")) {
			t.Errorf("%s is answered with\n%s\nwant %s", line, got, want)
		}
	}
}

// A pasted command line of another program is answered with the command that it means,
// and does nothing.
func TestAPastedCommandLineIsNotExecuted(t *testing.T) {
	t.Parallel()
	r := newChatHarness(t)
	got := r.shown(r.slash("U1", "aliyun vpc ModifySslVpnServer --SslVpnServerId vss-one --Port 1195 --RegionId cn-hangzhou"))
	if !strings.Contains(got, "`apply cn-hangzhou/vss-one port=1195`") || !strings.Contains(got, "was not executed") {
		t.Errorf("it is answered with\n%s", got)
	}
	for _, prefix := range []string{"queue/", "wake/", "results/"} {
		r.count(prefix, 0)
	}
}
