package reconcile_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// Another worker ends a dry run while this one waits for an undo. The undo is on time
// nevertheless.
func TestAnUndoIsOnTimeWhenOthersUseItsLaneMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	undo := h.armedBy(h.confirmable(port1195()))
	h.pass(tenMinutes - time.Second)
	dry := ""
	h.drain(func(d *reconcile.Deps, p *reconcile.Policy) {
		p.FreeWait = 0
		//nolint:contextcheck // the other worker has a context of its own
		d.Permit = func(context.Context) (func(), bool) { // it is about to wait
			dry = h.submit(func(c *change.Change) { c.Patch, c.DryRun = port1195(), true })
			h.drain(func(_ *reconcile.Deps, p *reconcile.Policy) { p.WaitBudget = 0 })
			return func() {}, true
		}
	})
	h.ends(dry, change.Planned)
	h.ends(undo, change.Applied)
	h.modifies(2)
}

// An undo whose first send was not answered is sent again, also while the policy cannot
// be used, or its entry is damaged.
func TestAnUndoIsSentAgainWithoutAPolicy(t *testing.T) {
	t.Parallel()
	for name, damaged := range map[string]bool{"its entry can be read": false, "its entry is damaged": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRuled(t)
			id := r.submit(func(c *change.Change) {
				c.Patch, c.Confirm, c.Account = port1195(), change.Confirmation{For: tenMinutes}, change.Account{Channel: "slack", Tenant: "T1", User: "mei"}
			})
			r.work()
			undo := r.ends(id, change.Applied).Undo.ID
			r.pass(tenMinutes + change.UndoGrace)
			r.err = errors.New("no answer")
			r.fault(vpc.Fault{Action: modify, Kind: vpc.FaultReset})
			if damaged {
				r.put(r.Keys(t.Context(), "queue/")[0], "{")
			}
			for range 3 {
				r.work()
				r.pass(time.Minute)
			}
			r.ends(undo, change.Applied)
			r.modifies(2)
		})
	}
}

// An undo that people postpone again and again does not expire before it is due.
func TestAnUndoThatIsPostponedForDays(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	undo := h.armedBy(h.confirmable(port1195()))
	day := 24 * time.Hour
	for range int(change.MaxPostponed / day) {
		h.vote(undo, change.Vote{Kind: change.Extend, Person: "mei", Until: h.Clock.Now().Add(day)})
		h.pass(day - 9*time.Minute)
		h.drain(impatient)
		h.pending(undo)
	}
	h.vote(undo, change.Vote{Kind: change.Extend, Person: "mei", Until: h.Clock.Now().Add(2 * day)})
	h.pass(time.Hour + 10*time.Minute)
	h.drain(impatient)
	if rec := h.ends(undo, change.Applied); h.port() != 1194 || rec.Error != nil {
		t.Errorf("port %d, %+v", h.port(), rec.Error)
	}
}

// An undo that the API would not accept any more has failed: it is not as if nothing were
// left to undo.
func TestAnUndoThatIsNotPossibleAnyMore(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.confirmable(change.Patch{change.ClientIPPool: change.Text("10.40.40.0/24")})
	undo := h.armedBy(id)
	before := h.record(id).Changed[0].From.String()
	if err := h.VPC.UpdateServer(h.server.ServerID, func(s *vpc.Server) { s.LocalSubnet = before }); err != nil {
		t.Fatal(err)
	}
	h.pass(tenMinutes + change.UndoGrace)
	h.drain(impatient)
	rec := h.ends(undo, change.Rejected)
	if rec.Error.Code != plan.RuleUndoConflict || !strings.Contains(rec.Error.Message, "ClientIpPool") {
		t.Errorf("it says %+v", rec.Error)
	}
	other := h.set(change.Compress, change.Flag(true))
	h.drain()
	h.ends(other, change.Applied)
	h.queueEmpty()
	h.recordsHoldToTheSchema()
}

// An undo that could not be sent for days ends, and says what to do.
func TestAnUndoThatExpires(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.confirmable(port1195())
	undo := h.armedBy(id)
	h.fault(vpc.Fault{Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable", Times: -1})
	h.pass(tenMinutes + change.UndoLifetime - time.Minute)
	h.drain(impatient)
	h.pending(undo)
	h.pass(2 * time.Minute)
	h.VPC.ClearFaults()
	h.drain(impatient)
	h.pass(10 * time.Minute) // the circuit
	h.drain(impatient)
	rec := h.ends(undo, change.Expired)
	if rec.Undoes != id || !strings.Contains(rec.Error.Hint, "rollback") || strings.Contains(rec.Error.Hint, "submit") {
		t.Errorf("it says %+v", rec.Error)
	}
	h.queueEmpty()
}
