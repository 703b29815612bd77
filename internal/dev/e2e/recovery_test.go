package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// recovery is a sweep after a worker was killed, with its preparation and the
// expected outcome.
type recovery struct {
	name    string
	tune    func(*localcloud.Options)
	prepare func(ctx context.Context, h *harness, r *reaper) error
	age     time.Duration // of what was prepared, by the store's clock
	settle  func(ctx context.Context, h *harness) error
}

func recoveries() []recovery {
	return []recovery{
		{
			name: "a worker that died before it sent", age: pastLease, settle: once(1195, 1).settle,
			prepare: dying("ModifySslVpnServer", 1, false),
		},
		{
			name: "a worker that died after it sent", age: pastLease, settle: once(1195, 1).settle,
			prepare: dying("ModifySslVpnServer", 1, true),
		},
		{
			name: "a worker that died with an acceptance", age: pastLease, settle: once(1195, 1).settle,
			tune: func(o *localcloud.Options) {
				o.Configuring, o.Env = time.Hour, []string{"WAIT_BUDGET=0s"}
			},
			prepare: dyingWithAnAcceptance,
		},
		{
			name: "a decision without its records", age: pastLease, settle: once(1195, 1).settle,
			prepare: dying("PutObject lanes", 2, true),
		},
		{
			name: "objects to collect", age: 31 * 24 * time.Hour, settle: settleCollected,
			prepare: prepareOld,
		},
	}
}

// dying asks for a change of the port, by a file, and has the function killed at
// a request.
func dying(request string, n int64, landed bool) func(context.Context, *harness, *reaper) error {
	return func(ctx context.Context, h *harness, r *reaper) error {
		r.dieAt(request, n, landed)
		if err := h.Drop("changes/port.yaml", []byte(portChange(1195))); err != nil {
			return err
		}
		return errors.Join(h.FC().Wait(ctx), r.dead())
	}
}

// dead fails if the function was not killed.
func (r *reaper) dead() error {
	if !r.died() {
		return fmt.Errorf("it did not die at %s", r.early.Load().request)
	}
	return nil
}

// dyingWithAnAcceptance has one invocation send, and the next one killed after it
// has acquired the lease.
func dyingWithAnAcceptance(ctx context.Context, h *harness, r *reaper) error {
	if err := h.Drop("changes/port.yaml", []byte(portChange(1195))); err != nil {
		return err
	}
	if err := h.FC().Wait(ctx); err != nil {
		return err
	}
	if n := h.VPC().Snapshot().Effective; n != 1 || len(h.keys("results/")) != 0 {
		return fmt.Errorf("%d modifications were accepted, the records are %q", n, h.keys("results/"))
	}
	if err := h.VPC().UpdateGateway(gatewayID, func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} }); err != nil {
		return err
	}
	r.dieAt("PutObject lanes", 1, true)
	return errors.Join(h.tick(), h.FC().Wait(ctx), r.dead())
}

// The function may be killed at any request of a recovery, too, and of the
// collection of old objects.
func TestTheFunctionMayBeKilledAtAnyRequestOfARecovery(t *testing.T) {
	t.Parallel()
	count := newTally(t)
	for _, story := range recoveries() {
		for _, landed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, effect %v", story.name, landed), func(t *testing.T) {
				t.Parallel()
				count.take(t, killEverywhere(t, landed, story.killAt))
			})
		}
	}
}

// killAt prepares, kills the sweep at one request, and lets other invocations
// complete it.
func (s recovery) killAt(ctx context.Context, function string, r *reaper) (at string, err error) {
	h, err := open(ctx, function, func(o *localcloud.Options) {
		r.tune(o)
		also(o, func(o *fc.Options) { o.AsyncRetries = -1 }) // the sweep alone recovers
		if s.tune != nil {
			s.tune(o)
		}
	})
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w\nthe function printed:\n%s", err, h.printed())
		}
		err = errors.Join(err, h.Close())
	}()
	r.platform.Store(h.FC())
	if err = s.prepare(ctx, h, r); err != nil {
		return "", fmt.Errorf("prepare: %w", err)
	}
	h.OSS().Advance(s.age)
	r.counting.Store(true)
	if err = errors.Join(h.tick(), h.FC().Wait(ctx)); err != nil {
		return r.where(), err
	}
	r.counting.Store(false) // the sweeps after it are another story
	return r.where(), s.settle(ctx, h)
}
