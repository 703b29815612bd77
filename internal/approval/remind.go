package approval

import (
	"time"
)

// reminderAfter is the first time after now at which a room is to be reminded.
func (v *visit) reminderAfter(r *room, now time.Time) time.Time {
	var at time.Time
	for _, after := range v.times.Remind {
		if at = r.At.Add(after); at.After(now) {
			return at.UTC()
		}
	}
	for at = at.Add(v.times.Again); !at.After(now); {
		at = at.Add(v.times.Again)
	}
	return at.UTC()
}

// remindNow reports whether a room is to be reminded now. In its quiet hours it is
// postponed, unless a change becomes due or expires before they end.
func (v *visit) remindNow(r *room, seen sight, now time.Time) bool {
	changes := seen.of(r)
	if r.RemindAt.IsZero() || now.Before(r.RemindAt) || !waits(changes) {
		return false
	}
	of := seen.preference(r)
	if of == nil || !of.Remind {
		return false
	}
	end, quiet := of.Quiet.Until(now.In(v.zoneOf(r)))
	if quiet && !urgent(changes, now, end) {
		r.RemindAt = end.UTC()
		return false
	}
	return true
}

// urgent reports whether a change that waits becomes due or expires before a time.
func urgent(changes []Change, now, before time.Time) bool {
	for _, c := range changes {
		if c.Phase == Waits && (!c.ExpiresAt.After(before) || c.DueAt.After(now) && !c.DueAt.After(before)) {
			return true
		}
	}
	return false
}
