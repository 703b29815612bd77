package function

import (
	"context"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// undoer undoes changes whose proof fails, by a vote to undo them at once.
type undoer struct {
	records *record.Records
	intake  *intake.Intake
	now     func() time.Time
}

// Undo makes the undo of a change due at once. A change that has been confirmed, or
// undone, stays so.
func (u undoer) Undo(ctx context.Context, t change.Target, changeID string) error {
	rec, err := u.records.Read(ctx, changeID)
	if err != nil || rec.Undo == nil {
		return err
	}
	if ended, err := u.records.Has(ctx, rec.Undo.ID, ""); err != nil || ended {
		return err
	}
	vote := change.Vote{
		Kind: change.UndoNow, Person: change.Prover, At: u.now().UTC(),
		Reason: "the server answered the probe before the change, and refuses it now",
	}
	if err := u.intake.Vote(ctx, t, rec.Undo.ID, queue.Vote{Vote: vote}); err != nil {
		return err
	}
	u.intake.Wake(ctx, []change.Target{t})
	return nil
}
