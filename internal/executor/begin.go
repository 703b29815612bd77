package executor

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"sslvpnchange/internal/command"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/record"
)

// begin makes the requests with which every command begins, all at once:
// somebody waits for the answer, and a fresh instance has all of them to make.
// They may be under way together for these reasons.
//
//   - The claim is create-only, which a bucket that ever had versioning does not
//     keep to, so it is worth nothing until the bucket is known to be fit. But
//     nothing follows from it before that: whoever sent the message is answered,
//     and a change put in line, when all of these have succeeded. In a bucket that
//     is not fit it is an object that nobody asks for.
//   - Policy, change and hold are only read. What they say is used when the message
//     is claimed, and said to those alone whom the policy lets see it. A message
//     that was delivered before may have done what they do not show yet, so then
//     the change is read again.
//
// What comes after goes one by one: the look at the server needs the policy,
// the entry in line needs the look, and the doorbell needs the entry, since the
// drain that it starts must find it.
func (r *request) begin(ctx context.Context) error {
	var unfit error
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if r.Preflight != nil {
			unfit = r.Preflight(ctx) // to its end, whatever the others come to: it says what to do
		}
		return unfit
	})
	g.Go(func() (err error) {
		r.claimed, err = r.Intake.Claim(gctx, r.asker.Message)
		return err
	})
	g.Go(func() (err error) {
		r.policy, err = r.Policy(gctx)
		return err
	})
	if r.cmd.Change != "" && r.cmd.Verb != command.Rollback {
		g.Go(func() error {
			f := &finding{}
			f.record, f.position, f.err = r.Reconciler.Find(gctx, r.cmd.Change)
			r.found = f // an error in it is for whoever uses it
			return nil
		})
	}
	if err := g.Wait(); unfit == nil {
		return err
	}
	return unfit
}

// prepare has the first look at a server prepared meanwhile, and gives the wait
// for the end of it. The look itself waits for it by itself.
func (r *request) warmUp(ctx context.Context) (wait func()) {
	var wg sync.WaitGroup
	if r.WarmUp != nil && r.looks() {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, LookTime)
			defer cancel()
			r.WarmUp(ctx)
		})
	}
	return wg.Wait
}

// looks tells whether the command comes to a look at a server, if all goes well.
func (r *request) looks() bool {
	switch r.cmd.Verb {
	case command.Plan, command.Apply, command.Rollback, command.Approve:
		return true
	case command.Status:
		return r.cmd.Server != ""
	case command.Help, command.History, command.Reject, command.Cancel:
		return false
	default:
		return false
	}
}

// finding is the change that a command is about.
type finding struct {
	record   *record.Record
	position *reconcile.Position
	err      error
}

// find finds the change that the command is about.
func (r *request) find(ctx context.Context) (*record.Record, *reconcile.Position, error) {
	if f := r.found; f != nil && !r.claimed.Again {
		return f.record, f.position, f.err
	}
	return r.Reconciler.Find(ctx, r.cmd.Change)
}
