package growth

import (
	"runtime"
	"syscall"
	"testing"
	"time"
)

// most is the factor by which the cost may grow when the input is doubled twice, and
// so three for each time. It is 4 for linear work and 16 for quadratic work.
const most = 9

// floor is the least cost that counts. Below it, the caches and the allocator of the
// machine decide more than the input does.
const floor = 10 * time.Millisecond

// Skip skips a test that reads the largest inputs, where both the race detector and the
// counters of a coverage profile are on: they make minutes of a second. "make growth" runs
// it without them.
func Skip(t *testing.T) {
	t.Helper()
	if raced && testing.CoverMode() != "" {
		t.Skip("the race detector and the counters of coverage make it take minutes: make growth")
	}
}

// Linear reads an input of n units and one of four times as many, and fails if the
// cost more than triples with each doubling. Build renders an input outside the
// measurement. With the race detector, n is a quarter of it.
func Linear[T any](t *testing.T, n int, build func(n int) T, read func(T)) {
	t.Helper()
	if raced {
		n /= 4
	}
	small, large := build(n), build(4*n)
	var a, b time.Duration
	// A measurement on a busy machine may be too large, never too small: only what
	// is too large every time is.
	for range 6 {
		a, b = least(a, cost(read, small)), least(b, cost(read, large))
		if b <= most*max(a, floor) {
			return
		}
	}
	t.Errorf("%d units cost %v, %d cost %v: more than %d times as much", n, a, 4*n, b, most)
}

// Within fails if reading an input costs more CPU time than the limit, or than four
// times the limit where the counters of a coverage profile cost time, too.
func Within[T any](t *testing.T, limit time.Duration, in T, read func(T)) {
	t.Helper()
	if testing.CoverMode() != "" {
		limit *= 4
	}
	var a time.Duration
	for range 4 {
		if a = least(a, cost(read, in)); a <= limit {
			return
		}
	}
	t.Errorf("it costs %v, more than %v", a, limit)
}

// least is the lesser of two durations, of which the first may not be known yet.
func least(known, d time.Duration) time.Duration {
	if known == 0 {
		return d
	}
	return min(known, d)
}

// cost is the CPU time that reading an input takes.
func cost[T any](read func(T), in T) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	runtime.GC() // so that a run does not pay for the one before it
	start := used()
	read(in)
	return max(used()-start, 1)
}

// used is the CPU time of this thread.
func used() time.Duration {
	const thread = 1 // RUSAGE_THREAD of Linux
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		return time.Duration(time.Now().UnixNano())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
