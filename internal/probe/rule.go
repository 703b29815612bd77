package probe

import (
	"net/netip"

	"github.com/sslvpn-change/sslvpn-change/internal/endpoint"
)

// Rule says which addresses may be probed beside public ones. The zero value
// permits no others.
type Rule struct {
	// Private permits private addresses. It is for the gateway of the VPC that the
	// function is in.
	Private bool
	// Loopback permits loopback addresses, and nothing else: it is for the local cloud.
	Loopback bool
}

// permits reports whether an address may be probed.
func (r Rule) permits(a netip.Addr) bool {
	switch {
	case !a.IsValid() || a.Zone() != "" || a.Is4In6():
		return false
	case r.Loopback:
		return a.IsLoopback()
	case a.IsPrivate():
		return r.Private
	default:
		return endpoint.Public(a)
	}
}
