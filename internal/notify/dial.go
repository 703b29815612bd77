package notify

import (
	"errors"
	"net/netip"
	"syscall"

	"github.com/sslvpn-change/sslvpn-change/internal/endpoint"
)

// errGuarded is the failure of a connection that the guard refuses.
var errGuarded = errors.New("the hostname has an address that must not be connected to")

// guard refuses connections by their address. It runs after the name was
// resolved, with the address that is connected to, so that a name server cannot
// pass the check with one answer and redirect the connection with another.
func guard(fits func(netip.AddrPort) bool) func(network, address string, c syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !fits(to) {
			return errGuarded
		}
		return nil
	}
}

// public reports whether an address is public, and its port is that of https.
func public(to netip.AddrPort) bool { return to.Port() == 443 && endpoint.Public(to.Addr()) }

// loopback reports whether an address is this machine's own.
func loopback(to netip.AddrPort) bool { return to.Addr().IsLoopback() && !to.Addr().Is4In6() }
