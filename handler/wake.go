package handler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/events"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/wakeup"
)

// wakeSummary is what an invocation by a wake-up returns.
type wakeSummary struct {
	Trigger string             `json:"trigger"`
	At      time.Time          `json:"at"`
	Again   bool               `json:"again,omitempty"` // it came too early, and was set again
	Lanes   []reconcile.Report `json:"lanes,omitempty"`
	Answers *notify.Report     `json:"answers,omitempty"` // delivered to chat
	Asked   int                `json:"asked,omitempty"`   // requests for approval that were looked at
	Ignored []string           `json:"ignored,omitempty"`
}

// sleepable is how early a wake-up may come to wait for its moment: more than the
// rounding of the platform's delays.
const sleepable = 1500 * time.Millisecond

// mostAhead is how far ahead the moment of a wake-up may be: no change is due later.
const mostAhead = change.MaxAhead + 24*time.Hour

// wake processes a wake-up: at its moment, its lanes are drained. Whoever may invoke the
// function can send one. It drains lanes, as the sweep does every minute, so all that it
// costs is the time for that.
func (c *invocation) wake(ctx context.Context, w *events.Wake) (json.RawMessage, error) {
	out := wakeSummary{Trigger: "wake", At: w.At}
	early := w.At.Sub(c.Now())
	lanes := c.lanesOf(w, early, &out)
	c.ignored(ctx, out.Ignored)
	if len(lanes) == 0 {
		return json.Marshal(out)
	}
	if early > sleepable {
		if err := c.wakeAgain(ctx, w.At, lanes, &out); err != nil {
			return nil, c.failed(ctx, err)
		}
		return json.Marshal(out)
	}
	s, err := c.open(ctx)
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	if early = w.At.Sub(c.Now()); early > 0 && !pause(ctx, early) {
		return nil, c.failed(ctx, ctx.Err())
	}
	if err := c.drainWakeUp(ctx, s, lanes, &out); err != nil {
		return nil, c.failed(ctx, err)
	}
	return json.Marshal(out)
}

// longChain is how far ahead a moment is at most for a wake-up to be set again without a
// look at its lanes: the platform's longest delay.
const longChain = time.Hour

// wakeAgain sets a wake-up again that came too early. If it will not be for the last
// time, lanes in which nothing is queued any more are left out: their changes have been
// cancelled, or there were none, and the chain would go on for months.
func (c *invocation) wakeAgain(ctx context.Context, at time.Time, lanes []wakeup.Lane, out *wakeSummary) error {
	s, err := c.services(ctx)
	if err == nil && at.Sub(c.Now()) > longChain {
		lanes, err = withChanges(ctx, s.Reconciler(0), lanes)
	}
	if err != nil {
		return err
	}
	out.Again = len(lanes) > 0 && s.Wakes.Usable()
	s.Wakes.Again(at, lanes)
	return nil
}

// withChanges gives the lanes in which something is queued.
func withChanges(ctx context.Context, r *reconcile.Reconciler, lanes []wakeup.Lane) ([]wakeup.Lane, error) {
	targets := make([]change.Target, len(lanes))
	for i, l := range lanes {
		targets[i] = l.Target
	}
	targets, err := r.Queued(ctx, targets)
	return slices.DeleteFunc(lanes, func(l wakeup.Lane) bool { return !slices.Contains(targets, l.Target) }), err
}

// lanesOf gives the lanes of a wake-up, each once. What the function has not set is
// ignored.
func (*invocation) lanesOf(w *events.Wake, early time.Duration, out *wakeSummary) []wakeup.Lane {
	if early > mostAhead {
		out.Ignored = append(out.Ignored, "a wake-up for "+w.At.Format(time.RFC3339)+": no change is due so late")
		return nil
	}
	var lanes []wakeup.Lane
	for _, l := range w.Lanes {
		lane := wakeup.Lane{Target: change.Target{RegionID: l.Region, ServerID: l.Server}, Gen: l.Gen, Remind: l.Remind}
		switch {
		case !lane.Target.Valid():
			out.Ignored = append(out.Ignored, fmt.Sprintf("%.80q is not a lane", l.Region+"/"+l.Server))
		case !slices.Contains(lanes, lane):
			lanes = append(lanes, lane)
		}
	}
	return lanes
}

// drainWakeUp drains the lanes of a wake-up, and delivers the reminders that it is for.
func (c *invocation) drainWakeUp(ctx context.Context, s Services, lanes []wakeup.Lane, out *wakeSummary) error {
	r := s.Reconciler(-1)
	var err error
	for _, woken := range rounds(lanes) {
		reports, failed := r.DrainWoken(ctx, woken)
		out.Lanes, err = append(out.Lanes, reports...), errors.Join(err, failed)
	}
	if r.Waited() { // it has kept others from waiting for their lanes
		others, failed := r.DrainDue(ctx)
		out.Lanes, err = append(out.Lanes, others...), errors.Join(err, failed)
	}
	c.did.drained(out.Lanes)
	c.beside(func() { out.Asked = c.tell(ctx, s, out.Lanes) }, func() { out.Answers = c.deliverDue(ctx, s, lanes) })
	c.awaitProofs(ctx, s)
	return err
}

// rounds are the drains of a wake-up: a lane that it names several times, for a due time
// and for the next look of its chain, is drained once in each round, because the drains
// would take the lease from each other. Reminders need no drain.
func rounds(lanes []wakeup.Lane) (out [][]reconcile.Woken) {
	for _, l := range lanes {
		if l.Remind {
			continue
		}
		woken := reconcile.Woken{Target: l.Target, Gen: l.Gen}
		i := slices.IndexFunc(out, func(round []reconcile.Woken) bool {
			return !slices.ContainsFunc(round, func(w reconcile.Woken) bool { return w.Target == l.Target })
		})
		if i < 0 {
			out = append(out, nil)
			i = len(out) - 1
		}
		out[i] = append(out[i], woken)
	}
	return out
}
