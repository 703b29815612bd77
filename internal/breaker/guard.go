package breaker

import (
	"context"
	"errors"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// API is what is guarded: the VPC API with its errors (*sslvpn.Error).
type API interface {
	DescribeServer(ctx context.Context, t change.Target) (sslvpn.Server, error)
	DescribeGateway(ctx context.Context, ref sslvpn.GatewayRef) (sslvpn.Gateway, error)
	ModifyServer(ctx context.Context, m sslvpn.Modification) (sslvpn.ModifyReply, error)
	Advisory
}

// Advisory are the calls that inform people, and that no change waits for.
type Advisory interface {
	DescribeClients(ctx context.Context, ref sslvpn.GatewayRef) (sslvpn.Connections, error)
	DescribeClientCerts(ctx context.Context, t change.Target) ([]sslvpn.Certificate, error)
	DescribeVPC(ctx context.Context, ref sslvpn.VPCRef) (sslvpn.VPC, error)
	DryRun(ctx context.Context, m sslvpn.Modification) error
}

var (
	_ API = (*sslvpn.Client)(nil)
	_ API = (*Guarded)(nil)
)

// Guarded is an API behind the breakers of its regions: one for reads and one for
// modifications. A call that is not made
// because the circuit is open fails with an *sslvpn.Error of sslvpn.ClassCircuitOpen whose
// RetryAfter says how long to wait; every other error is the API's own.
type Guarded struct {
	set   *Set
	api   API
	store Store
}

// Guard puts the API of one invocation behind the set's breakers; store is the
// store of the same invocation. It costs nothing to make.
func (s *Set) Guard(api API, store Store) *Guarded {
	return &Guarded{set: s, api: api, store: store}
}

// DescribeServer guards API.DescribeServer.
func (g *Guarded) DescribeServer(ctx context.Context, t change.Target) (sslvpn.Server, error) {
	var out sslvpn.Server
	err := g.do(ctx, t.RegionID, "DescribeSslVpnServers", func(ctx context.Context) (err error) {
		out, err = g.api.DescribeServer(ctx, t)
		return err
	})
	return out, err
}

// DescribeGateway guards API.DescribeGateway.
func (g *Guarded) DescribeGateway(ctx context.Context, ref sslvpn.GatewayRef) (sslvpn.Gateway, error) {
	var out sslvpn.Gateway
	err := g.do(ctx, ref.RegionID, "DescribeVpnGateway", func(ctx context.Context) (err error) {
		out, err = g.api.DescribeGateway(ctx, ref)
		return err
	})
	return out, err
}

// ModifyServer guards API.ModifyServer.
func (g *Guarded) ModifyServer(ctx context.Context, m sslvpn.Modification) (sslvpn.ModifyReply, error) {
	var out sslvpn.ModifyReply
	b := g.set.Modifications(m.RegionID)
	err := b.do(ctx, g.store, func(ctx context.Context) (err error) {
		out, err = g.api.ModifyServer(ctx, m)
		return err
	}, func(ctx context.Context, err error) error { return b.judgeServer(ctx, m.ServerID, err) })
	return out, refusal("ModifySslVpnServer", err)
}

// DescribeClients is made while the circuit of reads is closed, and never counts.
func (g *Guarded) DescribeClients(ctx context.Context, ref sslvpn.GatewayRef) (sslvpn.Connections, error) {
	if err := g.ask(ctx, ref.RegionID, "DescribeSslVpnClients"); err != nil {
		return sslvpn.Connections{}, err
	}
	return g.api.DescribeClients(ctx, ref)
}

// DescribeClientCerts is made while the circuit of reads is closed, and never counts.
func (g *Guarded) DescribeClientCerts(ctx context.Context, t change.Target) ([]sslvpn.Certificate, error) {
	if err := g.ask(ctx, t.RegionID, "DescribeSslVpnClientCerts"); err != nil {
		return nil, err
	}
	return g.api.DescribeClientCerts(ctx, t)
}

// DescribeVPC is made while the circuit of reads is closed, and never counts.
func (g *Guarded) DescribeVPC(ctx context.Context, ref sslvpn.VPCRef) (sslvpn.VPC, error) {
	if err := g.ask(ctx, ref.RegionID, "DescribeVpcAttribute"); err != nil {
		return sslvpn.VPC{}, err
	}
	return g.api.DescribeVPC(ctx, ref)
}

// DryRun is made while the circuit of reads is closed, and never counts.
func (g *Guarded) DryRun(ctx context.Context, m sslvpn.Modification) error {
	if err := g.ask(ctx, m.RegionID, "ModifySslVpnServer"); err != nil {
		return err
	}
	return g.api.DryRun(ctx, m)
}

// ask returns the error of a call that informs people and must not be made now. The
// failure of such a call says nothing about the calls that changes need, which may work
// nevertheless, so that it must not open the circuit.
func (g *Guarded) ask(ctx context.Context, region, action string) error {
	return refusal(action, g.set.Region(region).closed(ctx, g.store))
}

func (g *Guarded) do(ctx context.Context, region, action string, call func(context.Context) error) error {
	return refusal(action, g.set.Region(region).Do(ctx, g.store, call))
}

// refusal is the error of a call as one of the API.
func refusal(action string, err error) error {
	var open *OpenError
	var api *sslvpn.Error
	switch {
	case err == nil || errors.As(err, &api):
		return err
	case errors.As(err, &open):
		return &sslvpn.Error{
			Class: sslvpn.ClassCircuitOpen, Action: action, Message: open.Error(),
			RetryAfter: max(time.Until(open.Until), 0), Err: err,
		}
	default: // the caller's context ended before the call
		return &sslvpn.Error{Class: sslvpn.ClassUnavailable, Action: action, Message: err.Error(), Err: err}
	}
}
