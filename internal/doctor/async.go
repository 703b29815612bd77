package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// The times of what the platform does on its own.
const (
	hold     = 20 * time.Second // a request waits at most so long, and the next one continues
	look     = 250 * time.Millisecond
	ahead    = 3 * time.Second // of a delayed invocation
	maxEarly = 1500 * time.Millisecond
	maxLate  = 10 * time.Second
)

// note is what an invocation stores when it arrives. The function of any version reads
// it within minutes, or never.
type note struct {
	At        time.Time `json:"at"`              // by the clock of the instance
	RequestID string    `json:"requestId"`       // of the invocation
	First     string    `json:"first,omitempty"` // the request id of the delivery that failed
}

// The names of notes.
const (
	begun   = "begun"   // of what is waited for
	first   = "first"   // the delivery that failed
	arrived = "arrived" // what was waited for
)

func (d *Doctor) store(ctx context.Context, run, name string, n note) error {
	data, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return d.Changes.Create(ctx, objects.DoctorKey(run, name), data)
}

func (d *Doctor) load(ctx context.Context, run, name string) (n note, err error) {
	obj, err := d.Changes.Get(ctx, objects.DoctorKey(run, name), blob.GetOptions{})
	if err == nil {
		err = json.Unmarshal(obj.Data, &n)
	}
	return n, err
}

// ErrOnPurpose is the failure of a delivery that a check asks for.
var ErrOnPurpose = errors.New("this failure is on purpose: a check of the account looks whether the platform tries again")

// Arrived notes that an invocation which the function has sent to itself has arrived. If
// it is to fail, deliveries fail with ErrOnPurpose until the note of the first one can be
// read. It fails with nothing else, so that the platform does not repeat it in vain.
func (d *Doctor) Arrived(ctx context.Context, run string, fail bool) error {
	n := note{At: d.Now().UTC(), RequestID: d.RequestID}
	if fail {
		before, err := d.load(ctx, run, first)
		if err != nil {
			_ = d.store(ctx, run, first, n) // as below
			return ErrOnPurpose
		}
		n.First = before.RequestID
	}
	_ = d.store(ctx, run, arrived, n) // where it fails, the check says that nothing has arrived
	return nil
}

// Marked notes that the event of a mark has arrived: see objects.IsDoctorMark.
func (d *Doctor) Marked(ctx context.Context, key string) {
	_ = d.store(ctx, runOf(key), arrived, note{At: d.Now().UTC(), RequestID: d.RequestID}) // the check says that nothing has arrived
}

// runOf is the run to which the notes of a mark belong: all runs share it, because the
// key of a mark is fixed.
func runOf(mark string) string {
	if mark == objects.DoctorWake {
		return "wake"
	}
	return "answer"
}

// await waits until a run's note is there; ok is false when the next request is to go on.
func (d *Doctor) await(ctx context.Context, run string) (n note, ok bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, d.patience(ctx))
	defer cancel()
	for {
		n, err = d.load(ctx, run, arrived)
		switch {
		case err == nil:
			return n, true, nil
		case ctx.Err() != nil:
			return note{}, false, nil
		case !errors.Is(err, blob.ErrNotFound):
			return note{}, false, err
		}
		if !pause(ctx, look) {
			return note{}, false, nil
		}
	}
}

// patience leaves time for the answer.
func (*Doctor) patience(ctx context.Context) time.Duration {
	const answer = 2 * time.Second
	end, bounded := ctx.Deadline()
	if !bounded {
		return hold
	}
	return min(hold, max(time.Until(end)-answer, 0))
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// invoke has the function invoked after a delay, unless an earlier request did.
func (w *work) invoke(ctx context.Context, delay time.Duration, fail bool) (Outcome, string) {
	if w.Invoke == nil {
		return NotChecked, "wake-ups are off: WAKE_UPS"
	}
	if w.begun {
		return OK, ""
	}
	if err := w.store(ctx, w.run, begun, note{At: w.Now().UTC(), RequestID: w.RequestID}); err != nil {
		return failed("creating an object", err)
	}
	payload, err := json.Marshal(map[string]any{"doctor": map[string]any{"run": w.run, "fail": fail}})
	if err != nil {
		return NotChecked, err.Error()
	}
	if err := w.Invoke(ctx, delay, payload); err != nil {
		return failed("invoking the function", err)
	}
	return OK, ""
}

// delay sends an invocation with a delay, and compares when it arrives.
func (w *work) delay(ctx context.Context) (Outcome, string) {
	if out, why := w.invoke(ctx, ahead, false); out != OK {
		return out, why
	}
	n, ok, err := w.await(ctx, w.run)
	if err != nil {
		return failed("reading the note of the invocation", err)
	}
	if !ok {
		return Waiting, "an invocation with a delay of 3s has not arrived yet"
	}
	start, err := w.load(ctx, w.run, begun)
	if err != nil {
		return failed("reading when it was sent", err)
	}
	w.clean(ctx, begun, arrived)
	late := n.At.Sub(start.At) - ahead
	what := found("an invocation with a delay of %s arrived %s after it was sent", ahead, n.At.Sub(start.At).Round(10*time.Millisecond))
	if late < -maxEarly || late > maxLate {
		return Finding, what
	}
	return OK, what
}

// retry sends an invocation that fails once, on purpose.
func (w *work) retry(ctx context.Context) (Outcome, string) {
	if out, why := w.invoke(ctx, time.Second, true); out != OK {
		return out, why
	}
	n, ok, err := w.await(ctx, w.run)
	if err != nil {
		return failed("reading the note of the invocation", err)
	}
	if !ok {
		return Waiting, "an invocation that failed was not tried again yet"
	}
	w.clean(ctx, begun, first, arrived)
	if n.First != n.RequestID {
		return Finding, "the platform tried a failed invocation again under another request id"
	}
	return OK, "the platform tried a failed invocation again, under the same request id"
}

// trigger writes a mark, whose event is to invoke the function.
func (w *work) trigger(ctx context.Context, mark string) (Outcome, string) {
	run := runOf(mark)
	if !w.begun {
		if err := w.Changes.Delete(ctx, objects.DoctorKey(run, arrived)); err != nil {
			return failed("deleting an object", err)
		}
		if err := w.Changes.Put(ctx, mark, []byte(w.run)); err != nil {
			return failed("writing "+mark, err)
		}
	}
	_, ok, err := w.await(ctx, run)
	// The event does not need its object. The role may not delete wake objects: the next
	// check overwrites its own.
	if mark == objects.DoctorAnswer {
		_ = w.Changes.Delete(ctx, mark) // what is left is no answer
	}
	switch {
	case err != nil:
		return failed("reading the note of the event", err)
	case !ok:
		return Waiting, "the event of " + mark + " has not arrived yet"
	}
	_ = w.Changes.Delete(ctx, objects.DoctorKey(run, arrived)) // what is left is harmless
	return OK, "the event of " + mark + " arrived"
}

// sweepTimer marks the sweep's state, which the next sweep writes anew.
func (w *work) sweepTimer(ctx context.Context) (Outcome, string) {
	if !w.begun {
		if err := w.Sweep.MarkSweep(ctx); err != nil {
			return failed("marking the state of the sweep", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, w.patience(ctx))
	defer cancel()
	for {
		if w.Sweep.Swept(ctx) {
			return OK, "the timer's sweep ran"
		}
		if !pause(ctx, 4*look) {
			return Waiting, "the timer's sweep has not run yet"
		}
	}
}
