package reconcile

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

// readDue reads the listed entries that are not known yet.
func (d *drain) readDue(ctx context.Context, listing queue.Listing) (queue.Due, error) {
	known := d.known.read
	// The entries of a long queue are read under the lease.
	for keys := range slices.Chunk(listing.Missing(known), portion) {
		if d.journal.lease == nil {
			break
		}
		read, err := d.queue.Read(ctx, keys)
		if err == nil {
			err = d.keep(ctx)
		}
		if err != nil {
			return queue.Due{}, err
		}
		known = append(slices.Clip(known), read...)
	}
	due, err := d.queue.Fill(ctx, listing, known...)
	if err != nil {
		return queue.Due{}, err
	}
	d.known.read, d.known.gone = due.Entries, nil
	for _, e := range withdrawn(due.Entries) {
		d.known.gone = append(d.known.gone, e.Key)
	}
	for _, key := range due.Damaged {
		d.deps.Log.WarnContext(ctx, "vote cannot be read, and does not count", slog.String("key", key))
	}
	return due, nil
}

// listingDelay is how long a listing may lag behind what was written. The
// vendor documents neither that listings lag nor that they do not.
const listingDelay = 5 * time.Minute

// completeDecision writes the records that the last decision lacks, and returns
// the due entries that are not part of it. The decision's own entries may not be
// among the due ones: they may be behind a full page, missing from a listing
// that lags, or due only later by this worker's clock.
func (d *drain) completeDecision(ctx context.Context, due queue.Due) ([]queue.Entry, error) {
	dec, head := d.journal.Decided, d.journal.head
	if dec == nil || d.deps.Memory.has(d.target, head.Gen) {
		d.journal.Decided = nil
		return due.Entries, nil
	}
	missing := map[string]bool{}
	for _, it := range dec.Items {
		missing[it.Key] = true
	}
	var mine, others []queue.Entry
	for _, e := range due.Entries {
		if missing[e.Key] {
			mine = append(mine, e)
			delete(missing, e.Key)
		} else {
			others = append(others, e)
		}
	}
	unsure := due.Full || head.Age < listingDelay
	var hidden []string
	for _, it := range dec.Items {
		if missing[it.Key] && (unsure || slices.Contains(due.Later, it.Key)) {
			hidden = append(hidden, it.Key)
		}
	}
	more, err := d.queue.Read(ctx, hidden)
	if err == nil {
		err = d.records.write(ctx, dec, append(mine, more...))
	}
	if err != nil {
		return nil, err
	}
	d.journal.Decided = nil // not before: the lease may be renewed, or released after an error
	d.deps.Memory.completed(d.target, head.Gen)
	return others, nil
}

// dropEnded deletes the entries of changes that have a record: a redelivery at
// the moment of its change's end brings an entry back. It returns the others,
// and remembers them: nobody but this worker can end them.
func (d *drain) dropEnded(ctx context.Context, entries []queue.Entry) ([]queue.Entry, error) {
	known := make(map[string]bool, len(d.known.open))
	for _, e := range d.known.open {
		known[e.Key] = true
	}
	has := make([]bool, len(entries))
	err := each(ctx, len(entries), d.keep, func(ctx context.Context, i int) (err error) {
		if !known[entries[i].Key] {
			has[i], err = d.records.ended(ctx, entries[i])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var ended []string
	var open []queue.Entry
	for i, e := range entries {
		if has[i] {
			ended = append(ended, e.Keys()...)
		} else {
			open = append(open, e)
		}
	}
	d.known.open = open
	return open, d.queue.Remove(ctx, ended...)
}

// dropStray deletes votes on changes that have ended.
func (d *drain) dropStray(ctx context.Context, keys []string) error {
	var old []string
	for _, key := range keys {
		ended, err := d.records.exists(ctx, queue.VotedOn(key), "")
		if err != nil {
			return err
		}
		if ended {
			old = append(old, key)
		}
	}
	return d.queue.Remove(ctx, old...)
}

// mergeable is the first part of the entries that one modification may carry.
func (d *drain) mergeable(entries []queue.Entry) []queue.Entry {
	for _, e := range entries {
		if slices.Contains(d.journal.Separate, e.ID) {
			return entries[:1]
		}
	}
	d.journal.Separate = nil
	return untilSeparate(distinct(entries), d.limits.now())
}

// distinct is the first part of the entries that have an id each. Ids of earlier
// versions can be equal, and outcomes are stored by id.
func distinct(entries []queue.Entry) []queue.Entry {
	seen := make(map[string]bool, len(entries))
	for i, e := range entries {
		if seen[e.ID] {
			return entries[:i]
		}
		seen[e.ID] = true
	}
	return entries
}
