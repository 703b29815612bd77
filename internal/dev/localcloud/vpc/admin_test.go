package vpc_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

func post(e *vpc.Emulator, path, body string) (int, string) {
	return answer(e, httptest.NewRequest(http.MethodPost, "/local/vpc/"+path, strings.NewReader(body)))
}

func TestControlSurface(t *testing.T) {
	t.Parallel()
	c := newClock()
	e := vpc.New(vpc.Options{Now: c.time})
	steps := []struct{ path, body string }{
		{"credentials", `[{"accessKeyId":"id","accessKeySecret":"secret"}]`},
		{"servers", `[{"regionId":"cn-hangzhou","sslVpnServerId":"` + serverID + `","vpnGatewayId":"` + gatewayID + `","clientIpPool":"10.0.0.0/24","localSubnet":"10.1.0.0/16"}]`},
		{"gateways", `[{"vpnGatewayId":"` + gatewayID + `","busyForNs":5000000000}]`},
		{"faults", `[{"kind":"throttle","action":"ModifySslVpnServer"},{"kind":"hang","sslVpnServerId":"vss-other"}]`},
	}
	for _, s := range steps {
		if status, body := post(e, s.path, s.body); status != http.StatusNoContent {
			t.Fatalf("POST %s = %d %s", s.path, status, body)
		}
	}
	if got := modify(t, e, c, "Port=1195"); got != "Throttling.User" {
		t.Errorf("first: %q, want the fault", got)
	}
	if got := modify(t, e, c, "Port=1195"); got != "VpnGateway.Configuring" {
		t.Errorf("second: %q, want the busy gateway", got)
	}
	status, body := answer(e, httptest.NewRequest(http.MethodGet, "/local/vpc/state", http.NoBody))
	var s vpc.Snapshot
	if err := json.Unmarshal([]byte(body), &s); err != nil || status != 200 {
		t.Fatalf("state = %d %s (%v)", status, body, err)
	}
	if len(s.Calls) != 2 || s.Calls[0].Fault != vpc.FaultThrottle || s.Gateways[0].Status != "updating" || s.Servers[0].Port != 1194 || len(s.Faults) != 1 {
		t.Errorf("state = %s", body)
	}
	if status, _ := answer(e, httptest.NewRequest(http.MethodDelete, "/local/vpc/faults", http.NoBody)); status != http.StatusNoContent || len(e.Snapshot().Faults) != 0 {
		t.Errorf("DELETE faults = %d, %d left", status, len(e.Snapshot().Faults))
	}
}

func TestControlSurfaceRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct{ path, body, want string }{
		{"faults", `[{"kind":"explode"}]`, "explode"},
		{"faults", `[{"kind":"error"}]`, "status 0"},
		{"faults", `[{"kindd":"hang"}]`, "kindd"},
		{"gateways", `[{"vpnGatewayId":"vpn-none"}]`, "vpn-none"},
		{"servers", `[{"regionId":"cn-hangzhou"}]`, "sslVpnServerId"},
		{"servers", `{`, "EOF"},
	}
	for _, tt := range tests {
		if status, body := post(vpc.New(vpc.Options{}), tt.path, tt.body); status != http.StatusBadRequest || !strings.Contains(body, tt.want) {
			t.Errorf("POST %s %s = %d %s, want 400 with %s", tt.path, tt.body, status, body, tt.want)
		}
	}
}
