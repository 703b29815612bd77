package sim_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// A worker dies while its gateway is updating, at any time between two renewals and two
// sweeps, and there are no wake-ups. The first sweep that sees that the lease was not
// renewed waits until it has expired and goes on with the lane, and the change is recorded.
func TestADeadWorkersLaneIsTakenOver(t *testing.T) {
	t.Parallel()
	lease := reconcile.DefaultPolicy().Lease + lane.Slack
	most := time.Minute + lease/3 + 3*time.Second // a sweep that comes too early to see it, and the next one
	var worst time.Duration
	for dies := 3 * time.Second; dies < 75*time.Second; dies += 4 * time.Second {
		synctest.Test(t, func(t *testing.T) {
			<-time.After(time.Until(time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)))
			h := newHarness(config{seed: 9, servers: 1, length: time.Minute, calm: true}, false)
			h.api.busy, h.platform.timeout = func() time.Duration { return 80 * time.Second }, 5*time.Minute
			h.store.skew, h.platform.weather.latency = 0, 20*time.Millisecond
			begin := time.Now()
			h.upload("changes/a.yaml", "changes:\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-sim0, Port: 1300}\n")
			h.after(40*time.Second, func() { h.platform.sweep(begin.Add(time.Hour)) })
			killed := ""
			h.after(dies, func() {
				for _, v := range h.lanes {
					for _, in := range h.platform.instances {
						if v.Kind == "held" && h.works(v.Owner) && in.busy {
							killed = v.Owner
							h.kill(in)
						}
					}
				}
			})
			h.run(begin.Add(time.Hour))
			h.cfg.calm = false // waiting times are checked below
			h.check()
			if len(h.violation) > 0 || len(h.seen.records) != 1 || killed == "" {
				t.Fatalf("killed after %v: %q; %d records, %q", dies, killed, len(h.seen.records), h.violation)
			}
			for _, rec := range h.seen.records {
				took := rec.at.Sub(begin.Add(dies))
				recovery := time.Duration(rec.Waited.Recovery) * time.Millisecond
				ready := later(begin.Add(dies+most), begin.Add(h.api.busy()+5*time.Second)) // both are over
				if recovery > most || rec.at.After(ready) {
					t.Errorf("killed after %v: recorded %v later; recovery took %v", dies, took, recovery)
				}
				if recovery < lease {
					t.Errorf("killed after %v: taken over after %v, within the lease", dies, recovery)
				}
				worst = max(worst, took)
			}
			for _, in := range h.platform.instances {
				h.kill(in)
			}
			h.run(time.Now().Add(time.Hour))
		})
	}
	t.Logf("the longest time from a worker's death to the record, the gateway's time included: %v", worst)
}
