package sim_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aliyun/fc-runtime-go-sdk/fccontext"

	"sslvpnchange/handler"
	"sslvpnchange/internal/breaker"
	functionconfig "sslvpnchange/internal/config"
	"sslvpnchange/internal/function"
	"sslvpnchange/internal/notify"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/sslvpn"
	"sslvpnchange/internal/webhook"
)

var errDead = errors.New("the instance is dead")

// instance is one process of the function.
type instance struct {
	world       *world
	id          int
	skew        time.Duration
	dead        bool
	busy        bool
	frozenUntil time.Time
	wasFrozen   bool // during the invocation that runs
	fn          *function.Function
	nonces      atomic.Int64
	invocation  int
	reserve     time.Duration // of the invocation that runs
	cancel      context.CancelFunc
}

func (in *instance) String() string { return fmt.Sprintf("i%d", in.id) }

// now is the instance's clock.
func (in *instance) now() time.Time { return time.Now().Add(in.skew) }

// newInstance starts a process.
func (w *world) newInstance() *instance {
	in := &instance{world: w, id: len(w.platform.instances) + 1}
	if w.rng.IntN(2) == 0 && !w.cfg.calm {
		in.skew = time.Duration(w.rng.IntN(481)-240) * time.Second
	}
	p := reconcile.DefaultPolicy()
	cfg := functionconfig.Config{
		ChangeBucket: bucketName, RecordBucket: bucketName, Senders: []webhook.Sender{w.platform.sender},
		WaitBudget: p.WaitBudget, MaxLanes: p.MaxLanes,
	}
	if w.chat != nil {
		cfg.Platforms = w.chat.platforms
	}
	fn, err := function.New(cfg, w.log(in), function.Options{
		Now: in.now, Skew: in.skew, Nonce: in.nonce, Jitter: in.jitter, Buckets: in.buckets, Chat: in,
		API: func(_ handler.Invocation, observe func(sslvpn.Call)) breaker.API {
			return &caller{in: in, observe: observe}
		},
		Reconcile: func(p *reconcile.Policy) {
			if w.cfg.long > 0 {
				p.LongLine = w.cfg.long - 1
			}
		},
		// As many rooms at once as there are: which of them comes first at a gate is
		// up to the Go scheduler.
		Outbox: func(p *notify.Policy) { p.AtOnce = 1000 },
	})
	if err != nil {
		panic(err)
	}
	in.fn = fn
	w.platform.instances = append(w.platform.instances, in)
	return in
}

// buckets opens the store for an invocation.
func (in *instance) buckets(inv handler.Invocation) (function.Buckets, error) {
	in.reserve = inv.Reserve
	bucket := &client{in: in}
	return function.Buckets{Changes: bucket, Records: bucket}, nil
}

// nonce is unique and the same length always.
func (in *instance) nonce() string { return fmt.Sprintf("n%04d-%08d", in.id, in.nonces.Add(1)) }

// jitter is the same for the same seed, instance and time, whatever goroutine
// asks.
func (in *instance) jitter() float64 {
	h := fnv.New64a()
	fmt.Fprint(h, in.world.cfg.seed, in.id, time.Since(in.world.start))
	return float64(h.Sum64()%1000) / 1000
}

// request stops at the scheduler until its fate is known.
func (in *instance) request(ctx context.Context, o *op) error {
	o.inst, o.done = in, make(chan struct{})
	in.world.register(o)
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		// The client gave up; what is on the wire may still land.
		return o.fail(lost)
	}
}

// kinds are the fates that fit a request.
func (o *op) kinds() []fate {
	switch {
	case strings.HasPrefix(o.name, "return"):
		return []fate{killBefore, killAfter, freeze}
	case strings.HasPrefix(o.name, "list"):
		return []fate{refused, lost, killBefore, killAfter, freeze, stale}
	case strings.HasPrefix(o.name, "modify"):
		return []fate{refused, lost, landed, late, killBefore, killAfter, freeze, throttled, busy}
	case strings.HasPrefix(o.name, "describe"):
		return []fate{refused, lost, killBefore, killAfter, freeze, throttled}
	case strings.HasPrefix(o.name, "get"), strings.HasPrefix(o.name, "head"):
		return []fate{refused, lost, killBefore, killAfter, freeze}
	default:
		return []fate{refused, lost, landed, late, killBefore, killAfter, freeze}
	}
}

// kill ends a process.
func (w *world) kill(in *instance) {
	if in.dead {
		return
	}
	w.note("%s dies", in)
	in.dead = true
	if in.cancel != nil {
		in.cancel()
	}
}

// invoke runs an invocation in an instance; then is told how it ended, on the
// scheduler's turn: ok is false when the instance died over it.
func (w *world) invoke(in *instance, payload []byte, timeout time.Duration, then func(out json.RawMessage, err error, ok bool)) {
	in.busy, in.wasFrozen = true, in.frozenUntil.After(time.Now())
	in.invocation++
	n := in.invocation
	deadline := time.Now().Add(timeout)
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	in.cancel = cancel
	ctx = fccontext.NewContext(ctx, &fccontext.FcContext{
		RequestID: fmt.Sprintf("r-%d-%d", in.id, in.invocation), Region: "cn-hangzhou", AccountId: "1",
	})
	settled := false
	end := func(out json.RawMessage, err error, ok bool) {
		if settled {
			return
		}
		settled = true
		in.busy = false
		if ok {
			w.reserve.ended(in.reserve, time.Until(deadline))
		}
		cancel()
		then(out, err, ok)
	}
	// The platform kills what passes its deadline.
	w.after(timeout+time.Second, func() {
		if !settled && in.invocation == n {
			w.deaths++
			w.kill(in)
			end(nil, errDead, false)
		}
	})
	go func() {
		out, err := in.fn.Handle(ctx, payload)
		o := &op{name: "return " + strconv.Itoa(n), fail: func(fate) error { return errDead }}
		o.do = func() { end(out, err, true) }
		if in.request(context.Background(), o) != nil {
			w.register(&op{inst: w.platform.nobody, name: fmt.Sprintf("gone %d-%d", in.id, n), do: func() { end(nil, errDead, false) }, done: make(chan struct{}), fail: func(fate) error { return nil }})
		}
	}()
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// log is the function's log, part of the trace when somebody reads it.
func (w *world) log(in *instance) *slog.Logger {
	if !w.tracing {
		return quiet()
	}
	return slog.New(slog.NewTextHandler(&traceWriter{w: w, in: in}, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}}))
}

type traceWriter struct {
	w  *world
	in *instance
}

func (t *traceWriter) Write(p []byte) (int, error) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	fmt.Fprintf(&t.w.trace, "%10.3f   %s log: %s", time.Since(t.w.start).Seconds(), t.in, p)
	return len(p), nil
}
