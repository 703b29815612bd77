package probe_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/probe"
)

func local() probe.Rule { return probe.Rule{Loopback: true} }

// answerTo makes a server's answer to a request.
func answerTo(request []byte) []byte {
	p := append([]byte{0x40}, "serverID"...)
	p = append(p, 1, 0, 0, 0, 0)
	p = append(p, request[1:9]...)
	return append(p, 0, 0, 0, 0)
}

// udp listens and answers with what reply makes of each packet; nil for nothing.
func udp(t *testing.T, reply func(n int, packet []byte) [][]byte) probe.Target {
	t.Helper()
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = c.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, 100)
		for n := 1; ; n++ {
			size, from, err := c.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			for _, p := range reply(n, buf[:size]) {
				if _, err := c.WriteToUDPAddrPort(p, from); err != nil {
					return
				}
			}
		}
	}()
	return target(t, c.LocalAddr().String(), false)
}

// tcp listens and serves each connection.
func tcp(t *testing.T, serve func(net.Conn)) probe.Target {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
			_ = c.Close()
		}
	}()
	return target(t, l.Addr().String(), true)
}

func target(t *testing.T, address string, overTCP bool) probe.Target {
	t.Helper()
	at := netip.MustParseAddrPort(address)
	return probe.Target{Address: at.Addr().String(), Port: int(at.Port()), TCP: overTCP}
}

func check(t *testing.T, at probe.Target, want probe.Outcome) {
	t.Helper()
	begin := time.Now()
	if got := probe.New().Probe(t.Context(), at, local()); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if d := time.Since(begin); d > probe.Longest+time.Second {
		t.Errorf("it took %s", d)
	}
}

func TestOverUDP(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		reply func(n int, packet []byte) [][]byte
		want  probe.Outcome
	}{
		"a server": {func(_ int, p []byte) [][]byte { return [][]byte{answerTo(p)} }, probe.Outcome{Result: probe.Listening}},
		"a server whose first packet is lost": {func(n int, p []byte) [][]byte {
			if n == 1 {
				return nil
			}
			return [][]byte{answerTo(p)}
		}, probe.Outcome{Result: probe.Listening}},
		"a server behind something that answers, too": {
			func(_ int, p []byte) [][]byte { return [][]byte{[]byte("hello"), answerTo(p)} },
			probe.Outcome{Result: probe.Listening},
		},
		"an echo":          {func(_ int, p []byte) [][]byte { return [][]byte{p} }, probe.Outcome{Result: probe.Silent, Reason: probe.OtherAnswer}},
		"a longer answer":  {func(_ int, p []byte) [][]byte { return [][]byte{append(answerTo(p), 0)} }, probe.Outcome{Result: probe.Silent, Reason: probe.OtherAnswer}},
		"a shorter answer": {func(_ int, p []byte) [][]byte { return [][]byte{answerTo(p)[:25]} }, probe.Outcome{Result: probe.Silent, Reason: probe.OtherAnswer}},
		"no answer":        {func(int, []byte) [][]byte { return nil }, probe.Outcome{Result: probe.Silent, Reason: probe.NoAnswer}},
		"a flood": {func(int, []byte) [][]byte {
			return [][]byte{{1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}, {9}, {10}, {11}, {12}}
		}, probe.Outcome{Result: probe.Silent, Reason: probe.OtherAnswer}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var packets atomic.Int64
			at := udp(t, func(n int, p []byte) [][]byte {
				packets.Store(int64(n))
				if len(p) != 14 {
					t.Errorf("the packet has %d bytes", len(p))
				}
				return tt.reply(n, p)
			})
			check(t, at, tt.want)
			if n := packets.Load(); n < 1 || n > 2 {
				t.Errorf("%d packets were sent", n)
			}
		})
	}
}

func TestOverTCP(t *testing.T) {
	t.Parallel()
	read := func(c net.Conn) []byte {
		frame := make([]byte, 16)
		if _, err := io.ReadFull(c, frame); err != nil || binary.BigEndian.Uint16(frame) != 14 {
			t.Errorf("the frame is %x, %v", frame, err)
		}
		return frame[2:]
	}
	write := func(c net.Conn, p []byte) {
		_, _ = c.Write(p) // the prober may have closed the connection
	}
	for name, tt := range map[string]struct {
		serve func(net.Conn)
		want  probe.Outcome
	}{
		"a server": {func(c net.Conn) {
			write(c, append([]byte{0, 26}, answerTo(read(c))...))
		}, probe.Outcome{Result: probe.Listening}},
		"a server in single bytes": {func(c net.Conn) {
			for _, b := range append([]byte{0, 26}, answerTo(read(c))...) {
				write(c, []byte{b})
			}
		}, probe.Outcome{Result: probe.Listening}},
		"an HTTP server": {func(c net.Conn) { read(c); write(c, []byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }, probe.Outcome{Result: probe.Silent, Reason: probe.OtherAnswer}},
		"an answer to another session": {func(c net.Conn) {
			read(c)
			write(c, append([]byte{0, 26}, answerTo(make([]byte, 14))...))
		}, probe.Outcome{Result: probe.Silent, Reason: probe.OtherAnswer}},
		"a length that is never delivered": {func(c net.Conn) { read(c); write(c, []byte{0, 26, 1}) }, probe.Outcome{Result: probe.Silent, Reason: probe.OtherAnswer}},
		"a connection that is closed":      {func(c net.Conn) { read(c) }, probe.Outcome{Result: probe.Silent, Reason: probe.Closed}},
		"a connection that hangs": {func(c net.Conn) {
			_, _ = io.Copy(io.Discard, c) // until the prober closes it
		}, probe.Outcome{Result: probe.Silent, Reason: probe.NoAnswer}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, tcp(t, tt.serve), tt.want)
		})
	}
}

//nolint:paralleltest // Another test could get the port that was just closed.
func TestAClosedPortIsRefused(t *testing.T) {
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	overUDP, overTCP := target(t, c.LocalAddr().String(), false), target(t, l.Addr().String(), true)
	_, _ = c.Close(), l.Close()
	check(t, overUDP, probe.Outcome{Result: probe.Refused})
	check(t, overTCP, probe.Outcome{Result: probe.Refused})
}

func TestTheRule(t *testing.T) {
	t.Parallel()
	const noPort = 70000
	for _, tt := range []struct {
		name string
		at   probe.Target
		rule probe.Rule
		want probe.Reason
	}{
		{"no address", probe.Target{Port: 1194}, probe.Rule{}, probe.NoAddress},
		{"a name", probe.Target{Address: "vpn.example.com", Port: 1194}, probe.Rule{}, probe.NoAddress},
		{"a port too high", probe.Target{Address: "127.0.0.1", Port: noPort}, local(), probe.NoAddress},
		{"port 0", probe.Target{Address: "127.0.0.1"}, local(), probe.NoAddress},
		{"loopback", probe.Target{Address: "127.0.0.1", Port: 1194}, probe.Rule{}, probe.NotPublic},
		{"loopback of another family", probe.Target{Address: "::1", Port: 1194}, probe.Rule{Private: true}, probe.NotPublic},
		{"loopback within IPv6", probe.Target{Address: "::ffff:127.0.0.1", Port: 1194}, local(), probe.NotPublic},
		{"private", probe.Target{Address: "10.0.0.1", Port: 1194}, probe.Rule{}, probe.NotPublic},
		{"unique local", probe.Target{Address: "fd00::1", Port: 1194}, probe.Rule{}, probe.NotPublic},
		{"link-local", probe.Target{Address: "169.254.169.254", Port: 80}, probe.Rule{Private: true}, probe.NotPublic},
		{"the metadata service", probe.Target{Address: "100.100.100.200", Port: 80}, probe.Rule{Private: true}, probe.NotPublic},
		{"multicast", probe.Target{Address: "224.0.0.1", Port: 1194}, probe.Rule{Private: true}, probe.NotPublic},
		{"a zone", probe.Target{Address: "fe80::1%lo", Port: 1194}, probe.Rule{Private: true}, probe.NotPublic},
		{"public in the local cloud", probe.Target{Address: "47.94.1.1", Port: 1194}, local(), probe.NotPublic},
		{"private in the local cloud", probe.Target{Address: "10.0.0.1", Port: 1194}, local(), probe.NotPublic},
	} {
		if got, want := probe.New().Probe(t.Context(), tt.at, tt.rule), (probe.Outcome{Result: probe.NotChecked, Reason: tt.want}); got != want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, want)
		}
	}
	// What is permitted is sent, until there is no time: nothing leaves this machine.
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for address, rule := range map[string]probe.Rule{"47.94.1.1": {}, "2401:b180::1": {}, "10.0.0.1": {Private: true}, "fd00::1": {Private: true}, "::1": local()} {
		if got := probe.New().Probe(over, probe.Target{Address: address, Port: 1194}, rule); got.Reason != probe.NoTime {
			t.Errorf("%s: got %+v", address, got)
		}
	}
}

func TestOneProbeAtATime(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	at := udp(t, func(n int, p []byte) [][]byte {
		if n == 1 {
			close(arrived)
			<-release
		}
		return [][]byte{answerTo(p)}
	})
	p := probe.New()
	first := make(chan probe.Outcome)
	go func() { first <- p.Probe(t.Context(), at, local()) }()
	<-arrived
	if got := p.Probe(t.Context(), at, local()); got != (probe.Outcome{Result: probe.NotChecked, Reason: probe.Busy}) {
		t.Errorf("a second probe got %+v", got)
	}
	close(release)
	if got := <-first; got.Result != probe.Listening {
		t.Errorf("the first probe got %+v", got)
	}
	if got := p.Probe(t.Context(), at, local()); got.Result != probe.Listening {
		t.Errorf("the next probe got %+v", got)
	}
}

func TestACallerWithoutTimeLearnsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	at := udp(t, func(int, []byte) [][]byte { cancel(); return nil })
	if got := probe.New().Probe(ctx, at, local()); got != (probe.Outcome{Result: probe.NotChecked, Reason: probe.NoTime}) {
		t.Errorf("got %+v", got)
	}
}
