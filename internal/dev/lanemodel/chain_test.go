package lanemodel_test

// look is an invocation that begins, and reads the head of the lane.
func (m model) look(s state, i int, out emit) {
	if m.Workers > 0 && s.busy() >= m.Workers {
		return
	}
	free := !s.held || s.age >= m.ttl()
	if m.breaks == earlyTakeover {
		free = free || s.age >= m.ttl()-1
	}
	if m.breaks == releaseOverwrites {
		free = true // the worker's clock may be ahead
	}
	if free {
		next := s
		next.workers[i] = worker{at: saw, mem: s.mem, fresh: s.gens == 0}
		out(action{i, "reads the head", false}, next, "")
	}
	if m.Stale && s.recent && s.before {
		next := s
		next.workers[i] = worker{at: saw, mem: s.prev, lag: 1, fresh: s.gens == 1}
		out(action{i, "reads the head from a stale listing", true}, next, "")
	}
	if m.Stale && m.Collect && s.gens > 0 {
		next := s
		next.workers[i] = worker{at: saw, lag: s.gens, fresh: true, next: s.oldest}
		out(action{i, "reads the head from an empty listing", true}, next, "")
	}
}

// write prepares the writing of a generation. The state to write is the
// worker's memory.
func (s *state) write(i int, why purpose) {
	w := &s.workers[i]
	w.at, w.why, w.reply = creating, why, untried
	w.used = 0
	if why == acquire || why == first || why == renew {
		w.since = 0
	}
	if why == commit || why == resolve {
		w.used = w.since
	}
}

// lease prepares the writing of a generation that is held, and gives every lease that it
// may have: a commit of a version that does not renew keeps the end of the lease.
func (m model) lease(s state, i int, why purpose, a action, violation string, out emit) {
	s.write(i, why)
	w := &s.workers[i]
	if m.Renews && (why == commit || why == resolve) {
		if m.Mixed {
			out(action{a.worker, a.what + ", and keeps the end of the lease", a.fault}, s, violation)
		}
		w.since, w.used = 0, 0
	}
	if m.Mixed && w.used == 0 {
		short := s
		short.workers[i].since, short.workers[i].used = 1, 1
		out(action{a.worker, a.what + ", with a short lease", a.fault}, short, violation)
	}
	out(a, s, violation)
}

// renewal is a worker that has the lease, or believes so, and renews it: at any time,
// also when it has expired.
func (m model) renewal(s state, i int, out emit) {
	w := &s.workers[i]
	if !m.Renews || w.at != holding && !w.took {
		return
	}
	w.back = w.at
	if w.at == holding {
		w.mem.accepted = w.phase == accepted
	}
	m.lease(s, i, renew, action{i, "renews its lease", false}, "", out)
}

// create writes the generation after the one that the worker knows, unless it
// exists.
func (m model) create(s state, i int, out emit) {
	w := &s.workers[i]
	what := purposes()[w.why]
	if w.reply == unheard {
		m.repeat(s, i, out)
		return
	}
	if w.lag > 0 && !m.landsLate(w) {
		next := s
		switch {
		case m.gone(w):
			out(action{i, "creates a generation again that was collected, to " + what, false}, next, "a generation was written twice")
		case w.reply == missed && m.breaks == conflictIsOwn:
			next.workers[i].lag--
			m.written(&next, i)
			out(action{i, "takes the conflict for its own write, to " + what, false}, next, "")
		case w.why == renew && m.breaks == renewsInPlace:
			m.written(&next, i)
			out(action{i, "was overtaken, and believes that it can " + what, false}, next, "")
		default:
			next.workers[i] = worker{}
			out(action{i, "finds the lane acquired by another worker", false}, next, "")
		}
		return
	}
	if w.reply == untried {
		next := s
		next.workers[i].reply = missed
		if w.why == renew && m.breaks == believesUnknown {
			m.written(&next, i)
		}
		out(action{i, "writes, to " + what + "; the request is lost", true}, next, "")
	}
	next := s
	violation := m.land(&next, i)
	lost := next
	lost.workers[i].reply = unheard
	out(action{i, "writes, to " + what + "; the answer is lost", true}, lost, violation)
	m.written(&next, i)
	out(action{i, "writes, to " + what, false}, next, violation)
}

// landsLate reports whether a write lands although the worker was overtaken.
func (m model) landsLate(w *worker) bool {
	return m.unfenced() && (w.why == park || w.why == apart || w.why == settle)
}

// repeat is a write whose first try landed unheard: the second meets the first.
func (m model) repeat(s state, i int, out emit) {
	next := s
	switch w := &s.workers[i]; {
	case m.breaks == collectByCount && w.lag >= minKept:
		out(action{i, "repeats a write that landed and was collected", false}, next, "a generation was written twice")
	case m.breaks == conflictIsOthers:
		next.workers[i] = worker{}
		out(action{i, "takes the conflict for another's write", false}, next, "a worker counts its own write as another's")
	default:
		m.written(&next, i)
		out(action{i, "repeats the write and reads its own back", false}, next, "")
	}
}

// gone reports whether the generation that a worker is about to write exists and
// may have been collected by now. Collection takes no more than that to be
// modeled: it may run at any time, and what it may delete it may delete later.
func (m model) gone(w *worker) bool {
	if !m.Collect || w.lag <= minKept {
		return false
	}
	old := w.next > m.minAge()
	if m.breaks == collectByCount {
		old = true
	}
	if m.breaks == collectYoung {
		old = w.next > 0
	}
	return old && (!w.fresh || m.breaks == collectFirst)
}

// land is a generation that comes into being.
func (m model) land(s *state, i int) (violation string) {
	w := &s.workers[i]
	s.before = s.gens == 0 || !s.held || s.age >= m.ttl()
	s.prev, s.recent = s.mem, true
	s.gens = min(s.gens+1, maxLag)
	s.held = w.why == acquire || w.why == commit || w.why == first || w.why == resolve || w.why == renew
	s.age = w.used
	s.mem = w.mem
	if m.breaks == noIntent && w.why == acquire {
		s.mem.batch, s.mem.token = 0, 0
	}
	if m.breaks == takeForgets && w.why == first || m.breaks == renewForgets && w.why == renew {
		s.mem.decided = [2]outcome{}
	}
	for j := range s.workers {
		o := &s.workers[j]
		if o.at == idle || j == i {
			continue
		}
		if o.lag == 0 {
			o.next = 0
		}
		o.lag = min(o.lag+1, maxLag)
	}
	w.lag, w.next, w.fresh = 0, 0, false
	if w.why != settle && w.why != update && w.why != resolve {
		return ""
	}
	for c, o := range w.mem.decided {
		if o == open {
			continue
		}
		switch {
		case s.final[c] != open && s.final[c] != o:
			violation = "change " + number(c) + " was decided twice, differently"
		case (o == applied) != (s.effects[c] > 0):
			violation = "the decision about change " + number(c) + " contradicts what happened to it"
		}
		s.final[c] = o
	}
	return violation
}

// written is what a worker does when it knows that its generation was written.
func (m model) written(s *state, i int) {
	w := &s.workers[i]
	why := w.why
	w.why, w.reply, w.used = none, untried, 0
	switch why {
	case renew:
		w.at, w.back = w.back, idle
		if m.breaks == countsFromAnswer {
			w.since = 0
		}
		return
	case acquire, commit:
		w.at, w.took = holding, false
		return
	case first:
		w.took = true
		m.complete(s, w)
		return
	case resolve:
		w.took, w.mine, w.at = true, w.mem.decision(), m.finishing()
		if m.breaks == clearEarly {
			w.mem.decided = [2]outcome{}
			s.write(i, dismiss)
		}
		return
	case park:
		*w = worker{}
	case settle, update:
		if m.breaks == recordsFirst {
			*w = worker{}
			return
		}
		w.at = saw
		if w.own {
			w.mine, w.at, w.took = w.mem.decision(), m.finishing(), false
			return
		}
	case apart, dismiss, none:
		w.at = saw
	}
	w.phase, w.since, w.own, w.took = planned, 0, false, false
}

func purposes() [11]string {
	return [11]string{
		none:    "go on",
		acquire: "acquire the lease", commit: "keep the lease with a new intent", park: "release the lease for now",
		apart: "free the lane for one change at a time", settle: "free the lane with a decision",
		update: "leave a decision in the free lane",
		first:  "acquire the lane before reading the queue", resolve: "keep the lease with a decision",
		dismiss: "free the lane without the decision", renew: "renew the lease",
	}
}
