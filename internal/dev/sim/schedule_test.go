package sim_test

import (
	"container/heap"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"
)

// op is one request of an instance, waiting for its fate.
type op struct {
	inst *instance
	name string           // kind and subject, for the trace and for the order
	gate *gateway         // that a modification is for; nil for everything else
	do   func()           // the effect
	fail func(fate) error // the error for a fate other than good
	done chan struct{}
	err  error

	action string        // of the API; "" for everything else
	retry  time.Duration // when to come back, as the API says to those that it throttles
}

// event is something that happens at a time.
type event struct {
	at  time.Time
	seq int
	do  func()
}

// agenda is a heap of events: the earliest first, of equals the one that was
// put there first.
type agenda struct{ events []*event }

func (a *agenda) Len() int { return len(a.events) }

func (a *agenda) Less(i, j int) bool {
	x, y := a.events[i], a.events[j]
	if !x.at.Equal(y.at) {
		return x.at.Before(y.at)
	}
	return x.seq < y.seq
}

func (a *agenda) Swap(i, j int) { a.events[i], a.events[j] = a.events[j], a.events[i] }

// Push takes a *event, as package heap wants it.
func (a *agenda) Push(x any) {
	if e, ok := x.(*event); ok {
		a.events = append(a.events, e)
	}
}

// Pop gives the last one, as package heap wants it.
func (a *agenda) Pop() any {
	last := len(a.events) - 1
	e := a.events[last]
	a.events = a.events[:last]
	return e
}

// world is a simulated cloud with everybody in it.
type world struct {
	cfg   config
	rng   *rand.Rand
	start time.Time

	agenda agenda
	seq    int

	mu     sync.Mutex
	fresh  []*op // registered since the scheduler last looked
	signal chan struct{}

	trace   strings.Builder
	tracing bool
	hash    uint64
	steps   int
	faults  int  // drawn so far
	froze   bool // some instance did, for up to a quarter of an hour

	store     *store
	api       *api
	platform  *platform
	chat      *talk // nil where nobody chats
	seen      seen
	looks     looks
	reserve   reserve
	deaths    int                      // at a deadline
	uploads   map[string]time.Time     // of change files
	waited    map[string]time.Duration // until their receipts
	violation []string
}

// at puts an event on the agenda.
func (w *world) at(t time.Time, do func()) {
	w.seq++
	heap.Push(&w.agenda, &event{at: t, seq: w.seq, do: do})
}

// after puts an event on the agenda some time from now.
func (w *world) after(d time.Duration, do func()) { w.at(time.Now().Add(d), do) }

// note writes a line of the trace.
func (w *world) note(format string, args ...any) {
	line := fmt.Sprintf("%10.3f %s\n", time.Since(w.start).Seconds(), fmt.Sprintf(format, args...))
	h := fnv.New64a()
	fmt.Fprintf(h, "%x%s", w.hash, line)
	w.hash = h.Sum64()
	if w.tracing {
		w.trace.WriteString(line)
	}
}

// violated notes a broken promise.
func (w *world) violated(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.note("VIOLATION %s", text)
	w.violation = append(w.violation, text)
}

// run lets the world go on until nothing is left to happen or the time is over.
func (w *world) run(until time.Time) {
	for {
		synctest.Wait() // every instance waits at the scheduler or for a timer
		w.draw()
		if w.agenda.Len() == 0 || w.agenda.events[0].at.After(until) {
			if !w.sleep(until) {
				return
			}
			continue
		}
		e := w.agenda.events[0]
		if next := e.at; time.Now().Before(next) {
			w.sleep(next)
			continue
		}
		heap.Pop(&w.agenda)
		w.steps++
		e.do()
	}
}

// sleep lets time pass; true when an instance woke up first.
func (w *world) sleep(until time.Time) bool {
	d := time.Until(until)
	if d <= 0 {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-w.signal:
		return true
	}
}

// draw decides the fates of the requests that came since the last look. They
// come in an order that the Go scheduler chose, hence the sorting.
func (w *world) draw() {
	w.mu.Lock()
	fresh := w.fresh
	w.fresh = nil
	w.mu.Unlock()
	slices.SortStableFunc(fresh, func(a, b *op) int {
		if a.inst.id != b.inst.id {
			return a.inst.id - b.inst.id
		}
		return strings.Compare(a.name, b.name)
	})
	for _, o := range fresh {
		w.fate(o)
	}
}

// register hands a request to the scheduler.
func (w *world) register(o *op) {
	w.mu.Lock()
	w.fresh = append(w.fresh, o)
	w.mu.Unlock()
	select {
	case w.signal <- struct{}{}:
	default:
	}
}
