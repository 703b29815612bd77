package handler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"sslvpnchange/events"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/executor"
	"sslvpnchange/internal/intake"
	"sslvpnchange/internal/notify"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/webhook"
)

// Services are the packages behind the edge, set up for one invocation.
type Services struct {
	// Preflight tells whether the buckets can carry what is promised: reachable, and
	// never versioned. It asks them once per instance. Nil when Open has asked.
	Preflight func(context.Context) error
	Intake    *intake.Intake
	// Reconciler gives a reconciler that waits at most budget in this
	// invocation; a negative budget means the configured one.
	Reconciler func(budget time.Duration) *reconcile.Reconciler
	Executor   func() *executor.Executor
	Outbox     *notify.Outbox  // nil where no chat platform is configured
	Owed       *notify.Pending // likewise
}

// Opener sets the services up for one invocation. It fails when the function
// cannot work, as without usable credentials. It sends nothing where
// Services.Preflight is left to the caller.
type Opener func(ctx context.Context, inv Invocation) (Services, error)

// Options are what a Handler works with.
type Options struct {
	Open     Opener
	Bucket   string            // the change bucket; events of others are ignored
	Verifier *webhook.Verifier // nil: nobody may send over HTTP
	// Platforms are the chat platforms that are configured, by name.
	Platforms map[string]chat.Platform
	// ChatClient is for requests that a platform makes to verify a message.
	ChatClient chat.Doer
	Now        func() time.Time
	Log        *slog.Logger
}

// Handler answers invocations. It is safe for concurrent use.
type Handler struct{ Options }

// New gives a handler.
func New(o Options) *Handler { return &Handler{o} }

// MaxPayload bounds an invocation's payload: 8 MiB. A body of 1 MiB, the most
// that is accepted, is below it even in base64.
const MaxPayload = 8 << 20

// Handle answers one invocation.
func (h *Handler) Handle(ctx context.Context, payload []byte) (out json.RawMessage, err error) {
	inv := invocationFrom(ctx, h.Now())
	log := h.Log.With(slog.String("request_id", inv.RequestID))
	isHTTP := false
	defer func() {
		if p := recover(); p != nil {
			log.ErrorContext(ctx, "panic", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			if isHTTP {
				out, err = problem(500, "internal", "The function failed.", "Its log says more, under request "+inv.RequestID+".").encode(), nil
				return
			}
			out, err = nil, errors.New("the function failed; its log says more")
		}
	}()
	// What hangs must not take the answer with it: the platform ends the process
	// at the deadline without a word.
	ctx, cancel := context.WithDeadline(ctx, inv.Deadline.Add(-inv.Reserve/lastPart))
	defer cancel()
	call := invocation{Handler: h, inv: inv, log: log}
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
		isHTTP = true
		return call.http(ctx, ev.HTTP).encode(), nil
	case ev.Timer != nil:
		return call.timer(ctx, ev.Timer)
	default:
		return call.objects(ctx, ev.Objects)
	}
}

// invocation is one invocation being answered.
type invocation struct {
	*Handler

	inv Invocation
	log *slog.Logger
}

// tooLarge answers a payload that is not even decoded. Only HTTP carries that
// much: events are 128 KiB at most.
func (c invocation) tooLarge(ctx context.Context, payload []byte) (json.RawMessage, error) {
	c.log.WarnContext(ctx, "payload too large", slog.Int("bytes", len(payload)))
	return bodyTooLarge().encode(), nil
}

// open sets the services up, for buckets that are fit.
func (c invocation) open(ctx context.Context) (Services, error) {
	s, err := c.Open(ctx, c.inv)
	if err == nil && s.Preflight != nil {
		err = s.Preflight(ctx)
	}
	return s, err
}

// takeFiles lets the sweep hand files to the intake.
type takeFiles struct{ *intake.Intake }

// AcceptFile accepts a change file whose event was lost.
func (t takeFiles) AcceptFile(ctx context.Context, f reconcile.File) error {
	_, err := t.File(ctx, intake.Upload{Key: f.Key, ETag: f.ETag})
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
