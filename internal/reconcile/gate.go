package reconcile

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

// The windows and freezes of the policy are asked three times: when a batch is chosen,
// when its plan is made anew, and right before a modification is sent for the first time.
// They can close between any two of these. What was sent is brought to its end: a
// modification that was sent under a token may have taken effect.

// permissionsAge is how old the policy may be that was read to choose a batch, when the
// batch is planned by it. The server is read in between.
const permissionsAge = 2 * time.Second

// plannedBy is the policy that a batch is planned by: that by which the batch was just
// chosen, or else the policy as it is now.
//
//nolint:ireturn // the policy is the caller's
func (d *drain) plannedBy(ctx context.Context) (Permissions, *wait) {
	if age := d.limits.now().Sub(d.known.permittedAt); d.known.chosen && age >= 0 && age < permissionsAge {
		d.known.chosen = false // a second plan needs the policy anew
		return d.known.permissions, nil
	}
	return d.readPermissions(ctx)
}

// gate answers whether changes may be sent now. It asks the policy once for changes of
// the same settings, so that a long queue costs little.
type gate struct {
	permissions Permissions // nil: everything is open
	now         time.Time
	asked       map[string]window.Verdict
}

// newGate reads the policy for the entries. If it cannot be used, everything is open: it
// is read again before anything is sent, and then the lane waits.
func (d *drain) newGate(ctx context.Context, entries []queue.Entry) gate {
	g := gate{now: d.limits.now(), asked: map[string]window.Verdict{}}
	if slices.ContainsFunc(entries, d.gated) {
		g.permissions, _ = d.readPermissions(ctx)
		d.known.chosen = g.permissions != nil
	}
	return g
}

// gated reports whether windows and freezes hold for a change: not for one that ends
// without being sent, and not for an undo. An undo was part of what was permitted when
// the window was open.
func (d *drain) gated(e queue.Entry) bool { return !e.DryRun && d.needsPermission(e) }

// closed is what a change waits for until it may be sent; nil if it may be now.
func (g gate) closed(r change.Request) *wait {
	if g.permissions == nil {
		return nil
	}
	var key strings.Builder
	key.WriteString(r.Override)
	for _, f := range r.Patch.Fields() {
		key.WriteString(" " + string(f))
	}
	v, known := g.asked[key.String()]
	if !known {
		v = g.permissions.Gate(r, g.now)
		g.asked[key.String()] = v
	}
	return waitToOpen(v, g.now)
}

// waitToOpen is the wait until a change may be sent; nil if it may be now.
func waitToOpen(v window.Verdict, now time.Time) *wait {
	if v.Open {
		return nil
	}
	w := &wait{Cause: causeWindow, Why: closedWhy(v), Since: now.UTC(), Windows: v.Windows, Freeze: v.Freeze, Opens: v.Opens.UTC()}
	if v.Opens.IsZero() {
		w.Opens = time.Time{}
	}
	w.Next = w.Opens
	if w.Opens.IsZero() {
		w.Next = now.Add(24 * time.Hour).UTC()
	}
	return w
}

// closedWhy says for people what a closed change waits for.
func closedWhy(v window.Verdict) string {
	if v.Opens.IsZero() {
		return v.ClosedBy() + "; there is no opening within 366 days"
	}
	return v.ClosedBy() + "; the next opening is " + v.Opens.UTC().Format(time.RFC3339)
}

// closed reports whether a lane waits for an opening. The policy may have changed since.
func (w *wait) closed(now time.Time) bool {
	return w != nil && w.Cause == causeWindow && (w.Opens.IsZero() || now.Before(w.Opens))
}

// sooner is the wait of two that is to be looked at first; nil stands for none.
func (w *wait) sooner(other *wait) *wait {
	if w == nil || other != nil && other.Next.Before(w.Next) {
		return other
	}
	return w
}

// closedIntent is the wait until the modification of the intent may be sent; nil if it
// may be sent now. The policy was read when the modification was planned, seconds ago:
// see queueAge.
func (d *drain) closedIntent() *wait {
	in, now := d.journal.Intent, d.limits.now()
	if d.known.permissions == nil || in.undoes() {
		return nil
	}
	return waitToOpen(d.known.permissions.Gate(in.request(d.target), now), now)
}

// request is what the changes of an intent ask for together. Windows of several settings
// must all be open, so the request of all is open when that of each is.
func (in *intent) request(t change.Target) change.Request {
	return change.Request{Target: t, Patch: in.Asked, Override: in.Override}
}

// shut drops an intent that was certainly not sent: a window has closed, or a freeze has
// begun. What the API answered to earlier sends under other tokens is dropped with it:
// when the window opens, the changes are planned and sent as for the first time. The next
// round works off the changes of the lane that may be sent.
func (d *drain) shut(ctx context.Context, w *wait) (Report, bool, error) {
	ctx, cancel := d.limits.lastWrites(ctx)
	defer cancel()
	d.journal.Intent = nil
	d.journal.Waits.begin(w, d.limits.now())
	d.charge()
	d.deps.Log.InfoContext(ctx, "modification not sent", slog.String("cause", string(w.Cause)), slog.String("why", w.Why))
	return Report{}, true, d.journal.release(ctx)
}
