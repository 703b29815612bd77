package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// connected has so many clients connected to the server.
func (h *harness) connected(n int) {
	h.t.Helper()
	clients := make([]vpc.Client, n)
	for i := range clients {
		clients[i].Certificate = "vsc-" + string(rune('a'+i))
	}
	if err := h.VPC.SetClients(vpc.Clients{ServerID: h.server.ServerID, Clients: clients}); err != nil {
		h.t.Fatal(err)
	}
}

// idle queues a change of the port that waits until fewer than n clients are connected.
func (h *harness) idle(n, port int) string {
	h.t.Helper()
	return h.submit(func(c *change.Change) { c.Patch, c.Idle = change.Patch{change.Port: change.Number(port)}, n })
}

func (h *harness) counted() int { return len(h.VPC.Calls("DescribeSslVpnClients")) }

func TestAChangeWaitsUntilFewClientsAreConnected(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.connected(7)
	id := h.idle(5, 1195)
	rep := h.drain()
	if rep.Standing != reconcile.Waits || rep.Why != "7 connected, waits for fewer than 5" {
		t.Errorf("the drain says %+v", rep)
	}
	pos := h.at(id, change.Waiting, "7 connected, waits for fewer than 5")
	if pos.Cause != reconcile.CauseClients || pos.Connected != 7 {
		t.Errorf("it stands at %+v", pos)
	}
	before := h.Keys(t.Context(), "lanes/")
	h.drain()
	if n := h.counted(); n != 1 {
		t.Errorf("counted %d times within a moment", n)
	}
	if again := h.Keys(t.Context(), "lanes/"); len(again) != len(before) {
		t.Errorf("written again: %q, before %q", again, before)
	}
	h.connected(4)
	h.drain()
	h.pending(id)
	h.Clock.Advance(time.Minute)
	h.drain()
	h.ends(id, change.Applied)
	if n := h.counted(); n != 2 || h.sent() != 1 {
		t.Errorf("counted %d times, sent %d times", n, h.sent())
	}
	h.queueEmpty()
}

// As many as the limit are too many; nobody is few.
func TestTheLimitOfAConditionIsExact(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{0: true, 2: true, 3: false, 4: false} {
		h := newHarness(t)
		h.connected(n)
		id := h.idle(3, 1195)
		if h.drain(); (h.sent() == 1) != want {
			t.Errorf("%d of fewer than 3 connected: sent %d times", n, h.sent())
		}
		if want {
			h.ends(id, change.Applied)
		}
	}
}

// Changes of other settings overtake one that waits; those of the same settings, or of
// settings that are checked together with them, do not.
func TestWhoOvertakesAChangeThatWaitsForFewClients(t *testing.T) {
	t.Parallel()
	network, other := change.Text("10.50.0.0/24"), change.Text("10.40.0.0/16")
	for name, tt := range map[string]struct {
		first, then change.Patch
		expect      change.Patch
		dry         bool
		overtakes   bool
	}{
		"another setting":            {first: change.Patch{change.Port: change.Number(1195)}, then: change.Patch{change.Cipher: change.Text("none")}, overtakes: true},
		"the same setting":           {first: change.Patch{change.Port: change.Number(1195)}, then: change.Patch{change.Port: change.Number(1196)}},
		"one of its settings":        {first: change.Patch{change.Port: change.Number(1195)}, then: change.Patch{change.Port: change.Number(1196), change.Proto: change.Text("TCP")}},
		"an expectation":             {first: change.Patch{change.Port: change.Number(1195)}, then: change.Patch{change.Proto: change.Text("TCP")}, expect: change.Patch{change.Port: change.Number(1195)}},
		"the other of both networks": {first: change.Patch{change.ClientIPPool: network}, then: change.Patch{change.LocalSubnet: other}},
		"a dry run of the same":      {first: change.Patch{change.Port: change.Number(1195)}, then: change.Patch{change.Port: change.Number(1196)}, dry: true, overtakes: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.connected(7)
			first := h.submit(func(c *change.Change) { c.Patch, c.Idle = tt.first, 5 })
			then := h.submit(func(c *change.Change) { c.Patch, c.Expect, c.DryRun = tt.then, tt.expect, tt.dry })
			h.drain()
			h.pending(first)
			if !tt.overtakes {
				h.pending(then)
				if pos := h.at(then, change.Waiting, "a change before it of the same settings waits: 7 connected, waits for fewer than 5"); pos.Cause != reconcile.CauseClients {
					t.Errorf("it stands at %+v", pos)
				}
			}
			h.connected(0)
			h.Clock.Advance(time.Minute)
			h.drain()
			a, b := h.record(first), h.record(then)
			if overtook := b.FinishedAt.Before(a.FinishedAt); overtook != tt.overtakes {
				t.Errorf("it overtook: %t; they ended %v and %v", overtook, a.FinishedAt, b.FinishedAt)
			}
			if len(a.MergedWith) > 0 || a.Status != change.Applied {
				t.Errorf("the first ended as %+v", a)
			}
		})
	}
}

// Clients that a change has just disconnected are not counted as gone.
func TestClientsAreNotCountedWhileTheyReturn(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	slow := func(_ *reconcile.Deps, p *reconcile.Policy) { p.Return = 2 * time.Minute }
	first := h.set(change.Cipher, change.Text("none"))
	id := h.idle(5, 1195)
	rep := h.drain(slow)
	h.ends(first, change.Applied)
	h.pending(id)
	if rep.Standing != reconcile.Waits || h.counted() > 1 { // before the first change was sent
		t.Errorf("the drain says %+v; counted %d times", rep, h.counted())
	}
	if pos := h.at(id, change.Waiting, "clients may be returning after the last change"); pos.Cause != reconcile.CauseClients {
		t.Errorf("it stands at %+v", pos)
	}
	h.connected(7)
	h.Clock.Advance(2 * time.Minute)
	h.drain(slow)
	h.at(id, change.Waiting, "7 connected, waits for fewer than 5")
	h.connected(0)
	h.Clock.Advance(time.Minute)
	h.drain(slow)
	h.ends(id, change.Applied)
}

// A change that waits is sent alone, so that nobody else's is held up by it.
func TestAConditionIsNotMerged(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	first := h.set(change.Cipher, change.Text("none"))
	id := h.idle(5, 1195)
	last := h.set(change.Proto, change.Text("TCP"))
	h.drain()
	for _, id := range []string{first, id, last} {
		if rec := h.ends(id, change.Applied); len(rec.MergedWith) > 0 {
			t.Errorf("%s was merged with %q", id, rec.MergedWith)
		}
	}
	h.modifies(3)
}

func TestAChangeThatWaitedForFewClientsInVainExpires(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.connected(7)
	id := h.idle(5, 1195)
	behind := h.set(change.Port, change.Number(1196))
	for range 3 {
		h.drain()
		h.Clock.Advance(time.Minute)
	}
	h.pending(id)
	h.Clock.Advance(24 * time.Hour)
	h.drain()
	rec := h.ends(id, change.Expired)
	if want := "the change expired before it could be applied; it last waited until fewer than 5 clients are connected, and 7 were"; rec.Error.Message != want {
		t.Errorf("the record says %q", rec.Error.Message)
	}
	if rec.When != "idle(5)" || rec.Waited.Queue < (23*time.Hour).Milliseconds() {
		t.Errorf("the record says %q and waited %+v", rec.When, rec.Waited)
	}
	if rec := h.ends(behind, change.Expired); !strings.HasSuffix(rec.Error.Message, "it last waited for: clients") {
		t.Errorf("the record of the other says %q", rec.Error.Message)
	}
	if h.sent() > 0 {
		t.Error("it was sent")
	}
}

// Where nobody can say how many are connected, the change is rejected at once.
func TestWhereClientsCannotBeCounted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prepare       func(*harness)
		message, hint string
	}{
		"the role may not": {
			func(h *harness) {
				h.fault(vpc.Fault{Action: "DescribeSslVpnClients", Kind: vpc.FaultError, Status: 403, Code: "Forbidden.RAM", Times: -1})
			},
			"the function may not find out", "vpc:DescribeSslVpnClients",
		},
		"nothing may be read": {
			func(h *harness) {
				h.fault(vpc.Fault{Action: "DescribeSslVpnServers", Kind: vpc.FaultError, Status: 403, Code: "Forbidden.RAM", Times: -1})
			},
			"the function may not find out", "vpc:DescribeSslVpnServers",
		},
		"the gateway may not be read": {
			func(h *harness) {
				h.fault(vpc.Fault{Action: "DescribeVpnGateway", Kind: vpc.FaultError, Status: 403, Code: "Forbidden.RAM", Times: -1})
			},
			"the function may not find out", "vpc:DescribeVpnGateway",
		},
		"the gateway does not list them": {
			func(h *harness) {
				h.gateway(func(g *vpc.Gateway) { g.NotVisualized = true })
			},
			"does not list its clients", "upgraded",
		},
		"the API refuses": {
			func(h *harness) {
				h.fault(vpc.Fault{Action: "DescribeSslVpnClients", Kind: vpc.FaultError, Status: 400, Code: "InvalidVpnGateway.Whatever", Times: -1})
			},
			"InvalidVpnGateway.Whatever", "without when",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.connected(1)
			tt.prepare(h)
			id := h.idle(5, 1195)
			h.drain()
			rec := h.ends(id, change.Rejected)
			if rec.Error.Code != reconcile.RuleClientsUnknown || !strings.Contains(rec.Error.Message, tt.message) || !strings.Contains(rec.Error.Hint, tt.hint) {
				t.Errorf("the record says %+v", rec.Error)
			}
			if h.sent() > 0 {
				t.Error("it was sent")
			}
		})
	}
}

// While the API does not answer, the change waits, and others do not.
func TestWhileClientsCannotBeCountedNow(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(vpc.Fault{Action: "DescribeSslVpnClients", Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable", Times: 3})
	id := h.idle(5, 1195)
	other := h.set(change.Cipher, change.Text("none"))
	if rep := h.drain(); rep.Standing != reconcile.Waits {
		t.Errorf("the drain says %+v", rep)
	}
	h.pending(id)
	h.ends(other, change.Applied)
	h.Clock.Advance(time.Minute)
	h.drain()
	h.ends(id, change.Applied)
}

// That the API asks for fewer counts holds up nobody else's change.
func TestCountsThatAreThrottledHoldUpNobodyElse(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fault(vpc.Fault{Action: "DescribeSslVpnClients", Kind: vpc.FaultThrottle, Times: -1, Hint: vpc.HintTimeLeft, Wait: 40 * time.Second})
	id := h.idle(5, 1195)
	if rep := h.drain(); rep.Standing != reconcile.Waits {
		t.Errorf("the drain says %+v", rep)
	}
	other := h.set(change.Cipher, change.Text("none"))
	h.drain()
	h.ends(other, change.Applied)
	h.pending(id)
}

func TestAChangeThatWaitsForFewClientsCanBeCancelled(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.connected(7)
	id := h.idle(5, 1195)
	h.drain()
	vote := change.Vote{Kind: change.Cancel, Person: "mei", Account: "slack:T1/mei", At: h.Clock.Now()}
	if err := queue.New(h.Store).Vote(t.Context(), h.server, id, queue.Vote{Vote: vote}); err != nil {
		t.Fatal(err)
	}
	h.drain()
	h.ends(id, change.Cancelled)
	h.queueEmpty()
}

// The clients are counted again after the gateway was busy: they may be back.
func TestClientsAreCountedAgainBeforeTheFirstSend(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.connected(1)
	id := h.idle(5, 1195)
	h.busyFor(time.Hour)
	h.drain(afterCall(readGateway, 3, func() { // once to count, and twice while it is busy
		h.connected(7)
		h.Clock.Advance(10 * time.Second)
		h.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	}))
	h.pending(id)
	h.at(id, change.Waiting, "7 connected, waits for fewer than 5")
	if h.sent() > 0 {
		t.Error("it was sent")
	}
}

// A worker that died before it sent anything leaves an intent. The clients may have
// come back since.
func TestClientsAreCountedAgainAfterACrash(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.connected(1)
	id := h.idle(5, 1195)
	m := &mortal{}
	m.left.Store(1000)
	_, err := h.reconciler(kill(m), afterCall(readGateway, 2, func() { m.left.Store(0) })).Drain(t.Context(), h.server)
	if err == nil || h.sent() > 0 {
		t.Fatalf("the worker did not die: %v", err)
	}
	h.connected(7)
	for range 8 {
		h.OSS.Advance(time.Minute)
		h.Clock.Advance(time.Minute)
		h.drain()
	}
	h.pending(id)
	h.at(id, change.Waiting, "7 connected, waits for fewer than 5")
	if h.sent() > 0 {
		t.Error("it was sent")
	}
	h.connected(2)
	h.Clock.Advance(time.Minute)
	h.OSS.Advance(time.Minute)
	h.drain()
	h.ends(id, change.Applied)
}

// The policy's guard is checked with the number of clients right before the first send,
// whichever channel the change came by.
func TestTheGuardOfThePolicyBeforeTheFirstSend(t *testing.T) {
	t.Parallel()
	guard := usual + "guards: [{servers: ['*'], settings: [Port], maxConnected: 3, otherwise: refuse}]\n"
	port := change.Patch{change.Port: change.Number(1195)}
	for n, want := range map[int]change.Status{3: change.Applied, 4: change.Rejected} {
		r := newRuled(t)
		r.text = guard
		r.connected(n)
		id := r.asks("mei", 0, port)
		r.work()
		rec := r.ends(id, want)
		if want == change.Applied {
			continue
		}
		if rec.Error.Code != policy.RuleTooManyConnected || !strings.Contains(rec.Error.Message, "4 clients are connected") || !strings.Contains(rec.Error.Hint, "when=idle(3)") {
			t.Errorf("the record says %+v", rec.Error)
		}
		if r.sent() > 0 {
			t.Error("it was sent")
		}
	}
}

// The clients come back while the gateway is busy: the guard counts them again.
func TestTheGuardOfThePolicyAfterAWaitForTheGateway(t *testing.T) {
	t.Parallel()
	r := newRuled(t)
	r.text = usual + "guards: [{servers: ['*'], maxConnected: 3, otherwise: refuse}]\n"
	r.connected(1)
	id := r.asks("mei", 0, change.Patch{change.Port: change.Number(1195)})
	r.busyFor(time.Hour)
	r.work(afterCall(readGateway, 2, func() {
		r.connected(4)
		r.gateway(func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} })
	}))
	if rec := r.ends(id, change.Rejected); rec.Error.Code != policy.RuleTooManyConnected || r.sent() > 0 {
		t.Errorf("the record says %+v; sent %d times", rec.Error, r.sent())
	}
}

// An undo is not held up by a change that waits until few clients are connected, also
// if that one was due before it and is of the same settings.
func TestAnUndoDoesNotWaitForFewClients(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.confirmable(change.Patch{change.Port: change.Number(1195)})
	undo := h.armedBy(id)
	h.connected(7)
	waits := h.idle(5, 1300)
	h.pass(tenMinutes + change.UndoGrace)
	h.drain(impatient)
	undone := h.ends(undo, change.Applied)
	h.connected(0)
	h.pass(time.Minute)
	h.drain()
	if rec := h.ends(waits, change.Applied); rec.FinishedAt.Before(undone.FinishedAt) || h.port() != 1300 {
		t.Errorf("it ended %v, the undo %v; the port is %d", rec.FinishedAt, undone.FinishedAt, h.port())
	}
}

// A change with a condition that is to be confirmed is both.
func TestAChangeThatWaitsForFewClientsAndIsToBeConfirmed(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.connected(7)
	id := h.submit(func(c *change.Change) {
		c.Patch, c.Idle, c.Confirm = change.Patch{change.Port: change.Number(1195)}, 5, change.Confirmation{For: tenMinutes}
	})
	h.drain()
	h.pending(id)
	h.connected(4)
	h.pass(time.Minute)
	undo := h.armedBy(id)
	h.connected(7) // who comes back does not hold up the undo
	h.pass(tenMinutes + change.UndoGrace)
	h.drain(impatient)
	h.ends(undo, change.Applied)
	if h.port() != 1194 {
		t.Errorf("the port is %d", h.port())
	}
}

// A change that the guard does not concern disconnects everybody: the guard does not
// take that for a quiet moment.
func TestTheGuardOfThePolicyWhileClientsReturn(t *testing.T) {
	t.Parallel()
	r := newRuled(t)
	r.text = usual + "guards: [{servers: ['*'], settings: [Port], maxConnected: 3, otherwise: refuse}]\n"
	slow := func(_ *reconcile.Deps, p *reconcile.Policy) { p.Return = 2 * time.Minute }
	first := r.asks("mei", 0, change.Patch{change.Cipher: change.Text("none")})
	r.work(slow)
	r.ends(first, change.Applied)
	id := r.asks("mei", 0, change.Patch{change.Port: change.Number(1195)})
	r.work(slow)
	r.pending(id)
	r.at(id, change.Waiting, "clients may be returning after the last change")
	r.connected(4)
	r.Clock.Advance(2 * time.Minute)
	r.work(slow)
	if rec := r.ends(id, change.Rejected); rec.Error.Code != policy.RuleTooManyConnected {
		t.Errorf("the record says %+v", rec.Error)
	}
}
