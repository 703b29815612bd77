package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/objects"
)

// File is one upload of a change file.
type File struct {
	Key          string
	ETag         string
	LastModified time.Time
}

// Intake is who takes change files that nobody took: their event was lost, or
// the invocation that had it died.
type Intake interface {
	TakeFile(ctx context.Context, f File) error
}

// SweepReport says what a sweep did.
type SweepReport struct {
	Files     int      `json:"files"`     // change files taken late
	Collected int      `json:"collected"` // old objects deleted
	Lanes     []Report `json:"lanes"`     // lanes with due changes
	Problems  []string `json:"problems,omitempty"`
}

// sweepState is where the sweep's passes go on, stored in state/sweep.json. It
// is advisory: without it the passes start over.
type sweepState struct {
	Schema      string    `json:"schema"`
	FilesAfter  string    `json:"filesAfter,omitempty"`
	LanesAfter  string    `json:"lanesAfter,omitempty"`
	ClaimsAfter string    `json:"claimsAfter,omitempty"`
	Collecting  bool      `json:"collecting,omitempty"`
	CollectedAt time.Time `json:"collectedAt,omitzero"`
}

const sweepSchema = "sslvpn-change/sweep/v1"

// Sweep looks after what nobody rang for. Each pass is bounded and independent:
// one that fails is reported and the others go on, and so is a lane. It fails
// only when it cannot even tell which lanes have something to do.
func (r *Reconciler) Sweep(ctx context.Context, in Intake) (SweepReport, error) {
	var rep SweepReport
	var errs []error
	st := r.readSweep(ctx)
	old := st

	n, err := r.sweepFiles(ctx, &st, in)
	rep.Files = n
	errs = append(errs, err)

	n, err = r.collect(ctx, &st)
	rep.Collected = n
	errs = append(errs, err)

	if st != old {
		errs = append(errs, r.writeSweep(ctx, st))
	}

	lanes, _, err := r.queue.Lanes(ctx, r.limits.now(), "", maxSweepLanes)
	if err != nil {
		return rep, err
	}
	var failed error
	rep.Lanes, failed = r.DrainAll(ctx, lanes)
	errs = append(errs, failed)
	for _, err := range errs {
		if err != nil {
			rep.Problems = append(rep.Problems, err.Error())
			r.deps.Log.WarnContext(ctx, "sweep pass failed", slog.Any("error", err))
		}
	}
	return rep, nil
}

// maxSweepLanes bounds one sweep: more lanes than an account can have gateways
// many times over.
const maxSweepLanes = 5000

func (r *Reconciler) readSweep(ctx context.Context) sweepState {
	var st sweepState
	obj, err := r.deps.Bucket.Get(ctx, objects.Sweep, blob.GetOptions{})
	if err == nil {
		err = json.Unmarshal(obj.Data, &st)
	}
	if err != nil && !errors.Is(err, blob.ErrNotFound) {
		r.deps.Log.WarnContext(ctx, "sweep starts over", slog.Any("error", err))
		return sweepState{}
	}
	return st
}

func (r *Reconciler) writeSweep(ctx context.Context, st sweepState) error {
	st.Schema = sweepSchema
	data, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("encode the sweep's state: %w", err)
	}
	return r.deps.Bucket.Put(ctx, objects.Sweep, data)
}
