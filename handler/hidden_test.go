package handler_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// What a sender may not view is answered as what does not exist, up to what they sent.
func TestHiddenServersDoNotExistOverHTTP(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people) // checker may view the server two only
	ended := h.accepted(post("/v1/changes", setPort))[0]
	h.drain("vss-one")
	queued := h.accepted(post("/v1/changes", setPort+"reason: later\n"))[0]
	const none = "20261122-aaaaaaaaaaaaaaaaaaaaaaaaaa"
	for _, id := range []string{queued, ended} {
		for _, sender := range []string{checker, stranger} {
			hidden, err := h.invoke(h.payload(get("/v1/changes/" + id).by(sender)))
			if err != nil {
				t.Fatal(err)
			}
			absent, err := h.invoke(h.payload(get("/v1/changes/" + none).by(sender)))
			if err != nil || hidden != absent {
				t.Errorf("%s: %s\nand of none: %s, %v", id, hidden, absent, err)
			}
		}
	}
	for _, path := range []string{"/v1/changes", "/v1/plans"} {
		hidden := h.ask(post(path, setPort).by(checker), 403).Body
		absent := h.ask(post(path, strings.ReplaceAll(setPort, "vss-one", "vss-none")).by(checker), 403).Body
		if strings.ReplaceAll(absent, "vss-none", "vss-one") != hidden || strings.Contains(hidden, "chat-bot") {
			t.Errorf("%s: %s\nand of none: %s", path, hidden, absent)
		}
	}
	files := map[string]string{}
	for _, server := range []string{"vss-one", "vss-none"} {
		e := h.upload("changes/"+server+".yaml", strings.ReplaceAll(setPort, "vss-one", server))
		e.Principal = "159"
		files[server] = fmt.Sprint(h.deliver(string(oss.EventJSON(e))).Files[0].Problems)
	}
	if strings.ReplaceAll(files["vss-none"], "vss-none", "vss-one") != files["vss-one"] {
		t.Errorf("as a file: %+v", files)
	}
}

// vpnctl shows this answer for a change that lacks approvals.
func TestTheStatusOfAChangeThatLacksApprovals(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	id := h.told(says("apply two port=1196"), 202, "taken").Change.ID
	text := h.told(says("status "+id), 200, "shown").Text
	for _, want := range []string{"1194", "1196", "mei", "Expires at", "UTC", "in 1 d"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	body := h.ask(get("/v1/changes/"+id), 200).Body
	var pos struct{ Cause, NextAttemptAt, ExpiresAt string }
	decode(t, body, &pos)
	if pos.Cause != "approval" || pos.ExpiresAt == "" || pos.ExpiresAt != pos.NextAttemptAt {
		t.Errorf("the position is %s", body)
	}
}
