package sim_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// config describes a run. Everything else follows from the seed.
type config struct {
	seed      uint64
	changes   int           // documents that are submitted
	servers   int           // at most
	maxFaults int           // at most
	length    time.Duration // how long faults last
	calm      bool          // no faults at all
	kinds     kinds         // the faults that happen
	focus     float64       // how much likelier they are for modifications
	pointed   bool          // people act at the worst moments, too
	chats     bool          // people chat, and a policy says who may do what
	rooms     bool          // the policy names rooms that are asked for approval
	reforms   bool          // the policy changes during the run
	damages   bool          // objects are read damaged
	heavy     bool          // many of them, and queue entries forever
	failing   bool          // the modifications of some servers are answered with errors
	mixed     bool          // every second instance is of another version
	silence   silence       // object events that are always lost
	wakes     wakes         // how wake-ups come
	windows   bool          // the policy has windows and freezes
	timeout   time.Duration // of every invocation; 0: drawn
	latency   time.Duration // of every request, at most; 0: drawn
	long      int           // from how many changes on a lane counts as long; 0: as in production
}

// silence names object events that are never delivered.
type silence int

const (
	noSilence silence = iota
	noWakes           // those of wake objects
	noEvents          // those of change files, too
)

// defaults returns the configuration of a seed in CI.
func defaults(seed uint64) config {
	cfg := everyKind(seed)
	cfg.kinds, cfg.focus = drawKinds(seed)
	cfg.pointed = true
	if cfg.focus > 10 && seed%2 == 0 {
		cfg.timeout = 30 * time.Second // leases expire while modifications are on their way
	}
	cfg.calm = cfg.kinds == 0
	cfg.wakes = drawWakes(seed)
	cfg.windows = drawWindows(seed, cfg.chats)
	cfg.damages = cfg.damages && cfg.kinds.has(damages)
	cfg.mixed = cfg.mixed && cfg.kinds.has(otherVersions)
	cfg.rooms = cfg.chats && cfg.rooms
	cfg.reforms = cfg.chats && seed%48 != 0 && cfg.kinds.has(reforms)
	return cfg
}

// everyKind is the configuration of a seed with faults of every kind.
func everyKind(seed uint64) config {
	r := rand.New(rand.NewPCG(seed, 1))
	return config{
		kinds: allKinds, focus: 1,
		seed: seed, changes: 1 + r.IntN(8), servers: 1 + r.IntN(3), long: int(seed % 3),
		maxFaults: r.IntN(40), length: time.Duration(5+r.IntN(26)) * time.Minute,
		chats: seed%*chats == 0, rooms: seed / *chats % 4 == 1 || seed / *chats % 4 == 2, reforms: seed%(2**chats) == 0, damages: seed%5 == 3, mixed: seed%5 == 4 || seed%15 == 3,
		failing: seed%7 == 4 || seed%(3**chats) == 0,
	}
}

// fate is the outcome of a request.
type fate int

const (
	good       fate = iota
	refused         // no effect, an error
	lost            // no effect, no answer
	landed          // effect, no answer
	late            // no answer, the effect comes later
	killBefore      // the instance dies, no effect
	killAfter       // the effect, then the instance dies
	freeze          // the instance is frozen, before or after the effect
	throttled       // refused by flow control (API only)
	busy            // refused because the gateway is updating (API only)
	stale           // an old listing (store only)
)

func (f fate) String() string {
	return [...]string{"good", "refused", "lost", "landed", "late", "kill-before", "kill-after", "freeze", "throttled", "busy", "stale"}[f]
}

// weather is how likely each fault is. It is drawn for each run, so that some
// runs have mostly crashes and others mostly lost responses.
type weather struct {
	rate    float64 // of requests with a fault
	weights map[fate]float64
	latency time.Duration
}

func drawWeather(r *rand.Rand) weather {
	out := weather{rate: math.Pow(10, -0.5-2*r.Float64()), weights: map[fate]float64{}, latency: time.Duration(1+r.IntN(60)) * time.Millisecond}
	for f := refused; f <= stale; f++ {
		if r.IntN(3) > 0 {
			out.weights[f] = r.Float64()
		}
	}
	return out
}

// pick draws a fate among those that are possible for a request.
func (h *harness) pick(o *op) fate {
	kinds, rate := o.kinds(), h.platform.weather.rate
	if o.gate != nil {
		rate *= h.cfg.focus
	}
	if h.cfg.calm || h.faults >= h.cfg.maxFaults || time.Since(h.start) > h.cfg.length || h.rng.Float64() > rate {
		return good
	}
	sum := 0.0
	for _, f := range kinds {
		sum += h.weight(f)
	}
	x := h.rng.Float64() * sum
	for _, f := range kinds {
		if x -= h.weight(f); x < 0 {
			h.faults++
			return f
		}
	}
	return good
}

// weight is how likely a fate is, compared with the others.
func (h *harness) weight(f fate) float64 {
	if !h.cfg.kinds.has(f.kind()) {
		return 0
	}
	return h.platform.weather.weights[f]
}

// fate draws the fate of a request and schedules it.
func (h *harness) fate(o *op) {
	in := o.inst
	if in.dead {
		o.err = errDead
		close(o.done)
		return
	}
	f := h.pick(o)
	if o.sends != nil {
		o.sends()
	}
	switch kind, _, _ := strings.Cut(o.name, " "); {
	case o.action != "":
		f = h.api.admit(o, f)
	case kind != "return" && kind != "gone" && kind != "send" && kind != "invoke":
		h.store.requests++
	}
	if o.gate != nil {
		h.hours.sends(o, h.sent[o.token])
		h.sent[o.token] = true
		h.overlap(o)
		h.mayBeSent(o)
		h.paced(o)
	}
	in.unlucky = in.unlucky || f != good
	begin := time.Now()
	if in.frozenUntil.After(begin) {
		begin = in.frozenUntil
	}
	latency := time.Duration(h.rng.Int64N(int64(cmp.Or(h.cfg.latency, h.platform.weather.latency)))) + time.Microsecond
	answer := begin.Add(latency)
	if f == freeze {
		// For a moment, or until after leases and deadlines have passed.
		in.frozenUntil = begin.Add(time.Duration(1+h.rng.IntN(900)) * time.Second)
		in.wasFrozen, h.froze = true, true
		if h.rng.IntN(2) == 0 {
			answer = in.frozenUntil.Add(latency) // the request is sent after the thaw
		}
	}
	if f == lost || f == late {
		answer = begin.Add(time.Duration(1+h.rng.IntN(8)) * time.Second)
	}
	if f == late {
		delay := time.Duration(1+h.rng.IntN(90)) * time.Second
		h.onItsWay[o.token]++
		h.at(begin.Add(delay), func() {
			h.note("%s %s lands late", in, o.name)
			o.do()
			h.onItsWay[o.token]--
		})
	}
	h.at(answer, func() { h.answer(o, f) })
}

// answer carries out a request and lets its instance continue.
func (h *harness) answer(o *op, f fate) {
	in := o.inst
	if in.dead {
		h.finish(o, errDead)
		return
	}
	if in.frozenUntil.After(time.Now()) && f != freeze {
		// Frozen meanwhile: the request has its effect, the response waits.
		if f == good || f == landed || f == killAfter {
			o.do()
			o.do = func() {}
		}
		h.at(in.frozenUntil, func() { h.answer(o, f) })
		return
	}
	if f != good || o.inst.harness.tracing {
		h.note("%s %s: %s", in, o.name, f)
	}
	switch f {
	case good:
		o.do()
		if o.answered != nil {
			o.answered()
		}
		h.finish(o, nil)
	case freeze:
		o.do()
		h.at(in.frozenUntil, func() {
			if in.dead {
				h.finish(o, errDead)
				return
			}
			h.finish(o, nil)
		})
	case landed:
		o.do()
		if o.gate != nil {
			h.unanswered(o.token)
		}
		h.finish(o, o.fail(f))
	case killAfter:
		o.do()
		h.kill(in)
		h.finish(o, errDead)
	case killBefore:
		h.kill(in)
		h.finish(o, errDead)
	case stale:
		h.store.stale = true
		o.do()
		h.store.stale = false
		h.finish(o, nil)
	case refused, lost, late, throttled, busy:
		if o.gate != nil && (f == lost || f == late) {
			h.unanswered(o.token)
		}
		h.finish(o, o.fail(f))
	}
}

func (h *harness) finish(o *op, err error) {
	o.err = err
	close(o.done)
	if o.gate != nil {
		o.gate.inFlight = slices.DeleteFunc(o.gate.inFlight, func(x *op) bool { return x == o })
	}
}
