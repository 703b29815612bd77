package queue

import (
	"context"
	"errors"
	"fmt"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Bucket is what a queue needs of the object store.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Create(ctx context.Context, key string, data []byte) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// Queue is the queue of changes in one bucket.
type Queue struct{ bucket Bucket }

// New returns the queue of a bucket.
func New(b Bucket) *Queue { return &Queue{bucket: b} }

// parallel is how many requests a queue makes at once.
const parallel = 16

// ErrOther says that another change has this one's id.
var ErrOther = errors.New("another change has this id")

// Add queues a change, and reports whether it was not queued yet. A queued change
// stays as it is, and that is success. Add fails with ErrOther if a queued change
// has the same id and another identity.
func (q *Queue) Add(ctx context.Context, c change.Change) (added bool, err error) {
	data, err := encodeEntry(c)
	if err != nil {
		return false, fmt.Errorf("queue %s: %w", c.ID, err)
	}
	err = q.bucket.Create(ctx, objects.EntryKey(c), data)
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, blob.ErrExists) {
		return false, fmt.Errorf("queue %s: %w", c.ID, err)
	}
	there, err := q.get(ctx, objects.EntryKey(c))
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return false, nil // the change ended between the two requests
	case err != nil:
		return false, fmt.Errorf("queue %s: %w", c.ID, err)
	case there.Err == nil && there.Identity != c.Identity:
		return false, fmt.Errorf("queue %s: %w: %s", c.ID, ErrOther, there.Identity)
	}
	return false, nil
}

// Has reports whether a change is queued under its id, with its identity.
func (q *Queue) Has(ctx context.Context, c change.Change) (bool, error) {
	e, err := q.get(ctx, objects.EntryKey(c))
	if errors.Is(err, blob.ErrNotFound) {
		return false, nil
	}
	// A damaged entry has the change's key, and ends with a record that says so.
	return err == nil && (e.Err != nil || e.Identity == c.Identity), err
}

// Read reads entries by key, in the order given, without their votes. It leaves
// out those that no longer exist.
func (q *Queue) Read(ctx context.Context, keys []string) ([]Entry, error) {
	got := make([]*Entry, len(keys))
	err := fanout.Each(ctx, len(keys), parallel, func(ctx context.Context, i int) error {
		e, err := q.get(ctx, keys[i])
		if errors.Is(err, blob.ErrNotFound) {
			return nil
		}
		got[i] = &e
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]Entry, 0, len(keys))
	for _, e := range got {
		if e != nil {
			out = append(out, *e)
		}
	}
	return out, nil
}

// Remove deletes the entries of changes that have ended, and their votes, by key.
func (q *Queue) Remove(ctx context.Context, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	return q.bucket.Delete(ctx, keys...)
}

func (q *Queue) get(ctx context.Context, key string) (Entry, error) {
	obj, err := q.bucket.Get(ctx, key, blob.GetOptions{})
	if errors.Is(err, blob.ErrTooLarge) {
		return decodeEntry(key, nil), nil
	}
	if err != nil {
		return Entry{}, err
	}
	return decodeEntry(key, obj.Data), nil
}
