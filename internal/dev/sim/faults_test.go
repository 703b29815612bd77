package sim_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// config says what a run is made of. Everything else follows from the seed.
type config struct {
	seed      uint64
	changes   int           // documents submitted
	servers   int           // at most
	maxFaults int           // faults drawn at most
	length    time.Duration // how long faults last
	calm      bool          // no faults at all
	chats     bool          // people chat, and a policy says who may do what
	silence   silence       // which object events are lost, beside those that faults lose
	timeout   time.Duration // of every invocation; 0: drawn
	latency   time.Duration // of every request, at most; 0: drawn
	long      int           // changes that make a line long; 0: as in production
}

// silence says which object events never come, whatever else happens.
type silence int

const (
	noSilence silence = iota
	noBells           // no doorbell of a lane is heard
	noEvents          // nor is a change file's event
)

// defaults are those of a run in CI.
func defaults(seed uint64) config {
	r := rand.New(rand.NewPCG(seed, 1))
	return config{
		seed: seed, changes: 1 + r.IntN(8), servers: 1 + r.IntN(3), long: int(seed % 3),
		maxFaults: r.IntN(40), length: time.Duration(5+r.IntN(26)) * time.Minute,
		chats: seed%*chats == 0,
	}
}

// fate is what becomes of a request.
type fate int

const (
	good       fate = iota
	refused         // no effect, an error
	lost            // no effect, no answer
	landed          // effect, no answer
	late            // no answer, the effect comes later
	killBefore      // the instance dies, no effect
	killAfter       // the effect, then the instance dies
	freeze          // the instance stands still, the effect before or after
	throttled       // refused by flow control (API)
	busy            // refused, the gateway is at work for somebody else (API)
	stale           // an old listing (store)
)

func (f fate) String() string {
	return [...]string{"good", "refused", "lost", "landed", "late", "kill-before", "kill-after", "freeze", "throttled", "busy", "stale"}[f]
}

// weather is how likely what is, drawn for each run, so that some runs are all
// crashes and others all lost answers.
type weather struct {
	rate    float64 // of requests with a fault
	weights map[fate]float64
	latency time.Duration
}

func drawWeather(r *rand.Rand) weather {
	w := weather{rate: math.Pow(10, -0.5-2*r.Float64()), weights: map[fate]float64{}, latency: time.Duration(1+r.IntN(60)) * time.Millisecond}
	for f := refused; f <= stale; f++ {
		if r.IntN(3) > 0 {
			w.weights[f] = r.Float64()
		}
	}
	return w
}

// pick draws a fate among those that fit a request.
func (w *world) pick(kinds []fate) fate {
	if w.cfg.calm || w.faults >= w.cfg.maxFaults || time.Since(w.start) > w.cfg.length || w.rng.Float64() > w.platform.weather.rate {
		return good
	}
	sum := 0.0
	for _, f := range kinds {
		sum += w.platform.weather.weights[f]
	}
	x := w.rng.Float64() * sum
	for _, f := range kinds {
		if x -= w.platform.weather.weights[f]; x < 0 {
			w.faults++
			return f
		}
	}
	return good
}

// fate decides what becomes of a request and when.
func (w *world) fate(o *op) {
	in := o.inst
	if in.dead {
		o.err = errDead
		close(o.done)
		return
	}
	f := w.pick(o.kinds())
	switch kind, _, _ := strings.Cut(o.name, " "); {
	case o.action != "":
		f = w.api.admit(o, f)
	case kind != "return" && kind != "gone" && kind != "send":
		w.store.requests++
	}
	if o.gate != nil {
		w.overlap(o)
	}
	begin := time.Now()
	if in.frozenUntil.After(begin) {
		begin = in.frozenUntil
	}
	latency := time.Duration(w.rng.Int64N(int64(cmp.Or(w.cfg.latency, w.platform.weather.latency)))) + time.Microsecond
	answer := begin.Add(latency)
	if f == freeze {
		// Past leases, past deadlines, or just for a moment.
		in.frozenUntil = begin.Add(time.Duration(1+w.rng.IntN(900)) * time.Second)
		in.wasFrozen, w.froze = true, true
		if w.rng.IntN(2) == 0 {
			answer = in.frozenUntil.Add(latency) // the request goes out after the thaw
		}
	}
	if f == lost || f == late {
		answer = begin.Add(time.Duration(1+w.rng.IntN(8)) * time.Second)
	}
	if f == late {
		delay := time.Duration(1+w.rng.IntN(90)) * time.Second
		w.at(begin.Add(delay), func() { w.note("%s %s lands late", in, o.name); o.do() })
	}
	w.at(answer, func() { w.answer(o, f) })
}

// answer carries a request out and lets its instance go on.
func (w *world) answer(o *op, f fate) {
	in := o.inst
	if in.dead {
		w.finish(o, errDead)
		return
	}
	if in.frozenUntil.After(time.Now()) && f != freeze {
		// Frozen since: what is on the wire has its effect, the answer waits.
		if f == good || f == landed || f == killAfter {
			o.do()
			o.do = func() {}
		}
		w.at(in.frozenUntil, func() { w.answer(o, f) })
		return
	}
	if f != good || o.inst.world.tracing {
		w.note("%s %s: %s", in, o.name, f)
	}
	switch f {
	case good:
		o.do()
		w.finish(o, nil)
	case freeze:
		o.do()
		w.at(in.frozenUntil, func() {
			if in.dead {
				w.finish(o, errDead)
				return
			}
			w.finish(o, nil)
		})
	case landed:
		o.do()
		w.finish(o, o.fail(f))
	case killAfter:
		o.do()
		w.kill(in)
		w.finish(o, errDead)
	case killBefore:
		w.kill(in)
		w.finish(o, errDead)
	case stale:
		w.store.stale = true
		o.do()
		w.store.stale = false
		w.finish(o, nil)
	case refused, lost, late, throttled, busy:
		w.finish(o, o.fail(f))
	}
}

func (w *world) finish(o *op, err error) {
	o.err = err
	close(o.done)
	if o.gate != nil {
		o.gate.flying = slices.DeleteFunc(o.gate.flying, func(x *op) bool { return x == o })
	}
}
