package handler_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/listing"
)

func listOf(query map[string]string) call {
	return call{method: "GET", path: "/v1/changes", query: query}
}

func (h *harness) list(c call) listing.Page {
	h.t.Helper()
	var p listing.Page
	decode(h.t, h.ask(c, 200).Body, &p)
	return p
}

// TestTheListIsAnswered has a change that ended and one that waits.
func TestTheListIsAnswered(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	done := h.accepted(post("/v1/changes", setPort))[0]
	h.drain("vss-one")
	waits := h.told(says("apply two port=1196"), 202, "taken").Change.ID
	first := h.list(listOf(nil))
	if len(first.Changes) != 2 || first.Changes[0].ID != waits || first.Changes[0].Ended() || first.Changes[1].ID != done || !first.Changes[1].Ended() || first.Next != "" {
		t.Fatalf("got %+v", first)
	}
	if c := first.Changes[0]; c.Name != "two" || c.By != "bot" || c.Account != "http:chat-bot" || c.Cause != "approval" || !slices.Contains(c.Approvers, "mei") {
		t.Errorf("got %+v %+v", c, c.Wait)
	}
	before := len(h.OSS.Requests())
	one := h.list(listOf(map[string]string{"status": "ended", "server": "one", "limit": "1", "since": "1h", "by": "bot"}))
	if n := len(h.OSS.Requests()) - before; n > 10 {
		t.Errorf("a page cost %d requests", n)
	}
	if len(one.Changes) != 1 || one.Changes[0].ID != done {
		t.Errorf("got %+v", one)
	}
	// Others see what they may see: nothing shows that there is more.
	if seen := h.list(listOf(map[string]string{"limit": "1"}).by(checker)); len(seen.Changes) != 1 || seen.Changes[0].ID != waits || strings.Contains(seen.Next, done) {
		t.Errorf("checker sees %+v", seen)
	} else if rest := h.list(listOf(map[string]string{"limit": "1", "cursor": seen.Next}).by(checker)); len(rest.Changes) > 0 || rest.Next != "" {
		t.Errorf("checker sees %+v", rest)
	}
}

func TestTheListIsAnsweredForOneQuery(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	q := again(listOf(map[string]string{"server": "two"}))
	first := h.ask(q, 200).Body
	if body := h.ask(q, 200).Body; body != first {
		t.Errorf("repeated, the answer is %s", body)
	}
	for _, other := range []map[string]string{nil, {"server": "one"}, {"server": "two", "limit": "100"}} {
		h.problem(again(listOf(other)), 409, "conflict")
	}
}

func TestAQueryThatBreaksRulesIsRefused(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	p := h.problem(listOf(map[string]string{"status": "failedd,ended", "limit": "101", "since": "yesterday", "cursor": "x", "serve": "two"}), 422, "invalid")
	var rules []string
	for _, one := range p.Problems {
		rules = append(rules, one.Path+" "+one.Rule)
		if one.Hint == "" {
			t.Errorf("no hint for %+v", one)
		}
	}
	want := []string{"cursor cursor", "limit parameter-value", `"serve" unknown-key`, "since parameter-value", "status parameter-value"}
	if !slices.Equal(rules, want) {
		t.Errorf("the problems are %q, want %q", rules, want)
	}
	h.problem(listOf(map[string]string{"server": "none"}), 404, "not-found")
	unsigned := listOf(nil)
	unsigned.secret = "none"
	h.problem(unsigned, 401, "unauthorized")
	h.rule(strings.ReplaceAll(people, "user: chat-bot", "user: other"))
	h.problem(listOf(nil), 403, "forbidden")
	h.rule("people: x")
	h.problem(listOf(nil), 503, "policy")
}
