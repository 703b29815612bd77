package reconcile_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

// gatedLane is a harness whose windows a test opens and closes.
type gatedLane struct {
	*ruled

	opens  time.Time      // everything is closed until then
	shut   []change.Field // closed settings; nil: all
	freeze string         // that closes them, and that nobody but who names it may override
	asked  int
	before func(asked int) // called before every answer
}

func newGatedLane(t *testing.T) *gatedLane {
	t.Helper()
	return &gatedLane{ruled: newRuled(t)}
}

// kept is a policy with the gatedLane's windows.
type kept struct {
	reconcile.Permissions

	d *gatedLane
}

func (k kept) Gate(r change.Request, at time.Time) window.Verdict {
	d := k.d
	d.asked++
	if d.before != nil {
		d.before(d.asked)
	}
	concerned := d.shut == nil
	for _, f := range d.shut {
		_, sets := r.Patch[f]
		concerned = concerned || sets
	}
	if !concerned || !at.Before(d.opens) || d.freeze != "" && r.Override == d.freeze {
		return window.Verdict{Open: true}
	}
	v := window.Verdict{Opens: d.opens, Freeze: d.freeze, Reason: "双十一"}
	if d.freeze == "" {
		v.Windows, v.Reason = []string{"nights"}, ""
	}
	return v
}

func (d *gatedLane) work(edit ...func(*reconcile.Deps, *reconcile.Policy)) reconcile.Report {
	d.t.Helper()
	return d.drain(append(edit, func(deps *reconcile.Deps, _ *reconcile.Policy) {
		deps.Permissions = func(ctx context.Context) (reconcile.Permissions, error) {
			p, err := d.permissions(ctx)
			return kept{p, d}, err
		}
	})...)
}

// closeFor closes everything for a time.
func (d *gatedLane) closeFor(span time.Duration) {
	d.opens = d.Clock.Now().Add(span).Truncate(time.Second)
}

// ask queues a change of mei.
func (d *gatedLane) ask(edit func(*change.Change)) string {
	d.t.Helper()
	return d.submit(func(c *change.Change) {
		c.Patch = port1195()
		c.Account = change.Account{Channel: "slack", Tenant: "T1", User: "mei"}
		c.Origin = change.Origin{Kind: change.FromChat, Actor: c.Account.String(), Person: "mei", Source: "message 1"}
		edit(c)
	})
}

func nothing(*change.Change) {}

func TestAChangeWaitsUntilItsWindowOpens(t *testing.T) {
	t.Parallel()
	d := newGatedLane(t)
	d.closeFor(3 * time.Hour)
	id := d.ask(nothing)
	rep := d.work()
	if rep.Standing != reconcile.Waits || !rep.Next.Equal(d.opens) || !strings.HasPrefix(rep.Why, "the window nights is closed; the next opening is ") {
		t.Errorf("the drain says %+v", rep)
	}
	pos := d.at(id, change.Waiting, "waits until it may be sent: "+rep.Why)
	if pos.Cause != reconcile.CauseWindow || !pos.Next.Equal(d.opens) || pos.Window == nil || pos.Window.Windows[0] != "nights" || !pos.Window.OpensAt.Equal(d.opens) || pos.Behind != "" {
		t.Errorf("it stands at %+v", pos)
	}
	// A closed lane is written once, and looked at without a call of the API.
	before, calls := d.Keys(t.Context(), "lanes/"), len(d.VPC.Calls(""))
	for range 3 {
		d.Clock.Advance(time.Minute)
		if rep := d.work(); rep.Standing != reconcile.Waits || !rep.Next.Equal(d.opens) {
			t.Errorf("the next drain says %+v", rep)
		}
	}
	if again := d.Keys(t.Context(), "lanes/"); len(again) != len(before) || len(d.VPC.Calls("")) != calls {
		t.Errorf("written %q, before %q; %d calls", again, before, len(d.VPC.Calls(""))-calls)
	}
	d.Clock.Advance(3 * time.Hour)
	d.work()
	rec := d.ends(id, change.Applied)
	if rec.Waited.Window < (2 * time.Hour).Milliseconds() {
		t.Errorf("it waited %+v", rec.Waited)
	}
	d.modifies(1)
	d.queueEmpty()
	d.recordsHoldToTheSchema()
}

// A policy that is edited while a change waits holds at once.
func TestAPolicyThatIsEditedWhileAChangeWaits(t *testing.T) {
	t.Parallel()
	d := newGatedLane(t)
	d.closeFor(3 * time.Hour)
	id := d.ask(nothing)
	d.work()
	d.pending(id)
	d.closeFor(time.Hour) // earlier
	if rep := d.work(); !rep.Next.Equal(d.opens) {
		t.Errorf("the drain says %+v", rep)
	}
	d.opens = time.Time{} // the window is gone
	d.work()
	d.ends(id, change.Applied)
}

// A freeze that begins when the intent is written, or right before the send, stops it.
func TestAFreezeBetweenIntentAndSend(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*gatedLane){
		"right before the send": func(d *gatedLane) {
			d.before = func(asked int) {
				if asked == 2 {
					d.closeFor(time.Hour)
				}
			}
		},
		"while the gateway is busy": func(d *gatedLane) { d.busyFor(200 * time.Millisecond) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newGatedLane(t)
			d.freeze = "double-eleven"
			prepare(d)
			id := d.ask(nothing)
			rep := d.work(afterCall(readGateway, 1, func() {
				if d.before == nil {
					d.closeFor(time.Hour)
				}
			}))
			if rep.Standing != reconcile.Waits || rep.Next.IsZero() || d.sent() > 0 {
				t.Errorf("the drain says %+v; sent %d times", rep, d.sent())
			}
			if pos := d.at(id, change.Waiting, "waits until it may be sent: "+rep.Why); pos.Window == nil || pos.Window.Freeze != "double-eleven" {
				t.Errorf("it stands at %+v", pos)
			}
			d.before = nil
			d.Clock.Advance(time.Hour)
			d.work()
			d.ends(id, change.Applied)
			d.modifies(1)
		})
	}
}

// What the API certainly refused is sent for the first time when it is sent again.
func TestARefusedModificationIsNotSentAgainAfterTheClose(t *testing.T) {
	t.Parallel()
	d := newGatedLane(t)
	d.fault(vpc.Fault{Action: modify, Kind: vpc.FaultError, Status: 400, Code: "VpnGateway.Configuring"})
	id := d.ask(nothing)
	rep := d.work(afterCall(modify, 1, func() { d.closeFor(time.Hour) }))
	if d.sent() != 1 || rep.Standing != reconcile.Waits || !rep.Next.Equal(d.opens) {
		t.Errorf("sent %d times, the drain says %+v", d.sent(), rep)
	}
	d.Clock.Advance(time.Hour)
	d.work()
	d.ends(id, change.Applied)
	if d.sent() != 2 {
		t.Errorf("sent %d times", d.sent())
	}
}

// What was sent is brought to its end under the same token, although the window has
// closed.
func TestAnUnknownOutcomeAtTheClose(t *testing.T) {
	t.Parallel()
	d := newGatedLane(t)
	d.fault(vpc.Fault{Action: modify, Kind: vpc.FaultReset})
	id := d.ask(nothing)
	if rep := d.work(afterCall(modify, 1, func() { d.closeFor(time.Hour) })); rep.Standing == reconcile.Waits {
		d.work()
	}
	d.ends(id, change.Applied)
	d.oneToken(2)
}

// A worker that died may have sent nothing. Its successor does not send while the window
// is closed: it looks whether the server shows the modification, and plans it again.
func TestAWorkerThatDiedBeforeItSent(t *testing.T) {
	t.Parallel()
	d := newGatedLane(t)
	id := d.ask(nothing)
	const requests = 100
	for n := int64(1); n < requests && d.sent() == 0; n++ {
		m := &mortal{landed: true}
		m.left.Store(n)
		_, _ = d.reconciler(kill(m), func(deps *reconcile.Deps, _ *reconcile.Policy) {
			deps.Permissions = func(ctx context.Context) (reconcile.Permissions, error) {
				p, err := d.permissions(ctx)
				return kept{p, d}, err
			}
		}).Drain(t.Context(), d.server)
		if len(d.Keys(t.Context(), "lanes/")) > 0 {
			break
		}
	}
	if d.sent() > 0 {
		t.Fatal("no worker died between the intent and the send")
	}
	d.closeFor(3 * time.Hour)
	for range 20 {
		d.pass(time.Minute)
		d.work()
	}
	d.pending(id)
	if d.sent() > 0 {
		t.Errorf("sent %d times", d.sent())
	}
	d.pass(3 * time.Hour)
	d.work()
	d.ends(id, change.Applied)
	d.modifies(1)
}

// Changes of other settings go on, those of the same settings wait behind the first one,
// an override included.
func TestWhoOvertakesAChangeWhoseWindowIsClosed(t *testing.T) {
	t.Parallel()
	d := newGatedLane(t)
	d.freeze, d.shut = "double-eleven", []change.Field{change.Port}
	d.closeFor(time.Hour)
	first := d.ask(nothing)
	cipher := d.ask(func(c *change.Change) { c.Patch = change.Patch{change.Cipher: change.Text("none")} })
	second := d.ask(func(c *change.Change) {
		c.Patch, c.Override = change.Patch{change.Port: change.Number(1196)}, "double-eleven"
	})
	dry := d.ask(func(c *change.Change) { c.DryRun = true })
	d.work()
	d.pending(first)
	d.pending(second)
	if rec := d.ends(cipher, change.Applied); len(rec.MergedWith) > 0 {
		t.Errorf("merged with %q", rec.MergedWith)
	}
	d.ends(dry, change.Planned)
	if pos := d.position(second); pos.Behind != first || pos.Cause != reconcile.CauseWindow || pos.Override != "double-eleven" || !strings.Contains(pos.Why, first) {
		t.Errorf("it stands at %+v", pos)
	}
	d.Clock.Advance(time.Hour)
	d.work()
	d.ends(first, change.Applied)
	if rec := d.ends(second, change.Applied); rec.Override != "double-eleven" || d.port() != 1196 {
		t.Errorf("port %d, record %+v", d.port(), rec)
	}
	d.modifies(3)
}

// An override is sent in spite of its freeze, and alone.
func TestAnOverrideIsSentAlone(t *testing.T) {
	t.Parallel()
	d := newGatedLane(t)
	d.freeze = "double-eleven"
	d.closeFor(time.Hour)
	override := d.ask(func(c *change.Change) { c.Override = "double-eleven" })
	later := d.ask(func(c *change.Change) { c.Patch = change.Patch{change.Cipher: change.Text("none")} })
	d.work()
	if rec := d.ends(override, change.Applied); len(rec.MergedWith) > 0 {
		t.Errorf("merged with %q", rec.MergedWith)
	}
	d.pending(later)
	d.modifies(1)
}

// The undo of a change that nobody confirmed is sent although the window has closed. A
// rollback is a change like any other: the other tests are about those.
func TestAnUndoIsNotGated(t *testing.T) {
	t.Parallel()
	d := newGatedLane(t)
	id := d.ask(func(c *change.Change) { c.Confirm = change.Confirmation{For: tenMinutes} })
	d.work()
	undo := d.ends(id, change.Applied).Undo.ID
	d.closeFor(time.Hour)
	other := d.ask(func(c *change.Change) { c.Patch = change.Patch{change.Cipher: change.Text("none")} })
	d.pass(tenMinutes + change.UndoGrace)
	d.work(impatient)
	d.ends(undo, change.Applied)
	d.pending(other)
	if d.port() != 1194 {
		t.Errorf("port %d", d.port())
	}
}

// The clock of the function decides: one that is four minutes ahead opens four minutes
// early, and one that is behind opens late.
func TestAClockThatIsWrong(t *testing.T) {
	t.Parallel()
	for off, sent := range map[time.Duration]int{4 * time.Minute: 1, -4 * time.Minute: 0} {
		d := newGatedLane(t)
		d.closeFor(3 * time.Minute)
		d.ask(nothing)
		if off < 0 {
			d.Clock.Advance(4 * time.Minute)
		}
		d.work(func(deps *reconcile.Deps, _ *reconcile.Policy) {
			right := deps.Now
			deps.Now, deps.Deadline = func() time.Time { return right().Add(off) }, deps.Deadline.Add(off)
		})
		if d.sent() != sent {
			t.Errorf("%s off: sent %d times", off, d.sent())
		}
	}
}

// A change that expires while its window is closed says what it waited for.
func TestAChangeThatExpiresWhileItsWindowIsClosed(t *testing.T) {
	t.Parallel()
	d := newGatedLane(t)
	d.closeFor(300 * time.Hour)
	id := d.ask(nothing)
	d.work()
	d.Clock.Advance(24 * time.Hour)
	d.work()
	if rec := d.ends(id, change.Expired); !strings.HasSuffix(rec.Error.Message, "it last waited for: window") {
		t.Errorf("the record says %q", rec.Error.Message)
	}
}

// An instance that has looked at a closed lane reads its changes again only when
// something can have changed.
func TestAClosedLaneIsNotReadAgain(t *testing.T) {
	t.Parallel()
	d := newGatedLane(t)
	d.closeFor(3 * time.Hour)
	var memory reconcile.Memory
	p, err := d.permissions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	policy := kept{p, d}
	look := func() (requests int) {
		before := len(d.OSS.Requests())
		d.drain(func(deps *reconcile.Deps, _ *reconcile.Policy) {
			deps.Memory = &memory
			deps.Permissions = func(context.Context) (reconcile.Permissions, error) { return policy, nil }
		})
		return len(d.OSS.Requests()) - before
	}
	first := d.ask(nothing)
	for range 9 {
		d.ask(nothing)
	}
	look()
	if n := look(); n > 2 {
		t.Errorf("%d requests for a lane in which nothing has changed", n)
	}
	other := d.ask(func(c *change.Change) { c.DryRun = true })
	look()
	d.ends(other, change.Planned)
	if n := look(); n > 2 && look() > 2 {
		t.Errorf("%d requests after a dry run", n)
	}
	policy = kept{p, newGatedLane(t)} // another policy, in which all is open
	look()
	if rec := d.record(first); rec.Status == "" {
		t.Errorf("the record says %+v", rec)
	}
	d.modifies(1)
}

// Many changes that waited for one opening are merged, and cost little each.
func TestManyChangesAtOneOpening(t *testing.T) {
	t.Parallel()
	cost := func(n int) (asked, closed, open int) {
		d := newGatedLane(t)
		d.closeFor(time.Hour)
		ids := make([]string, n)
		for i := range ids {
			ids[i] = d.ask(func(c *change.Change) {
				c.Identity += string(rune('0' + i))
				c.AcceptedAt = c.AcceptedAt.Add(time.Duration(i) * time.Nanosecond)
				c.Patch = change.Patch{change.Port: change.Number(2000 + i)}
			})
		}
		before := len(d.OSS.Requests())
		d.work()
		closed = len(d.OSS.Requests()) - before
		before = len(d.OSS.Requests())
		d.Clock.Advance(time.Hour)
		d.work()
		open = len(d.OSS.Requests()) - before
		for _, id := range ids[:n-1] {
			if rec := d.record(id); rec.Status != change.Superseded {
				t.Fatalf("%s ended as %s", id, rec.Status)
			}
		}
		d.ends(ids[n-1], change.Applied)
		d.modifies(1)
		return d.asked, closed, open
	}
	asked, closed, open := cost(20)
	asked2, closed2, open2 := cost(40)
	if asked2 > asked || closed2 > 3*closed || open2 > 3*open {
		t.Errorf("20 changes: asked %d times, %d and %d requests; 40 changes: %d, %d and %d", asked, closed, open, asked2, closed2, open2)
	}
}
