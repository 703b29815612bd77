package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
)

// Encode gives the recipient in the form in which the queue keeps it. It is a
// secret.
func (r Recipient) Encode() (json.RawMessage, error) { return json.Marshal(address(r)) }

// Owed is what one invocation owes: it posts notices for whoever ends changes,
// and delivers each as soon as the record is there, beside the lanes' work. It
// is safe for concurrent use.
type Owed struct {
	outbox     *Outbox
	invocation context.Context //nolint:containedctx // deliveries go on beside the drains, whose contexts end before

	wait sync.WaitGroup
	mu   sync.Mutex
	open map[string]Notice // by change: posted, not delivered by this invocation
	rep  Report
	errs []error
}

// NewOwed gives an empty Owed for the invocation that ctx is of.
func NewOwed(ctx context.Context, o *Outbox) *Owed {
	return &Owed{outbox: o, invocation: ctx, open: map[string]Notice{}}
}

// Owe posts how a change ended to each of the recipients, which are encoded.
// One that cannot be read is told nothing: the change ends all the same.
func (o *Owed) Owe(ctx context.Context, t change.Target, id string, recipients []json.RawMessage) error {
	n := Ended(t, id)
	for _, raw := range recipients {
		var a address
		if err := json.Unmarshal(raw, &a); err != nil {
			o.outbox.Log.WarnContext(ctx, "address not readable, nobody is told", slog.String("change", id))
			continue
		}
		n.To = append(n.To, Recipient(a))
	}
	if err := o.outbox.Post(ctx, n); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open[id] = n
	return nil
}

// Recorded begins to deliver how a change ended, now that its record is there.
func (o *Owed) Recorded(id string) {
	o.mu.Lock()
	n, ok := o.open[id]
	delete(o.open, id)
	o.mu.Unlock()
	if ok {
		o.deliver(n)
	}
}

func (o *Owed) deliver(n Notice) {
	o.wait.Go(func() {
		rep, err := Report{}, error(nil)
		defer func() {
			if p := recover(); p != nil { // here nobody else would catch it
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			o.rep = o.rep.Plus(rep)
			o.errs = append(o.errs, err)
		}()
		rep, err = o.outbox.Deliver(o.invocation, n)
	})
}

// Deliver waits until everything that is owed was delivered or left to the
// sweep, and says what became of it.
func (o *Owed) Deliver() (Report, error) {
	o.mu.Lock()
	left := o.open
	o.open = map[string]Notice{}
	o.mu.Unlock()
	for _, n := range left {
		o.deliver(n)
	}
	o.wait.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	rep, err := o.rep, errors.Join(o.errs...)
	o.rep, o.errs = Report{}, nil
	return rep, err
}

// Plus adds reports up.
func (r Report) Plus(other Report) Report {
	return Report{Delivered: r.Delivered + other.Delivered, GivenUp: r.GivenUp + other.GivenUp, Waiting: r.Waiting + other.Waiting}
}

// DeliverNew delivers answers that somebody has just posted, by their keys. Those
// that were tried are left to the sweep: writing down a try is an event as well.
func (o *Outbox) DeliverNew(ctx context.Context, keys []string) (Report, error) {
	return o.deliver(ctx, keys, func(e entry, _ blob.Object) bool { return e.Tries == 0 })
}
