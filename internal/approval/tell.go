package approval

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/backoff"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
)

// step is what a room is to be sent.
type step int

const (
	nothing step = iota
	drop         // there is nothing left to ask for
	post
	update
	news
	remind
)

// next decides what a room is to be sent now.
func (v *visit) next(r *room, seen sight) step {
	now, changes := v.Now(), seen.of(r)
	switch {
	case r.Over, seen.early:
		return nothing
	case !r.Told && (over(changes) || now.Sub(v.request.At) >= v.times.GiveUp):
		return drop
	case now.Before(r.Again):
		return nothing
	case !r.Told && waits(changes):
		return post
	case !r.Told:
		return nothing
	case r.updatable() && r.News != digest(phases(changes)), r.updatable() && v.doubts(r, now):
		return update
	case r.News != digest(phases(changes)):
		return news
	case v.remindNow(r, seen, now):
		return remind
	default:
		return nothing
	}
}

// doubts reports whether an update may have taken effect late, and it is time to send
// the card once more.
func (v *visit) doubts(r *room, now time.Time) bool {
	return !r.Doubt.IsZero() && now.Sub(r.Doubt) >= v.times.Doubt
}

// pending reports whether any room is to be sent something, or the request is to be
// closed.
func (v *visit) pending(seen sight) bool {
	return v.ended(seen) || slices.ContainsFunc(v.state.Rooms, func(r *room) bool { return v.next(r, seen) != nothing })
}

// tell sends every room what it is to be sent. It reports whether anything was sent, or
// may have been.
func (v *visit) tell(ctx context.Context, seen sight) bool {
	var sent atomic.Bool
	_ = fanout.Each(ctx, len(v.state.Rooms), parallel, func(ctx context.Context, i int) error {
		if v.send(ctx, v.state.Rooms[i], seen) {
			sent.Store(true)
		}
		return nil // the state of the room says what failed
	})
	return sent.Load()
}

// send sends one room what it is to be sent.
func (v *visit) send(ctx context.Context, r *room, seen sight) (sent bool) {
	what := v.next(r, seen)
	card := chat.Card{Text: v.Words.Card(v.view(r, seen)), For: v.concerned(r, seen)}
	shown := digestOf(card)
	if what == nothing && r.Told && !r.Over && r.updatable() && r.Shown != shown && !v.Now().Before(r.Again) {
		what = update // the plan is another one
	}
	switch what {
	case nothing:
		return false
	case drop:
		if r.Code == "" {
			r.Code, r.Message = string(chat.CodeTooLate), "the change had ended before the room could be told"
		}
		r.giveUp(v.Now())
		v.Log.WarnContext(ctx, "room not asked for approval", v.attrs(r, r.Code)...)
		return false
	case post:
		v.post(ctx, r, seen, card, shown)
	case update:
		v.update(ctx, r, seen, card, shown)
	case news:
		v.note(ctx, r, chat.Card{Text: v.Words.News(v.view(r, seen)), For: card.For}, "news-"+digest(phases(seen.of(r)))[:12], func() { r.News = digest(phases(seen.of(r))) })
	case remind:
		v.note(ctx, r, chat.Card{Text: v.Words.Reminder(v.view(r, seen)), Mention: v.mentioned(r, seen), For: card.For}, "remind-"+strconv.Itoa(r.Reminders+1), func() {
			r.Reminders++
			r.RemindAt = v.reminderAfter(r, v.Now())
		})
	}
	return true
}

// post posts the request for approval.
func (v *visit) post(ctx context.Context, r *room, seen sight, card chat.Card, shown string) {
	card.Mention = v.mentioned(r, seen)
	failure := v.try(ctx, r, func(ctx context.Context, p chat.Rooms) (err error) {
		r.Tries++
		r.Handle, err = p.Post(ctx, v.Client, r.at(), card, v.id(r, "ask"))
		return err
	})
	now := v.Now()
	switch {
	case failure == nil:
		r.Told, r.At, r.Code, r.Message, r.Failures = true, now.UTC(), "", "", 0
		r.Shown, r.News = shown, digest(phases(seen.of(r)))
		r.RemindAt = v.reminderAfter(r, now)
		v.Log.InfoContext(ctx, "room asked for approval", v.attrs(r, "")...)
	case failure.Again:
		r.Code, r.Message = string(failure.Code), failure.Message
		r.fails(now, v.times)
		v.Log.WarnContext(ctx, "room not asked for approval, to be tried again", v.attrs(r, r.Code)...)
	default:
		r.Code, r.Message = string(failure.Code), failure.Message
		r.giveUp(now)
		v.Log.WarnContext(ctx, "room not asked for approval", v.attrs(r, r.Code)...)
	}
}

// update replaces the card of a room.
func (v *visit) update(ctx context.Context, r *room, seen sight, card chat.Card, shown string) {
	doubt := r.Doubt
	failure := v.try(ctx, r, func(ctx context.Context, p chat.Rooms) error {
		return p.Update(ctx, v.Client, r.at(), r.Handle, card)
	})
	now := v.Now()
	switch {
	case failure == nil:
		r.Shown, r.News, r.UpdatedAt, r.Failures, r.Stale = shown, digest(phases(seen.of(r))), now.UTC(), 0, ""
		if !doubt.IsZero() && now.Sub(doubt) >= v.times.Doubt && r.Doubt.Equal(doubt) {
			r.Doubt = time.Time{}
		}
	case failure.Again:
		r.Stale = failure.Error()
		r.fails(now, v.times)
		v.Log.WarnContext(ctx, "request for approval not updated, to be tried again", v.attrs(r, string(failure.Code))...)
	default:
		r.Fixed, r.Stale, r.Doubt = true, failure.Error(), time.Time{}
		v.Log.WarnContext(ctx, "request for approval cannot be updated, messages say what becomes of it", v.attrs(r, string(failure.Code))...)
	}
}

// note posts a message that is not updated.
func (v *visit) note(ctx context.Context, r *room, c chat.Card, kind string, done func()) {
	failure := v.try(ctx, r, func(ctx context.Context, p chat.Rooms) error {
		_, err := p.Post(ctx, v.Client, r.at(), c, v.id(r, kind))
		return err
	})
	switch {
	case failure == nil:
		r.Failures = 0
		done()
	case failure.Again:
		r.fails(v.Now(), v.times)
		v.Log.WarnContext(ctx, "message about an approval not posted, to be tried again", v.attrs(r, string(failure.Code))...)
	default: // the next one may be posted
		done()
		if r.Stale == "" {
			r.Stale = failure.Error()
		}
		v.Log.WarnContext(ctx, "message about an approval not posted", v.attrs(r, string(failure.Code))...)
	}
}

// try sends a message, and retries while that may help and the lease lasts.
func (v *visit) try(ctx context.Context, r *room, do func(context.Context, chat.Rooms) error) *chat.SendError {
	p, known := v.Platforms[r.Platform].(chat.Rooms)
	if !known {
		return &chat.SendError{Again: true, Code: chat.CodeNotConfigured, Message: "the function is not configured to write to rooms of this platform"}
	}
	if failure := chat.FailureOf(p.Check(r.at())); failure != nil {
		return failure
	}
	ctx, cancel := context.WithTimeout(ctx, v.times.Window)
	defer cancel()
	waits := backoff.New(backoff.Config{First: time.Second, Max: v.times.Window, Jitter: v.Jitter})
	var last *chat.SendError
	for tries := 1; ; tries++ {
		if err := v.lease.Live(v.times.Send); err != nil {
			return cmp.Or(last, &chat.SendError{Again: true, Code: chat.CodeTimeout, Message: "there was no time left to send it"})
		}
		one, stop := context.WithTimeout(ctx, sendTime(v.times.Send))
		last = chat.FailureOf(do(one, p))
		stop()
		if last != nil && unclear(last.Code) {
			r.Doubt = v.Now().UTC()
		}
		if last == nil || !last.Again || tries >= v.times.Tries || !waits.Wait(ctx) {
			return last
		}
	}
}

// unclear reports whether a message that failed with a code may have been accepted.
func unclear(code chat.FailureCode) bool {
	return slices.Contains([]chat.FailureCode{chat.CodeTimeout, chat.CodeNoAnswer, chat.CodeUnreadable, chat.CodeSendFailed}, code)
}

// sendTime is how long one try may take: less than what is left of the lease.
func sendTime(left time.Duration) time.Duration { return left - left/5 }

// zoneOf is the time zone of a room: its own, else that of its platform, else the
// function's.
func (v *visit) zoneOf(r *room) *time.Location {
	return policy.Zone(r.Zone).Location(cmp.Or(v.Zones[r.Platform], v.Zone))
}

// view is what a room is told about.
func (v *visit) view(r *room, seen sight) View {
	out := View{Changes: seen.of(r), Lang: r.Lang, Zone: v.zoneOf(r)}
	if p := v.Platforms[r.Platform]; out.Lang == "" && p != nil {
		out.Lang = p.Lang()
	}
	return out
}

// mentioned are the people to mention: those who may approve and have not.
func (v *visit) mentioned(r *room, seen sight) []string {
	of := seen.preference(r)
	if of == nil || !of.Mention {
		return nil
	}
	var names []string
	for _, c := range seen.of(r) {
		if c.Phase != Waits {
			continue
		}
		for _, name := range c.Approvers {
			if !slices.Contains(c.Agreed, name) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	users := seen.policy.Users(names, r.Platform, r.Tenant)
	return users[:min(len(users), chat.MaxMentions)]
}

// concerned are the people who may approve, whether they have or not.
func (v *visit) concerned(r *room, seen sight) []string {
	if seen.policy == nil {
		return nil
	}
	var names []string
	for _, c := range seen.of(r) {
		may := c.Approvers
		if c.Record != nil {
			of := c.Change
			of.Patch, of.Origin = c.Record.Requested, c.Record.Origin
			may = seen.policy.Approvers(of)
		}
		for _, name := range may {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	users := seen.policy.Users(names, r.Platform, r.Tenant)
	return users[:min(len(users), chat.MaxMentions)]
}

// id is the id of a message: the same for every repetition, and another one in every
// room.
func (v *visit) id(r *room, kind string) string {
	return kind + "-" + v.request.Name + "-" + digest(r.Platform + "\n" + r.Tenant + "\n" + r.ID)[:8]
}

func (v *visit) attrs(r *room, code string) []any {
	out := []any{slog.String("request", v.request.Name), slog.String("platform", r.Platform), slog.String("room", r.ID)}
	if len(v.request.Changes) > 0 {
		first := v.request.Changes[0]
		out = append(out, slog.String("change", first.ID), slog.Int("changes", len(v.request.Changes)), slog.String("server_id", first.Target.ServerID), slog.String("region", first.Target.RegionID))
	}
	if code != "" {
		out = append(out, slog.String("code", code))
	}
	return out
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// digestOf is the digest of what a card shows.
func digestOf(c chat.Card) string {
	data, err := json.Marshal(c.Text) //nolint:musttag // it is never read again
	if err != nil {
		return "" // cannot be: texts only
	}
	return digest(string(data))
}
