package lanemodel_test

// hold is a worker that has the lease, or believes so.
func (m model) hold(s state, i int, out emit) {
	w := &s.workers[i]
	m.renewal(s, i, out)
	if w.phase == accepted {
		m.verify(s, i, out)
		m.leave(s, i, out)
		return
	}
	if w.phase == planned {
		m.redraft(s, i, out)
	}
	if w.phase == unsettled {
		next := s
		next.workers[i].phase = unseen
		what := "does not see the modification"
		if s.shows == w.mem.batch.value() {
			next.workers[i].phase, what = accepted, "sees that the modification was accepted"
		}
		out(action{i, what, false}, next, "")
	} else if w.since < m.ttl() || m.breaks == noLiveCheck {
		m.send(s, i, out)
	}
	m.leave(s, i, out)
}

// leave frees the lane and leaves the rest to a later look.
func (m model) leave(s state, i int, out emit) {
	next := s
	w := &next.workers[i]
	switch w.phase {
	case planned:
		w.mem.batch, w.mem.token = 0, 0
	case unsettled, unseen:
		if m.breaks == forgetUnsettled {
			w.mem.batch, w.mem.token = 0, 0
		}
		w.mem.accepted = false
	case accepted:
		w.mem.accepted = true
	}
	next.write(i, park)
	out(action{i, "has no time to go on", false}, next, "")
}

// redraft plans again under the lease, after a wait.
func (m model) redraft(s state, i int, out emit) {
	next := s
	w := &next.workers[i]
	w.queue = s.queue
	next.dropEnded(w)
	todo := next.plan(w)
	if todo == w.mem.batch || todo == 0 {
		return
	}
	w.mem.batch, w.mem.token, w.own = todo, next.newToken(), true
	m.lease(next, i, commit, action{i, "plans afresh, to send " + todo.String(), false}, "", out)
}

// send sends the intent's modification, and sorts what comes back.
func (m model) send(s state, i int, out emit) {
	w := &s.workers[i]
	violation := ""
	if !s.held || w.lag > 0 || s.age >= m.ttl() {
		violation = "a worker sends without the lease"
	}
	batch, token := w.mem.batch, w.mem.token
	sends := "sends " + batch.String()
	answer := func(said string, fault bool, base state, phase phase) {
		base.workers[i].phase = phase
		out(action{i, sends + "; " + said, fault}, base, violation)
	}
	m.unknown(s, i, sends+"; the request is lost", violation, out)
	if m.LateCalls && s.late == 0 {
		next := s
		next.late, next.lateFor = token, batch
		m.unknown(next, i, sends+"; no answer, and the request is still under way", violation, out)
	}
	taken := s.taken>>token&1 == 1
	if taken {
		answer("the API says that it accepted it", false, s, accepted)
	}
	if !taken && s.pending == 0 {
		next := s
		if v := m.take(&next, token, batch); v != "" && violation == "" {
			violation = v
		}
		answer("the API takes it", false, next, accepted)
		m.unknown(next, i, sends+"; the API takes it, and the answer is lost", violation, out)
	}
	if next := s; w.phase == planned {
		next.workers[i].mem.token = next.newToken()
		m.lease(next, i, commit, action{i, sends + "; the gateway is busy", true}, violation, out)
	}
	if m.Refusals && (!taken || m.RefusesTaken) {
		m.refused(s, i, sends+"; the API refuses it", violation, out)
	}
}

// unknown is a send without an answer.
func (m model) unknown(s state, i int, what, violation string, out emit) {
	w := &s.workers[i]
	w.phase = unsettled
	if m.breaks == rotateUnknown {
		w.mem.token = s.newToken()
		m.lease(s, i, commit, action{i, what, true}, violation, out)
		return
	}
	out(action{i, what, true}, s, violation)
}

// refused is a send that the API has refused for good.
func (m model) refused(s state, i int, what, violation string, out emit) {
	w := &s.workers[i]
	if w.mem.batch == 3 {
		w.mem.batch, w.mem.token, w.mem.apart = 0, 0, 3
		s.write(i, apart)
		out(action{i, what, true}, s, violation)
		return
	}
	m.decide(s, i, failed, action{i, what, true}, violation, out)
}

// verify reads an accepted modification back.
func (m model) verify(s state, i int, out emit) {
	if s.shows != s.workers[i].mem.batch.value() {
		return // the gateway is at work
	}
	m.decide(s, i, applied, action{i, "reads the modification back", false}, "", out)
}

// decide writes down how the changes of an intent ended, and releases the lease
// or, of a long batch whose entries it has, keeps it.
func (m model) decide(s state, i int, o outcome, a action, violation string, out emit) {
	w := &s.workers[i]
	for c := range w.mem.decided {
		if w.mem.batch.has(c) {
			w.mem.decided[c] = o
		}
	}
	w.mem.batch, w.mem.token, w.mem.accepted = 0, 0, false
	if m.Long && w.own {
		m.lease(s, i, resolve, action{i, a.what + ", of a long batch", a.fault}, violation, out)
	}
	s.write(i, settle)
	if m.breaks == recordsFirst {
		w.mine, w.at = w.mem.decision(), recording
	}
	out(a, s, violation)
}
