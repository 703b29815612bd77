package breaker_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/vpc"
	"sslvpnchange/internal/secret"
	"sslvpnchange/internal/sslvpn"
)

// TestGuard drives the production client through the breaker over HTTP.
func TestGuard(t *testing.T) {
	t.Parallel()
	e := vpc.New(vpc.Options{Credentials: []vpc.Credential{{AccessKeyID: "id", AccessKeySecret: "secret"}}})
	if err := e.AddServer(vpc.Server{RegionID: region, ID: "vss-1", GatewayID: "vpn-1", ClientIPPool: "10.0.0.0/24", LocalSubnet: "10.1.0.0/16"}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	client, err := sslvpn.New(sslvpn.Config{Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	guarded := newSet().Guard(client.With(sslvpn.Credentials{AccessKeyID: "id", AccessKeySecret: secret.New("secret")}, nil), newBucket())

	target := change.Target{RegionID: region, ServerID: "vss-1"}
	modification := sslvpn.Modification{Target: target, Patch: change.Patch{change.Port: change.Number(1195)}, ClientToken: "t"}
	if s, err := guarded.DescribeServer(t.Context(), target); err != nil || s.GatewayID != "vpn-1" {
		t.Fatalf("server = %+v, %v", s, err)
	}
	if g, err := guarded.DescribeGateway(t.Context(), sslvpn.GatewayRef{RegionID: region, GatewayID: "vpn-1"}); err != nil || g.Status != sslvpn.GatewayActive {
		t.Fatalf("gateway = %+v, %v", g, err)
	}
	if r, err := guarded.ModifyServer(t.Context(), modification); err != nil || r.RequestID == "" {
		t.Fatalf("modify = %+v, %v", r, err)
	}

	if err := e.Inject(vpc.Fault{Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable", Times: -1}); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := guarded.ModifyServer(t.Context(), modification); class(t, err) != sslvpn.ClassUnknown {
			t.Fatalf("error = %v, want the API's own", err)
		}
	}
	before := len(e.Calls(""))
	_, err = guarded.DescribeServer(t.Context(), target)
	if class(t, err) != sslvpn.ClassCircuitOpen {
		t.Errorf("error = %v, want held", err)
	}
	held, _ := err.(*sslvpn.Error) //nolint:errorlint // class has found it
	if held.RetryAfter <= 25*time.Second || held.RetryAfter > 30*time.Second || held.Action != "DescribeSslVpnServers" || !isOpen(err) {
		t.Errorf("held = %+v, want up to 30s to wait", held)
	}
	if got := len(e.Calls("")); got != before {
		t.Errorf("%d calls reached the API while held", got-before)
	}
}

func class(t *testing.T, err error) sslvpn.Class {
	t.Helper()
	e, ok := err.(*sslvpn.Error) //nolint:errorlint // callers rely on this exact type
	if !ok {
		t.Fatalf("error = %v (%T), want an *sslvpn.Error", err, err)
	}
	return e.Class
}
