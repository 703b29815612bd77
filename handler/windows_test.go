package handler_test

import (
	"strings"
	"testing"
	"time"
)

func askWindows(query map[string]string) call {
	return call{method: "GET", path: "/v1/windows", query: query}
}

type windows struct {
	From, Until time.Time
	By          string
	Schedules   []struct {
		Name, RegionID string
		Parts          []struct {
			Settings, Windows, TimeZones []string
			Open                         bool
			ClosesAt, OpensAt            time.Time
			Spans                        []struct {
				From, Until   time.Time
				Windows       []string
				Freeze        string
				OverrideNeeds int
			}
		}
	}
}

func TestWindowsWithoutAnyAreAlwaysOpen(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	var got windows
	body := h.ask(askWindows(map[string]string{"server": "two"}), 200).Body
	decode(t, body, &got)
	if got.By != "bot" || got.Until.Sub(got.From) != 7*24*time.Hour || len(got.Schedules) != 1 || got.Schedules[0].Name != "two" {
		t.Fatalf("got %s", body)
	}
	if p := got.Schedules[0].Parts; len(p) != 1 || !p[0].Open || len(p[0].Settings) != 11 || len(p[0].Spans) != 0 || strings.Contains(body, "closesAt") {
		t.Errorf("parts: %s", body)
	}
}

func TestWindowsAreForThoseWhoMayReadTheServer(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	h.problem(askWindows(map[string]string{"server": "one"}).by(checker), 404, "not-found") // a name that checker may not see
	h.problem(askWindows(map[string]string{"server": "vss-one"}).by(checker), 403, "forbidden")
	var got windows
	decode(t, h.ask(askWindows(nil).by(checker), 200).Body, &got)
	if len(got.Schedules) != 1 || got.Schedules[0].Name != "two" {
		t.Errorf("checker sees %+v", got)
	}
	h.rule(strings.ReplaceAll(people, "user: chat-bot", "user: other"))
	h.problem(askWindows(nil), 403, "forbidden")
	h.rule("people: x")
	h.problem(askWindows(nil), 503, "policy")
}

func TestWindowsWithABadQuestion(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	for name, query := range map[string]map[string]string{
		"an unknown parameter":        {"sever": "two"},
		"a time without a zone":       {"from": "2026-11-27T00:00:00"},
		"an empty time":               {"until": ""},
		"an end before the beginning": {"from": "2026-11-27T00:00:00Z", "until": "2026-11-27T00:00:00Z"},
		"more than 366 days":          {"from": "2026-11-27T00:00:00Z", "until": "2027-11-28T00:00:01Z"},
	} {
		body := h.ask(askWindows(query), 422).Body
		if !strings.Contains(body, `"unknown-key"`) && !strings.Contains(body, `"parameter-value"`) {
			t.Errorf("%s: %s", name, body)
		}
	}
	h.ask(askWindows(map[string]string{"from": "2026-11-27T00:00:00+08:00", "until": "2027-11-28T00:00:00+08:00"}), 200)
}
