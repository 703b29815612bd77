package impact_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

func noon() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) }

func server() change.Settings {
	return change.Settings{
		change.Name: change.Text("office"), change.ClientIPPool: change.Text("10.30.30.0/24"), change.LocalSubnet: change.Text("10.20.0.0/16"),
		change.Proto: change.Text("UDP"), change.Port: change.Number(1194), change.Cipher: change.Text("AES-128-CBC"),
		change.Compress: change.Flag(false), change.EnableMultiFactorAuth: change.Flag(false),
	}
}

// input is a change of the server by a patch, of which everything is known.
func input(p change.Patch) impact.Input {
	before := server()
	return impact.Input{
		Changed: change.Diff(before, p), Before: before, After: before.With(p), Now: noon(), Host: "203.0.113.10",
		Connected: 37, MaxConnections: 60,
		Gateway:      &sslvpn.Gateway{ID: "vpn-1", SSLEnabled: true, CreatedAt: noon().AddDate(-1, 0, 0), SSLMaxConnections: 60},
		VPC:          &sslvpn.VPC{ID: "vpc-1", Networks: []netip.Prefix{netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("172.16.0.0/12")}},
		Certificates: []sslvpn.Certificate{{ID: "vsc-1", Name: "laptop", Status: sslvpn.CertificateNormal, End: noon().AddDate(1, 0, 0)}},
	}
}

func TestImpactOfEachSetting(t *testing.T) {
	t.Parallel()
	text, flag := change.Text, change.Flag
	tests := []struct {
		name  string
		patch change.Patch
		class impact.Class
		lines []string // "old > new"
		ahead []string
		warns []impact.Warning
	}{
		{"the name", change.Patch{change.Name: text("lab")}, impact.None, nil, nil, nil},
		{"the pool", change.Patch{change.ClientIPPool: text("10.40.0.0/24")}, impact.Reconnects, nil, nil, nil},
		{"the subnets", change.Patch{change.LocalSubnet: text("10.21.0.0/16")}, impact.Reconnects, nil, nil, nil},
		{
			"the port",
			change.Patch{change.Port: change.Number(1195)},
			impact.NewFile,
			[]string{"remote 203.0.113.10 1194 > remote 203.0.113.10 1195", "port 1194 > port 1195"},
			[]string{"remote 203.0.113.10 1194 udp", "remote 203.0.113.10 1195 udp"},
			nil,
		},
		{
			"the protocol",
			change.Patch{change.Proto: text("TCP")},
			impact.NewFile,
			[]string{"proto udp > proto tcp"},
			[]string{"remote 203.0.113.10 1194 udp", "remote 203.0.113.10 1194 tcp-client"},
			nil,
		},
		{
			"a password",
			change.Patch{change.EnableMultiFactorAuth: flag(true)},
			impact.NewFile,
			[]string{" > auth-user-pass"},
			[]string{"auth-user-pass"},
			nil,
		},
		{
			"port, protocol and password",
			change.Patch{change.Port: change.Number(1195), change.Proto: text("TCP"), change.EnableMultiFactorAuth: flag(true)},
			impact.NewFile,
			[]string{"proto udp > proto tcp", "remote 203.0.113.10 1194 > remote 203.0.113.10 1195", "port 1194 > port 1195", " > auth-user-pass"},
			[]string{"remote 203.0.113.10 1194 udp", "remote 203.0.113.10 1195 tcp-client", "auth-user-pass"},
			nil,
		},
		{
			"compression",
			change.Patch{change.Compress: flag(true)},
			impact.NewFile,
			[]string{";comp-lzo > comp-lzo"},
			nil,
			[]impact.Warning{impact.SilentLoss, impact.Compresses},
		},
		{
			"compression and the port",
			change.Patch{change.Compress: flag(true), change.Port: change.Number(1195)},
			impact.NewFile,
			[]string{"remote 203.0.113.10 1194 > remote 203.0.113.10 1195", "port 1194 > port 1195", ";comp-lzo > comp-lzo"},
			nil,
			[]impact.Warning{impact.SilentLoss, impact.Compresses},
		},
		{
			"the cipher",
			change.Patch{change.Cipher: text("AES-256-CBC")},
			impact.Reconnects,
			[]string{"cipher AES-128-CBC > cipher AES-256-CBC"},
			nil,
			[]impact.Warning{impact.OlderClients},
		},
		{
			"no cipher",
			change.Patch{change.Cipher: text("none")},
			impact.Reconnects,
			[]string{"cipher AES-128-CBC > cipher none"},
			nil,
			[]impact.Warning{impact.OlderClients, impact.Unencrypted},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := impact.Of(input(tt.patch))
			var lines []string
			for _, l := range got.Lines {
				lines = append(lines, l.Old+" > "+l.New)
			}
			if got.Class != tt.class || !slices.Equal(lines, tt.lines) || !slices.Equal(got.Ahead, tt.ahead) || !slices.Equal(got.Warnings, tt.warns) {
				t.Errorf("impact = %+v", got)
			}
			if *got.Connected != 37 || got.MaxConnections != 60 || len(got.Findings) != 0 || len(got.Unknown) != 0 {
				t.Errorf("connected = %d of %d, findings %v, unknown %v", *got.Connected, got.MaxConnections, got.Findings, got.Unknown)
			}
			if want := len(tt.lines) > 0; (len(got.Certificates) == 1) != want {
				t.Errorf("certificates concerned: %v", got.Certificates)
			}
		})
	}
	if got := impact.Of(input(nil)); got != nil {
		t.Errorf("a change that changes nothing: %+v", got)
	}
}

// TestWhatIsSwitchedOffNeedsNoNewFile: a file that asks for a password works without
// multi-factor authentication.
func TestWhatIsSwitchedOffNeedsNoNewFile(t *testing.T) {
	t.Parallel()
	in := input(nil)
	in.Changed = []change.Difference{{Field: change.EnableMultiFactorAuth, From: change.Flag(true), To: change.Flag(false)}}
	if got := impact.Of(in); got.Class != impact.Reconnects || len(got.Lines)+len(got.Ahead)+len(got.Certificates) != 0 {
		t.Errorf("impact = %+v", got)
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	pool := change.Patch{change.ClientIPPool: change.Text("192.168.7.0/24")}
	mfa := change.Patch{change.EnableMultiFactorAuth: change.Flag(true)}
	tests := []struct {
		name  string
		patch change.Patch
		alter func(*impact.Input)
		rules []string
	}{
		{"a pool in the VPC", pool, func(*impact.Input) {}, []string{impact.RulePoolOverlapsVPC}},
		{"a pool in a secondary network", change.Patch{change.ClientIPPool: change.Text("172.20.0.0/24")}, func(*impact.Input) {}, []string{impact.RulePoolOverlapsVPC}},
		{"a pool outside it", change.Patch{change.ClientIPPool: change.Text("10.9.0.0/24")}, func(*impact.Input) {}, nil},
		{"a pool of a VPC that was not read", pool, func(in *impact.Input) { in.VPC = nil }, nil},
		{"a pool below the connected", change.Patch{change.ClientIPPool: change.Text("10.9.0.0/26")}, func(*impact.Input) {}, []string{impact.RulePoolBelowConnected}},
		{"a pool below the gateway's limit", change.Patch{change.ClientIPPool: change.Text("10.9.0.0/25")}, func(in *impact.Input) {
			in.MaxConnections, in.Connected = 0, 0
		}, []string{impact.RulePoolBelowConnected}},
		{"a pool of an unknown limit", change.Patch{change.ClientIPPool: change.Text("10.9.0.0/29")}, func(in *impact.Input) {
			in.MaxConnections, in.Connected, in.Gateway = 0, 0, nil
		}, nil},
		{"subnets in the VPC", change.Patch{change.LocalSubnet: change.Text("192.168.0.0/16")}, func(*impact.Input) {}, nil},
		{"an old gateway", mfa, func(in *impact.Input) { in.Gateway.CreatedAt = time.Date(2020, 3, 4, 23, 0, 0, 0, time.UTC) }, []string{impact.RuleMFANotPossible}},
		{"a gateway of the day", mfa, func(in *impact.Input) { in.Gateway.CreatedAt = time.Date(2020, 3, 5, 0, 0, 0, 0, time.UTC) }, nil},
		{"a gateway of no known age", mfa, func(in *impact.Input) { in.Gateway.CreatedAt = time.Time{} }, nil},
		{"an old gateway, and another setting", change.Patch{change.Port: change.Number(1195)}, func(in *impact.Input) { in.Gateway.CreatedAt = time.Unix(0, 0) }, nil},
		{"no SSL-VPN", change.Patch{change.Port: change.Number(1195)}, func(in *impact.Input) { in.Gateway.SSLEnabled = false }, []string{impact.RuleSSLNotEnabled}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := input(tt.patch)
			tt.alter(&in)
			var rules []string
			for _, p := range impact.Of(in).Findings {
				rules = append(rules, p.Rule)
				if p.Message == "" || p.Hint == "" || p.Path == "" {
					t.Errorf("finding = %+v", p)
				}
			}
			if !slices.Equal(rules, tt.rules) {
				t.Errorf("findings %v, want %v", rules, tt.rules)
			}
		})
	}
}

func TestCertificatesThatExpire(t *testing.T) {
	t.Parallel()
	in := input(change.Patch{change.Port: change.Number(1195)})
	in.Certificates = append(
		in.Certificates,
		sslvpn.Certificate{ID: "vsc-2", Status: sslvpn.CertificateExpiringSoon},
		sslvpn.Certificate{ID: "vsc-3", Status: sslvpn.CertificateNormal, End: noon().AddDate(0, 0, 20)},
		sslvpn.Certificate{ID: "vsc-4", Status: sslvpn.CertificateExpired},
	)
	got := impact.Of(in)
	if !slices.Equal(got.IDs(), []string{"vsc-1", "vsc-2", "vsc-3"}) || !slices.Equal(got.Warnings, []impact.Warning{impact.Expiring}) {
		t.Errorf("certificates %v, warnings %v", got.IDs(), got.Warnings)
	}
	var soon []string
	for _, c := range got.Certificates {
		if c.Expires(noon()) {
			soon = append(soon, c.ID)
		}
	}
	if !slices.Equal(soon, []string{"vsc-2", "vsc-3"}) {
		t.Errorf("%v expire soon", soon)
	}
}

// TestWhatIsNotKnownIsNotNobody: what the API does not say is listed, and never counted
// as zero.
func TestWhatIsNotKnownIsNotNobody(t *testing.T) {
	t.Parallel()
	in := input(change.Patch{change.Port: change.Number(1195)})
	in.MaxConnections, in.Connected, in.Host, in.Certificates = 0, 0, "", nil
	in.Unknown = []impact.Unknown{{What: impact.WhatCertificates, Why: impact.NotPermitted, Action: "vpc:DescribeSslVpnClientCerts"}}
	got := impact.Of(in)
	data, err := json.Marshal(got)
	if err != nil || got.Connected != nil || strings.Contains(string(data), `"connected":0`) {
		t.Errorf("impact = %s, %v", data, err)
	}
	want := append(slices.Clone(in.Unknown), impact.Unknown{What: impact.WhatConnected, Why: impact.NotReported})
	if !slices.Equal(got.Unknown, want) {
		t.Errorf("unknown = %v, want %v", got.Unknown, want)
	}
	if got.Lines[0].New != "remote … 1195" || got.Ahead[1] != "remote … 1195 udp" {
		t.Errorf("lines = %v, ahead %v", got.Lines, got.Ahead)
	}
	delete(in.Before, change.Proto)
	if got := impact.Of(in); got.Ahead != nil {
		t.Errorf("ahead %v of a server whose protocol is not known", got.Ahead)
	}
}

func ExampleOf() {
	before := server()
	patch := change.Patch{change.Port: change.Number(1195)}
	i := impact.Of(impact.Input{
		Changed: change.Diff(before, patch), Before: before, After: before.With(patch), Now: noon(),
		Host: "203.0.113.10", Connected: 37, MaxConnections: 200,
	})
	fmt.Println(i.Class, *i.Connected, "of", i.MaxConnections)
	for _, line := range i.Ahead {
		fmt.Println(line)
	}
	// Output:
	// new-file 37 of 200
	// remote 203.0.113.10 1194 udp
	// remote 203.0.113.10 1195 udp
}
