package notify_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/notify"
)

func TestTheGuardKnowsWhatIsPublic(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"203.119.205.1:443", "47.94.1.1:443", "99.255.255.255:443", "100.63.255.255:443", "100.128.0.0:443", "172.15.255.255:443",
		"172.32.0.0:443", "223.255.255.255:443", "[2401:b180::1]:443", "[2600:1f00::1]:443", "[240e::1]:443",
	} {
		if !notify.Public(netip.MustParseAddrPort(address)) {
			t.Errorf("%s is refused", address)
		}
		if err := notify.Guard("tcp", address, nil); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for name, address := range map[string]string{
		"loopback": "127.0.0.1:443", "more of loopback": "127.255.0.1:443", "this host": "0.0.0.0:443", "this network": "0.1.2.3:443",
		"private 10": "10.1.2.3:443", "private 172.16": "172.16.0.1:443", "end of private 172.16": "172.31.255.255:443",
		"private 192.168": "192.168.1.1:443", "link-local": "169.254.169.254:443", "the metadata service": "100.100.100.200:443",
		"begin of CGNAT": "100.64.0.0:443", "end of CGNAT": "100.127.255.255:443", "protocol assignments": "192.0.0.1:443",
		"documentation 1": "192.0.2.1:443", "documentation 2": "198.51.100.1:443", "documentation 3": "203.0.113.1:443",
		"6to4 relay": "192.88.99.1:443", "benchmarks": "198.18.0.1:443", "more of benchmarks": "198.19.255.255:443",
		"multicast": "224.0.0.1:443", "end of multicast": "239.255.255.255:443", "reserved": "240.0.0.1:443", "broadcast": "255.255.255.255:443",
		"another port": "47.94.1.1:80", "v6 loopback": "[::1]:443", "v6 unspecified": "[::]:443",
		"v6 link-local": "[fe80::1]:443", "v6 link-local with a zone": "[fe80::1%eth0]:443", "a zone": "[2600::1%eth0]:443",
		"v6 unique local": "[fd00::1]:443", "v6 site-local": "[fec0::1]:443", "v6 multicast": "[ff02::1]:443",
		"v4-mapped loopback": "[::ffff:127.0.0.1]:443", "v4-mapped metadata": "[::ffff:100.100.100.200]:443", "v4-mapped public": "[::ffff:47.94.1.1]:443",
		"v4-compatible": "[::7f00:1]:443", "NAT64": "[64:ff9b::7f00:1]:443", "6to4": "[2002:7f00:1::1]:443", "Teredo": "[2001:0:1::1]:443",
		"v6 documentation": "[2001:db8::1]:443", "more v6 documentation": "[3fff::1]:443", "discard": "[100::1]:443",
		"a name": "oapi.dingtalk.com:443", "no port": "47.94.1.1", "nothing": "",
	} {
		if err := notify.Guard("tcp", address, nil); err == nil {
			t.Errorf("%s: %s is let through", name, address)
		}
	}
}

// A name server that gives private addresses to the platform's name, as one
// that was taken over does.
func TestANameThatResolvesToAPrivateAddressIsNotConnectedTo(t *testing.T) {
	t.Parallel()
	for _, ip := range []string{"127.0.0.1", "10.0.0.1", "100.100.100.200", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"} {
		t.Run(ip, func(t *testing.T) {
			t.Parallel()
			names := &nameServer{ip: netip.MustParseAddr(ip)}
			c := client(t, notify.ClientOptions{Resolver: names.resolver()})
			resp, err := c.Do(request(t, http.MethodPost, session, "x"))
			no := failed(t, resp, err)
			if !no.Again || no.Code != "PrivateAddress" || strings.Contains(no.Error(), ip) {
				t.Errorf("%+v", no)
			}
			if names.asked.Load() == 0 {
				t.Error("the name server was not asked")
			}
		})
	}
}

func TestAnUnknownNameIsSaidToBeUnknown(t *testing.T) {
	t.Parallel()
	names := &nameServer{}
	c := client(t, notify.ClientOptions{Resolver: names.resolver()})
	resp, err := c.Do(request(t, http.MethodPost, session, "x"))
	if no := failed(t, resp, err); !no.Again || no.Code != "NoAnswer" || !strings.Contains(no.Message, "hostname cannot be resolved") || strings.Contains(no.Error(), "dingtalk") {
		t.Errorf("%+v", no)
	}
}

// nameServer answers every question for an address with ip, or says that there
// is no such name.
type nameServer struct {
	ip    netip.Addr
	asked atomic.Int64
}

func (n *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe() // a stream, so messages have their length before them
		go n.serve(ours)
		return theirs, nil
	}}
}

func (n *nameServer) serve(c net.Conn) {
	defer c.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(c, question); err != nil {
			return
		}
		n.asked.Add(1)
		answer := n.answer(question)
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			if !errors.Is(err, io.ErrClosedPipe) {
				panic(err)
			}
			return
		}
	}
}

// answer makes the answer to a query with one question (RFC 1035, 4.1).
func (n *nameServer) answer(query []byte) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	end += 5 // the final zero, type and class
	const typeA, typeAAAA = 1, 28
	kind := binary.BigEndian.Uint16(query[end-4:])
	out := append([]byte{}, query[:2]...)
	flags, count := uint16(0x8180), uint16(0)
	if !n.ip.IsValid() {
		flags |= 3 // no such name
	}
	var data []byte
	if n.ip.Is4() && kind == typeA || n.ip.Is6() && kind == typeAAAA {
		data, count = n.ip.AsSlice(), 1
	}
	for _, v := range []uint16{flags, 1, count, 0, 0} {
		out = binary.BigEndian.AppendUint16(out, v)
	}
	out = append(out, query[12:end]...)
	if count == 1 {
		out = append(out, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 60)
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(data))), data...)
	}
	return out
}
