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

	"sslvpnchange/internal/dev/localcloud"
	"sslvpnchange/internal/dev/localcloud/fc"
	"sslvpnchange/internal/record"
)

// The server that most stories are about.
const (
	region    = localcloud.Region
	serverID  = "vss-bp18q7hzj6largv4vk2fe"
	gatewayID = "vpn-bp1q8bgx4xnkm2ogj0fiu"
	otherID   = "vss-bp1w3n8c5t7k2m9x4r6y1"
)

// world is a cloud, and what its function printed and was asked to do.
type world struct {
	*localcloud.Cloud

	mu          sync.Mutex
	lines       []string
	invocations []fc.Invocation // ended
}

// open starts a cloud whose sweep ticks by hand only. Close it.
func open(ctx context.Context, function string, tune func(*localcloud.Options)) (*world, error) {
	w := &world{}
	opts := localcloud.Options{
		Function: function, SweepEvery: -1, Watch: time.Hour, Configuring: 5 * time.Millisecond,
		Output: func(l fc.Line) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.lines = append(w.lines, l.Text)
		},
		TuneFC: w.watch,
	}
	if tune != nil {
		tune(&opts)
	}
	var err error
	w.Cloud, err = localcloud.Start(ctx, opts)
	return w, err
}

// watch remembers invocations, and has failed ones tried again at once.
func (w *world) watch(o *fc.Options) {
	o.RetryDelay = func(int) time.Duration { return 10 * time.Millisecond }
	o.Ended = func(i fc.Invocation) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.invocations = append(w.invocations, i)
	}
}

// also adds to what tunes the function's platform.
func also(opts *localcloud.Options, tune func(*fc.Options)) {
	before := opts.TuneFC
	opts.TuneFC = func(o *fc.Options) {
		before(o)
		tune(o)
	}
}

// start opens a world that ends with the test.
func start(tb testing.TB, tune func(*localcloud.Options)) *world {
	tb.Helper()
	w, err := open(tb.Context(), binary(tb, binaries.function), tune)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := w.Close(); err != nil {
			tb.Error(err)
		}
		if tb.Failed() {
			tb.Logf("the function printed:\n%s", w.printed())
		}
	})
	return w
}

// printed is what the function printed so far.
func (w *world) printed() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.lines, "\n")
}

// says waits until the function has printed something: its output comes by a
// pipe of its own, maybe after its answer.
func (w *world) says(t *testing.T, what string) {
	t.Helper()
	eventually(t, fmt.Sprintf("the function says %q", what), func() bool { return strings.Contains(w.printed(), what) })
}

// ended lists the invocations that ended so far.
func (w *world) ended() []fc.Invocation {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.invocations)
}

// drop puts a change file into the bucket.
func (w *world) drop(tb testing.TB, key, text string) {
	tb.Helper()
	if err := w.Drop(key, []byte(text)); err != nil {
		tb.Fatal(err)
	}
}

// tick fires the sweep's timer.
func (w *world) tick() error {
	_, err := w.FC().Tick(localcloud.SweepName, `{"task":"sweep"}`)
	return err
}

// sweep fires the sweep's timer and waits for what comes of it.
func (w *world) sweep(t *testing.T) {
	t.Helper()
	if err := w.tick(); err != nil {
		t.Fatal(err)
	}
	w.quiet(t)
}

// quiet waits until every trigger's delivery has ended.
func (w *world) quiet(tb testing.TB) {
	tb.Helper()
	if err := w.FC().Wait(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// pastLease is longer than any hold on a lane, and than a change file is left
// to its event.
const pastLease = 10 * time.Minute

// settle waits for the platform's deliveries and has the sweep look after what
// is left, the store's clock running past every lease, until done.
func (w *world) settle(ctx context.Context, done func() bool) error {
	const sweeps = 4
	for range sweeps {
		if err := w.FC().Wait(ctx); err != nil {
			return err
		}
		if done() {
			return nil
		}
		w.OSS().Advance(pastLease)
		if err := w.tick(); err != nil {
			return err
		}
	}
	if err := w.FC().Wait(ctx); err != nil || done() {
		return err
	}
	return fmt.Errorf("not settled after %d sweeps; the bucket holds %q", sweeps, w.keys(""))
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

// keys lists the bucket's folder, which costs no request: hooks count those.
func (w *world) keys(prefix string) []string {
	var keys []string
	_ = filepath.WalkDir(w.BucketDir(), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			key, _ := filepath.Rel(w.BucketDir(), path) // below it
			if key = filepath.ToSlash(key); strings.HasPrefix(key, prefix) {
				keys = append(keys, key)
			}
		}
		return nil // files come and go meanwhile
	})
	return keys
}

// read reads an object from the bucket's folder.
func (w *world) read(key string) ([]byte, error) {
	return os.ReadFile(filepath.Join(w.BucketDir(), filepath.FromSlash(key)))
}

// records reads all records.
func (w *world) records() ([]record.Record, error) { return readAll[record.Record](w, "results/") }

// receipts reads all receipts.
func (w *world) receipts() ([]record.Receipt, error) { return readAll[record.Receipt](w, "receipts/") }

func readAll[T any](w *world, prefix string) ([]T, error) {
	var out []T
	for _, key := range w.keys(prefix) {
		if strings.HasSuffix(key, ".notice.json") {
			continue // stands beside a record
		}
		v, err := readOne[T](w, key)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func readOne[T any](w *world, key string) (v T, err error) {
	data, err := w.read(key)
	if err = errors.Join(err, json.Unmarshal(data, &v)); err != nil {
		return v, fmt.Errorf("%s: %w", key, err)
	}
	return v, nil
}
