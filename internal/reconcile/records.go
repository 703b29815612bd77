package reconcile

import (
	"context"
	"fmt"
	"log/slog"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/fanout"
	"sslvpnchange/internal/queue"
	"sslvpnchange/internal/record"
)

// recorder writes the records that follow from decisions.
type recorder struct {
	target  change.Target
	records *record.Records
	outbox  Outbox // nil: nobody is notified
	proofs  Proofs // nil: no server is looked at
	queue   *queue.Queue
	meter   *meter
	log     *slog.Logger
	written int // records so far
}

// exists reports whether a change has its record. The identity decides: an empty
// one, of a damaged entry or a vote, stands for any that the id is made from.
func (r *recorder) exists(ctx context.Context, id, identity string) (bool, error) {
	r.meter.request()
	return r.records.Has(ctx, id, identity)
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
	err := fanout.Each(ctx, len(mine), parallel, func(ctx context.Context, i int) error {
		return r.end(ctx, dec, items[mine[i].Key], mine[i])
	})
	if err != nil {
		return fmt.Errorf("end changes: %w", err)
	}
	ids := make([]string, 0, len(mine))
	for _, e := range mine {
		ids = append(ids, e.ID)
		it := items[e.Key]
		attrs := []slog.Attr{slog.String("change", it.ID), slog.String("status", string(it.Status))}
		if e.Undoes != nil {
			attrs = append(attrs, slog.String("undoes", e.Undoes.Of))
		}
		r.log.LogAttrs(ctx, slog.LevelInfo, "change ended", attrs...)
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
	return r.records.Write(ctx, toRecord(dec, it, e))
}

// arm queues the undo of a change, and has people reminded of it.
func (r *recorder) arm(ctx context.Context, dec *decision, e queue.Entry) error {
	a := dec.Armed
	c := a.undoOf(e, dec.FinishedAt)
	if _, err := r.queue.Add(ctx, c); err != nil {
		return err
	}
	r.log.InfoContext(ctx, "undo armed", slog.String("change", a.Of), slog.String("undo", a.ID), slog.String("person", c.Asker()), slog.Time("due", a.Due))
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
