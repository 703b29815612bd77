package executor

import (
	"context"
	"errors"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/fanout"
	"sslvpnchange/internal/policy"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/record"
)

// MaxListed bounds the changes that an answer lists.
const MaxListed = 10

// status shows a change, a server with what is in line for it, or everything
// that is in line.
func (r *request) status(ctx context.Context) (Answer, error) {
	switch {
	case r.cmd.Change != "":
		return r.changeStatus(ctx)
	case r.cmd.Server != "":
		return r.serverStatus(ctx)
	default:
		return r.lineStatus(ctx)
	}
}

func (r *request) changeStatus(ctx context.Context) (Answer, error) {
	rec, pos, err := r.find(ctx)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return r.noChange(), nil
	case err != nil:
		return Answer{}, err
	case rec != nil:
		t := change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID}
		if no, ok := r.may(policy.Read, t, nil); !ok {
			return no, nil
		}
		return Answer{Outcome: Shown, Server: r.server(t, nil), Record: rec}, nil
	}
	c := pos.Entry.Change
	if no, ok := r.may(policy.Read, c.Target, nil); !ok {
		return no, nil
	}
	ans := Answer{Outcome: Shown, Server: r.server(c.Target, nil), Change: r.stands(pos)}
	if pos.Approval == nil || pos.Status != change.Waiting {
		return ans, nil
	}
	// Whoever is to agree sees here what to, and the code that agrees to it.
	view, err := r.look(ctx, change.Request{Target: c.Target, Patch: c.Patch, Expect: c.Expect})
	if err != nil {
		return Answer{}, err
	}
	ans.Plan, ans.Problems = planOf(view)
	if ans.Plan.Unseen == nil && len(ans.Problems) == 0 {
		ans.Plan.Code = change.Code(change.PlanDigest(c.ID, ans.Plan.Before, c.Patch))
	}
	return ans, nil
}

func (r *request) serverStatus(ctx context.Context) (Answer, error) {
	t, no := r.target()
	if no != nil {
		return refused(NotFound, *no), nil
	}
	if no, ok := r.may(policy.Read, t, nil); !ok {
		return no, nil
	}
	view, err := r.look(ctx, change.Request{Target: t})
	if err != nil {
		return Answer{}, err
	}
	ans := Answer{Outcome: Shown, Server: r.server(t, view.Before)}
	if view.Unseen {
		ans.Plan, _ = planOf(view)
	} else if len(view.Problems) > 0 {
		ans.Outcome, ans.Refusal, ans.Problems = Refused, NotFound, view.Problems
		return ans, nil
	}
	waiting, err := r.Reconciler.Waiting(ctx, t, MaxListed)
	if err != nil {
		return Answer{}, err
	}
	ans.Line = r.lines(waiting)
	return ans, nil
}

func (r *request) lineStatus(ctx context.Context) (Answer, error) {
	waiting, err := r.Reconciler.Waiting(ctx, change.Target{}, MaxListed)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Outcome: Shown, Line: r.lines(waiting)}, nil
}

// lines shows those changes that the asker may see.
func (r *request) lines(waiting []*reconcile.Position) []Change {
	out := make([]Change, 0, len(waiting))
	for _, pos := range waiting {
		if r.policy.May(r.who, policy.Read, pos.Entry.Target, nil) == nil {
			out = append(out, *r.stands(pos))
		}
	}
	return out
}

// history lists the last changes of a server that ended.
func (r *request) history(ctx context.Context) (Answer, error) {
	t, no := r.target()
	if no != nil {
		return refused(NotFound, *no), nil
	}
	if no, ok := r.may(policy.Read, t, nil); !ok {
		return no, nil
	}
	past, err := r.Reconciler.Past(ctx, t)
	if err != nil {
		return Answer{}, err
	}
	limit := MaxListed
	if r.cmd.Limit > 0 {
		limit = r.cmd.Limit
	}
	past = past[:min(len(past), limit)]
	records := make([]*record.Record, len(past))
	err = fanout.Each(ctx, len(past), len(past)+1, func(ctx context.Context, i int) error {
		rec, err := r.Records.Read(ctx, past[i].ID)
		if errors.Is(err, blob.ErrNotFound) {
			return nil // being written
		}
		records[i] = &rec
		return err
	})
	if err != nil {
		return Answer{}, err
	}
	ans := Answer{Outcome: Shown, Server: r.server(t, nil), History: []record.Record{}}
	for _, rec := range records {
		if rec != nil {
			ans.History = append(ans.History, *rec)
		}
	}
	return ans, nil
}

// notEnded answers a rollback of a change that has no record.
func (r *request) notEnded(ctx context.Context) (Answer, error) {
	_, pos, err := r.Reconciler.Find(ctx, r.cmd.Change)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return r.noChange(), nil
	case err != nil:
		return Answer{}, err
	case pos == nil: // it ended just now
		return refused(TooLate, change.Problem{Rule: RuleUnderWay, Message: "the change has just ended", Hint: "ask for the rollback again"}), nil
	}
	if no, ok := r.may(policy.Read, pos.Entry.Target, nil); !ok {
		return no, nil
	}
	ans := Answer{Server: r.server(pos.Entry.Target, nil), Change: r.stands(pos)}
	return ans.refuse(TooLate, RuleUnderWay, "the change has not ended yet", "cancel it, or undo it when it has ended"), nil
}
