package executor

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/logline"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
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
	// RuleUnguardedUndo refuses an undo at once that asks for what undos do not have.
	RuleUnguardedUndo = "unguarded-undo"
	// RuleNotLonger refuses an extension that would not give more time.
	RuleNotLonger = "not-longer"
)

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

// confirmOwn confirms a change while the policy cannot be used, for the account that
// requested it: its undo needs no policy either. Anything else is the error of the policy.
func (r *request) confirmOwn(ctx context.Context) (Answer, error) {
	r.who.Name = r.from.Account.String()
	found, err := r.findUndo(ctx)
	if err != nil || found.undo == nil || !found.undo.Entry.Requester().Same(r.from.Account) || found.undo.Entry.Origin.Assistant || r.from.late(r.Now()) {
		return Answer{}, r.unusable
	}
	r.who.Name = found.undo.Entry.Asker()
	if ans, voted := r.votedOnUndo(found); voted {
		return ans, nil
	}
	return r.confirmFound(ctx, found)
}

// voteOnUndo stores a vote on an undo, if the sender may and there is still time.
func (r *request) voteOnUndo(ctx context.Context, found toConfirm, v change.Vote) (Answer, error) {
	t := found.target()
	ans := Answer{Server: r.server(t, nil)}
	if found.undo == nil {
		return confirmEnded(ans, found.ended), nil
	}
	c := found.undo.Entry.Change
	ans.Change = r.position(found.undo)
	// By the policy as it is now, also whoever requested the change. While the policy
	// cannot be used, the requester may.
	switch no := r.policy.MayConfirm(r.who, c.Target, c.Patch.Fields()); {
	case no == nil, r.unusable != nil && r.policy.Requested(c, r.from.Account):
	case r.who.Assistant:
		return ans.refuse(Forbidden, *no), nil
	default:
		return ans.refuseBy(Forbidden, RuleMayNotConfirm, "the change was requested by "+c.Asker(),
			"people who may request or approve changes of these settings can decide about it"), nil
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
	r.logVote(ctx, c, v.Kind)
	if !r.Now().Before(due.Add(change.UndoGrace)) {
		return r.confirmLate(ans, due), nil // it took too long to store the vote
	}
	ans.Change.Next = c.UndoAt(append(found.votes(), v))
	return ans, nil
}

// confirmEnded refuses a vote on an undo that has ended.
func confirmEnded(ans Answer, undo *record.Record) Answer {
	ans.Record = undo
	switch undo.Status {
	case change.Cancelled:
		return ans.refuseBy(TooLate, RuleEnded, "the change is confirmed already", "there is nothing to do")
	case change.Applied, change.Unchanged:
		return ans.refuseBy(TooLate, RuleConfirmLate, "the change was undone, because nobody confirmed it in time", "if it is still wanted, request it again")
	case change.Queued, change.Waiting, change.Applying, change.Planned, change.Rejected, change.Superseded, change.Failed, change.Expired:
	}
	return ans.refuseBy(TooLate, RuleConfirmLate, "the change stays: nobody confirmed it in time, and it could not be undone", "if it is not wanted, undo it with rollback")
}

// logVote writes the log line of a vote on an undo.
func (r *request) logVote(ctx context.Context, undo change.Change, kind change.VoteKind) {
	attrs := []slog.Attr{slog.String("change", undo.Undoes.Of), slog.String("undo", undo.ID), slog.String("person", r.who.Name), slog.String("channel", r.from.Account.Channel)}
	log := r.Log.With(logline.Any(append(attrs, logline.Server(undo.Target, r.policy.NameOf(undo.Target))...))...)
	switch kind {
	case change.Extend:
		log.InfoContext(ctx, "more time to confirm")
	case change.UndoNow:
		log.InfoContext(ctx, "undo at once")
	case change.Cancel, change.Approval, change.Rejection:
		log.InfoContext(ctx, "change confirmed")
	}
}

// confirmLate refuses what comes when the undo was due.
func (r *request) confirmLate(ans Answer, due time.Time) Answer {
	ans.Lanes = nil
	return ans.refuseBy(TooLate, RuleConfirmLate, "the time to confirm the change was over at "+due.UTC().Format(time.RFC3339)+"; it is being undone",
		"if the change is still wanted, request it again when it was undone")
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
