package lanemodel_test

// readQueue is a worker that reads the queue, and begins to complete the
// last decision if there is one.
func (m model) readQueue(s state, i int, out emit) {
	for _, hidden := range []changes{0, 1, 2} {
		if hidden != 0 && (!m.HideQueue || s.queue&hidden == 0) {
			continue
		}
		next := s
		w := &next.workers[i]
		w.queue = s.queue &^ hidden
		a := action{i, "reads the queue", false}
		if hidden != 0 {
			a = action{i, "reads the queue from a stale listing, without change " + number(int(hidden-1)), true}
		}
		if m.Long && w.queue != 0 && w.mem.batch == 0 {
			m.lease(next, i, first, action{i, a.what + ", which is long", a.fault}, "", out)
		}
		m.complete(&next, w)
		out(a, next, "")
	}
}

// complete begins to complete the last decision, if there is one, or else lets a
// worker go on that has listed the queue.
func (m model) complete(s *state, w *worker) {
	w.at = listed
	if dec := w.mem.decision(); dec != 0 {
		w.mine = dec & s.queue // read by key
		if m.breaks == completeByListing {
			w.mine = dec & w.queue
		}
		w.queue &^= dec
		w.at = m.finishing()
	}
}

// finishing is where the work that a decision leaves begins.
func (m model) finishing() where {
	if m.breaks == removeFirst {
		return removing
	}
	return recording
}

// record writes one record, or finds that all are there.
func (m model) record(s state, i int, out emit) {
	m.renewal(s, i, out)
	next := s
	w := &next.workers[i]
	for c, r := range s.records {
		if !w.mine.has(c) || r != open {
			continue // a record that is there stands
		}
		next.records[c] = w.mem.decided[c]
		violation := ""
		switch {
		case (next.records[c] == applied) != (s.effects[c] > 0):
			violation = "the record of change " + number(c) + " contradicts what happened to it"
		case m.breaks != recordsFirst && next.final[c] != next.records[c]:
			violation = "the record of change " + number(c) + " is not what the chain decided"
		}
		out(action{i, "writes the record of change " + number(c), false}, next, violation)
		return
	}
	w.at = removing
	if m.breaks == removeFirst {
		m.completed(&next, i)
	}
	if m.breaks == recordsFirst && w.why == settle {
		w.at = creating
	}
	out(action{i, "has written the records", false}, next, "")
}

// remove deletes entries.
func (m model) remove(s state, i int, out emit) {
	m.renewal(s, i, out)
	next := s
	w := &next.workers[i]
	next.queue &^= w.mine
	violation := ""
	for c, r := range next.records {
		if w.mine.has(c) && r == open && m.breaks != removeFirst {
			violation = "change " + number(c) + " left the queue without a record"
		}
	}
	if w.at = recording; m.breaks != removeFirst {
		m.completed(&next, i)
	}
	out(action{i, "deletes entries", false}, next, violation)
}

// completed is a worker that has completed a decision: if it is its own, it goes
// on with another round, having released the lease if it kept it.
func (m model) completed(s *state, i int) {
	w := &s.workers[i]
	w.mine = 0
	if w.own && !w.took {
		w.own = false
		w.at = saw
		return
	}
	w.mem.decided = [2]outcome{}
	if w.at = listed; w.own {
		s.write(i, dismiss)
	}
}

// draft drops what has ended, and plans the rest on a look at the server.
func (m model) draft(s state, i int, out emit) {
	m.renewal(s, i, out)
	next := s
	w := &next.workers[i]
	if w.mem.batch != 0 { // resume
		w.phase = unsettled
		if w.mem.accepted {
			w.phase = accepted
		}
		m.lease(next, i, acquire, action{i, "takes up the intent it found", false}, "", out)
		return
	}
	next.dropEnded(w)
	switch todo := next.plan(w); {
	case todo == 0 && w.took:
		next.write(i, park)
		out(action{i, "finds nothing to do in the lane it acquired", false}, next, "")
	case todo == 0:
		next.workers[i] = worker{}
		out(action{i, "finds nothing to do", false}, next, "")
	case s.shows == todo.value():
		for c := range w.mem.decided {
			if todo.has(c) {
				w.mem.decided[c] = unchanged
			}
		}
		w.own = true
		why := update
		if w.took {
			why = settle
		}
		next.write(i, why)
		out(action{i, "sees that nothing need be sent", false}, next, "")
	default:
		w.mem.batch, w.mem.token, w.own = todo, next.newToken(), true
		w.phase = planned
		why := acquire
		if w.took {
			why = commit
		}
		m.lease(next, i, why, action{i, "plans to send " + todo.String(), false}, "", out)
	}
}

// dropEnded deletes entries from a worker's queue, and from the real one, that
// have a record.
func (s *state) dropEnded(w *worker) {
	for c, r := range s.records {
		if w.queue.has(c) && r != open {
			w.queue &^= 1 << c
			s.queue &^= 1 << c
		}
	}
}

// plan is what one modification may carry of a worker's queue.
func (s *state) plan(w *worker) changes {
	if w.queue&w.mem.apart != 0 {
		return w.queue.first()
	}
	w.mem.apart = 0
	return w.queue
}

func (c changes) String() string {
	return [4]string{"nothing", "change 1", "change 2", "changes 1 and 2"}[c&3]
}
