//go:build linux

package openvpn_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// file is the client file that the vendor hands out for a server, in its order. Only
// the lines remote, proto, cipher, comp-lzo and auth-user-pass depend on settings.
func file(v vpc.Server, k keys) string {
	compress := ";comp-lzo"
	if v.Compress {
		compress = "comp-lzo"
	}
	lines := []string{
		"client", "dev tun", "proto " + strings.ToLower(v.Proto), fmt.Sprintf("remote %s %d", serverAddress, v.Port), "resolv-retry infinite", "nobind",
		"persist-key", "persist-tun", inline("ca", k.ca), inline("cert", k.clientCert), inline("key", k.clientKey),
		"cipher " + v.Cipher, compress, "verb 4",
	}
	if v.EnableMultiFactorAuth {
		lines = append(lines, "auth-user-pass")
	}
	return strings.Join(lines, "\n") + "\n"
}

// The waits of a client in the tests: it tries again soon.
const impatient = "connect-retry 1 1\nconnect-timeout 3\nhand-window 8\n"

// client starts a client with a file, in the clients' namespace. It permits the
// compression that its file asks for, as clients before OpenVPN 2.6 do.
func client(t *testing.T, text string) *process {
	t.Helper()
	secrets := filepath.Join(t.TempDir(), "user")
	if err := os.WriteFile(secrets, []byte(userName+"\n"+password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// A person types the password: a test has a file for it.
	text = strings.ReplaceAll(text, "\nauth-user-pass\n", "\nauth-user-pass "+secrets+"\n")
	if strings.Contains(text, "\ncomp-lzo") {
		text += "allow-compression yes\n"
	}
	return openvpn(t, text+impatient, "ip", "netns", "exec", clients())
}

// reaches reports whether a program on the client's machine gets the greeting from
// behind the tunnel.
func reaches(t *testing.T, address string) bool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "ip", "netns", "exec", clients(), self)
	cmd.Env = append(cmd.Environ(), dialTo+"="+address)
	return cmd.Run() == nil
}

// longest is how long a client may take to connect.
const longest = 30 * time.Second
