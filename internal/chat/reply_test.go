package chat_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

func TestReplies(t *testing.T) {
	t.Parallel()
	now := time.Unix(1763836800, 0)
	if r := (chat.Reply{Address: "a", Until: now}); r.Usable(now) || !r.Usable(now.Add(-time.Second)) || (chat.Reply{}).Usable(now) || !(chat.Reply{Address: "a"}).Usable(now) {
		t.Error("usable at the wrong time")
	}
	if got := (chat.Identity{Platform: "slack", Tenant: "T1", User: "U2"}).String(); got != "slack:T1/U2" {
		t.Errorf("got %s", got)
	}
	if e := (&chat.SendError{Code: "HTTP503", Message: "wait"}); e.Error() != "HTTP503: wait" {
		t.Errorf("got %v", e)
	}
}
