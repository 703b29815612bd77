package notify

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
)

// maxQuery bounds a query, in bytes: those of reply addresses have about 100.
const maxQuery = 2048

// check reports whether a request may be sent, and returns the address to send
// it to, which consists of the checked parts only.
func check(r *http.Request) (*url.URL, bool) {
	u := r.URL
	if u == nil || u.Scheme != "https" || u.Opaque != "" || u.User != nil || u.Fragment != "" || u.RawFragment != "" ||
		u.RawPath != "" || (r.Host != "" && r.Host != u.Host) || !isQuery(u.RawQuery) {
		return nil, false
	}
	for _, spec := range platforms.Specs() {
		for _, d := range spec.Destinations {
			// Hosts are compared as they are written, with a port if there is one. A
			// port, capitals or a final dot make it another host.
			if r.Method == d.Method && u.Host == d.Host && d.Covers(u.Path) {
				return &url.URL{Scheme: "https", Host: d.Host, Path: u.Path, RawQuery: u.RawQuery}, true
			}
		}
	}
	return nil, false
}

// isQuery reports whether a text is printable ASCII that is no longer than
// maxQuery and does not end the query.
func isQuery(s string) bool {
	return len(s) <= maxQuery && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '#' })
}
