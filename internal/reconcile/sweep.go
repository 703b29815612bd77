package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// File is one upload of a change file.
type File struct {
	Key          string
	ETag         string
	LastModified time.Time
}

// Intake accepts change files whose event was lost, or whose invocation died.
type Intake interface {
	AcceptFile(ctx context.Context, f File) error
}

// SweepReport is what a sweep did.
type SweepReport struct {
	Files     int      `json:"files"`            // change files accepted without an event
	Collected int      `json:"collected"`        // old objects deleted
	Merged    bool     `json:"merged,omitempty"` // rows of the index
	Lanes     []Report `json:"lanes"`            // lanes with due changes
	Problems  []string `json:"problems,omitempty"`
}

// sweepState is the stored form of where the sweep's passes continue, in
// state/sweep.json. The sweep alone writes and reads it, and without it the
// passes start over. Fields may be added; the name, the type and the meaning of
// a field never change. testdata/stored/sweep has a sample of every version.
type sweepState struct {
	Schema      string    `json:"schema"`
	FilesAfter  string    `json:"filesAfter,omitempty"`
	LanesAfter  string    `json:"lanesAfter,omitempty"`
	ClaimsAfter string    `json:"claimsAfter,omitempty"`
	Collecting  bool      `json:"collecting,omitempty"`
	CollectedAt time.Time `json:"collectedAt,omitzero"`
	MergedAt    time.Time `json:"mergedAt,omitzero"` // when there was nothing left to merge in the index
}

const sweepSchema = "sslvpn-change/sweep/v1"

// Sweep looks after what no trigger worked off. Each pass is bounded and
// independent: one that fails is reported, and the others go on; the same holds
// for lanes. It fails only if it cannot list the lanes with due changes.
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

	rep.Merged, err = r.mergeIndex(ctx, &st)
	errs = append(errs, err)

	if st != old {
		errs = append(errs, r.writeSweep(ctx, st))
	}

	lanes, _, err := r.queue.Lanes(ctx, r.limits.now(), "", maxSweepLanes)
	if err != nil {
		return rep, err
	}
	var failed error
	rep.Lanes, failed = r.drainAll(ctx, visits(r.inTurn(lanes), bySweep))
	errs = append(errs, failed, r.takeOverDead(ctx, rep.Lanes))
	for _, err := range errs {
		if err != nil {
			rep.Problems = append(rep.Problems, err.Error())
			r.deps.Log.WarnContext(ctx, "sweep pass failed", slog.Any("error", err))
		}
	}
	return rep, nil
}

// DrainDue drains lanes with due changes until none is left, the invocation has no more
// time, or no change ends. Several invocations may do so at once: each takes a few lanes
// at a time, and then lists those that are left.
func (r *Reconciler) DrainDue(ctx context.Context) ([]Report, error) {
	if r.limits.policy.Wakes {
		return r.drainEachDue(ctx, nil)
	}
	var out []Report
	for {
		lanes, _, err := r.queue.Lanes(ctx, r.limits.now(), "", maxSweepLanes)
		if err != nil {
			return out, err
		}
		lanes = r.inTurn(lanes)
		reports, err := r.DrainAll(ctx, lanes[:min(len(lanes), portions*r.limits.policy.MaxLanes)])
		out = append(out, reports...)
		if err != nil || !slices.ContainsFunc(reports, func(rep Report) bool { return rep.Ended > 0 }) {
			return out, err
		}
	}
}

// DrainFirst is DrainDue that drains some lanes first.
func (r *Reconciler) DrainFirst(ctx context.Context, lanes []change.Target) ([]Report, error) {
	if r.limits.policy.Wakes {
		return r.drainEachDue(ctx, lanes)
	}
	reports, err := r.DrainAll(ctx, lanes)
	others, failed := r.DrainDue(ctx)
	return append(reports, others...), errors.Join(err, failed)
}

// drainEachDue drains some lanes, and beside them each lane with due changes once: those
// that wait have wake-ups of their own.
func (r *Reconciler) drainEachDue(ctx context.Context, lanes []change.Target) (out []Report, err error) {
	seen := map[change.Target]bool{}
	for {
		due, _, err := r.queue.Lanes(ctx, r.limits.now(), "", maxSweepLanes)
		if err != nil {
			return out, err
		}
		for _, t := range lanes {
			seen[t] = true
		}
		due = slices.DeleteFunc(r.inTurn(due), func(t change.Target) bool { return seen[t] })
		lanes = append(lanes, due[:min(len(due), max(0, r.begun()-len(lanes)))]...)
		for _, t := range lanes {
			seen[t] = true
		}
		reports, err := r.DrainAll(ctx, lanes)
		out = append(out, reports...)
		if err != nil || len(reports) == 0 {
			return out, err
		}
		lanes = nil
	}
}

// portions is how many times MaxLanes lanes DrainDue takes before it lists them again.
const portions = 2

// inTurn begins the lanes elsewhere in every invocation, if one may not have time for
// all of them: otherwise the first ones could use up the time of all invocations.
func (r *Reconciler) inTurn(lanes []change.Target) []change.Target {
	if len(lanes) <= r.limits.policy.MaxLanes {
		return lanes
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(r.deps.Owner))
	first := int(h.Sum32() % uint32(len(lanes)))
	return slices.Concat(lanes[first:], lanes[:first])
}

// maxSweepLanes bounds one sweep: more lanes than an account can have gateways
// many times over.
const maxSweepLanes = 5000

// readSweep reads the sweep's state. One that cannot be read is as good as none.
func (r *Reconciler) readSweep(ctx context.Context) sweepState {
	obj, err := r.deps.Bucket.Get(ctx, objects.Sweep, blob.GetOptions{})
	if errors.Is(err, blob.ErrNotFound) {
		return sweepState{}
	}
	var st sweepState
	if err == nil {
		st, err = decodeSweep(obj.Data)
	}
	if err != nil {
		r.deps.Log.WarnContext(ctx, "sweep starts over", slog.Any("error", err))
		return sweepState{}
	}
	return st
}

func (r *Reconciler) writeSweep(ctx context.Context, st sweepState) error {
	data, err := st.encode()
	if err != nil {
		return fmt.Errorf("encode the sweep's state: %w", err)
	}
	return r.deps.Bucket.Put(ctx, objects.Sweep, data)
}

func decodeSweep(data []byte) (sweepState, error) {
	var st sweepState
	if err := json.Unmarshal(data, &st); err != nil {
		return sweepState{}, err
	}
	if st.Schema != sweepSchema {
		return sweepState{}, fmt.Errorf("%s has schema %q", objects.Sweep, st.Schema)
	}
	return st, nil
}

func (s sweepState) encode() ([]byte, error) {
	s.Schema = sweepSchema
	return json.Marshal(s)
}
