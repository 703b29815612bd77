package e2e_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
)

// Somebody who may only look can neither keep a change that is to be confirmed, nor
// have it undone.
func TestAttackAConfirmationOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for platform, says := range map[string][3]string{ // before it is due, refused, confirmed
		chat.WeCom:  {"之前确认", "由 Mei 申请", "已确认"},
		chat.Feishu: {"之前确认", "由 Mei 申请", "已确认"},
		chat.Slack:  {"Confirm it before", "requested by Mei", "is confirmed"},
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			p := openConversation(t, platform, func(o *localcloud.Options) {
				o.Policy = []byte(strings.Replace(string(withRooms()), "roles: [viewer, approver]", "roles: [viewer]", 1))
			})
			id := p.id(p.say(chat.Mei, "apply test port=1195 confirm=10m"))
			p.has(p.next("the end"), id, says[0])
			undo := p.record(id, change.Applied).Undo.ID
			for _, line := range []string{"confirm " + id, "confirm " + id + " 24h", "rollback " + id, "confirm " + undo, "cancel " + undo} {
				p.has(p.say(chat.Jun, line), says[1])
			}
			if left := p.keys("queue/"); len(left) != 1 || !strings.HasSuffix(left[0], "-0000-"+undo+".json") {
				t.Errorf("queued is %q", left)
			}
			p.has(p.say(chat.Mei, "confirm "+id), says[2])
			p.has(p.next("the end of the undo"), id, says[2])
			p.record(undo, change.Cancelled)
		})
	}
}
