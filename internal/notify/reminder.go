package notify

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// reminder is what a pending notification has that reminds of a change which is undone
// unless somebody confirms it. The notification has the id of the undo.
type reminder struct {
	Of   string    // the change
	At   time.Time // not before; the time of the undo when people were reminded
	Due  time.Time // of the undo, when At was computed
	Sent int       // how often people were reminded
}

// Reminder is the notification that a change is to be confirmed before an undo is due.
// It is sent half way between now and then, unless the undo has ended, and half way
// again if somebody gives more time after that.
func Reminder(t change.Target, undo, of string, now, due time.Time, to ...Recipient) Notice {
	return Notice{Target: t, Change: undo, remind: &reminder{Of: of, At: now.Add(due.Sub(now) / 2).UTC(), Due: due.UTC()}, To: to}
}

// name is what the id of a message begins with.
func (e *entry) name() string {
	switch {
	case e.Remind == nil:
		return e.ID
	case e.Remind.Sent > 0: // a platform may drop a message with the id of the first one
		return "half" + strconv.Itoa(e.Remind.Sent+1) + "-" + e.ID
	default:
		return "half-" + e.ID
	}
}

// early reports whether it is too early for the entry.
func (e *entry) early(now time.Time) bool { return e.Remind != nil && now.Before(e.Remind.At) }

// postponeBy is how much more time people must have been given for a reminder to be
// postponed.
const postponeBy = 30 * time.Second

// reminds decides about a reminder whose time has come: it is dropped if the undo has
// ended, and postponed if somebody gave more time.
func (o *Outbox) reminds(ctx context.Context, e *entry) (send bool, out outcome, err error) {
	due, open, err := o.Undo(ctx, e.ID)
	switch {
	case err != nil:
		return false, waiting, err
	case !open || !o.Now().Before(due):
		return false, gone, o.remove(ctx, e)
	}
	if later := due.Sub(e.Remind.Due); later > 0 {
		now := o.Now()
		e.Remind.Due = due
		if at := now.Add(due.Sub(now) / 2); at.Sub(now) > postponeBy && len(e.Rooms) == 0 {
			e.Remind.At, e.CreatedAt = at.UTC(), now.UTC()
			err := o.store(ctx, e)
			o.later(e)
			return false, waiting, err
		}
	}
	return true, waiting, nil
}

// reminded keeps a reminder that was sent until the undo is due: somebody may give more
// time.
func (o *Outbox) reminded(ctx context.Context, e *entry) error {
	if !o.Now().Before(e.Remind.Due) {
		return o.remove(ctx, e)
	}
	e.Remind.Sent++
	e.Remind.At, e.Rooms, e.Tries = e.Remind.Due, nil, 0
	return o.store(ctx, e)
}

// reminderText renders a reminder from the record of the change.
func (o *Outbox) reminderText(ctx context.Context, e *entry) (func(lang.Reader) chat.Text, error) {
	rec, err := o.Records.Read(ctx, e.Remind.Of)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil //nolint:nilnil // it may be written soon
	}
	if err != nil {
		return nil, err
	}
	return func(l lang.Reader) chat.Text { return o.RenderReminder(ctx, rec, e.Remind.Due, l) }, nil
}
