package sim_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/proof"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// prover has servers that are probed, in some of the runs with changes that are to be
// confirmed. Its random numbers are its own, so that the other runs stay the same.
type prover struct {
	h      *harness
	on     bool
	walled int // servers before this one are behind a firewall that permits their first port only
	proofs map[string]record.Proof
}

func newProver(h *harness) *prover {
	rng := rand.New(rand.NewPCG(h.cfg.seed, 12))
	p := &prover{h: h, proofs: map[string]record.Proof{}}
	p.on = h.confirms.on && rng.IntN(2) == 0 && !h.cfg.damages
	p.walled = rng.IntN(3)
	return p
}

// prober probes for an instance; nil where nothing is probed.
//
//nolint:ireturn // nil stands for none
func (p *prover) prober() proof.Prober {
	if !p.on {
		return nil
	}
	return p
}

// words adds that the undo of a change is early if its proof fails.
func (p *prover) words(span string) string {
	if p.on && span != "" && len(span)%2 == 0 {
		return span + " proof"
	}
	return span
}

// addressOf is the public address of a server's gateway.
func (a *api) addressOf(t change.Target) netip.Addr {
	for i, g := range a.order {
		if g.target == t {
			return netip.AddrFrom4([4]byte{47, 94, 1, byte(1 + i)})
		}
	}
	return netip.Addr{}
}

// Probe answers as the server would. Packets are lost: which ones depends on the seed
// and the time only.
func (p *prover) Probe(_ context.Context, t probe.Target, _ probe.Rule) probe.Outcome {
	for i, g := range p.h.api.order {
		if p.h.api.addressOf(g.target).String() != t.Address {
			continue
		}
		port, _ := g.settings[change.Port].Number()
		lost := fnv.New32a()
		fmt.Fprint(lost, p.h.cfg.seed, i, time.Since(p.h.start))
		switch {
		case lost.Sum32()%5 == 0:
			return probe.Outcome{Result: probe.Silent, Reason: probe.NoAnswer}
		case t.Port != port || i < p.walled && port != firstPort:
			return probe.Outcome{Result: probe.Refused}
		}
		return probe.Outcome{Result: probe.Listening}
	}
	return probe.Outcome{Result: probe.NotChecked, Reason: probe.NoAddress}
}

// firstPort is the port of every server when a run begins.
const firstPort = 1194

// written observes a proof.
func (p *prover) written(data []byte) {
	got := decode[record.Proof](data)
	if _, again := p.proofs[got.ID]; again {
		p.h.violated("the proof of %s is written a second time", got.ID)
	}
	p.proofs[got.ID] = got
	p.h.reachIf(got.After.Probe == probe.Refused, "a server refuses probes")
	if !got.UndoAt.IsZero() {
		p.h.reach("a failed proof has a change undone")
		if got.Before.Probe != probe.Listening || got.After.Probe != probe.Refused || got.Looks < 4 {
			p.h.violated("%s is undone by the proof %+v", got.ID, got)
		}
	}
}

// pending reports whether a proof is still to be written.
func (p *prover) pending() bool {
	for _, k := range p.h.store.keys {
		if strings.HasPrefix(k, objects.Proofs) {
			return true
		}
	}
	return false
}

// check checks that every change that asked for a proof has one.
func (p *prover) check() {
	if !p.on {
		return
	}
	if p.pending() {
		p.h.violated("a proof is still pending")
	}
	for id := range p.proofs { // a proof may come before its record if a worker died between them
		if _, ended := p.h.seen.records[id]; !ended {
			p.h.violated("%s has a proof, and no record", id)
		}
	}
	for id, rec := range p.h.seen.records {
		if _, ok := p.proofs[id]; rec.ProofWanted != ok {
			p.h.violated("%s asks for a proof: %t; has one: %t", id, rec.ProofWanted, ok)
		}
	}
}
