package handler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/wording"
)

// queued is one change in the answer to an accepted document.
type queued struct {
	ID     string        `json:"id"`
	Status change.Status `json:"status"`
	Record string        `json:"record"`
	DueAt  time.Time     `json:"dueAt"`
	Due    string        `json:"due"` // DueAt for people: "now", or with its zone and how far ahead

	guards

	// Window says whether it may be sent at DueAt; absent: nothing closes.
	Window *change.Gate `json:"window,omitempty"`
}

// guards are what makes a change safer.
type guards struct {
	Confirm change.Confirmation `json:"confirm,omitzero"` // by the document, or by the policy
	When    string              `json:"when,omitempty"`
	Proof   bool                `json:"proof,omitempty"`

	Override string `json:"override,omitempty"`
}

func guardsOf(r change.Request) guards {
	return guards{Confirm: r.Confirm, When: change.Idle(r.Idle), Proof: r.Proof, Override: r.Override}
}

// planned is one change in the answer to a document whose plan is asked for.
type planned struct {
	reconcile.Preview

	guards

	DueAt   time.Time `json:"dueAt"`
	Due     string    `json:"due"`
	Effects []string  `json:"effects"` // on connected clients and their traffic, for people
	// Window says whether it may be sent at DueAt; absent: nothing ever closes.
	Window *change.Gate `json:"window,omitempty"`
}

// postChanges accepts a document, and with Prefer: wait applies its changes.
func (c *invocation) postChanges(ctx context.Context, s Services, r request) response {
	post, res := posted(r, c.inv.RequestID)
	if res != nil {
		return *res
	}
	var err error
	if post.Fresh, err = r.use(); err != nil {
		return c.unavailable(ctx, err) // signed answers instead
	}
	doc, err := s.Intake.Post(ctx, post)
	var no *intake.RefusedError
	switch {
	case errors.As(err, &no):
		return refused(no)
	case err != nil:
		return c.unavailable(ctx, err)
	}
	wait := preferWait(r.Header.Get("prefer"))
	if doc.OpensAfter(c.Now().Add(wait)) {
		wait = 0 // it cannot end in that time
	}
	if wait > 0 && doc.Asked { // the drain of another invocation asks people
		s.Intake.Wake(ctx, doc.Lanes)
	}
	release, may := func() {}, false
	if wait > 0 {
		release, may = s.Intake.PermitRequest(ctx)
	}
	if !may { // too many requests wait already
		s.Intake.Wake(ctx, doc.Lanes)
		return c.accepted(doc)
	}
	defer release()
	records, err := c.drain(ctx, s, doc, wait)
	if err != nil {
		return c.unavailable(ctx, err)
	}
	if records == nil {
		s.Intake.Wake(ctx, doc.Lanes)
		return applied(c.accepted(doc), wait)
	}
	if r := reply(200, map[string]any{"changes": records}); len(r.Body) <= maxAnswer {
		return applied(r, wait)
	}
	return applied(c.accepted(doc), wait) // the records are too large for an answer
}

func (c *invocation) accepted(doc intake.Accepted) response {
	out := make([]queued, len(doc.Changes))
	for i, ch := range doc.Changes {
		key, _ := objects.RecordKey(ch.ID)
		out[i] = queued{
			ID: ch.ID, Status: change.Queued, Record: key, DueAt: ch.DueAt, Due: c.due(ch.DueAt, ch.Request),
			guards: guardsOf(ch.Request), Window: doc.Window(i),
		}
	}
	return reply(202, map[string]any{"changes": out})
}

// due says when a requested change is due, in the zone in which its document names the
// time.
func (c *invocation) due(at time.Time, r change.Request) string {
	zone := c.Zone
	if !r.NotBefore.IsZero() {
		zone = r.NotBefore.Location()
	}
	return wording.In(lang.English).At(c.Now(), zone).Due(at)
}

// maxAnswer bounds an answer: the runtime drops one that the platform refuses.
const maxAnswer = 4 << 20

// applied adds the wait that was granted (RFC 7240, Preference-Applied).
func applied(r response, wait time.Duration) response {
	return r.with("Preference-Applied", fmt.Sprintf("wait=%d", int(wait.Seconds())))
}

// drainInterval is the time between two drains for a request that waits while
// another worker has the lease of a lane. A lane that waits for a wake-up is left to it.
const drainInterval = 500 * time.Millisecond

// drain drains the lanes of a document until all its changes have ended, and
// returns their records; nil if they have not ended in time.
func (c *invocation) drain(ctx context.Context, s Services, doc intake.Accepted, wait time.Duration) ([]record.Record, error) {
	until := earlier(c.Now().Add(wait), c.inv.Deadline.Add(-c.inv.Reserve))
	woken := map[change.Target]time.Time{} // when the wake-ups come that the drains asked for
	for {
		// The budget is the remaining time. Otherwise a lane that becomes free late
		// would make the client wait up to twice the time that it asked for.
		r := s.Reconciler(max(0, until.Sub(c.Now())))
		lanes := slices.DeleteFunc(slices.Clone(doc.Lanes), func(t change.Target) bool { return c.Now().Before(woken[t]) })
		reports, err := r.DrainAll(ctx, lanes)
		c.did.drained(reports)
		if err != nil {
			return nil, err
		}
		for _, rep := range reports {
			woken[rep.Target] = rep.WakeAt
		}
		records := make([]record.Record, 0, len(doc.Changes))
		for _, id := range ids(doc.Changes) {
			rec, err := r.Record(ctx, id)
			if errors.Is(err, blob.ErrNotFound) {
				break
			}
			if err != nil {
				return nil, err
			}
			records = append(records, rec)
		}
		if len(records) == len(doc.Changes) {
			return records, nil
		}
		left := until.Sub(c.Now())
		if left <= drainInterval || !pause(ctx, drainInterval) {
			return nil, nil
		}
	}
}

// pause waits. It reports whether the context is still alive.
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

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// postPlans shows what a document would change.
func (c *invocation) postPlans(ctx context.Context, s Services, r request) response {
	post, res := posted(r, c.inv.RequestID)
	if res != nil {
		return *res
	}
	doc, err := s.Intake.Check(ctx, post)
	if no, ok := errors.AsType[*intake.RefusedError](err); ok {
		return refused(no)
	}
	if err != nil {
		return c.unavailable(ctx, err)
	}
	reqs := doc.Requests
	var previews []reconcile.Preview
	err = beside(r.use, func() (err error) {
		previews, err = s.Reconciler(-1).Preview(ctx, reqs)
		return err
	})
	if err != nil {
		return c.unavailable(ctx, err)
	}
	out := make([]planned, len(previews))
	for i, p := range previews {
		at := c.Now().UTC()
		if reqs[i].NotBefore.After(at) {
			at = reqs[i].NotBefore.UTC()
		} else if no := doc.TooManyConnected(reqs[i], p.Connections, p.MaxConnections > 0); no != nil && !p.Unseen {
			p.Problems = append(slices.Clip(p.Problems), *no)
		}
		out[i] = planned{Preview: p, guards: guardsOf(reqs[i]), DueAt: at, Due: c.due(at, reqs[i]), Window: doc.Window(reqs[i], at), Effects: wording.In(lang.English).At(c.Now(), c.Zone).Effects(p.Changed, p.Impact)}
	}
	if r := reply(200, map[string]any{"changes": out}); len(r.Body) <= maxAnswer {
		return r
	}
	return problem(413, "too-large", "The answer would be too large.", "Ask for the plan of fewer changes at a time.")
}

// getChange shows the record of a change, or its position in the queue; with Prefer:
// wait, when it has ended.
func (c *invocation) getChange(ctx context.Context, s Services, r request, id string) response {
	var rec *record.Record
	var pos *reconcile.Position
	err := beside(r.use, func() error {
		rc := s.Reconciler(-1)
		whole, err := rc.Resolve(ctx, id)
		if err == nil {
			rec, pos, err = rc.Find(ctx, whole)
		}
		return err
	})
	if several, ok := errors.AsType[*reconcile.AmbiguousError](err); ok {
		return problem(409, "ambiguous-change", several.Error()+".", "Give more characters of the id, or the whole id.")
	}
	// What the sender may not view is answered as what does not exist.
	if err == nil || errors.Is(err, blob.ErrNotFound) {
		if unlisted := s.Intake.MayRead(ctx, r.delivery.Sender); unlisted != nil {
			err = unlisted
		}
	}
	if err == nil {
		err = s.Intake.MayRead(ctx, r.delivery.Sender, change.Request{Target: targetOf(rec, pos)})
		if _, hidden := errors.AsType[*intake.RefusedError](err); hidden && !requestedBy(r.delivery.Sender, rec, pos) {
			err = blob.ErrNotFound
		}
	}
	no, forbidden := errors.AsType[*intake.RefusedError](err)
	switch {
	case forbidden:
		return refused(no)
	case errors.Is(err, blob.ErrNotFound):
		return problem(404, "no-change", "There is no change with this id.",
			"Ids look like 20261122-7f3akq2cd2kq3mzr5w7bxa4nhc or 20261122-7f3akq2cd2kq3mzr5w7bxa4nhc-1; the answer to the change document names them.")
	case err != nil:
		return c.unavailable(ctx, err)
	case rec != nil:
		return reply(200, rec)
	default:
		return c.hold(ctx, s, pos, preferWait(r.Header.Get("prefer")))
	}
}

// requestedBy reports whether a sender requested a change.
func requestedBy(sender string, rec *record.Record, pos *reconcile.Position) bool {
	var from change.Origin
	if rec != nil {
		from = rec.Origin
	} else {
		from = pos.Entry.Origin
	}
	return from.Kind == change.FromHTTP && from.Actor == sender
}

func targetOf(rec *record.Record, pos *reconcile.Position) change.Target {
	if rec != nil {
		return change.Target{RegionID: rec.RegionID, ServerID: rec.ServerID}
	}
	return pos.Entry.Target
}
