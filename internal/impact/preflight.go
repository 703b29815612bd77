package impact

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// The rules of findings. A finding does not refuse a change.
const (
	RulePoolOverlapsVPC    = "pool-overlaps-vpc"
	RulePoolBelowConnected = "pool-below-connected"
	RuleSSLNotEnabled      = "ssl-not-enabled"
	RuleMFANotPossible     = "mfa-not-possible"
)

// preflight lists reasons for which the API will probably refuse a change. What
// package change refuses by itself is not repeated.
func preflight(in Input) []change.Problem {
	var out []change.Problem
	if g := in.Gateway; g != nil && !g.SSLEnabled {
		out = append(out, change.Problem{
			Path: "SslVpnServerId", Rule: RuleSSLNotEnabled, Message: "SSL-VPN is not enabled on the VPN gateway " + g.ID,
			Hint: "enable it on the gateway in the console first",
		})
	}
	for _, d := range in.Changed {
		switch d.Field {
		case change.ClientIPPool:
			out = append(out, pool(in)...)
		case change.EnableMultiFactorAuth:
			out = append(out, mfa(in)...)
		case change.Name, change.LocalSubnet, change.Proto, change.Port, change.Cipher, change.Compress,
			change.IDaaSInstanceID, change.IDaaSRegionID, change.IDaaSApplicationID:
		}
	}
	return out
}

// perConnection is the number of addresses of the pool that a connection needs.
const perConnection = 4

func pool(in Input) []change.Problem {
	network, err := netip.ParsePrefix(in.After[change.ClientIPPool].String())
	if err != nil || !network.Addr().Is4() {
		return nil
	}
	var out []change.Problem
	if in.VPC != nil {
		for _, n := range in.VPC.Networks {
			if n.Overlaps(network) {
				out = append(out, change.Problem{
					Path: string(change.ClientIPPool), Rule: RulePoolOverlapsVPC,
					Message: "ClientIpPool " + network.String() + " and the network " + n.String() + " of the VPC " + in.VPC.ID + " overlap",
					Hint:    "choose a pool that does not overlap the VPC",
				})
			}
		}
	}
	if need := connections(in); uint64(need)*perConnection > uint64(1)<<(32-network.Bits()) {
		out = append(out, change.Problem{
			Path: string(change.ClientIPPool), Rule: RulePoolBelowConnected,
			Message: "ClientIpPool " + network.String() + " has fewer than 4 addresses for each connection of the gateway",
			Hint:    "choose a larger pool",
		})
	}
	return out
}

// connections is how many connections a pool must have room for, beside those that
// package change checks: the limit that the gateway reports, if the server reports
// none, and whoever is connected.
func connections(in Input) int {
	if in.Gateway == nil || in.MaxConnections > 0 {
		return in.Connected
	}
	return cmp.Or(in.Gateway.SSLMaxConnections, in.Connected)
}

// mfaSince is when gateways began to be able to use multi-factor authentication (page
// "Two-factor authentication").
func mfaSince() time.Time { return time.Date(2020, 3, 5, 0, 0, 0, 0, time.UTC) }

func mfa(in Input) []change.Problem {
	on, _ := in.After[change.EnableMultiFactorAuth].Flag()
	g := in.Gateway
	if !on || g == nil || g.CreatedAt.IsZero() || !g.CreatedAt.Before(mfaSince()) {
		return nil
	}
	return []change.Problem{{
		Path: string(change.EnableMultiFactorAuth), Rule: RuleMFANotPossible,
		Message: "the VPN gateway " + g.ID + " was created before 2020-03-05 and cannot use multi-factor authentication",
		Hint:    "use a gateway that was created later",
	}}
}
