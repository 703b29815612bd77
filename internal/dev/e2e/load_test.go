package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// load is many changes at once, over real HTTP, with back ends that answer
// immediately and gateways that are never updating: it measures the function.
type load struct {
	changes, gateways int
	instances         int // at most
}

func (l load) String() string {
	return fmt.Sprintf("%d-over-%d-in-%d", l.changes, l.gateways, l.instances)
}

// BenchmarkLoad queues many changes, a thousand a file, and waits until each has
// its record, with the deployed binary. For gateways that are updating, see the
// virtual time of internal/dev/sim.
//
//	changes/s       of all instances
//	changes/s/inst  of each
//	oss_requests    per change, from the file to the record
//	api_calls       per change
//	modify          per change; a server's clients are disconnected so often
//	peak_MiB        resident, of the largest process
//	p50_s, p95_s    from the file's receipt to the record
//	growth          of the time per change, from a thousand to ten thousand
//	loop_changes/s  of a loop of plain modifications, which verifies nothing
//
// The aims are 16 requests for a single change and 4 + 16/K for each of K merged
// ones, one modification for all of them, 64 MiB, and growth of 1.
func BenchmarkLoad(b *testing.B) {
	small := map[[2]int]float64{} // changes/s of a thousand changes, by gateways and instances
	for _, l := range []load{
		{1000, 30, 1}, {1000, 30, 10}, {1000, 1000, 10}, {10_000, 30, 1}, {10_000, 30, 10},
	} {
		b.Run(l.String(), func(b *testing.B) {
			for b.Loop() {
				out := l.run(b)
				out.report(b)
				key := [2]int{l.gateways, l.instances}
				if l.changes == 1000 {
					small[key] = out.rate()
				} else if small[key] > 0 {
					b.ReportMetric(small[key]/out.rate(), "growth")
				}
			}
			b.ReportMetric(0, "ns/op") // the rates say it
		})
	}
}

// loadOutcome is what a load run measured.
type loadOutcome struct {
	load

	took     time.Duration
	used     int // instances
	requests int64
	calls    int
	modifies int
	peak     int64 // bytes
	waits    []time.Duration
	loop     time.Duration // the same by a loop of plain calls
}

func (o loadOutcome) rate() float64 { return float64(o.changes) / o.took.Seconds() }

func (o loadOutcome) report(b *testing.B) {
	b.Helper()
	n := float64(o.changes)
	b.ReportMetric(o.rate(), "changes/s")
	b.ReportMetric(o.rate()/float64(o.used), "changes/s/inst")
	b.ReportMetric(float64(o.requests)/n, "oss_requests")
	b.ReportMetric(float64(o.calls)/n, "api_calls")
	b.ReportMetric(float64(o.modifies)/n, "modify")
	b.ReportMetric(float64(o.peak)/(1<<20), "peak_MiB")
	b.ReportMetric(o.waits[len(o.waits)/2].Seconds(), "p50_s")
	b.ReportMetric(o.waits[len(o.waits)*95/100].Seconds(), "p95_s")
	b.ReportMetric(n/o.loop.Seconds(), "loop_changes/s")
}

// loop sends the same changes to the same emulator as plain modifications, one
// after the other. With gateways that are never updating it never retries, so it
// represents both kinds of loop of internal/dev/sim.
func (l load) loop(b *testing.B, h *harness) (took time.Duration) {
	b.Helper()
	key := vpc.Credential{AccessKeyID: "loop", AccessKeySecret: "loop"}
	h.VPC().Accept(key)
	client, err := sslvpn.New(sslvpn.Config{Endpoint: h.VPCURL()})
	if err != nil {
		b.Fatal(err)
	}
	defer client.CloseIdleConnections()
	api := client.With(sslvpn.Credentials{AccessKeyID: key.AccessKeyID, AccessKeySecret: secret.New(key.AccessKeySecret)}, func(sslvpn.Call) {})
	began := time.Now()
	for n := range l.changes {
		_, err := api.ModifyServer(b.Context(), sslvpn.Modification{
			Target:      change.Target{RegionID: region, ServerID: loadServer(n % l.gateways).ID},
			ClientToken: fmt.Sprintf("loop-%d", n), Patch: change.Patch{change.Port: change.Number(30_000 + n)},
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began)
}

// run starts a cloud, drops the files and waits until everything has ended.
func (l load) run(b *testing.B) loadOutcome {
	b.Helper()
	meter := &meter{taken: map[string]time.Time{}, ended: map[string]time.Time{}}
	h := start(b, func(o *localcloud.Options) {
		o.MaxInstances, o.Configuring = l.instances, 0
		o.Env = append(o.Env, "LOG_LEVEL=warn")
		o.TuneOSS = func(o *oss.Options) { o.After = meter.stored }
		also(o, func(o *fc.Options) { o.Ended = meter.invoked })
	})
	for g := range l.gateways {
		if err := h.VPC().AddServer(loadServer(g)); err != nil {
			b.Fatal(err)
		}
	}
	h.drop(b, "changes/warm.yaml", portChange(1300)) // the first one checks the bucket
	h.quiet(b)
	requests, before := h.OSS().State().Requests, h.VPC().Snapshot()
	began := time.Now()
	for n, text := range l.files() {
		h.drop(b, fmt.Sprintf("changes/load%d.yaml", n), text)
	}
	h.quiet(b)
	after := h.VPC().Snapshot()
	out := loadOutcome{
		load: l, took: time.Since(began), used: h.FC().Stats().ColdStarts, requests: h.OSS().State().Requests - requests,
		modifies: after.Counts[vpc.ModifySslVpnServer] - before.Counts[vpc.ModifySslVpnServer],
		peak:     meter.peak,
	}
	var err error
	if out.waits, err = meter.waits(h); err != nil {
		b.Fatal(err)
	}
	for action, n := range after.Counts {
		out.calls += n - before.Counts[action]
	}
	l.check(b, h)
	out.loop = l.loop(b, h)
	return out
}

// check checks the promises: every change has its record, and the server shows
// the last change.
func (l load) check(b *testing.B, h *harness) {
	b.Helper()
	records, err := h.records()
	if err != nil || len(records) != l.changes+1 {
		b.Fatalf("%d records of %d changes: %v", len(records), l.changes+1, err)
	}
	bad := slices.IndexFunc(records, func(r record.Record) bool {
		return r.Status != change.Applied && r.Status != change.Superseded
	})
	if bad >= 0 {
		b.Fatalf("%s ended %s: %+v", records[bad].ID, records[bad].Status, records[bad].Error)
	}
}

func loadServer(n int) vpc.Server {
	return vpc.Server{
		RegionID: region, ID: fmt.Sprintf("vss-load%04d", n), Name: "load",
		ClientIPPool: "10.30.30.0/24", LocalSubnet: "10.20.20.0/24",
	}
}

// files are change files of a thousand changes each, the most that one takes.
func (l load) files() []string {
	const most = 1000
	var out []string
	for n := 0; n < l.changes; {
		var doc strings.Builder
		doc.WriteString("reason: load\nchanges:\n")
		for ; n < l.changes && n < (len(out)+1)*most; n++ {
			fmt.Fprintf(&doc, "  - {RegionId: %s, SslVpnServerId: %s, Port: %d}\n", region, loadServer(n%l.gateways).ID, 11_000+n)
		}
		out = append(out, doc.String())
	}
	return out
}

// meter watches a load run from outside.
type meter struct {
	mu    sync.Mutex
	taken map[string]time.Time // by the receipt's key
	ended map[string]time.Time // by the record's key
	peak  int64
}

// stored notes when receipts and records are written.
func (m *meter) stored(r oss.Request) {
	if r.Op != "PutObject" || r.Status != http.StatusOK {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case strings.HasPrefix(r.Key, "receipts/"):
		m.taken[r.Key] = time.Now()
	case strings.HasPrefix(r.Key, "results/"):
		m.ended[r.Key] = time.Now()
	}
}

// waits are the times from receipts to records, sorted.
func (m *meter) waits(h *harness) ([]time.Duration, error) {
	receipts, err := h.receipts()
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []time.Duration
	for _, r := range receipts {
		for _, c := range r.Changes {
			out = append(out, m.ended[c.Record].Sub(m.taken[objects.ReceiptKey(r.File, r.ETag, r.LastModified)]))
		}
	}
	slices.Sort(out)
	return out, err
}

// invoked notes how much memory an instance has taken at most.
func (m *meter) invoked(i fc.Invocation) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", i.PID))
	if err != nil {
		return // no Linux, or the process has ended
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), "kB")), 10, 64)
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.peak = max(m.peak, kb<<10)
}
