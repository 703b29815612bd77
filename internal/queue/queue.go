package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/fanout"
	"sslvpnchange/internal/objects"
)

// Bucket is what a queue needs of the object store.
type Bucket interface {
	Get(ctx context.Context, key string, opts blob.GetOptions) (blob.Object, error)
	Create(ctx context.Context, key string, data []byte) error
	Delete(ctx context.Context, keys ...string) error
	List(ctx context.Context, opts blob.ListOptions) (blob.Page, error)
}

// Queue is the line of changes in one bucket.
type Queue struct{ bucket Bucket }

// New gives the queue of a bucket.
func New(b Bucket) *Queue { return &Queue{bucket: b} }

// ErrOther says that another change has this one's id.
var ErrOther = errors.New("another change has this id")

// Add puts a change in line, and tells whether it was not there yet. A change
// that is there stays as it is, and that is success; it fails with ErrOther if
// what is there has the same id and another identity.
func (q *Queue) Add(ctx context.Context, c change.Change) (added bool, err error) {
	data, err := encode(c)
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
		return false, nil // it ended between the two requests
	case err != nil:
		return false, fmt.Errorf("queue %s: %w", c.ID, err)
	case there.Err == nil && there.Identity != c.Identity:
		return false, fmt.Errorf("queue %s: %w: %s", c.ID, ErrOther, there.Identity)
	}
	return false, nil
}

// MaxDue bounds how many changes Due reads at once.
const MaxDue = 1000

// Due is what a lane's line holds at one moment.
type Due struct {
	Entries []Entry   // due or withdrawn, in order, with their votes, at most MaxDue
	Later   []string  // keys of listed changes that are neither, in no order
	Next    time.Time // when the first of those becomes due, or a part of a millisecond before; zero when none
	Full    bool      // there is more in line than was listed
	Stray   []string  // keys of votes on changes that were not listed
	Damaged []string  // keys of votes that cannot be read, and count as not cast
}

// Due reads the changes of a lane that are due at now, or that somebody wants
// out of line. Those that the caller has read before are not read again: an
// entry never changes, only what people say of it.
func (q *Queue) Due(ctx context.Context, t change.Target, now time.Time, known ...Entry) (Due, error) {
	l, err := q.List(ctx, t, now)
	if err != nil {
		return Due{}, err
	}
	return q.Fill(ctx, l, known...)
}

// Listing is a lane's line before its changes are read: what Due costs beside
// one request each.
type Listing struct {
	target change.Target
	now    time.Time
	keys   []string // of changes that are due or withdrawn, in order
	said   ballots
	due    Due // but for its entries
}

// New counts the changes that Fill would have to read.
func (l Listing) New(known []Entry) int {
	have := byKey(known)
	n := 0
	for _, key := range l.keys {
		if _, ok := have[key]; !ok {
			n++
		}
	}
	return n
}

// List lists the changes of a lane for Fill.
func (q *Queue) List(ctx context.Context, t change.Target, now time.Time) (Listing, error) {
	page, err := q.bucket.List(ctx, blob.ListOptions{Prefix: objects.QueuePrefix(t), Max: MaxDue})
	if err != nil {
		return Listing{}, fmt.Errorf("read the line of %s: %w", t, err)
	}
	l := Listing{target: t, now: now, said: ballots{}}
	for _, e := range page.Entries {
		c, ok := objects.ParseEntryKey(e.Key)
		if !ok {
			l.said.add(e.Key) // else a foreign object: not a change, and not ours to delete
			continue
		}
		if !c.DueAt.After(now) || l.said.withdrawn(c.ID) {
			l.keys = append(l.keys, e.Key)
			continue
		}
		l.said.seen(c.ID)
		if l.due.Next.IsZero() {
			l.due.Next = c.DueAt
		}
		l.due.Later = append(l.due.Later, e.Key)
	}
	l.due.Full = page.Next != ""
	return l, nil
}

// Fill reads what a listing shows, but for the entries that the caller knows.
func (q *Queue) Fill(ctx context.Context, l Listing, known ...Entry) (Due, error) {
	entries, err := q.readNew(ctx, l.keys, known)
	if err == nil {
		l.due.Damaged, err = q.addVotes(ctx, entries, l.said)
	}
	if err != nil {
		return Due{}, fmt.Errorf("read the line of %s: %w", l.target, err)
	}
	due := l.due
	// A key has whole milliseconds: an entry may be due a part of one later.
	due.Entries = slices.DeleteFunc(entries, func(e Entry) bool {
		if !e.DueAt.After(l.now) || e.withdrawn() {
			return false
		}
		due.Later = append(due.Later, e.Key)
		if due.Next.IsZero() || e.DueAt.Before(due.Next) {
			due.Next = e.DueAt
		}
		return true
	})
	due.Stray = l.said.stray()
	return due, nil
}

// readNew is Read for a caller that has some of the entries.
func (q *Queue) readNew(ctx context.Context, keys []string, known []Entry) ([]Entry, error) {
	have := byKey(known)
	read, err := q.Read(ctx, slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		_, ok := have[key]
		return ok
	}))
	if err != nil || len(known) == 0 {
		return read, err
	}
	for _, e := range read {
		have[e.Key] = e
	}
	out := make([]Entry, 0, len(keys))
	for _, key := range keys {
		if e, ok := have[key]; ok {
			out = append(out, e)
		}
	}
	return out, nil
}

func byKey(entries []Entry) map[string]Entry {
	out := make(map[string]Entry, len(entries))
	for _, e := range entries {
		out[e.Key] = e
	}
	return out
}

// parallel is how many requests a queue has under way at once.
const parallel = 16

// Read reads entries by key, in the order given, leaving out those that are
// gone.
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

// Remove deletes entries whose changes have ended.
func (q *Queue) Remove(ctx context.Context, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	return q.bucket.Delete(ctx, keys...)
}

// Lanes names the lanes that have changes due at now, at most limit of them,
// beginning after the lane after, and the lane to go on after ("" at the end).
// It costs one request for every lane, fewer when lanes have few changes.
func (q *Queue) Lanes(ctx context.Context, now time.Time, after string, limit int) (lanes []change.Target, next string, err error) {
	start := ""
	if after != "" {
		start = beyond(after)
	}
	last := ""
	for {
		page, err := q.bucket.List(ctx, blob.ListOptions{Prefix: objects.Queue, After: start})
		if err != nil {
			return nil, "", fmt.Errorf("look for due changes: %w", err)
		}
		for _, e := range page.Entries {
			target, due, ok := look(e.Key, now)
			if !ok || target.String() == last {
				continue // the first entry of a lane is its earliest, or somebody's word
			}
			if len(lanes) == limit {
				return lanes, last, nil
			}
			last = target.String()
			if due {
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

// look tells the lane of an entry or a vote, and whether it is to be looked at
// at now. What people say of a change is: it may be in line no more.
func look(key string, now time.Time) (t change.Target, due, ok bool) {
	if c, ok := objects.ParseEntryKey(key); ok {
		return c.Target, !c.DueAt.After(now), true
	}
	t, _, _, ok = objects.ParseVoteKey(key)
	return t, ok, ok
}

// beyond is a key after every entry of a lane.
func beyond(lane string) string { return objects.Queue + lane + "/~" }

// First reads the first changes in line with their votes, at most limit of
// them: those of one lane, or of all for the zero target.
func (q *Queue) First(ctx context.Context, t change.Target, limit int) ([]Entry, error) {
	prefix := objects.Queue
	if t != (change.Target{}) {
		prefix = objects.QueuePrefix(t)
	}
	page, err := q.bucket.List(ctx, blob.ListOptions{Prefix: prefix})
	if err != nil {
		return nil, fmt.Errorf("read the line: %w", err)
	}
	var keys []string
	said := ballots{}
	for _, e := range page.Entries {
		if _, ok := objects.ParseEntryKey(e.Key); !ok {
			said.add(e.Key)
		} else if len(keys) < limit {
			keys = append(keys, e.Key)
		}
	}
	entries, err := q.Read(ctx, keys)
	if err == nil {
		_, err = q.addVotes(ctx, entries, said)
	}
	if err != nil {
		return nil, fmt.Errorf("read the line: %w", err)
	}
	return entries, nil
}

// findPages bounds what Find reads: 20,000 changes in line.
const findPages = 20

// Find looks for a change in line by its id, with its votes. It reads the
// listing of the whole queue, and then all else at once: somebody waits for the
// answer. blob.ErrNotFound when the change is not in line.
func (q *Queue) Find(ctx context.Context, id string) (Entry, error) {
	after, votes := "", []string(nil)
	for range findPages {
		page, err := q.bucket.List(ctx, blob.ListOptions{Prefix: objects.Queue, After: after})
		if err != nil {
			return Entry{}, fmt.Errorf("look for %s in line: %w", id, err)
		}
		for _, e := range page.Entries {
			// The whole id: a part of one ends a key as well.
			if c, ok := objects.ParseEntryKey(e.Key); ok && c.ID == id {
				return q.withVotes(ctx, e.Key, id, votes)
			}
			// They stand before their change.
			if VotedOn(e.Key) == id {
				votes = append(votes, e.Key)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	return Entry{}, fmt.Errorf("look for %s in line: %w", id, blob.ErrNotFound)
}

func (q *Queue) get(ctx context.Context, key string) (Entry, error) {
	obj, err := q.bucket.Get(ctx, key, blob.GetOptions{})
	if errors.Is(err, blob.ErrTooLarge) {
		return decode(key, nil), nil
	}
	if err != nil {
		return Entry{}, err
	}
	return decode(key, obj.Data), nil
}
