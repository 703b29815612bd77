package intake

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/fanout"
	"sslvpnchange/internal/policy"
	"sslvpnchange/internal/queue"
	"sslvpnchange/internal/record"
)

// Bucket is what this package needs of the object store.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Head(ctx context.Context, key string) (blob.Entry, error)
	Create(ctx context.Context, key string, data []byte) error
	Put(ctx context.Context, key string, data []byte) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// Deps is what an intake works with, for one invocation.
type Deps struct {
	Bucket     Bucket
	BucketName string // part of every file's identity
	Records    *record.Records
	Policy     func(context.Context) (*policy.Policy, error) // nil: whoever gets here may ask
	Owner      string                                        // the platform's request id
	Now        func() time.Time
	Log        *slog.Logger
}

// Intake takes documents during one invocation.
type Intake struct {
	Deps

	queue    *queue.Queue
	receipts *record.Receipts
}

// New gives an intake for one invocation.
func New(d Deps) *Intake {
	return &Intake{Deps: d, queue: queue.New(d.Bucket), receipts: record.NewReceipts(d.Bucket)}
}

// Taken is what became of an accepted document.
type Taken struct {
	Changes []change.Change
	Lanes   []change.Target // the lanes it touched, each once
	Added   bool            // something was put in line that was not there
}

// delivery is what a document's changes have in common.
type delivery struct {
	origin   change.Origin
	identity string
	at       time.Time // acceptance time, the same for every delivery
}

// number gives every request its id, its identity and its times.
func number(reqs []change.Request, d delivery) []change.Change {
	document := change.DocumentID(d.identity)
	out := make([]change.Change, len(reqs))
	for i, r := range reqs {
		out[i] = accept(change.Change{
			Request: r, Identity: d.identity, Document: document, Index: i + 1, Origin: d.origin,
			ID: change.ID(d.at, document, i+1, len(reqs)),
		}, d.at)
	}
	return out
}

// accept sets the times that follow from the acceptance time.
func accept(c change.Change, at time.Time) change.Change {
	c.AcceptedAt = at.UTC()
	c.DueAt = c.AcceptedAt
	if c.NotBefore.After(c.DueAt) {
		c.DueAt = c.NotBefore.UTC()
	}
	if c.ExpiresAt.IsZero() {
		c.ExpiresAt = c.DueAt.Add(change.DefaultLifetime)
	}
	c.ExpiresAt = c.ExpiresAt.UTC()
	return c
}

// parallel is how many requests an intake has under way at once.
const parallel = 16

// enqueue puts changes in line.
func (in *Intake) enqueue(ctx context.Context, changes []change.Change) (Taken, error) {
	var added atomic.Bool
	err := fanout.Each(ctx, len(changes), parallel, func(ctx context.Context, i int) error {
		ok, err := in.queue.Add(ctx, changes[i])
		if ok {
			added.Store(true)
		}
		return err
	})
	if err != nil {
		return Taken{}, err
	}
	t := Taken{Changes: changes, Added: added.Load()}
	for _, c := range changes {
		if !slices.Contains(t.Lanes, c.Target) {
			t.Lanes = append(t.Lanes, c.Target)
		}
	}
	return t, nil
}

// queueOrPutBack puts changes in line that may have been there before.
func (in *Intake) queueOrPutBack(ctx context.Context, changes []change.Change, before bool) (Taken, error) {
	if before {
		return in.putBack(ctx, changes)
	}
	return in.enqueue(ctx, changes)
}

// putBack puts in line again what a redelivered document lacks: changes that
// are not there and have no record.
func (in *Intake) putBack(ctx context.Context, changes []change.Change) (Taken, error) {
	ended := make([]bool, len(changes))
	err := fanout.Each(ctx, len(changes), parallel, func(ctx context.Context, i int) (err error) {
		ended[i], err = in.Records.Exists(ctx, changes[i].ID)
		return err
	})
	if err != nil {
		return Taken{}, err
	}
	var open []change.Change
	for i, c := range changes {
		if !ended[i] {
			open = append(open, c)
		}
	}
	t, err := in.enqueue(ctx, open)
	t.Changes = changes
	return t, err
}

// Ring rings the doorbells of lanes: each is one small object, whose trigger
// starts a drain. A bell that cannot be rung is no error: the sweep looks at
// every lane within a minute.
func (in *Intake) Ring(ctx context.Context, lanes []change.Target) {
	text := fmt.Sprintf("{\"rungAt\":%q,\"by\":%q}\n", in.Now().UTC().Format(time.RFC3339Nano), in.Owner)
	keys := bells(lanes)
	_ = fanout.Each(ctx, len(keys), parallel, func(ctx context.Context, i int) error {
		if err := in.Bucket.Put(ctx, keys[i], []byte(text)); err != nil {
			in.Log.WarnContext(ctx, "doorbell not rung, the sweep will look", slog.String("bell", keys[i]), slog.Any("error", err))
		}
		return nil // one bell that fails must not silence the others
	})
}
