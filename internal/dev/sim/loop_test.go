package sim_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// loop is the script that this function replaces: one plain modification after
// the other, each retried for as long as the policy allows. It does not look at
// gateways and reads nothing back.
type loop struct {
	name   string
	policy func() backoff.BackOff
}

// loops are a wait of ten seconds as in Terraform's resource, but forever, and
// the library's default: waits that grow from half a second to a minute, for a
// quarter of an hour.
func loops() []loop {
	return []loop{
		{"every 10 s", func() backoff.BackOff { return backoff.NewConstantBackOff(10 * time.Second) }},
		{"cenkalti's default", func() backoff.BackOff { return backoff.NewExponentialBackOff() }},
	}
}

type loopOutcome struct {
	took     time.Duration
	calls    int
	modifies int // that had an effect
	lost     int // changes that were given up
}

func (o loopOutcome) String() string {
	return fmt.Sprintf("%v, %d calls, %d modifications, %d changes given up", o.took.Round(time.Second), o.calls, o.modifies, o.lost)
}

// run applies changes to a harness's gateways in turn.
func (l loop) run(t *testing.T, open func() *harness, changes int) (out loopOutcome) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		<-time.After(time.Until(time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)))
		h := open()
		in := h.newInstance()
		begin := time.Now()
		done := false
		go func() {
			api := &caller{in: in, observe: func(sslvpn.Call) {}}
			for i := range changes {
				m := sslvpn.Modification{
					Target: h.api.order[i%len(h.api.order)].target, ClientToken: fmt.Sprintf("loop-%d", i),
					Patch: change.Patch{change.Port: change.Number(11_000 + i)},
				}
				if l.modify(api, m) != nil {
					out.lost++
				}
			}
			out.took = time.Since(begin)
			done = true
		}()
		for !done {
			h.run(time.Now().Add(time.Minute))
		}
		out.calls = h.api.calls
		for _, g := range h.api.order {
			out.modifies += len(g.history)
		}
	})
	return out
}

// modify sends one modification until it is accepted or given up.
func (l loop) modify(api *caller, m sslvpn.Modification) error {
	return backoff.Retry(func() error {
		_, err := api.ModifyServer(context.Background(), m)
		var e *sslvpn.Error
		if errors.As(err, &e) && e.Class != sslvpn.ClassBusy && e.Class != sslvpn.ClassThrottled && e.Class != sslvpn.ClassUnavailable {
			return backoff.Permanent(err)
		}
		return err
	}, l.policy())
}
