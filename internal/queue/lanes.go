package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Lanes lists the lanes that have changes due at now or by the store's clock, or votes, at most limit of
// them and only those after the lane after. It also returns the lane to go on
// after, "" at the end. It costs at most one request a lane, and fewer when lanes
// have few changes.
func (q *Queue) Lanes(ctx context.Context, now time.Time, after string, limit int) (lanes []change.Target, next string, err error) {
	start := ""
	if after != "" {
		start = beyond(after)
	}
	last := ""
	for {
		page, err := q.bucket.List(ctx, blob.ListOptions{Prefix: objects.Queue, After: start})
		if err != nil {
			return nil, "", fmt.Errorf("list the lanes with due changes: %w", err)
		}
		for _, e := range page.Entries {
			target, due, ok := laneOf(e.Key, later(now, page.Now))
			if !ok {
				continue
			}
			if target.String() != last && len(lanes) == limit {
				return lanes, last, nil
			}
			last = target.String()
			// Mostly the first object of a lane decides, its earliest entry or a vote. An undo
			// behind it may be due earlier: see laneOf.
			if due && (len(lanes) == 0 || lanes[len(lanes)-1] != target) {
				lanes = append(lanes, target)
			}
		}
		switch {
		case page.Next == "":
			return lanes, "", nil
		case last == "":
			start = page.Next
		default:
			start = max(beyond(last), page.Next)
		}
	}
}

// laneOf returns the lane of an entry or a vote, and reports whether it is due at
// now. Votes always are: their change may no longer be queued. An undo, which has the
// number 0, is due a little earlier: whoever drains its lane waits for it.
func laneOf(key string, now time.Time) (t change.Target, due, ok bool) {
	if c, ok := objects.ParseEntryKey(key); ok {
		if c.Index == 0 {
			now = now.Add(change.UndoAhead)
		}
		return c.Target, !c.DueAt.After(now), true
	}
	t, _, _, ok = objects.ParseVoteKey(key)
	return t, ok, ok
}

// beyond is a key after every object of a lane.
func beyond(lane string) string { return objects.Queue + lane + "/~" }
