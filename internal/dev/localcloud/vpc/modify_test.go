package vpc_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

const (
	serverID  = "vss-bp18q7hzj6largv4vk2fe"
	gatewayID = "vpn-bp1q8bgx4xnkm2ogj0fiu"
)

// clock is the emulator's clock in these tests.
type clock struct {
	mu  sync.Mutex
	now time.Time
	seq int
}

func newClock() *clock { return &clock{now: signedAt()} }

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newEmulator(t *testing.T, c *clock, opts vpc.Options) *vpc.Emulator {
	t.Helper()
	opts.Credentials = []vpc.Credential{{AccessKeyID: "id", AccessKeySecret: "secret"}}
	opts.Now = c.time
	e := vpc.New(opts)
	addServer(t, e)
	return e
}

// signed is a request with signature version 3 and a new nonce.
func (c *clock) signed(action, query string) *http.Request {
	c.seq++
	params, _ := url.ParseQuery(query)
	if !params.Has("RegionId") {
		params.Set("RegionId", "cn-hangzhou")
	}
	r := httptest.NewRequest(http.MethodGet, "/?"+params.Encode(), http.NoBody)
	r.Header.Set("X-Acs-Action", action)
	r.Header.Set("X-Acs-Content-Sha256", empty)
	r.Header.Set("X-Acs-Date", c.time().Format("2006-01-02T15:04:05Z"))
	r.Header.Set("X-Acs-Signature-Nonce", strconv.Itoa(c.seq))
	r.Header.Set("X-Acs-Version", "2016-04-28")
	names := "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
	var headers strings.Builder
	for name := range strings.SplitSeq(names, ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		headers.WriteString(name + ":" + value + "\n")
	}
	canonical := "GET\n/\n" + strings.ReplaceAll(params.Encode(), "+", "%20") + "\n" + headers.String() + "\n" + names + "\n" + empty
	digest := sha256.Sum256([]byte(canonical))
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + hex.EncodeToString(digest[:])))
	r.Header.Set("Authorization", "ACS3-HMAC-SHA256 Credential=id,SignedHeaders="+names+",Signature="+hex.EncodeToString(mac.Sum(nil)))
	return r
}

// modify sends a modification and returns the code of its refusal, "" for
// success.
func modify(t *testing.T, e *vpc.Emulator, c *clock, query string) string {
	t.Helper()
	status, body := answer(e, c.signed("ModifySslVpnServer", "SslVpnServerId="+serverID+"&"+query))
	if status == http.StatusOK {
		return ""
	}
	_, rest, _ := strings.Cut(body, `"Code":"`)
	code, _, _ := strings.Cut(rest, `"`)
	return code
}

func TestValueRules(t *testing.T) {
	t.Parallel()
	tests := []struct{ query, want string }{
		{"Name=a", ""},
		{"Name=" + strings.Repeat("x", 100), ""},
		{"Name=" + strings.Repeat("x", 101), "InvalidName"},
		{"Name=", "InvalidName"},
		{"Name=http://x", "InvalidName"},
		{"Port=1", ""},
		{"Port=65535", ""},
		{"Port=0", "IllegalParam.Port"},
		{"Port=65536", "IllegalParam.Port"},
		{"Port=443", "IllegalParam.Port"},
		{"Port=abc", "IllegalParam.Port"},
		{"Proto=TCP", ""},
		{"Proto=ICMP", "IllegalParam.Proto"},
		{"Cipher=none", ""},
		{"Cipher=DES", "IllegalParam.Cipher"},
		{"Compress=true", ""},
		{"Compress=maybe", "IllegalParam.Compress"},
		{"ClientIpPool=10.40.0.0/16", ""},
		{"ClientIpPool=10.40.0.0/15", "IllegalParam.ClientIpPool"},
		{"ClientIpPool=10.40.0.0/27", ""},
		{"ClientIpPool=10.40.0.0/28", "IllegalParam.ClientIpPool"}, // 16 addresses for 5 connections
		{"ClientIpPool=10.40.0.1/24", "IllegalParam.ClientIpPool"},
		{"ClientIpPool=100.64.0.0/16", "IllegalParam.ClientIpPool"},
		{"ClientIpPool=10.20.20.0/25", "IllegalParam.ClientIpPool"}, // inside LocalSubnet
		{"ClientIpPool=172.16.1.0/24", "IllegalParam.ClientIpPool"}, // inside the VPC
		{"LocalSubnet=10.0.0.0/12", ""},
		{"LocalSubnet=100.64.0.0/10", ""},
		{"LocalSubnet=10.30.0.0/16", "IllegalParam.ClientIpPool"}, // around the pool
		{"LocalSubnet=0.0.0.0/0", "IllegalParam.LocalSubnet"},
		{"LocalSubnet=169.254.1.0/24", "IllegalParam.LocalSubnet"},
		{"LocalSubnet=10.1.0.0/24,+10.2.0.0/24", "IllegalParam.LocalSubnet"},
		{"LocalSubnet=10.1.0.0/24,10.2.0.0/24,10.3.0.0/24,10.4.0.0/24,10.5.0.0/24", ""},
		{"LocalSubnet=10.1.0.0/24,10.2.0.0/24,10.3.0.0/24,10.4.0.0/24,10.5.0.0/24,10.6.0.0/24", "IllegalParam.LocalSubnet"},
		{"EnableMultiFactorAuth=true", "IllegalParam.IDaaSInstanceId"},
		{"EnableMultiFactorAuth=true&IDaaSInstanceId=i&IDaaSRegionId=cn-hangzhou", ""},
		{"EnableMultiFactorAuth=true&IDaaSInstanceId=idaas_vtnz5q3z&IDaaSRegionId=cn-hangzhou", "IllegalParam.IDaaSApplicationId"},
		{"EnableMultiFactorAuth=true&IDaaSInstanceId=idaas_vtnz5q3z&IDaaSRegionId=cn-hangzhou&IDaaSApplicationId=app_1", ""},
		{"Port=1195&ClientToken=" + strings.Repeat("x", 64), ""},
		{"Port=1195&ClientToken=" + strings.Repeat("x", 65), "IllegalParam.ClientToken"},
		{"Port=1195&ClientToken=%C3%A9", "IllegalParam.ClientToken"},
		{"Port=1195&DryRun=true", "DryRunOperation"},
		{"Port=443&DryRun=true", "IllegalParam.Port"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			e := newEmulator(t, c, vpc.Options{})
			if err := e.AddVPC(vpc.VPC{RegionID: "cn-hangzhou", ID: "vpc-" + gatewayID, CIDR: "172.16.0.0/12"}); err != nil {
				t.Fatal(err)
			}
			before, _ := e.Server(serverID)
			got := modify(t, e, c, tt.query)
			if got != tt.want {
				t.Errorf("code = %q, want %q", got, tt.want)
			}
			if after, _ := e.Server(serverID); (after != before) != (tt.want == "") {
				t.Errorf("server after %q = %+v", got, after)
			}
		})
	}
}

func TestTheGatewaysLock(t *testing.T) {
	t.Parallel()
	c := newClock()
	e := newEmulator(t, c, vpc.Options{Configuring: 20 * time.Second})
	status := func() string {
		_, body := answer(e, c.signed("DescribeVpnGateway", "VpnGatewayId="+gatewayID))
		_, rest, _ := strings.Cut(body, `"Status":"`)
		s, _, _ := strings.Cut(rest, `"`)
		return s
	}
	if got := modify(t, e, c, "Name=renamed"); got != "" || status() != "active" {
		t.Fatalf("a name alone: %q, gateway %s, want it active", got, status())
	}
	if got := modify(t, e, c, "Name=renamed&Port=1195"); got != "" || status() != "updating" {
		t.Fatalf("name and port: %q, gateway %s, want it updating", got, status())
	}
	if _, body := answer(e, c.signed("DescribeSslVpnServers", "SslVpnServerId="+serverID)); !strings.Contains(body, `"Port":1195`) {
		t.Errorf("describe = %s, want the new port at once", body)
	}
	c.advance(20*time.Second - 1)
	for _, query := range []string{"Port=1196", "Name=again"} {
		if got := modify(t, e, c, query); got != "VpnGateway.Configuring" {
			t.Errorf("%s while updating: %q, want VpnGateway.Configuring", query, got)
		}
	}
	c.advance(1)
	if got := status(); got != "active" {
		t.Errorf("status = %s, want active", got)
	}
	if s := e.Snapshot(); s.Effective != 2 || s.Changed != 2 || s.Counts["ModifySslVpnServer"] != 4 || s.Servers[0].Modified != 2 {
		t.Errorf("snapshot = %+v", s)
	}
}

func TestClientTokens(t *testing.T) {
	t.Parallel()
	c := newClock()
	e := newEmulator(t, c, vpc.Options{Configuring: time.Minute})
	if got := modify(t, e, c, "Port=1195&ClientToken=a"); got != "" {
		t.Fatal(got)
	}
	if err := e.UpdateServer(serverID, func(s *vpc.Server) { s.Port = 7000 }); err != nil {
		t.Fatal(err)
	}
	if got := modify(t, e, c, "Port=1195&ClientToken=a"); got != "" {
		t.Errorf("the same again, gateway updating: %q, want the first result", got)
	}
	if s, _ := e.Server(serverID); s.Port != 7000 {
		t.Errorf("port = %d: the replay had an effect", s.Port)
	}
	if got := modify(t, e, c, "Port=1196&ClientToken=a"); got != "IdempotentParameterMismatch" {
		t.Errorf("other settings: %q, want IdempotentParameterMismatch", got)
	}
	if got := modify(t, e, c, "Port=1196&ClientToken=b"); got != "VpnGateway.Configuring" {
		t.Errorf("another token: %q, want VpnGateway.Configuring", got)
	}
	if s := e.Snapshot(); s.Effective != 1 || !s.Calls[1].Replay || s.Calls[1].Effective {
		t.Errorf("snapshot = %+v, want one effect and one replay", s)
	}
}

func TestSwitches(t *testing.T) {
	t.Parallel()
	c := newClock()
	e := newEmulator(t, c, vpc.Options{RateLimits: map[string]int{"DescribeVpnGateway": 1}})
	set := func(f func(*vpc.Server)) {
		if err := e.UpdateServer(serverID, f); err != nil {
			t.Fatal(err)
		}
	}
	set(func(s *vpc.Server) { s.DenyModify = true })
	if got := modify(t, e, c, "Port=1195"); got != "Forbidden" {
		t.Errorf("denied: %q", got)
	}
	set(func(s *vpc.Server) { s.SubUser = true })
	if got := modify(t, e, c, "Port=1195"); got != "Forbbiden.SubUser" {
		t.Errorf("denied to a sub-user: %q", got)
	}
	set(func(s *vpc.Server) { s.DenyModify = false })
	locked := true
	if err := e.Control(vpc.GatewayControl{ID: gatewayID, FinancialLocked: &locked}); err != nil {
		t.Fatal(err)
	}
	if got := modify(t, e, c, "Port=1195"); got != "VpnGateway.FinancialLocked" {
		t.Errorf("locked: %q", got)
	}
	if _, body := answer(e, c.signed("DescribeVpnGateway", "VpnGatewayId="+gatewayID)); !strings.Contains(body, `"BusinessStatus":"FinancialLocked"`) {
		t.Errorf("gateway = %s", body)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, c.signed("DescribeVpnGateway", "VpnGatewayId="+gatewayID))
	if w.Code != 400 || !strings.Contains(w.Body.String(), "Throttling.User") || !strings.Contains(w.Header().Get("X-Ratelimit-User-Api"), "TimeLeft:") {
		t.Errorf("second call in a minute = %d %s %v", w.Code, w.Body, w.Header())
	}
	c.advance(time.Minute)
	if status, body := answer(e, c.signed("DescribeVpnGateway", "VpnGatewayId="+gatewayID)); status != 200 {
		t.Errorf("a minute later = %d %s", status, body)
	}
}

func TestRefusalsOfTheFrontOffice(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, action, query, want string }{
		{"no region", "DescribeVpnGateway", "RegionId=", "MissingRegionId"},
		{"an odd region", "DescribeVpnGateway", "RegionId=..", "InvalidRegionId.NotFound"},
		{"no server", "ModifySslVpnServer", "Port=1", "MissingSslVpnServerId"},
		{"an unknown server", "ModifySslVpnServer", "SslVpnServerId=vss-none", "InvalidSslVpnServerId.NotFound"},
		{"a server of another region", "ModifySslVpnServer", "RegionId=cn-beijing&SslVpnServerId=" + serverID, "InvalidSslVpnServerId.NotFound"},
		{"no gateway", "DescribeVpnGateway", "", "MissingVpnGatewayId"},
		{"an unknown gateway", "DescribeVpnGateway", "VpnGatewayId=vpn-none", "InvalidVpnGatewayInstanceId.NotFound"},
		{"an unknown action", "DeleteEverything", "", "InvalidApi.NotFound"},
	}
	for _, tt := range tests {
		c := newClock()
		if _, body := answer(newEmulator(t, c, vpc.Options{}), c.signed(tt.action, tt.query)); !strings.Contains(body, `"Code":"`+tt.want+`"`) {
			t.Errorf("%s: %s, want %s", tt.name, body, tt.want)
		}
	}
}

func TestOneServerPerGateway(t *testing.T) {
	t.Parallel()
	c := newClock()
	err := newEmulator(t, c, vpc.Options{}).AddServer(vpc.Server{
		RegionID: "cn-hangzhou", ID: "vss-2", GatewayID: gatewayID, ClientIPPool: "10.0.0.0/24", LocalSubnet: "10.1.0.0/24",
	})
	if err == nil || !strings.Contains(err.Error(), serverID) {
		t.Errorf("error = %v, want a refusal that names the other server", err)
	}
}

func TestUnknownParametersAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ action, query, want string }{
		{vpc.ModifySslVpnServer, "SslVpnServerId=" + serverID + "&Port=1195", ""},
		{vpc.ModifySslVpnServer, "SslVpnServerId=" + serverID + "&port=1195", "InvalidParameter.port"},
		{vpc.ModifySslVpnServer, "SslVpnServerId=" + serverID + "&ClientIPPool=10.9.0.0/24", "InvalidParameter.ClientIPPool"},
		{vpc.ModifySslVpnServer, "SslVpnServerId=" + serverID + "&Port=1195&Port=1196", "InvalidParameter.Port"},
		{vpc.ModifySslVpnServer, "SslVpnServerId=" + serverID + "&VpnGatewayId=" + gatewayID, "InvalidParameter.VpnGatewayId"},
		{vpc.DescribeSslVpnServers, "SslVpnServerId=" + serverID, ""},
		{vpc.DescribeSslVpnServers, "SslVpnServerID=" + serverID, "InvalidParameter.SslVpnServerID"},
		{vpc.DescribeVpnGateway, "VpnGatewayId=" + gatewayID, ""},
		{vpc.DescribeVpnGateway, "VpnGatewayId=" + gatewayID + "&SslVpnServerId=" + serverID, "InvalidParameter.SslVpnServerId"},
		{"DeleteVpnGateway", "SslVpnServerId=" + serverID, "InvalidApi.NotFound"},
	}
	for _, tt := range tests {
		t.Run(tt.action+" "+tt.query, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			e := newEmulator(t, c, vpc.Options{})
			status, body := answer(e, c.signed(tt.action, tt.query))
			if (status == http.StatusOK) != (tt.want == "") || (tt.want != "" && !strings.Contains(body, `"Code":"`+tt.want+`"`)) {
				t.Errorf("got %d %s, want the code %q", status, body, tt.want)
			}
		})
	}
}
