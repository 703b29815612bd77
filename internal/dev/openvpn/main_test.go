//go:build linux

package openvpn_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

var enabled = flag.Bool("openvpn", false, "test with a real OpenVPN (needs root)")

// The environment of the processes that the test binary starts of itself.
const (
	isolated = "OPENVPN_TEST_ISOLATED" // it is in a network namespace of its own
	dialTo   = "OPENVPN_TEST_DIAL"     // it only reads a greeting from this address
)

// TestMain runs the tests in a network namespace of their own, so that their ports
// and routes are nobody else's.
func TestMain(m *testing.M) {
	flag.Parse()
	//nolint:forbidigo // see the constants
	switch to := os.Getenv(dialTo); {
	case to != "":
		os.Exit(readGreeting(to))
	case !*enabled:
		os.Exit(m.Run())
	case os.Getenv(isolated) == "":
		os.Exit(isolate())
	}
	if err := setUp(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	tearDown()
	os.Exit(code)
}

// isolate runs the test binary again in a new network namespace.
func isolate() int {
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), isolated+"=1") //nolint:forbidigo // passed on
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "no network namespace: run the tests as root:", err)
		return 1
	}
	return 0
}

// The two ends of the cable between the servers and the clients.
const (
	serverAddress = "10.199.0.1"
	clientAddress = "10.199.0.2"
)

// clients is the name of the network namespace of the clients.
func clients() string { return fmt.Sprintf("openvpn-test-%d", os.Getpid()) }

// setUp makes the namespace of the clients and the cable to it.
func setUp() error {
	ns := clients()
	for _, args := range [][]string{
		{"link", "set", "lo", "up"},
		{"netns", "add", ns},
		{"link", "add", "cable-s", "type", "veth", "peer", "name", "cable-c", "netns", ns},
		{"address", "add", serverAddress + "/24", "dev", "cable-s"},
		{"link", "set", "cable-s", "up"},
		{"-n", ns, "link", "set", "lo", "up"},
		{"-n", ns, "address", "add", clientAddress + "/24", "dev", "cable-c"},
		{"-n", ns, "link", "set", "cable-c", "up"},
	} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %q: %w: %s", args, err, out)
		}
	}
	return nil
}

func tearDown() {
	if out, err := exec.Command("ip", "netns", "del", clients()).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "ip netns del: %v: %s\n", err, out)
	}
}

func needOpenVPN(t *testing.T) {
	t.Helper()
	if !*enabled {
		t.Skip("needs root and a real OpenVPN: make openvpn")
	}
}

// greeting is what the service behind the tunnel says.
const greeting = "hello from behind the tunnel"

// readGreeting is the test binary as a program of a client.
func readGreeting(address string) int {
	c, err := net.DialTimeout("tcp", address, 3*time.Second)
	if err == nil {
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(3 * time.Second))
		var text []byte
		if text, err = io.ReadAll(c); string(text) == greeting {
			return 0
		}
	}
	fmt.Fprintln(os.Stderr, "no greeting:", err)
	return 1
}
