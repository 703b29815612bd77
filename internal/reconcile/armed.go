package reconcile

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

// armed is the undo of a change that was applied and that nobody has confirmed yet.
// It is written by the step that decides that the change was applied. Until it has
// ended, other changes of the server wait.
type armed struct {
	ID    string // of the undo
	Key   string // of its queue entry
	Of    string // the change that it undoes
	Due   time.Time
	Proof bool // it is made due early when the server refuses clients: see change.Confirmation
	Done  []change.Difference
}

// undoes reports whether an intent is that of an undo.
func (in *intent) undoes() bool {
	return slices.ContainsFunc(in.Keys, func(key string) bool {
		c, ok := objects.ParseEntryKey(key)
		return ok && c.Index == 0
	})
}

// arm makes the undo of an intent that ended with a result; nil if none is needed. An
// undo is needed also if the change failed and is seen on the server, or if it is not
// known what the server shows.
func arm(t change.Target, in *intent, res result, at time.Time) *armed {
	if in.Confirm.IsZero() || len(in.Patch) == 0 {
		return nil
	}
	i := slices.IndexFunc(in.Outcomes, contributes)
	if i < 0 {
		return nil
	}
	done := in.Outcomes[i].Changed
	if res.failure != nil && res.after != nil {
		done = shown(done, res.after)
	}
	if len(done) == 0 {
		return nil
	}
	c := change.ArmedUndo(t, in.Outcomes[i].ID, done, at, in.Confirm)
	return &armed{ID: c.ID, Key: objects.EntryKey(c), Of: in.Outcomes[i].ID, Due: c.DueAt, Proof: in.Confirm.Proof, Done: done}
}

// after is the undo that a lane has after a decision.
func (a *armed) after(dec *decision) *armed {
	switch {
	case dec.Armed != nil:
		return dec.Armed
	case a != nil && slices.ContainsFunc(dec.Items, func(it item) bool { return it.Key == a.Key }):
		return nil
	default:
		return a
	}
}

// undoOf is the queue entry of the undo of a change, whose own entry is e.
func (a *armed) undoOf(e queue.Entry, at time.Time) change.Change {
	c := change.ArmedUndo(e.Target, a.Of, a.Done, at, change.Confirmation{For: a.Due.Sub(at), Proof: a.Proof})
	if e.Err != nil {
		return a.unknown(c)
	}
	c.Origin, c.Account, c.Ref, c.Reason, c.Reply = e.Origin, e.Requester(), e.Ref, "undo of "+a.Of, e.Reply
	c.Certificates = e.Certificates // the same files change back
	for _, v := range e.Votes {
		if len(v.Reply) > 0 {
			c.Undoes.Replies = append(c.Undoes.Replies, v.Reply)
		}
	}
	return c
}

// unknown is an undo whose requester is not known, because a stored entry is damaged.
func (a *armed) unknown(c change.Change) change.Change {
	c.Origin = change.Origin{Kind: change.FromTimer, Actor: "undo", Source: a.Of}
	c.Reason = "undo of " + a.Of
	return c
}

// repaired is the entry of the undo, made from what the lane knows of it if the stored
// entry is damaged: it must be undone nevertheless.
func (a *armed) repaired(e queue.Entry) queue.Entry {
	if e.Key != a.Key || e.Err == nil {
		return e
	}
	c := change.ArmedUndo(e.Target, a.Of, a.Done, a.Due, change.Confirmation{})
	c.ID, c.AcceptedAt = e.ID, a.Due
	e.Change, e.Err = a.unknown(c), nil
	return e
}

// whileArmed is the part of the entries that is worked off while a change may still be
// undone: the undo itself, and what ends or is planned without being sent.
func (d *drain) whileArmed(ctx context.Context, due queue.Due, entries []queue.Entry) ([]queue.Entry, error) {
	a := d.journal.Armed
	if a == nil {
		return entries, nil
	}
	listed := func(e queue.Entry) bool { return e.Key == a.Key }
	if !slices.ContainsFunc(entries, listed) && !slices.Contains(due.Later, a.Key) {
		// It may be behind a full page, or missing from a listing that lags.
		there, err := d.queue.Read(ctx, []string{a.Key})
		if err != nil {
			return nil, err
		}
		if len(there) == 0 {
			d.deps.Log.WarnContext(ctx, "undo is gone: the change counts as confirmed", slog.String("change", a.Of), slog.String("undo", a.ID))
			d.journal.Armed = nil
			return entries, nil
		}
		entries = append(there, entries...)
	}
	entries = slices.Clone(entries)
	for i, e := range entries {
		entries[i] = a.repaired(e)
	}
	now := d.limits.now()
	return slices.DeleteFunc(entries, func(e queue.Entry) bool {
		return e.Key != a.Key && e.Err == nil && !e.DryRun && !plan.Ends(e.Change, e.CastVotes(), now)
	}), nil
}

// awaitUndo is the end of a drain whose changes wait for a change to be confirmed or
// undone. If the undo is due soon, it waits for it, so that it is on time.
func (d *drain) awaitUndo(ctx context.Context, entries []queue.Entry) (Report, bool, error) {
	a, at := d.journal.Armed, d.journal.Armed.Due
	for _, e := range entries {
		if e.Key == a.Key {
			at = e.UndoAt(e.CastVotes())
		}
	}
	ahead := change.UndoAhead
	if d.limits.policy.Wakes {
		ahead = d.limits.policy.ShortWait
	}
	if at = at.Add(change.UndoGrace); d.waiter.sleepUntil(ctx, at, ahead) {
		// Others may have used the lane meanwhile.
		return Report{}, true, d.journal.open(ctx)
	}
	return Report{Standing: Waits, Why: "change " + a.Of + " is to be confirmed or undone", Next: earlier(at.UTC(), d.limits.nextLook()), WakeAt: at}, false, nil
}
