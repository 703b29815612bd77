package endpoint

import "net/netip"

// Public reports whether an address is public. The instance's network, its metadata
// service (100.100.100.200) and forms that embed another address are not public.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" || a.Is4In6() {
		return false
	}
	if a.Is6() && !netip.MustParsePrefix("2000::/3").Contains(a) {
		return false
	}
	for _, p := range special() {
		if netip.MustParsePrefix(p).Contains(a) {
			return false
		}
	}
	return true
}

// special are the networks that are not public, after IANA's registries of
// special-purpose addresses. Of IPv6 it has those within 2000::/3 only.
func special() []string {
	return []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"224.0.0.0/4", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	}
}
