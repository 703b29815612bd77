package e2e_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// Whoever may view one server learns nothing of others: what they may not view is
// answered like what does not exist.
func TestAttackQuestionsAboutOtherServers(t *testing.T) {
	t.Parallel()
	rules := strings.Replace(members, `{who: [eve], roles: [viewer], servers: ["*"]}`, `{who: [eve], roles: [operator], servers: [office]}`, 1)
	rules = strings.Replace(rules, "name: test,", "name: hidden-server,", 1)
	a := startAttacked(t, rules, nil)
	ended := a.ask("bot", "ended", "apply hidden-server port=1195 reason=hidden-reason")
	a.ends(1)
	waiting := a.ask("bot", "waiting", "apply hidden-server port=1196 at="+tomorrow())
	n := 0
	answer := func(line string) (status int, text string) {
		n++
		got := a.ask("viewer", "line-"+strconv.Itoa(n), line)
		return got.status, got.body
	}
	const noID, noServer = "20261122-aaaaaaaaaaaaaaaaaaaaaaaaaa", "vss-bp1aaaaaaaaaaaaaaaaaa"
	for _, id := range []string{ended.Change.ID, waiting.Change.ID, waiting.Change.ID[:19]} {
		for _, verb := range []string{"status", "approve", "reject", "cancel", "rollback"} {
			absent, wantText := answer(verb + " " + noID)
			status, text := answer(verb + " " + id)
			if status != absent || len(strings.ReplaceAll(text, id, noID)) != len(wantText) {
				t.Errorf("%s %s: answered %d %s, for an id that does not exist %d %s", verb, id, status, text, absent, wantText)
			}
			a.reveals(verb+" "+id, text)
		}
		read := a.do(a.signed("viewer", "GET", "/v1/changes/"+id, "read-"+id, ""))
		if read.status != http.StatusNotFound {
			t.Errorf("read %s: answered %d %s", id, read.status, read.body)
		}
		a.reveals("read "+id, read.body)
	}
	for _, line := range []string{"status", "servers", "status hidden", "plan hidden-serve port=1195", "status nosuch", "history nosuch", "help"} {
		_, text := answer(line)
		a.reveals(line, strings.ReplaceAll(text, "hidden-serve ", ""))
	}
	for _, verb := range []string{"status ", "history "} {
		_, known := answer(verb + "hidden-server")
		_, byID := answer(verb + region + "/" + serverID)
		_, absent := answer(verb + region + "/" + noServer)
		if strings.Contains(known, serverID) || len(byID) != len(strings.ReplaceAll(absent, noServer, serverID)) {
			t.Errorf("%s: answered %s, by its id %s, for one that does not exist %s", verb, known, byID, absent)
		}
	}
	who := func(server string) (status int, text string) {
		n++
		got := a.do(a.signed("viewer", "GET", "/v1/permissions?server="+server, "who-"+strconv.Itoa(n), ""))
		return got.status, strings.ReplaceAll(strings.ReplaceAll(got.body, "nosuch-server", "hidden-server"), noServer, serverID)
	}
	for hidden, absent := range map[string]string{"hidden-server": "nosuch-server", region + "/" + serverID: region + "/" + noServer} {
		status, text := who(hidden)
		wantStatus, want := who(absent)
		if status != wantStatus || text != want || status == http.StatusOK {
			t.Errorf("who may change %s: answered %d %s, for one that does not exist %d %s", hidden, status, text, wantStatus, want)
		}
	}
	if status, text := who("office"); status != http.StatusOK || strings.Contains(text, "hidden") {
		t.Errorf("who may change their own server: answered %d %s", status, text)
	}
	if status, text := answer("status office"); status != http.StatusOK || !strings.Contains(text, "1194") {
		t.Errorf("their own server: answered %d %s", status, text)
	}
}

// reveals fails if a text has something of the hidden server.
func (a *attacked) reveals(what, text string) {
	a.t.Helper()
	for _, secret := range []string{"hidden-server", "hidden-reason", serverID, gatewayID, "203.0.113.10", "1195"} {
		if strings.Contains(text, secret) && !strings.Contains(what, secret) {
			a.t.Errorf("%s reveals %s: %s", what, secret, text)
		}
	}
}
