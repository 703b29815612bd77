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

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

func port1195() change.Patch { return change.Patch{change.Port: change.Number(1195)} }

// needs queues a change that needs approvals.
func (h *harness) needs(n int, p change.Patch) string {
	h.t.Helper()
	return h.submit(func(c *change.Change) {
		c.Patch, c.Approvals, c.Origin.Person = p, n, "mei"
		c.Reply = json.RawMessage(`"mei"`)
	})
}

func (h *harness) vote(id string, v change.Vote) {
	h.t.Helper()
	v.At = h.Clock.Now().UTC()
	err := queue.New(h.Store).Vote(h.t.Context(), h.server, id, queue.Vote{Vote: v, Reply: json.RawMessage(`"` + v.Person + `"`)})
	if err != nil {
		h.t.Error(err)
	}
}

// approves approves the plan of a change for the server as it is now.
func (h *harness) approves(id, who string, p change.Patch) {
	h.t.Helper()
	views, err := h.reconciler().Preview(h.t.Context(), []change.Request{{Target: h.server, Patch: p}})
	if err != nil {
		h.t.Fatal(err)
	}
	e, err := queue.New(h.Store).Find(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	h.vote(id, change.Vote{Kind: change.Approval, Person: who, Account: "slack:T1/" + who, Digest: change.PlanDigest(e.Change, views[0].Before)})
}

func (h *harness) cancels(id string) { h.vote(id, change.Vote{Kind: change.Cancel, Person: "mei"}) }

// An approval binds to one plan: the approved change is sent separately, after
// the changes before it and before those after it.
func TestAnApprovedChangeIsSentSeparately(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	first := h.set(change.Cipher, change.Text("AES-256-CBC"))
	second := h.set(change.Compress, change.Flag(true))
	h.drain()
	asked := h.needs(1, port1195())
	h.approves(asked, "jun", port1195())
	third, fourth := h.set(change.Cipher, change.Text("none")), h.set(change.Compress, change.Flag(false))
	h.drain()
	for _, id := range []string{first, second, third, fourth} {
		h.ends(id, change.Applied)
	}
	rec := h.ends(asked, change.Applied)
	if len(rec.MergedWith) != 0 || len(rec.Votes) != 1 || rec.Votes[0].Person != "jun" || len(rec.Changed) != 1 {
		t.Errorf("merged with %q, votes %+v, changed %v", rec.MergedWith, rec.Votes, rec.Changed)
	}
	if got := h.record(third).MergedWith; !slices.Equal(got, []string{fourth}) {
		t.Errorf("those after it were merged with %q", got)
	}
	if h.sent() != 3 || !h.record(third).StartedAt.After(rec.StartedAt) {
		t.Errorf("%d modifications; started %s and %s", h.sent(), rec.StartedAt, h.record(third).StartedAt)
	}
	h.queueEmpty()
}

// A change before it alters the server that the approval was for.
func TestAChangeBeforeAnApprovedOneMakesItsApprovalLapse(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	first := h.set(change.Cipher, change.Text("none"))
	asked := h.needs(1, port1195())
	h.approves(asked, "jun", port1195())
	h.drain()
	h.ends(first, change.Applied)
	if rec := h.ends(asked, change.Rejected); rec.Error.Code != plan.RuleApprovalLapsed || h.port() != 1194 {
		t.Errorf("it ended with %+v, port %d", rec.Error, h.port())
	}
	if h.sent() != 1 {
		t.Errorf("%d modifications", h.sent())
	}
}

// Changes that wait for approval do not delay the others.
func TestAChangeThatWaitsForApprovalDoesNotDelayOthers(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	asked := h.needs(2, port1195())
	h.approves(asked, "jun", port1195())
	other := h.set(change.Cipher, change.Text("none"))
	if rep := h.drain(); rep.Standing != reconcile.Waits || rep.Ended != 1 || rep.Next.IsZero() {
		t.Errorf("the drain reports %+v", rep)
	}
	h.ends(other, change.Applied)
	h.pending(asked)
	_, pos, err := h.reconciler().Find(t.Context(), asked)
	if err != nil || pos.Status != change.Waiting || pos.Cause != reconcile.CauseApproval || pos.Approval.Need != 2 || len(pos.Approval.Agreed) != 1 || !strings.Contains(pos.Why, "one other person") {
		t.Errorf("it stands as %+v, %v", pos, err)
	}
}

// A cancel counts as long as nothing was sent. Afterwards the record says what
// happened.
func TestCancellingWhileTheGatewayIsBusy(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	stays := h.set(change.Cipher, change.Text("none"))
	h.busyFor(time.Hour)
	h.drain(afterCall(readGateway, 2, func() {
		h.cancels(id)
		h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	}))
	rec := h.ends(id, change.Cancelled)
	h.ends(stays, change.Applied)
	if len(rec.Votes) != 1 || h.port() != 1194 || h.sent() != 1 || len(rec.MergedWith) != 0 {
		t.Errorf("votes %+v, port %d, sent %d times, merged with %q", rec.Votes, h.port(), h.sent(), rec.MergedWith)
	}
	h.queueEmpty()
}

func TestCancellingTheOnlyChangeWhileTheGatewayIsBusy(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	h.busyFor(time.Hour)
	h.drain(afterCall(readGateway, 2, func() {
		h.cancels(id)
		h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	}))
	h.ends(id, change.Cancelled)
	if h.port() != 1194 || h.sent() != 0 {
		t.Errorf("port %d, sent %d times", h.port(), h.sent())
	}
	h.queueEmpty()
}

func TestCancellingWhatMayHaveBeenSent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	h.fault(vpc.Fault{Action: "ModifySslVpnServer", Kind: vpc.FaultReset, Commit: true})
	h.busyAfterSend(id)
	h.drain()
	if rec := h.ends(id, change.Applied); len(rec.Votes) != 0 || h.port() != 1195 {
		t.Errorf("votes %+v, port %d", rec.Votes, h.port())
	}
	h.modifies(1)
	h.queueEmpty() // the vote that came too late is deleted with the change
}

// busyAfterSend leaves a modification of unknown outcome, then cancels its
// change.
func (h *harness) busyAfterSend(id string) {
	h.t.Helper()
	h.drain(impatient, afterCall("ModifySslVpnServer", 1, func() { h.busyFor(time.Hour) }))
	h.pending(id)
	h.cancels(id)
	h.drain(impatient)
	h.pending(id)
	h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
}

// A cancelled change of a lane that waits ends immediately; the others go on
// waiting since the same time.
func TestCancellingWhileTheLaneWaits(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	stays := h.set(change.Cipher, change.Text("none"))
	h.fault(vpc.Fault{Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable", Times: -1})
	if rep := h.drain(impatient); rep.Standing != reconcile.Waits {
		t.Fatalf("the drain reports %+v", rep)
	}
	h.Clock.Advance(10 * time.Minute)
	h.cancels(id)
	if rep := h.drain(impatient); rep.Ended != 1 || rep.Standing != reconcile.Waits {
		t.Errorf("the drain reports %+v", rep)
	}
	rec := h.ends(id, change.Cancelled)
	if ms := rec.Waited.Breaker; ms < 590_000 || ms > 610_000 || rec.Waited.Queue > 10_000 {
		t.Errorf("it waited %+v", rec.Waited)
	}
	h.pending(stays)
	h.Clock.Advance(10 * time.Minute)
	h.VPC.ClearFaults()
	h.drain()
	rec = h.ends(stays, change.Applied)
	if ms := rec.Waited.Breaker; ms < 1_190_000 || ms > 1_210_000 || h.sent() != 1 || h.port() != 1194 {
		t.Errorf("the other waited %+v; sent %d times, port %d", rec.Waited, h.sent(), h.port())
	}
	h.queueEmpty()
}

func TestAnApprovalThatLapsesWhileTheGatewayIsBusy(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.submit(func(c *change.Change) {
		c.Patch, c.Approvals, c.Origin.Person, c.ExpiresAt = port1195(), 1, "mei", c.ExpiresAt.Add(72*time.Hour)
	})
	h.approves(id, "jun", port1195())
	h.busyFor(time.Hour)
	h.drain(impatient)
	h.pending(id)
	h.Clock.Advance(change.ApprovalLifetime)
	h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	if rep := h.drain(); rep.Standing != reconcile.Waits || h.sent() != 0 {
		t.Errorf("the drain reports %+v, sent %d times", rep, h.sent())
	}
	h.pending(id)
	h.approves(id, "lan", port1195())
	h.drain()
	if rec := h.ends(id, change.Applied); len(rec.Votes) != 1 || rec.Votes[0].Person != "lan" {
		t.Errorf("votes %+v", rec.Votes)
	}
}

// An approved change that expires because the gateway was busy is not recorded
// as lacking approval.
func TestAnApprovedChangeThatExpires(t *testing.T) {
	t.Parallel()
	for approved, want := range map[bool]string{true: "it last waited for: gateway", false: "approved by one other person, and was not in time"} {
		t.Run(strconv.FormatBool(approved), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			id := h.needs(1, port1195())
			h.Clock.Advance(2 * time.Hour)
			if approved {
				h.approves(id, "jun", port1195())
			}
			h.busyFor(48 * time.Hour)
			h.drain(impatient)
			h.Clock.Advance(23 * time.Hour)
			h.drain(impatient)
			rec := h.ends(id, change.Expired)
			if !strings.Contains(rec.Error.Message, want) || len(rec.Votes) == 1 != approved || h.sent() != 0 {
				t.Errorf("it says %q, votes %+v, sent %d times", rec.Error.Message, rec.Votes, h.sent())
			}
		})
	}
}

func TestALaneRemembersTheLastTwenty(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var ids []string
	for i := range reconcile.MaxPast + 3 {
		ids = append(ids, h.set(change.Port, change.Number(1200+i)))
		h.drain()
	}
	past, err := h.reconciler().Past(t.Context(), h.server)
	if err != nil || len(past) != reconcile.MaxPast {
		t.Fatalf("it remembers %d, %v", len(past), err)
	}
	for i, p := range past {
		if rec := h.record(p.ID); p.ID != ids[len(ids)-1-i] || p.Status != rec.Status || !p.At.Equal(rec.FinishedAt) {
			t.Errorf("place %d is %+v, want %s", i, p, ids[len(ids)-1-i])
		}
	}
	if past, err := h.reconciler().Past(t.Context(), h.Server("vss-other")); err != nil || len(past) != 0 {
		t.Errorf("another lane remembers %+v, %v", past, err)
	}
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	asked, other := h.needs(1, port1195()), h.set(change.Cipher, change.Text("none"))
	for target, limit := range map[change.Target]int{h.server: 5, {}: 2} {
		got, err := h.reconciler().Waiting(t.Context(), target, limit)
		if err != nil || len(got) != 2 || got[0].ID != asked || got[0].Cause != reconcile.CauseApproval || got[1].ID != other || got[1].Cause != reconcile.CauseQueued {
			t.Errorf("%v: %+v, %v", target, got, err)
		}
	}
	if got, err := h.reconciler().Waiting(t.Context(), h.server, 1); err != nil || len(got) != 1 || got[0].ID != asked {
		t.Errorf("the first is %+v, %v", got, err)
	}
	if got, err := h.reconciler().Waiting(t.Context(), h.Server("vss-other"), 5); err != nil || len(got) != 0 {
		t.Errorf("of another lane: %+v, %v", got, err)
	}
}

// A vote may be listed before its change. Only the record says that the vote is
// no longer needed.
func TestStrayVotesAreDeletedWhenTheRecordIsThere(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ended := h.set(change.Port, change.Number(1195))
	h.drain()
	h.cancels(ended)
	h.cancels("20261122-aaaaaaaaaa")
	if rep := h.drain(); rep.Standing != reconcile.Empty {
		t.Errorf("the drain reports %+v", rep)
	}
	keys := h.Keys(t.Context(), "queue/")
	if len(keys) != 1 || queue.VotedOn(keys[0]) != "20261122-aaaaaaaaaa" {
		t.Errorf("left are %q", keys)
	}
}

func TestADamagedVoteDoesNotStopItsLane(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	h.cancels(id)
	for _, key := range h.Keys(t.Context(), "queue/") {
		if queue.VotedOn(key) == id {
			if err := h.Store.Put(t.Context(), key, []byte("{")); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.drain()
	h.ends(id, change.Applied)
	h.drain() // deletes what is left
	h.queueEmpty()
}

// ledger is an outbox that notes its calls, and whether the record was there.
type ledger struct {
	h  *harness
	mu sync.Mutex
	is []string
}

func (l *ledger) note(ctx context.Context, what, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key, _ := objects.RecordKey(id)
	_, err := l.h.Store.Get(ctx, key, blob.GetOptions{})
	l.is = append(l.is, fmt.Sprintf("%s %s recorded=%v", what, id, err == nil))
}

func (l *ledger) Add(ctx context.Context, t change.Target, id string, replies []json.RawMessage) error {
	if t != l.h.server {
		l.h.t.Errorf("a notification for %v", t)
	}
	l.note(ctx, fmt.Sprintf("pending %s", replies), id)
	return nil
}

func (l *ledger) Recorded(id string) { l.note(l.h.t.Context(), "tell", id) }

// The notification of the asker and the voters is stored before the record, and
// released after it.
func TestNotificationsAreStoredBeforeTheRecordAndReleasedAfterIt(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	l := &ledger{h: h}
	id := h.needs(1, port1195())
	h.approves(id, "jun", port1195())
	h.drain(func(d *reconcile.Deps, _ *reconcile.Policy) { d.Outbox = l })
	h.ends(id, change.Applied)
	if want := []string{`pending ["mei" "jun"] ` + id + " recorded=false", "tell " + id + " recorded=true"}; !slices.Equal(l.is, want) {
		t.Errorf("it went %q, want %q", l.is, want)
	}
	silent := h.set(change.Port, change.Number(1196)) // without a reply address
	h.drain(func(d *reconcile.Deps, _ *reconcile.Policy) { d.Outbox = l })
	if len(l.is) != 3 || l.is[2] != "tell "+silent+" recorded=true" {
		t.Errorf("it went %q", l.is[2:])
	}
}

func (l *ledger) Remind(ctx context.Context, _ change.Target, undo, of string, _ time.Time, replies []json.RawMessage) error {
	l.note(ctx, fmt.Sprintf("remind %s of %s by", replies, of), undo)
	return nil
}
