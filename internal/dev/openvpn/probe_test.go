//go:build linux

package openvpn_test

import (
	"net"
	"net/http"
	"net/netip"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
)

// settings are those of a server in its tests.
func settings() vpc.Server {
	return vpc.Server{
		RegionID: "cn-hangzhou", ID: "vss-a", ClientIPPool: "10.30.30.0/24", LocalSubnet: "10.20.20.0/24",
		Proto: "UDP", Port: 1194, Cipher: "AES-128-CBC", MaxConnections: 5, InternetIP: "127.0.0.10",
	}
}

func probed(t *testing.T, v vpc.Server) probe.Outcome {
	t.Helper()
	begin := time.Now()
	out := probe.New().Probe(t.Context(), probe.Target{Address: v.InternetIP, Port: v.Port, TCP: v.Proto == "TCP"}, probe.Rule{Loopback: true})
	t.Logf("%s %d: %s %s in %s", v.Proto, v.Port, out.Result, out.Reason, time.Since(begin).Round(10*time.Microsecond))
	return out
}

//nolint:paralleltest // All servers have the same ports.
func TestTheProbeTellsServersApart(t *testing.T) {
	needOpenVPN(t)
	secret := filepath.Join(t.TempDir(), "ta.key")
	if out, err := exec.CommandContext(t.Context(), "openvpn", "--genkey", "secret", secret).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	k := makeKeys(t)
	for _, tt := range []struct {
		name, proto string
		extra       []string
		want        probe.Outcome
	}{
		{"UDP", "UDP", nil, probe.Outcome{Result: probe.Listening}},
		{"TCP", "TCP", nil, probe.Outcome{Result: probe.Listening}},
		{"UDP with tls-auth", "UDP", []string{"tls-auth " + secret + " 0"}, probe.Outcome{Result: probe.Silent, Reason: probe.NoAnswer}},
		{"TCP with tls-auth", "TCP", []string{"tls-auth " + secret + " 0"}, probe.Outcome{Result: probe.Silent, Reason: probe.Closed}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := settings()
			v.Proto = tt.proto
			s := &server{t: t, keys: k, extra: tt.extra}
			s.run(v)
			if got := probed(t, v); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			v.Proto = map[string]string{"UDP": "TCP", "TCP": "UDP"}[v.Proto]
			if got := probed(t, v); got.Result != probe.Refused {
				t.Errorf("the other protocol: got %+v, want refused", got)
			}
			v.Proto, v.Port = tt.proto, v.Port+1
			if got := probed(t, v); got.Result != probe.Refused {
				t.Errorf("another port: got %+v, want refused", got)
			}
		})
	}
	t.Run("an HTTP server", func(t *testing.T) {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.10:0")
		if err != nil {
			t.Fatal(err)
		}
		web := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.NotFoundHandler()}
		go func() { _ = web.Serve(l) }()
		defer web.Close()
		v := settings()
		v.Proto, v.Port = "TCP", int(netip.MustParseAddrPort(l.Addr().String()).Port())
		if got := probed(t, v); got.Result != probe.Silent {
			t.Errorf("got %+v, want silent", got)
		}
	})
}
