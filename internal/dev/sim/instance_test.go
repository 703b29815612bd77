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

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/approval"
	"github.com/sslvpn-change/sslvpn-change/internal/breaker"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	functionconfig "github.com/sslvpn-change/sslvpn-change/internal/config"
	"github.com/sslvpn-change/sslvpn-change/internal/function"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

var errDead = errors.New("the instance is dead")

// instance is one process of the function.
type instance struct {
	harness     *harness
	id          int
	skew        time.Duration
	dead        bool
	busy        bool
	frozenUntil time.Time
	wasFrozen   bool // during the current invocation
	unlucky     bool // likewise: a request had a fault
	// The lanes in which the current invocation wrote a generation and got no answer.
	unsure     map[change.Target]bool
	fn         *function.Function
	nonces     atomic.Int64
	invocation int
	doing      string        // the name of the delivery that it handles
	reserve    time.Duration // of the current invocation
	cancel     context.CancelFunc
}

func (in *instance) String() string { return fmt.Sprintf("i%d", in.id) }

// now is the instance's clock.
func (in *instance) now() time.Time { return time.Now().Add(in.skew) }

// newInstance starts a process.
func (h *harness) newInstance() *instance {
	in := &instance{harness: h, id: len(h.platform.instances) + 1}
	if h.rng.IntN(2) == 0 && !h.cfg.calm && h.cfg.kinds.has(skewedClocks) {
		in.skew = time.Duration(h.rng.IntN(481)-240) * time.Second
	}
	p := reconcile.DefaultPolicy()
	cfg := functionconfig.Config{
		ChangeBucket: bucketName, RecordBucket: bucketName, Senders: []webhook.Sender{h.platform.sender},
		WaitBudget: p.WaitBudget, MaxLanes: p.MaxLanes, NoPolicy: h.chat == nil && !h.hours.on,
	}
	if h.chat != nil {
		cfg.Platforms = h.chat.platforms
	}
	fn, err := function.New(cfg, h.log(in), function.Options{
		Version: fmt.Sprintf("v0.0.%d-sim", in.id), Now: in.now, Skew: in.skew, Nonce: in.nonce, Jitter: in.jitter, Buckets: in.buckets, Chat: in,
		Prober: h.proofs.prober(), Wakes: in.invoker,
		API: func(_ handler.Invocation, observe func(sslvpn.Call)) breaker.API {
			return &caller{in: in, observe: observe}
		},
		Reconcile: func(p *reconcile.Policy) {
			if h.cfg.long > 0 {
				p.LongQueue = h.cfg.long - 1
			}
			if h.cfg.mixed && in.id%2 == 1 {
				p.Lease = time.Hour // earlier versions acquired the lease for as long as the invocation lasts
			}
		},
		// No bound on parallel deliveries: which of several waiting goroutines goes
		// first is up to the Go scheduler.
		Outbox:    func(p *notify.Policy) { p.AtOnce = 1000 },
		Approvals: func(t *approval.Times) { t.AtOnce = 1000 },
	})
	if err != nil {
		panic(err)
	}
	in.fn = fn
	h.platform.instances = append(h.platform.instances, in)
	return in
}

// buckets opens the store for an invocation.
func (in *instance) buckets(inv handler.Invocation) (function.Buckets, error) {
	in.reserve = inv.Reserve
	bucket := &client{in: in}
	return function.Buckets{Changes: bucket, Records: bucket}, nil
}

// nonce returns a unique text of fixed length.
func (in *instance) nonce() string { return fmt.Sprintf("n%04d-%08d", in.id, in.nonces.Add(1)) }

// jitter depends on seed, instance and time only, and not on the goroutine.
func (in *instance) jitter() float64 {
	sum := fnv.New64a()
	fmt.Fprint(sum, in.harness.cfg.seed, in.id, time.Since(in.harness.start))
	return float64(sum.Sum64()%1000) / 1000
}

// request waits until the scheduler has decided a request's fate.
func (in *instance) request(ctx context.Context, o *op) error {
	o.inst, o.done = in, make(chan struct{})
	in.harness.register(o)
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		// The client gave up; the request may still take effect.
		return o.fail(lost)
	}
}

// kinds returns the fates that are possible for a request.
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
func (h *harness) kill(in *instance) {
	if in.dead {
		return
	}
	h.note("%s dies", in)
	in.dead = true
	if in.cancel != nil {
		in.cancel()
	}
}

// invoke runs an invocation in an instance and calls then with the outcome, in
// the scheduler's goroutine; ok is false if the instance died.
func (h *harness) invoke(in *instance, payload []byte, timeout time.Duration, then func(out json.RawMessage, err error, ok bool)) {
	in.busy, in.wasFrozen = true, in.frozenUntil.After(time.Now())
	in.unlucky, in.unsure = in.wasFrozen, map[change.Target]bool{}
	in.invocation++
	n := in.invocation
	begun := time.Now()
	deadline := begun.Add(timeout)
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
		h.platform.paid += time.Since(begun)
		if ok {
			h.reserve.ended(in.reserve, time.Until(deadline))
		}
		cancel()
		then(out, err, ok)
	}
	// The platform kills an invocation that misses its deadline.
	h.after(timeout+time.Second, func() {
		if !settled && in.invocation == n {
			h.deaths++
			h.kill(in)
			end(nil, errDead, false)
		}
	})
	go func() {
		out, err := in.fn.Handle(ctx, payload)
		o := &op{name: "return " + strconv.Itoa(n), fail: func(fate) error { return errDead }}
		o.do = func() { end(out, err, true) }
		if in.request(context.Background(), o) != nil {
			h.register(&op{inst: h.platform.nobody, name: fmt.Sprintf("gone %d-%d", in.id, n), do: func() { end(nil, errDead, false) }, done: make(chan struct{}), fail: func(fate) error { return nil }})
		}
	}()
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// log returns the function's log, which is part of the trace.
func (h *harness) log(in *instance) *slog.Logger {
	if !h.tracing {
		return quiet()
	}
	return slog.New(slog.NewTextHandler(&traceWriter{h: h, in: in}, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}}))
}

type traceWriter struct {
	h  *harness
	in *instance
}

func (t *traceWriter) Write(p []byte) (int, error) {
	t.h.mu.Lock()
	defer t.h.mu.Unlock()
	fmt.Fprintf(&t.h.trace, "%10.3f   %s log: %s", time.Since(t.h.start).Seconds(), t.in, p)
	return len(p), nil
}
