package reconcile_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// A gateway that is described as active and refuses modifications as busy is not sent
// one by each drain: a request that waits drains its lane twice a second.
func TestAGatewayThatRefusesAsBusyIsNotSentOneByEachDrain(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]vpc.Fault{
		"busy":        {Action: modify, Kind: vpc.FaultError, Status: 400, Code: "VpnGateway.Configuring", Times: -1},
		"unavailable": {Action: modify, Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable", Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.fault(fault)
			id := h.set(change.Port, change.Number(1195))
			for range 20 {
				h.drain(func(_ *reconcile.Deps, p *reconcile.Policy) {
					p.WaitBudget, p.FirstPause, p.LongPause = 0, 5*time.Second, 15*time.Second
				})
				h.Clock.Advance(time.Second / 2)
			}
			h.pending(id)
			if n := h.sent(); n < 1 || n > 3 {
				t.Errorf("sent %d times in 10 s", n)
			}
		})
	}
}
