package e2e_test

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

// starts is how often each program is started: medians need some.
const starts = 40

// BenchmarkStart measures what the function adds to what every function costs:
// from the start of the process to its first poll of the runtime API, and the
// size of the binary, against an empty function built alike. Both are started
// in turns, so that other load on the machine affects both.
//
//	start_ms     median of the function
//	start_ratio  the function's median by the empty function's; at most 1.15 is the aim
//	size_MB      of the function's binary, stripped; at most 9 is the aim
//	size_ratio   by the empty function's
func BenchmarkStart(b *testing.B) {
	function, empty := binary(b, binaries.function), binary(b, binaries.empty)
	api := newRuntimeAPI(b)
	var mine, theirs []time.Duration
	for b.Loop() {
		for range starts {
			mine = append(mine, api.start(b, function))
			theirs = append(theirs, api.start(b, empty))
		}
	}
	ms := float64(time.Millisecond)
	b.ReportMetric(float64(median(mine))/ms, "start_ms")
	b.ReportMetric(float64(median(theirs))/ms, "empty_start_ms")
	b.ReportMetric(float64(median(mine))/float64(median(theirs)), "start_ratio")
	b.ReportMetric(size(b, function)/1e6, "size_MB")
	b.ReportMetric(size(b, function)/size(b, empty), "size_ratio")
	b.ReportMetric(0, "ns/op") // of 80 starts: says nothing
}

// runtimeAPI notices the first poll of a process.
type runtimeAPI struct {
	address string
	polled  chan time.Time
}

func newRuntimeAPI(b *testing.B) *runtimeAPI {
	b.Helper()
	l, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	api := &runtimeAPI{address: l.Addr().String(), polled: make(chan time.Time, 1)}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/runtime/invocation/next") {
			select {
			case api.polled <- time.Now():
			default: // a second poll
			}
		}
		<-r.Context().Done() // there is no work
	})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l) // ends by Close
	}()
	b.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return api
}

// start starts a program with a complete configuration, and returns how long it
// took until its first poll.
func (a *runtimeAPI) start(b *testing.B, program string) time.Duration {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = []string{
		"FC_RUNTIME_API=" + a.address, "CHANGE_BUCKET=sslvpn-changes",
		"WEBHOOK_SECRETS=ci=whsec_" + strings.Repeat("QUJD", 8) + ",chat=whsec_" + strings.Repeat("REVG", 8),
	}
	before := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	var took time.Duration
	select {
	case at := <-a.polled:
		took = at.Sub(before)
	case <-ctx.Done():
		b.Errorf("%s did not ask for work", program)
	}
	cancel() // kills it
	_ = cmd.Wait()
	return took
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func size(b *testing.B, path string) float64 {
	b.Helper()
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return float64(info.Size())
}

// BenchmarkChange measures one change from the file to its record, in a warm
// instance and with a gateway that is never updating. Most of the time are the
// function's own pauses.
//
//	oss_requests  per change; at most 15 is the aim
//	api_calls     per change
func BenchmarkChange(b *testing.B) {
	// A second instance for the wake event would not be warm.
	h := start(b, func(o *localcloud.Options) { o.MaxInstances = 1 })
	file := func(n int) {
		h.drop(b, fmt.Sprintf("changes/%d.yaml", n), portChange(2000+n))
		h.quiet(b)
	}
	file(0) // the first one checks the bucket
	requests, calls := h.OSS().State().Requests, len(h.VPC().Calls(""))
	n := 0
	for b.Loop() {
		n++
		file(n)
	}
	if records, err := h.records(); err != nil || len(records) != n+1 {
		b.Fatalf("%d records of %d changes: %v", len(records), n+1, err)
	}
	b.ReportMetric(float64(h.OSS().State().Requests-requests)/float64(n), "oss_requests")
	b.ReportMetric(float64(len(h.VPC().Calls(""))-calls)/float64(n), "api_calls")
}

// The binary that is measured and tested is the one that is packaged, without
// symbols.
func TestBinaryIsStripped(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("binaries have another form here")
	}
	f, err := elf.Open(binary(t, binaries.function))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if symbols, err := f.Symbols(); !errors.Is(err, elf.ErrNoSymbols) || len(symbols) > 0 {
		t.Errorf("the binary has %d symbols, %v", len(symbols), err)
	}
}
