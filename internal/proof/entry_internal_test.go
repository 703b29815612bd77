package proof

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// verified is when the changes of the tests were verified; they were sent 20 s before.
func verified() time.Time { return time.Date(2026, 11, 22, 8, 35, 20, 0, time.UTC) }

func sent() time.Time { return verified().Add(-20 * time.Second) }

// asked is a change that asks for a proof, for a server that listened, with people
// connected.
func asked(connected int) Asked {
	return Asked{
		Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, ID: "20261122-7f3akq2cd2", GatewayID: "vpn-a",
		Settings: change.Settings{change.Port: change.Number(1195), change.Proto: change.Text("UDP")},
		Before:   record.Look{At: sent(), Probe: probe.Listening, Connected: new(connected)},
		SentAt:   sent(), VerifiedAt: verified(), Undo: true,
	}
}

// seen is a look some seconds after the verification. Of the clients, some were
// connected before the change was sent.
func seen(after int, r probe.Result, old, fresh int) sight {
	s := sight{Look: record.Look{At: verified().Add(time.Duration(after) * time.Second), Probe: r, Connected: new(old + fresh)}}
	for range old {
		s.since = append(s.since, sent().Add(-time.Hour))
	}
	for range fresh {
		s.since = append(s.since, verified())
	}
	return s
}

func TestWhenAProofIsFinal(t *testing.T) {
	t.Parallel()
	uncounted := seen(3, probe.Listening, 0, 0)
	uncounted.Connected, uncounted.NotCounted = nil, record.CountDenied
	unchecked := sight{Look: record.Look{At: verified(), Probe: probe.NotChecked, Reason: probe.NotPublic, NotCounted: record.CountDenied}}
	unread := sight{Look: record.Look{At: verified(), Probe: probe.NotChecked, Reason: probe.NotReadable, NotCounted: record.CountFailed}}
	nobodyKnown := asked(0)
	nobodyKnown.Before.Connected = nil
	for _, tt := range []struct {
		name     string
		of       Asked
		looks    []sight
		final    bool
		returned int // -1: not known
	}{
		{"not looked at", asked(3), nil, false, -1},
		{"everybody has returned", asked(3), []sight{seen(1, probe.Listening, 0, 3)}, true, 3},
		{"more than before", asked(3), []sight{seen(1, probe.Listening, 0, 5)}, true, 3},
		{"somebody has not", asked(3), []sight{seen(1, probe.Listening, 0, 2)}, false, 2},
		{"connections of before are still listed", asked(3), []sight{seen(1, probe.Listening, 3, 0)}, false, 0},
		{"connections that went on", asked(3), []sight{seen(1, probe.Listening, 3, 0), seen(120, probe.Listening, 3, 0)}, true, 3},
		{"somebody never comes", asked(3), []sight{seen(120, probe.Listening, 0, 2)}, true, 2},
		{"nobody was there", asked(0), []sight{seen(1, probe.Listening, 0, 0)}, true, 0},
		{"silent", asked(0), []sight{seen(1, probe.Silent, 0, 0)}, false, 0},
		{"silent for long", asked(0), []sight{seen(121, probe.Silent, 0, 0)}, true, 0},
		{"refused", asked(0), []sight{seen(1, probe.Refused, 0, 0)}, false, 0},
		{"who is connected is no longer known", asked(3), []sight{uncounted}, false, -1},
		{"who was connected is not known", nobodyKnown, []sight{seen(1, probe.Listening, 0, 3)}, true, -1},
		{"nothing can be known", nobodyKnown, []sight{unchecked}, true, -1},
		{"nothing can be known, and nobody was there", asked(0), []sight{unchecked}, true, -1},
		{"nothing is known yet", nobodyKnown, []sight{unread}, false, -1},
	} {
		e := newEntry(tt.of)
		for _, s := range tt.looks {
			e.add(s, DefaultPolicy())
		}
		if got := e.final(DefaultPolicy()); got != tt.final {
			t.Errorf("%s: final is %t", tt.name, got)
		}
		if got := e.proof.Returned; (got == nil) != (tt.returned < 0) || got != nil && *got != tt.returned {
			t.Errorf("%s: returned is %v, want %d", tt.name, got, tt.returned)
		}
	}
}

func TestAProofFailsOnlyByRefusals(t *testing.T) {
	t.Parallel()
	refused := func(after ...int) (out []sight) {
		for _, s := range after {
			out = append(out, seen(s, probe.Refused, 0, 0))
		}
		return out
	}
	silentBefore, noUndo := asked(0), asked(0)
	silentBefore.Before.Probe, noUndo.Undo = probe.Silent, false
	for _, tt := range []struct {
		name  string
		of    Asked
		looks []sight
		want  bool
	}{
		{"four refusals over nine seconds", asked(0), refused(0, 3, 6, 9), true},
		{"three", asked(0), refused(0, 5, 10), false},
		{"too close together", asked(0), refused(0, 2, 4, 7), false},
		{"it was silent before", silentBefore, refused(0, 3, 6, 9), false},
		{"it need not be undone", noUndo, refused(0, 3, 6, 9), false},
		{"it listens between", asked(0), append(append(refused(0, 3, 6), seen(9, probe.Listening, 0, 0)), refused(12, 15)...), false},
		{"it listens at last", asked(0), append(refused(0, 3, 6, 9), seen(12, probe.Listening, 0, 0)), false},
		{"it is silent at last", asked(0), append(refused(0, 3, 6, 9), seen(12, probe.Silent, 0, 0)), false},
		{"it is silent between", asked(0), append(append(refused(0, 3), seen(6, probe.Silent, 0, 0)), refused(9, 12)...), true},
		{"silence alone", asked(0), []sight{seen(0, probe.Silent, 0, 0), seen(3, probe.Silent, 0, 0), seen(6, probe.Silent, 0, 0), seen(60, probe.Silent, 0, 0)}, false},
	} {
		e := newEntry(tt.of)
		for _, s := range tt.looks {
			e.add(s, DefaultPolicy())
		}
		if got := e.fails(DefaultPolicy()); got != tt.want {
			t.Errorf("%s: fails is %t", tt.name, got)
		}
		if e.proof.UndoAt = verified(); e.fails(DefaultPolicy()) {
			t.Errorf("%s: it fails again after the undo", tt.name)
		}
	}
}

func TestALaterChangeEndsAProof(t *testing.T) {
	t.Parallel()
	e := newEntry(asked(3))
	e.moved(verified())
	if !e.final(DefaultPolicy()) || e.proof.After.Probe != probe.NotChecked || e.proof.After.Reason != probe.ChangedAgain {
		t.Errorf("%+v", e.proof)
	}
	e = newEntry(asked(3))
	e.add(seen(1, probe.Refused, 0, 0), DefaultPolicy())
	e.moved(verified().Add(time.Minute))
	if !e.final(DefaultPolicy()) || e.proof.After.Probe != probe.Refused || e.proof.After.Reason != probe.ChangedAgain {
		t.Errorf("%+v", e.proof)
	}
}

func TestAChangeThatWasNotLookedAtBefore(t *testing.T) {
	t.Parallel()
	a := asked(0)
	a.Before = record.Look{}
	if e := newEntry(a); e.proof.Before.Probe != probe.NotChecked || e.proof.Before.Reason != probe.NoTime {
		t.Errorf("%+v", e.proof.Before)
	}
}
