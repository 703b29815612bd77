package reconcile_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/vpc"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/plan"
	"sslvpnchange/internal/queue"
	"sslvpnchange/internal/reconcile"
)

func port1195() change.Patch { return change.Patch{change.Port: change.Number(1195)} }

// needs puts a change in line that so many must approve.
func (b *bench) needs(n int, p change.Patch) string {
	b.t.Helper()
	return b.submit(func(c *change.Change) {
		c.Patch, c.Approvals, c.Origin.Person = p, n, "mei"
		c.Reply = json.RawMessage(`"mei"`)
	})
}

func (b *bench) vote(id string, v change.Vote) {
	b.t.Helper()
	v.At = b.Clock.Now().UTC()
	err := queue.New(b.Store).Vote(b.t.Context(), b.server, id, queue.Vote{Vote: v, Reply: json.RawMessage(`"` + v.Person + `"`)})
	if err != nil {
		b.t.Error(err)
	}
}

// approves agrees to what a change does to the server as it is now.
func (b *bench) approves(id, who string, p change.Patch) {
	b.t.Helper()
	views, err := b.reconciler().Preview(b.t.Context(), []change.Request{{Target: b.server, Patch: p}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.vote(id, change.Vote{Kind: change.Approval, Person: who, Digest: change.PlanDigest(id, views[0].Before, p)})
}

func (b *bench) cancels(id string) { b.vote(id, change.Vote{Kind: change.Cancel, Person: "mei"}) }

// People agreed to exactly one difference: what they agreed to is sent alone,
// after what came before it and before what came after it.
func TestAnApprovedChangeGoesAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.set(change.Cipher, change.Text("AES-256-CBC"))
	second := b.set(change.Compress, change.Flag(true))
	b.drain()
	asked := b.needs(1, port1195())
	b.approves(asked, "jun", port1195())
	third, fourth := b.set(change.Cipher, change.Text("none")), b.set(change.Compress, change.Flag(false))
	b.drain()
	for _, id := range []string{first, second, third, fourth} {
		b.ends(id, change.Applied)
	}
	rec := b.ends(asked, change.Applied)
	if len(rec.MergedWith) != 0 || len(rec.Votes) != 1 || rec.Votes[0].Person != "jun" || len(rec.Changed) != 1 {
		t.Errorf("merged with %q, votes %+v, changed %v", rec.MergedWith, rec.Votes, rec.Changed)
	}
	if got := b.record(third).MergedWith; !slices.Equal(got, []string{fourth}) {
		t.Errorf("those after it were merged with %q", got)
	}
	if b.sent() != 3 || !b.record(third).StartedAt.After(rec.StartedAt) {
		t.Errorf("%d modifications; started %s and %s", b.sent(), rec.StartedAt, b.record(third).StartedAt)
	}
	b.lineEmpty()
}

// A change before it makes the server another one than was shown.
func TestAChangeBeforeAnApprovedOneUndoesItsApproval(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.set(change.Cipher, change.Text("none"))
	asked := b.needs(1, port1195())
	b.approves(asked, "jun", port1195())
	b.drain()
	b.ends(first, change.Applied)
	if rec := b.ends(asked, change.Rejected); rec.Error.Code != plan.RuleApprovalLapsed || b.port() != 1194 {
		t.Errorf("it ended with %+v, port %d", rec.Error, b.port())
	}
	if b.sent() != 1 {
		t.Errorf("%d modifications", b.sent())
	}
}

// Those that wait for people hold up nobody.
func TestChangesGoPastOneThatWaitsForPeople(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	asked := b.needs(2, port1195())
	b.approves(asked, "jun", port1195())
	other := b.set(change.Cipher, change.Text("none"))
	if rep := b.drain(); rep.Standing != reconcile.Waits || rep.Ended != 1 || rep.Next.IsZero() {
		t.Errorf("the drain reports %+v", rep)
	}
	b.ends(other, change.Applied)
	b.pending(asked)
	_, pos, err := b.reconciler().Find(t.Context(), asked)
	if err != nil || pos.Status != change.Waiting || pos.Cause != reconcile.CauseApproval || pos.Approval.Need != 2 || len(pos.Approval.Agreed) != 1 || !strings.Contains(pos.Why, "one other person") {
		t.Errorf("it stands as %+v, %v", pos, err)
	}
}

// A cancel is honoured for as long as nothing was sent, and told the truth
// about afterwards.
func TestCancellingWhileTheGatewayIsBusy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	stays := b.set(change.Cipher, change.Text("none"))
	b.busyFor(time.Hour)
	b.drain(afterCall(readGateway, 2, func() {
		b.cancels(id)
		b.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	}))
	rec := b.ends(id, change.Cancelled)
	b.ends(stays, change.Applied)
	if len(rec.Votes) != 1 || b.port() != 1194 || b.sent() != 1 || len(rec.MergedWith) != 0 {
		t.Errorf("votes %+v, port %d, sent %d times, merged with %q", rec.Votes, b.port(), b.sent(), rec.MergedWith)
	}
	b.lineEmpty()
}

func TestCancellingTheOnlyChangeWhileTheGatewayIsBusy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	b.busyFor(time.Hour)
	b.drain(afterCall(readGateway, 2, func() {
		b.cancels(id)
		b.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	}))
	b.ends(id, change.Cancelled)
	if b.port() != 1194 || b.sent() != 0 {
		t.Errorf("port %d, sent %d times", b.port(), b.sent())
	}
	b.lineEmpty()
}

func TestCancellingWhatMayHaveBeenSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	b.fault(vpc.Fault{Action: "ModifySslVpnServer", Kind: vpc.FaultReset, Commit: true})
	b.busyAfterSend(id)
	b.drain()
	if rec := b.ends(id, change.Applied); len(rec.Votes) != 0 || b.port() != 1195 {
		t.Errorf("votes %+v, port %d", rec.Votes, b.port())
	}
	b.modifies(1)
	b.lineEmpty() // the word that came too late is tidied up with the change
}

// busyAfterSend leaves a modification of unknown outcome, then cancels its
// change.
func (b *bench) busyAfterSend(id string) {
	b.t.Helper()
	b.drain(impatient, afterCall("ModifySslVpnServer", 1, func() { b.busyFor(time.Hour) }))
	b.pending(id)
	b.cancels(id)
	b.drain(impatient)
	b.pending(id)
	b.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
}

// A lane that waits ends what is cancelled at once; the others go on waiting
// from where they began to.
func TestCancellingWhileTheLaneWaits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	stays := b.set(change.Cipher, change.Text("none"))
	b.fault(vpc.Fault{Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable", Times: -1})
	if rep := b.drain(impatient); rep.Standing != reconcile.Waits {
		t.Fatalf("the drain reports %+v", rep)
	}
	b.Clock.Advance(10 * time.Minute)
	b.cancels(id)
	if rep := b.drain(impatient); rep.Ended != 1 || rep.Standing != reconcile.Waits {
		t.Errorf("the drain reports %+v", rep)
	}
	rec := b.ends(id, change.Cancelled)
	if ms := rec.Waited.Breaker; ms < 590_000 || ms > 610_000 || rec.Waited.Queue > 10_000 {
		t.Errorf("it waited %+v", rec.Waited)
	}
	b.pending(stays)
	b.Clock.Advance(10 * time.Minute)
	b.VPC.ClearFaults()
	b.drain()
	rec = b.ends(stays, change.Applied)
	if ms := rec.Waited.Breaker; ms < 1_190_000 || ms > 1_210_000 || b.sent() != 1 || b.port() != 1194 {
		t.Errorf("the other waited %+v; sent %d times, port %d", rec.Waited, b.sent(), b.port())
	}
	b.lineEmpty()
}

func TestAnApprovalThatLapsesWhileTheGatewayIsBusy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.submit(func(c *change.Change) {
		c.Patch, c.Approvals, c.Origin.Person, c.ExpiresAt = port1195(), 1, "mei", c.ExpiresAt.Add(72*time.Hour)
	})
	b.approves(id, "jun", port1195())
	b.busyFor(time.Hour)
	b.drain(impatient)
	b.pending(id)
	b.Clock.Advance(change.ApprovalLifetime)
	b.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	if rep := b.drain(); rep.Standing != reconcile.Waits || b.sent() != 0 {
		t.Errorf("the drain reports %+v, sent %d times", rep, b.sent())
	}
	b.pending(id)
	b.approves(id, "lan", port1195())
	b.drain()
	if rec := b.ends(id, change.Applied); len(rec.Votes) != 1 || rec.Votes[0].Person != "lan" {
		t.Errorf("votes %+v", rec.Votes)
	}
}

// What people agreed to in time and the gateway did not let through is not
// said to lack approval.
func TestAnApprovedChangeThatExpires(t *testing.T) {
	t.Parallel()
	for approved, want := range map[bool]string{true: "it last waited for: gateway", false: "approved by one other person, and was not in time"} {
		t.Run(strconv.FormatBool(approved), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			id := b.needs(1, port1195())
			b.Clock.Advance(2 * time.Hour)
			if approved {
				b.approves(id, "jun", port1195())
			}
			b.busyFor(48 * time.Hour)
			b.drain(impatient)
			b.Clock.Advance(23 * time.Hour)
			b.drain(impatient)
			rec := b.ends(id, change.Expired)
			if !strings.Contains(rec.Error.Message, want) || len(rec.Votes) == 1 != approved || b.sent() != 0 {
				t.Errorf("it says %q, votes %+v, sent %d times", rec.Error.Message, rec.Votes, b.sent())
			}
		})
	}
}

func TestALaneRemembersTheLastTwenty(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var ids []string
	for i := range reconcile.MaxPast + 3 {
		ids = append(ids, b.set(change.Port, change.Number(1200+i)))
		b.drain()
	}
	past, err := b.reconciler().Past(t.Context(), b.server)
	if err != nil || len(past) != reconcile.MaxPast {
		t.Fatalf("it remembers %d, %v", len(past), err)
	}
	for i, p := range past {
		if rec := b.record(p.ID); p.ID != ids[len(ids)-1-i] || p.Status != rec.Status || !p.At.Equal(rec.FinishedAt) {
			t.Errorf("place %d is %+v, want %s", i, p, ids[len(ids)-1-i])
		}
	}
	if past, err := b.reconciler().Past(t.Context(), b.Server("vss-other")); err != nil || len(past) != 0 {
		t.Errorf("another lane remembers %+v, %v", past, err)
	}
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	asked, other := b.needs(1, port1195()), b.set(change.Cipher, change.Text("none"))
	for target, limit := range map[change.Target]int{b.server: 5, {}: 2} {
		got, err := b.reconciler().Waiting(t.Context(), target, limit)
		if err != nil || len(got) != 2 || got[0].ID != asked || got[0].Cause != reconcile.CauseApproval || got[1].ID != other || got[1].Cause != reconcile.CauseInLine {
			t.Errorf("%v: %+v, %v", target, got, err)
		}
	}
	if got, err := b.reconciler().Waiting(t.Context(), b.server, 1); err != nil || len(got) != 1 || got[0].ID != asked {
		t.Errorf("the first is %+v, %v", got, err)
	}
	if got, err := b.reconciler().Waiting(t.Context(), b.Server("vss-other"), 5); err != nil || len(got) != 0 {
		t.Errorf("of another lane: %+v, %v", got, err)
	}
}

// A vote may come before its change can be seen in a listing: only the record
// says that nobody needs it any more.
func TestStrayVotesGoWhenTheRecordIsThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ended := b.set(change.Port, change.Number(1195))
	b.drain()
	b.cancels(ended)
	b.cancels("20261122-aaaaaaaaaa")
	if rep := b.drain(); rep.Standing != reconcile.Empty {
		t.Errorf("the drain reports %+v", rep)
	}
	keys := b.Keys(t.Context(), "queue/")
	if len(keys) != 1 || queue.VotedOn(keys[0]) != "20261122-aaaaaaaaaa" {
		t.Errorf("left are %q", keys)
	}
}

func TestADamagedVoteDoesNotStopItsLane(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.set(change.Port, change.Number(1195))
	b.cancels(id)
	for _, key := range b.Keys(t.Context(), "queue/") {
		if queue.VotedOn(key) == id {
			if err := b.Store.Put(t.Context(), key, []byte("{")); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.drain()
	b.ends(id, change.Applied)
	b.drain() // tidies up
	b.lineEmpty()
}

// ledger is an outbox that notes what it was told, and whether the record was
// there by then.
type ledger struct {
	b  *bench
	mu sync.Mutex
	is []string
}

func (l *ledger) note(ctx context.Context, what, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key, _ := objects.RecordKey(id)
	_, err := l.b.Store.Get(ctx, key, blob.GetOptions{})
	l.is = append(l.is, fmt.Sprintf("%s %s recorded=%v", what, id, err == nil))
}

func (l *ledger) Owe(ctx context.Context, t change.Target, id string, replies []json.RawMessage) error {
	if t != l.b.server {
		l.b.t.Errorf("owed for %v", t)
	}
	l.note(ctx, fmt.Sprintf("owe %s", replies), id)
	return nil
}

func (l *ledger) Recorded(id string) { l.note(l.b.t.Context(), "tell", id) }

// Whoever asked or voted is owed an answer from before the record, and told
// after it.
func TestAnswersAreOwedBeforeTheRecordAndToldAfterIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := &ledger{b: b}
	id := b.needs(1, port1195())
	b.approves(id, "jun", port1195())
	b.drain(func(d *reconcile.Deps, _ *reconcile.Policy) { d.Outbox = l })
	b.ends(id, change.Applied)
	if want := []string{`owe ["mei" "jun"] ` + id + " recorded=false", "tell " + id + " recorded=true"}; !slices.Equal(l.is, want) {
		t.Errorf("it went %q, want %q", l.is, want)
	}
	silent := b.set(change.Port, change.Number(1196)) // asked for where nobody is told
	b.drain(func(d *reconcile.Deps, _ *reconcile.Policy) { d.Outbox = l })
	if len(l.is) != 3 || l.is[2] != "tell "+silent+" recorded=true" {
		t.Errorf("it went %q", l.is[2:])
	}
}
