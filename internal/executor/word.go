package executor

import (
	"context"
	"errors"
	"fmt"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/command"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/plan"
	"sslvpnchange/internal/policy"
	"sslvpnchange/internal/queue"
	"sslvpnchange/internal/reconcile"
)

// The rules that refuse words on changes.
const (
	RuleNoChange      = "no-change"
	RuleEnded         = "change-ended"
	RuleUnderWay      = "change-under-way"
	RuleNoApproval    = "needs-no-approval"
	RuleOwnChange     = "own-change"
	RuleNotYours      = "not-your-change"
	RuleCodeMismatch  = "approval-code"
	RuleNothingToShow = "server-not-visible"
)

// word takes what somebody says of a change in line.
func (r *request) word(ctx context.Context) (Answer, error) {
	rec, pos, err := r.find(ctx)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return r.noChange(), nil
	case err != nil:
		return Answer{}, err
	case rec != nil:
		if r.said(rec.Votes) {
			return r.ended(rec), nil
		}
		t := change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID}
		if no, ok := r.may(policy.Read, t, nil); !ok {
			return no, nil
		}
		return Answer{Outcome: Refused, Refusal: TooLate, Record: rec, Server: r.server(t, nil), Problems: []change.Problem{{
			Rule: RuleEnded, Message: "the change has ended: it is " + string(rec.Status), Hint: "see its record",
		}}}, nil
	case pos.Entry.Err != nil:
		return Answer{}, pos.Entry.Err
	case r.said(pos.Entry.Ballot()):
		return r.saidBefore(pos), nil
	}
	if no, ok := r.may(policy.Read, pos.Entry.Target, nil); !ok {
		return no, nil
	}
	if r.cmd.Verb == command.Approve {
		return r.approve(ctx, pos)
	}
	if r.cmd.Verb == command.Reject {
		return r.reject(ctx, pos)
	}
	return r.cancel(ctx, pos)
}

func (r *request) noChange() Answer {
	return refused(NotFound, change.Problem{
		Rule: RuleNoChange, Message: "there is no change " + r.cmd.Change, Hint: "ids look like 20261122-7f3akqrcd2; see what is in line with status",
	})
}

// approve agrees to a change, exactly as it was shown.
func (r *request) approve(ctx context.Context, pos *reconcile.Position) (Answer, error) {
	c := pos.Entry.Change
	ans := Answer{Server: r.server(c.Target, nil), Change: r.stands(pos)}
	if no, ok := r.mayJudge(c); !ok {
		return no, nil
	}
	if c.Approvals == 0 {
		return ans.refuse(Invalid, RuleNoApproval, "the change needs no approval", "there is nothing to do; see how it stands with status"), nil
	}
	view, err := r.look(ctx, change.Request{Target: c.Target, Patch: c.Patch, Expect: c.Expect})
	if err != nil {
		return Answer{}, err
	}
	p, problems := planOf(view)
	ans.Plan = p
	switch {
	case p.Unseen != nil:
		return ans.refuse(Invalid, RuleNothingToShow, "the server cannot be looked at: "+p.Unseen.Message, "approve the change when its effect can be shown"), nil
	case len(problems) > 0:
		ans.Outcome, ans.Refusal, ans.Problems = Refused, Invalid, problems
		return ans, nil
	}
	showing := change.PlanDigest(c.ID, p.Before, c.Patch)
	p.Code = change.Code(showing)
	switch r.cmd.Code {
	case p.Code:
	case "":
		ans.Outcome = NotYet
		return ans, nil
	default:
		return ans.refuse(Invalid, RuleCodeMismatch, "the code is of another plan: the server is not as it was when that was shown",
			fmt.Sprintf("look at what the change does now, and approve that: approve %s %s", c.ID, p.Code)), nil
	}
	return r.vote(ctx, pos, ans, change.Vote{Kind: change.Approval, Digest: showing})
}

// reject refuses a change that waits for approval.
func (r *request) reject(ctx context.Context, pos *reconcile.Position) (Answer, error) {
	c := pos.Entry.Change
	ans := Answer{Server: r.server(c.Target, nil), Change: r.stands(pos)}
	if no, ok := r.mayJudge(c); !ok {
		return no, nil
	}
	if c.Approvals == 0 {
		return ans.refuse(Invalid, RuleNoApproval, "the change needs no approval, so there is nothing to refuse", "whoever asked, or an admin, can cancel it"), nil
	}
	if pos.Status == change.Applying {
		return ans.refuse(TooLate, RuleUnderWay, "the change is being applied", "undo it with rollback when it has ended"), nil
	}
	return r.vote(ctx, pos, ans, change.Vote{Kind: change.Rejection, Reason: r.cmd.Reason})
}

// cancel takes a change out of line, for who asked for it or for an admin.
func (r *request) cancel(ctx context.Context, pos *reconcile.Position) (Answer, error) {
	c := pos.Entry.Change
	ans := Answer{Server: r.server(c.Target, nil), Change: r.stands(pos)}
	if c.Asker() != r.who.Name && r.policy.May(r.who, policy.Retract, c.Target, c.Patch.Fields()) != nil {
		return ans.refuse(Forbidden, RuleNotYours, "the change was asked for by "+c.Asker(), "they can cancel it, and so can an admin; an approver can reject it"), nil
	}
	if pos.Status == change.Applying {
		return ans.refuse(TooLate, RuleUnderWay, "the change is being applied", "undo it with rollback when it has ended"), nil
	}
	return r.vote(ctx, pos, ans, change.Vote{Kind: change.Cancel, Reason: r.cmd.Reason})
}

// mayJudge tells whether somebody may agree to a change or refuse it: by the
// policy, and not their own, whichever account they asked with.
func (r *request) mayJudge(c change.Change) (Answer, bool) {
	// Without a policy nobody knows which accounts are one person's.
	if r.policy.Absent() {
		return refused(Forbidden, change.Problem{
			Rule: policy.RuleNotPermitted, Message: "there is no policy, so nobody can say who may approve", Hint: "an admin puts it back into " + objects.PolicyFile,
		}), false
	}
	if no, ok := r.may(policy.Approve, c.Target, c.Patch.Fields()); !ok {
		return no, false
	}
	if c.Asker() == r.who.Name {
		return refused(Forbidden, change.Problem{
			Rule: RuleOwnChange, Message: "you asked for this change yourself, and nobody agrees to their own",
			Hint: "have it approved by somebody else, or cancel it",
		}), false
	}
	return Answer{}, true
}

// vote stores a word and says how the change stands with it.
func (r *request) vote(ctx context.Context, pos *reconcile.Position, ans Answer, v change.Vote) (Answer, error) {
	v.Person, v.Account, v.At = r.who.Name, r.asker.Origin.Actor, r.claimed.At
	c := pos.Entry.Change
	if err := r.Intake.Vote(ctx, c.Target, c.ID, queue.Vote{Vote: v, Reply: r.reply}); err != nil {
		return Answer{}, err
	}
	ans.Outcome, ans.Lanes = Taken, []change.Target{c.Target}
	if v.Kind == change.Approval {
		s := plan.CountApprovals(c, append(pos.Entry.Ballot(), v), r.Now())
		status := change.Waiting
		if s.Ready() {
			status = change.Queued
		}
		ans.Change = r.inLine(c, status, s.Agreed)
	}
	return ans, nil
}

// stands shows how a change stands.
func (r *request) stands(pos *reconcile.Position) *Change {
	var agreed []change.Vote
	if pos.Approval != nil {
		agreed = pos.Approval.Agreed
	}
	c := r.inLine(pos.Entry.Change, pos.Status, agreed)
	c.Cause, c.Why, c.Next = pos.Cause, pos.Why, pos.Next
	return c
}

func (a Answer) refuse(kind Refusal, rule, message, hint string) Answer {
	a.Outcome, a.Refusal = Refused, kind
	a.Problems = []change.Problem{{Rule: rule, Message: message, Hint: hint}}
	return a
}
