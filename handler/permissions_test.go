package handler_test

import (
	"slices"
	"strings"
	"testing"
)

func ask(query map[string]string) call {
	return call{method: "GET", path: "/v1/permissions", query: query}
}

type permissions struct {
	Name, By string
	Settings []string
	People   []struct {
		Person           string
		Request, Approve bool
		Lacking          []string
	}
	Approvals int
	Approvers []string
	NoPolicy  bool
	Problems  []struct{ Rule, Message, Hint string }
}

func TestPermissionsAreAnswered(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	var got permissions
	body := h.ask(ask(map[string]string{"server": "two", "settings": "port,协议", "person": "BOT"}), 200).Body
	decode(t, body, &got)
	if got.Name != "two" || got.By != "bot" || !slices.Equal(got.Settings, []string{"Port", "Proto"}) || got.Approvals != 1 || !slices.Equal(got.Approvers, []string{"mei"}) {
		t.Errorf("got %s", body)
	}
	if len(got.People) != 1 || got.People[0].Person != "bot" || !got.People[0].Request || got.People[0].Approve {
		t.Errorf("people: %s", body)
	}
	got = permissions{}
	body = h.ask(ask(map[string]string{"server": "cn-hangzhou/vss-two"}), 200).Body
	decode(t, body, &got)
	if len(got.Settings) != 11 || len(got.People) != 3 || got.People[0].Request || !slices.Contains(got.People[0].Lacking, "Cipher") {
		t.Errorf("of all settings: %s", body)
	}
	for _, account := range []string{"chat-bot", "checker", "158"} {
		if strings.Contains(body, account) {
			t.Errorf("the account %s is in %s", account, body)
		}
	}
}

// A misspelled name is answered with the nearest; a name that has no permission for the
// server, like one that does not exist.
func TestPermissionsOfSomebodyUnknown(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	var known, unknown permissions
	decode(t, h.ask(ask(map[string]string{"server": "one", "person": "mei"}), 200).Body, &known) // mei has nothing to do with one
	decode(t, h.ask(ask(map[string]string{"server": "one", "person": "nobody"}), 200).Body, &unknown)
	for _, got := range []permissions{known, unknown} {
		if len(got.People) != 1 || got.People[0].Request || len(got.Problems) != 1 || got.Problems[0].Rule != "person-unknown" {
			t.Errorf("got %+v", got)
		}
	}
	decode(t, h.ask(ask(map[string]string{"server": "two", "person": "mie"}), 200).Body, &unknown)
	if !strings.Contains(unknown.Problems[0].Hint, "mei") {
		t.Errorf("got %+v", unknown.Problems)
	}
}

func TestPermissionsAreForThoseWhoMayReadTheServer(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	h.problem(ask(map[string]string{"server": "one"}).by(checker), 404, "not-found") // a name that checker may not see
	h.problem(ask(map[string]string{"server": "vss-one"}).by(checker), 403, "forbidden")
	h.ask(ask(map[string]string{"server": "two"}).by(checker), 200)
	h.problem(ask(map[string]string{"server": "none"}), 404, "not-found")
	h.rule(strings.ReplaceAll(people, "user: chat-bot", "user: other"))
	h.problem(ask(map[string]string{"server": "two"}), 403, "forbidden")
	h.rule("people: x")
	h.problem(ask(map[string]string{"server": "two"}), 503, "policy")
	free := newTwoServers(t, "")
	var got permissions
	decode(t, free.ask(ask(map[string]string{"server": "vss-one", "person": "mei"}), 200).Body, &got)
	if !got.NoPolicy {
		t.Errorf("without a policy: %+v", got)
	}
}

func TestPermissionsWithABadQuestion(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	for want, query := range map[string]map[string]string{
		"required":        {},
		"unknown-key":     {"server": "two", "srever": "two"},
		"unknown-setting": {"server": "two", "settings": "Prot"},
	} {
		body := h.ask(ask(query), 422).Body
		if !strings.Contains(body, `"`+want+`"`) {
			t.Errorf("%v: %s", query, body)
		}
	}
	// A webhook-id stands for the parameters, too.
	first := again(ask(map[string]string{"server": "two"}))
	h.ask(first, 200)
	h.ask(first, 200)
	first.query = map[string]string{"server": "one"}
	h.problem(first, 409, "conflict")
}
