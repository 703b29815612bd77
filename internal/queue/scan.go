package queue

import (
	"context"
	"fmt"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Scan asks for queued changes in the order of their keys: by server and due time.
type Scan struct {
	Lane  change.Target // the zero target: all lanes
	After string        // only entries behind this key of one; "" from the start
	Limit int
	// Want reports whether to read the entry of a change of which only the key is known.
	Want func(change.Change) bool
}

// Scan reads queued changes with their votes. It reports whether there are more that are
// wanted. It costs one request for each thousand objects that it lists, and one for each
// entry and vote that it reads.
func (q *Queue) Scan(ctx context.Context, s Scan) (entries []Entry, more bool, err error) {
	prefix, after := objects.Queue, ""
	if s.Lane != (change.Target{}) {
		prefix = objects.QueuePrefix(s.Lane)
	}
	if c, ok := objects.ParseEntryKey(s.After); ok {
		after = objects.QueuePrefix(c.Target) // the votes of a lane list before its entries
	}
	var keys []string
	votes := listedVotes{}
	for range findPages {
		page, err := q.bucket.List(ctx, blob.ListOptions{Prefix: prefix, After: after})
		if err != nil {
			return nil, false, fmt.Errorf("list the queue: %w", err)
		}
		for _, e := range page.Entries {
			c, ok := objects.ParseEntryKey(e.Key)
			switch {
			case !ok:
				votes.add(e.Key)
			case e.Key <= s.After || !s.Want(c):
				delete(votes, c.ID)
			case len(keys) == s.Limit:
				more = true
			default:
				keys = append(keys, e.Key)
			}
			if more {
				break
			}
		}
		if after = page.Next; more || after == "" {
			break
		}
	}
	entries, err = q.Read(ctx, keys)
	if err == nil {
		_, err = q.addVotes(ctx, entries, votes)
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the queue: %w", err)
	}
	return entries, more, nil
}
