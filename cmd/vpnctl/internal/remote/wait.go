package remote

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
)

// A held request is short at first, so that the state is shown soon. Where the function
// does not hold, polling starts fast, for changes that end quickly, and slows down.
const (
	firstHold = 2 * time.Second
	longHold  = 20 * time.Second
	firstPoll = 500 * time.Millisecond
	slowPoll  = 5 * time.Second
	lastLook  = 10 * time.Second // when the time to wait is over
	atOnce    = 8                // queries
)

// Pending is what to wait for.
type Pending struct {
	Changes []Change
	// Document is what the changes were requested by, and Delivery its id, if they are
	// all the changes of a document: repeated, it is answered for all of them together.
	Document *Document
	Delivery string
	// Enough ends the wait early; it may be nil.
	Enough func([]Change) bool
	// Show is called with each state, and with what keeps the function from answering. It
	// may be nil.
	Show func(changes []Change, trouble error)
}

// Wait returns when every change has ended, or when ctx ends. The function holds each
// request until then; where it answers earlier, Wait polls. It continues while the
// function does not answer: a restart ends no wait. The end of ctx is not an error: the
// statuses show it. newID makes delivery ids.
func (c *Client) Wait(ctx context.Context, p Pending, newID func() string) ([]Change, error) {
	w := waiter{client: c, Pending: p, newID: newID, hold: firstHold, poll: firstPoll}
	held, err := true, w.refresh(ctx)
	for {
		switch {
		case ctx.Err() != nil:
			return w.last(ctx), nil //nolint:nilerr // the end of ctx is not an error
		case lasting(err):
			return w.Changes, err
		}
		w.show(err)
		if err == nil && (w.left() == 0 || p.Enough != nil && p.Enough(w.Changes)) {
			return w.Changes, nil
		}
		if !held || err != nil {
			w.pause(ctx)
		}
		held, err = w.round(ctx)
	}
}

// waiter is the state of one wait.
type waiter struct {
	Pending

	client *Client
	newID  func() string
	hold   time.Duration // of the next request
	poll   time.Duration // before the next request, if none is held
}

func (w *waiter) show(trouble error) {
	if w.Show != nil {
		w.Show(w.Changes, trouble)
	}
}

// lasting reports whether an error is the function's last word. The platform answers
// while it starts an instance again, too.
func lasting(err error) bool {
	if no, ok := errors.AsType[*RefusedError](err); ok {
		return !passing(no.Status)
	}
	no, ok := errors.AsType[*NoAnswerError](err)
	return err != nil && (!ok || no.Code == CodeForeign || no.lasting())
}

// round makes one request that the function may hold, and looks what else has ended. It
// reports whether the function held it.
func (w *waiter) round(ctx context.Context) (held bool, err error) {
	if held, err = w.ask(ctx); err != nil {
		return held, err
	}
	if held {
		w.hold, w.poll = min(w.hold*2, longHold), firstPoll
	}
	if len(w.Changes) == 1 {
		return held, nil
	}
	return held, w.refresh(ctx)
}

// pause waits before the next request, and longer before the one after it.
func (w *waiter) pause(ctx context.Context) {
	timer := time.NewTimer(w.poll)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	w.poll = min(w.poll*3/2, slowPoll)
}

// ask asks for all changes of a document, or for the first that has not ended. The
// function holds the request for no longer than ctx lives.
func (w *waiter) ask(ctx context.Context) (held bool, err error) {
	hold := w.hold
	if end, ok := ctx.Deadline(); ok {
		hold = min(hold, time.Until(end))
	}
	if w.Document == nil || len(w.Changes) == 1 {
		i := w.pending()[0]
		ch, held, err := w.client.held(ctx, w.Changes[i].ID, w.newID(), hold)
		if err == nil {
			w.Changes[i] = ch
		}
		return held, err
	}
	changes, held, err := w.client.resubmit(ctx, *w.Document, w.Delivery, hold)
	if _, no := errors.AsType[*RefusedError](err); no && lasting(err) {
		w.Document = nil // such as by a policy that is newer than the changes: they are asked for one by one
		return false, nil
	}
	if err == nil && len(changes) == len(w.Changes) && ended(changes[0]) {
		w.Changes = changes // the records; before that, the answer has only the ids
	}
	return held, err
}

// refresh asks for the changes that have not ended, a few at once, until there is one
// that has not ended now either: all have to.
func (w *waiter) refresh(ctx context.Context) error {
	for pending := w.pending(); len(pending) > 0; {
		some := pending[:min(atOnce, len(pending))]
		pending = pending[len(some):]
		if err := w.each(ctx, some); err != nil || w.left() > len(pending) {
			return err
		}
	}
	return nil
}

func (w *waiter) each(ctx context.Context, some []int) error {
	ids := make([]string, len(some))
	for k := range some {
		ids[k] = w.newID()
	}
	g, ctx := errgroup.WithContext(ctx)
	for k, i := range some {
		g.Go(func() error {
			ch, _, err := w.client.held(ctx, w.Changes[i].ID, ids[k], 0)
			if err == nil {
				w.Changes[i] = ch
			}
			return err
		})
	}
	return g.Wait()
}

// last is what is known when the time is over. Of many changes, only the first were
// asked for; interrupted, there is no time to ask for the others.
func (w *waiter) last(ctx context.Context) []Change {
	if len(w.Changes) <= atOnce || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return w.Changes
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	for pending := w.pending(); len(pending) > 0; {
		some := pending[:min(atOnce, len(pending))]
		pending = pending[len(some):]
		if w.each(ctx, some) != nil {
			break
		}
	}
	return w.Changes
}

// ended reports whether the record of a change is known, and not only its status.
func ended(ch Change) bool { return ch.Status.Final() && !ch.AcceptedAt.IsZero() }

// pending lists the changes whose records are not known.
func (w *waiter) pending() []int {
	var out []int
	for i, ch := range w.Changes {
		if !ended(ch) {
			out = append(out, i)
		}
	}
	return out
}

func (w *waiter) left() int { return len(w.pending()) }
