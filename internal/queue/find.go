package queue

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// First reads the first queued changes with their votes, at most limit of them:
// those of one lane, or of all lanes for the zero target.
func (q *Queue) First(ctx context.Context, t change.Target, limit int) ([]Entry, error) {
	prefix := objects.Queue
	if t != (change.Target{}) {
		prefix = objects.QueuePrefix(t)
	}
	page, err := q.bucket.List(ctx, blob.ListOptions{Prefix: prefix})
	if err != nil {
		return nil, fmt.Errorf("list the queue: %w", err)
	}
	var keys []string
	votes := listedVotes{}
	for _, e := range page.Entries {
		if _, ok := objects.ParseEntryKey(e.Key); !ok {
			votes.add(e.Key)
		} else if len(keys) < limit {
			keys = append(keys, e.Key)
		}
	}
	entries, err := q.Read(ctx, keys)
	if err == nil {
		_, err = q.addVotes(ctx, entries, votes)
	}
	if err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
	}
	return entries, nil
}

// findPages bounds what Find lists: 20,000 objects.
const findPages = 20

// Find looks for a queued change by its id, and reads it with its votes. It lists
// the queue of all lanes, then reads everything at once: a person waits for the
// answer. It fails with blob.ErrNotFound when the change is not queued.
func (q *Queue) Find(ctx context.Context, id string) (Entry, error) {
	after, votes := "", []string(nil)
	for range findPages {
		page, err := q.bucket.List(ctx, blob.ListOptions{Prefix: objects.Queue, After: after})
		if err != nil {
			return Entry{}, fmt.Errorf("look for %s in the queue: %w", id, err)
		}
		for _, e := range page.Entries {
			// Compare the whole id: a part of one may end a key as well.
			if c, ok := objects.ParseEntryKey(e.Key); ok && c.ID == id {
				return q.readWithVotes(ctx, e.Key, votes)
			}
			// The votes on a change list before it.
			if id != "" && VotedOn(e.Key) == id {
				votes = append(votes, e.Key)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	return Entry{}, fmt.Errorf("look for %s in the queue: %w", id, blob.ErrNotFound)
}

// IDs lists the ids of queued changes that a typed id can stand for.
func (q *Queue) IDs(ctx context.Context, typed change.Typed) ([]string, error) {
	after, ids := "", []string(nil)
	for range findPages {
		page, err := q.bucket.List(ctx, blob.ListOptions{Prefix: objects.Queue, After: after})
		if err != nil {
			return nil, fmt.Errorf("list the queue: %w", err)
		}
		for _, e := range page.Entries {
			if c, ok := objects.ParseEntryKey(e.Key); ok && typed.Matches(c.ID) && !slices.Contains(ids, c.ID) {
				ids = append(ids, c.ID)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	return ids, nil
}

// At returns the entry with a key, and the votes on its change. It fails with
// blob.ErrNotFound when the change is not queued.
func (q *Queue) At(ctx context.Context, key string) (Entry, error) {
	c, ok := objects.ParseEntryKey(key)
	if !ok {
		return Entry{}, fmt.Errorf("%s is not the key of a queue entry", key)
	}
	page, err := q.bucket.List(ctx, blob.ListOptions{Prefix: objects.VotesPrefix(c.Target, c.ID)})
	if err != nil {
		return Entry{}, fmt.Errorf("list the votes on %s: %w", c.ID, err)
	}
	var votes []string
	for _, e := range page.Entries {
		if VotedOn(e.Key) == c.ID { // the id of another change may begin with this one
			votes = append(votes, e.Key)
		}
	}
	return q.readWithVotes(ctx, key, votes)
}

func (q *Queue) readWithVotes(ctx context.Context, key string, voteKeys []string) (e Entry, err error) {
	var votes []Vote
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		e, err = q.get(ctx, key)
		return err
	})
	g.Go(func() (err error) {
		votes, _, err = q.readVotes(ctx, voteKeys)
		return err
	})
	err = g.Wait()
	e.Votes = votes
	return e, err
}
