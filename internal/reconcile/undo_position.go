package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// undoWaits sets the position of an undo that waits for the time in which the change
// may be confirmed, and reports whether it does.
func undoWaits(pos *Position, now time.Time) bool {
	c := pos.Entry.Change
	due := c.UndoAt(pos.Entry.CastVotes())
	pos.DueAt, pos.Undoes = due, c.Undoes.Of
	if !now.Before(due) {
		return false
	}
	pos.Status, pos.Cause, pos.Next = change.Waiting, CauseConfirm, due
	pos.Why = "undoes " + c.Undoes.Of + " unless somebody confirms that change before " + due.UTC().Format(time.RFC3339)
	return true
}

// addUndo adds how the undo of a change ended, or when it is due, if the change was to be
// confirmed.
func (r *Reconciler) addUndo(ctx context.Context, rec *record.Record) error {
	if rec.Undo == nil {
		return nil
	}
	undo, err := r.deps.Records.Read(ctx, rec.Undo.ID)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return r.addUndoTime(ctx, rec.Undo)
	case err != nil:
		return err
	}
	rec.Undo.Status, rec.Undo.At = undo.Status, undo.FinishedAt
	for _, v := range undo.Votes {
		if v.Kind == change.Cancel {
			rec.Undo.By = v.Person
		}
	}
	return nil
}

// addUndoTime sets when an undo that has not ended is due: people may have moved that.
func (r *Reconciler) addUndoTime(ctx context.Context, u *record.Undo) error {
	e, err := r.queue.Find(ctx, u.ID)
	switch {
	case errors.Is(err, blob.ErrNotFound): // it has just ended, or somebody deleted it
		return nil
	case err != nil:
		return err
	case e.Err == nil:
		u.DueAt = e.UndoAt(e.CastVotes())
	}
	return nil
}
