package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/backoff"
	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// process delivers one entry to every room that has not received it yet, and
// stores the results.
func (o *Outbox) process(ctx context.Context, e *entry) (outcome, error) {
	if e.Remind != nil {
		if send, out, err := o.reminds(ctx, e); !send {
			return out, err
		}
	}
	if mine, err := o.claimed(ctx, e); err != nil {
		return waiting, err
	} else if !mine {
		return gone, o.remove(ctx, e)
	}
	text, err := o.text(ctx, e)
	if err != nil {
		return waiting, err
	}
	rooms := e.byRoom()
	tried := make([]bool, len(rooms))
	_ = fanout.Each(ctx, len(rooms), len(rooms), func(ctx context.Context, i int) error {
		if !rooms[i].Over {
			tried[i] = o.deliverTo(ctx, e, rooms[i], text)
		}
		return nil
	})
	e.Rooms = nil
	out, some := delivered, false
	for i, r := range rooms {
		e.Rooms = append(e.Rooms, *r)
		some = some || tried[i]
		switch {
		case !r.Over:
			out = waiting
		case !r.Delivered && out == delivered:
			out = givenUp
		}
	}
	if out == waiting {
		if some {
			err = o.keep(ctx, e)
		}
		return waiting, err
	}
	if e.Remind != nil {
		return out, o.reminded(ctx, e)
	}
	if e.ends() {
		if err := o.conclude(ctx, e); err != nil {
			return waiting, err
		}
	}
	return out, o.remove(ctx, e)
}

// claimed reports whether an entry is to be delivered, and not one that was written
// again. The notice of a change shows that its end was delivered. An answer is
// claimed before it is first sent; a later try is the claimed entry's.
func (o *Outbox) claimed(ctx context.Context, e *entry) (bool, error) {
	switch {
	case e.ends():
		_, err := o.Records.ReadNotice(ctx, e.ID)
		if errors.Is(err, blob.ErrNotFound) {
			return true, nil
		}
		return false, err
	case e.Tries > 0, e.Remind != nil, o.Claim == nil:
		return true, nil
	default:
		return o.Claim(ctx, e.ID, e.CreatedAt.Format(time.RFC3339Nano))
	}
}

// text returns the answer in a language; nil when the record is not there yet.
func (o *Outbox) text(ctx context.Context, e *entry) (func(lang.Reader) chat.Text, error) {
	if e.Remind != nil {
		return o.reminderText(ctx, e)
	}
	if !e.ends() {
		return func(lang.Reader) chat.Text { return *e.Text }, nil
	}
	rec, err := o.Records.Read(ctx, e.ID)
	switch {
	case err == nil:
		return func(l lang.Reader) chat.Text { return o.Render(ctx, rec, l) }, nil
	case o.Now().Sub(e.CreatedAt) >= o.policy.GiveUp, errors.Is(err, blob.ErrNotFound):
		return nil, nil //nolint:nilnil // the record may be written soon; if not, the room is given up
	default:
		return nil, err
	}
}

// deliverTo delivers to one room. It reports whether the room's state changed
// and must be stored.
func (o *Outbox) deliverTo(ctx context.Context, e *entry, r *room, text func(lang.Reader) chat.Text) bool {
	now := o.Now()
	addresses := r.usable(now)
	platform, known := o.Platforms[r.Platform]
	switch {
	case now.Sub(e.CreatedAt) >= o.policy.GiveUp:
		r.giveUp(now, chat.CodeTooLate, fmt.Sprintf("it could not be delivered within %.0f hours", o.policy.GiveUp.Hours()))
	case len(addresses) == 0 && !byItself(platform, r):
		r.giveUp(now, chat.CodeAddressExpired, "the platform accepts answers to a message for a limited time only, and that time is over")
	case text == nil:
		return false
	case !known:
		r.wait(now, chat.CodeNotConfigured, "the function is not configured for this platform")
		return true
	default:
		pass, ok := o.gates[r.Platform].enter(ctx)
		if !ok || !o.time(ctx) {
			pass(true)
			return false
		}
		o.try(ctx, e, r, platform, addresses, text)
		pass(r.Over)
	}
	if r.Over && !r.Delivered {
		o.Log.WarnContext(ctx, "answer given up", slog.String("notice", e.ID), slog.String("platform", r.Platform), slog.String("code", r.Code))
	}
	return true
}

// try sends to a room's addresses in turn, until one accepts the message or may
// accept it later. If none does, the platform writes to the room by itself, where it
// can.
func (o *Outbox) try(ctx context.Context, e *entry, r *room, p chat.Platform, addresses []Recipient, text func(lang.Reader) chat.Text) {
	ctx, cancel := context.WithTimeout(ctx, o.policy.Window)
	defer cancel()
	id := e.name() + "-" + short(r.Platform+"\n"+r.Room, 4) // a platform may drop a message with the same id in another room
	ways := make([]func(context.Context) error, 0, len(addresses)+1)
	for _, a := range addresses {
		ways = append(ways, func(ctx context.Context) error { return p.Send(ctx, o.Client, a.Reply, text(a.Reader), id) })
	}
	if byItself(p, r) {
		ways = append(ways, func(ctx context.Context) error { return o.post(ctx, p, r, text, id) })
	}
	var failure *chat.SendError
	for _, way := range ways {
		failure = o.send(ctx, func(ctx context.Context) error {
			r.Tries++
			return way(ctx)
		})
		switch {
		case failure == nil:
			r.delivered(o.Now())
			return
		case failure.Again:
			r.wait(o.Now(), failure.Code, failure.Message)
			return
		}
		if r.Code == "" {
			r.wait(o.Now(), failure.Code, failure.Message)
		}
	}
	r.giveUp(o.Now(), failure.Code, failure.Message)
}

// byItself reports whether a platform can write to a room with the credential of the
// function.
func byItself(p chat.Platform, r *room) bool {
	rooms, ok := p.(chat.Rooms)
	return ok && rooms.Check(r.place()) == nil
}

// place is the room as a platform that writes to it by itself names it. It is of the
// configured tenant: no message of another one is accepted.
func (r *room) place() chat.Room { return chat.Room{Platform: r.Platform, ID: r.Room} }

// post has a platform write to a room by itself. The message is for the first person
// of the room, as an answer would be.
func (o *Outbox) post(ctx context.Context, p chat.Platform, r *room, text func(lang.Reader) chat.Text, id string) error {
	rooms, ok := p.(chat.Rooms)
	if !ok {
		return &chat.SendError{Code: chat.CodeNotConfigured, Message: "the platform cannot write to a room"}
	}
	c := chat.Card{Text: text(r.to[0].Reader)}
	if at := r.to[0].Reply.Mention; at != "" {
		c.Mention = []string{at}
	}
	_, err := rooms.Post(ctx, o.Client, r.place(), c, id)
	return err
}

// send sends a message, and retries while that may help. The waits are
// jittered, so that answers that failed at the same time are not retried at the
// same time.
func (o *Outbox) send(ctx context.Context, do func(context.Context) error) *chat.SendError {
	waits := backoff.New(backoff.Config{First: o.policy.FirstWait, Max: o.policy.Window, Jitter: o.Jitter})
	for tries := 1; ; tries++ {
		failure := chat.FailureOf(do(ctx))
		if failure == nil || !failure.Again || tries >= o.policy.Tries || !waits.Wait(ctx) {
			return failure
		}
	}
}

// keepTime bounds the writes after a delivery, which are made even when the
// invocation's time is over.
const keepTime = 5 * time.Second

func durable(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), keepTime)
}

// keep stores the results so far and leaves the entry to a later sweep.
func (o *Outbox) keep(ctx context.Context, e *entry) error {
	e.Tries++
	return o.store(ctx, e)
}

// store stores an entry again.
func (o *Outbox) store(ctx context.Context, e *entry) error {
	ctx, cancel := durable(ctx)
	defer cancel()
	data, err := encode(*e)
	if err != nil {
		return err
	}
	if err := o.Bucket.Put(ctx, e.key, data); err != nil {
		return fmt.Errorf("store the pending notification %s: %w", e.ID, err)
	}
	return nil
}

// conclude writes the notice of a change.
func (o *Outbox) conclude(ctx context.Context, e *entry) error {
	ctx, cancel := durable(ctx)
	defer cancel()
	n := record.Notice{ID: e.ID}
	for _, r := range e.Rooms {
		n.Deliveries = append(n.Deliveries, r.Delivery)
	}
	return o.Records.WriteNotice(ctx, n)
}

// remove deletes an entry from the outbox.
func (o *Outbox) remove(ctx context.Context, e *entry) error {
	ctx, cancel := durable(ctx)
	defer cancel()
	if err := o.Bucket.Delete(ctx, e.key); err != nil {
		return fmt.Errorf("remove the pending notification %s: %w", e.ID, err)
	}
	return nil
}
