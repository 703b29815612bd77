package lanemodel_test

// Sizes of the model. Times are ticks of the store's clock; the time to live is
// the shortest that lets a worker be late at all.
const (
	workerCount = 3
	maxTTL      = 2 // of a lease
	minKept     = 1 // newest generations that are never collected
	maxLag      = 2 // how far behind the newest generation one needs to tell apart: more than minKept
	maxAge      = maxTTL + 2
)

// changes is a set of changes: bit 0 the first in the queue, bit 1 the second. Both
// set the same setting, so that sending them in the wrong order shows.
type changes uint8

// value is what the set setting has: 0 at first, else the number of the change
// that set it last.
func (c changes) value() uint8 {
	if c&2 != 0 {
		return 2
	}
	return uint8(c & 1)
}

func (c changes) first() changes { return c & -c }

func (c changes) has(i int) bool { return c>>i&1 == 1 }

// outcome is how a change ended.
type outcome uint8

const (
	open outcome = iota
	applied
	failed
	unchanged
)

// memory is the state that a generation carries.
type memory struct {
	batch    changes // the intent's; 0 for no intent
	token    uint8   // the intent's
	accepted bool
	apart    changes
	decided  [2]outcome
}

func (m memory) decision() (c changes) {
	for i, o := range m.decided {
		if o != open {
			c |= 1 << i
		}
	}
	return c
}

// where is the place of a worker in its drain.
type where uint8

const (
	idle      where = iota // no invocation, or it has ended
	saw                    // has read the head, which was free or expired
	listed                 // has read the queue, and completed the last decision
	creating               // about to write a generation
	holding                // has the lease, or believes so
	recording              // writing records
	removing               // deleting entries
)

// purpose is what a generation is written for.
type purpose uint8

const (
	none    purpose = iota
	acquire         // from free or expired to held
	commit          // from held to held
	park            // from held to free: look again later
	apart           // from held to free: one by one from now on
	settle          // from held to free, with a decision
	update          // from free to free, with a decision
	first           // from free or expired to held, without an intent
	resolve         // from held to held, with a decision
	dismiss         // from held to free: the decision is completed
	renew           // from held to held, with nothing new
)

// phase is what is known of an intent.
type phase uint8

const (
	planned phase = iota
	unsettled
	unseen // unsettled, and a look just now did not show it
	accepted
)

// answer is what a worker knows of a write that it repeats.
type answer uint8

const (
	untried answer = iota
	missed         // no answer, and it did not land
	unheard        // no answer, and it landed

)

// worker is what one invocation knows. The generation that it knows of as the
// newest is lag generations behind the real one.
type worker struct {
	at    where
	why   purpose
	phase phase
	reply answer
	own   bool    // has read its intent's entries, and need not list them
	back  where   // where a worker that renews its lease goes on
	took  bool    // has the lease, or believes so, while it is elsewhere than holding
	fresh bool    // knows of no generation at all: it will write the first
	lag   uint8   // 0 to maxLag
	since uint8   // ticks since just before it acquired the lane or renewed the lease, at most ttl; of a short lease one more
	used  uint8   // since, when the generation being written was prepared
	stall uint8   // ticks since it read the head
	next  uint8   // age of the generation after the one it knows
	queue changes // as it read it
	mine  changes // to record or remove
	mem   memory
}

// state is everything. It is comparable and has no padding that matters: every
// field is a byte.
type state struct {
	oldest  uint8 // age of the first generation, at most maxAge
	gens    uint8 // generations so far, at most maxLag
	held    bool  // the newest generation
	age     uint8 // the newest's, at most ttl; plus what its lease is shorter by
	mem     memory
	recent  bool   // the newest was written in this tick: a listing may miss it
	before  bool   // the one before the newest was free or expired when it was succeeded
	prev    memory // of the one before, while a listing may still show it
	queue   changes
	asked   changes // changes that were ever queued
	records [2]outcome
	final   [2]outcome // by the chain's decision
	effects [2]uint8
	shows   uint8 // the server's value
	pending uint8 // accepted by the API and not applied yet
	taken   uint8 // tokens that the API accepted, a bit each
	late    uint8 // token of a modification still under way; 0 for none
	lateFor changes
	workers [workerCount]worker
}

func start() state { return state{queue: 1, asked: 1} }

// done reports whether every change that was asked for has its record and has left
// the queue.
func (s *state) done() bool {
	for i, r := range s.records {
		if s.asked.has(i) && r == open {
			return false
		}
	}
	return s.queue == 0
}

// busy is how many invocations there are.
func (s *state) busy() (n int) {
	for _, w := range s.workers {
		if w.at != idle {
			n++
		}
	}
	return n
}

// newToken is a token that nobody knows of.
func (s *state) newToken() uint8 {
	used := s.tokens()
	for t := uint8(1); ; t++ {
		if used>>t&1 == 0 {
			return t
		}
	}
}

func (s *state) tokens() uint8 {
	used := uint8(1)<<s.mem.token | 1<<s.prev.token | 1<<s.late
	for _, w := range s.workers {
		used |= 1 << w.mem.token
	}
	return used
}

// canonical is the state with everything forgotten that cannot matter any more,
// and with workers in a fixed order: they are alike.
func (m model) canonical(s state) (state, order) {
	if !m.Collect {
		s.gens = min(s.gens, 1)
	}
	if !m.Collect || !m.Stale {
		s.oldest = 0
	}
	if !s.held {
		s.age = 0
	}
	if !m.Stale || !s.recent {
		s.recent, s.before = false, false
	}
	if !s.before {
		s.prev = memory{}
	}
	for i := range s.workers {
		s.workers[i] = m.forget(s.workers[i])
	}
	s.taken &= s.tokens()
	o := order{0, 1, 2}
	s.sort(&o, s.anonymous)
	s.rename()
	s.sort(&o, worker.key)
	return s, o
}

// order says which worker stands where: at place i the one that was at o[i].
type order [workerCount]int

// sort puts the workers in the order of a key, and keeps account.
func (s *state) sort(o *order, key func(worker) uint64) {
	for i := range s.workers {
		for j := i; j > 0 && key(s.workers[j]) < key(s.workers[j-1]); j-- {
			s.workers[j], s.workers[j-1] = s.workers[j-1], s.workers[j]
			o[j], o[j-1] = o[j-1], o[j]
		}
	}
}

// anonymous is a worker's key with what is known of its token in place of the
// token's number.
func (s *state) anonymous(w worker) uint64 {
	t := w.mem.token
	if t != 0 {
		w.mem.token = 1
		for i, known := range [3]uint8{s.mem.token, s.prev.token, s.late} {
			if t == known {
				w.mem.token = uint8(i + 2)
				break
			}
		}
	}
	k := w.key() << 1
	if s.taken>>t&1 == 1 {
		k |= 1
	}
	return k
}

// rename numbers the tokens that anybody knows in the order in which they are
// met.
func (s *state) rename() {
	var names [8]uint8
	last, taken := uint8(0), uint8(0)
	name := func(t *uint8) {
		if *t == 0 {
			return
		}
		if names[*t] == 0 {
			last++
			names[*t] = last
			taken |= s.taken >> *t & 1 << last
		}
		*t = names[*t]
	}
	name(&s.mem.token)
	name(&s.prev.token)
	name(&s.late)
	for i := range s.workers {
		name(&s.workers[i].mem.token)
	}
	s.taken = taken
}

// forget drops what cannot matter of a worker any more.
func (m model) forget(w worker) worker {
	if !m.Collect {
		w.lag, w.stall, w.next, w.fresh = min(w.lag, 1), 0, 0, false
	}
	overtaken := w.lag > 0 && !m.zombiesMatter()
	switch w.at {
	case idle:
		return worker{}
	case saw, listed:
		w.mine = 0
		if !w.took || overtaken {
			w.since = 0
		}
		if overtaken && w.mem.decision() == 0 {
			if w.mem.batch != 0 {
				return m.doomed(w)
			}
			w.mem = memory{}
		}
	case creating:
		if w.why != renew || w.back == holding || w.back == listed {
			w.mine = 0
		}
		if w.why != first && w.back != listed && w.back != recording && w.back != removing {
			w.queue = 0
		}
		if overtaken && (w.reply == untried || w.reply == missed && m.breaks != conflictIsOwn) {
			return m.doomed(w)
		}
	case holding:
		w.queue, w.mine = 0, 0
		if overtaken && (w.phase == accepted || w.since >= m.ttl() && m.breaks != noLiveCheck) {
			return m.doomed(w)
		}
	case recording, removing:
		if !w.took || overtaken {
			w.since = 0
		}
	}
	return w
}

// doomed is a worker that can only be told that it was overtaken. While nothing
// is collected that is as good as gone.
func (m model) doomed(w worker) worker {
	if !m.Collect {
		return worker{}
	}
	return worker{at: creating, lag: w.lag, stall: w.stall, next: w.next, fresh: w.fresh}
}
