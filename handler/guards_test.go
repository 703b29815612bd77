package handler_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// guards are what answers show of the guards of a change.
type guards struct {
	ID, Confirm, When string
	Proof             bool
}

// The answer to a document and the position of its changes show how they are guarded.
func TestAnswersShowTheGuardsOfAChange(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	for body, want := range map[string]guards{
		"confirm: 20m proof\nwhen: idle(5)\nproof: true\n" + setPort: {Confirm: "20m proof", When: "idle(5)", Proof: true},
		setPort: {},
	} {
		var got struct{ Changes []guards }
		decode(t, h.ask(post("/v1/changes", body), 202).Body, &got)
		if len(got.Changes) != 1 {
			t.Fatalf("the answer is %+v", got)
		}
		want.ID = got.Changes[0].ID
		if got.Changes[0] != want {
			t.Errorf("the answer is %+v, want %+v", got.Changes[0], want)
		}
		var pos struct {
			guards

			Status change.Status
		}
		decode(t, h.ask(get("/v1/changes/"+want.ID), 200).Body, &pos)
		if pos.guards != want || pos.Status == "" {
			t.Errorf("the position is %+v, want %+v", pos, want)
		}
	}
}

// A plan says what the policy asks of the change, and why it would refuse it now.
func TestPlansSayWhatThePolicyAsks(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	server := h.Server("vss-one")
	if err := h.VPC.SetClients(vpc.Clients{ServerID: server.ServerID, Clients: []vpc.Client{{Certificate: "vsc-1"}, {Certificate: "vsc-2"}}}); err != nil {
		t.Fatal(err)
	}
	rules := "people: [{name: bot, accounts: [{door: http, user: chat-bot}]}]\n" +
		"grants: [{who: [bot], roles: [admin], servers: ['*']}]\n" +
		"guards: [{servers: ['*'], settings: [Port], maxConnected: 1, otherwise: refuse}]\n" +
		"confirmations: [{servers: ['*'], settings: [Port], for: 20m}]\n"
	if err := h.Store.Put(t.Context(), objects.PolicyFile, []byte(rules)); err != nil {
		t.Fatal(err)
	}
	later := "notBefore: " + h.Clock.Now().Add(time.Hour).UTC().Format(time.RFC3339) + "\n"
	for body, rule := range map[string]string{setPort: policy.RuleTooManyConnected, "when: idle(2)\n" + setPort: "", later + setPort: ""} {
		var got struct {
			Changes []struct {
				guards

				Problems []change.Problem
			}
		}
		decode(t, h.ask(post("/v1/plans", body), 200).Body, &got)
		if len(got.Changes) != 1 || got.Changes[0].Confirm != "20m" {
			t.Fatalf("%s\nthe plan is %+v", body, got)
		}
		problems := got.Changes[0].Problems
		if (len(problems) == 1) != (rule != "") || len(problems) == 1 && problems[0].Rule != rule {
			t.Errorf("%s\nthe problems are %+v, want %q", body, problems, rule)
		}
	}
}

// A request that waits for the records of its changes does not wait for an undo that is
// due soon: the change must be confirmed before.
func TestPreferWaitDoesNotWaitForAnUndo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.timeout = 2 * time.Minute
	h.Server("vss-one")
	var got struct{ Changes []record.Record }
	decode(t, h.ask(post("/v1/changes", "confirm: 1m\n"+setPort).with("Prefer", "wait=20"), 200).Body, &got)
	if len(got.Changes) != 1 || got.Changes[0].Undo == nil {
		t.Fatalf("the answer is %+v", got)
	}
	if left := got.Changes[0].Undo.DueAt.Sub(h.Clock.Now()); left < 30*time.Second {
		t.Errorf("there are %v left to confirm the change", left)
	}
	h.ask(post("/v1/changes", strings.Replace(setPort, "1195", "1196", 1)).with("Prefer", "wait=1"), 202)
	if s, _ := h.VPC.Server("vss-one"); s.Port != 1195 {
		t.Errorf("port %d", s.Port)
	}
}

// A change over HTTP is confirmed over HTTP, by the beginning of its id. The position of
// the undo names the change.
func TestAChangeIsConfirmedOverHTTP(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	var got struct{ Changes []record.Record }
	decode(t, h.ask(post("/v1/changes", "confirm: 5m\n"+setPort).with("Prefer", "wait=20"), 200).Body, &got)
	id, undo := got.Changes[0].ID, got.Changes[0].Undo.ID
	var pos struct{ Cause, Undoes string }
	decode(t, h.ask(get("/v1/changes/"+undo), 200).Body, &pos)
	if pos.Cause != "confirm" || pos.Undoes != id {
		t.Errorf("the undo is at %+v", pos)
	}
	command := func(line string, code int) string {
		return h.ask(post("/v1/commands", `{"command":"`+line+`"}`).with("Content-Type", "application/json"), code).Body
	}
	short := id[:len("20261122-7f3akqrcd2")]
	if text := command("confirm "+short+" 10m", 202); !strings.Contains(text, "has more time") {
		t.Error(text)
	}
	if text := command("confirm "+short, 202); !strings.Contains(text, "is confirmed") {
		t.Error(text)
	}
	h.ask(post("/v1/changes", strings.Replace(setPort, "1195", "1196", 1)).with("Prefer", "wait=20"), 200)
	if text := command("confirm "+id, 409); !strings.Contains(text, "confirmed already") {
		t.Error(text)
	}
	if s, _ := h.VPC.Server("vss-one"); s.Port != 1196 {
		t.Errorf("port %d", s.Port)
	}
}
