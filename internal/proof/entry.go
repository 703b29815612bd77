package proof

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// place is where a server listens.
type place struct {
	port int
	tcp  bool
}

func placeOf(s change.Settings) place {
	port, _ := s[change.Port].Number()
	proto, _ := s[change.Proto].Text()
	return place{port: port, tcp: strings.EqualFold(proto, "TCP")}
}

// entry is a pending proof. It contains addresses, so that nothing of it may be
// logged but the id. See stored.go for the form in which it is stored.
type entry struct {
	target    change.Target
	id        string
	gatewayID string
	place     place
	undo      bool
	replies   []json.RawMessage

	proof        record.Proof // so far
	sentAt       time.Time
	refused      int // refused probes in a row; silence is not counted
	refusedSince time.Time
}

func newEntry(a Asked) entry {
	before := a.Before
	if before.Probe == "" {
		before = record.Look{At: a.SentAt, Probe: probe.NotChecked, Reason: probe.NoTime, NotCounted: record.CountNoTime}
	}
	return entry{
		target: a.Target, id: a.ID, gatewayID: a.GatewayID, place: placeOf(a.Settings), undo: a.Undo, replies: slices.Clone(a.Replies), sentAt: a.SentAt,
		proof: record.Proof{ID: a.ID, Before: before, VerifiedAt: a.VerifiedAt},
	}
}

func (e *entry) key() string { return objects.PendingProofKey(e.target, e.id) }

// add adds a look after the change.
func (e *entry) add(s sight, p Policy) {
	e.proof.Looks++
	e.proof.After = s.Look
	switch s.Probe {
	case probe.Refused:
		if e.refused++; e.refused == 1 {
			e.refusedSince = s.At
		}
	case probe.Listening:
		e.refused = 0
	case probe.Silent, probe.NotChecked:
	}
	if e.proof.Before.Connected == nil || s.Connected == nil {
		return
	}
	// Right after a change the API may still list connections that have ended. Until
	// the bound, only those count that began after it. Some changes end no connection.
	back := s.begun(e.sentAt)
	if s.At.Sub(e.proof.VerifiedAt) >= p.Bound {
		back = *s.Connected
	}
	e.proof.Returned = new(min(back, *e.proof.Before.Connected))
}

// moved ends a proof whose server has another port or protocol by now: a later change
// moved it.
func (e *entry) moved(at time.Time) {
	if e.proof.Looks == 0 {
		e.proof.After = record.Look{At: at, Probe: probe.NotChecked, Reason: probe.ChangedAgain, NotCounted: record.CountNoTime}
	}
	e.proof.After.Reason = probe.ChangedAgain
}

// fails reports whether a change is to be undone: the server answered the probe
// before the change, and has refused enough probes after it.
func (e *entry) fails(p Policy) bool {
	return e.undo && e.proof.UndoAt.IsZero() && e.proof.Before.Probe == probe.Listening &&
		e.proof.After.Probe == probe.Refused && e.refused >= p.Refusals && e.proof.After.At.Sub(e.refusedSince) >= p.Refusing
}

// final reports whether a proof needs no further look.
func (e *entry) final(p Policy) bool {
	if e.proof.Looks == 0 {
		return e.proof.After.Probe != ""
	}
	after, before := e.proof.After, e.proof.Before
	switch {
	case !e.proof.UndoAt.IsZero(), after.Reason == probe.ChangedAgain, e.proof.Fine():
		return true
	case after.At.Sub(e.proof.VerifiedAt) >= p.Bound:
		return true
	default:
		return after.Probe == probe.NotChecked && after.Reason != probe.Busy && after.Reason != probe.NoTime && after.Reason != probe.NotReadable &&
			(before.Connected == nil || *before.Connected == 0)
	}
}

// pressing reports whether further looks may have the change undone.
func (e *entry) pressing() bool { return e.undo && e.refused > 0 }
