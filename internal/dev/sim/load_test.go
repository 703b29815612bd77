package sim_test

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// The waits between two looks are random, so the results of one run vary.
var loads = flag.Uint64("loads", 1, "how many times to run each load of a thousand changes, with other waits")

// load is many changes at once, with gateways that are updating for a while
// after each modification and back ends that answer immediately. It runs in
// virtual time and is deterministic.
type load struct {
	gateways int
	files    int           // change files
	each     int           // changes in each, round-robin over the gateways
	every    time.Duration // between two files
	busy     time.Duration // how long a modification takes
	most     int           // instances at a time; 0: no bound
	idle     time.Duration // how long the gateways are updating at first, for somebody else
	latency  time.Duration // of each request, at most
	quota    bool          // the API enforces its published quota
	wakes    wakes
	seed     uint64 // of the waits
}

// loadOutcome is what was measured.
type loadOutcome struct {
	outcome

	took     time.Duration // from the first file to the last record
	calls    int
	requests int // of the object store
	used     int // instances
	paid     time.Duration
	woken    int // wake-ups
	refused  int // calls that the API throttled
	ready    []time.Duration
	seen     []time.Duration // from the end of a gateway's update to the record
}

func (l load) run(t *testing.T) (out loadOutcome) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		<-time.After(time.Until(time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)))
		h := l.harness()
		h.platform.most = l.most
		l.warm(h)
		begin := time.Now()
		calls, requests, modifies := h.api.calls, h.store.requests, h.api.modifies
		h.platform.paid, h.alarm.set, h.api.throttled = 0, 0, 0
		for _, g := range h.api.order {
			g.until = begin.Add(l.idle)
		}
		for i := range l.files {
			h.after(time.Duration(i)*l.every, func() { h.upload(fmt.Sprintf("changes/load%d.yaml", i), l.document(i)) })
		}
		if l.quota {
			h.after(30*time.Second, func() { h.platform.sweep(begin.Add(time.Hour)) })
		}
		h.run(begin.Add(3 * time.Hour))
		h.cfg.calm = false // waiting times are not checked here
		h.check()
		out = loadOutcome{
			outcome: outcome{violations: h.violation, records: len(h.seen.records) - 1, modifies: h.api.modifies - modifies},
			calls:   h.api.calls - calls, requests: h.store.requests - requests, used: len(h.platform.instances),
			paid: h.platform.paid, woken: h.alarm.set, refused: h.api.throttled,
		}
		for _, rec := range h.seen.records {
			out.took = max(out.took, rec.at.Sub(begin))
			if rec.AcceptedAt.Before(begin.Truncate(time.Second)) {
				continue
			}
			e := h.seen.entries[rec.ID]
			for _, m := range h.api.gateways[e.target].history {
				if m.token == rec.ClientToken && rec.Status == change.Applied {
					out.seen = append(out.seen, rec.at.Sub(m.until))
				}
			}
			out.ready = append(out.ready, h.ready(rec)-max(0, begin.Add(l.idle).Sub(later(e.due, e.at))))
		}
		slices.Sort(out.ready)
		slices.Sort(out.seen)
		for _, in := range h.platform.instances {
			h.kill(in)
		}
		h.run(time.Now().Add(time.Hour))
	})
	return out
}

// harness returns one without faults.
func (l load) harness() *harness {
	h := newHarness(config{seed: 11 + l.seed, servers: l.gateways + 1, length: time.Minute, calm: true, wakes: l.wakes}, false)
	h.api.busy, h.api.idle = func() time.Duration { return l.busy }, l.busy == 0
	h.platform.weather.latency, h.store.skew = max(l.latency, time.Nanosecond), 0
	h.platform.timeout = 5 * time.Minute
	if l.quota {
		h.api.quota = vpc.NewQuota(vpc.Quotas())
	}
	return h
}

// warm has an instance apply its first change, of a separate gateway: it reads
// the stored circuit of the region once.
func (l load) warm(h *harness) {
	h.upload("changes/warm.yaml", fmt.Sprintf("changes:\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-sim%d, Port: 1300}\n", l.gateways))
	h.run(time.Now().Add(2*l.busy + 10*time.Minute))
}

// document is the text of a change file.
func (l load) document(n int) string {
	var doc strings.Builder
	doc.WriteString("changes:\n")
	for i := range l.each {
		i += n * l.each
		fmt.Fprintf(&doc, "  - {RegionId: cn-hangzhou, SslVpnServerId: vss-sim%d, Port: %d}\n", i%l.gateways, 11_000+i)
	}
	return doc.String()
}

// upload puts a change file into the store, and has its event delivered.
func (h *harness) upload(key, text string) {
	o := h.store.put(key, []byte(text))
	h.platform.emit("event of "+key, objectEvent(key, o.etag))
}

// ready is how long a change waited after it was due, without the time in which
// its gateway was updating.
func (h *harness) ready(rec recorded) time.Duration {
	e := h.seen.entries[rec.ID]
	from := later(e.due, e.at)
	wait := rec.at.Sub(from)
	for _, m := range h.api.gateways[e.target].history {
		begin := later(m.until.Add(-h.api.busy()), from)
		if end := m.until; begin.Before(end) && end.After(from) {
			wait -= end.Sub(begin)
		}
	}
	return wait
}

func (o loadOutcome) at(percent int) time.Duration { return at(o.ready, percent) }

// at is a percentile of sorted times.
func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[(len(sorted)-1)*percent/100]
}

// A single change costs 16 requests to the object store from the file to the
// record, and one modification.
func TestCostOfALoneChange(t *testing.T) {
	t.Parallel()
	out := load{gateways: 1, files: 1, each: 1}.run(t)
	if len(out.violations) > 0 || out.records != 1 {
		t.Fatalf("%d records, %.500q", out.records, out.violations)
	}
	if out.requests > 16 || out.modifies != 1 {
		t.Errorf("%d requests and %d modifications", out.requests, out.modifies)
	}
}

// K changes of one gateway that arrive together cost 5 + 15/K requests each, and
// one modification in total; those that arrive while the gateway is updating
// cost one more modification. A worker that waits for a minute needs three requests more
// for its permit, and four to renew its lease.
func TestCostOfMergedChanges(t *testing.T) {
	t.Parallel()
	for _, k := range []int{2, 10, 33, 100, 1000} {
		for name, l := range map[string]load{
			"free": {gateways: 1, files: 1, each: k},
			"busy": {gateways: 1, files: 1, each: k, idle: time.Minute},
		} {
			t.Run(fmt.Sprintf("%d %s", k, name), func(t *testing.T) {
				t.Parallel()
				if k > 33 {
					skipShort(t)
				}
				out := l.run(t)
				if len(out.violations) > 0 || out.records != k {
					t.Fatalf("%d records, %.500q", out.records, out.violations)
				}
				most := 5*k + 15
				if name == "busy" {
					most += 7
				}
				if out.requests > most || out.modifies != 1 {
					t.Errorf("%d requests, more than %d; %d modifications", out.requests, most, out.modifies)
				}
			})
		}
	}
}

// Ten files with changes of the same three gateways arrive at the same time, so
// ten instances wake the same lanes: only the instance that gets the lease reads
// the queue.
func TestCostOfALongQueueThatManyWorkersRead(t *testing.T) {
	t.Parallel()
	skipShort(t)
	const files, each = 10, 90
	out := load{gateways: 3, files: files, each: each, most: files, busy: 2 * time.Second, latency: 20 * time.Millisecond}.run(t)
	if len(out.violations) > 0 || out.records != files*each {
		t.Fatalf("%d records, %.500q", out.records, out.violations)
	}
	perChange := float64(out.requests) / (files * each)
	t.Logf("%.2f requests a change, %d modifications, %d instances", perChange, out.modifies, out.used)
	if perChange > 6 {
		t.Errorf("%.2f requests a change, more than 6", perChange)
	}
}

func TestModificationsOfQueuedChanges(t *testing.T) {
	t.Parallel()
	for _, k := range []int{2, 10, 100} {
		t.Run(strconv.Itoa(k), func(t *testing.T) {
			t.Parallel()
			out := load{gateways: 1, files: k, each: 1, every: time.Second / 10, busy: time.Minute}.run(t)
			if len(out.violations) > 0 || out.records != k {
				t.Fatalf("%d records, %.500q", out.records, out.violations)
			}
			if out.modifies > 2 {
				t.Errorf("%d modifications", out.modifies)
			}
		})
	}
}

// A thousand changes of thirty gateways that are updating for a minute: changes
// that arrive together take one round, those that arrive one by one two.
func TestAThousandChangesOfBusyGateways(t *testing.T) {
	t.Parallel()
	skipShort(t)
	const round = time.Minute
	for name, tt := range map[string]struct {
		load

		rounds         int
		took, p50, p95 time.Duration
	}{
		"at once": {load{gateways: 30, files: 1, each: 1000, busy: round, most: 10}, 1, 2 * round * 11 / 10, 7 * time.Second / 2, 6 * time.Second},
		// Every gateway is waited for twice, and read every two seconds. Four workers
		// wait for most of them; the others' turn comes when these have waited.
		"bit by bit": {
			load{gateways: 30, files: 40, each: 25, every: time.Second, busy: round, most: 10},
			2,
			3 * round * 11 / 10, 5 * time.Second, round * 12 / 10,
		},
		"at once, with wake-ups": {load{gateways: 30, files: 1, each: 1000, busy: round, most: 10, wakes: exactWakeUps}, 1, 2 * round * 11 / 10, 4 * time.Second, 6 * time.Second},
		// Nobody waits in an instance, so that no gateway's turn comes late.
		"bit by bit within the quota, with wake-ups": {
			load{gateways: 30, files: 40, each: 25, every: time.Second, busy: round, most: 10, quota: true, wakes: exactWakeUps},
			2,
			3 * round * 11 / 10, 4 * time.Second, 8 * time.Second,
		},
		// Reading thirty gateways every two seconds exceeds the quota.
		"bit by bit within the quota": {
			load{gateways: 30, files: 40, each: 25, every: time.Second, busy: round, most: 10, quota: true},
			2,
			3 * round * 12 / 10, 6 * time.Second, round * 12 / 10,
		},
	} {
		for seed := range *loads {
			l := tt.load
			l.seed = seed
			t.Run(fmt.Sprintf("%s, %d", name, seed), func(t *testing.T) {
				t.Parallel()
				out := l.run(t)
				if len(out.violations) > 0 || out.records != 1000 {
					t.Fatalf("%d records, %.500q", out.records, out.violations)
				}
				t.Logf("%v paid, %v with %d instances, ready to applied p50 %v, p95 %v; %d modifications, %.2f calls and %.2f requests a change",
					out.paid, out.took, out.used, out.at(50), out.at(95), out.modifies, float64(out.calls)/1000, float64(out.requests)/1000)
				if out.took > tt.took {
					t.Errorf("it took %v, more than %v", out.took, tt.took)
				}
				if out.modifies > 30*tt.rounds {
					t.Errorf("%d modifications of 30 gateways", out.modifies)
				}
				if out.at(50) > tt.p50 || out.at(95) > tt.p95 {
					t.Errorf("ready to applied: p50 %v, p95 %v", out.at(50), out.at(95))
				}
				if seed > 0 || l.quota || l.wakes != noWakeUps {
					return // the loops are not random, and run without a quota here
				}
				for _, lp := range loops() {
					naive := lp.run(t, l.harness, 1000)
					t.Logf("a loop that tries again %s: %v", lp.name, naive)
					if naive.took < 10*out.took {
						t.Errorf("a loop that tries again %s takes %v", lp.name, naive.took)
					}
				}
			})
		}
	}
}

// The time from the end of a gateway's update to the record, where wake-ups look at it.
func TestAGatewayThatIsReadyIsSeenSoon(t *testing.T) {
	t.Parallel()
	// With more than sixteen, they are looked at less often: the quota allows ten looks a
	// second.
	for gateways, most := range map[int]time.Duration{1: 3 * time.Second / 2, 10: 3 * time.Second / 2, 30: 2 * time.Second} {
		t.Run(strconv.Itoa(gateways), func(t *testing.T) {
			t.Parallel()
			if gateways > 10 {
				skipShort(t)
			}
			l := load{gateways: gateways, files: 4, each: gateways, every: 3 * time.Minute, busy: 50 * time.Second, most: 10, latency: 20 * time.Millisecond, quota: true, wakes: exactWakeUps}
			out := l.run(t)
			if len(out.violations) > 0 || out.records != 4*gateways {
				t.Fatalf("%d records, %.500q", out.records, out.violations)
			}
			t.Logf("%d gateways: ready to applied p50 %v, p95 %v; %.1f calls a change, %v paid for each", gateways,
				at(out.seen, 50), at(out.seen, 95), float64(out.calls)/float64(out.records), out.paid/time.Duration(out.records))
			if p50, p95 := at(out.seen, 50), at(out.seen, 95); p50 > most || p95 > 4*time.Second {
				t.Errorf("ready to applied: p50 %v, p95 %v", p50, p95)
			}
		})
	}
}

// A change that waits for two minutes for its gateway, which is then free at once.
func TestPaidTimeOfAChangeThatWaits(t *testing.T) {
	t.Parallel()
	l := load{gateways: 1, files: 1, each: 1, idle: 2 * time.Minute, latency: 20 * time.Millisecond}
	before := l.run(t)
	l.wakes = exactWakeUps
	out := l.run(t)
	if len(out.violations) > 0 || out.records != 1 {
		t.Fatalf("%d records, %.500q", out.records, out.violations)
	}
	t.Logf("it took %v of function time and %d wake-ups, without wake-ups %v", out.paid, out.woken, before.paid)
	if out.paid > 4*time.Second || out.modifies != 1 || before.paid < time.Minute {
		t.Errorf("it took %v of function time, %d modifications; without wake-ups %v", out.paid, out.modifies, before.paid)
	}
}

// A thousand changes of a thousand gateways, in ten instances. Each takes a second at
// least, because a gateway may begin to update that late; the event of a wake object comes
// up to two seconds late.
func TestAThousandGateways(t *testing.T) {
	t.Parallel()
	skipShort(t)
	out := load{gateways: 1000, files: 1, each: 1000, most: 10, latency: 20 * time.Millisecond, wakes: exactWakeUps}.run(t)
	if len(out.violations) > 0 || out.records != 1000 {
		t.Fatalf("%d records, %.500q", out.records, out.violations)
	}
	t.Logf("%v with %d instances, p50 %v, p95 %v; %.2f calls and %.2f requests a change, %v paid", out.took, out.used, out.at(50), out.at(95),
		float64(out.calls)/1000, float64(out.requests)/1000, out.paid)
	if out.at(50) > 4*time.Second || out.at(95) > 5*time.Second {
		t.Errorf("p50 %v, p95 %v", out.at(50), out.at(95))
	}
}

// The quota allows two modifications a second, so that a thousand take seven minutes and
// twenty seconds. The API is asked little in vain meanwhile.
func TestAThousandGatewaysWithinTheQuota(t *testing.T) {
	t.Parallel()
	skipShort(t)
	for name, l := range map[string]load{
		"never updating":        {},
		"updating for a minute": {busy: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l.gateways, l.files, l.each, l.most, l.quota, l.latency, l.wakes = 1000, 1, 1000, 10, true, 20*time.Millisecond, exactWakeUps
			out := l.run(t)
			if len(out.violations) > 0 || out.records != 1000 || out.modifies != 1000 {
				t.Fatalf("%d records, %d modifications, %.500q", out.records, out.modifies, out.violations)
			}
			t.Logf("%v, %.2f calls a change, of which %.2f were throttled; %v paid", out.took, float64(out.calls)/1000, float64(out.refused)/1000, out.paid)
			if out.took > 14*time.Minute || out.refused > 7*1000 {
				t.Errorf("it took %v, %d calls were throttled", out.took, out.refused)
			}
		})
	}
}
