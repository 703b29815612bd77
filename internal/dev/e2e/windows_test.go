package e2e_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// frozen is the local cloud's policy with a window for the server that is open all day,
// and a freeze that ends at a second.
func frozen(until time.Time, more string) string {
	before, _, _ := bytes.Cut(localcloud.Policy(), []byte("# The pool of the office"))
	const local = "2006-01-02T15:04:05"
	return string(before) + fmt.Sprintf(`windows:
  - {name: all-day, servers: [test], timeZone: UTC, open: [{days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "24:00"}]}
freezes:
  - {name: rack-move, servers: [test], timeZone: UTC, from: "%s", until: "%s", reason: the rack is moved%s}
`, until.Add(-48*time.Hour).UTC().Format(local), until.UTC().Format(local), more)
}

// Changes by chat and by file wait for the end of a freeze, say so, and go by themselves
// as one modification, not before it.
func TestChangesWaitForTheOpening(t *testing.T) {
	t.Parallel()
	p := openConversation(t, chat.Slack, nil)
	opens := time.Now().Add(slack * 4 * time.Second).Truncate(time.Second)
	p.drop(t, objects.PolicyFile, frozen(opens, ""))
	asked := p.say(chat.Mei, "apply test port=1195")
	p.has(asked, "The freeze rack-move is in force. It may be applied from")
	p.drop(t, "changes/window.yaml", fmt.Sprintf("changes:\n  - {RegionId: %s, SslVpnServerId: %s, Proto: TCP}\n", region, serverID))
	p.quiet(t)
	if !time.Now().Before(opens) {
		t.Skip("the machine is too busy to ask before the opening")
	}
	p.has(p.say(chat.Mei, "status "+p.id(asked)), "waiting", "It waits for the end of the freeze rack-move, and may be applied from", "(in ")
	p.has(p.say(chat.Mei, "windows test"), "closed by the freeze rack-move, opens", "the rack is moved; nobody may override it")
	if n := len(p.VPC().Calls(vpc.ModifySslVpnServer)); n != 0 && time.Now().Before(opens) {
		t.Fatalf("%d modifications were sent in the freeze", n)
	}
	eventually(t, "the freeze is over", func() bool { return !time.Now().Before(opens) })
	eventually(t, "both changes are applied", func() bool {
		p.sweep(t)
		records, err := p.records()
		return err == nil && len(records) == 2
	})
	for _, id := range p.ids(t) {
		rec := p.record(id, change.Applied)
		if at := firstSent(rec); at.Before(opens) || at.Sub(opens) > slack*5*time.Second {
			t.Errorf("%s was sent at %s, the window opened at %s", id, at, opens)
		}
		if rec.Waited.Window == 0 {
			t.Errorf("%s: waited %+v", id, rec.Waited)
		}
	}
	s, _ := p.VPC().Server(serverID)
	if s.Port != 1195 || s.Proto != "TCP" || s.Modified != 1 {
		t.Errorf("the server listens on %s/%d, by %d modifications", s.Proto, s.Port, s.Modified)
	}
}

// firstSent is when a change's modification was first sent.
func firstSent(r record.Record) time.Time {
	for _, a := range r.Attempts {
		if a.Action == vpc.ModifySslVpnServer {
			return a.At
		}
	}
	return time.Time{}
}

// ids are those of all records.
func (p *conversation) ids(t *testing.T) []string {
	t.Helper()
	records, err := p.records()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range records {
		out = append(out, r.ID)
	}
	return out
}

// A freeze is overridden by the votes of two people.
func TestAFreezeIsOverriddenByTwoVotes(t *testing.T) {
	t.Parallel()
	p := openConversation(t, chat.Slack, nil)
	p.drop(t, objects.PolicyFile, frozen(time.Now().Add(24*time.Hour), ", override: {need: 2}"))
	asked := p.say(chat.Mei, "apply test port=1195 override=rack-move reason=“the old port is under attack”")
	id, approve := p.id(asked), p.command(asked, "approve")
	p.has(asked, "waits for approval", "2 more approvals are required")
	p.has(p.say(chat.Jun, approve), "1 of 2 approvals")
	p.sweep(t)
	if n := len(p.VPC().Calls(vpc.ModifySslVpnServer)); n != 0 {
		t.Fatalf("%d modifications were sent with one vote", n)
	}
	a, err := p.harness.send(t.Context(), "POST", "/v1/commands", "msg_vote", `{"command":"`+approve+`"}`, "Content-Type", "application/json")
	if err != nil || a.status != 202 || !strings.Contains(a.body, "is approved") {
		t.Fatalf("%d: %s, %v", a.status, a.body, err)
	}
	eventually(t, "the change is applied", func() bool {
		p.sweep(t)
		return len(p.keys("results/")) > 0
	})
	if rec := p.record(id, change.Applied); rec.Override != "rack-move" || len(rec.Votes) != 2 {
		t.Errorf("the record has override %q and the votes %+v", rec.Override, rec.Votes)
	}
}
