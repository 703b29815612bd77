package executor

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// beginning is what every command begins with.
type beginning struct {
	claimed intake.Claimed
	policy  *policy.Policy
	// unusable is why the policy cannot be used; set for an action only that can do
	// without it, and then the policy is Absent.
	unusable error
	found    *finding // read before the message was claimed; nil for an action that finds none
}

// finding is the change that a command is about: its record, or its position.
type finding struct {
	id       string // whole; "" with err
	record   *record.Record
	position *reconcile.Position
	err      error
}

// begin makes the requests with which every command begins, concurrently: a
// person waits for the answer, and a new instance has to make all of them. Their
// order does not matter, for these reasons:
//
//   - The claim is create-only, which means nothing in a bucket that ever had
//     versioning, so it counts only after the preflight. But nothing follows from
//     it before all of these requests have succeeded. In a bucket that fails the
//     preflight the claim is an object that nobody reads.
//   - Policy, change and stored circuit are only read. Their content is used after
//     the message is claimed, and shown only to people whom the policy permits to
//     see it. An earlier delivery of the message may have done something that the
//     change does not show yet; then find reads the change again.
//
// The requests after these are made one by one: previewing the server needs the
// policy, the queue entry needs the preview, and waking the lane needs the entry,
// because the drain must find it.
func (e *Executor) begin(ctx context.Context, m intake.Message, c command.Command, act action) (beginning, error) {
	var out beginning
	var unfit error
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if e.Preflight != nil {
			unfit = e.Preflight(ctx) // not canceled by the other requests: its error says what to fix
		}
		return unfit
	})
	g.Go(func() (err error) {
		out.claimed, err = e.Intake.Claim(gctx, m)
		return err
	})
	g.Go(func() (err error) {
		if out.policy, err = e.Policy(gctx); err != nil && act.unruled != nil {
			out.policy, out.unusable, err = policy.Absent(), err, nil
		}
		return err
	})
	if act.finds {
		out.found = &finding{}
		g.Go(func() error {
			f := out.found
			// find reports the error
			if f.id, f.err = e.Reconciler.Resolve(gctx, c.Change); f.err == nil {
				f.record, f.position, f.err = e.Reconciler.Find(gctx, f.id)
			}
			return nil
		})
	}
	if err := g.Wait(); unfit == nil {
		return out, err
	}
	return out, unfit
}

// startWarmUp reads ahead what the first preview of a server needs, and gives the
// function that waits for it. The preview itself waits by itself.
func (e *Executor) startWarmUp(ctx context.Context, act action) (wait func()) {
	var wg sync.WaitGroup
	if e.WarmUp != nil && act.previews {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, PreviewTime)
			defer cancel()
			e.WarmUp(ctx)
		})
	}
	return wg.Wait
}

// find finds the change that the command is about.
func (r *request) find(ctx context.Context) (*record.Record, *reconcile.Position, error) {
	if f := r.found; f != nil && !r.claimed.Again {
		return f.record, f.position, f.err
	}
	id, err := r.Reconciler.Resolve(ctx, r.cmd.Change)
	if err != nil {
		return nil, nil, err
	}
	return r.Reconciler.Find(ctx, id)
}
