package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
)

// What stood on the server is judged by the API's rules alone, and what cannot go
// back does not keep the rest from going back.
func TestUndoOfOldValues(t *testing.T) {
	t.Parallel()
	text := change.Text
	port := change.Difference{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}
	tests := []struct {
		name       string
		done       change.Difference
		now        change.Settings
		max        int
		back       string // of the setting besides Port; "" for one that stays
		unaccepted bool
	}{
		{name: "a name with blanks", done: change.Difference{Field: change.Name, From: text("Office VPN"), To: text("vpn-office")}, back: "Office VPN"},
		{name: "a name that starts with a digit", done: change.Difference{Field: change.Name, From: text("2nd (old)"), To: text("vpn-office")}, back: "2nd (old)"},
		{name: "no name", done: change.Difference{Field: change.Name, From: text(""), To: text("vpn-office")}},
		{name: "a name of one character", done: change.Difference{Field: change.Name, From: text("v"), To: text("vpn-office")}, unaccepted: true},
		{name: "a name that is too long", done: change.Difference{Field: change.Name, From: text(strings.Repeat("v", 101)), To: text("vpn-office")}, unaccepted: true},
		{name: "a name that is an address", done: change.Difference{Field: change.Name, From: text("http://vpn"), To: text("vpn-office")}, unaccepted: true},
		{name: "a pool with host bits", done: change.Difference{Field: change.ClientIPPool, From: text("10.10.10.20/24"), To: text("10.30.30.0/24")}, back: "10.10.10.0/24"},
		{
			name: "subnets with host bits, one twice", back: "10.20.20.0/24,10.0.0.0/24",
			done: change.Difference{Field: change.LocalSubnet, From: text("10.20.20.10/24, 10.20.20.0/24,10.0.0.1/24"), To: text("10.50.0.0/16")},
		},
		{name: "a pool that is too small", done: change.Difference{Field: change.ClientIPPool, From: text("10.10.10.0/29"), To: text("10.30.30.0/24")}, max: 5, unaccepted: true},
		{name: "a pool with a mask of old times", done: change.Difference{Field: change.ClientIPPool, From: text("10.10.10.0/30"), To: text("10.30.30.0/24")}, unaccepted: true},
		{
			name: "a pool that overlaps what the subnet is now", unaccepted: true,
			done: change.Difference{Field: change.ClientIPPool, From: text("10.10.10.0/24"), To: text("10.30.30.0/24")},
			now:  change.Settings{change.LocalSubnet: text("10.10.0.0/16")},
		},
		{name: "a cipher of old times", done: change.Difference{Field: change.Cipher, From: text("BF-CBC"), To: text("none")}, unaccepted: true},
		{
			name: "signing in without what it needs", unaccepted: true,
			done: change.Difference{Field: change.EnableMultiFactorAuth, From: change.Flag(true), To: change.Flag(false)},
		},
	}
	for _, tt := range tests {
		now := change.Settings{change.Port: change.Number(1195)}.With(change.Patch(tt.now)).With(change.Patch{tt.done.Field: tt.done.To})
		u := plan.Undo([]change.Difference{tt.done, port}, now, tt.max)
		if u.Patch[change.Port] != change.Number(1194) {
			t.Errorf("%s: Port does not go back: %v", tt.name, u.Patch)
		}
		got, left := u.Patch[tt.done.Field], fmt.Sprint(u.Left)
		if got.String() != tt.back || (tt.back == "") != (len(u.Left) == 1) || tt.unaccepted != (len(u.Unaccepted) == 1) {
			t.Errorf("%s: goes back to %q, leaves %s, not accepted: %v", tt.name, got, left, u.Unaccepted)
		}
		req := change.Request{Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-1"}, Patch: u.Patch, Restores: true}
		if problems := change.Validate([]change.Request{req}, time.Time{}); len(problems) > 0 {
			t.Errorf("%s: the undoing is refused: %v", tt.name, problems)
		}
	}
}
