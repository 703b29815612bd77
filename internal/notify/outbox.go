package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/fanout"
	"sslvpnchange/internal/lang"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/record"
)

// Bucket is what this package needs of the object store; see package blob for
// what each method promises.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Create(ctx context.Context, key string, data []byte) error
	Put(ctx context.Context, key string, data []byte) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// Policy is how patient an outbox is. DefaultPolicy is for production.
type Policy struct {
	Tries     int           // messages to one address in one invocation, at most
	Window    time.Duration // in which they must all be sent and answered
	FirstWait time.Duration // ceiling of the first wait between them; it doubles
	AtOnce    int           // rooms of one platform at once
	Strikes   int           // rooms in a row that a platform fails before it is left alone
	Rest      time.Duration // how long the sweep leaves an entry alone; doubles with every try in vain
	MaxRest   time.Duration
	GiveUp    time.Duration // after this an answer is of no use any more
}

// DefaultPolicy is the policy for production.
func DefaultPolicy() Policy {
	return Policy{
		Tries: 3, Window: 10 * time.Second, FirstWait: time.Second,
		AtOnce: 4, Strikes: 5,
		Rest: 30 * time.Second, MaxRest: 5 * time.Minute, GiveUp: 24 * time.Hour,
	}
}

// Deps is what an outbox works with, for one invocation.
type Deps struct {
	Bucket    Bucket
	Records   *record.Records
	Platforms map[string]chat.Platform // those that are configured, by name
	Client    chat.Doer
	// Render says in words how a change ended.
	Render func(context.Context, record.Record, lang.Tag) chat.Text
	Now    func() time.Time
	Jitter func() float64 // random in [0, 1), for waits; nil for a random source of its own
	Log    *slog.Logger
}

// Outbox keeps answers that are owed and delivers them, during one invocation.
type Outbox struct {
	Deps

	policy Policy
	gates  map[string]*gate // by platform
}

// New gives an outbox for one invocation.
func New(d Deps, p Policy) *Outbox {
	if d.Jitter == nil {
		d.Jitter = rand.Float64
	}
	o := &Outbox{Deps: d, policy: p, gates: map[string]*gate{}}
	for name := range d.Platforms {
		o.gates[name] = newGate(p.AtOnce, p.Strikes)
	}
	return o
}

// Report says what became of notices.
type Report struct {
	Delivered int `json:"delivered"` // every room was told
	GivenUp   int `json:"givenUp"`   // over, and some room was not told
	Waiting   int `json:"waiting"`   // left to a later sweep
}

// Post puts a notice into the outbox, where it stays until it is delivered or
// given up. One that is there already stands. A notice to nobody is not owed.
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
	return nil
}

// Deliver delivers notices that this invocation has posted. Those that are not
// in the outbox any more have been delivered. What it does not manage is left to
// the sweep; an error says that it is not known how far an entry is.
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

// pageSize is how many notices are looked at together.
const pageSize = 100

// DeliverAll delivers what is due of the whole outbox, a page at a time, as
// long as there is time. Entries of less than Policy.Rest, by the store's clock,
// are left to those who posted them.
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
			if page.Now.Sub(e.LastModified) >= o.policy.Rest {
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

// due tells whether an entry has rested for as long as its tries in vain ask
// for. Its last write was the last try.
func (o *Outbox) due(e entry, obj blob.Object) bool {
	rest := o.policy.Rest
	for i := 1; i < e.Tries && rest < o.policy.MaxRest; i++ {
		rest *= 2
	}
	return obj.Now.Sub(obj.LastModified) >= min(rest, o.policy.MaxRest)
}

// time tells whether a delivery may begin: one that cannot be finished is one
// that is made again.
func (o *Outbox) time(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(end) >= o.policy.Window)
}

// reads bounds how many entries are read at once.
const reads = 16

// deliver reads entries and delivers those that are due, all at once: the
// gates bound what each platform gets, so that a slow one holds up no other.
func (o *Outbox) deliver(ctx context.Context, keys []string, due func(entry, blob.Object) bool) (Report, error) {
	var rep Report
	owed := make([]*entry, len(keys))
	failed := make([]error, 2*len(keys))
	outcomes := make([]outcome, len(keys))
	// Errors are kept by entry: one entry's must not stop the others.
	_ = fanout.Each(ctx, len(keys), reads, func(ctx context.Context, i int) error {
		owed[i], outcomes[i], failed[2*i] = o.read(ctx, keys[i], due)
		return nil
	})
	_ = fanout.Each(ctx, len(keys), max(len(keys), 1), func(ctx context.Context, i int) error {
		if owed[i] != nil {
			outcomes[i], failed[2*i+1] = o.tell(ctx, owed[i])
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

// outcome is what became of a notice.
type outcome int

const (
	gone outcome = iota // somebody else has delivered it
	waiting
	delivered
	givenUp
)

// read reads an entry; nil when there is nothing to do about it now.
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

func encode(e entry) ([]byte, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return nil, errors.New("a notice cannot be encoded") // the error may show what it holds
	}
	return data, nil
}
