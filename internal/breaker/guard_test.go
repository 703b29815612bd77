package breaker_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/breaker"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
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
		if _, err := guarded.DescribeServer(t.Context(), target); class(t, err) != sslvpn.ClassUnavailable {
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
	if _, err := guarded.ModifyServer(t.Context(), modification); class(t, err) != sslvpn.ClassUnknown {
		t.Errorf("error = %v: reads that fail stopped a modification", err)
	}
}

// fake is an API whose modifications end with an error, by server.
type fake struct {
	breaker.API

	fails func(serverID string) error
	calls int
}

func (f *fake) DescribeServer(context.Context, change.Target) (sslvpn.Server, error) {
	return sslvpn.Server{}, nil
}

func (f *fake) ModifyServer(_ context.Context, m sslvpn.Modification) (sslvpn.ModifyReply, error) {
	f.calls++
	return sslvpn.ModifyReply{}, f.fails(m.ServerID)
}

func modify(t *testing.T, g *breaker.Guarded, serverID string) error {
	t.Helper()
	_, err := g.ModifyServer(t.Context(), sslvpn.Modification{Target: change.Target{RegionID: region, ServerID: serverID}})
	return err
}

// Modifications have a circuit of their own, which nothing stores.
func TestModificationsThatFailStopModificationsAndNotReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, api := newBucket(), &fake{fails: func(string) error { return &sslvpn.Error{Class: sslvpn.ClassUnknown, Message: "connection reset"} }}
		set := newSet()
		g := set.Guard(api, store)
		for range 5 {
			if class(t, modify(t, g, "vss-1")) != sslvpn.ClassUnknown {
				t.Fatal("the circuit opened early")
			}
		}
		err := modify(t, g, "vss-2")
		if class(t, err) != sslvpn.ClassCircuitOpen || !isOpen(err) || !strings.Contains(err.Error(), "not sent modifications before") || api.calls != 5 {
			t.Errorf("error = %v after %d calls", err, api.calls)
		}
		if _, err := g.DescribeServer(t.Context(), change.Target{RegionID: region, ServerID: "vss-1"}); err != nil {
			t.Errorf("a read: %v", err)
		}
		if store.puts != 0 {
			t.Error("the circuit of modifications was stored")
		}
		if class(t, modify(t, newSet().Guard(api, store), "vss-1")) != sslvpn.ClassUnknown {
			t.Error("another instance has the circuit, too")
		}
		<-time.After(30 * time.Second)
		api.fails = func(string) error { return nil }
		if err := modify(t, g, "vss-1"); err != nil {
			t.Errorf("the probe: %v", err)
		}
		if err := modify(t, g, "vss-2"); err != nil {
			t.Errorf("after the probe: %v", err)
		}
	})
}

// One server whose modifications the API answers with errors does not stop those of
// the others; errors of many servers do.
func TestOneServerDoesNotOpenTheCircuitOfModifications(t *testing.T) {
	t.Parallel()
	answered := func(string) error {
		return &sslvpn.Error{Class: sslvpn.ClassUnknown, Code: "UnknownError", HTTPStatus: 500, RequestID: "r"}
	}
	synctest.Test(t, func(t *testing.T) {
		api := &fake{fails: answered}
		g := newSet().Guard(api, newBucket())
		for range 20 {
			for _, id := range []string{"vss-1", "vss-2", "vss-3", "vss-4"} {
				if class(t, modify(t, g, id)) != sslvpn.ClassUnknown {
					t.Fatal("four servers opened the circuit")
				}
			}
		}
		if class(t, modify(t, g, "vss-5")) != sslvpn.ClassUnknown {
			t.Error("the fifth server's call was not made")
		}
		if class(t, modify(t, g, "vss-6")) != sslvpn.ClassCircuitOpen {
			t.Error("five servers left the circuit closed")
		}
	})
}

func class(t *testing.T, err error) sslvpn.Class {
	t.Helper()
	e, ok := err.(*sslvpn.Error) //nolint:errorlint // callers rely on this exact type
	if !ok {
		t.Fatalf("error = %v (%T), want an *sslvpn.Error", err, err)
	}
	return e.Class
}

// TestCallsThatInformPeopleOpenNoCircuit: their failures count for nothing, and an open
// circuit stops them.
func TestCallsThatInformPeopleOpenNoCircuit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, api := newBucket(), &advisory{err: &sslvpn.Error{Class: sslvpn.ClassUnavailable, Message: "connection reset"}}
		g := newSet().Guard(api, store)
		target := change.Target{RegionID: region, ServerID: "vss-1"}
		for range 20 {
			if _, err := g.DescribeClientCerts(t.Context(), target); class(t, err) != sslvpn.ClassUnavailable {
				t.Fatalf("error = %v, want the API's own", err)
			}
		}
		api.readsFail = true
		for range 5 {
			_, _ = g.DescribeServer(t.Context(), target)
		}
		before := api.calls
		_, clients := g.DescribeClients(t.Context(), sslvpn.GatewayRef{RegionID: region})
		_, networks := g.DescribeVPC(t.Context(), sslvpn.VPCRef{RegionID: region})
		for _, err := range []error{clients, networks, g.DryRun(t.Context(), sslvpn.Modification{Target: target})} {
			if class(t, err) != sslvpn.ClassCircuitOpen {
				t.Errorf("error = %v, want an open circuit", err)
			}
		}
		<-time.After(time.Hour) // the circuit is half-open, and its probe is for a read that changes need
		if _, err := g.DescribeClients(t.Context(), sslvpn.GatewayRef{RegionID: region}); class(t, err) != sslvpn.ClassCircuitOpen || api.calls != before {
			t.Errorf("error = %v after %d calls, want an open circuit", err, api.calls-before)
		}
		api.readsFail, api.err = false, nil
		if _, err := g.DescribeServer(t.Context(), target); err != nil {
			t.Fatal(err)
		}
		if _, err := g.DescribeClients(t.Context(), sslvpn.GatewayRef{RegionID: region}); err != nil {
			t.Errorf("error = %v when the circuit is closed again", err)
		}
	})
}

// advisory is an API whose calls that inform people end with err.
type advisory struct {
	breaker.API

	err       error
	readsFail bool
	calls     int // that inform people
}

func (a *advisory) DescribeServer(context.Context, change.Target) (sslvpn.Server, error) {
	if a.readsFail {
		return sslvpn.Server{}, &sslvpn.Error{Class: sslvpn.ClassUnavailable, Message: "connection reset"}
	}
	return sslvpn.Server{}, nil
}

func (a *advisory) DescribeClients(context.Context, sslvpn.GatewayRef) (sslvpn.Connections, error) {
	a.calls++
	return sslvpn.Connections{}, a.err
}

func (a *advisory) DescribeClientCerts(context.Context, change.Target) ([]sslvpn.Certificate, error) {
	a.calls++
	return nil, a.err
}
