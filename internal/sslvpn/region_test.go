package sslvpn_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// The answers of a name server.
const (
	serverFailure = 2
	noSuchName    = 3
)

// nameServer answers every question with a code. It keeps the first question.
type nameServer struct {
	code  byte
	asked chan string
}

func (n nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		mine, theirs := net.Pipe()
		go n.serve(theirs)
		return mine, nil
	}}
}

// serve answers questions as over TCP.
func (n nameServer) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	for {
		var size [2]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return
		}
		q := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(c, q); err != nil {
			return
		}
		end := 12
		for q[end] != 0 {
			end += int(q[end]) + 1
		}
		select {
		case n.asked <- string(q[12:end]):
		default:
		}
		reply := append([]byte{q[0], q[1], 0x81, 0x80 | n.code, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:end+5]...)
		binary.BigEndian.PutUint16(size[:], uint16(len(reply)))
		if _, err := c.Write(append(size[:], reply...)); err != nil {
			return
		}
	}
}

func clientWith(t *testing.T, n nameServer, regions change.Regions) *sslvpn.Client {
	t.Helper()
	c, err := sslvpn.New(sslvpn.Config{Resolver: n.resolver()})
	if err != nil {
		t.Fatal(err)
	}
	return c.In(regions).With(creds(), nil)
}

func everyCall(ctx context.Context, c *sslvpn.Client, region string) map[string]error {
	at := change.Target{RegionID: region, ServerID: serverID}
	out := map[string]error{}
	_, out["server"] = c.DescribeServer(ctx, at)
	_, out["gateway"] = c.DescribeGateway(ctx, sslvpn.GatewayRef{RegionID: region, GatewayID: gatewayID})
	_, out["modify"] = c.ModifyServer(ctx, sslvpn.Modification{Target: at, Patch: change.Patch{change.Port: change.Number(1195)}, ClientToken: "t"})
	return out
}

func TestAttackNoRequestGoesToAHostOutsideTheRegions(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"oss-cn-hangzhou", "cn-hangzhou.evil.com", "CN-HANGZHOU", "cn-hangzhou/", "cn-nowhere-9", "vpc-cn-beijing", "x", "", "evil.com#cn-hangzhou"} {
		n := nameServer{code: noSuchName, asked: make(chan string, 1)}
		for call, err := range everyCall(t.Context(), clientWith(t, n, change.Regions{}), region) {
			e, ok := errors.AsType[*sslvpn.Error](err)
			if !ok || e.Class != sslvpn.ClassInvalid || e.Code != "RegionUnknown" || !strings.Contains(sslvpn.Advice(e, change.Target{}, ""), "VPC_REGIONS") {
				t.Errorf("%s in %q: %v", call, region, err)
			}
		}
		select {
		case name := <-n.asked:
			t.Errorf("%q: the host %s was looked up", region, name)
		default:
		}
	}
}

func TestAttackARegionWithoutAHostIsDefinite(t *testing.T) {
	t.Parallel()
	more := change.Regions{}.With("cn-nowhere-9")
	tests := []struct {
		name, region string
		code         byte
		want         sslvpn.Class
	}{
		{"the region does not exist", "cn-nowhere-9", noSuchName, sslvpn.ClassInvalid},
		{"a published region without a host", "ap-south-1", noSuchName, sslvpn.ClassInvalid},
		{"the name server fails", "cn-nowhere-9", serverFailure, sslvpn.ClassUnavailable},
		{"the central host is no region's", "cn-hangzhou", noSuchName, sslvpn.ClassUnavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := nameServer{code: test.code, asked: make(chan string, 1)}
			for call, err := range everyCall(t.Context(), clientWith(t, n, more), test.region) {
				e, ok := errors.AsType[*sslvpn.Error](err)
				if !ok || e.Class != test.want || (e.Code == "RegionUnknown") != (test.want == sslvpn.ClassInvalid) {
					t.Errorf("%s: %v", call, err)
				}
			}
		})
	}
}
