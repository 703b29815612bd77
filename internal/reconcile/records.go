package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/logline"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// recorder writes the records that follow from decisions.
type recorder struct {
	target  change.Target
	nameOf  func(change.Target) string // of servers, for log lines
	records *record.Records
	outbox  Outbox // nil: nobody is notified
	proofs  Proofs // nil: no server is looked at
	queue   *queue.Queue
	index   *index.Index
	meter   *meter
	keep    func(context.Context) error // renews the lease, if there is one
	log     *slog.Logger
	written int // records so far
	// approved are changes with a record so far that needed approval.
	approved []change.Change
}

// exists reports whether a change has its record. The identity decides: an empty
// one, of a damaged entry or a vote, stands for any that the id is made from.
func (r *recorder) exists(ctx context.Context, id, identity string) (bool, error) {
	rec, err := r.find(ctx, id, identity)
	return rec != nil, err
}

// find reads the record of a change; nil when there is none. See exists.
func (r *recorder) find(ctx context.Context, id, identity string) (*record.Record, error) {
	r.meter.request()
	rec, err := r.records.Of(ctx, id, identity)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return nil, nil //nolint:nilnil // no record is an answer, not an error
	case err != nil:
		return nil, err
	default:
		return &rec, nil
	}
}

// ended reports whether a change has its record. Whoever wrote that may have died before
// the row of the index was there.
func (r *recorder) ended(ctx context.Context, e queue.Entry) (bool, error) {
	rec, err := r.find(ctx, e.ID, e.Identity)
	if rec == nil || err != nil {
		return false, err
	}
	return true, r.index.Add(ctx, index.RowOf(*rec))
}

// write writes the records that follow from a decision, and then deletes the
// entries. It may be repeated any number of times, by any worker.
func (r *recorder) write(ctx context.Context, dec *decision, entries []queue.Entry) error {
	items := make(map[string]item, len(dec.Items))
	for _, it := range dec.Items {
		items[it.Key] = it
	}
	var keys []string
	var mine []queue.Entry
	for _, e := range entries {
		if _, ok := items[e.Key]; ok {
			keys = append(keys, e.Keys()...)
			mine = append(mine, e)
		}
	}
	// A record is rendered when it is written: it names all merged changes, and
	// many of them would need much memory at once.
	err := each(ctx, len(mine), r.keep, func(ctx context.Context, i int) error {
		return r.end(ctx, dec, items[mine[i].Key], mine[i])
	})
	if err != nil {
		return fmt.Errorf("end changes: %w", err)
	}
	ids := make([]string, 0, len(mine))
	for _, e := range mine {
		ids = append(ids, e.ID)
		if e.Approvals > 0 {
			c := e.Change
			c.Reply = nil
			r.approved = append(r.approved, c)
		}
		it := items[e.Key]
		r.log.LogAttrs(ctx, slog.LevelInfo, "change ended", ended(toRecord(dec, it, e), e, r.nameOf(r.target))...)
		if r.outbox != nil {
			r.outbox.Recorded(it.ID)
		}
	}
	if r.proofs != nil {
		r.proofs.Recorded(ids...)
	}
	r.written += len(mine)
	return r.queue.Remove(ctx, keys...)
}

// end writes what follows from the end of one change, the record last. The entry has
// the reply addresses, and is deleted when all of it is there: whoever repeats this
// finds them.
func (r *recorder) end(ctx context.Context, dec *decision, it item, e queue.Entry) error {
	if err := r.notify(ctx, e); err != nil {
		return err
	}
	if err := r.prove(ctx, dec, it, e); err != nil {
		return err
	}
	if a := dec.Armed; a != nil && a.Of == e.ID {
		if err := r.arm(ctx, dec, e); err != nil {
			return err
		}
	}
	return r.record(ctx, toRecord(dec, it, e))
}

// record writes a record and its row of the index. The decision is final, so neither
// depends on the other. If another record of the change was there first, the row is of
// that one.
func (r *recorder) record(ctx context.Context, rec record.Record) error {
	row := index.RowOf(rec)
	stored := rec
	g, both := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		stored, err = r.records.Write(both, rec)
		return err
	})
	g.Go(func() error { return r.index.Add(both, row) })
	if err := g.Wait(); err != nil {
		return err
	}
	return r.index.Replace(ctx, row, index.RowOf(stored))
}

// arm queues the undo of a change, and has people reminded of it.
func (r *recorder) arm(ctx context.Context, dec *decision, e queue.Entry) error {
	a := dec.Armed
	c := a.undoOf(e, dec.FinishedAt)
	if _, err := r.queue.Add(ctx, c); err != nil {
		return err
	}
	armed := []slog.Attr{slog.String("change", a.Of), slog.String("undo", a.ID)}
	r.log.LogAttrs(ctx, slog.LevelInfo, "undo armed", append(logline.Change(armed, e.Change, r.nameOf(r.target)), slog.Time("due", a.Due))...)
	to := replies(e)
	if len(to) == 0 || r.outbox == nil {
		return nil
	}
	r.meter.request()
	return r.outbox.Remind(ctx, r.target, a.ID, a.Of, a.Due, to)
}

// notify stores the pending notification of a change's end.
func (r *recorder) notify(ctx context.Context, e queue.Entry) error {
	to := replies(e)
	if len(to) == 0 || r.outbox == nil {
		return nil
	}
	r.meter.request()
	return r.outbox.Add(ctx, r.target, e.ID, to)
}
