package executor

import (
	"context"
	"errors"
	"fmt"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// The rules that refuse votes.
const (
	RuleNoChange = "no-change"
	// RuleAmbiguousChange refuses the beginning of the ids of several changes.
	RuleAmbiguousChange = "ambiguous-change"
	RuleEnded           = "change-ended"
	RuleUnderWay        = "change-under-way"
	RuleNoApproval      = "needs-no-approval"
	RuleOwnChange       = "own-change"
	RuleNotYours        = "not-your-change"
	RuleCodeMismatch    = "approval-code"
	RuleNothingToShow   = "server-not-visible"
)

// voter decides on a vote on the queued change at pos. It stores the vote, or
// answers why not.
type voter func(r *request, ctx context.Context, pos *reconcile.Position, ans Answer) (Answer, error)

// voting runs a voter for the change that the command names, if it is queued and
// the sender may see it.
func voting(decide voter) func(*request, context.Context) (Answer, error) {
	return func(r *request, ctx context.Context) (Answer, error) {
		rec, pos, err := r.find(ctx)
		switch {
		case errors.Is(err, blob.ErrNotFound):
			return Answer{}, r.noChange()
		case err != nil:
			return Answer{}, err
		case rec != nil && r.voted(rec.Votes):
			return r.ended(rec), nil
		case rec != nil:
			t := change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID}
			if err := r.mayFind(t, rec.Origin); err != nil {
				return Answer{}, err
			}
			ans := Answer{Record: rec, Server: r.server(t, nil)}
			return ans.refuseBy(TooLate, RuleEnded, "the change has ended: it is "+string(rec.Status), "see its record"), nil
		case pos.Entry.Err != nil:
			return Answer{}, pos.Entry.Err
		case r.voted(pos.Entry.CastVotes()):
			return r.votedBefore(pos), nil
		}
		t := pos.Entry.Target
		if err := r.mayFind(t, pos.Entry.Origin); err != nil {
			return Answer{}, err
		}
		return decide(r, ctx, pos, Answer{Server: r.server(t, nil), Change: r.position(pos)})
	}
}

// noChange is the refusal of an id that no change has.
func (r *request) noChange() error {
	return refuse(NotFound, change.Problem{
		Rule: RuleNoChange, Message: "there is no change " + r.cmd.Change, Hint: "ids look like 20261122-7f3akqrcd2; status lists the queued changes",
	})
}

// mayFind fails with a refusal for a change of a server that the sender may not view.
// Unless the sender requested it, that is the refusal of an id that no change has.
func (r *request) mayFind(t change.Target, from change.Origin) error {
	err := r.may(policy.Read, t, nil)
	if err != nil && from.Actor != r.from.Origin.Actor {
		return r.noChange()
	}
	return err
}

// approve approves a change with the plan that the code stands for.
func (r *request) approve(ctx context.Context, pos *reconcile.Position, ans Answer) (Answer, error) {
	c := pos.Entry.Change
	if err := r.mayDecide(c); err != nil {
		return Answer{}, err
	}
	if c.Approvals == 0 {
		return ans.refuseBy(Invalid, RuleNoApproval, "the change needs no approval", "there is nothing to do; status shows where it stands"), nil
	}
	p, problems, err := r.planOfQueued(ctx, c)
	if err != nil {
		return Answer{}, err
	}
	ans.Plan = p
	switch {
	case p.Unseen != nil:
		return ans.refuseBy(Invalid, RuleNothingToShow, "the server cannot be read: "+p.Unseen.Message, "approve the change when its plan can be shown"), nil
	case len(problems) > 0:
		return ans.refuse(Invalid, problems...), nil
	}
	switch r.cmd.Code {
	case p.Code:
		return r.vote(ctx, pos, ans, change.Vote{Kind: change.Approval, Digest: digestOf(c, p)})
	case "":
		ans.Outcome = NotYet
		return ans, nil
	default:
		return ans.refuseBy(Invalid, RuleCodeMismatch, "the code belongs to another plan: the server has changed since that plan was shown",
			fmt.Sprintf("read the plan as it is now, and approve that: approve %s %s", c.ID, p.Code)), nil
	}
}

// reject rejects a change that waits for approval.
func (r *request) reject(ctx context.Context, pos *reconcile.Position, ans Answer) (Answer, error) {
	c := pos.Entry.Change
	if err := r.mayDecide(c); err != nil {
		return Answer{}, err
	}
	if c.Approvals == 0 {
		return ans.refuseBy(Invalid, RuleNoApproval, "the change needs no approval, so it cannot be rejected", "the requester or an admin can cancel it"), nil
	}
	return r.withdraw(ctx, pos, ans, change.Rejection)
}

// cancel cancels a queued change, for its requester or an admin.
func (r *request) cancel(ctx context.Context, pos *reconcile.Position, ans Answer) (Answer, error) {
	c := pos.Entry.Change
	if c.Undoes != nil {
		return r.cancelUndo(ctx, pos, ans)
	}
	if !r.policy.Requested(c, r.from.Account) && r.policy.May(r.who, policy.Retract, c.Target, c.Patch.Fields()) != nil {
		return ans.refuseBy(Forbidden, RuleNotYours, "the change was requested by "+c.Asker(), "the requester or an admin can cancel it; an approver can reject it"), nil
	}
	return r.withdraw(ctx, pos, ans, change.Cancel)
}

// cancelOwn cancels a change while the policy cannot be used, for the account that
// requested it: a queued change waits then, and is applied as soon as the policy is
// fixed. Anything else is the error of the policy.
func (r *request) cancelOwn(ctx context.Context) (Answer, error) {
	rec, pos, err := r.find(ctx)
	if err != nil || rec != nil || pos.Entry.Err != nil || !pos.Entry.Requester().Same(r.from.Account) || r.from.late(r.Now()) {
		return Answer{}, r.unusable
	}
	if pos.Entry.Undoes != nil {
		return r.confirmOwn(ctx)
	}
	r.who.Name = pos.Entry.Asker()
	return r.withdraw(ctx, pos, Answer{Server: r.server(pos.Entry.Target, nil), Change: r.position(pos)}, change.Cancel)
}

// withdraw votes against a change that is not being applied yet.
func (r *request) withdraw(ctx context.Context, pos *reconcile.Position, ans Answer, kind change.VoteKind) (Answer, error) {
	if pos.Status == change.Applying {
		return ans.refuseBy(TooLate, RuleUnderWay, "the change is being applied", "undo it with rollback when it has ended"), nil
	}
	return r.vote(ctx, pos, ans, change.Vote{Kind: kind, Reason: r.cmd.Reason})
}

// mayDecide fails with a refusal for somebody who may neither approve nor reject
// a change: the policy does not permit it, or the change is their own, whichever
// account they requested it with.
func (r *request) mayDecide(c change.Change) error {
	// Without a policy it is unknown which accounts belong to one person.
	if r.policy.Absent() {
		return refuse(Forbidden, change.Problem{
			Rule: policy.RuleNotPermitted, Message: "there is no policy, so nobody is an approver", Hint: "an admin restores " + objects.PolicyFile,
		})
	}
	if err := r.may(policy.Approve, c.Target, c.Patch.Fields()); err != nil {
		return err
	}
	if r.policy.Own(c, r.from.Account) {
		return refuse(Forbidden, change.Problem{
			Rule: RuleOwnChange, Message: "you requested this change yourself; somebody else has to approve or reject it",
			Hint: "ask an approver, or cancel the change",
		})
	}
	return nil
}

// mayWith is what the sender may do with a queued change.
func (r *request) mayWith(c change.Change) May {
	return May{
		Known: true, Approve: r.mayDecide(c) == nil,
		Cancel: r.policy.Requested(c, r.from.Account) || r.policy.May(r.who, policy.Retract, c.Target, c.Patch.Fields()) == nil,
	}
}

// vote stores a vote and describes the change with it.
func (r *request) vote(ctx context.Context, pos *reconcile.Position, ans Answer, v change.Vote) (Answer, error) {
	v.Person, v.Account, v.At = r.who.Name, r.from.Origin.Actor, r.claimed.At
	c := pos.Entry.Change
	if v.Kind == change.Approval {
		v.LapsesAt = r.policy.ApprovalCounts(c, v.At)
	}
	if err := r.Intake.Vote(ctx, c.Target, c.ID, queue.Vote{Vote: v, Reply: r.reply}); err != nil {
		return Answer{}, err
	}
	ans.Outcome, ans.Lanes = Accepted, []change.Target{c.Target}
	if v.Kind == change.Approval {
		s := plan.CountApprovals(c, append(pos.Entry.CastVotes(), v), r.Now())
		status := change.Waiting
		if s.Ready() {
			status = change.Queued
		}
		ans.Change = r.queued(c, status, s.Agreed)
	}
	return ans, nil
}
