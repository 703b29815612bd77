package notify

import (
	"context"
	"net"
	"net/http"
	"testing"
)

// DialTo has a production client connect to a server of the test, whatever the
// name: TLS is still spoken with the name that was asked for.
func DialTo(t *testing.T, c *Client, address string) {
	t.Helper()
	transport, ok := c.http.Transport.(*http.Transport)
	if !ok {
		t.Fatal("not net/http's transport")
	}
	if transport.Proxy != nil {
		t.Error("a proxy would see where answers go")
	}
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
}

// Public is what the guard lets connections through to.
var Public = public

// Guard is the guard of dials to public addresses.
var Guard = guard(public)

// Check is the allow-list.
var Check = check
