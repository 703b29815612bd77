package e2e_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// The reserve of an invocation of shortTimeout: a sixth of it.
const shortReserve = shortTimeout / 6

// The reserve that invocations keep before their deadline is enough for the last
// writes, with a slow store and with one that stops answering: they are not
// killed.
func TestInvocationsEndBeforeTheirDeadlineOnASlowStore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		delay time.Duration // of every request to the store
		hangs bool          // from the acceptance of the modification on
	}{
		{"half a second for every request", 500 * time.Millisecond, false},
		{"no answer after the modification", 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var slow, hangs atomic.Bool
			slow.Store(true)
			released := make(chan struct{})
			t.Cleanup(func() { close(released) })
			h := start(t, func(o *localcloud.Options) {
				o.Timeout, o.Configuring = shortTimeout, time.Hour
				also(o, func(o *fc.Options) { o.AsyncRetries = -1 }) // each would take as long
				o.TuneOSS = func(o *oss.Options) {
					o.Before = func(oss.Request) {
						delay := tt.delay
						if hangs.Load() {
							delay = time.Hour
						}
						if !slow.Load() || delay == 0 {
							return
						}
						timer := time.NewTimer(delay)
						defer timer.Stop()
						select {
						case <-timer.C:
						case <-released:
						}
					}
				}
				o.TuneVPC = func(o *vpc.Options) {
					o.After = func(c vpc.Call) { hangs.Store(tt.hangs && c.Action == vpc.ModifySslVpnServer || hangs.Load()) }
				}
			})
			h.drop(t, "changes/port.yaml", portChange(1195))
			h.quiet(t)
			var longest time.Duration
			for _, i := range h.ended() {
				longest = max(longest, i.Duration)
				if i.Duration >= shortTimeout {
					t.Errorf("%s took %v, and had %v: %v", i.Source, i.Duration, shortTimeout, i.Err)
				}
			}
			t.Logf("%d invocations of at most %v; the longest took %v: %v of the %v that it keeps back",
				len(h.ended()), shortTimeout, longest.Round(time.Millisecond), max(0, longest-(shortTimeout-shortReserve)).Round(time.Millisecond), shortReserve)
			if h.VPC().Snapshot().Effective != 1 {
				t.Fatal("the modification was not sent: nothing was waited for")
			}
			slow.Store(false)
			if err := h.VPC().UpdateGateway(gatewayID, func(g *vpc.Gateway) { g.UpdatingUntil = time.Time{} }); err != nil {
				t.Fatal(err)
			}
			once(1195, 1).settles(t, h)
		})
	}
}
