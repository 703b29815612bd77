package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Pending holds the pending notifications of one invocation. Whoever ends
// changes posts them, and each is delivered as soon as the change's record is
// written, while the lanes are drained. It is safe for concurrent use.
type Pending struct {
	outbox     *Outbox
	invocation context.Context //nolint:containedctx // deliveries outlive the drains, whose contexts end earlier

	wait   sync.WaitGroup
	mu     sync.Mutex
	open   map[string]Notice // by change: posted, delivery not begun
	report Report
	errs   []error
}

// NewPending returns an empty Pending for the invocation with the context ctx.
func NewPending(ctx context.Context, o *Outbox) *Pending {
	return &Pending{outbox: o, invocation: ctx, open: map[string]Notice{}}
}

// Add stores that the end of a change is to be sent to each of the recipients,
// which were encoded with Recipient.Encode. An unreadable one is skipped and
// logged; the change ends nevertheless.
func (p *Pending) Add(ctx context.Context, t change.Target, id string, recipients []json.RawMessage) error {
	n := Ended(t, id)
	n.To = p.readable(ctx, id, recipients)
	if err := p.outbox.Post(ctx, n); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[id] = n
	return nil
}

// Remind stores that the recipients are to be reminded of a change half way until it is
// undone, as Add stores the end of a change.
func (p *Pending) Remind(ctx context.Context, t change.Target, undo, of string, due time.Time, recipients []json.RawMessage) error {
	n := Reminder(t, undo, of, p.outbox.Now(), due)
	n.To = p.readable(ctx, of, recipients)
	return p.outbox.Post(ctx, n)
}

// readable decodes recipients. An unreadable one is skipped and logged.
func (p *Pending) readable(ctx context.Context, id string, recipients []json.RawMessage) []Recipient {
	var out []Recipient
	for _, raw := range recipients {
		r, err := decodeRecipient(raw)
		if err != nil {
			p.outbox.Log.WarnContext(ctx, "address not readable, nobody is told", slog.String("change", id))
			continue
		}
		out = append(out, r)
	}
	return out
}

// Recorded begins to deliver the end of a change whose record is written.
func (p *Pending) Recorded(id string) {
	p.mu.Lock()
	n, ok := p.open[id]
	delete(p.open, id)
	p.mu.Unlock()
	if ok {
		p.deliver(n)
	}
}

func (p *Pending) deliver(n Notice) {
	p.wait.Go(func() {
		rep, err := Report{}, error(nil)
		defer func() {
			if v := recover(); v != nil { // the edge recovers only its own goroutine
				err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			p.report = p.report.Plus(rep)
			p.errs = append(p.errs, err)
		}()
		rep, err = p.outbox.Deliver(p.invocation, n)
	})
}

// Deliver waits until every pending notification was delivered or left to the
// sweep, and returns the results since the last call.
func (p *Pending) Deliver() (Report, error) {
	p.mu.Lock()
	left := p.open
	p.open = map[string]Notice{}
	p.mu.Unlock()
	for _, n := range left {
		p.deliver(n)
	}
	p.wait.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	rep, err := p.report, errors.Join(p.errs...)
	p.report, p.errs = Report{}, nil
	return rep, err
}

// Plus adds two reports.
func (r Report) Plus(other Report) Report {
	return Report{Delivered: r.Delivered + other.Delivered, GivenUp: r.GivenUp + other.GivenUp, Waiting: r.Waiting + other.Waiting}
}

// DeliverNew delivers answers that were just posted, by their keys. It leaves
// those that were tried before to the sweep: storing a failed try is an object
// event too, and would start the next try at once.
func (o *Outbox) DeliverNew(ctx context.Context, keys []string) (Report, error) {
	return o.deliver(ctx, keys, func(e entry, _ blob.Object) bool { return e.Tries == 0 })
}
