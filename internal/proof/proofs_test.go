package proof_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/tunnel"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/proof"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

const id = "20261122-7f3akq2cd2"

// harness is an emulated account with one server that answers probes.
type harness struct {
	*cloudtest.Cloud

	t       *testing.T
	tunnels *tunnel.Tunnels
	server  change.Target
	undone  []string
	told    []record.Proof
	refuse  error // of Undo
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	w := &harness{Cloud: cloudtest.New(t), t: t}
	w.server = w.Server("vss-a")
	address := netip.AddrFrom4([4]byte{127, byte(1 + rand.N(250)), byte(rand.N(250)), byte(1 + rand.N(250))}).String()
	w.update(func(s *vpc.Server) { s.InternetIP, s.Port, s.Proto = address, 21194, "UDP" })
	if err := w.VPC.UpdateGateway("vpn-of-vss-a", func(g *vpc.Gateway) { g.InternetIP = address }); err != nil {
		t.Fatal(err)
	}
	w.tunnels = tunnel.New(w.VPC)
	t.Cleanup(func() { _ = w.tunnels.Close() })
	if err := w.tunnels.Sync(); err != nil {
		t.Skip("this system has one loopback address only: ", err)
	}
	return w
}

func (w *harness) update(f func(*vpc.Server)) {
	w.t.Helper()
	if err := w.VPC.UpdateServer("vss-a", f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *harness) mode(m tunnel.Mode) {
	w.t.Helper()
	if err := w.tunnels.Set("vss-a", m); err != nil {
		w.t.Fatal(err)
	}
}

// connect has people connected since a time.
func (w *harness) connect(n int, since time.Time) {
	w.t.Helper()
	c := vpc.Clients{ServerID: "vss-a"}
	for range n {
		c.Clients = append(c.Clients, vpc.Client{Certificate: "vsc-bp1n8wcf134yl0osrq4q1", ConnectedAt: since})
	}
	if err := w.VPC.SetClients(c); err != nil {
		w.t.Fatal(err)
	}
}

// Undo is the undoer.
func (w *harness) Undo(_ context.Context, t change.Target, changeID string) error {
	if w.refuse != nil {
		return w.refuse
	}
	w.undone = append(w.undone, t.String()+" "+changeID)
	return nil
}

// policy is that of production in milliseconds.
func policy() proof.Policy {
	p := proof.DefaultPolicy()
	p.Interval, p.Follow, p.Fresh, p.Bound, p.Refusing = 5*time.Millisecond, 300*time.Millisecond, 0, 10*time.Second, 15*time.Millisecond
	return p
}

// invocation are the proofs of one invocation.
func (w *harness) invocation(p proof.Policy) *proof.Proofs {
	return proof.New(w.t.Context(), proof.Deps{
		Bucket: w.Store, Records: record.NewRecords(w.Store), API: func(observe func(sslvpn.Call)) proof.API { return w.API(observe) }, Prober: probe.New(), Loopback: true, Undo: w,
		Tell: func(_ context.Context, _ change.Target, p record.Proof, replies []json.RawMessage) error {
			if len(replies) != 1 {
				w.t.Errorf("%d addresses", len(replies))
			}
			w.told = append(w.told, p)
			return nil
		},
		Now: w.Clock.Now, Log: cloudtest.Log(w.t),
	}, p)
}

func (w *harness) settings() change.Settings {
	s, _ := w.VPC.Server("vss-a")
	return change.Settings{change.Port: change.Number(s.Port), change.Proto: change.Text(s.Proto)}
}

func unobserved(sslvpn.Call) {}

func (w *harness) ref() sslvpn.GatewayRef {
	return sslvpn.GatewayRef{RegionID: w.server.RegionID, GatewayID: "vpn-of-vss-a"}
}

// asked is a change that was sent and verified just now.
func (w *harness) asked(before record.Look) proof.Asked {
	now := w.Clock.Now().UTC()
	return proof.Asked{
		Target: w.server, ID: id, GatewayID: w.ref().GatewayID, Settings: w.settings(), Before: before,
		SentAt: now.Add(-time.Second), VerifiedAt: now, Undo: true, Replies: []json.RawMessage{json.RawMessage(`{"secret":"reply-address"}`)},
	}
}

// ended is the proof of a change, which must be the only one left of it.
func (w *harness) ended() record.Proof {
	w.t.Helper()
	got, err := record.NewRecords(w.Store).ReadProof(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	if keys := w.Keys(w.t.Context(), "proofs/"); len(keys) != 0 {
		w.t.Errorf("still pending: %q", keys)
	}
	return got
}

// apply looks before, stores the pending proof, and looks after.
func (w *harness) apply(p *proof.Proofs, meanwhile func()) {
	w.t.Helper()
	before := p.Before(w.t.Context(), w.ref(), w.settings(), unobserved)
	meanwhile()
	if err := p.Add(w.t.Context(), w.asked(before)); err != nil {
		w.t.Fatal(err)
	}
	p.Recorded(id)
	if err := p.Wait(); err != nil {
		w.t.Fatal(err)
	}
}

func TestEverybodyReturns(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	w.connect(3, w.Clock.Now().Add(-time.Hour))
	w.apply(w.invocation(policy()), func() { w.connect(3, w.Clock.Now()) })
	got := w.ended()
	if got.Before.Probe != probe.Listening || *got.Before.Connected != 3 || got.After.Probe != probe.Listening || got.Looks != 1 || *got.Returned != 3 || !got.Fine() {
		t.Errorf("%+v", got)
	}
	if len(w.told)+len(w.undone) > 0 {
		t.Errorf("told %v, undone %v", w.told, w.undone)
	}
}

func TestTheSweepGoesOnUntilTheBound(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	w.connect(3, w.Clock.Now().Add(-time.Hour))
	w.apply(w.invocation(policy()), func() { w.connect(2, w.Clock.Now()) })
	if keys := w.Keys(t.Context(), "proofs/"); len(keys) != 1 {
		t.Fatalf("pending: %q", keys)
	}
	w.Clock.Advance(policy().Bound)
	sweep := w.invocation(policy())
	sweep.Sweep()
	if err := sweep.Wait(); err != nil {
		t.Fatal(err)
	}
	got := w.ended()
	if *got.Returned != 2 || got.Looks < 3 || got.Fine() {
		t.Errorf("%+v", got)
	}
	if len(w.told) != 1 || *w.told[0].Returned != 2 {
		t.Errorf("told %+v", w.told)
	}
}

func TestARefusedProofUndoesTheChange(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		before tunnel.Mode
		after  tunnel.Mode
		want   bool
	}{
		{"refused", tunnel.Answering, tunnel.Closed, true},
		{"refused before, too", tunnel.Closed, tunnel.Closed, false},
		{"silent", tunnel.Answering, tunnel.Mute, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newHarness(t)
			w.mode(tt.before)
			p := policy()
			p.After = 50 * time.Millisecond // a silent server takes a second otherwise
			w.apply(w.invocation(p), func() { w.mode(tt.after) })
			if (len(w.undone) == 1) != tt.want || len(w.undone) > 1 {
				t.Fatalf("undone: %q", w.undone)
			}
			if !tt.want {
				return
			}
			if got := w.ended(); got.UndoAt.IsZero() || got.After.Probe != probe.Refused || got.Looks < 4 || len(w.told) != 1 {
				t.Errorf("%+v, told %v", got, w.told)
			}
		})
	}
}

func TestAnUndoThatFailsIsRepeatedByTheSweep(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	w.refuse = errors.New("the store does not answer")
	w.apply(w.invocation(policy()), func() { w.mode(tunnel.Closed) })
	if len(w.undone) != 0 || len(w.Keys(t.Context(), "proofs/")) != 1 {
		t.Fatalf("undone: %q", w.undone)
	}
	w.refuse = nil
	sweep := w.invocation(policy())
	sweep.Sweep()
	if err := sweep.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := w.ended(); got.UndoAt.IsZero() || len(w.undone) != 1 {
		t.Errorf("%+v, undone %q", got, w.undone)
	}
}

func TestAServerThatWasMovedAgainProvesNothing(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	p := w.invocation(policy())
	if err := p.Add(t.Context(), w.asked(p.Before(t.Context(), w.ref(), w.settings(), unobserved))); err != nil {
		t.Fatal(err)
	}
	w.update(func(s *vpc.Server) { s.Port++ })
	if err := w.tunnels.Sync(); err != nil {
		t.Fatal(err)
	}
	p.Recorded(id)
	if err := p.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := w.ended(); got.After.Reason != probe.ChangedAgain || len(w.undone) != 0 {
		t.Errorf("%+v, undone %q", got, w.undone)
	}
}

func TestWhatCannotBeKnownIsSaid(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	w.update(func(s *vpc.Server) { s.DenyReads = true })
	p := w.invocation(policy())
	if got := p.Before(t.Context(), w.ref(), w.settings(), unobserved); got.Probe != probe.NotChecked || got.Reason != probe.NotReadable || got.NotCounted != record.CountDenied {
		t.Errorf("denied: %+v", got)
	}
	w.update(func(s *vpc.Server) { s.DenyReads = false })
	if err := w.VPC.UpdateGateway("vpn-of-vss-a", func(g *vpc.Gateway) { g.NotVisualized = true }); err != nil {
		t.Fatal(err)
	}
	if got := p.Before(t.Context(), w.ref(), w.settings(), unobserved); got.Probe != probe.Listening || got.NotCounted != record.CountUnsupported {
		t.Errorf("not visualized: %+v", got)
	}
}

// TestEachStepMayBeRepeated ends a proof again and again, as after a crash.
func TestEachStepMayBeRepeated(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	w.connect(1, w.Clock.Now().Add(-time.Hour))
	p := w.invocation(policy())
	a := w.asked(p.Before(t.Context(), w.ref(), w.settings(), unobserved))
	w.connect(0, time.Time{})
	w.Clock.Advance(policy().Bound)
	for range 3 {
		if err := p.Add(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if err := p.Add(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		p.Recorded(id)
		p.Recorded(id)
		if err := p.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.ended(); got.Looks != 1 || len(w.told) != 3 || w.told[2].After.At != got.After.At {
		t.Errorf("%+v, told %+v", got, w.told)
	}
}

func TestADamagedPendingProofIsReported(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	const damaged = `{"schema":"sslvpn-change/pending-proof/v1","replies":["reply-address"]}`
	if err := w.Store.Put(t.Context(), "proofs/cn-hangzhou/vss-a/"+id+".json", []byte(damaged)); err != nil {
		t.Fatal(err)
	}
	p := w.invocation(policy())
	p.Sweep()
	if err := p.Wait(); err == nil || strings.Contains(err.Error(), "reply-address") {
		t.Errorf("%v", err)
	}
}
