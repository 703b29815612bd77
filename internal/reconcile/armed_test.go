package reconcile_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// tenMinutes is the time in which a change of these tests is to be confirmed.
const tenMinutes = 10 * time.Minute

// confirmable queues a change that is undone unless it is confirmed in ten minutes.
func (h *harness) confirmable(p change.Patch) string {
	h.t.Helper()
	return h.submit(func(c *change.Change) {
		c.Patch, c.Confirm = p, change.Confirmation{For: tenMinutes}
		c.Origin.Person, c.Reply = "mei", []byte(`"mei"`)
	})
}

// armedBy drains the lane, and returns the undo of a change.
func (h *harness) armedBy(id string) string {
	h.t.Helper()
	h.drain()
	rec := h.ends(id, change.Applied)
	if rec.Undo == nil || rec.Undo.ID == "" || !rec.Undo.DueAt.Equal(rec.FinishedAt.Add(tenMinutes)) {
		h.t.Fatalf("its undo is %+v", rec.Undo)
	}
	return rec.Undo.ID
}

func TestAChangeThatNobodyConfirmsIsUndone(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.confirmable(change.Patch{change.Port: change.Number(1195), change.Compress: change.Flag(true)})
	undo := h.armedBy(id)
	h.pass(tenMinutes - time.Minute)
	h.drain(impatient)
	h.pending(undo)
	if pos := h.position(undo); pos.Status != change.Waiting || pos.Cause != reconcile.CauseConfirm || !strings.Contains(pos.Why, id) {
		t.Errorf("it stands as %+v", pos)
	}
	h.pass(time.Minute + change.UndoGrace)
	h.drain(impatient)
	rec := h.ends(undo, change.Applied)
	if h.port() != 1194 || rec.Undoes != id || len(rec.Changed) != 2 || !rec.Verified || rec.Origin.Person != "mei" {
		t.Errorf("port %d, record %+v", h.port(), rec)
	}
	h.modifies(2)
	h.queueEmpty()
	found, _, err := h.reconciler().Find(t.Context(), id)
	if err != nil || found.Undo.Status != change.Applied || !found.Undo.At.Equal(rec.FinishedAt) {
		t.Errorf("the change shows %+v, %v", found.Undo, err)
	}
	h.recordsHoldToTheSchema()
}

func TestAConfirmedChangeStays(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.confirmable(port1195())
	undo := h.armedBy(id)
	h.vote(undo, change.Vote{Kind: change.Cancel, Person: "jun", Account: "slack:T1/jun", Reason: "works for me"})
	h.drain()
	rec := h.ends(undo, change.Cancelled)
	if rec.Error.Code != "Confirmed" || !strings.Contains(rec.Error.Message, "jun confirmed the change "+id) || len(rec.Problems) > 0 || rec.Undoes != id {
		t.Errorf("record %+v, error %+v", rec, rec.Error)
	}
	h.pass(time.Hour)
	h.drain()
	if h.modifies(1); h.port() != 1195 {
		t.Errorf("port %d", h.port())
	}
	h.queueEmpty()
	if found, _, err := h.reconciler().Find(t.Context(), id); err != nil || found.Undo.Status != change.Cancelled || found.Undo.By != "jun" {
		t.Errorf("the change shows %+v, %v", found, err)
	}
}

// Others' changes of the server wait, and say why. What sends nothing does not wait.
func TestOthersWaitUntilAChangeIsConfirmedOrUndone(t *testing.T) {
	t.Parallel()
	for name, confirmed := range map[string]bool{"confirmed": true, "undone": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			id := h.confirmable(port1195())
			undo := h.armedBy(id)
			other := h.set(change.Cipher, change.Text("AES-256-CBC"))
			dry := h.submit(func(c *change.Change) { c.Patch, c.DryRun = port1195(), true })
			gone := h.set(change.Name, change.Text("gone"))
			old := h.submit(func(c *change.Change) { c.Patch, c.ExpiresAt = port1195(), c.AcceptedAt.Add(time.Millisecond) })
			if pos := h.position(dry); pos.Cause != reconcile.CauseQueued || pos.WaitsFor != "" {
				t.Errorf("the dry run stands as %+v", pos)
			}
			h.cancels(gone)
			rep := h.drain(impatient)
			if rep.Standing != reconcile.Waits || !strings.Contains(rep.Why, id) {
				t.Errorf("report %+v", rep)
			}
			h.ends(dry, change.Planned)
			h.ends(gone, change.Cancelled)
			h.ends(old, change.Expired)
			h.pending(other)
			if pos := h.position(other); pos.Status != change.Waiting || pos.Cause != reconcile.CauseConfirm || !strings.Contains(pos.Why, id) {
				t.Errorf("it stands as %+v", pos)
			}
			if confirmed {
				h.cancels(undo)
			} else {
				h.pass(tenMinutes + change.UndoGrace)
			}
			h.drain(impatient)
			h.ends(other, change.Applied)
			if s, _ := h.VPC.Server(h.server.ServerID); s.Cipher != "AES-256-CBC" || (s.Port == 1195) != confirmed {
				t.Errorf("the server is %+v", s)
			}
			h.queueEmpty()
		})
	}
}

func TestVotesMoveAnUndo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	undo := h.armedBy(h.confirmable(port1195()))
	h.pass(9 * time.Minute)
	h.vote(undo, change.Vote{Kind: change.Extend, Person: "mei", Until: h.Clock.Now().Add(20 * time.Minute)})
	h.pass(5 * time.Minute)
	h.drain(impatient)
	h.pending(undo)
	if pos := h.position(undo); pos.Cause != reconcile.CauseConfirm || !pos.Next.After(h.Clock.Now().Add(14*time.Minute)) {
		t.Errorf("it stands as %+v", pos)
	}
	h.vote(undo, change.Vote{Kind: change.UndoNow, Person: "jun"})
	h.pass(change.UndoGrace)
	h.drain(impatient)
	h.ends(undo, change.Applied)
	if h.port() != 1194 {
		t.Errorf("port %d", h.port())
	}
}

// An undo at once does not wait for the time that its key names.
func TestAnUndoAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	undo := h.armedBy(h.confirmable(port1195()))
	h.vote(undo, change.Vote{Kind: change.UndoNow, Person: "jun"})
	h.drain() // waits for the grace
	h.ends(undo, change.Applied)
	h.queueEmpty()
}

// What somebody else changed since is not undone.
func TestAnUndoLeavesWhatOthersChangedSince(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	undo := h.armedBy(h.confirmable(change.Patch{change.Port: change.Number(1195), change.Compress: change.Flag(true)}))
	h.setPort(1200)
	h.pass(tenMinutes + change.UndoGrace)
	h.drain(impatient)
	rec := h.ends(undo, change.Applied)
	if h.port() != 1200 || len(rec.Changed) != 1 || rec.Changed[0].Field != change.Compress {
		t.Errorf("port %d, changed %v", h.port(), rec.Changed)
	}
}

func TestAnUndoOfNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	undo := h.armedBy(h.confirmable(port1195()))
	h.setPort(1200)
	h.pass(tenMinutes + change.UndoGrace)
	h.drain(impatient)
	h.ends(undo, change.Unchanged)
	h.modifies(1)
	h.queueEmpty()
}

// A change that changes nothing, or cannot be undone, has no undo.
func TestChangesWithoutAnUndo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if err := h.VPC.UpdateServer(h.server.ServerID, func(s *vpc.Server) { s.Name = "x" }); err != nil {
		t.Fatal(err)
	}
	same, named := h.confirmable(change.Patch{change.Port: change.Number(1194)}), h.confirmable(change.Patch{change.Name: change.Text("office")})
	h.drain()
	if rec := h.ends(same, change.Unchanged); rec.Undo != nil {
		t.Errorf("undo %+v", rec.Undo)
	}
	if rec := h.ends(named, change.Rejected); rec.Undo != nil || rec.Problems[0].Rule != plan.RuleCannotBeUndone || rec.Problems[0].Path != "confirm" {
		t.Errorf("problems %+v", rec.Problems)
	}
	h.queueEmpty()
}

// An undo whose entry is damaged is made from the lane. One whose entry somebody
// deleted counts as confirmed.
func TestAnUndoWhoseEntryIsDamagedOrGone(t *testing.T) {
	t.Parallel()
	for name, deleted := range map[string]bool{"damaged": false, "deleted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			id := h.confirmable(port1195())
			undo := h.armedBy(id)
			keys := h.Keys(t.Context(), "queue/")
			if len(keys) != 1 || !strings.HasSuffix(keys[0], "-0000-"+undo+".json") {
				t.Fatalf("the queue has %q", keys)
			}
			h.put(keys[0], "{")
			if deleted {
				if err := h.Store.Delete(t.Context(), keys[0]); err != nil {
					t.Fatal(err)
				}
			}
			other := h.set(change.Compress, change.Flag(true))
			h.pass(tenMinutes + change.UndoGrace)
			h.drain(impatient)
			h.ends(other, change.Applied)
			if deleted {
				h.pending(undo)
			} else if rec := h.ends(undo, change.Applied); rec.Undoes != id {
				t.Errorf("record %+v", rec)
			}
			if (h.port() == 1195) != deleted {
				t.Errorf("port %d", h.port())
			}
			h.queueEmpty()
		})
	}
}

// A change that failed and is seen on the server, or whose outcome is not known, is
// undone, too.
func TestAFailedChangeThatShowsIsUndone(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.confirmable(port1195())
	h.fault(vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 400, Code: "IllegalParam.Port", Message: "no"})
	h.drain()
	if rec := h.ends(id, change.Failed); rec.Undo != nil {
		t.Errorf("of a change that was refused: %+v", rec.Undo)
	}
	h.queueEmpty()
}

// Errors of the API do not end an undo: the change would stand, and nobody confirmed it.
func TestAnUndoGoesOnWhileTheAPIAnswersWithErrors(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]vpc.Fault{"errors": failing(500, "UnknownError", -1), "refusals as busy": failing(400, "SystemBusy", -1)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			undo := h.armedBy(h.confirmable(port1195()))
			h.pass(tenMinutes + change.UndoGrace)
			h.fault(fault)
			h.sweeps(60)
			h.pending(undo)
			h.VPC.ClearFaults()
			h.sweeps(10)
			h.ends(undo, change.Applied)
			h.modifies(2)
		})
	}
}

// An undo that the API answers with errors can be cancelled, even if somebody else
// modified the server meanwhile: the changes behind it do not wait for days.
func TestAnUndoThatFailsIsCancelledAfterSomebodyElseModifiedTheServer(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	undo := h.armedBy(h.confirmable(port1195()))
	h.pass(tenMinutes + change.UndoGrace)
	h.fault(failing(500, "UnknownError", -1))
	h.sweeps(5)
	h.setPort(1999)
	h.cancels(undo)
	behind := h.set(change.Port, change.Number(1196))
	h.VPC.ClearFaults()
	h.sweeps(2)
	if rec := h.ends(undo, change.Failed); rec.Error.Code != "OutcomeUnknown" {
		t.Errorf("it ended with %+v", rec.Error)
	}
	h.ends(behind, change.Applied)
	h.queueEmpty()
}

// Looking at a long queue behind a change that is to be confirmed does not write into
// the lane.
func TestALongQueueBehindAnUndo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.armedBy(h.confirmable(port1195()))
	for i := range 20 {
		h.set(change.Port, change.Number(1200+i))
	}
	before := len(h.Keys(t.Context(), "lanes/"))
	for range 3 {
		h.drain(impatient)
	}
	if after := len(h.Keys(t.Context(), "lanes/")); after != before {
		t.Errorf("%d generations were written", after-before)
	}
}

// A lane with an undo is drained a little before the undo is due, whatever else is
// queued.
func TestALaneWithAnUndoIsDueEarly(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.armedBy(h.confirmable(port1195()))
	h.submit(func(c *change.Change) { c.Patch, c.DueAt = port1195(), h.Clock.Now().Add(tenMinutes-30*time.Second) })
	for after, want := range map[time.Duration]bool{0: false, tenMinutes - 75*time.Second: false, tenMinutes - 65*time.Second: true} {
		lanes, _, err := queue.New(h.Store).Lanes(t.Context(), h.Clock.Now().Add(after), "", 10)
		if err != nil || slices.Contains(lanes, h.server) != want {
			t.Errorf("%v later: %v, %v", after, lanes, err)
		}
	}
}

// A worker that dies after the decision leaves an undo to the next one.
func TestAnUndoOutlivesItsWorker(t *testing.T) {
	t.Parallel()
	for _, landed := range []bool{true, false} {
		for n := 1; ; n++ {
			h := newHarness(t)
			id := h.confirmable(port1195())
			m := &mortal{landed: landed}
			m.left.Store(int64(n))
			_, _ = h.reconciler(kill(m)).Drain(t.Context(), h.server)
			h.pass(6 * time.Minute) // its lease has expired
			for range 3 {
				h.drain(impatient)
			}
			undo := h.ends(id, change.Applied).Undo.ID
			h.pass(tenMinutes)
			k := &mortal{landed: landed}
			k.left.Store(int64(n))
			_, _ = h.reconciler(kill(k)).Drain(t.Context(), h.server)
			h.pass(6 * time.Minute)
			for range 3 {
				h.drain(impatient)
			}
			h.ends(undo, change.Applied)
			if h.port() != 1194 {
				t.Errorf("killed at request %d: port %d", n, h.port())
			}
			h.modifies(2)
			h.queueEmpty()
			if !m.dead() && !k.dead() {
				t.Logf("killed at %d requests", n-1)
				break
			}
		}
	}
}
