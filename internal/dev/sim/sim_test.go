package sim_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seeds = flag.Int("seeds", 0, "how many seeds to run; 0: 100, with -short 12")
	first = flag.Uint64("first", 1, "the first seed")
	one   = flag.Uint64("seed", 0, "run this seed alone and print its trace")
	twice = flag.Bool("twice", false, "run each seed a second time and compare")
	chats = flag.Uint64("chats", 12, "people chat in every run whose seed is a multiple of this")
)

// fewer returns how often a test runs: less often with -short, which is for the
// race detector. "make sim" runs everything, without it.
func fewer(all, short int) int {
	if testing.Short() {
		return short
	}
	return all
}

// skipShort skips a long test with -short.
func skipShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("a long test: run by make sim")
	}
}

// outcome is how a run ended.
type outcome struct {
	cfg        config
	hash       uint64
	violations []string
	trace      string
	faults     int
	damages    int // of the faults: damaged objects
	unreadable int // changes that ended because their entry could not be read
	steps      int
	records    int
	modifies   int
	looks      looks
	reserve    reserve
	openings   int                      // of windows for which changes waited while their gateway was free
	deaths     int                      // instances that were killed at their deadline
	files      map[string]time.Duration // how long change files waited for their receipts
	reached    map[string]bool          // rare states
}

// simulate runs a seed in a bubble of virtual time.
func simulate(t *testing.T, cfg config, tracing bool) (out outcome) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		// Bubbles begin in the year 2000, before the timestamps of webhooks.
		<-time.After(time.Until(time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)))
		h := newHarness(cfg, tracing)
		h.play()
		out = outcome{
			cfg: cfg, hash: h.hash, violations: h.violation, trace: h.trace.String(), faults: h.faults, damages: h.damage.count(), unreadable: h.seen.unreadable,
			steps: h.steps, records: len(h.seen.records), modifies: h.api.modifies,
			looks: h.looks, reserve: h.reserve, openings: h.hours.openings, deaths: h.deaths, files: h.waited, reached: h.reached,
		}
	})
	return out
}

// play is one run: people submit documents for a while, others modify the
// gateways, faults happen; then the faults end, and every change must end.
func (h *harness) play() {
	wait := 40 * time.Hour // longer than any change may wait
	if h.hours.on {
		wait += 24 * time.Hour
	}
	end := h.start.Add(h.cfg.length + wait)
	for range h.cfg.changes {
		h.after(time.Duration(h.rng.Int64N(int64(h.cfg.length))), h.platform.submit)
	}
	if h.chat != nil {
		h.chat.begin()
		if h.cfg.reforms {
			h.reform()
		}
	}
	h.hours.begin()
	for range h.rng.IntN(3) {
		g := h.api.order[h.rng.IntN(len(h.api.order))]
		at := time.Duration(h.rng.Int64N(int64(h.cfg.length)))
		if !h.cfg.calm && h.cfg.kinds.has(intruders) {
			h.after(at, func() { h.intrude(g) })
		}
	}
	h.after(time.Duration(h.rng.IntN(60))*time.Second, func() { h.platform.sweep(end) })
	h.givesUp = true
	h.run(end.Add(time.Hour))
	h.check()
	// Instances that are still waiting end with the run.
	for _, in := range h.platform.instances {
		h.kill(in)
	}
	h.givesUp = false
	h.run(time.Now().Add(time.Hour))
}

func TestPromisesHoldUnderEveryFault(t *testing.T) {
	t.Parallel()
	if *one != 0 {
		out := simulate(t, defaults(*one), true)
		t.Log(out.trace)
		report(t, out)
		return
	}
	var mu sync.Mutex
	var total outcome
	reached := map[string]int{}
	next, count := *first, cmp.Or(*seeds, fewer(100, 12))
	for i := range 4 {
		t.Run(fmt.Sprintf("worker %d", i), func(t *testing.T) {
			t.Parallel()
			for {
				mu.Lock()
				seed := next
				next++
				mu.Unlock()
				if seed >= *first+uint64(count) || t.Failed() {
					break
				}
				out := simulate(t, defaults(seed), false)
				mu.Lock()
				total.faults += out.faults
				total.damages += out.damages
				total.records += out.records
				total.modifies += out.modifies
				total.steps += out.steps
				for s := range out.reached {
					reached[s]++
				}
				mu.Unlock()
				if report(t, out); len(out.violations) > 0 && *shrinks { // mutants are run without: theirs are not kept
					mu.Lock()
					keep(t, seed)
					mu.Unlock()
				}
				if *twice && simulate(t, defaults(seed), false).hash != out.hash {
					t.Errorf("seed %d gave two runs", seed)
				}
			}
		})
	}
	t.Cleanup(func() {
		t.Logf("%d seeds: %d changes ended, %d faults (%d of them damaged objects), %d modifications sent, %d requests and other events",
			count, total.records, total.faults, total.damages, total.modifies, total.steps)
		reportReached(t, count, reached)
	})
}

// kept has the seeds that once found a bug, or failed in a run on this machine.
const kept = "testdata/seeds.txt"

// keep adds a failing seed to those that every run repeats.
func keep(t *testing.T, seed uint64) {
	t.Helper()
	data, err := os.ReadFile(kept)
	if err == nil && !slices.Contains(strings.Fields(string(data)), strconv.FormatUint(seed, 10)) {
		err = os.WriteFile(kept, fmt.Appendf(data, "%d\n", seed), 0o644)
	}
	if err != nil {
		t.Errorf("seed %d is not kept: %v", seed, err)
	}
}

func report(t *testing.T, out outcome) {
	t.Helper()
	if len(out.violations) == 0 {
		return
	}
	if !*shrinks {
		t.Errorf("seed %d breaks promises: %q", out.cfg.seed, out.violations)
		return
	}
	small := shrink(t, out.cfg)
	last := simulate(t, small, true)
	t.Errorf("seed %d breaks promises: %q\nsmallest: %+v\n%s", out.cfg.seed, out.violations, small, last.trace)
}

// shrink searches the smallest number of faults and documents that still fails.
func shrink(t *testing.T, cfg config) config {
	t.Helper()
	fails := func(c config) bool { return len(simulate(t, c, false).violations) > 0 }
	for n := range cfg.maxFaults {
		c := cfg
		if c.maxFaults = n; fails(c) {
			cfg = c
			break
		}
	}
	for n := 1; n < cfg.changes; n++ {
		c := cfg
		if c.changes = n; fails(c) {
			return c
		}
	}
	return cfg
}

// In the last two, one deadline ends several waits at the same instant.
func TestASeedIsARun(t *testing.T) {
	t.Parallel()
	var seeds []config
	for seed := range uint64(fewer(20, 2)) {
		cfg := defaults(1000 + seed)
		cfg.chats = seed%4 == 0
		seeds = append(seeds, cfg)
	}
	for _, cfg := range append(seeds, defaults(2085), defaults(6843)) {
		a, b := simulate(t, cfg, false), simulate(t, cfg, false)
		if a.hash != b.hash {
			t.Errorf("seed %d gave two runs", cfg.seed)
		}
	}
}

func TestWithoutFaultsEverythingIsDoneImmediately(t *testing.T) {
	t.Parallel()
	for seed := range uint64(fewer(20, 4)) {
		cfg := defaults(2000 + seed)
		cfg.chats = seed%4 == 0
		cfg.calm = true
		out := simulate(t, cfg, false)
		if len(out.violations) > 0 || out.records < cfg.changes {
			t.Errorf("seed %d: %d records of at least %d, %q", cfg.seed, out.records, cfg.changes, out.violations)
		}
	}
}

// Seeds that once found a bug.
func TestSeedsThatBrokePromises(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		seed, err := strconv.ParseUint(strings.TrimSpace(line), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		report(t, simulate(t, everyKind(seed), false))
		cfg := defaults(seed)
		report(t, simulate(t, cfg, false))
		cfg.windows, cfg.wakes = false, noWakeUps // as it was when it was found
		report(t, simulate(t, cfg, false))
	}
}
