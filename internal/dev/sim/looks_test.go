package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// looks measures for how long lanes with due changes were not looked at.
type looks struct {
	last  map[change.Target]time.Time
	worst time.Duration
	where string
}

// looked observes every listing: reading the head of a lane is a look at it.
func (h *harness) looked(opts blob.ListOptions) {
	name, ok := strings.CutPrefix(opts.Prefix, "lanes/")
	if t, is := change.ParseTarget(strings.TrimSuffix(name, "/")); ok && is && opts.Max == 1 {
		h.lookedAt(t)
	}
}

// lookedAt measures for how long the due changes of a lane have not been looked
// at.
func (h *harness) lookedAt(t change.Target) {
	now := time.Now()
	for id, e := range h.seen.entries {
		rec, ended := h.seen.records[id]
		from := later(later(e.due, e.at), h.looks.last[t])
		if e.target != t {
			continue
		}
		until := now
		if ended && rec.at.Before(now) {
			until = rec.at
		}
		if gap := until.Sub(from); gap > h.looks.worst {
			h.looks.worst, h.looks.where = gap, fmt.Sprintf("%s at %v", id, now.Sub(h.start))
		}
	}
	if h.looks.last == nil {
		h.looks.last = map[change.Target]time.Time{}
	}
	h.looks.last[t] = now
}

// Without any wake event and without any wake-up, every due change is still looked at
// within 75 seconds, by the sweep or by the worker that holds the lease, however long its
// gateway is updating.
func TestNextLookWhenWakeEventsAreLost(t *testing.T) {
	t.Parallel()
	skipShort(t)
	const within = 75 * time.Second
	var worst time.Duration
	records := 0
	for seed := range uint64(25) {
		cfg := defaults(3000 + seed)
		cfg.calm, cfg.silence, cfg.wakes = true, noWakes, []wakes{noWakeUps, lostWakeUps}[seed%2]
		out := simulate(t, cfg, false)
		if len(out.violations) > 0 || out.records < cfg.changes {
			t.Errorf("seed %d: %d records of at least %d, %q", cfg.seed, out.records, cfg.changes, out.violations)
		}
		if out.looks.worst > within {
			t.Errorf("seed %d: %s was not looked at for %v", cfg.seed, out.looks.where, out.looks.worst)
		}
		worst, records = max(worst, out.looks.worst), records+out.records
	}
	t.Logf("%d changes, the longest time without a look at one that was due: %v", records, worst)
	if worst < 55*time.Second {
		t.Errorf("the worst is %v: the wake events were not lost", worst)
	}
}

// With wake-ups no due change is left to the sweep: see alarm.check.
func TestNextLookWithWakeUps(t *testing.T) {
	t.Parallel()
	for seed := range uint64(fewer(40, 8)) {
		cfg := defaults(3500 + seed)
		cfg.calm, cfg.wakes, cfg.chats = true, exactWakeUps, false
		out := simulate(t, cfg, false)
		if len(out.violations) > 0 || out.records < cfg.changes {
			t.Errorf("seed %d: %d records of at least %d, %q", cfg.seed, out.records, cfg.changes, out.violations)
		}
	}
}

// The sweep leaves a change file to its event for a minute. The next sweep after
// that queues its changes and drains their lanes.
func TestNextLookAtFilesWhenEventsAreLost(t *testing.T) {
	t.Parallel()
	skipShort(t)
	const within = 2*time.Minute + 15*time.Second
	var worst time.Duration
	files := 0
	for seed := range uint64(25) {
		cfg := defaults(4000 + seed)
		// Under a policy, a file whose uploader no event names is not accepted.
		cfg.calm, cfg.silence, cfg.chats, cfg.reforms, cfg.windows = true, noEvents, false, false, false
		out := simulate(t, cfg, false)
		if len(out.violations) > 0 || out.records < cfg.changes {
			t.Errorf("seed %d: %d records of at least %d, %q", cfg.seed, out.records, cfg.changes, out.violations)
		}
		for key, wait := range out.files {
			if files++; wait > within {
				t.Errorf("seed %d: %s was not taken for %v", cfg.seed, key, wait)
			}
			worst = max(worst, wait)
		}
	}
	t.Logf("%d files, the longest time until one was taken: %v", files, worst)
	if files < 20 || worst < time.Minute {
		t.Errorf("%d files, the worst took %v: their events were not lost", files, worst)
	}
}

// reserve measures how late invocations end that are not killed.
type reserve struct {
	ends int
	left time.Duration // until the deadline, of the one that ended latest
	kept time.Duration // what that one kept back
}

// ended counts an invocation that ended with some time left.
func (r *reserve) ended(kept, left time.Duration) {
	if r.ends++; r.ends == 1 || left-kept < r.left-r.kept {
		r.left, r.kept = left, kept
	}
}

// An invocation keeps a reserve for its last writes: ten seconds, five if its
// timeout is half a minute. It must be enough when every request is slow.
func TestTheReserveIsEnoughWhenRequestsAreSlow(t *testing.T) {
	t.Parallel()
	skipShort(t)
	for _, timeout := range []time.Duration{30 * time.Second, 5 * time.Minute} {
		for _, latency := range []time.Duration{200 * time.Millisecond, time.Second} {
			t.Run(fmt.Sprintf("%v, requests of up to %v", timeout, latency), func(t *testing.T) {
				t.Parallel()
				var latest reserve
				ends := 0
				for seed := range uint64(10) {
					cfg := defaults(5000 + seed)
					cfg.calm, cfg.timeout, cfg.latency = true, timeout, latency
					out := simulate(t, cfg, false)
					if len(out.violations) > 0 || out.deaths > 0 {
						t.Errorf("seed %d: %d invocations did not end before their deadline, %q", cfg.seed, out.deaths, out.violations)
					}
					ends += out.reserve.ends
					latest.ended(out.reserve.kept, out.reserve.left)
				}
				t.Logf("%d invocations; the latest ended %v before its deadline, of %v kept back it used %v",
					ends, latest.left, latest.kept, max(0, latest.kept-latest.left))
				if latest.left < 0 {
					t.Errorf("an invocation ended %v after its deadline", -latest.left)
				}
			})
		}
	}
}
