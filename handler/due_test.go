package handler_test

import (
	"strings"
	"testing"
	"time"

	"sslvpnchange/internal/change"
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
