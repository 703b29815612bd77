//go:build linux

package openvpn_test

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// ready is what OpenVPN prints when it works.
const ready = "Initialization Sequence Completed"

// The account of multi-factor authentication.
const userName, password = "mei", "swordfish"

// server is an OpenVPN server with the settings of an emulated one.
type server struct {
	t     *testing.T
	keys  keys
	extra []string // more lines of its configuration
	*process
}

// run starts the server with settings, instead of the one that runs.
func (s *server) run(settings vpc.Server) {
	s.t.Helper()
	if s.process != nil {
		s.stop()
	}
	s.process = openvpn(s.t, s.config(settings))
	if got := s.await(0, 20*time.Second, ready, "(ended)"); got != ready {
		s.t.Errorf("the server does not run:\n%s", s.log())
	}
}

// config is the server's configuration. The ciphers are those of OpenVPN 2.6 beside
// the set one, as on every server that negotiates.
func (s *server) config(v vpc.Server) string {
	pool := netip.MustParsePrefix(v.ClientIPPool)
	lines := []string{
		"dev tun-server", "dev-type tun", "topology subnet", "server " + pool.Addr().String() + " " + mask(pool),
		fmt.Sprintf("port %d", v.Port), "dh none", "verb 4", "keepalive 2 8", "multihome", "persist-key", "duplicate-cn",
		inline("ca", s.keys.ca), inline("cert", s.keys.serverCert), inline("key", s.keys.serverKey),
		"data-ciphers AES-256-GCM:AES-128-GCM:" + v.Cipher, "data-ciphers-fallback " + v.Cipher,
	}
	if v.Proto == "UDP" {
		lines = append(lines, "proto udp4", "explicit-exit-notify 1")
	} else {
		lines = append(lines, "proto tcp4-server")
	}
	for subnet := range strings.SplitSeq(v.LocalSubnet, ",") {
		p := netip.MustParsePrefix(subnet)
		lines = append(lines, fmt.Sprintf("push %q", "route "+p.Addr().String()+" "+mask(p)))
	}
	if v.Compress {
		lines = append(lines, "comp-lzo yes", "allow-compression yes")
	}
	if v.EnableMultiFactorAuth {
		lines = append(lines, "script-security 3", "auth-user-pass-verify "+s.checker()+" via-env")
	}
	return strings.Join(append(lines, s.extra...), "\n") + "\n"
}

// checker writes the script that checks a user's password.
func (s *server) checker() string {
	path := filepath.Join(s.t.TempDir(), "check.sh")
	script := "#!/bin/sh\n[ \"$username\" = " + userName + " ] && [ \"$password\" = " + password + " ]\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		s.t.Fatal(err)
	}
	return path
}

func mask(p netip.Prefix) string { return net.IP(net.CIDRMask(p.Bits(), 32)).String() }

func inline(name, text string) string {
	return "<" + name + ">\n" + strings.TrimSpace(text) + "\n</" + name + ">"
}

// serve greets who connects to the first address of the pool, behind the tunnel.
func serve(t *testing.T, v vpc.Server) (address string) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", netip.MustParsePrefix(v.ClientIPPool).Addr().Next().String()+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte(greeting))
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}
