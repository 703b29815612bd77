package reconcile

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/logline"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
	"github.com/sslvpn-change/sslvpn-change/internal/window"
)

// Permissions is the policy at one moment. Values are compared: equal ones are the same
// policy.
type Permissions interface {
	// Refuses returns why a queued change must not be applied now, nil if it may be.
	// Agreed are the approvals that count otherwise.
	Refuses(c change.Change, agreed []change.Vote) *change.Problem
	// TooManyConnected returns why a change must not be sent while so many clients are
	// connected, nil if it may be. Known reports whether their number is known.
	TooManyConnected(r change.Request, connected int, known bool) *change.Problem
	// Gate returns whether windows and freezes let a change be sent at a time, and when
	// that changes.
	Gate(r change.Request, at time.Time) window.Verdict
}

// readPermissions reads the policy as it is now. A nil value permits everything. It
// returns a wait if the policy cannot be used.
//
//nolint:ireturn // the policy is the caller's
func (d *drain) readPermissions(ctx context.Context) (Permissions, *wait) {
	if d.deps.Permissions == nil {
		return nil, nil
	}
	d.meter.request()
	asked := d.limits.now()
	p, err := d.deps.Permissions(ctx)
	if err != nil {
		d.deps.Log.WarnContext(ctx, "policy cannot be used, nothing is sent", slog.Any("error", err))
		now := d.limits.now()
		return nil, &wait{Cause: causePolicy, Why: err.Error(), Since: now.UTC(), Next: d.limits.nextLook()}
	}
	d.known.permissions, d.known.permittedAt, d.known.chosen = p, asked, false
	return p, nil
}

// refused are the changes of a batch that the policy refuses now, by id. It returns
// a wait if the policy cannot be used, or not yet. Changes that end without being sent need no
// permission. Server is as it was just read; nil if it was not.
func (d *drain) refused(ctx context.Context, batch []queue.Entry, server *sslvpn.Server) (map[string]change.Problem, *wait) {
	now := d.limits.now()
	if !slices.ContainsFunc(batch, d.needsPermission) {
		return nil, nil
	}
	permissions, w := d.plannedBy(ctx)
	if permissions == nil {
		return nil, w
	}
	out := map[string]change.Problem{}
	for _, e := range batch {
		if !d.needsPermission(e) {
			continue
		}
		no := permissions.Refuses(e.Change, plan.CountApprovals(e.Change, e.CastVotes(), now).Agreed)
		if no == nil && server != nil {
			if w := d.guardedWhileReturning(permissions, e.Request); w != nil {
				return nil, w
			}
			no = permissions.TooManyConnected(e.Request, server.Connections, server.MaxConnections > 0)
		}
		if no != nil {
			attrs := append(logline.Asker(e.Change), slog.String("change", e.ID), logline.Settings(e.Patch), slog.String("code", no.Rule), slog.String("why", no.Message))
			d.deps.Log.WarnContext(ctx, "change no longer permitted", logline.Any(attrs)...)
			out[e.ID] = *no
		}
	}
	return out, nil
}

// needsPermission reports whether a change may be sent and needs permission: it can be
// read, and has neither expired nor been withdrawn. An undo needs none: it was part of
// what was permitted.
func (d *drain) needsPermission(e queue.Entry) bool {
	return e.Err == nil && e.Undoes == nil && !plan.Ends(e.Change, e.CastVotes(), d.limits.now())
}

func (d *drain) endsUnsent(e queue.Entry) bool { return !d.needsPermission(e) }

// refusedIntent returns why the changes of the intent must not be sent again, "" if
// they may be: the policy refuses one of them, or its entry is gone or cannot be
// read. It returns a wait if the policy cannot be used. An undo needs no permission.
func (d *drain) refusedIntent(ctx context.Context) (why string, w *wait, err error) {
	in := d.journal.Intent
	if d.deps.Permissions == nil || in.undoes() {
		return "", nil, nil
	}
	entries, err := d.queue.Read(ctx, in.Keys)
	if err != nil {
		return "", nil, err
	}
	permissions, w := d.readPermissions(ctx)
	if permissions == nil {
		return "", w, nil
	}
	for i, o := range in.Outcomes {
		if !contributes(o) {
			continue
		}
		at := slices.IndexFunc(entries, func(e queue.Entry) bool { return e.Key == in.Keys[i] && e.Err == nil })
		if at < 0 {
			return "the queue entry of " + o.ID + " is gone or cannot be read", nil, nil
		}
		if no := permissions.Refuses(entries[at].Change, o.Votes); no != nil {
			return no.Message, nil, nil
		}
	}
	return "", nil, nil
}

// mayRepeat decides whether a modification that may have been sent is sent again: not
// if somebody withdrew one of its changes.
// The policy is evaluated as before the first time, because the worker may have died
// before it sent anything. Windows hold for that reason too, unless a worker lived to see
// that it was sent. If the policy refuses now, the server is watched for
// Policy.Settle; if the modification does not show in this time, the changes are
// planned again, without those that are refused: see recover.
func (d *drain) mayRepeat(ctx context.Context) (s step, may bool) {
	in, begun := d.journal.Intent, d.limits.now()
	if begun.Sub(d.known.listed) >= queueAge {
		// Somebody may have withdrawn a change since.
		d.known.listed = begun
		listing, err := d.queue.List(ctx, d.target, begun)
		if err == nil {
			_, err = d.readDue(ctx, listing)
		}
		if err != nil || d.known.withdrew(in) {
			return step{to: unknown, err: err}, false
		}
	}
	why, w, err := d.refusedIntent(ctx)
	cause := causePolicy
	if err == nil && w == nil && why == "" {
		why, w = d.tooManyClients(ctx, in)
		cause = causeClients
	}
	if closed := d.closedIntent(); err == nil && w == nil && why == "" && closed != nil && !in.Sent {
		why, cause = closed.Why, causeWindow
	}
	switch {
	case err != nil:
		return step{err: err}, false
	case w != nil:
		return step{to: unknown, wait: w, leave: true}, false
	case why == "" && in.Withdrawn:
		// Whoever continues must not count the time before this send.
		in.Withdrawn, in.Watched = false, 0
		d.charge()
		return step{to: unknown, err: d.journal.commit(ctx)}, false
	case why == "" && d.limits.now().Sub(begun) >= queueAge:
		return step{to: unknown}, false // the instance was frozen: look again
	case why == "":
		return step{}, true
	case in.Withdrawn && in.Watched >= d.limits.policy.Settle:
		return step{replan: true}, false
	}
	in.Withdrawn = true
	now := d.limits.now()
	return step{to: unknown, leave: true, wait: &wait{
		Cause: cause, Since: now.UTC(), Next: d.limits.nextLook(),
		Why: "the modification may have been sent and is not sent again: " + why,
	}}, false
}
