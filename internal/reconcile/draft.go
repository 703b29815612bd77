package reconcile

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/fanout"
	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/plan"
	"sslvpnchange/internal/queue"
	"sslvpnchange/internal/record"
	"sslvpnchange/internal/sslvpn"
)

// draft is what a batch comes to, judged on a fresh look at the server: an
// intent where there is something to send, else a decision.
type draft struct {
	entries []queue.Entry
	intent  *intent
	decided *decision
}

// start takes up a batch, in a lane that this worker holds or nobody.
func (d *drain) start(ctx context.Context, batch []queue.Entry, hold *lane.Hold) (Report, bool, error) {
	dr, w := d.draft(ctx, batch)
	for w != nil {
		if !d.rest(ctx, w) {
			return d.leave(ctx, w, hold)
		}
		dr, w = d.draft(ctx, batch)
	}
	if dr.decided != nil {
		return d.conclude(ctx, dr.decided, dr.entries, hold)
	}
	d.account()
	d.st.Intent = dr.intent
	var err error
	if hold == nil {
		hold, err = d.acquire(ctx)
	} else {
		err = hold.Commit(ctx, d.st)
	}
	if err != nil {
		return Report{}, false, err
	}
	d.log.InfoContext(ctx, "lane acquired", slog.Int64("fence", hold.Token()), slog.Int("changes", len(dr.entries)))
	return d.apply(ctx, hold, planned, dr.entries)
}

// resume takes over a lane whose last holder left a modification unsettled.
func (d *drain) resume(ctx context.Context) (Report, bool, error) {
	if d.st.Intent.Accepted {
		d.st.Intent.Aged += d.head.Age
	}
	d.closeWait()
	if d.head.Held { // nobody knows when its worker died: what it waited for is not told either
		d.st.Stalls = addStall(d.st.Stalls, stall{Cause: causeRecovery, From: d.Now().Add(-d.head.Age).UTC(), To: d.Now().UTC()})
	}
	d.account()
	hold, err := d.acquire(ctx)
	if err != nil {
		return Report{}, false, err
	}
	d.log.InfoContext(ctx, "lane taken over", slog.Int64("fence", hold.Token()), slog.Bool("crashed", d.head.Held))
	if d.st.Intent.Accepted {
		return d.apply(ctx, hold, accepted, nil)
	}
	return d.apply(ctx, hold, unsettled, nil)
}

// draft looks at the server and plans the batch. It returns a wait when the
// server cannot be looked at now.
func (d *drain) draft(ctx context.Context, batch []queue.Entry) (draft, *wait) {
	server, view := d.lookServer(ctx)
	if view.wait != nil {
		return draft{}, view.wait
	}
	d.closeWait()
	started := d.Now()
	changes, unreadable := split(batch)
	if view.failure != nil {
		p := plan.Plan{Outcomes: make([]plan.Outcome, len(changes))}
		votes := ballots(batch)
		for i, c := range changes {
			out, ok := plan.Withdrawn(c.ID, votes[c.ID])
			if !ok {
				out = plan.Outcome{ID: c.ID, Status: change.Applied}
			}
			p.Outcomes[i] = out
		}
		dec := d.decide(d.intend(p, sslvpn.Server{}, false, batch, unreadable, started), verdict{failure: view.failure})
		return draft{entries: batch, decided: dec}, nil
	}
	p := plan.Make(plan.Input{
		Before: server.Settings, MaxConnections: server.MaxConnections, Readable: !view.denied,
		Now: started, Changes: changes, Votes: ballots(batch),
	})
	in := d.intend(p, server, !view.denied, batch, unreadable, started)
	if len(p.Patch) == 0 {
		return draft{entries: batch, decided: d.decide(in, verdict{verified: in.Readable, after: server.Settings})}, nil
	}
	return draft{entries: batch, intent: in}, nil
}

// intend writes down a plan as an intent. A decision is made from one too, so
// that every change ends by the same code.
func (d *drain) intend(p plan.Plan, s sslvpn.Server, readable bool, batch []queue.Entry, bad map[string]plan.Outcome, started time.Time) *intent {
	in := &intent{
		Patch: p.Patch, Asked: p.Asked, Before: s.Settings, After: p.After, Readable: readable,
		GatewayID: s.GatewayID, StartedAt: started.UTC(),
		Token: token(d.target, d.head.Gen+1, d.Nonce()),
	}
	outcomes := map[string]plan.Outcome{}
	for _, o := range p.Outcomes {
		outcomes[o.ID] = o
	}
	maps.Copy(outcomes, bad)
	for _, e := range batch {
		o := outcomes[e.ID]
		in.Keys = append(in.Keys, e.Key)
		in.Outcomes = append(in.Outcomes, o)
		if !contributes(o) {
			continue
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

// contributes tells whether an outcome depends on the modification.
func contributes(o plan.Outcome) bool {
	return o.Status == change.Applied || o.Status == change.Superseded
}

// token makes the ClientToken of one intent: at most 64 ASCII characters,
// telling apart intents of one lane and, by the nonce, lanes of other buckets.
func token(t change.Target, gen int64, nonce string) string {
	return "svc-" + change.DocumentID(t.String()+" "+nonce) + "-" + strconv.FormatInt(gen, 10)
}

// ruleUnreadable is the rule for an entry whose stored form is damaged.
const ruleUnreadable = "entry-unreadable"

// split separates the entries that can be read from those that cannot, which
// end with a record that says so.
func split(batch []queue.Entry) ([]change.Change, map[string]plan.Outcome) {
	var changes []change.Change
	bad := map[string]plan.Outcome{}
	for _, e := range batch {
		if e.Err == nil {
			changes = append(changes, e.Change)
			continue
		}
		bad[e.ID] = plan.Outcome{ID: e.ID, Status: change.Failed, Problems: []change.Problem{{
			Rule: ruleUnreadable, Message: e.Err.Error(),
			Hint: "submit the change again, and find out who writes below queue/ beside the function",
		}}}
	}
	return changes, bad
}

// same tells whether a new draft asks for nothing else than the intent that is
// already written down.
func (in *intent) same(other *intent) bool {
	return other != nil && slices.Equal(in.Keys, other.Keys) &&
		maps.Equal(in.Patch, other.Patch) && maps.Equal(in.Before, other.Before)
}

// dropEnded removes entries whose changes have a record already: a redelivery
// that raced with the end of its change brings an entry back. It remembers those
// that have none: nobody but the holder of the lane ends them.
func (d *drain) dropEnded(ctx context.Context, entries []queue.Entry) ([]queue.Entry, error) {
	known := make(map[string]bool, len(d.open))
	for _, e := range d.open {
		known[e.Key] = true
	}
	has := make([]bool, len(entries))
	err := fanout.Each(ctx, len(entries), parallel, func(ctx context.Context, i int) (err error) {
		if known[entries[i].Key] {
			return nil
		}
		d.requests.Add(1)
		has[i], err = d.Records.Exists(ctx, entries[i].ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	var ended []string
	var open []queue.Entry
	for i, e := range entries {
		if has[i] {
			ended = append(ended, e.Keys()...)
		} else {
			open = append(open, e)
		}
	}
	d.open = open
	return open, d.line.Remove(ctx, ended...)
}

// parallel is how many requests a drain has under way at once.
const parallel = 16

func attempt(c sslvpn.Call) record.Attempt {
	return record.Attempt{
		At: c.At.UTC(), Action: c.Action, HTTPStatus: c.HTTPStatus, Code: c.Code,
		Class: string(c.Class), RequestID: c.RequestID, DurationMs: c.Duration.Milliseconds(),
	}
}
