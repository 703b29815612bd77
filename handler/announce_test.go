package handler_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// The rooms of the policy before and after a put are told, each once, also when the
// request is repeated: who takes a room out of the policy is seen there.
func TestRoomsAreToldThatAPolicyWasPut(t *testing.T) {
	t.Parallel()
	const told = edited + "notify:\n  - {servers: ['*'], rooms: [{door: slack, tenant: T1, room: C1}, {door: slack, tenant: T1, room: C2, lang: zh}]}\n"
	h := newEdited(t, strings.Replace(told, "accounts: [{door: http, user: approver}]", "accounts: [{door: http, user: approver}, {door: slack, tenant: T1, user: U7}]", 1))
	rooms := &fakeRooms{}
	h.cfg.Platforms = map[string]chat.Platform{"slack": rooms}
	h.start()
	next := strings.Replace(told, "room: C1", "room: C3", 1)
	c := again(h.putting(next, digestOf(h.stored())))
	h.put(c)
	h.put(c)
	var to []string
	for _, m := range rooms.posted {
		to = append(to, m.room.ID)
	}
	slices.Sort(to)
	if !slices.Equal(to, []string{"C1", "C2", "C3"}) {
		t.Fatalf("told %q", to)
	}
	for _, m := range rooms.posted {
		text := plain(m.card.Text)
		want := "Revision 2 was put by ed with the account http:editor."
		if m.room.ID == "C2" {
			want = "修订版 2 由 ed 使用账号 http:editor 写入。"
		}
		if !strings.Contains(text, want) || !strings.Contains(text, "CHG-7") || !strings.Contains(text, "vpnctl policy history") {
			t.Errorf("%s is told %q", m.room.ID, text)
		}
		if m.room.ID == "C1" && !slices.Equal(m.card.For, []string{"U7"}) {
			t.Errorf("the card is for %q", m.card.For)
		}
	}
	// A check, a put that is refused, and one that changes nothing tell nobody.
	before := len(rooms.posted)
	h.ask(jsonPost("/v1/policy/check", marshal(t, map[string]any{"text": told})).from("editor"), 200)
	h.ask(h.putting(told, digestOf("x")), 409)
	h.put(h.putting(next, digestOf(next)))
	if len(rooms.posted) != before {
		t.Errorf("%d messages more", len(rooms.posted)-before)
	}
}
