package queue

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// MaxDue bounds how many changes Due reads at once.
const MaxDue = 1000

// Due is the queue of one lane at one moment.
type Due struct {
	Entries []Entry   // due, withdrawn or to be undone at once, in order, with their votes, at most MaxDue
	Later   []string  // keys of listed entries that are neither, in no order
	Next    time.Time // when the first of those becomes due, or less than a millisecond earlier; zero when none
	Full    bool      // there are more entries than were listed
	Stray   []string  // keys of votes on changes that were not listed
	Damaged []string  // keys of votes that cannot be read; they are ignored
}

// Due reads the changes of a lane that are due at now, or that somebody rejected
// or canceled. It does not read again those that the caller has read before: an
// entry never changes. It always reads the votes.
func (q *Queue) Due(ctx context.Context, t change.Target, now time.Time, known ...Entry) (Due, error) {
	l, err := q.List(ctx, t, now)
	if err != nil {
		return Due{}, err
	}
	return q.Fill(ctx, l, known...)
}

// Listing is the queue of a lane before its changes are read. It costs one
// request.
type Listing struct {
	target change.Target
	now    time.Time
	keys   []string // of entries that are due, or to be read early, in order
	votes  listedVotes
	due    Due // without Entries
	sum    [sha256.Size]byte
}

// Sum is equal for two listings of a lane only if they list the same keys, and the same
// changes are due.
func (l Listing) Sum() [sha256.Size]byte { return l.sum }

// sumOf hashes the keys that are listed, and those that are due.
func sumOf(listed []blob.Entry, due []string) (out [sha256.Size]byte) {
	h := sha256.New()
	for _, e := range listed {
		_, _ = io.WriteString(h, e.Key+"\n") // a hash does not fail
	}
	for _, key := range due {
		_, _ = io.WriteString(h, "\n"+key)
	}
	h.Sum(out[:0])
	return out
}

// Empty reports whether nothing is queued.
func (l Listing) Empty() bool { return len(l.keys)+len(l.due.Later) == 0 && !l.due.Full }

// New counts the entries that Fill would read.
func (l Listing) New(known []Entry) int { return len(l.Missing(known)) }

// Missing are the keys of the entries that Fill would read.
func (l Listing) Missing(known []Entry) []string { return missing(l.keys, known) }

// missing is the part of the keys that no entry has.
func missing(keys []string, known []Entry) []string {
	have := byKey(known)
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		_, ok := have[key]
		return ok
	})
}

// List lists the queue of a lane for Fill.
func (q *Queue) List(ctx context.Context, t change.Target, now time.Time) (Listing, error) {
	page, err := q.bucket.List(ctx, blob.ListOptions{Prefix: objects.QueuePrefix(t), Max: MaxDue})
	if err != nil {
		return Listing{}, fmt.Errorf("list the queue of %s: %w", t, err)
	}
	l := Listing{target: t, now: now, votes: listedVotes{}}
	latest := later(now, page.Now)
	for _, e := range page.Entries {
		c, ok := objects.ParseEntryKey(e.Key)
		if !ok {
			l.votes.add(e.Key) // anything else is a foreign object, and stays
			continue
		}
		// The votes on a change list before it.
		if !c.DueAt.After(latest) || l.votes.early(c.ID) {
			l.keys = append(l.keys, e.Key)
			continue
		}
		delete(l.votes, c.ID)
		if l.due.Next.IsZero() {
			l.due.Next = c.DueAt
		}
		l.due.Later = append(l.due.Later, e.Key)
	}
	l.due.Full = page.Next != ""
	l.sum = sumOf(page.Entries, l.keys)
	return l, nil
}

// maxSkew is how far the store's clock may be ahead of the function's: OSS refuses
// requests whose time differs more.
const maxSkew = 15 * time.Minute

// later is the later one of the function's and the store's clock. A key does not say
// whether its change asked for its due time, so those that are due by either are read.
func later(now, store time.Time) time.Time {
	if ahead := store.Sub(now); ahead > 0 && ahead <= maxSkew {
		return store
	}
	return now
}

// Fill reads the entries and votes of a listing, except the entries that the
// caller knows.
func (q *Queue) Fill(ctx context.Context, l Listing, known ...Entry) (Due, error) {
	entries, err := q.readNew(ctx, l.keys, known)
	if err == nil {
		l.due.Damaged, err = q.addVotes(ctx, entries, l.votes)
	}
	if err != nil {
		return Due{}, fmt.Errorf("read the queue of %s: %w", l.target, err)
	}
	due := l.due
	// Keys have whole milliseconds: an entry may be due a fraction of one later. The
	// store's clock may be ahead, and then an entry with a due time of its own waits.
	due.Entries = slices.DeleteFunc(entries, func(e Entry) bool {
		if e.Due(l.now) || e.early() {
			return false
		}
		due.Later = append(due.Later, e.Key)
		if due.Next.IsZero() || e.DueAt.Before(due.Next) {
			due.Next = e.DueAt
		}
		return true
	})
	due.Stray = l.votes.keys()
	return due, nil
}

// readNew reads the entries that are not among the known ones, and returns all in
// the order of keys.
func (q *Queue) readNew(ctx context.Context, keys []string, known []Entry) ([]Entry, error) {
	read, err := q.Read(ctx, missing(keys, known))
	if err != nil || len(known) == 0 {
		return read, err
	}
	have := byKey(known)
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
