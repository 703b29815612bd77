package handler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/sslvpn-change/sslvpn-change/events"
	"github.com/sslvpn-change/sslvpn-change/internal/approval"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/doctor"
	"github.com/sslvpn-change/sslvpn-change/internal/executor"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/proof"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/revision"
	"github.com/sslvpn-change/sslvpn-change/internal/wakeup"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// Services are the packages behind the edge, set up for one invocation.
type Services struct {
	// Preflight checks that the buckets can carry the guarantees: that they are
	// reachable and were never versioned. It sends nothing after its first success
	// in an instance. Nil when Open has checked.
	Preflight func(context.Context) error
	Usage     func() Usage // what the invocation has used so far; nil: nothing is known
	Intake    *intake.Intake
	// Reconciler gives a reconciler that waits at most budget in this
	// invocation; a negative budget means the configured one.
	Reconciler func(budget time.Duration) *reconcile.Reconciler
	Executor   func() *executor.Executor
	Outbox     *notify.Outbox  // nil where no chat platform is configured
	Pending    *notify.Pending // likewise
	Proofs     *proof.Proofs   // nil where no server is looked at
	// Revisions read and put the policy.
	Revisions *revision.Revisions
	// Announce tells rooms that a policy was put; nil where no chat platform is configured.
	Announce func(ctx context.Context, put revision.Revision, rooms []revision.Room)
	Receipts *record.Receipts
	// Wakes are the wake-ups of the invocation; nil where none can be set.
	Wakes *wakeup.Wakes
	// Doctor checks statements about the platform.
	Doctor func() *doctor.Doctor
	// Approvals asks people to approve changes; nil where no chat platform is configured.
	Approvals *approval.Approvals
	// Digests posts the digests that are due; nil where no chat platform is configured.
	Digests func(context.Context) (posted int, err error)
}

// Opener sets up the services of one invocation. It fails when the function
// cannot work, such as without usable credentials. It sends nothing if it gives a
// Services.Preflight.
type Opener func(ctx context.Context, inv Invocation) (Services, error)

// Options are what a Handler works with.
type Options struct {
	Open     Opener
	Bucket   string            // the change bucket; events of others are ignored
	Verifier *webhook.Verifier // nil: signed HTTP requests are refused
	// Platforms are the configured chat platforms, by name.
	Platforms map[string]chat.Platform
	// ChatClient is for requests that a platform makes to verify a message.
	ChatClient chat.Doer
	// Zone is the zone in which answers show times whose reader's zone is not known;
	// nil: UTC.
	Zone *time.Location
	// Zones are those of chat platforms that have their own, by name.
	Zones map[string]*time.Location
	// Version is the version of the program, and Commit its commit.
	Version, Commit string
	StartedAt       time.Time // when the instance started
	Now             func() time.Time
	Log             *slog.Logger
}

// Handler answers invocations. It is safe for concurrent use.
type Handler struct {
	Options

	warm atomic.Bool // it has begun an invocation
}

// New gives a handler.
func New(o Options) *Handler { return &Handler{Options: o} }

// MaxPayload bounds an invocation's payload: 8 MiB. A body of 1 MiB, the most
// that is accepted, is below it even in base64.
const MaxPayload = 8 << 20

// Handle answers one invocation.
func (h *Handler) Handle(ctx context.Context, payload []byte) (out json.RawMessage, err error) {
	inv := invocationFrom(ctx, h.Now())
	log := h.Log.With(slog.String("request_id", inv.RequestID))
	call := &invocation{Handler: h, inv: inv, log: log, did: did{started: h.Now(), cold: !h.warm.Swap(true), kind: kindRefused}}
	defer func() { call.logInvocation(ctx, err) }()
	isHTTP := false
	defer func() {
		if p := recover(); p != nil {
			call.did.panicked = true
			log.ErrorContext(ctx, "panic", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			if isHTTP {
				out, err = call.did.answered(problem(500, "internal", "The function failed.", "Its log says more, under request "+inv.RequestID+".")).encode(), nil
				return
			}
			out, err = nil, errors.New("the function failed; its log says more")
		}
	}()
	// A call that hangs must leave time for the answer: at the deadline the platform
	// ends the process without an answer.
	ctx, cancel := context.WithDeadline(ctx, inv.Deadline.Add(-inv.Reserve/lastPart))
	defer cancel()
	defer func() { call.wakes.End(wakeTime(isHTTP)) }()
	if len(payload) > MaxPayload {
		return call.tooLarge(ctx, payload)
	}
	ev, err := events.Decode(payload)
	if err != nil {
		log.WarnContext(ctx, "event refused", slog.Any("error", err))
		return nil, fmt.Errorf("event refused: %w", err)
	}
	switch {
	case ev.HTTP != nil:
		isHTTP, call.did.kind = true, kindHTTP
		return call.did.answered(call.http(ctx, ev.HTTP)).encode(), nil
	case ev.Timer != nil:
		return call.timer(ctx, ev.Timer)
	case ev.Wake != nil:
		call.did.kind = kindWakeUp
		return call.wake(ctx, ev.Wake)
	case ev.Doctor != nil:
		call.did.kind = kindDoctor
		return call.arrived(ctx, ev.Doctor)
	default:
		return call.objects(ctx, ev.Objects)
	}
}

// invocation is one invocation that is being processed.
type invocation struct {
	*Handler

	inv   Invocation
	log   *slog.Logger
	wakes *wakeup.Wakes // nil until the services are set up
	usage func() Usage  // likewise
	did   did
}

// wakeTime is how long the end of an invocation waits for its wake-ups. Who sent an HTTP
// request waits, too.
func wakeTime(isHTTP bool) time.Duration {
	if isHTTP {
		return time.Second
	}
	return 5 * time.Second
}

// tooLarge answers a payload that is too large to be decoded. Only HTTP requests
// can be that large: events have at most 128 KiB.
func (c *invocation) tooLarge(ctx context.Context, payload []byte) (json.RawMessage, error) {
	c.log.WarnContext(ctx, "payload too large", slog.Int("bytes", len(payload)))
	c.did.kind = kindHTTP
	return c.did.answered(bodyTooLarge()).encode(), nil
}

// services sets up the services.
func (c *invocation) services(ctx context.Context) (Services, error) {
	s, err := c.Open(ctx, c.inv)
	c.wakes, c.usage = s.Wakes, s.Usage
	return s, err
}

// open sets up the services and runs the preflight.
func (c *invocation) open(ctx context.Context) (Services, error) {
	s, err := c.services(ctx)
	if err == nil && s.Preflight != nil {
		err = s.Preflight(ctx)
	}
	return s, err
}

// takeFiles is the intake as the sweep calls it.
type takeFiles struct{ *intake.Intake }

// AcceptFile accepts a change file that has no receipt.
func (t takeFiles) AcceptFile(ctx context.Context, f reconcile.File) error {
	_, err := t.File(ctx, intake.Upload{Key: f.Key, ETag: f.ETag, LastModified: f.LastModified})
	return err
}

// ids names changes.
func ids(changes []change.Change) []string {
	out := make([]string, len(changes))
	for i, c := range changes {
		out[i] = c.ID
	}
	return out
}
