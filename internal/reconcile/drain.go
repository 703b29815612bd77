package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"sslvpnchange/internal/backoff"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/queue"
	"sslvpnchange/internal/record"
	"sslvpnchange/internal/sslvpn"
)

// Standing says how a drain left its lane.
type Standing string

// The ways to leave a lane.
const (
	Empty Standing = "empty"   // nothing due
	Taken Standing = "taken"   // another worker has it
	Waits Standing = "waiting" // due changes wait; the sweep looks again
)

// Report says what a drain did.
type Report struct {
	Lane     string    `json:"lane"`
	Standing Standing  `json:"standing"`
	Ended    int       `json:"ended"` // changes that got their record
	Why      string    `json:"why,omitempty"`
	Next     time.Time `json:"next,omitzero"` // when to look again; zero when nothing waits
}

// maxRounds bounds one drain: every round ends at least one change, or settles
// one modification, or leaves.
const maxRounds = 2 * queue.MaxDue

// Drain works off the due changes of a lane until none is left, somebody else
// has the lane, or there is something to wait for that this invocation cannot
// outlast. An error means that the object store failed; whatever was under way
// is left to the next look, and nothing is lost.
func (r *Reconciler) Drain(ctx context.Context, t change.Target) (Report, error) {
	d := &drain{
		Reconciler: r,
		target:     t,
		log:        r.Log.With(slog.String("lane", t.String())),
		patience:   r.policy.WaitBudget,
	}
	d.store = &counted{Bucket: r.Bucket, n: &d.requests}
	d.line = queue.New(d.store)
	d.chain = lane.Open(r.worker(d.store), t)
	d.api = r.API(d.observe)
	rep, err := d.run(ctx)
	rep.Lane = t.String()
	if err != nil {
		return rep, fmt.Errorf("drain %s: %w", t, err)
	}
	return rep, nil
}

// drain is one lane worked on by one invocation.
type drain struct {
	*Reconciler

	target   change.Target
	log      *slog.Logger
	store    Bucket
	line     *queue.Queue
	chain    *lane.Chain
	api      API
	patience time.Duration // what is left of the wait budget

	requests atomic.Int64 // object store requests not yet accounted for
	calls    []sslvpn.Call
	counted  bool // this invocation is accounted for

	head    lane.Head
	st      state         // what the lane remembers, as this worker would have it
	entries []queue.Entry // the intent's; nil when they were not read
	open    []queue.Entry // due changes that had no record when this worker took the lane
	read    []queue.Entry // what the last round read of the line
	barren  bool          // took the lane for its line, and there was nothing to do
	listed  time.Time     // when the line was last looked at, before the answer
	stale   bool          // the intent was planned before a wait
	ended   int

	acceptedAt   time.Time // since when this worker knows that the modification was taken
	pace         *backoff.Waits
	throttlePace *backoff.Waits
	retriedLogin bool
}

func (d *drain) run(ctx context.Context) (Report, error) {
	head, err := d.chain.Head(ctx)
	if err != nil {
		return Report{}, err
	}
	d.head = head
	for range maxRounds {
		rep, again, err := d.round(ctx)
		rep.Ended = d.ended
		switch {
		case errors.Is(err, lane.ErrLost):
			d.log.InfoContext(ctx, "lane taken by another worker")
			return Report{Standing: Taken, Ended: d.ended}, nil
		case err != nil || !again:
			return rep, err
		}
	}
	return Report{Standing: Waits, Ended: d.ended, Next: d.Now()}, nil
}

// round looks at the lane once and takes the next step; again asks for
// another round.
func (d *drain) round(ctx context.Context) (rep Report, again bool, err error) {
	if d.head.Taken() {
		return Report{Standing: Taken}, false, nil
	}
	if d.st, err = readState(d.head); err != nil {
		return Report{}, false, err
	}
	d.listed = d.Now()
	line, err := d.line.List(ctx, d.target, d.listed)
	if err != nil {
		return Report{}, false, err
	}
	hold, err := d.takeFirst(ctx, line)
	if err != nil {
		return Report{}, false, err
	}
	rep, again, err = d.workOff(ctx, line, hold)
	if err != nil && hold != nil && d.st.Intent == nil {
		d.giveUp(ctx, hold)
	}
	return rep, again, err
}

// workOff reads the line and takes the next step. The hold is nil for a lane
// that nobody has, as it was when its head was read.
func (d *drain) workOff(ctx context.Context, line queue.Listing, hold *lane.Hold) (rep Report, again bool, err error) {
	due, err := d.line.Fill(ctx, line, d.read...)
	if err != nil {
		return Report{}, false, err
	}
	d.read = due.Entries
	for _, key := range due.Damaged {
		d.log.WarnContext(ctx, "vote cannot be read, and does not count", slog.String("key", key))
	}
	entries, err := d.complete(ctx, due)
	if err != nil {
		return Report{}, false, err
	}
	gone := withdrawn(entries)
	if d.leftAlone() && len(due.Entries) > 0 && (d.st.Intent != nil || len(gone) == 0) {
		return Report{Standing: Waits, Why: d.st.Wait.Why, Next: d.st.Wait.Next}, false, nil
	}
	d.open = nil
	if d.st.Intent != nil {
		return d.resume(ctx)
	}
	if len(gone) > 0 {
		if gone, err = d.dropEnded(ctx, gone); err != nil {
			return Report{}, false, err
		}
		return d.endWithdrawn(ctx, gone, hold)
	}
	if entries, err = d.dropEnded(ctx, entries); err != nil {
		return Report{}, false, err
	}
	if err := d.dropStray(ctx, due.Stray); err != nil {
		return Report{}, false, err
	}
	ready := d.ready(entries)
	switch {
	case len(ready) > 0:
		return d.start(ctx, d.batch(ready), hold)
	case hold != nil:
		// Somebody may have come and left again meanwhile: look once more.
		d.barren = true
		return Report{}, true, d.handBack(ctx, hold)
	case len(entries) > 0:
		return Report{Standing: Waits, Why: "changes wait to be approved", Next: d.nextLook()}, false, nil
	default:
		return Report{Standing: Empty, Next: due.Next}, false, nil
	}
}

// listingDelay is how long a listing may lag behind what was written. No page
// of the vendor says that listings lag, and none says that they do not.
const listingDelay = 5 * time.Minute

// complete writes what a decision still lacks, and returns the due entries that
// it does not concern. The decision's own entries may be out of sight of the
// due ones: behind a full page, behind a listing that lags, or due only later
// by this worker's clock.
func (d *drain) complete(ctx context.Context, due queue.Due) ([]queue.Entry, error) {
	if d.st.Decided == nil || d.Memory.has(d.target, d.head.Gen) {
		d.st.Decided = nil
		return due.Entries, nil
	}
	open := map[string]bool{}
	for _, it := range d.st.Decided.Items {
		open[it.Key] = true
	}
	var mine, others []queue.Entry
	for _, e := range due.Entries {
		if open[e.Key] {
			mine = append(mine, e)
			delete(open, e.Key)
		} else {
			others = append(others, e)
		}
	}
	unsure := due.Full || d.head.Age < listingDelay
	var hidden []string
	for _, it := range d.st.Decided.Items {
		if open[it.Key] && (unsure || slices.Contains(due.Later, it.Key)) {
			hidden = append(hidden, it.Key)
		}
	}
	more, err := d.line.Read(ctx, hidden)
	if err != nil {
		return nil, err
	}
	if err := d.finish(ctx, d.st.Decided, append(mine, more...)); err != nil {
		return nil, err
	}
	d.st.Decided = nil
	d.Memory.completed(d.target, d.head.Gen)
	return others, nil
}

// batch is the part of the due changes that one modification may carry.
func (d *drain) batch(entries []queue.Entry) []queue.Entry {
	apart := map[string]bool{}
	for _, id := range d.st.Apart {
		apart[id] = true
	}
	for _, e := range entries {
		if apart[e.ID] {
			return entries[:1]
		}
	}
	d.st.Apart = nil
	return d.together(entries)
}

// observe hears of every call of the API.
func (d *drain) observe(c sslvpn.Call) { d.calls = append(d.calls, c) }

// account adds what was spent since the last time to what the lane remembers.
func (d *drain) account() {
	s := &d.st.Spent
	if !d.counted {
		s.Invocations++
		d.counted = true
	}
	s.OSSRequests += int(d.requests.Swap(0))
	s.VPCCalls += len(d.calls)
	for _, c := range d.calls {
		if c.Action == actionModify || c.Class != "" {
			s.Attempts = append(s.Attempts, attempt(c))
		}
	}
	d.calls = nil
	s.Attempts = bounded(s.Attempts)
}

// bounded forgets the oldest failed reads, and where there are none the oldest
// modifications: what was sent last is what a record must not lack.
func bounded(attempts []record.Attempt) []record.Attempt {
	for len(attempts) > maxAttempts {
		oldest := max(0, slices.IndexFunc(attempts, func(a record.Attempt) bool { return a.Action != actionModify }))
		attempts = slices.Delete(attempts, oldest, oldest+1)
	}
	return attempts
}
