package executor

import (
	"context"
	"errors"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/intake"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/plan"
	"sslvpnchange/internal/policy"
)

// wish is the command's change, for a server that is found.
func (r *request) wish(t change.Target) change.Request {
	c := r.cmd
	return change.Request{
		Target: t, Patch: c.Patch, Expect: c.Expect, Ref: c.Ref, Reason: c.Reason,
		NotBefore: c.NotBefore, ExpiresAt: c.ExpiresAt, DryRun: c.DryRun,
	}
}

// plan shows what settings would do.
func (r *request) plan(ctx context.Context) (Answer, error) {
	t, no := r.target()
	if no != nil {
		return refused(NotFound, *no), nil
	}
	if no, ok := r.may(policy.Read, t, r.cmd.Patch.Fields()); !ok {
		return no, nil
	}
	if problems := change.Validate([]change.Request{r.wish(t)}, r.claimed.At); len(problems) > 0 {
		return refused(Invalid, problems...), nil
	}
	view, err := r.look(ctx, r.wish(t))
	if err != nil {
		return Answer{}, err
	}
	p, problems := planOf(view)
	return Answer{Outcome: Shown, Server: r.server(t, nil), Plan: p, Problems: problems}, nil
}

// apply asks for a change.
func (r *request) apply(ctx context.Context) (Answer, error) {
	if ans, found, err := r.asked(ctx); found || err != nil {
		return ans, err
	}
	t, no := r.target()
	if no != nil {
		return refused(NotFound, *no), nil
	}
	return r.ask(ctx, r.wish(t), nil)
}

// ask puts a change in line, if it may be and could go ahead now.
func (r *request) ask(ctx context.Context, req change.Request, left []change.Difference) (Answer, error) {
	fields := req.Patch.Fields()
	do := policy.Ask
	if req.DryRun {
		do = policy.Read
	}
	if no, ok := r.may(do, req.Target, fields); !ok {
		return no, nil
	}
	if problems := change.Validate([]change.Request{req}, r.claimed.At); len(problems) > 0 {
		return refused(Invalid, problems...), nil
	}
	view, err := r.look(ctx, req)
	if err != nil {
		return Answer{}, err
	}
	p, problems := planOf(view)
	p.Left = left
	ans := Answer{Server: r.server(req.Target, nil), Plan: p}
	// What cannot go ahead now is refused now, while somebody is there to be told;
	// unless the message was taken before, when it may be in line already.
	if len(problems) > 0 && !r.claimed.Again {
		ans.Outcome, ans.Refusal, ans.Problems = Refused, Invalid, problems
		return ans, nil
	}
	cmd := intake.Command{Claimed: r.claimed, Request: req, Origin: r.origin(), Reply: r.reply}
	if !req.DryRun {
		cmd.Approvals = r.policy.Approvals(req.Target, fields)
	}
	taken, err := r.Intake.Command(ctx, cmd)
	if err != nil {
		return Answer{}, err
	}
	// Nobody need look at a lane whose change waits for people.
	if cmd.Approvals == 0 {
		ans.Lanes = taken.Lanes
	}
	c := taken.Changes[0]
	ans.Outcome, ans.Change = Taken, r.inLine(c, change.Queued, nil)
	if c.Approvals > 0 {
		ans.Change.Status = change.Waiting
		if p.Unseen == nil {
			p.Code = change.Code(change.PlanDigest(c.ID, p.Before, c.Patch))
		}
	}
	return ans, nil
}

func (r *request) origin() change.Origin {
	o := r.asker.Origin
	if !r.policy.Absent() {
		o.Person = r.who.Name
	}
	return o
}

// inLine shows a change in line.
func (r *request) inLine(c change.Change, s change.Status, agreed []change.Vote) *Change {
	key, _ := objects.RecordKey(c.ID)
	out := &Change{
		Target: c.Target, ID: c.ID, Status: s, Name: r.policy.NameOf(c.Target), Patch: c.Patch, Asker: c.Asker(),
		Reason: c.Reason, Ref: c.Ref, Accepted: c.AcceptedAt, Due: c.DueAt, Expires: c.ExpiresAt, Record: key, Need: c.Approvals,
	}
	for _, v := range agreed {
		out.Agreed = append(out.Agreed, v.Person)
	}
	if c.Approvals > 0 {
		out.Approvers = r.policy.Approvers(policy.Person{Name: c.Asker()}, c.Target, c.Patch.Fields())
	}
	return out
}

// rollback asks for a change that undoes another one, as far as nobody has set
// the same since.
func (r *request) rollback(ctx context.Context) (Answer, error) {
	if ans, found, err := r.asked(ctx); found || err != nil {
		return ans, err
	}
	rec, err := r.Records.Read(ctx, r.cmd.Change)
	if errors.Is(err, blob.ErrNotFound) {
		return r.notEnded(ctx)
	}
	if err != nil {
		return Answer{}, err
	}
	t := change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID}
	if no, ok := r.may(policy.Read, t, nil); !ok {
		return no, nil
	}
	if len(rec.Changed) == 0 || rec.Status == change.Planned {
		return Answer{Outcome: Refused, Refusal: Invalid, Record: &rec, Problems: []change.Problem{{
			Rule: RuleNothingToUndo, Message: "the change altered nothing: it ended as " + string(rec.Status), Hint: "there is nothing to undo",
		}}}, nil
	}
	view, err := r.look(ctx, change.Request{Target: t})
	if err != nil {
		return Answer{}, err
	}
	if len(view.Problems) > 0 {
		return Answer{Outcome: Refused, Refusal: Invalid, Record: &rec, Problems: view.Problems}, nil
	}
	back, left := plan.Undo(rec.Changed, view.Before)
	if len(back) == 0 {
		return Answer{Outcome: Refused, Refusal: Invalid, Record: &rec, Plan: &Plan{Before: view.Before, After: view.Before, Left: left}, Problems: []change.Problem{{
			Rule: RuleNothingToUndo, Message: "nothing on the server still has the value that the change set",
			Hint: "set the values that you want with apply",
		}}}, nil
	}
	req := change.Request{
		Target: t, Patch: back, Expect: expectOf(rec.Changed, back), Ref: r.cmd.Ref, Reason: r.cmd.Reason,
		NotBefore: r.cmd.NotBefore, ExpiresAt: r.cmd.ExpiresAt, DryRun: r.cmd.DryRun,
	}
	if req.Reason == "" {
		req.Reason = "rollback of " + rec.ID
	}
	return r.ask(ctx, req, left)
}

// RuleNothingToUndo is the rule that refuses a rollback which would change
// nothing.
const RuleNothingToUndo = "nothing-to-undo"

// expectOf holds a rollback to the values that the undone change had set.
func expectOf(done []change.Difference, back change.Patch) change.Patch {
	out := change.Patch{}
	for _, d := range done {
		if _, ok := back[d.Field]; ok {
			out[d.Field] = d.To
		}
	}
	return out
}
