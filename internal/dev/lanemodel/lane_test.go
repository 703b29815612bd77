package lanemodel_test

import "testing"

// check explores a model that must hold.
func check(t *testing.T, m model) {
	t.Helper()
	r := m.explore()
	t.Logf("%d states, %d steps, complete: %v", r.states, r.steps, !r.cut)
	switch {
	case r.cut && testing.Short() && r.found == nil:
	case r.cut:
		t.Errorf("more than %d states: the search is not exhaustive", limit())
	case r.found != nil:
		t.Error(r.found)
	case r.stuck != nil:
		t.Error(r.stuck)
	case r.states < 10_000:
		t.Errorf("only %d states, expected at least 10,000", r.states)
	}
}

func TestLaneHolds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		model model
	}{
		{"one change, three workers, a stale listing, a redelivery", model{Refusals: true, Stale: true, Redeliver: true}},
		{"two changes, three workers", model{Second: true, ShortTTL: true}},
		{"two changes, two workers, refusals, a redelivery", model{Workers: 2, Second: true, Refusals: true, Redeliver: true, ShortTTL: true}},
		{"two changes, two workers, refusals, a stale listing", model{Workers: 2, Second: true, Refusals: true, Stale: true}},
		{"collection, three workers", model{Collect: true, ShortTTL: true}},
		{"collection, two workers, refusals, a stale or empty listing", model{Workers: 2, Refusals: true, Collect: true, Stale: true, ShortTTL: true}},
		{"calls that arrive late, three workers", model{LateCalls: true, Stale: true}},
		{"two changes, two workers, a stale listing of the queue", model{Workers: 2, HideQueue: true, Second: true, ShortTTL: true}},
		{"long lines, one change, three workers, a stale listing, a redelivery", model{Long: true, Stale: true, Redeliver: true, ShortTTL: true}},
		{"long lines, one change, two workers, refusals, a stale listing, a redelivery", model{Long: true, Workers: 2, Refusals: true, Stale: true, Redeliver: true}},
		{"long queues, two changes, two workers, a stale listing of the queue", model{Long: true, Workers: 2, HideQueue: true, Second: true, ShortTTL: true}},
		{"long queues, two changes, two workers, refusals, a redelivery", model{Long: true, Workers: 2, Second: true, Refusals: true, Redeliver: true, ShortTTL: true}},
		{"long lines, collection, two workers, a stale or empty listing", model{Long: true, Workers: 2, Collect: true, Stale: true, ShortTTL: true}},
		{"renewals, one change, three workers, refusals, a stale listing", model{Renews: true, Refusals: true, Stale: true}},
		{"renewals, calls that arrive late, three workers", model{Renews: true, LateCalls: true, ShortTTL: true}},
		{"renewals, two changes, two workers, refusals, a redelivery", model{Renews: true, Workers: 2, Second: true, Refusals: true, Redeliver: true, ShortTTL: true}},
		{"renewals, collection, two workers, a stale or empty listing", model{Renews: true, Workers: 2, Collect: true, Stale: true, ShortTTL: true}},
		{"renewals, long queues, two changes, two workers, a stale listing of the queue", model{Renews: true, Long: true, Workers: 2, HideQueue: true, Second: true, ShortTTL: true}},
		{"renewals, long lines, one change, three workers, a redelivery", model{Renews: true, Long: true, Redeliver: true, ShortTTL: true}},
		{"leases with and without renewals, one change, three workers, a stale listing", model{Renews: true, Mixed: true, Stale: true}},
		{"leases with and without renewals, two changes, two workers, long queues", model{Renews: true, Mixed: true, Long: true, Second: true, Workers: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check(t, tt.model)
		})
	}
}

// breaks explores a model that must not hold, and expects the violation.
func breaks(t *testing.T, m model, want string) {
	t.Helper()
	r := m.explore()
	found := r.found
	if found == nil {
		found = r.stuck
	}
	switch {
	case found == nil && r.cut && testing.Short():
		t.Skip("more states than a short search visits")
	case found == nil:
		t.Fatalf("nothing found in %d states, want: %s", r.states, want)
	}
	t.Logf("%d states; %v", r.states, found)
	if found.violation != want {
		t.Errorf("found %q, want %q", found.violation, want)
	}
	if len(found.trace) == 0 || r.cut {
		t.Errorf("the trace has %d steps, cut %v", len(found.trace), r.cut)
	}
}

func TestEachMistakeIsFound(t *testing.T) {
	t.Parallel()
	const (
		twice    = "a generation was written twice"
		unheld   = "a worker sends without the lease"
		decision = "the decision about change 1 contradicts what happened to it"
	)
	tests := []struct {
		name string
		make mutation
		want string
	}{
		{"collection by count", collectByCount, twice},
		{"collection before a stalled worker ends", collectYoung, twice},
		{"collection of the first generation", collectFirst, twice},
		{"a lock object that is deleted instead of a chain", plainLock, unheld},
		{"a conflict after a lost answer counted as success", conflictIsOwn, "change 1 was applied twice"},
		{"a conflict after a lost answer counted as a loss", conflictIsOthers, "a worker counts its own write as another's"},
		{"expiry by the worker's clock and an unfenced release", releaseOverwrites, unheld},
		{"records before the decision", recordsFirst, "the record of change 1 contradicts what happened to it"},
		{"a new token after an unknown outcome", rotateUnknown, "change 1 was applied twice"},
		{"sending without a check of the lease's time", noLiveCheck, unheld},
		{"takeover before expiry", earlyTakeover, unheld},
		{"a lane left without its unsettled intent", forgetUnsettled, decision},
		{"entries deleted before their records", removeFirst, "not every change can end"},
		{"a lane acquired without an intent", noIntent, decision},
		{"a decision completed by listing", completeByListing, "change 2 was applied twice"},
		{"a long queue's lane acquired without the last decision", takeForgets, "change 1 was decided twice, differently"},
		{"a decision dropped before its records are written", clearEarly, "change 1 was decided twice, differently"},
		{"a renewed lease that is counted from the answer", countsFromAnswer, unheld},
		{"a renewal that is believed although its outcome is unknown", believesUnknown, unheld},
		{"a renewal of an expired lease that is believed whoever took over", renewsInPlace, unheld},
		{"a renewal without the decision whose records are being written", renewForgets, "change 1 was decided twice, differently"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := model{Stale: true, breaks: tt.make}
			m.Collect = tt.make == collectByCount || tt.make == collectYoung || tt.make == collectFirst
			m.Refusals = tt.make == recordsFirst
			m.Long = tt.make == takeForgets || tt.make == clearEarly || tt.make == renewForgets
			m.Renews = tt.make >= countsFromAnswer
			if tt.make == completeByListing {
				m = model{Workers: 2, Second: true, HideQueue: true, ShortTTL: true, breaks: tt.make}
			}
			breaks(t, m, tt.want)
		})
	}
}

// With renewals, too, a worker looks at its lease before it sends.
func TestAMissingLiveCheckIsFoundWithRenewals(t *testing.T) {
	t.Parallel()
	breaks(t, model{Stale: true, Renews: true, breaks: noLiveCheck}, "a worker sends without the lease")
}

// The two limits that the package's comment names are violations that the search
// finds.
func TestKnownLimits(t *testing.T) {
	t.Parallel()
	const contradicts = "the decision about change 1 contradicts what happened to it"
	tests := []struct {
		name  string
		model model
		want  string
	}{
		{"a token is refused that was accepted before", model{Refusals: true, RefusesTaken: true}, contradicts},
		{"a call arrives after its repetition was refused", model{Refusals: true, LateCalls: true}, contradicts},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			breaks(t, tt.model, tt.want)
		})
	}
}
