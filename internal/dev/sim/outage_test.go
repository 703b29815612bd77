package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// In an outage of the API a hundred changes of ten servers wait, few calls are
// made, and everything is applied afterwards.
func TestNothingIsLostInAnOutage(t *testing.T) {
	t.Parallel()
	for _, down := range []time.Duration{time.Minute, time.Hour, 24 * time.Hour} {
		t.Run(down.String(), func(t *testing.T) {
			t.Parallel()
			if down > time.Hour {
				skipShort(t)
			}
			out := outage(t, down)
			if len(out.violations) > 0 {
				t.Fatalf("%q", out.violations)
			}
			t.Logf("%d changes ended %v after the outage; %d calls of the API during it", out.records, out.recovery, out.calls)
			if out.records != 100 || out.modifies != 10 {
				t.Errorf("%d changes ended, %d modifications were sent for ten servers", out.records, out.modifies)
			}
			if out.recovery > 10*time.Minute {
				t.Errorf("the last change ended %v after the outage", out.recovery)
			}
			// Calls until the circuit opens, then a probe each time it is half-open. If ten
			// instances begin at the same moment, each of them calls for each server once.
			if most := int(down/(4*time.Minute)) + 100; out.calls > most {
				t.Errorf("%d calls were made of an API that is down, more than %d", out.calls, most)
			}
			for _, l := range loops() {
				naive := l.run(t, func() *harness { return outageHarness(down) }, 100)
				t.Logf("a loop that tries again %s: %v", l.name, naive)
				if down >= time.Hour && naive.lost == 0 && naive.calls < 4*out.calls {
					t.Errorf("a loop that tries again %s is as good: %v", l.name, naive)
				}
			}
		})
	}
}

// outageHarness has ten servers and an API that is down at first.
func outageHarness(down time.Duration) *harness {
	h := newHarness(config{seed: 7, servers: 10, length: time.Minute, calm: true}, false)
	h.api.busy, h.api.idle = func() time.Duration { return 0 }, true
	h.api.downUntil = time.Now().Add(down)
	return h
}

type outageOutcome struct {
	outcome

	recovery time.Duration
	calls    int
}

func outage(t *testing.T, down time.Duration) (out outageOutcome) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		<-time.After(time.Until(time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)))
		h := outageHarness(down)
		end := h.api.downUntil
		expires := end.Add(48 * time.Hour).UTC().Format(time.RFC3339)
		for i := range 10 {
			var doc strings.Builder
			fmt.Fprintf(&doc, "expiresAt: %s\nchanges:\n", expires)
			for s := range 10 {
				fmt.Fprintf(&doc, "  - {RegionId: cn-hangzhou, SslVpnServerId: vss-sim%d, Port: %d}\n", s, 1200+i)
			}
			key := fmt.Sprintf("changes/outage%d.yaml", i)
			o := h.store.put(key, []byte(doc.String()))
			h.platform.emit("event of "+key, objectEvent(key, o.etag))
		}
		h.after(30*time.Second, func() { h.platform.sweep(end.Add(3 * time.Hour)) })
		h.run(end)
		out.calls = h.api.calls
		h.run(end.Add(4 * time.Hour))
		h.cfg.calm = false // waiting times are not checked here
		h.check()
		var last time.Time
		for _, rec := range h.seen.records {
			last = later(last, rec.at)
		}
		out.violations, out.records, out.modifies = h.violation, len(h.seen.records), h.api.modifies
		out.recovery = last.Sub(end)
		for _, in := range h.platform.instances {
			h.kill(in)
		}
		h.run(time.Now().Add(time.Hour))
	})
	return out
}
