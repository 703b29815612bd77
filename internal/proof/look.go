package proof

import (
	"context"
	"errors"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/fanout"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// sight is a look, with what is not stored of it.
type sight struct {
	record.Look

	since []time.Time // when connections began; zero where that is not known
}

// begun counts the connections that began after a moment, or may have.
func (s sight) begun(after time.Time) int {
	n := *s.Connected - len(s.since) // those that the API counts and does not list
	for _, t := range s.since {
		if t.IsZero() || !t.Before(after.Add(-clockError)) {
			n++
		}
	}
	return n
}

// clockError is how far the clocks of the function and of the gateway may differ.
const clockError = 2 * time.Second

// gateway reads the gateway of a server. If it cannot be read, the look says so.
func (p *Proofs) gateway(ctx context.Context, api API, ref sslvpn.GatewayRef) (sslvpn.Gateway, record.Look) {
	g, err := api.DescribeGateway(ctx, ref)
	if err == nil {
		return g, record.Look{}
	}
	l := record.Look{At: p.Now().UTC(), Probe: probe.NotChecked, Reason: probe.NotReadable, NotCounted: notCounted(ctx, err)}
	if l.NotCounted == record.CountNoTime {
		l.Reason = probe.NoTime
	}
	return g, l
}

// look probes a server, and counts its clients at the same time.
func (p *Proofs) look(ctx context.Context, api API, g sslvpn.Gateway, at place) sight {
	var out sight
	out.At = p.Now().UTC()
	_ = fanout.Each(ctx, 2, 2, func(ctx context.Context, i int) error { // neither fails
		if i == 0 {
			out.Probe, out.Reason = p.probe(ctx, g, at)
			return nil
		}
		out.Connected, out.since, out.NotCounted = count(ctx, api, g)
		return nil
	})
	if out.Probe == "" { // there was no time to begin
		out.Probe, out.Reason = probe.NotChecked, probe.NoTime
	}
	if out.Connected == nil && out.NotCounted == "" {
		out.NotCounted = record.CountNoTime
	}
	return out
}

func (p *Proofs) probe(ctx context.Context, g sslvpn.Gateway, at place) (probe.Result, probe.Reason) {
	to := probe.Target{Port: at.port, TCP: at.tcp}
	if g.PublicIP.IsValid() {
		to.Address = g.PublicIP.String()
	}
	out := p.Prober.Probe(ctx, to, probe.Rule{Loopback: p.Loopback, Private: g.Private && p.VPC != "" && g.VPCID == p.VPC})
	return out.Result, out.Reason
}

// count counts the clients of a gateway.
func count(ctx context.Context, api API, g sslvpn.Gateway) (connected *int, since []time.Time, why record.NotCounted) {
	if !g.Visualized {
		return nil, nil, record.CountUnsupported
	}
	c, err := api.DescribeClients(ctx, sslvpn.GatewayRef{RegionID: g.RegionID, GatewayID: g.ID})
	if err != nil {
		return nil, nil, notCounted(ctx, err)
	}
	for _, one := range c.Clients {
		since = append(since, one.Since)
	}
	return new(max(c.Total, len(since))), since, ""
}

// notCounted is the reason of a failed read.
func notCounted(ctx context.Context, err error) record.NotCounted {
	if e, ok := errors.AsType[*sslvpn.Error](err); ok && e.Class == sslvpn.ClassDenied {
		return record.CountDenied
	}
	if ctx.Err() != nil {
		return record.CountNoTime
	}
	return record.CountFailed
}

// here reports whether a server still has the place of a pending proof. If it cannot
// be read, it has.
func (p *Proofs) here(ctx context.Context, t change.Target, at place) bool {
	s, err := p.api.DescribeServer(ctx, t)
	return err != nil || placeOf(s.Settings) == at
}
