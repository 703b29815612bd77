package tunnel_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/tunnel"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
)

const id = "vss-a"

// cloud is an emulator with one server at a loopback address of its own.
func cloud(t *testing.T) (*vpc.Emulator, *tunnel.Tunnels, string) {
	t.Helper()
	address := netip.AddrFrom4([4]byte{127, byte(1 + rand.N(250)), byte(rand.N(250)), byte(1 + rand.N(250))}).String()
	e := vpc.New(vpc.Options{})
	if err := e.AddServer(vpc.Server{
		RegionID: "cn-hangzhou", ID: id, ClientIPPool: "10.30.30.0/24", LocalSubnet: "10.20.20.0/24", Proto: "UDP", Port: 21194, InternetIP: address,
	}); err != nil {
		t.Fatal(err)
	}
	ts := tunnel.New(e)
	t.Cleanup(func() {
		if err := ts.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := ts.Sync(); err != nil {
		t.Skip("this system has one loopback address only: ", err)
	}
	return e, ts, address
}

func check(t *testing.T, address string, port int, overTCP bool, want probe.Outcome) {
	t.Helper()
	got := probe.New().Probe(t.Context(), probe.Target{Address: address, Port: port, TCP: overTCP}, probe.Rule{Loopback: true})
	if got != want {
		t.Errorf("port %d, TCP %t: got %+v, want %+v", port, overTCP, got, want)
	}
}

func TestAListenerFollowsTheServer(t *testing.T) {
	t.Parallel()
	listening, refused := probe.Outcome{Result: probe.Listening}, probe.Outcome{Result: probe.Refused}
	e, ts, address := cloud(t)
	check(t, address, 21194, false, listening)
	check(t, address, 21194, true, refused)
	for _, to := range []struct {
		port  int
		proto string
	}{{21195, "UDP"}, {21195, "TCP"}, {21194, "TCP"}} {
		if err := e.UpdateServer(id, func(s *vpc.Server) { s.Port, s.Proto = to.port, to.proto }); err != nil {
			t.Fatal(err)
		}
		if err := ts.Sync(); err != nil {
			t.Fatal(err)
		}
		check(t, address, to.port, to.proto == "TCP", listening)
		check(t, address, to.port, to.proto != "TCP", refused)
		check(t, address, 21194+21195-to.port, to.proto == "TCP", refused)
	}
}

func TestOnePortOnly(t *testing.T) {
	t.Parallel()
	e, ts, address := cloud(t)
	if err := ts.Only(id, 21194); err != nil {
		t.Fatal(err)
	}
	check(t, address, 21194, false, probe.Outcome{Result: probe.Listening})
	if err := e.UpdateServer(id, func(s *vpc.Server) { s.Port = 21195 }); err != nil {
		t.Fatal(err)
	}
	if err := ts.Sync(); err != nil {
		t.Fatal(err)
	}
	check(t, address, 21195, false, probe.Outcome{Result: probe.Refused})
	check(t, address, 21194, false, probe.Outcome{Result: probe.Refused})
}

func TestTheModes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mode     tunnel.Mode
		udp, tcp probe.Outcome
	}{
		{tunnel.Answering, probe.Outcome{Result: probe.Listening}, probe.Outcome{Result: probe.Listening}},
		{tunnel.Mute, probe.Outcome{Result: probe.Silent, Reason: probe.NoAnswer}, probe.Outcome{Result: probe.Silent, Reason: probe.NoAnswer}},
		{tunnel.Guarded, probe.Outcome{Result: probe.Silent, Reason: probe.NoAnswer}, probe.Outcome{Result: probe.Silent, Reason: probe.Closed}},
		{tunnel.Closed, probe.Outcome{Result: probe.Refused}, probe.Outcome{Result: probe.Refused}},
	} {
		e, ts, address := cloud(t)
		if err := ts.Set(id, tt.mode); err != nil {
			t.Fatal(err)
		}
		check(t, address, 21194, false, tt.udp)
		if err := e.UpdateServer(id, func(s *vpc.Server) { s.Proto = "TCP" }); err != nil {
			t.Fatal(err)
		}
		if err := ts.Sync(); err != nil {
			t.Fatal(err)
		}
		check(t, address, 21194, true, tt.tcp)
	}
}
