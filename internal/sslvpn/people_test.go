package sslvpn_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

const certificate = "vsc-bp13k5mp4tg8v3z9b"

// clients are n clients of the server with one certificate.
func clients(n int) vpc.Clients {
	out := vpc.Clients{ServerID: serverID}
	for i := range n {
		out.Clients = append(out.Clients, vpc.Client{Certificate: certificate, User: fmt.Sprintf("mei.%d@example.com", i)})
	}
	return out
}

func TestEveryPageOfConnectedClientsIsRead(t *testing.T) {
	t.Parallel()
	for connected, calls := range map[int]int{0: 1, 1: 1, 50: 1, 51: 2, 120: 3, 1000: 20, 1100: 20} {
		w := newHarness(t, vpc.Options{})
		if err := w.SetClients(clients(connected)); err != nil {
			t.Fatal(err)
		}
		got, err := w.client.DescribeClients(t.Context(), gateway())
		if err != nil || !got.Known || got.Total != connected || len(got.Clients) != min(connected, 1000) {
			t.Errorf("%d connected: known %v, %d in total, %d clients, %v", connected, got.Known, got.Total, len(got.Clients), err)
		}
		if n := len(w.Calls(vpc.DescribeSslVpnClients)); n != calls {
			t.Errorf("%d connected: %d calls, want %d", connected, n, calls)
		}
	}
}

func TestNobodyIsNamed(t *testing.T) {
	t.Parallel()
	for _, mfa := range []bool{false, true} {
		w := newHarness(t, vpc.Options{})
		if err := w.UpdateServer(serverID, func(s *vpc.Server) { s.EnableMultiFactorAuth = mfa }); err != nil {
			t.Fatal(err)
		}
		if err := w.SetClients(clients(2)); err != nil {
			t.Fatal(err)
		}
		got, err := w.client.DescribeClients(t.Context(), gateway())
		if err != nil {
			t.Fatal(err)
		}
		want := certificate
		if mfa {
			want = ""
		}
		if text := fmt.Sprintf("%+v", got); strings.Contains(text, "mei") || strings.Contains(text, "198.51.100") || strings.Contains(text, "4000") {
			t.Errorf("multi-factor authentication %v: names somebody: %s", mfa, text)
		}
		for _, c := range got.Clients {
			if c.Certificate != want || c.Since.IsZero() {
				t.Errorf("multi-factor authentication %v: client = %+v, want the certificate %q", mfa, c, want)
			}
		}
	}
}

func TestCertificatesComeWithoutKeys(t *testing.T) {
	t.Parallel()
	const key = "-----BEGIN PRIVATE KEY-----"
	now := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	w := newHarness(t, vpc.Options{Now: func() time.Time { return now }})
	w.client = w.newClient(t, sslvpn.Config{Now: func() time.Time { return now }})
	for i, end := range []time.Time{now.AddDate(1, 0, 0), now.AddDate(0, 0, 7), now.AddDate(0, 0, -1)} {
		err := w.AddCertificate(vpc.Certificate{ID: fmt.Sprintf("%s%d", certificate, i), ServerID: serverID, Name: "mei's laptop", EndsAt: end, Key: key})
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := w.client.DescribeClientCerts(t.Context(), target())
	want := []sslvpn.Certificate{
		{ID: certificate + "0", Name: "mei's laptop", Status: sslvpn.CertificateNormal, End: now.AddDate(1, 0, 0)},
		{ID: certificate + "1", Name: "mei's laptop", Status: sslvpn.CertificateExpiringSoon, End: now.AddDate(0, 0, 7)},
		{ID: certificate + "2", Name: "mei's laptop", Status: sslvpn.CertificateExpired, End: now.AddDate(0, 0, -1)},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("certificates = %+v, %v, want %+v", got, err, want)
	}
	if n := len(w.Calls(vpc.DescribeSslVpnClientCert)); n != 0 {
		t.Errorf("the action that returns private keys was called %d times", n)
	}
}

func TestDescribeVPC(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	g, err := w.client.DescribeGateway(t.Context(), gateway())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.AddVPC(vpc.VPC{RegionID: "cn-hangzhou", ID: g.VPCID, CIDR: "192.168.0.0/16", SecondaryCIDRs: []string{"10.9.0.0/16", "10.8.0.0/16"}, UserCIDRs: []string{"30.0.0.0/8"}}); err != nil {
		t.Fatal(err)
	}
	ref := sslvpn.VPCRef{RegionID: "cn-hangzhou", VPCID: g.VPCID}
	for _, kind := range []vpc.FaultKind{vpc.FaultSlow, vpc.FaultXML, vpc.FaultTexts} {
		w.inject(t, vpc.Fault{Kind: kind})
		got, err := w.client.DescribeVPC(t.Context(), ref)
		networks := []netip.Prefix{netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("10.9.0.0/16"), netip.MustParsePrefix("10.8.0.0/16")}
		if err != nil || got.ID != g.VPCID || !slices.Equal(got.Networks, networks) || !slices.Equal(got.UserCIDRs, []netip.Prefix{netip.MustParsePrefix("30.0.0.0/8")}) {
			t.Errorf("%s: VPC = %+v, %v", kind, got, err)
		}
	}
}

func TestWhatAGatewaySaysOfItself(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	made := time.Date(2020, 3, 4, 0, 0, 0, 0, time.UTC)
	read := func() sslvpn.Gateway {
		t.Helper()
		g, err := w.client.DescribeGateway(t.Context(), gateway())
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	if g := read(); !g.SSLEnabled || !g.Visualized || g.Private || g.VPCID == "" || g.PublicIP != netip.MustParseAddr("203.0.113.10") || g.CreatedAt.IsZero() {
		t.Errorf("gateway = %+v", g)
	}
	if err := w.UpdateGateway(gatewayID, func(g *vpc.Gateway) {
		g.SSLInternetIP, g.Private, g.SSLDisabled, g.SSLMaxConnections, g.CreatedAt, g.NotVisualized = "203.0.113.99", true, true, 7, made, true
	}); err != nil {
		t.Fatal(err)
	}
	if g := read(); g.SSLEnabled || g.Visualized || !g.Private || g.PublicIP != netip.MustParseAddr("203.0.113.99") || !g.CreatedAt.Equal(made) || g.SSLMaxConnections != 7 {
		t.Errorf("gateway = %+v", g)
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	dry := func(p change.Patch) error { return w.client.DryRun(t.Context(), modification(p)) }
	port := change.Patch{change.Port: change.Number(1195)}
	if err := dry(port); err != nil {
		t.Errorf("a valid modification: %v", err)
	}
	if c := w.calls[0]; c.Action != "ModifySslVpnServer" || c.Class != "" || c.RequestID == "" {
		t.Errorf("call = %+v, want a success", c)
	}
	if e := failure(t, dry(change.Patch{change.ClientIPPool: change.Text("10.20.20.0/24")})); e.Class != sslvpn.ClassInvalid || e.Code != "IllegalParam.ClientIpPool" {
		t.Errorf("an overlapping pool: %+v", e)
	}
	if e := failure(t, dry(nil)); e.Class != sslvpn.ClassInvalid || e.HTTPStatus != 0 {
		t.Errorf("no settings: %+v", e)
	}
	w.inject(t, vpc.Fault{Kind: vpc.FaultReset})
	if e := failure(t, dry(port)); e.Class != sslvpn.ClassUnavailable {
		t.Errorf("no answer: %+v, want that nothing was modified", e)
	}
	if s := w.Snapshot(); s.Effective != 0 {
		t.Errorf("%d modifications by dry runs", s.Effective)
	}
}

func TestADryRunThatWasARealOneSaysSo(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	w.inject(t, vpc.Fault{Kind: vpc.FaultEmpty})
	if e := failure(t, w.client.DryRun(t.Context(), modification(change.Patch{change.Port: change.Number(1195)}))); e.Class != sslvpn.ClassUnknown {
		t.Errorf("error = %+v, want one of unknown outcome", e)
	}
}

func TestWhatTheRoleMayNotRead(t *testing.T) {
	t.Parallel()
	w := newHarness(t, vpc.Options{})
	w.Deny(vpc.DescribeSslVpnClients, vpc.DescribeSslVpnClientCerts, vpc.DescribeVpcAttribute)
	_, clients := w.client.DescribeClients(t.Context(), gateway())
	_, certs := w.client.DescribeClientCerts(t.Context(), target())
	_, networks := w.client.DescribeVPC(t.Context(), sslvpn.VPCRef{RegionID: "cn-hangzhou", VPCID: "vpc-1"})
	for _, err := range []error{clients, certs, networks} {
		if e := failure(t, err); e.Class != sslvpn.ClassDenied {
			t.Errorf("error = %v, want %s", err, sslvpn.ClassDenied)
		}
	}
}
