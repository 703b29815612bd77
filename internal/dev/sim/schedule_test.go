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

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// op is one request of an instance, waiting for its fate.
type op struct {
	inst *instance
	name string           // kind and subject, for the trace and the order
	gate *gateway         // of a modification; nil for everything else
	do   func()           // the effect
	fail func(fate) error // the error for a fate other than good
	done chan struct{}
	err  error

	action string        // of an API call; "" for everything else
	token  string        // of a modification
	retry  time.Duration // after which a throttled call may be repeated

	sends    func() // observes that it is sent; nil: nobody does
	answered func() // observes that it was answered
}

// event is something that happens at a given time.
type event struct {
	at  time.Time
	seq int
	do  func()
}

// agenda is a heap of events: the earliest first, equal ones in the order in
// which they were added.
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

// Push adds an *event, as package heap requires.
func (a *agenda) Push(x any) {
	if e, ok := x.(*event); ok {
		a.events = append(a.events, e)
	}
}

// Pop removes the last one, as package heap requires.
func (a *agenda) Pop() any {
	last := len(a.events) - 1
	e := a.events[last]
	a.events = a.events[:last]
	return e
}

// harness is a simulated cloud with its users.
type harness struct {
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
	faults  int  // so far
	froze   bool // an instance was frozen, for up to a quarter of an hour

	store     *store
	damage    *damager // nil in runs without damaged objects
	foreign   *foreigner
	failing   *failer
	confirms  *confirmer
	proofs    *prover
	alarm     *alarm
	hours     *timekeeper
	api       *api
	platform  *platform
	chat      *talk // nil in runs without chat
	seen      seen
	books     []inForce // the policies so far, in order; nil in runs without chat and windows
	looks     looks
	reserve   reserve
	deaths    int                      // at a deadline
	uploads   map[string]time.Time     // of change files
	waited    map[string]time.Duration // until their receipts
	violation []string
	givesUp   bool // the run is given up after too many violations

	moments  *rand.Rand      // at which people act, see moments_test.go
	reached  map[string]bool // rare states
	held     map[string]bool // changes that were queued while their lane waited for few clients
	noting   sync.Mutex      // guards what instances note themselves, several at once: reached, and instance.unsure
	lanes    map[change.Target]laneView
	sent     map[string]bool   // tokens of modifications
	unknown  map[string]bool   // and of those whose outcome their worker does not get to know
	authors  map[string]string // the workers that stored the intents, by token
	onItsWay map[string]int    // requests by token that have an effect after they were given up
	handling map[string]int    // instances that handle a delivery, by its name
}

// at adds an event to the agenda.
func (h *harness) at(t time.Time, do func()) {
	h.seq++
	heap.Push(&h.agenda, &event{at: t, seq: h.seq, do: do})
}

// after adds an event some time from now.
func (h *harness) after(d time.Duration, do func()) { h.at(time.Now().Add(d), do) }

// note adds a line to the trace.
func (h *harness) note(format string, args ...any) {
	line := fmt.Sprintf("%10.3f %s\n", time.Since(h.start).Seconds(), fmt.Sprintf(format, args...))
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%x%s", h.hash, line)
	h.hash = sum.Sum64()
	if h.tracing {
		h.trace.WriteString(line)
	}
}

// violated notes a violation of a promise.
func (h *harness) violated(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	h.note("VIOLATION %s", text)
	h.violation = append(h.violation, text)
}

// enough is how many violations end a run: a mutant may go round in circles.
const enough = 50

// run processes events until there are none or the time is over.
func (h *harness) run(until time.Time) {
	for !h.givesUp || len(h.violation) < enough {
		synctest.Wait() // until every instance waits for the scheduler or a timer
		h.draw()
		if h.agenda.Len() == 0 || h.agenda.events[0].at.After(until) {
			if !h.sleep(until) {
				return
			}
			continue
		}
		e := h.agenda.events[0]
		if next := e.at; time.Now().Before(next) {
			h.sleep(next)
			continue
		}
		heap.Pop(&h.agenda)
		h.steps++
		e.do()
	}
}

// sleep lets time pass; it returns true if an instance wakes up first.
func (h *harness) sleep(until time.Time) bool {
	d := time.Until(until)
	if d <= 0 {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-h.signal:
		return true
	}
}

// draw decides the fates of the requests that were registered since the last
// call. They are sorted because their order is up to the Go scheduler.
func (h *harness) draw() {
	h.mu.Lock()
	fresh := h.fresh
	h.fresh = nil
	h.mu.Unlock()
	slices.SortStableFunc(fresh, func(a, b *op) int {
		if a.inst.id != b.inst.id {
			return a.inst.id - b.inst.id
		}
		return strings.Compare(a.name, b.name)
	})
	for _, o := range fresh {
		h.fate(o)
	}
}

// register hands a request to the scheduler.
func (h *harness) register(o *op) {
	h.mu.Lock()
	h.fresh = append(h.fresh, o)
	h.mu.Unlock()
	select {
	case h.signal <- struct{}{}:
	default:
	}
}
