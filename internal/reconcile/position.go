package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Position is how far a change is that has not ended.
type Position struct {
	ID         string        `json:"id"`
	Status     change.Status `json:"status"`
	Why        string        `json:"why"`
	Cause      Cause         `json:"cause"` // Why, for programs
	AcceptedAt time.Time     `json:"acceptedAt"`
	DueAt      time.Time     `json:"dueAt"`
	Next       time.Time     `json:"nextAttemptAt"`
	ExpiresAt  time.Time     `json:"expiresAt"`
	// Connected is how many clients are connected, where that is the cause.
	Connected int    `json:"connected,omitempty"`
	Undoes    string `json:"undoes,omitempty"` // the change that it undoes, unless somebody confirms that one
	// Behind is the earlier change of the same settings that has to be sent first, where
	// that waits for a window or for fewer clients.
	Behind string `json:"behind,omitempty"`
	// WaitsFor is the change that is to be confirmed or undone first, where that is the
	// cause.
	WaitsFor string              `json:"waitsFor,omitempty"`
	Confirm  change.Confirmation `json:"confirm,omitzero"`
	When     string              `json:"when,omitempty"`
	Proof    bool                `json:"proof,omitempty"`
	Override string              `json:"override,omitempty"` // the freeze that it overrides
	// Assistant says that an assistant requested it, by the policy when it was accepted.
	Assistant bool         `json:"assistant,omitempty"`
	Window    *change.Gate `json:"window,omitempty"` // for which it waits, where that is the cause
	// Approval counts the approvals; nil when none is needed.
	Approval *Approval `json:"approval,omitempty"`

	Entry queue.Entry `json:"-"` // holds secrets
}

// Approval counts the approvals of a change.
type Approval struct {
	Need   int           `json:"need"`
	Agreed []change.Vote `json:"agreed"`
	Lapsed int           `json:"lapsed,omitempty"` // approvals that are too old, or of another plan
}

// Cause says why a change has not ended.
type Cause string

// The causes. Those of a lane that waits are those of its wait: gateway,
// breaker, throttle, credentials, policy, failing, clients and window.
const (
	CauseQueued     Cause = "in-line"
	CauseNotDue     Cause = "not-due"
	CauseApproval   Cause = "approval"
	CauseApplying   Cause = "applying"
	CauseUnverified Cause = "settling"           // sent, and the outcome is not known yet
	CauseOthers     Cause = "others"             // changes before it are being applied
	CauseRecovery   Cause = Cause(causeRecovery) // a worker died, and the next one recovers
	CauseGateway    Cause = Cause(causeGateway)
	CauseBreaker    Cause = Cause(causeBreaker)
	CauseThrottle   Cause = Cause(causeThrottle)
	CauseLogin      Cause = Cause(causeLogin)
	CausePolicy     Cause = Cause(causePolicy) // the policy cannot be used
	// CauseFailing: the API does not accept the modification, and reads work.
	CauseFailing Cause = Cause(causeFailing)
	CauseClients Cause = Cause(causeClients) // too many clients are connected
	CauseWindow  Cause = Cause(causeWindow)  // a maintenance window is closed, or there is a freeze
	// CauseConfirm: a change of the server is to be confirmed or undone.
	CauseConfirm Cause = "confirm"
)

// Record returns the record of a change. It fails with blob.ErrNotFound if the
// change has not ended.
func (r *Reconciler) Record(ctx context.Context, id string) (record.Record, error) {
	return r.deps.Records.Read(ctx, id)
}

// Find returns the record of a change that has ended, or the position of one
// that has not. It fails with blob.ErrNotFound for an id that is neither.
func (r *Reconciler) Find(ctx context.Context, id string) (*record.Record, *Position, error) {
	// The change may end between the reads of the record and of the queue, in
	// either order. A second look finds the record: it is written before the entry is
	// deleted.
	for range 2 {
		rec, e, err := r.find(ctx, id)
		if rec != nil {
			return rec, nil, errors.Join(r.addNotice(ctx, rec), r.addUndo(ctx, rec), r.addProof(ctx, rec))
		}
		if err == nil {
			pos, err := r.Positions(ctx, []queue.Entry{e})
			if err != nil {
				return nil, nil, err
			}
			return nil, pos[0], nil
		}
		if !errors.Is(err, blob.ErrNotFound) {
			return nil, nil, err
		}
	}
	return nil, nil, fmt.Errorf("find %s: %w", id, blob.ErrNotFound)
}

// find reads the record and the queue concurrently, because somebody waits for
// the answer. The record counts; without it the error is the queue's.
func (r *Reconciler) find(ctx context.Context, id string) (*record.Record, queue.Entry, error) {
	var rec record.Record
	var e queue.Entry
	var inQueue error
	queueCtx, found := context.WithCancel(ctx)
	defer found()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		if rec, err = r.deps.Records.Read(ctx, id); err == nil {
			found() // no need to look on
		}
		return err
	})
	g.Go(func() error {
		e, inQueue = r.queue.Find(queueCtx, id)
		return nil
	})
	switch err := g.Wait(); {
	case err == nil:
		return &rec, e, nil
	case !errors.Is(err, blob.ErrNotFound):
		return nil, e, err
	default:
		return nil, e, inQueue
	}
}

// addNotice adds the notice that is stored beside a record. Only changes from
// chat have one.
func (r *Reconciler) addNotice(ctx context.Context, rec *record.Record) error {
	if rec.Origin.Kind != change.FromChat {
		return nil
	}
	n, err := r.deps.Records.ReadNotice(ctx, rec.ID)
	if errors.Is(err, blob.ErrNotFound) {
		return nil
	}
	if err == nil {
		rec.Notice = &n
	}
	return err
}

// waitsForItself reports whether the change waits for its own due time or
// approval, and not for its lane.
func (r *Reconciler) waitsForItself(pos *Position) bool {
	c, now := pos.Entry.Change, r.limits.now()
	if c.Undoes != nil {
		return undoWaits(pos, now)
	}
	missing := ""
	if c.Approvals > 0 {
		s := plan.CountApprovals(c, pos.Entry.CastVotes(), now)
		pos.Approval = &Approval{Need: s.Need, Agreed: s.Agreed, Lapsed: s.Lapsed}
		if pos.Approval.Agreed == nil {
			pos.Approval.Agreed = []change.Vote{}
		}
		if !s.Ready() {
			missing = "to be approved by " + people(s.Need-len(s.Agreed))
		}
	}
	switch {
	case !c.Due(now):
		pos.Status, pos.Next, pos.Cause = change.Waiting, c.DueAt, CauseNotDue
		pos.Why = "not before " + c.DueAt.UTC().Format(time.RFC3339)
		if missing != "" {
			pos.Why += ", and " + missing
		}
		return true
	case missing != "" && !plan.Ends(c, pos.Entry.CastVotes(), now):
		pos.Status, pos.Why, pos.Next, pos.Cause = change.Waiting, "waits "+missing, c.ExpiresAt, CauseApproval
		return true
	default:
		return false
	}
}

// standsInLane sets the position of a change that is due, from its lane.
func (r *Reconciler) standsInLane(pos *Position, head lane.Head, st state) {
	mine := st.Intent != nil && names(st.Intent, pos.ID)
	switch {
	case head.Leased() && mine:
		pos.Status, pos.Cause, pos.Why = change.Applying, CauseApplying, "a worker is applying it"
	case head.Leased():
		pos.Cause, pos.Why = CauseOthers, "a worker is applying changes that came before it"
	case head.Held && mine:
		pos.Status, pos.Cause, pos.Why = change.Applying, CauseRecovery, "the worker that applied it died; the next worker recovers"
	case head.Held:
		pos.Cause, pos.Why = CauseRecovery, "the worker that had the lease died; the next worker takes over"
	case mine:
		pos.Status, pos.Cause, pos.Why = change.Applying, CauseUnverified, "the modification was sent and is not verified yet"
		if st.Waits.Wait != nil {
			pos.Why += ": " + st.Waits.Wait.Why
			r.nextLook(pos, st.Waits.Wait)
		}
		if a := st.Intent.Answers; a != nil && a.Unchanged {
			// Nothing shows of it, so it can be cancelled.
			pos.Status, pos.Cause, pos.Why = change.Waiting, CauseFailing, a.why()
			if w := st.Waits.Wait; w != nil && w.Cause != causeFailing {
				pos.Cause, pos.Why = Cause(w.Cause), w.Why
			}
		}
	case st.Armed != nil && st.Armed.ID != pos.ID && !pos.Entry.DryRun:
		pos.Status, pos.Cause, pos.WaitsFor = change.Waiting, CauseConfirm, st.Armed.Of
		pos.Why = "change " + st.Armed.Of + " was applied, and is to be confirmed or undone first"
	case st.Waits.Wait != nil && st.Waits.Wait.Cause == causeWindow:
		pos.heldByWindow(st.Waits.Wait)
	case st.Waits.Wait != nil && st.Waits.Wait.Cause == causeClients:
		pos.heldByClients(st.Waits.Wait)
	case st.Waits.Wait != nil:
		pos.Status, pos.Cause, pos.Why = change.Waiting, Cause(st.Waits.Wait.Cause), st.Waits.Wait.Why
		r.nextLook(pos, st.Waits.Wait)
	default:
		pos.Cause, pos.Why = CauseQueued, "queued"
	}
}

// heldByClients sets the position in a lane in which a change waits until few clients
// are connected: this one, or another one.
func (pos *Position) heldByClients(w *wait) {
	limit := pos.Entry.Idle
	switch {
	case limit > 0 && w.Connected >= limit:
		pos.Status, pos.Cause, pos.Connected = change.Waiting, CauseClients, w.Connected
		pos.Why = clientsWhy(w.Connected, limit)
	case w.Connected == 0 && (limit > 0 || len(w.Settings) == 0): // they are not counted yet
		pos.Status, pos.Cause, pos.Why = change.Waiting, CauseClients, w.Why
	case limit == 0 && !pos.Entry.DryRun && w.blocked().blocks(pos.Entry.Request):
		pos.Status, pos.Cause, pos.Why = change.Waiting, CauseClients, "a change before it of the same settings waits: "+w.Why
		pos.Behind, _ = w.blocked().holder(pos.Entry.Request)
	default:
		pos.Cause, pos.Why = CauseQueued, "queued"
	}
}

// heldByWindow sets the position in a lane in which a change waits for an opening: this
// one, or another one. The lane says what the first one waits for.
func (pos *Position) heldByWindow(w *wait) {
	holder, blocks := w.blocked().holder(pos.Entry.Request)
	if pos.Entry.DryRun || !blocks {
		pos.Cause, pos.Why = CauseQueued, "queued"
		return
	}
	pos.Status, pos.Cause, pos.Why = change.Waiting, CauseWindow, "waits until it may be sent: "+w.Why
	if holder != "" && holder != pos.ID {
		pos.Behind, pos.Why = holder, "change "+holder+" of the same settings is before it and "+pos.Why
	}
	pos.Window = &change.Gate{OpensAt: w.Opens, Windows: w.Windows, Freeze: w.Freeze}
	if !w.Opens.IsZero() {
		pos.Next = w.Opens
	}
}

// nextLook sets the time of the next attempt to that of a wait which must be over.
func (r *Reconciler) nextLook(pos *Position, w *wait) {
	if w.Hold && w.Next.After(r.limits.now()) {
		pos.Next = w.Next
	}
}

// people is a number of other people in words.
func people(n int) string {
	if n == 1 {
		return "one other person"
	}
	return strconv.Itoa(n) + " other people"
}

func names(in *intent, id string) bool {
	return slices.ContainsFunc(in.Outcomes, func(o plan.Outcome) bool { return o.ID == id })
}

// Queued returns those of the lanes in which something is queued.
func (r *Reconciler) Queued(ctx context.Context, lanes []change.Target) ([]change.Target, error) {
	empty := make([]bool, len(lanes))
	err := fanout.Each(ctx, len(lanes), parallel, func(ctx context.Context, i int) error {
		listing, err := r.queue.List(ctx, lanes[i], r.limits.now())
		empty[i] = err == nil && listing.Empty()
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []change.Target
	for i, t := range lanes {
		if !empty[i] {
			out = append(out, t)
		}
	}
	return out, nil
}

// Waiting returns the positions of the first queued changes, at most limit of
// them: those of one lane, or of all lanes for the zero target.
func (r *Reconciler) Waiting(ctx context.Context, t change.Target, limit int) ([]*Position, error) {
	entries, err := r.queue.First(ctx, t, limit)
	if err != nil {
		return nil, err
	}
	return r.Positions(ctx, entries)
}
