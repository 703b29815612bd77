package reconcile

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// draft is a batch with its plan, made from a fresh look at the server.
type draft struct {
	entries []queue.Entry // nil: not read
	intent  *intent
	result  *result // nil: the intent's patch must be sent
}

// result is how the modification of an intent ended.
type result struct {
	failure  *record.Failure // nil: applied
	verified bool
	after    change.Settings // as seen afterwards; nil when not known
}

// draft reads the server, then the policy, and plans the batch. It returns a wait if
// one of them cannot be read now. The policy is read last, right before the intent is
// written.
func (d *drain) draft(ctx context.Context, batch []queue.Entry) (draft, *wait) {
	if w := d.journal.Waits.Wait; w != nil && w.Cause == causePolicy {
		// The server need not be read for as long as the policy cannot be used.
		if _, w := d.refused(ctx, batch, nil); w != nil && !slices.ContainsFunc(batch, d.endsUnsent) {
			return draft{}, w
		}
	}
	server, o := d.remote.server(ctx)
	if o.wait != nil {
		return draft{}, o.wait
	}
	var refused map[string]change.Problem
	if o.failure == nil {
		var w *wait
		if refused, w = d.refused(ctx, batch, &server); w != nil {
			if batch = slices.DeleteFunc(slices.Clone(batch), d.needsPermission); len(batch) == 0 {
				return draft{}, w
			}
		}
	}
	d.journal.endWait()
	dr := draft{entries: batch}
	at := d.limits.now()
	changes, damaged := readable(batch)
	if o.failure != nil {
		p := plan.Plan{Outcomes: unseen(changes, votesOn(batch))}
		dr.intent, dr.result = d.intend(batch, p, damaged, at), &result{failure: o.failure}
		return dr, nil
	}
	if len(d.known.unmet) > 0 {
		all := maps.Clone(d.known.unmet)
		maps.Copy(all, refused)
		refused = all
	}
	p := plan.Make(plan.Input{
		Before: server.Settings, MaxConnections: server.MaxConnections, Readable: !o.denied,
		Now: at, Changes: changes, Votes: votesOn(batch), Refused: refused,
	})
	in := d.intend(batch, p, damaged, at)
	in.Before, in.GatewayID, in.Readable = server.Settings, server.GatewayID, !o.denied
	in.Connected, in.MaxConnections = server.Connections, server.MaxConnections
	dr.intent = in
	if len(p.Patch) == 0 {
		dr.result = &result{verified: in.Readable, after: server.Settings}
	}
	return dr, nil
}

// intend makes the intent of a plan. Decisions are made from an intent too, so
// that all changes end by the same code.
func (d *drain) intend(batch []queue.Entry, p plan.Plan, damaged map[string]plan.Outcome, at time.Time) *intent {
	in := &intent{
		Patch: p.Patch, Asked: p.Asked, After: p.After, StartedAt: at.UTC(),
		Token: token(d.target, d.journal.head.Gen+1, d.deps.Nonce()),
	}
	outcomes := map[string]plan.Outcome{}
	for _, o := range p.Outcomes {
		outcomes[o.ID] = o
	}
	maps.Copy(outcomes, damaged)
	for _, e := range batch {
		o := outcomes[e.ID]
		in.Keys = append(in.Keys, e.Key)
		in.Outcomes = append(in.Outcomes, o)
		if !contributes(o) {
			continue
		}
		// A change with one of these is sent separately.
		if e.Idle > 0 {
			in.Idle = e.Idle
		}
		if e.Override != "" {
			in.Override = e.Override
		}
		if !e.Confirm.IsZero() {
			in.Confirm = e.Confirm
		}
		if e.ExpiresAt.After(in.LastEnd) {
			in.LastEnd = e.ExpiresAt
		}
		if in.FirstEnd.IsZero() || e.ExpiresAt.Before(in.FirstEnd) {
			in.FirstEnd = e.ExpiresAt
		}
	}
	return in
}

// unseen are the outcomes of changes whose server cannot be read for good: all
// that were not withdrawn depend on it.
func unseen(changes []change.Change, votes map[string][]change.Vote) []plan.Outcome {
	out := make([]plan.Outcome, len(changes))
	for i, c := range changes {
		o, gone := plan.Withdrawn(c, votes[c.ID])
		if !gone {
			o = plan.Outcome{ID: c.ID, Status: change.Applied}
		}
		out[i] = o
	}
	return out
}

// token makes the ClientToken of one intent: at most 64 ASCII characters. The
// generation distinguishes the intents of one lane, the nonce those of lanes in
// other buckets.
func token(t change.Target, gen int64, nonce string) string {
	return "svc-" + change.DocumentID(t.String()+" "+nonce) + "-" + strconv.FormatInt(gen, 10)
}

// ruleUnreadable is the rule for an entry whose stored form is damaged.
const ruleUnreadable = "entry-unreadable"

// readable is the part of a batch that can be read, and the outcomes of the
// damaged entries by change: a record says so.
func readable(batch []queue.Entry) ([]change.Change, map[string]plan.Outcome) {
	var changes []change.Change
	damaged := map[string]plan.Outcome{}
	for _, e := range batch {
		if e.Err == nil {
			changes = append(changes, e.Change)
			continue
		}
		damaged[e.ID] = plan.Outcome{ID: e.ID, Status: change.Failed, Problems: []change.Problem{{
			Rule: ruleUnreadable, Message: e.Err.Error(),
			Hint: "submit the change again, and find out who writes below queue/ beside the function",
		}}}
	}
	return changes, damaged
}

// same reports whether another intent asks for the same, of the same batch.
func (in *intent) same(other *intent) bool {
	return slices.Equal(in.Keys, other.Keys) && maps.Equal(in.Patch, other.Patch) && maps.Equal(in.Before, other.Before)
}
