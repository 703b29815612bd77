package vpc_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// connections is how many clients the server says are connected.
func connections(e *vpc.Emulator) int { return e.Snapshot().Servers[0].Connections }

// TestClientsReturnIfTheirFileFits: a modification disconnects everybody; those whose
// file fits the new settings come back, and the others when it is undone.
func TestClientsReturnIfTheirFileFits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, query, undo string
		back, undone      int
	}{
		{"the name", "Name=new", "Name=test", 3, 3},
		{"the pool", "ClientIpPool=10.99.0.0/24", "ClientIpPool=10.98.0.0/24", 3, 3},
		{"the cipher", "Cipher=AES-256-CBC", "Cipher=AES-128-CBC", 3, 3},
		{"the port", "Port=1195", "Port=1194", 0, 3},
		{"compression", "Compress=true", "Compress=false", 0, 3},
		{"a password", "EnableMultiFactorAuth=true&IDaaSInstanceId=idaas-1&IDaaSRegionId=cn-hangzhou", "EnableMultiFactorAuth=false", 1, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			e := newEmulator(t, c, vpc.Options{ReturnAfter: 10 * time.Second})
			s, _ := e.Server(serverID)
			file := vpc.File{Proto: s.Proto, Port: s.Port, Compress: s.Compress, Password: true}
			if err := e.SetClients(vpc.Clients{ServerID: serverID, Clients: []vpc.Client{{Certificate: "vsc-1"}, {Certificate: "vsc-2"}, {Certificate: "vsc-3", File: &file}}}); err != nil {
				t.Fatal(err)
			}
			for _, step := range []struct {
				query string
				want  int
			}{{tt.query, tt.back}, {tt.undo, tt.undone}} {
				if code := modify(t, e, c, step.query); code != "" {
					t.Fatalf("%s: %s", step.query, code)
				}
				if got := connections(e); got != 0 && !strings.HasPrefix(step.query, "Name=") {
					t.Errorf("%d clients stayed connected during %s", got, step.query)
				}
				c.advance(11 * time.Second)
				if got := connections(e); got != step.want {
					t.Errorf("%d clients are connected after %s, want %d", got, step.query, step.want)
				}
			}
		})
	}
}

func TestKeysAreShownNowhereElse(t *testing.T) {
	t.Parallel()
	const key = "-----BEGIN PRIVATE KEY----- testkey"
	c := newClock()
	e := newEmulator(t, c, vpc.Options{})
	steps := []struct{ path, body string }{
		{"clients", `[{"sslVpnServerId":"` + serverID + `","clients":[{"sslVpnClientCertId":"vsc-1"}]}]`},
		{"certificates", `[{"sslVpnClientCertId":"vsc-1","sslVpnServerId":"` + serverID + `","name":"laptop","key":"` + key + `"}]`},
		{"vpcs", `[{"regionId":"cn-hangzhou","vpcId":"vpc-1","cidrBlock":"192.168.0.0/16"}]`},
		{"gateways", `[{"vpnGatewayId":"` + gatewayID + `","notVisualized":true,"private":true}]`},
		{"denied", `["DescribeVpcAttribute"]`},
	}
	for _, s := range steps {
		if status, body := post(e, s.path, s.body); status != http.StatusNoContent {
			t.Fatalf("POST %s = %d %s", s.path, status, body)
		}
	}
	_, body := answer(e, httptest.NewRequest(http.MethodGet, "/local/vpc/state", http.NoBody))
	var s vpc.Snapshot
	if err := json.Unmarshal([]byte(body), &s); err != nil || len(s.Clients) != 1 || len(s.Certificates) != 1 || !s.Gateways[0].NotVisualized || !s.Gateways[0].Private {
		t.Errorf("state = %s, %v", body, err)
	}
	if strings.Contains(body, "testkey") {
		t.Error("the state shows a private key")
	}
}
