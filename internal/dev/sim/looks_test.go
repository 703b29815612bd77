package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
)

// looks is how long lanes with something to do were not looked at.
type looks struct {
	last  map[change.Target]time.Time
	worst time.Duration
	where string
}

// looked hears of every listing: a worker that reads the head of a lane looks
// at it.
func (w *world) looked(opts blob.ListOptions) {
	name, ok := strings.CutPrefix(opts.Prefix, "lanes/")
	if t, is := change.ParseTarget(strings.TrimSuffix(name, "/")); ok && is && opts.Max == 1 {
		w.lookedAt(t)
	}
}

// lookedAt measures how long the changes that are due have not been looked at.
func (w *world) lookedAt(t change.Target) {
	now := time.Now()
	for id, e := range w.seen.entries {
		rec, ended := w.seen.records[id]
		from := later(later(e.due, e.at), w.looks.last[t])
		if e.target != t {
			continue
		}
		until := now
		if ended && rec.at.Before(now) {
			until = rec.at
		}
		if gap := until.Sub(from); gap > w.looks.worst {
			w.looks.worst, w.looks.where = gap, fmt.Sprintf("%s at %v", id, now.Sub(w.start))
		}
	}
	if w.looks.last == nil {
		w.looks.last = map[change.Target]time.Time{}
	}
	w.looks.last[t] = now
}

// Nobody rings, and every change that is due is looked at within 75 seconds all
// the same, however long its gateway takes: by the sweep, or by the worker that
// has its lane.
func TestNoChangeIsFarFromItsNextLookWhenEveryBellIsLost(t *testing.T) {
	t.Parallel()
	const within = 75 * time.Second
	var worst time.Duration
	records := 0
	for seed := range uint64(25) {
		cfg := defaults(3000 + seed)
		cfg.calm, cfg.silence = true, noBells
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
		t.Errorf("the worst is %v: the bells were not lost", worst)
	}
}

// A change file whose event is lost is left to its event for a minute. The
// sweep after that has it in line, and drains its lanes.
func TestNoFileIsFarFromItsNextLookWhenEveryEventIsLost(t *testing.T) {
	t.Parallel()
	const within = 2*time.Minute + 15*time.Second
	var worst time.Duration
	files := 0
	for seed := range uint64(25) {
		cfg := defaults(4000 + seed)
		cfg.calm, cfg.silence = true, noEvents
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

// reserve is how late invocations end that end by themselves.
type reserve struct {
	ends int
	left time.Duration // until the deadline, of the one that ended latest
	kept time.Duration // what that one kept back
}

// ended hears of an invocation that ended with so much time left.
func (r *reserve) ended(kept, left time.Duration) {
	if r.ends++; r.ends == 1 || left-kept < r.left-r.kept {
		r.left, r.kept = left, kept
	}
}

// The reserve is there for what must be written down at the end: it must do when
// every request of the store and of the API takes its time, too. What is kept is
// ten seconds, and five of an invocation of half a minute.
func TestTheReserveIsEnoughWhenRequestsAreSlow(t *testing.T) {
	t.Parallel()
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
