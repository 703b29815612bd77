package sim_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// throttledHarness has an API that enforces the published quotas, which
// somebody else has just used up.
func throttledHarness(servers int) *harness {
	h := newHarness(config{seed: 7, servers: servers, length: time.Minute, calm: true}, false)
	h.api.busy, h.api.idle = func() time.Duration { return 0 }, true
	h.platform.weather.latency, h.platform.timeout, h.store.skew = time.Millisecond, 5*time.Minute, 0
	h.platform.most = 10
	h.api.quota = vpc.NewQuota(vpc.Quotas())
	h.api.quota.Exhaust(regionID, time.Now())
	return h
}

// A hundred changes of a hundred servers wait for an API with a quota: all are
// applied as fast as it allows, with few excess calls, and the records contain
// the time that they waited for it.
func TestNothingIsLostToThrottling(t *testing.T) {
	t.Parallel()
	const servers = 100
	var took time.Duration
	synctest.Test(t, func(t *testing.T) {
		<-time.After(time.Until(time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)))
		h := throttledHarness(servers)
		held := watchThrottling(h)
		begin := time.Now()
		var doc strings.Builder
		doc.WriteString("changes:\n")
		for s := range servers {
			fmt.Fprintf(&doc, "  - {RegionId: cn-hangzhou, SslVpnServerId: vss-sim%d, Port: %d}\n", s, 1200+s)
		}
		h.upload("changes/throttled.yaml", doc.String())
		h.after(30*time.Second, func() { h.platform.sweep(begin.Add(time.Hour)) })
		h.run(begin.Add(2 * time.Hour))
		h.cfg.calm = false // waiting times are not checked here
		h.check()
		if len(h.violation) > 0 || len(h.seen.records) != servers || h.api.modifies != servers {
			t.Fatalf("%d records, %d modifications, %.500q", len(h.seen.records), h.api.modifies, h.violation)
		}
		var said time.Duration
		for _, rec := range h.seen.records {
			took = max(took, rec.at.Sub(begin))
			says, was := time.Duration(rec.Waited.Throttle)*time.Millisecond, held.sums[h.seen.entries[rec.ID].target]
			said += says
			if diff := says - was; diff.Abs() > 10*time.Millisecond {
				t.Errorf("%s says that it was throttled for %v, and it was for %v", rec.ID, says, was)
			}
			if rec.Status != change.Applied {
				t.Errorf("%s ended %s", rec.ID, rec.Status)
			}
		}
		t.Logf("%d changes applied in %v: %d calls, %d of them throttled; waited for it %v each on average",
			servers, took, h.api.calls, h.api.throttled, said/servers)
		for _, in := range h.platform.instances {
			h.kill(in)
		}
		h.run(time.Now().Add(time.Hour))
	})
	// The quota is two modifications a second.
	if least := servers * time.Second / 2; took > least*2 {
		t.Errorf("it took %v, and the quota allows %v", took, least)
	}
	for _, l := range loops() {
		t.Logf("a loop that tries again %s: %v", l.name, l.run(t, func() *harness { return throttledHarness(servers) }, servers))
	}
}

// throttling measures for how long lanes were throttled: from a throttling
// response to the next one that is not.
type throttling struct {
	mu    sync.Mutex
	since map[change.Target]time.Time
	sums  map[change.Target]time.Duration
}

func watchThrottling(h *harness) *throttling {
	th := &throttling{since: map[change.Target]time.Time{}, sums: map[change.Target]time.Duration{}}
	h.api.observe = func(t change.Target, class sslvpn.Class) {
		th.mu.Lock()
		defer th.mu.Unlock()
		since, waits := th.since[t]
		switch {
		case class == sslvpn.ClassThrottled && !waits:
			th.since[t] = time.Now()
		case class != sslvpn.ClassThrottled && waits:
			th.sums[t] += time.Since(since)
			delete(th.since, t)
		}
	}
	return th
}
