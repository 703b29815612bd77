package sim_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/vpc"
	"sslvpnchange/internal/sslvpn"
)

// throttledWorld is one whose API gives the published quotas and no more:
// somebody else has just used up what there was.
func throttledWorld(servers int) *world {
	w := newWorld(config{seed: 7, servers: servers, length: time.Minute, calm: true}, false)
	w.api.busy, w.api.idle = func() time.Duration { return 0 }, true
	w.platform.weather.latency, w.platform.timeout, w.store.skew = time.Millisecond, 5*time.Minute, 0
	w.platform.most = 10
	w.api.quota = vpc.NewQuota(vpc.Quotas())
	w.api.quota.Exhaust(regionID, time.Now())
	return w
}

// A hundred changes of a hundred servers wait for an API that gives the quota:
// all are applied as fast as it allows, with few calls too many, and the records
// tell what they waited for.
func TestNothingIsLostToThrottling(t *testing.T) {
	t.Parallel()
	const servers = 100
	var took time.Duration
	synctest.Test(t, func(t *testing.T) {
		<-time.After(time.Until(time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)))
		w := throttledWorld(servers)
		held := watchThrottling(w)
		begin := time.Now()
		var doc strings.Builder
		doc.WriteString("changes:\n")
		for s := range servers {
			fmt.Fprintf(&doc, "  - {RegionId: cn-hangzhou, SslVpnServerId: vss-sim%d, Port: %d}\n", s, 1200+s)
		}
		w.upload("changes/throttled.yaml", doc.String())
		w.after(30*time.Second, func() { w.platform.sweep(begin.Add(time.Hour)) })
		w.run(begin.Add(2 * time.Hour))
		w.cfg.calm = false // whether a change waited for nothing is not the question
		w.check()
		if len(w.violation) > 0 || len(w.seen.records) != servers || w.api.modifies != servers {
			t.Fatalf("%d records, %d modifications, %.500q", len(w.seen.records), w.api.modifies, w.violation)
		}
		var said time.Duration
		for _, rec := range w.seen.records {
			took = max(took, rec.at.Sub(begin))
			says, was := time.Duration(rec.Waited.Throttle)*time.Millisecond, held.sums[w.seen.entries[rec.ID].target]
			said += says
			if diff := says - was; diff.Abs() > 10*time.Millisecond {
				t.Errorf("%s says that it was throttled for %v, and it was for %v", rec.ID, says, was)
			}
			if rec.Status != change.Applied {
				t.Errorf("%s ended %s", rec.ID, rec.Status)
			}
		}
		t.Logf("%d changes applied in %v: %d calls, %d of them throttled; waited for it %v each on average",
			servers, took, w.api.calls, w.api.throttled, said/servers)
		for _, in := range w.platform.instances {
			w.kill(in)
		}
		w.run(time.Now().Add(time.Hour))
	})
	// Two modifications a second are the quota.
	if least := servers * time.Second / 2; took > least*2 {
		t.Errorf("it took %v, and the quota allows %v", took, least)
	}
	for _, l := range loops() {
		t.Logf("a loop that tries again %s: %v", l.name, l.run(t, func() *world { return throttledWorld(servers) }, servers))
	}
}

// throttling is what really kept the lanes waiting: the times from an answer
// that asks for fewer calls to the next one that does not.
type throttling struct {
	mu    sync.Mutex
	since map[change.Target]time.Time
	sums  map[change.Target]time.Duration
}

func watchThrottling(w *world) *throttling {
	th := &throttling{since: map[change.Target]time.Time{}, sums: map[change.Target]time.Duration{}}
	w.api.heard = func(t change.Target, class sslvpn.Class) {
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
