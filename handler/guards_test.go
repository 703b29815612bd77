package handler_test

import (
	"testing"

	"sslvpnchange/internal/change"
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
