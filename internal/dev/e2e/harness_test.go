package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// The server that most stories are about.
const (
	region    = localcloud.Region
	serverID  = "vss-bp18q7hzj6largv4vk2fe"
	gatewayID = "vpn-bp1q8bgx4xnkm2ogj0fiu"
	otherID   = "vss-bp1w3n8c5t7k2m9x4r6y1"
)

// harness is a local cloud, with the function's output and its invocations.
type harness struct {
	*localcloud.Cloud

	ahead time.Duration // by how much the function's clock is

	mu          sync.Mutex
	lines       []string
	invocations []fc.Invocation // ended
}

// open starts a cloud whose sweep is fired by the test only. Close it.
func open(ctx context.Context, function string, tune func(*localcloud.Options)) (*harness, error) {
	h := &harness{}
	opts := localcloud.Options{
		Function: function, SweepEvery: -1, Watch: time.Hour, Configuring: 5 * time.Millisecond,
		Output: func(l fc.Line) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.lines = append(h.lines, l.Text)
		},
		TuneFC: h.watch,
	}
	if tune != nil {
		tune(&opts)
	}
	var err error
	h.Cloud, err = localcloud.Start(ctx, opts)
	return h, err
}

// watch collects invocations, and has failed ones retried after 10 ms.
func (h *harness) watch(o *fc.Options) {
	o.RetryDelay = func(int) time.Duration { return 10 * time.Millisecond }
	o.Ended = func(i fc.Invocation) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.invocations = append(h.invocations, i)
	}
}

// also adds to the options of the function's platform.
func also(opts *localcloud.Options, tune func(*fc.Options)) {
	before := opts.TuneFC
	opts.TuneFC = func(o *fc.Options) {
		before(o)
		tune(o)
	}
}

// start opens a harness that is closed with the test.
func start(tb testing.TB, tune func(*localcloud.Options)) *harness {
	tb.Helper()
	h, err := open(tb.Context(), binary(tb, binaries.function), tune)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := h.Close(); err != nil {
			tb.Error(err)
		}
		if tb.Failed() {
			tb.Logf("the function printed:\n%s", h.printed())
		}
	})
	return h
}

// printed returns the function's output so far.
func (h *harness) printed() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.lines, "\n")
}

// says waits until the function has printed a text: its output may arrive after
// its answer.
func (h *harness) says(t *testing.T, what string) {
	t.Helper()
	eventually(t, fmt.Sprintf("the function says %q", what), func() bool { return strings.Contains(h.printed(), what) })
}

// ended lists the invocations that ended so far.
func (h *harness) ended() []fc.Invocation {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.invocations)
}

// drop puts a change file into the bucket.
func (h *harness) drop(tb testing.TB, key, text string) {
	tb.Helper()
	if err := h.Drop(key, []byte(text)); err != nil {
		tb.Fatal(err)
	}
}

// tick fires the sweep's timer.
func (h *harness) tick() error {
	_, err := h.FC().Tick(localcloud.SweepName, `{"task":"sweep"}`)
	return err
}

// sweep fires the sweep's timer and waits for what comes of it.
func (h *harness) sweep(t *testing.T) {
	t.Helper()
	if err := h.tick(); err != nil {
		t.Fatal(err)
	}
	h.quiet(t)
}

// quiet waits until every trigger's delivery has ended.
func (h *harness) quiet(tb testing.TB) {
	tb.Helper()
	if err := h.FC().Wait(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// pastLease is longer than any lease, and than the time for which the sweep
// leaves a change file to its event.
const pastLease = 10 * time.Minute

// settle waits for the platform's deliveries, and fires the sweep with the store's
// clock set past every lease, until done.
func (h *harness) settle(ctx context.Context, done func() bool) error {
	const sweeps = 4
	for range sweeps {
		if err := h.FC().Wait(ctx); err != nil {
			return err
		}
		if done() {
			return nil
		}
		h.OSS().Advance(pastLease)
		if err := h.tick(); err != nil {
			return err
		}
	}
	if err := h.FC().Wait(ctx); err != nil || done() {
		return err
	}
	return fmt.Errorf("not settled after %d sweeps; the bucket holds %q", sweeps, h.keys(""))
}

// eventually waits until a condition holds.
func eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			tb.Fatalf("waited in vain until %s", what)
		}
	}
}

// keys lists the bucket's folder without a request, which hooks would count.
func (h *harness) keys(prefix string) []string {
	var keys []string
	_ = filepath.WalkDir(h.BucketDir(), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			key, _ := filepath.Rel(h.BucketDir(), path) // below it
			if key = filepath.ToSlash(key); strings.HasPrefix(key, prefix) {
				keys = append(keys, key)
			}
		}
		return nil // files come and go meanwhile
	})
	return keys
}

// read reads an object from the bucket's folder.
func (h *harness) read(key string) ([]byte, error) {
	return os.ReadFile(filepath.Join(h.BucketDir(), filepath.FromSlash(key)))
}

// records reads all records.
func (h *harness) records() ([]record.Record, error) { return readAll[record.Record](h, "results/") }

// receipts reads all receipts.
func (h *harness) receipts() ([]record.Receipt, error) {
	return readAll[record.Receipt](h, "receipts/")
}

func readAll[T any](h *harness, prefix string) ([]T, error) {
	var out []T
	for _, key := range h.keys(prefix) {
		if strings.HasSuffix(key, ".notice.json") || strings.HasSuffix(key, ".proof.json") || strings.HasSuffix(key, ".approval.json") {
			continue // stands beside a record
		}
		v, err := readOne[T](h, key)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func readOne[T any](h *harness, key string) (v T, err error) {
	data, err := h.read(key)
	if err = errors.Join(err, json.Unmarshal(data, &v)); err != nil {
		return v, fmt.Errorf("%s: %w", key, err)
	}
	return v, nil
}
