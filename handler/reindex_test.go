package handler_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/listing"
)

func reindex(body string) call {
	return call{method: "POST", path: "/v1/reindex", body: body, header: map[string]string{"Content-Type": "application/json"}}
}

// TestReindexFindsRecordsThatTheIndexLacks deletes the index, as records of before it have
// none.
func TestReindexFindsRecordsThatTheIndexLacks(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, strings.Replace(people, "grants:\n", "grants:\n  - {who: [bot], roles: [admin], servers: [\"*\"]}\n", 1))
	id := h.accepted(post("/v1/changes", setPort))[0]
	h.drain("vss-one")
	if err := h.Store.Delete(t.Context(), h.Keys(t.Context(), "index/")...); err != nil {
		t.Fatal(err)
	}
	if before := h.list(listOf(nil)); len(before.Changes) > 0 {
		t.Fatalf("without an index, the list is %+v", before)
	}
	total := 0
	for body, steps := `{"since":"2026-01-01"}`, 0; ; steps++ {
		var step struct {
			Records int
			Next    string
		}
		decode(t, h.ask(reindex(body), 200).Body, &step)
		if total += step.Records; step.Next == "" || steps > 10 {
			break
		}
		body = `{"next":"` + step.Next + `"}`
	}
	var got listing.Page
	decode(t, h.ask(listOf(nil), 200).Body, &got)
	if total != 1 || len(got.Changes) != 1 || got.Changes[0].ID != id {
		t.Errorf("%d records, the list is %+v", total, got)
	}
	decode(t, h.ask(reindex(`{"since":"2999-01-01"}`), 200).Body, &got)
}

func TestWhoMayReindex(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	p := h.problem(reindex(`{}`), 403, "forbidden")
	if len(p.Problems) != 1 || !strings.Contains(p.Problems[0].Message, "may not cancel others' changes on *") {
		t.Errorf("got %+v", p)
	}
	h.count("index/", 0)
	for _, body := range []string{"", "[]", `{"since":"x"}`, `{"since":5}`, `{"other":""}`} {
		if out := h.ask(reindex(body), 422+map[bool]int{true: 400 - 422}[body == ""]); !strings.Contains(out.Body, "problems") {
			t.Errorf("%q is answered %s", body, out.Body)
		}
	}
	h.problem(reindex(`{}`).with("Content-Type", "application/yaml"), 415, "media-type")
	free := newHarness(t)
	free.problem(reindex(`{"next":"lanes/x"}`), 422, "invalid")
	free.ask(reindex(`{}`), 200)
}
