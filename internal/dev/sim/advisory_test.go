package sim_test

import (
	"context"
	"net/netip"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// The calls of package sslvpn that inform people, and the count of connected clients,
// for which changes may wait: see idle_test.go.

func (c *caller) DescribeClients(ctx context.Context, ref sslvpn.GatewayRef) (sslvpn.Connections, error) {
	t := change.Target{RegionID: ref.RegionID, ServerID: strings.TrimPrefix(ref.GatewayID, "vpn-")}
	g, n := c.in.harness.api.gateways[t], 0
	err := c.advise(ctx, t, "DescribeSslVpnClients", func() {
		if g != nil {
			n = c.in.harness.connected(g)
		}
	})
	if err != nil {
		return sslvpn.Connections{}, err
	}
	if g != nil {
		g.countedBy(c.in, n)
	}
	return sslvpn.Connections{Known: true, Total: n}, nil
}

func (c *caller) DescribeClientCerts(ctx context.Context, t change.Target) ([]sslvpn.Certificate, error) {
	return nil, c.advise(ctx, t, "DescribeSslVpnClientCerts", func() {})
}

func (c *caller) DescribeVPC(ctx context.Context, ref sslvpn.VPCRef) (sslvpn.VPC, error) {
	if err := c.advise(ctx, change.Target{RegionID: ref.RegionID}, "DescribeVpcAttribute", func() {}); err != nil {
		return sslvpn.VPC{}, err
	}
	return sslvpn.VPC{ID: ref.VPCID, Networks: []netip.Prefix{netip.MustParsePrefix("172.31.0.0/16")}}, nil
}

func (c *caller) DryRun(ctx context.Context, m sslvpn.Modification) error {
	return c.advise(ctx, m.Target, "ModifySslVpnServer", func() {})
}

func (c *caller) advise(ctx context.Context, t change.Target, action string, do func()) error {
	o := &op{name: action + " " + t.ServerID, action: action, do: do}
	o.fail = func(f fate) error { return hinted(apiError(action, f, false), o.retry) }
	err := c.in.request(ctx, o)
	call := sslvpn.Call{At: c.in.now(), Action: action, HTTPStatus: 200}
	if e, ok := err.(*sslvpn.Error); ok { //nolint:errorlint // never wrapped here
		call.Code, call.Class, call.HTTPStatus = e.Code, e.Class, e.HTTPStatus
	}
	c.observe(call)
	return err
}
