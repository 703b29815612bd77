package executor

import (
	"context"
	"errors"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// requested is the change that the command asks for.
func (r *request) requested(t change.Target) change.Request {
	c := r.cmd
	return change.Request{
		Target: t, Patch: c.Patch, Expect: c.Expect, Ref: c.Ref, Reason: c.Reason,
		NotBefore: c.NotBefore, ExpiresAt: c.ExpiresAt, DryRun: c.DryRun,
		Confirm: c.Confirm, Idle: c.Idle, Proof: c.Proof, Override: c.Override,
	}
}

// validate fails with a refusal for a request that breaks a rule.
func (r *request) validate(req change.Request) error {
	if problems := change.Validate([]change.Request{req}, r.claimed.At); len(problems) > 0 {
		return refuse(Invalid, problems...)
	}
	return nil
}

// plan shows what settings would do.
func (r *request) plan(ctx context.Context) (Answer, error) {
	t, err := r.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	req := r.requested(t)
	if err := r.may(policy.Read, t, req.Patch.Fields()); err != nil {
		return Answer{}, err
	}
	if err := r.validate(req); err != nil {
		return Answer{}, err
	}
	req.Confirm = r.policy.Confirmation(req)
	p, problems, err := r.planFor(ctx, req)
	if err != nil {
		return Answer{}, err
	}
	p.Confirm = req.Confirm
	p.Window = r.gate(req, false, req.NotBefore)
	_, closed := r.policy.Opening(req, r.Now())
	problems = append(problems, closed...)
	if no := r.policy.MayOverride(r.who, req); no != nil {
		problems = append(problems, *no)
	}
	if no := r.tooManyConnected(req, p); no != nil {
		problems = append(problems, *no)
	}
	return Answer{Outcome: Shown, Server: r.server(t, nil), Plan: p, Problems: problems}, nil
}

// apply queues a change.
func (r *request) apply(ctx context.Context) (Answer, error) {
	if ans, found, err := r.queuedBefore(ctx); found || err != nil {
		return ans, err
	}
	t, err := r.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	return r.enqueue(ctx, r.requested(t), plan.Undoing{})
}

// enqueue queues a change if the policy permits it, no rule refuses it, and
// nothing prevents it now. Of a rollback, undo says what it leaves as it is.
func (r *request) enqueue(ctx context.Context, req change.Request, undo plan.Undoing) (Answer, error) {
	fields := req.Patch.Fields()
	permission, approvals := policy.Ask, r.policy.ApprovalsFor(r.who, req)
	if req.DryRun {
		permission, approvals = policy.Read, 0
	}
	if err := r.may(permission, req.Target, fields); err != nil {
		return Answer{}, err
	}
	if no := r.policy.MayOverride(r.who, req); no != nil {
		return Answer{}, refuse(Forbidden, *no)
	}
	if err := r.validate(req); err != nil {
		return Answer{}, err
	}
	req.Confirm = r.policy.Confirmation(req)
	p, problems, err := r.planFor(ctx, req)
	if err != nil {
		return Answer{}, err
	}
	if no := r.tooManyConnected(req, p); no != nil {
		problems = append(problems, *no)
	}
	opening, no := r.policy.Opening(req, r.claimed.At)
	problems = append(problems, no...)
	if !req.DryRun && r.policy.NeedsAnotherApproval(req, p.connected, p.counted && !r.later(req)) {
		approvals++
	}
	p.Left, p.Unaccepted = undo.Left, undo.Unaccepted
	ans := Answer{Outcome: Accepted, Server: r.server(req.Target, nil), Plan: p}
	// A change that could not be applied now is refused now, while the person still
	// reads the answer. An earlier delivery of the message that is still at work may have
	// queued it meanwhile.
	if len(problems) > 0 {
		if before, found, err := r.queuedBefore(ctx); found || err != nil {
			return before, err
		}
		return ans.refuse(Invalid, problems...), nil
	}
	queued, err := r.Intake.Command(ctx, intake.Command{
		Claimed: r.claimed, Request: req, Origin: r.origin(), Account: r.from.Account, Approvals: approvals, Window: opening.Shown(), Reply: r.reply,
		Certificates: p.Impact.IDs(),
	})
	if err != nil {
		return Answer{}, err
	}
	c := queued.Changes[0]
	ans.Change = r.queued(c, change.Queued, nil)
	if approvals == 0 {
		ans.Lanes = queued.Lanes
		return ans, nil
	}
	ans.Change.Status = change.Waiting // the lane has nothing to do yet
	if queued.Asked {
		ans.Lanes = queued.Lanes // and its drain asks people
	}
	if p.Unseen == nil {
		p.Code = change.Code(digestOf(c, p))
	}
	return ans, nil
}

// tooManyConnected returns why the policy does not permit a change while so many clients are
// connected. One for later is judged when it is due.
func (r *request) tooManyConnected(req change.Request, p *Plan) *change.Problem {
	if r.later(req) {
		return nil
	}
	return r.policy.TooManyConnected(req, p.connected, p.counted)
}

// later reports whether a change is not due yet.
func (r *request) later(req change.Request) bool { return req.NotBefore.After(r.claimed.At) }

func (r *request) origin() change.Origin {
	o := r.from.Origin
	if !r.policy.Absent() {
		o.Person, o.Assistant = r.who.Name, r.who.Assistant
	}
	return o
}

// queued describes a queued change.
func (r *request) queued(c change.Change, s change.Status, approvals []change.Vote) *Change {
	key, _ := objects.RecordKey(c.ID)
	out := &Change{
		Target: c.Target, ID: c.ID, Status: s, Name: r.policy.NameOf(c.Target), Patch: c.Patch, Requester: c.Asker(), Assistant: r.policy.Assisted(c),
		Reason: c.Reason, Ref: c.Ref, Accepted: c.AcceptedAt, Due: c.DueAt, Expires: c.ExpiresAt, Record: key, Need: c.Approvals,
		Confirm: c.Confirm, When: change.Idle(c.Idle), Idle: c.Idle, Proof: c.Proof, Override: c.Override,
	}
	if c.Undoes != nil {
		out.Undoes = c.Undoes.Of
	}
	out.Window = r.gate(c.Request, c.Undoes != nil, c.DueAt)
	for _, v := range approvals {
		out.ApprovedBy = append(out.ApprovedBy, v.Person)
	}
	if c.Approvals > 0 {
		out.Counts = r.policy.ApprovalCounts(c, r.Now())
		out.Approvers = r.policy.Approvers(c)
	}
	return out
}

// RuleNothingToUndo refuses a rollback that would change nothing.
const RuleNothingToUndo = "nothing-to-undo"

// rollback queues a change that restores what another change has changed, except
// for settings that were changed again since, and those that the API does not
// accept as they were.
func (r *request) rollback(ctx context.Context) (Answer, error) {
	if ans, found, err := r.queuedBefore(ctx); found || err != nil {
		return ans, err
	}
	id, err := r.Reconciler.Resolve(ctx, r.cmd.Change)
	if errors.Is(err, blob.ErrNotFound) {
		return Answer{}, r.noChange()
	}
	if err != nil {
		return Answer{}, err
	}
	rec, err := r.Records.Read(ctx, id)
	if errors.Is(err, blob.ErrNotFound) {
		return r.notEnded(ctx, id)
	}
	if err != nil {
		return Answer{}, err
	}
	t := change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID}
	if err := r.mayFind(t, rec.Origin); err != nil {
		return Answer{}, err
	}
	if ans, is, err := r.undoNow(ctx, &rec); is || err != nil {
		return ans, err
	}
	ans := Answer{Record: &rec}
	if len(rec.Changed) == 0 || rec.Status == change.Planned {
		return ans.refuseBy(Invalid, RuleNothingToUndo, "the change altered nothing: it ended as "+string(rec.Status), "there is nothing to undo"), nil
	}
	view, err := r.preview(ctx, change.Request{Target: t})
	if err != nil {
		return Answer{}, err
	}
	if len(view.Problems) > 0 {
		return ans.refuse(Invalid, view.Problems...), nil
	}
	undo := plan.Undo(rec.Changed, view.Before, view.MaxConnections)
	if len(undo.Patch) == 0 {
		ans.Plan = &Plan{Before: view.Before, After: view.Before, Left: undo.Left, Unaccepted: undo.Unaccepted}
		why := "no setting of the server still has the value that the change set"
		if len(undo.Unaccepted) > 0 {
			why = "no setting can go back to the value that it had before the change"
		}
		return ans.refuseBy(Invalid, RuleNothingToUndo, why, "set the values that you want with apply"), nil
	}
	req := r.requested(t)
	req.Patch, req.Expect, req.Restores = undo.Patch, expectOf(rec.Changed, undo.Patch), true
	if req.Reason == "" {
		req.Reason = "rollback of " + rec.ID
	}
	return r.enqueue(ctx, req, undo)
}

// notEnded answers a rollback of a change that has no record.
func (r *request) notEnded(ctx context.Context, id string) (Answer, error) {
	_, pos, err := r.Reconciler.Find(ctx, id)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return Answer{}, r.noChange()
	case err != nil:
		return Answer{}, err
	case pos == nil: // it ended since
		return Answer{}.refuseBy(TooLate, RuleUnderWay, "the change has just ended", "ask for the rollback again"), nil
	}
	if err := r.mayFind(pos.Entry.Target, pos.Entry.Origin); err != nil {
		return Answer{}, err
	}
	ans := Answer{Server: r.server(pos.Entry.Target, nil), Change: r.position(pos)}
	return ans.refuseBy(TooLate, RuleUnderWay, "the change has not ended yet", "cancel it, or roll it back when it has ended"), nil
}

// expectOf makes a rollback expect the values that the undone change had set.
func expectOf(done []change.Difference, back change.Patch) change.Patch {
	out := change.Patch{}
	for _, d := range done {
		if _, ok := back[d.Field]; ok {
			out[d.Field] = d.To
		}
	}
	return out
}
