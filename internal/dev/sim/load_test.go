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

	"sslvpnchange/internal/dev/localcloud/vpc"
)

// How long a change waits between two looks is chance: one run says little.
var loads = flag.Uint64("loads", 1, "how many times to run each load of a thousand changes, with other waits")

// load is many changes at once, with gateways that are busy for a while after
// each modification and back ends that answer at once. It runs in virtual time,
// and is the same run always.
type load struct {
	gateways int
	files    int           // that ask
	each     int           // changes in each, for one gateway after the other
	every    time.Duration // from a file to the next
	busy     time.Duration // how long a modification takes
	most     int           // instances at a time; 0: no bound
	idle     time.Duration // how long the gateways are busy before, for somebody else
	latency  time.Duration // of each request, at most
	quota    bool          // the API gives its published quota and no more
	seed     uint64        // of the waits
}

// loadOutcome is what it came to.
type loadOutcome struct {
	outcome

	took     time.Duration // from the first file to the last record
	calls    int
	requests int // of the object store
	used     int // instances
	ready    []time.Duration
}

func (l load) run(t *testing.T) (out loadOutcome) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		<-time.After(time.Until(time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)))
		w := l.world()
		w.platform.most = l.most
		l.warm(w)
		begin := time.Now()
		calls, requests, modifies := w.api.calls, w.store.requests, w.api.modifies
		for _, g := range w.api.order {
			g.until = begin.Add(l.idle)
		}
		for i := range l.files {
			w.after(time.Duration(i)*l.every, func() { w.upload(fmt.Sprintf("changes/load%d.yaml", i), l.document(i)) })
		}
		w.run(begin.Add(3 * time.Hour))
		w.cfg.calm = false // whether a change waited for nothing is not the question
		w.check()
		out = loadOutcome{
			outcome: outcome{violations: w.violation, records: len(w.seen.records) - 1, modifies: w.api.modifies - modifies},
			calls:   w.api.calls - calls, requests: w.store.requests - requests, used: len(w.platform.instances),
		}
		for _, rec := range w.seen.records {
			out.took = max(out.took, rec.at.Sub(begin))
			if rec.AcceptedAt.Before(begin.Truncate(time.Second)) {
				continue
			}
			out.ready = append(out.ready, w.ready(rec))
		}
		slices.Sort(out.ready)
		for _, in := range w.platform.instances {
			w.kill(in)
		}
		w.run(time.Now().Add(time.Hour))
	})
	return out
}

// world is one without faults whose gateways take what the load says.
func (l load) world() *world {
	w := newWorld(config{seed: 11 + l.seed, servers: l.gateways + 1, length: time.Minute, calm: true}, false)
	w.api.busy, w.api.idle = func() time.Duration { return l.busy }, l.busy == 0
	w.platform.weather.latency, w.store.skew = max(l.latency, time.Nanosecond), 0
	w.platform.timeout = 5 * time.Minute
	if l.quota {
		w.api.quota = vpc.NewQuota(vpc.Quotas())
	}
	return w
}

// warm has an instance do its first change, of a gateway that nobody else asks
// for: it looks for the hold of the region once.
func (l load) warm(w *world) {
	w.upload("changes/warm.yaml", fmt.Sprintf("changes:\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-sim%d, Port: 1300}\n", l.gateways))
	w.run(time.Now().Add(2*l.busy + 10*time.Minute))
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
func (w *world) upload(key, text string) {
	o := w.store.put(key, []byte(text))
	w.platform.emit("event of "+key, objectEvent(key, o.etag))
}

// ready is how long a change was not applied although nothing was in its way:
// from being due, without the time in which its gateway was at work.
func (w *world) ready(rec recorded) time.Duration {
	e := w.seen.entries[rec.ID]
	from := later(e.due, e.at)
	wait := rec.at.Sub(from)
	for _, m := range w.api.gateways[e.target].history {
		begin := later(m.until.Add(-w.api.busy()), from)
		if end := m.until; begin.Before(end) && end.After(from) {
			wait -= end.Sub(begin)
		}
	}
	return wait
}

func (o loadOutcome) at(percent int) time.Duration { return o.ready[(len(o.ready)-1)*percent/100] }

// A lone change costs 14 requests of the object store from the file to the
// record, and one modification.
func TestCostOfALoneChange(t *testing.T) {
	t.Parallel()
	out := load{gateways: 1, files: 1, each: 1}.run(t)
	if len(out.violations) > 0 || out.records != 1 {
		t.Fatalf("%d records, %.500q", out.records, out.violations)
	}
	if out.requests > 14 || out.modifies != 1 {
		t.Errorf("%d requests and %d modifications", out.requests, out.modifies)
	}
}

// K changes of one gateway that come together cost 4 + 13/K requests each, and
// one modification for all; those that come while the gateway is at work on an
// earlier one, one more.
func TestCostOfMergedChanges(t *testing.T) {
	t.Parallel()
	for _, k := range []int{2, 10, 33, 100, 1000} {
		for name, l := range map[string]load{
			"free": {gateways: 1, files: 1, each: k},
			"busy": {gateways: 1, files: 1, each: k, idle: time.Minute},
		} {
			t.Run(fmt.Sprintf("%d %s", k, name), func(t *testing.T) {
				t.Parallel()
				out := l.run(t)
				if len(out.violations) > 0 || out.records != k {
					t.Fatalf("%d records, %.500q", out.records, out.violations)
				}
				if out.requests > 4*k+13 || out.modifies != 1 {
					t.Errorf("%d requests, more than 4 and 13/K each: %d; %d modifications", out.requests, 4*k+13, out.modifies)
				}
			})
		}
	}
}

// Ten files that ask for changes of the same three gateways at the same moment
// are taken by ten instances, which all ring for the same lanes: a line is read
// by whoever gets the lane, and not by the others.
func TestCostOfALongLineThatManyComeTo(t *testing.T) {
	t.Parallel()
	const files, each = 10, 90
	out := load{gateways: 3, files: files, each: each, most: files, busy: 2 * time.Second, latency: 20 * time.Millisecond}.run(t)
	if len(out.violations) > 0 || out.records != files*each {
		t.Fatalf("%d records, %.500q", out.records, out.violations)
	}
	perChange := float64(out.requests) / (files * each)
	t.Logf("%.2f requests a change, %d modifications, %d instances", perChange, out.modifies, out.used)
	if perChange > 5 {
		t.Errorf("%.2f requests a change, more than 5", perChange)
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

// A thousand changes of thirty gateways that take a minute: those that come at
// once take one round, those that come bit by bit two.
func TestAThousandChangesOfBusyGateways(t *testing.T) {
	t.Parallel()
	const round = time.Minute
	for name, tt := range map[string]struct {
		load

		rounds         int
		took, p50, p95 time.Duration
	}{
		"at once": {load{gateways: 30, files: 1, each: 1000, busy: round, most: 10}, 1, 2 * round * 11 / 10, 7 * time.Second / 2, 6 * time.Second},
		// Every gateway is waited for twice, and looked at every two seconds.
		"bit by bit": {
			load{gateways: 30, files: 40, each: 25, every: time.Second, busy: round, most: 10},
			2,
			2 * round * 11 / 10, 4 * time.Second, 6 * time.Second,
		},
		// Thirty gateways that are looked at every two seconds are beyond the quota.
		"bit by bit within the quota": {
			load{gateways: 30, files: 40, each: 25, every: time.Second, busy: round, most: 10, quota: true},
			2,
			2 * round * 12 / 10, 5 * time.Second, 20 * time.Second,
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
				t.Logf("%v with %d instances, ready to applied p50 %v, p95 %v; %d modifications, %.2f calls and %.2f requests a change",
					out.took, out.used, out.at(50), out.at(95), out.modifies, float64(out.calls)/1000, float64(out.requests)/1000)
				if out.took > tt.took {
					t.Errorf("it took %v, more than %v", out.took, tt.took)
				}
				if out.modifies > 30*tt.rounds {
					t.Errorf("%d modifications of 30 gateways", out.modifies)
				}
				if out.at(50) > tt.p50 || out.at(95) > tt.p95 {
					t.Errorf("ready to applied: p50 %v, p95 %v", out.at(50), out.at(95))
				}
				if seed > 0 || l.quota {
					return // the loops know nothing of chance, and have no quota here
				}
				for _, lp := range loops() {
					naive := lp.run(t, l.world, 1000)
					t.Logf("a loop that tries again %s: %v", lp.name, naive)
					if naive.took < 10*out.took {
						t.Errorf("a loop that tries again %s takes %v", lp.name, naive.took)
					}
				}
			})
		}
	}
}
