package endpoint_test

import (
	"net/netip"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/endpoint"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"47.94.1.1": true, "100.128.0.0": true, "2401:b180::1": true,
		"127.0.0.1": false, "10.1.2.3": false, "100.100.100.200": false, "169.254.169.254": false, "224.0.0.1": false,
		"::1": false, "fe80::1": false, "fe80::1%eth0": false, "fd00::1": false, "ff02::1": false, "::ffff:47.94.1.1": false,
	} {
		if got := endpoint.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("Public(%s) = %t, want %t", address, got, want)
		}
	}
	if endpoint.Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}
