package sim_test

import (
	"testing"
	"testing/synctest"
	"time"

	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/reconcile"
)

// A worker dies while its gateway is updating, at any time between two renewals and two
// sweeps. Another one takes the lane over, at the latest with the first sweep after the
// lease has expired, and the change is applied and recorded.
func TestADeadWorkersLaneIsTakenOver(t *testing.T) {
	t.Parallel()
	lease := reconcile.DefaultPolicy().Lease + lane.Slack
	const sweep, slow = time.Minute, 5 * time.Second
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
				if most := lease + sweep + slow; took > most || recovery > most {
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
	t.Logf("the longest time from a worker's death to the record: %v", worst)
}
