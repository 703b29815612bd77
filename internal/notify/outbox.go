package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Bucket is what this package needs of the object store. Package blob specifies
// the methods.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Create(ctx context.Context, key string, data []byte) error
	Put(ctx context.Context, key string, data []byte) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// Policy bounds the retries of an outbox. DefaultPolicy is for production.
type Policy struct {
	Tries      int           // maximum number of tries at one address in one invocation
	Window     time.Duration // for all of them together, with their answers
	FirstWait  time.Duration // ceiling of the wait before the second try; doubles for each further one
	AtOnce     int           // concurrent deliveries to one platform
	Failures   int           // consecutive failed rooms after which a platform gets no more in this invocation
	Backoff    time.Duration // how long the sweep waits before it tries an entry; doubles with every failed invocation
	MaxBackoff time.Duration
	GiveUp     time.Duration // age at which a notification is given up
}

// DefaultPolicy is the policy for production.
func DefaultPolicy() Policy {
	return Policy{
		Tries: 3, Window: 10 * time.Second, FirstWait: time.Second,
		AtOnce: 4, Failures: 5,
		Backoff: 30 * time.Second, MaxBackoff: 5 * time.Minute, GiveUp: 24 * time.Hour,
	}
}

// Deps are the dependencies of an outbox, for one invocation.
type Deps struct {
	Bucket    Bucket
	Records   *record.Records
	Platforms map[string]chat.Platform // the configured ones, by name
	Client    chat.Doer
	// Render renders how a change ended.
	Render func(context.Context, record.Record, lang.Reader) chat.Text
	// RenderReminder renders that a change is undone at a time unless somebody confirms
	// it.
	RenderReminder func(context.Context, record.Record, time.Time, lang.Reader) chat.Text
	// Undo returns when an undo is due, and whether it has not ended.
	Undo func(ctx context.Context, id string) (due time.Time, open bool, err error)
	// Claim claims the answer to a message for one entry of the outbox. It reports
	// whether the entry has the claim: a redelivery of the message can post the
	// answer again, after the first entry was delivered and deleted. nil: there are
	// no redeliveries.
	Claim func(ctx context.Context, answer, entry string) (bool, error)
	// Later is called for every reminder that is stored, with its lane and the time from
	// which it can be delivered. It does not block. Nil: the sweep finds what is due.
	Later  func(t change.Target, at time.Time)
	Now    func() time.Time
	Jitter func() float64 // random in [0, 1), for waits; nil means a source of its own
	Log    *slog.Logger
}

// Outbox stores pending notifications and delivers them, during one invocation.
type Outbox struct {
	Deps

	policy Policy
	gates  map[string]*gate // by platform
}

// New makes an outbox for one invocation.
func New(d Deps, p Policy) *Outbox {
	if d.Jitter == nil {
		d.Jitter = rand.Float64
	}
	o := &Outbox{Deps: d, policy: p, gates: map[string]*gate{}}
	for name := range d.Platforms {
		o.gates[name] = newGate(p.AtOnce, p.Failures)
	}
	return o
}

// Report counts the results of deliveries.
type Report struct {
	Delivered int `json:"delivered"` // every room received it
	GivenUp   int `json:"givenUp"`   // over, and some room did not receive it
	Waiting   int `json:"waiting"`   // left to a later sweep
}

// Post stores a notification in the outbox, where it stays until it is delivered
// or given up. It keeps one that is already there, and stores none without
// recipients.
func (o *Outbox) Post(ctx context.Context, n Notice) error {
	e, err := newEntry(n, o.Now())
	if err != nil || len(e.To) == 0 {
		return err
	}
	data, err := encode(e)
	if err != nil {
		return err
	}
	if err := o.Bucket.Create(ctx, e.key, data); err != nil && !errors.Is(err, blob.ErrExists) {
		return fmt.Errorf("post %s: %w", n, err)
	}
	o.later(&e)
	return nil
}

// later says when a reminder that is stored can be delivered.
func (o *Outbox) later(e *entry) {
	if t, ok := objects.ReminderLane(e.key); ok && e.Remind != nil && o.Later != nil {
		o.Later(t, e.Remind.At)
	}
}

// Deliver delivers notifications that this invocation has posted. Those that are
// not in the outbox any more were delivered by another one. What fails is left to
// the sweep. An error means that the state of an entry is not known.
func (o *Outbox) Deliver(ctx context.Context, notices ...Notice) (Report, error) {
	keys := make([]string, 0, len(notices))
	for _, n := range notices {
		key, err := n.key()
		if err != nil {
			return Report{}, err
		}
		if len(n.To) > 0 {
			keys = append(keys, key)
		}
	}
	return o.deliver(ctx, keys, func(entry, blob.Object) bool { return true })
}

// pageSize is how many entries are processed together.
const pageSize = 100

// DeliverAll delivers every due entry of the outbox, a page at a time, while
// there is time. Entries younger than Policy.Backoff, by the store's clock, are
// left to the invocation that posted them.
func (o *Outbox) DeliverAll(ctx context.Context) (Report, error) {
	var rep Report
	var errs []error
	for after := ""; ; {
		page, err := o.Bucket.List(ctx, blob.ListOptions{Prefix: objects.Outbox, After: after, Max: pageSize})
		if err != nil {
			return rep, errors.Join(append(errs, fmt.Errorf("list the outbox: %w", err))...)
		}
		var keys []string
		for _, e := range page.Entries {
			if page.Now.Sub(e.LastModified) >= o.policy.Backoff && !objects.IsDoctorMark(e.Key) {
				keys = append(keys, e.Key)
			}
		}
		some, err := o.deliver(ctx, keys, o.due)
		rep.Delivered += some.Delivered
		rep.GivenUp += some.GivenUp
		rep.Waiting += some.Waiting + len(page.Entries) - len(keys)
		errs = append(errs, err)
		if after = page.Next; after == "" || !o.time(ctx) {
			return rep, errors.Join(errs...)
		}
	}
}

// DeliverReminders delivers the reminders of a lane that are due.
func (o *Outbox) DeliverReminders(ctx context.Context, t change.Target) (Report, error) {
	page, err := o.Bucket.List(ctx, blob.ListOptions{Prefix: objects.Outbox + t.String() + "/", Max: pageSize})
	if err != nil {
		return Report{}, fmt.Errorf("list the outbox of %s: %w", t, err)
	}
	var keys []string
	for _, e := range page.Entries {
		if objects.IsReminder(e.Key) {
			keys = append(keys, e.Key)
		}
	}
	return o.deliver(ctx, keys, o.due)
}

// due reports whether the backoff of an entry is over. Its last write was the
// last try.
func (o *Outbox) due(e entry, obj blob.Object) bool {
	if e.early(o.Now()) {
		return false
	}
	if e.Remind != nil && e.Tries == 0 {
		return true
	}
	wait := o.policy.Backoff
	for i := 1; i < e.Tries && wait < o.policy.MaxBackoff; i++ {
		wait *= 2
	}
	return obj.Now.Sub(obj.LastModified) >= min(wait, o.policy.MaxBackoff)
}

// time reports whether there is time for a delivery: one that is interrupted has
// to be repeated.
func (o *Outbox) time(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(end) >= o.policy.Window)
}

// reads bounds how many entries are read concurrently.
const reads = 16

// deliver reads entries and delivers those that are due concurrently. The gates
// limit the deliveries to each platform, so that a slow one does not delay the
// others.
func (o *Outbox) deliver(ctx context.Context, keys []string, due func(entry, blob.Object) bool) (Report, error) {
	var rep Report
	entries := make([]*entry, len(keys))
	failed := make([]error, 2*len(keys))
	outcomes := make([]outcome, len(keys))
	// An error of one entry must not stop the others.
	_ = fanout.Each(ctx, len(keys), reads, func(ctx context.Context, i int) error {
		entries[i], outcomes[i], failed[2*i] = o.read(ctx, keys[i], due)
		return nil
	})
	_ = fanout.Each(ctx, len(keys), max(len(keys), 1), func(ctx context.Context, i int) error {
		if entries[i] != nil {
			outcomes[i], failed[2*i+1] = o.process(ctx, entries[i])
		}
		return nil
	})
	for _, out := range outcomes {
		switch out {
		case delivered:
			rep.Delivered++
		case givenUp:
			rep.GivenUp++
		case waiting:
			rep.Waiting++
		case gone:
		}
	}
	return rep, errors.Join(failed...)
}

// outcome is the result of processing an entry.
type outcome int

const (
	gone outcome = iota // another invocation has delivered it
	waiting
	delivered
	givenUp
)

// read reads an entry; nil when it must not be processed now.
func (o *Outbox) read(ctx context.Context, key string, due func(entry, blob.Object) bool) (*entry, outcome, error) {
	if !o.time(ctx) {
		return nil, waiting, nil
	}
	obj, err := o.Bucket.Get(ctx, key, blob.GetOptions{})
	if errors.Is(err, blob.ErrNotFound) {
		return nil, gone, nil
	}
	if err != nil {
		return nil, waiting, fmt.Errorf("read the outbox: %w", err)
	}
	e, err := decode(key, obj.Data)
	if err != nil || !due(e, obj) {
		return nil, waiting, err
	}
	return &e, waiting, nil
}
