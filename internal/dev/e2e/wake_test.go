package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// dueAt is a change of a server that is due at a time.
func dueAt(server string, at time.Time) string {
	return fmt.Sprintf("notBefore: %s\nRegionId: %s\nSslVpnServerId: %s\nPort: 1195\n", at.UTC().Format(time.RFC3339Nano), region, server)
}

// startLate starts a cloud whose delayed invocations are up to half a second late.
func startLate(tb testing.TB, tune func(*fc.Options)) *harness {
	tb.Helper()
	return start(tb, func(o *localcloud.Options) {
		also(o, func(o *fc.Options) {
			o.Late = func() time.Duration { return time.Duration(rand.Int64N(int64(time.Second / 2))) }
			if tune != nil {
				tune(o)
			}
		})
	})
}

// firstCalls is when each server was first asked for or modified.
func (h *harness) firstCalls() map[string]time.Time {
	out := map[string]time.Time{}
	for _, c := range h.VPC().Calls("") {
		if id := c.Params["SslVpnServerId"]; id != "" && out[id].IsZero() {
			out[id] = c.At
		}
	}
	return out
}

// BenchmarkDueTime measures how long after its due time a change makes its first request
// to the API: 120 changes of as many servers, four of them due in each second, while
// delayed invocations are up to half a second late. The sweep does not run.
//
//	p50_s, p95_s, max_s    from the due time to the first request; the aim is a p95 of 2
//	function_s             of the woken invocations, for each change
//	wake_ups               that were set, for each change
func BenchmarkDueTime(b *testing.B) {
	const changes, each = 120, 4
	for b.Loop() {
		h := startLate(b, nil)
		due := map[string]time.Time{}
		first := time.Now().Add(10 * time.Second)
		for i := range changes {
			s := vpc.Server{
				RegionID: region, ID: fmt.Sprintf("vss-due%d", i), GatewayID: fmt.Sprintf("vpn-due%d", i), Name: fmt.Sprintf("due%d", i),
				ClientIPPool: "10.30.30.0/24", LocalSubnet: "10.20.20.0/24", Proto: "UDP", Port: 1194,
			}
			if err := h.VPC().AddServer(s); err != nil {
				b.Fatal(err)
			}
			due[s.ID] = first.Add(time.Duration(i) * time.Second / each).Truncate(time.Millisecond)
			if got, err := h.post(b.Context(), s.ID, dueAt(s.ID, due[s.ID])); err != nil || got.status != http.StatusAccepted {
				b.Fatalf("answered %d %s, %v", got.status, got.body, err)
			}
		}
		eventually(b, "every change has its record", func() bool { return len(h.keys("results/")) == changes })
		h.quiet(b)
		var late []time.Duration
		for id, at := range h.firstCalls() {
			if d := at.Sub(due[id]); d < 0 {
				b.Errorf("%s is asked for %s before its change is due", id, -d)
			} else {
				late = append(late, d)
			}
		}
		if len(late) != changes {
			b.Fatalf("%d of %d servers were asked for", len(late), changes)
		}
		p50 := median(late) // sorts
		b.ReportMetric(p50.Seconds(), "p50_s")
		b.ReportMetric(late[len(late)*95/100].Seconds(), "p95_s")
		b.ReportMetric(late[len(late)-1].Seconds(), "max_s")
		var spent time.Duration
		for _, i := range h.ended() {
			if i.Source == "api" {
				spent += i.Duration
			}
		}
		b.ReportMetric(spent.Seconds()/changes, "function_s")
		b.ReportMetric(float64(h.FC().Stats().Delayed)/changes, "wake_ups")
		b.ReportMetric(0, "ns/op") // it waits for due times
	}
}

// BenchmarkBusyGateway measures what a change costs that waits two minutes for its
// gateway, while the sweep runs every minute.
//
//	function_s    of all invocations, from the file to the record; the aim is 4 more than
//	              without the wait
//	late_s        from the gateway's readiness to the record
//	wake_ups      that were set
func BenchmarkBusyGateway(b *testing.B) {
	const busy = 2 * time.Minute
	for b.Loop() {
		h := startLate(b, nil)
		if err := h.VPC().Busy(gatewayID, busy); err != nil {
			b.Fatal(err)
		}
		ready := time.Now().Add(busy)
		h.drop(b, "changes/office.yaml", portChange(1195))
		done, over := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(over)
			sweep := time.NewTicker(time.Minute)
			defer sweep.Stop()
			for {
				select {
				case <-sweep.C:
					_ = h.tick() // a cloud that is closed has no record either
				case <-done:
					return
				}
			}
		}()
		pause := time.NewTimer(busy)
		<-pause.C
		eventually(b, "the change has its record", func() bool { return len(h.keys("results/")) == 1 })
		late := time.Since(ready)
		close(done)
		<-over
		h.quiet(b)
		var spent time.Duration
		for _, i := range h.ended() {
			spent += i.Duration
		}
		b.ReportMetric(spent.Seconds(), "function_s")
		b.ReportMetric(late.Seconds(), "late_s")
		b.ReportMetric(float64(h.FC().Stats().Delayed), "wake_ups")
		b.ReportMetric(0, "ns/op") // it waits for the gateway
	}
}

// A change is applied at its due time, and not before, without the sweep.
func TestAChangeIsAppliedAtItsDueTime(t *testing.T) {
	t.Parallel()
	h := startLate(t, nil)
	at := time.Now().Add(2500 * time.Millisecond).Truncate(time.Millisecond)
	h.drop(t, "changes/later.yaml", dueAt(serverID, at))
	eventually(t, "the change has its record", func() bool { return len(h.keys("results/")) == 1 })
	if first := h.firstCalls()[serverID]; first.Before(at) {
		t.Errorf("the server was asked for %s early", at.Sub(first))
	}
	if s := h.FC().Stats(); s.Delayed == 0 {
		t.Error("no wake-up was set")
	}
}

// A busy gateway is looked at again without the sweep: by wake-ups, or in process where
// the function may not invoke itself. The first wake-up that is denied leaves its lane to
// the sweep; the instance knows better after that.
func TestABusyGatewayIsLookedAtWithoutTheSweep(t *testing.T) {
	t.Parallel()
	for name, denied := range map[string]bool{"by wake-ups": false, "in process": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t, func(o *localcloud.Options) { o.MaxInstances = 1 })
			if denied {
				h.FC().Deny(true)
				h.drop(t, "changes/later.yaml", dueAt(otherID, time.Now().Add(time.Hour)))
				h.says(t, "wake-up not set, the sweep looks within a minute")
			}
			if err := h.VPC().Busy(gatewayID, 5*time.Second); err != nil {
				t.Fatal(err)
			}
			h.drop(t, "changes/office.yaml", portChange(1195))
			eventually(t, "the change has its record", func() bool { return len(h.keys("results/")) == 1 })
			h.quiet(t)
			if set := h.FC().Stats().Delayed; (set == 0) != denied {
				t.Errorf("%d wake-ups were set", set)
			}
		})
	}
}

// The sweep finds what a lost wake-up misses, and what is due where the function may not
// invoke itself. The log says what to grant.
func TestTheSweepFindsWhatNoWakeUpDoes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		tune func(*fc.Options)
		deny bool
		says string
	}{
		"every wake-up is lost": {func(o *fc.Options) { o.Lose = func() bool { return true }; o.Patience = time.Minute }, false, ""},
		"the right is missing":  {nil, true, "fc:InvokeFunction"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := startLate(t, tt.tune)
			h.FC().Deny(tt.deny)
			at := time.Now().Add(1500 * time.Millisecond).Truncate(time.Millisecond)
			h.drop(t, "changes/later.yaml", dueAt(serverID, at))
			if tt.says != "" {
				h.says(t, tt.says)
			}
			h.quiet(t)
			eventually(t, "it is due", func() bool { return time.Now().After(at) })
			if n := len(h.keys("results/")); n != 0 {
				t.Errorf("%d records without a sweep", n)
			}
			// The first sweep sends it, and a later one sees that the gateway has applied it.
			eventually(t, "the change has its record", func() bool {
				h.sweep(t)
				return len(h.keys("results/")) == 1
			})
		})
	}
}
