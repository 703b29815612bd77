package intake_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

func chatMessage(id, text string) intake.Message {
	return intake.Message{Identity: change.ChatIdentity("slack", "T1", id), Content: []byte(text)}
}

func (d *harness) claim(m intake.Message) intake.Claimed {
	d.t.Helper()
	c, err := d.intake().Claim(d.t.Context(), m)
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// command is what the claimed message asks for.
func (d *harness) command(c intake.Claimed) (intake.Accepted, error) {
	return d.intake().Command(d.t.Context(), intake.Command{
		Claimed: c, Approvals: 2, Reply: json.RawMessage(`"room"`), Origin: change.Origin{Kind: change.FromChat, Actor: "slack:T1/U1", Person: "mei"},
		Request: change.Request{Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-one"}, Patch: change.Patch{change.Port: change.Number(1195)}},
	})
}

func TestAMessageIsClaimedOnce(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	first := d.claim(chatMessage("m1", "apply"))
	d.Clock.Advance(26 * time.Hour)
	again := d.claim(chatMessage("m1", "apply"))
	if first.Again || !again.Again || !again.At.Equal(first.At) || again.ID() != first.ID() {
		t.Errorf("first %+v, again %+v", first, again)
	}
	_, err := d.intake().Claim(t.Context(), chatMessage("m1", "cancel"))
	if no, ok := errors.AsType[*intake.RefusedError](err); !ok || !no.Conflict || len(no.Problems) != 1 || no.Problems[0].Rule != "message-reused" {
		t.Errorf("with other words: %v", err)
	}
	if other := d.claim(chatMessage("m2", "cancel")); other.Again || other.ID() == first.ID() {
		t.Errorf("another message is %+v", other)
	}
}

// Whichever step an invocation stops after, the next delivery gives the same
// change, once.
func TestACommandIsQueuedOnceWhereverADeliveryStopped(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	first := d.claim(chatMessage("m1", "apply")) // and the invocation stops
	d.Clock.Advance(time.Minute)
	taken, err := d.command(d.claim(chatMessage("m1", "apply")))
	if err != nil || taken.Changes[0].ID != first.ID() {
		t.Fatalf("taken is %+v, %v", taken, err)
	}
	if _, err := d.command(d.claim(chatMessage("m1", "apply"))); err != nil { // the invocation stopped before it answered
		t.Fatal(err)
	}
	d.queued(first.ID())
	e := d.entries()[0]
	if !e.AcceptedAt.Equal(first.At) || e.Approvals != 2 || string(e.Reply) != `"room"` || e.Origin.Person != "mei" {
		t.Errorf("in line is %+v", e)
	}
}

func TestAVoteIsStoredOnce(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	taken, err := d.command(d.claim(chatMessage("m1", "apply")))
	if err != nil {
		t.Fatal(err)
	}
	c := taken.Changes[0]
	v := queue.Vote{Vote: change.Vote{Kind: change.Cancel, Person: "mei", Account: "slack:T1/U1", At: c.AcceptedAt}}
	for range 2 { // delivered again
		if err := d.intake().Vote(t.Context(), c.Target, c.ID, v); err != nil {
			t.Fatal(err)
		}
	}
	got, err := queue.New(d.Store).Find(t.Context(), c.ID)
	if err != nil || len(got.Votes) != 1 || got.Votes[0].Person != "mei" {
		t.Errorf("votes are %+v, %v", got.Votes, err)
	}
}

// A vote that cannot be stored is an error, and the message can be delivered again.
func TestAVoteThatCannotBeStored(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	target := change.Target{RegionID: "cn-hangzhou", ServerID: "vss-one"}
	if err := d.OSS.Inject(oss.Fault{Kind: oss.ServiceUnavailable, KeyPrefix: "queue/", Times: -1}); err != nil {
		t.Fatal(err)
	}
	v := queue.Vote{Vote: change.Vote{Kind: change.Cancel, Person: "mei"}}
	if err := d.intake().Vote(t.Context(), target, "20261122-aaaaaaaaaa", v); err == nil {
		t.Error("it was stored")
	}
}
