package approval

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// The pauses between looks at a request whose changes are not queued, and how long after
// its last expiry it is given up.
const (
	firstPause = time.Minute
	maxPause   = time.Hour
)

// schedule sets when to look again without an event.
func (v *visit) schedule(seen sight) {
	now := v.Now().UTC()
	next := now.Add(v.times.Look)
	sooner := func(t time.Time) {
		if !t.IsZero() && t.Before(next) {
			next = t
		}
	}
	if allMissing(seen.changes) {
		v.state.Next = now.Add(pause(v.state.Looks))
		v.state.Looks++
		return
	}
	if seen.early || slices.ContainsFunc(seen.changes, func(c Change) bool { return c.Phase == Approved || c.Phase == Ending }) {
		sooner(now.Add(firstPause))
	}
	for _, r := range v.state.Rooms {
		if r.Over {
			continue
		}
		if r.Again.After(now) {
			sooner(r.Again)
		}
		if of := seen.preference(r); waits(seen.of(r)) && of != nil && of.Remind {
			sooner(r.RemindAt)
		}
		if !r.Doubt.IsZero() && r.updatable() {
			sooner(r.Doubt.Add(v.times.Doubt))
		}
	}
	v.state.Next = next
}

// pause is the pause after so many looks at a request whose changes are not queued.
func pause(looks int) time.Duration {
	wait := firstPause
	for i := 0; i < looks && wait < maxPause; i++ {
		wait *= 2
	}
	return min(wait, maxPause)
}

func allMissing(changes []Change) bool {
	return !slices.ContainsFunc(changes, func(c Change) bool { return c.Phase != Missing })
}

// ended reports whether the request is to be closed: all its changes have ended, and
// every room shows it or was given up.
func (v *visit) ended(seen sight) bool {
	now := v.Now()
	if len(seen.changes) == 0 {
		return false
	}
	if slices.ContainsFunc(seen.changes, func(c Change) bool {
		return c.Phase != Ended && (c.Phase != Missing || now.Before(v.request.Expires.Add(maxPause)))
	}) {
		return false
	}
	late := now.Sub(lastEnd(seen.changes, v.request.Expires)) >= v.times.GiveUp
	return !slices.ContainsFunc(v.state.Rooms, func(r *room) bool {
		return !late && !r.Over && (!r.Told || r.News != digest(phases(seen.of(r))) || r.updatable() && !r.Doubt.IsZero())
	})
}

// lastEnd is when the last change ended.
func lastEnd(changes []Change, otherwise time.Time) time.Time {
	var end time.Time
	for _, c := range changes {
		if c.Record != nil && c.Record.FinishedAt.After(end) {
			end = c.Record.FinishedAt
		}
	}
	if end.IsZero() {
		return otherwise
	}
	return end
}

// conclude writes beside the record of each change what the rooms were told.
func (v *visit) conclude(ctx context.Context, seen sight) error {
	for _, r := range v.state.Rooms {
		if r.News != digest(phases(seen.of(r))) && r.Told && r.Stale == "" {
			r.Stale = "the room could not be told the end in time"
		}
	}
	return fanout.Each(ctx, len(seen.changes), parallel, func(ctx context.Context, i int) error {
		c := seen.changes[i]
		if c.Record == nil {
			return nil
		}
		out := record.Approval{ID: c.ID, RequestedAt: v.request.At.UTC(), ClosedAt: v.Now().UTC()}
		for _, r := range v.state.Rooms {
			if !slices.Contains(r.Changes, c.ID) {
				continue
			}
			out.Rooms = append(out.Rooms, record.ApprovalRoom{
				Platform: r.Platform, Tenant: r.Tenant, Room: r.ID, At: r.At, Delivered: r.Told, Code: r.Code, Message: r.Message,
				Tries: r.Tries, Reminders: r.Reminders, UpdatedAt: r.UpdatedAt, Stale: r.Stale,
			})
		}
		if len(out.Rooms) == 0 {
			v.Log.WarnContext(ctx, "nobody was asked for approval: the policy names no room for the server", slog.String("change", c.ID))
		}
		return v.Records.WriteApproval(ctx, out)
	})
}
