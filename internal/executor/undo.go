package executor

import (
	"context"
	"errors"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// toConfirm is a change that is to be confirmed, and its undo: its position, or its
// record when it has ended.
type toConfirm struct {
	undo  *reconcile.Position
	ended *record.Record
}

// target is the server of the change.
func (c toConfirm) target() change.Target {
	if c.undo != nil {
		return c.undo.Entry.Target
	}
	return change.Target{RegionID: c.ended.RegionID, ServerID: c.ended.ServerID}
}

// votes are the votes on the undo.
func (c toConfirm) votes() []change.Vote {
	if c.undo != nil {
		return c.undo.Entry.CastVotes()
	}
	return c.ended.Votes
}

// findUndo finds the undo that a command is about: of the change that it names, or the
// undo itself. It fails with a refusal if there is none.
func (r *request) findUndo(ctx context.Context) (toConfirm, error) {
	rec, pos, err := r.find(ctx)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return toConfirm{}, r.noChange()
	case err != nil:
		return toConfirm{}, err
	case pos != nil:
		return r.undoInQueue(pos)
	}
	if err := r.mayFind(change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID}, rec.Origin); err != nil {
		return toConfirm{}, err
	}
	if rec.Undoes != "" {
		return toConfirm{ended: rec}, nil
	}
	if rec.Undo == nil {
		return toConfirm{}, nothingToConfirm()
	}
	ended, undo, err := r.Reconciler.Find(ctx, rec.Undo.ID)
	switch {
	case errors.Is(err, blob.ErrNotFound): // somebody deleted its entry
		return toConfirm{}, nothingToConfirm()
	case err != nil:
		return toConfirm{}, err
	case undo != nil && undo.Entry.Err != nil:
		return toConfirm{}, undo.Entry.Err
	}
	return toConfirm{undo: undo, ended: ended}, nil
}

// undoInQueue is findUndo for a command that names a queued change.
func (r *request) undoInQueue(pos *reconcile.Position) (toConfirm, error) {
	c := pos.Entry.Change
	if pos.Entry.Err != nil {
		return toConfirm{}, pos.Entry.Err
	}
	if err := r.mayFind(c.Target, c.Origin); err != nil {
		return toConfirm{}, err
	}
	switch {
	case c.Undoes != nil:
		return toConfirm{undo: pos}, nil
	case c.Confirm.IsZero():
		return toConfirm{}, nothingToConfirm()
	default:
		return toConfirm{}, refuse(TooLate, change.Problem{
			Rule: RuleNotApplied, Message: "the change has not been applied yet", Hint: "confirm it when it was applied and works, or cancel it",
		})
	}
}

func nothingToConfirm() error {
	return refuse(Invalid, change.Problem{
		Rule: RuleNothingToConfirm, Message: "the change need not be confirmed", Hint: "there is nothing to do; rollback undoes it",
	})
}

// cancelUndo is cancel for the id of an undo: it confirms the change. When the undo is
// due, an admin can still cancel it while it waits, such as for the API.
func (r *request) cancelUndo(ctx context.Context, pos *reconcile.Position, ans Answer) (Answer, error) {
	c := pos.Entry.Change
	if r.Now().Before(c.UndoAt(pos.Entry.CastVotes())) || r.policy.May(r.who, policy.Retract, c.Target, c.Patch.Fields()) != nil {
		return r.confirmFound(ctx, toConfirm{undo: pos})
	}
	ans, err := r.withdraw(ctx, pos, ans, change.Cancel)
	if err != nil || ans.Outcome != Accepted {
		return ans, err
	}
	r.logVote(ctx, c, change.Cancel)
	return ans, nil
}

// undoNow is rollback for a change that is undone by itself: the undo is due at once.
// It reports whether the change is one.
func (r *request) undoNow(ctx context.Context, rec *record.Record) (ans Answer, is bool, err error) {
	if rec.Undo == nil {
		return Answer{}, false, nil
	}
	ended, pos, err := r.Reconciler.Find(ctx, rec.Undo.ID)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return Answer{}, false, nil
	case err != nil:
		return Answer{}, false, err
	}
	found := toConfirm{undo: pos, ended: ended}
	if ans, voted := r.votedOnUndo(found); voted {
		return ans, true, nil
	}
	if pos == nil {
		return Answer{}, false, nil // it was confirmed, or undone
	}
	if pos.Entry.Err != nil {
		return Answer{}, false, pos.Entry.Err
	}
	if r.requested(pos.Entry.Target).Guarded() {
		return Answer{}.refuseBy(Invalid, RuleUnguardedUndo, "the change can still be confirmed, so rollback has it undone at once, without confirm, when, proof and override",
			"leave them out, or confirm the change first"), true, nil
	}
	ans, err = r.voteOnUndo(ctx, found, change.Vote{Kind: change.UndoNow, Reason: r.cmd.Reason})
	return ans, true, err
}
