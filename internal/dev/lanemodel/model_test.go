package lanemodel_test

// model is one variant of the protocol in one environment.
type model struct {
	Workers   int  // at once; 0 for three
	ShortTTL  bool // a lease lasts one tick, not two
	Second    bool // a second change is queued at some time
	Stale     bool // a listing of the lane may miss what was written in this tick, or everything
	Collect   bool // old generations are collected
	Redeliver bool // a change that has ended may be queued again
	Refusals  bool // the API may refuse a modification for good
	HideQueue bool // a listing of the queue may miss a change
	Long      bool // a queue and a batch may be long
	Renews    bool // a worker may renew its lease at any time, and a commit restarts it
	Mixed     bool // leases last two ticks or one, as with two versions at once

	// Environments that are worse than the protocol is made for.
	LateCalls    bool // a call may reach the API after its caller has given it up
	RefusesTaken bool // the API may refuse a modification that it accepted before, under the same token

	breaks mutation
}

// mutation is a mistake to make on purpose.
type mutation uint8

const (
	nothing           mutation = iota
	collectByCount             // keep the newest generations, whatever their age
	collectYoung               // collect sooner than a stalled worker ends
	collectFirst               // by age, the first generation too
	plainLock                  // one lock object, deleted to unlock, instead of a chain
	conflictIsOwn              // a conflict after a lost answer counts as one's own write, unread
	conflictIsOthers           // a conflict after a lost answer counts as another's write, unread
	releaseOverwrites          // expiry by the worker's clock, and a release that overwrites
	recordsFirst               // records are written before the decision is in the chain
	rotateUnknown              // a new token after an unknown outcome
	noLiveCheck                // send without checking that the lease still lasts
	earlyTakeover              // take over before the lease has expired
	forgetUnsettled            // leave without the intent of a modification that may have been sent
	removeFirst                // delete entries before their records are written
	noIntent                   // acquire the lane without writing the intent
	completeByListing          // a decided change that is not listed counts as one that has left the queue
	takeForgets                // acquire the lane before reading the queue, without the last decision
	clearEarly                 // free the lane without the decision before its records are written
	countsFromAnswer           // count a renewed lease from the answer, not from before the request
	believesUnknown            // count a lease as renewed although the outcome of the renewal is unknown
	renewsInPlace              // renew without the next generation: believed whoever holds the lease by now
	renewForgets               // renew without the decision whose records are being written
)

// ttl is how many ticks a lease lasts.
func (m model) ttl() uint8 {
	if m.ShortTTL {
		return 1
	}
	return maxTTL
}

// minAge is the age in ticks from which generations are collected. An
// invocation stalls as long at most, which is longer than a lease lasts.
func (m model) minAge() uint8 { return m.ttl() + 1 }

// unfenced reports whether a worker's writes land although it was overtaken.
func (m model) unfenced() bool { return m.breaks == plainLock || m.breaks == releaseOverwrites }

// zombiesMatter reports whether a worker that was overtaken can do any harm but
// by sending or by what it has yet to record.
func (m model) zombiesMatter() bool {
	return m.breaks == recordsFirst || m.breaks == believesUnknown || m.breaks == renewsInPlace || m.unfenced()
}

// action is what happens in a step.
type action struct {
	worker int // from 0; -1 for the world
	what   string
	fault  bool // must not be needed to get on
}

// emit takes a successor, and what it violates if anything.
type emit func(a action, s state, violation string)

// steps gives every successor of a state.
func (m model) steps(s state, out emit) {
	m.world(s, out)
	for i := range s.workers {
		w := &s.workers[i]
		if w.at != idle {
			next := s
			next.workers[i] = worker{}
			out(action{i, "crashes", true}, next, "")
		}
		switch w.at {
		case idle:
			m.look(s, i, out)
		case saw:
			m.readQueue(s, i, out)
		case listed:
			m.draft(s, i, out)
		case creating:
			m.create(s, i, out)
		case holding:
			m.hold(s, i, out)
		case recording:
			m.record(s, i, out)
		case removing:
			m.remove(s, i, out)
		}
	}
}

// world gives what happens without a worker.
func (m model) world(s state, out emit) {
	next := s
	m.tick(&next)
	out(action{-1, "a tick passes", false}, next, "")
	if m.Second && s.asked == 1 {
		next := s
		next.asked |= 2
		next.queue |= 2
		out(action{-1, "change 2 is queued", false}, next, "")
	}
	if s.pending != 0 {
		next := s
		next.shows, next.pending = s.pending, 0
		out(action{-1, "the gateway has worked the modification in", false}, next, "")
	}
	for i, r := range s.records {
		if m.Redeliver && r != open && !s.queue.has(i) {
			next := s
			next.queue |= 1 << i
			out(action{-1, "a redelivery queues change " + number(i) + " again", true}, next, "")
		}
	}
	if s.late != 0 {
		next := s
		next.late, next.lateFor = 0, 0
		out(action{-1, "the modification under way is lost", true}, next, "")
		if s.taken>>s.late&1 == 0 && s.pending == 0 {
			violation := m.take(&next, s.late, s.lateFor)
			out(action{-1, "the modification under way arrives", true}, next, violation)
		}
	}
}

func (m model) tick(s *state) {
	s.age = min(s.age+1, m.ttl())
	s.recent = false
	if s.gens > 0 {
		s.oldest = min(s.oldest+1, m.minAge()+1)
	}
	for i := range s.workers {
		w := &s.workers[i]
		if w.at == idle {
			continue
		}
		w.since = min(w.since+1, m.ttl())
		w.next = min(w.next+1, m.minAge()+1)
		if w.stall++; m.Collect && w.stall > m.minAge() {
			*w = worker{}
		}
	}
}

// take is the API accepting a modification that it has not accepted before.
func (m model) take(s *state, token uint8, batch changes) (violation string) {
	s.taken |= 1 << token
	s.pending = batch.value()
	for i := range s.effects {
		if !batch.has(i) {
			continue
		}
		s.effects[i] = min(s.effects[i]+1, 2)
		switch {
		case s.effects[i] > 1:
			violation = "change " + number(i) + " was applied twice"
		case s.final[i] == failed:
			violation = "change " + number(i) + " is applied after it was decided to have failed"
		case i == 0 && s.effects[1] > 0 && batch == 1 && !m.HideQueue:
			violation = "change 1 is applied after change 2"
		}
	}
	return violation
}

func number(i int) string { return string(rune('1' + i)) }
