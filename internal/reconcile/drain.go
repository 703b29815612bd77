package reconcile

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/index"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/logline"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

// Standing is how a drain left its lane.
type Standing string

// The ways to leave a lane.
const (
	Empty  Standing = "empty"   // nothing is due
	Leased Standing = "taken"   // another worker has the lease
	Waits  Standing = "waiting" // due changes wait; a wake-up or the sweep looks again
	// Replaced is for a wake-up whose chain was replaced by another one: nothing was done.
	Replaced Standing = "replaced"
)

// Report is what a drain did.
type Report struct {
	Lane     string    `json:"lane"`
	Standing Standing  `json:"standing"`
	Ended    int       `json:"ended"` // changes that got their record
	Why      string    `json:"why,omitempty"`
	Next     time.Time `json:"next,omitzero"` // when to look again; zero when nothing waits

	// WakeAt is when a wake-up of the lane is wanted, and Gen the generation of the lane's
	// chain to which it belongs; 0: none. A zero WakeAt stands for no wake-up, as always
	// without Policy.Wakes.
	WakeAt time.Time     `json:"wakeAt,omitzero"`
	Gen    int64         `json:"-"`
	Target change.Target `json:"-"`

	dead time.Time // when the lease expires of a worker that has probably died; zero: of none

	// Approvals are the changes of the lane that need approval, as far as they were seen.
	Approvals Approvals `json:"-"`

	backlog backlog // what waits: see BacklogOf
}

// Approvals are changes that need approval.
type Approvals struct {
	Waiting []change.Change // due, and have not ended; without reply addresses
	Ended   []change.Change // that got their record; likewise
	// Later are the ids of changes that are not due, and may need approval.
	Later []string
}

// Drain works off the due changes of a lane until none is left, another worker
// has the lease, or there is something to wait for that this invocation cannot
// outlast. It fails when the object store fails or the lane's state cannot be
// read. The changes then stay in the queue, and the next worker goes on.
func (r *Reconciler) Drain(ctx context.Context, t change.Target) (Report, error) {
	return r.drain(ctx, visit{target: t})
}

// drain is Drain for a visit.
func (r *Reconciler) drain(ctx context.Context, v visit) (Report, error) {
	t := v.target
	if !r.places.enter(ctx) {
		return Report{}, nil
	}
	defer r.places.leave()
	r.permit.enter()
	defer r.permit.leave()
	d := r.newDrain(t)
	d.visit, d.waiter.until = v, v.until
	rep, err := d.run(ctx)
	rep = d.withWakeUp(rep)
	rep.Lane, rep.Target, rep.Approvals, rep.backlog = t.String(), t, d.approvals(), d.backlog()
	if !rep.WakeAt.IsZero() && r.deps.Wake != nil {
		r.deps.Wake(rep)
	}
	if err != nil {
		return rep, fmt.Errorf("drain %s: %w", t, err)
	}
	return rep, nil
}

// Waited reports whether this invocation was one of the few that may wait for long. The
// lanes that others could not wait for are left to it, and to the sweep.
func (r *Reconciler) Waited() bool { return r.permit.waited() }

// DrainAll drains lanes, MaxLanes at once. Lanes that the invocation has no time for are
// left to the next look. It returns the reports of the other lanes, and their errors,
// joined.
func (r *Reconciler) DrainAll(ctx context.Context, lanes []change.Target) ([]Report, error) {
	return r.drainAll(ctx, visits(lanes, byEvent))
}

// drain is one lane that is worked off in one invocation. The methods of a
// round are in the order in which they run: drain.go up to the batch, draft.go
// up to the plan, apply.go up to the outcome, release.go up to the records.
type drain struct {
	target  change.Target
	visit   visit
	opened  int64  // the newest generation when the visit began
	undo    string // the id of the undo that was armed then
	deps    Deps   // with a metered bucket
	limits  limits
	queue   *queue.Queue
	journal *journal
	remote  *remote
	waiter  *waiter
	meter   *meter
	records *recorder
	known   known
}

// known is what a drain knows of its queue, so that it reads nothing twice.
type known struct {
	read    []queue.Entry             // what the last round read
	later   []string                  // the keys of what was not due in the last round
	open    []queue.Entry             // of those, what had no record in this round: only the lease's owner ends them
	listed  time.Time                 // when the queue was last listed, before the answer
	idle    bool                      // the lease was acquired for a long queue, in which nothing was to be done
	gone    []string                  // the keys of what was withdrawn when the queue was last read
	clients clientCount               // the connected clients, where a change depends on them
	unmet   map[string]change.Problem // why conditions of changes cannot be checked, by id

	permissions Permissions       // the policy as it was last read
	permittedAt time.Time         // when that was, before the answer
	chosen      bool              // a batch was chosen by it, and not planned yet
	counting    bool              // a change that was left out waits for fewer clients
	sum         [sha256.Size]byte // of the listing
	backlog     backlog           // by the last listing
}

// withdrew reports whether somebody cancelled or rejected a change that depends on
// an intent.
func (k *known) withdrew(in *intent) bool {
	for i, o := range in.Outcomes {
		if contributes(o) && slices.Contains(k.gone, in.Keys[i]) {
			return true
		}
	}
	return false
}

// outside is the part of the entries that an intent does not contain.
func outside(entries []queue.Entry, in *intent) []queue.Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e queue.Entry) bool { return slices.Contains(in.Keys, e.Key) })
}

// hasOther reports whether a change is due that an intent does not contain: if the API
// refuses the intent, another modification may be accepted.
func (k *known) hasOther(in *intent) bool {
	return len(outside(k.read, in)) > 0
}

func (r *Reconciler) newDrain(t change.Target) *drain {
	m := &meter{}
	deps := r.deps
	deps.Bucket = metered{r.deps.Bucket, m}
	deps.Log = deps.Log.With(logline.Any(append([]slog.Attr{slog.String("lane", t.String())}, logline.Server(t, deps.nameOf(t))...))...)
	q := queue.New(deps.Bucket)
	d := &drain{
		target: t, deps: deps, limits: r.limits, queue: q, meter: m,
		journal: &journal{chain: lane.Open(deps.worker(), t), limits: r.limits, log: deps.Log},
		remote:  r.remote(t, deps.Log, m.call),
		waiter:  newWaiter(r.limits, r.permit, r.places, deps.Jitter, deps.Log),
		records: &recorder{target: t, nameOf: deps.nameOf, log: r.deps.Log.With(slog.String("lane", t.String())), records: deps.Records, outbox: deps.Outbox, proofs: deps.Proofs, queue: q, index: index.New(deps.Bucket, deps.Log), meter: m},
	}
	d.waiter.keep, d.records.keep = d.keep, d.keep
	return d
}

// maxRounds bounds one drain: every round ends at least one change, or ends one
// intent, or is the last.
const maxRounds = 2 * queue.MaxDue

func (d *drain) run(ctx context.Context) (Report, error) {
	if err := d.journal.open(ctx); err != nil {
		return Report{}, err
	}
	d.opened = d.journal.head.Gen
	if rep, ended := d.woken(ctx); ended {
		return rep, nil
	}
	for range maxRounds {
		rep, again, err := d.round(ctx)
		rep.Ended = d.records.written
		switch {
		case errors.Is(err, lane.ErrLost):
			d.deps.Log.InfoContext(ctx, "lane acquired by another worker")
			return Report{Standing: Leased, Ended: rep.Ended}, nil
		case err != nil || !again:
			return rep, err
		}
	}
	return Report{Standing: Waits, Ended: d.records.written, Next: d.limits.now()}, nil
}

// round reads the queue and works off one batch. It reports whether there is to
// be another round.
func (d *drain) round(ctx context.Context) (rep Report, again bool, err error) {
	if d.journal.head.Leased() {
		return Report{Standing: Leased, dead: d.leftBehind()}, false, nil
	}
	if err = d.journal.load(); err != nil {
		return Report{}, false, err
	}
	if d.journal.head.Gen == d.opened {
		if a := d.journal.Armed; a != nil {
			d.undo = a.ID
		}
		if !d.visit.again() { // otherwise, the visit is its own chain's wake-up
			d.journal.expect()
		}
	}
	d.loadClients()
	d.known.listed, d.known.open = d.limits.now(), nil
	listing, err := d.queue.List(ctx, d.target, d.known.listed)
	if err == nil {
		d.known.backlog.listed(listing)
		err = d.acquireForLongQueue(ctx, listing)
	}
	if err != nil {
		return Report{}, false, err
	}
	rep, again, err = d.workOff(ctx, listing)
	if err != nil && d.journal.Intent == nil {
		d.journal.abandon(ctx)
	}
	return rep, again, err
}

// acquireForLongQueue acquires the lease of a lane before its entries are read,
// if there are many: of the workers that come at once, one reads them and the
// others leave. That costs two requests; each of the others would need two for
// every change. It does not if there is something else to do first (an intent or
// a wait), or if there was nothing to do under such a lease before.
func (d *drain) acquireForLongQueue(ctx context.Context, listing queue.Listing) error {
	if listing.New(d.known.read) <= d.limits.policy.LongQueue || d.known.idle || d.journal.Armed != nil || d.journal.Intent != nil ||
		d.journal.Waits.Wait.tooEarly(d.limits.now()) || d.journal.Waits.Wait.closed(d.limits.now()) {
		return nil
	}
	// The last decision stays in the state: its records may be missing.
	if err := d.journal.acquire(ctx); err != nil {
		return err
	}
	d.deps.Log.InfoContext(ctx, "lane acquired for a long queue", d.journal.fence())
	return nil
}

// workOff reads the listed entries, completes the last decision, and takes the
// next step: recovery of an intent, the end of withdrawn changes, or a batch.
func (d *drain) workOff(ctx context.Context, listing queue.Listing) (rep Report, again bool, err error) {
	if w := d.stillClosed(ctx, listing); w != nil {
		return Report{Standing: Waits, Why: w.Why, Next: w.Next, WakeAt: w.Next}, false, nil
	}
	due, err := d.readDue(ctx, listing)
	if err != nil {
		return Report{}, false, err
	}
	d.known.later, d.known.sum = due.Later, listing.Sum()
	entries, err := d.completeDecision(ctx, due)
	if err != nil {
		return Report{}, false, err
	}
	gone := withdrawn(entries)
	if in := d.journal.Intent; in != nil && !d.journal.head.Held {
		if behind := outside(gone, in); len(behind) > 0 {
			d.journal.age()
			return d.endWithdrawn(ctx, behind) // the intent stays
		}
	}
	heed := d.heed(gone)
	if w := d.journal.Waits.Wait; w.tooEarly(d.limits.now()) && len(due.Entries) > 0 && !heed {
		return Report{Standing: Waits, Why: w.Why, Next: w.Next, WakeAt: w.Next}, false, nil
	}
	if len(due.Entries) > 0 && !heed {
		if rep, waits, err := d.renewed(ctx, entries); waits || err != nil {
			return rep, false, err
		}
	}
	switch {
	case d.journal.Intent != nil:
		return d.takeOver(ctx)
	case len(gone) > 0:
		return d.endWithdrawn(ctx, gone)
	}
	if entries, err = d.dropEnded(ctx, entries); err != nil {
		return Report{}, false, err
	}
	if err := d.dropStray(ctx, due.Stray); err != nil {
		return Report{}, false, err
	}
	return d.next(ctx, due, entries)
}

// heed reports whether the lane is worked off whatever it waits for: changes were
// withdrawn, or others need not wait for an intent that was refused. It drops an intent
// that was withdrawn and of which nothing can take effect.
func (d *drain) heed(gone []queue.Entry) bool {
	in := d.journal.Intent
	if in == nil {
		return len(gone) > 0
	}
	refused := in.Answers != nil && in.Answers.Definite && !d.journal.head.Held
	withdrew := d.known.withdrew(in)
	if refused && withdrew {
		d.journal.Intent = nil
	}
	return withdrew || refused && d.known.hasOther(in)
}

// next starts a batch of the due entries, or says what they wait for.
func (d *drain) next(ctx context.Context, due queue.Due, entries []queue.Entry) (rep Report, again bool, err error) {
	if entries, err = d.whileArmed(ctx, due, entries); err != nil {
		return Report{}, false, err
	}
	batch, held := d.conditionsMet(ctx, ready(entries, d.limits.now()))
	switch {
	case len(batch) > 0:
		return d.start(ctx, d.mergeable(batch))
	case held != nil && d.journal.lease == nil && d.journal.Waits.Wait.same(held):
		d.rememberClosed(due, held)
		return Report{Standing: Waits, Why: held.Why, Next: held.Next, WakeAt: held.Next}, false, nil // it was counted a moment ago
	case held != nil:
		rep, again, err = d.park(ctx, planned, held)
		d.rememberClosed(due, held)
		return rep, again, err
	case d.journal.lease != nil:
		// Others may have come and left in the meantime: look once more.
		d.known.idle = true
		return Report{}, true, d.journal.release(ctx)
	case d.journal.Armed != nil:
		return d.awaitUndo(ctx, entries)
	case len(entries) > 0:
		return Report{Standing: Waits, Why: "changes wait for approval", Next: d.limits.nextLook()}, false, nil
	default:
		return Report{Standing: Empty, Next: due.Next}, false, nil
	}
}

// start plans a batch, writes the intent and applies it. A batch for which
// nothing has to be sent is decided at once.
func (d *drain) start(ctx context.Context, batch []queue.Entry) (Report, bool, error) {
	dr, w := d.draft(ctx, batch)
	for w != nil {
		waited, err := d.waiter.wait(ctx, &d.journal.Waits, w)
		if err != nil {
			return Report{}, false, err
		}
		if !waited {
			return d.park(ctx, planned, w)
		}
		dr, w = d.draft(ctx, batch)
	}
	if dr.result != nil {
		return d.conclude(ctx, dr)
	}
	d.lookBefore(ctx, dr.intent, dr.entries)
	d.charge()
	d.journal.Intent = dr.intent
	if err := d.journal.commit(ctx); err != nil {
		return Report{}, false, err
	}
	d.deps.Log.InfoContext(ctx, "lane acquired", d.journal.fence(), slog.Int("changes", len(batch)), logline.Settings(dr.intent.Asked))
	return d.apply(ctx, planned, batch)
}

// charge adds what was used since the last time to the cost of the changes in
// the queue.
func (d *drain) charge() { d.journal.Cost = d.meter.charge(d.journal.Cost) }
