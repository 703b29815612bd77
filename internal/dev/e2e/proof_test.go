package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// proven waits for the proof of a change, and until the function has ended its work.
func (p *conversation) proven(id string) record.Proof {
	p.t.Helper()
	key, _ := objects.ProofKey(id)
	var found record.Proof
	eventually(p.t, "the proof of "+id+" is written", func() bool {
		var err error
		found, err = readOne[record.Proof](p.harness, key)
		return err == nil
	})
	if found.Before.Reason == probe.NoRoute {
		p.t.Skip("this system has one loopback address only")
	}
	p.quiet(p.t)
	if keys := p.keys(objects.Proofs); len(keys) > 0 {
		p.t.Errorf("still pending: %q", keys)
	}
	return found
}

// A change with a proof: the function probes the server before and after, where the
// API says that it is.
func TestAProofShowsThatTheServerListens(t *testing.T) {
	t.Parallel()
	p := openConversation(t, chat.Slack, nil)
	if err := p.VPC().SetClients(vpc.Clients{ServerID: serverID}); err != nil {
		t.Fatal(err)
	}
	id := p.id(p.say(chat.Mei, "apply "+serverID+" port=1195 proof=yes"))
	p.has(p.next("the end of the change"), id, "the result follows here")
	p.record(id, change.Applied)
	if got := p.proven(id); got.Before.Probe != probe.Listening || got.After.Probe != probe.Listening || !got.Fine() {
		t.Errorf("%+v", got)
	}
	p.has(p.say(chat.Mei, "status "+id), "Probe: listening; before the change: listening")
	p.silent() // nobody is told of a proof that is fine
}

// A change that closes the server to its clients is undone early, and the room is told
// why.
func TestAServerThatRefusesClientsHasTheChangeUndone(t *testing.T) {
	t.Parallel()
	p := openConversation(t, chat.Slack, nil)
	if err := p.Tunnels().Only(serverID, 1194); err != nil { // a firewall permits the old port only
		t.Skip("this system has one loopback address only: ", err)
	}
	id := p.id(p.say(chat.Mei, "apply "+serverID+" port=1195 confirm=proof"))
	p.has(p.next("the end of the change"), id, "1195")
	rec := p.record(id, change.Applied)
	got := p.proven(id)
	if got.Before.Probe != probe.Listening || got.After.Probe != probe.Refused || got.UndoAt.IsZero() || got.Looks < 4 {
		t.Fatalf("%+v", got)
	}
	if early := rec.Undo.DueAt.Sub(got.UndoAt); early < 9*time.Minute {
		t.Errorf("it is undone %s early only", early)
	}
	eventually(t, "the change is undone", func() bool { s, _ := p.VPC().Server(serverID); return s.Port == 1194 })
	key, _ := objects.RecordKey(rec.Undo.ID)
	eventually(t, "the undo has its record", func() bool { return slices.Contains(p.keys("results/"), key) })
	undo := p.record(rec.Undo.ID, change.Applied)
	if len(undo.Votes) != 1 || undo.Votes[0].Kind != change.UndoNow || undo.Votes[0].Person != change.Prover {
		t.Errorf("the undo has the votes %+v", undo.Votes)
	}
	told := p.said(2)
	p.has(told, "refuses clients", "was not confirmed, and was undone", "refused it after")
}

// said waits for some more messages of the bot, in any order.
func (p *conversation) said(n int) chat.Message {
	p.t.Helper()
	var all chat.Message
	for range n {
		m := p.next("the proof")
		all.Title += m.Title + "\n"
		all.Text += m.Text + "\n"
	}
	return all
}
