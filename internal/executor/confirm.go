package executor

import (
	"context"
	"errors"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/policy"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/record"
)

// The rules that refuse confirmations.
const (
	// RuleNothingToConfirm refuses the confirmation of a change that stays anyway.
	RuleNothingToConfirm = "nothing-to-confirm"
	// RuleNotApplied refuses the confirmation of a change that was not applied yet.
	RuleNotApplied = "not-applied-yet"
	// RuleConfirmLate refuses a confirmation after its time.
	RuleConfirmLate = "confirmation-late"
	// RuleMayNotConfirm refuses the confirmation by somebody who may not decide about
	// the change.
	RuleMayNotConfirm = "may-not-confirm"
	// RuleNotLonger refuses an extension that would not give more time.
	RuleNotLonger = "not-longer"
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

// confirm confirms a change, or gives people more time to do so.
func (r *request) confirm(ctx context.Context) (Answer, error) {
	found, err := r.findUndo(ctx)
	if err != nil {
		return Answer{}, err
	}
	if ans, ok := r.votedOnUndo(found); ok {
		return ans, nil
	}
	return r.confirmFound(ctx, found)
}

func (r *request) confirmFound(ctx context.Context, found toConfirm) (Answer, error) {
	vote := change.Vote{Kind: change.Cancel, Reason: r.cmd.Reason}
	if r.cmd.Extend > 0 {
		vote = change.Vote{Kind: change.Extend, Reason: r.cmd.Reason, Until: r.claimed.At.Add(r.cmd.Extend).UTC()}
	}
	return r.voteOnUndo(ctx, found, vote)
}

// voteOnUndo stores a vote on an undo, if the sender may and there is still time.
func (r *request) voteOnUndo(ctx context.Context, found toConfirm, v change.Vote) (Answer, error) {
	t := found.target()
	ans := Answer{Server: r.server(t, nil)}
	if found.undo == nil {
		ans.Record = found.ended
		if found.ended.Status == change.Cancelled {
			return ans.refuseBy(TooLate, RuleEnded, "the change is confirmed already", "there is nothing to do"), nil
		}
		return ans.refuseBy(TooLate, RuleConfirmLate, "the change was undone, because nobody confirmed it in time", "if it is still wanted, request it again"), nil
	}
	c := found.undo.Entry.Change
	ans.Change = r.position(found.undo)
	if !r.mayConfirm(c) {
		return ans.refuseBy(Forbidden, RuleMayNotConfirm, "the change was requested by "+c.Asker(),
			"the requester can confirm it, and so can people who may request or approve changes of these settings"), nil
	}
	due := c.UndoAt(found.votes())
	v.At = r.claimed.At
	switch {
	case !r.Now().Before(due) || !v.At.Before(due):
		return r.confirmLate(ans, due), nil
	case v.Kind == change.Extend && !c.UndoAt(append(found.votes(), v)).After(due):
		return ans.refuseBy(Invalid, RuleNotLonger, "the change can be confirmed until "+due.UTC().Format(time.RFC3339)+" anyway",
			"give a longer time, at most 6 days after the first one, or confirm the change"), nil
	}
	ans, err := r.vote(ctx, found.undo, ans, v)
	if err != nil {
		return Answer{}, err
	}
	if !r.Now().Before(due.Add(change.UndoGrace)) {
		return r.confirmLate(ans, due), nil // it took too long to store the vote
	}
	ans.Change.Next = c.UndoAt(append(found.votes(), v))
	return ans, nil
}

// confirmLate refuses what comes when the undo was due.
func (r *request) confirmLate(ans Answer, due time.Time) Answer {
	ans.Lanes = nil
	return ans.refuseBy(TooLate, RuleConfirmLate, "the time to confirm the change was over at "+due.UTC().Format(time.RFC3339)+"; it is being undone",
		"if the change is still wanted, request it again when it was undone")
}

// mayConfirm reports whether the sender may decide about the undo of a change.
func (r *request) mayConfirm(undo change.Change) bool {
	fields := undo.Patch.Fields()
	return r.policy.Requested(undo, r.from.Account) ||
		r.policy.May(r.who, policy.Ask, undo.Target, fields) == nil || r.policy.May(r.who, policy.Approve, undo.Target, fields) == nil
}

// votedOnUndo describes the vote on an undo that an earlier delivery of the message
// stored.
func (r *request) votedOnUndo(found toConfirm) (Answer, bool) {
	switch {
	case !r.voted(found.votes()):
		return Answer{}, false
	case found.undo == nil:
		return r.ended(found.ended), true
	default:
		return r.votedBefore(found.undo), true
	}
}

// confirmedEarlier finds the vote that an earlier delivery of the message stored.
func (r *request) confirmedEarlier(ctx context.Context) (ans Answer, found bool, err error) {
	undo, err := r.findUndo(ctx)
	if _, refused := errors.AsType[*refusal](err); refused {
		return Answer{}, false, nil
	}
	if err != nil {
		return Answer{}, false, err
	}
	ans, found = r.votedOnUndo(undo)
	return ans, found, nil
}

// cancelUndo is cancel for the id of an undo: it confirms the change. When the undo is
// due, an admin can still cancel it while it waits, such as for the API.
func (r *request) cancelUndo(ctx context.Context, pos *reconcile.Position, ans Answer) (Answer, error) {
	c := pos.Entry.Change
	if r.Now().Before(c.UndoAt(pos.Entry.CastVotes())) || r.policy.May(r.who, policy.Retract, c.Target, c.Patch.Fields()) != nil {
		return r.confirmFound(ctx, toConfirm{undo: pos})
	}
	return r.withdraw(ctx, pos, ans, change.Cancel)
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
	ans, err = r.voteOnUndo(ctx, found, change.Vote{Kind: change.UndoNow, Reason: r.cmd.Reason})
	return ans, true, err
}
