package change_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

func TestCheckMerged(t *testing.T) {
	t.Parallel()
	text := change.Text
	tests := []struct {
		name   string
		before change.Settings
		patch  change.Patch
		max    int
		want   []string
		hint   string
	}{
		{
			"a new pool over the server's own subnet",
			change.Settings{change.LocalSubnet: text("10.20.20.0/24")},
			change.Patch{change.ClientIPPool: text("10.20.0.0/16")},
			5,
			[]string{"ClientIpPool pool-overlaps-local-subnet"},
			"any local network",
		},
		{
			"a new subnet over the server's own pool",
			change.Settings{change.ClientIPPool: text("10.20.0.0/16")},
			change.Patch{change.LocalSubnet: text("10.1.0.0/16,10.20.20.0/24")},
			5,
			[]string{"LocalSubnet pool-overlaps-local-subnet"},
			"",
		},
		{
			"a new name on a server that overlaps already",
			change.Settings{change.ClientIPPool: text("10.20.0.0/16"), change.LocalSubnet: text("10.20.20.0/24"), change.EnableMultiFactorAuth: change.Flag(true)},
			change.Patch{change.Name: text("office")},
			100_000, nil, "",
		},
		{
			"a pool just large enough", nil,
			change.Patch{change.ClientIPPool: text("10.30.30.0/27")},
			8, nil, "",
		},
		{
			"a pool one connection too small", nil,
			change.Patch{change.ClientIPPool: text("10.30.30.0/27")},
			9,
			[]string{"ClientIpPool pool-size"},
			"/26",
		},
		{
			"a pool for 1000 connections", nil,
			change.Patch{change.ClientIPPool: text("10.30.30.0/24")},
			1000,
			[]string{"ClientIpPool pool-size"},
			"10.30.16.0/20",
		},
		{
			"a number of connections that no pool serves", nil,
			change.Patch{change.ClientIPPool: text("10.30.0.0/16")},
			20_000,
			[]string{"ClientIpPool pool-size"},
			"no pool",
		},
		{
			"an unknown number of connections", nil,
			change.Patch{change.ClientIPPool: text("10.30.30.8/29")},
			0, nil, "",
		},
		{
			"multi-factor authentication without IDaaS", nil,
			change.Patch{change.EnableMultiFactorAuth: change.Flag(true)},
			0,
			[]string{"EnableMultiFactorAuth mfa-needs-idaas", "EnableMultiFactorAuth mfa-needs-idaas"},
			"set IDaaS",
		},
		{
			"multi-factor authentication with what the server has",
			change.Settings{change.IDaaSRegionID: text("cn-hangzhou")},
			change.Patch{change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: text("idaas-1")},
			0, nil, "",
		},
		{
			"EIAM 2.0 without an application", nil,
			change.Patch{change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: text("idaas_vtnz5q3z"), change.IDaaSRegionID: text("cn-hangzhou")},
			0,
			[]string{"EnableMultiFactorAuth mfa-needs-application"},
			"set IDaaSApplicationId",
		},
		{
			"a server with EIAM 1.0 that moves to 2.0",
			change.Settings{change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: text("idaas-1"), change.IDaaSRegionID: text("cn-hangzhou")},
			change.Patch{change.IDaaSInstanceID: text("idaas_vtnz5q3z")},
			0,
			[]string{"EnableMultiFactorAuth mfa-needs-application"},
			"set IDaaSApplicationId",
		},
		{
			"EIAM 2.0 whose application is removed",
			change.Settings{change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: text("idaas_vtnz5q3z"), change.IDaaSRegionID: text("cn-hangzhou"), change.IDaaSApplicationID: text("app_1")},
			change.Patch{change.IDaaSApplicationID: text("")},
			0,
			[]string{"EnableMultiFactorAuth mfa-needs-application"},
			"set IDaaSApplicationId",
		},
		{
			"EIAM 2.0 with the application that the server has",
			change.Settings{change.IDaaSApplicationID: text("app_1"), change.IDaaSRegionID: text("cn-hangzhou")},
			change.Patch{change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: text("idaas_vtnz5q3z")},
			0, nil, "",
		},
		{
			"multi-factor authentication switched off", nil,
			change.Patch{change.EnableMultiFactorAuth: change.Flag(false)},
			0, nil, "",
		},
		{
			"a server's value that cannot be read",
			change.Settings{change.LocalSubnet: text("?")},
			change.Patch{change.ClientIPPool: text("10.30.30.0/24")},
			5, nil, "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := change.CheckMerged(tt.patch, tt.before.With(tt.patch), tt.max)
			if !slices.Equal(rules(got), tt.want) {
				t.Fatalf("got %q, want %q", rules(got), tt.want)
			}
			if len(got) > 0 && !strings.Contains(got[0].Hint, tt.hint) {
				t.Errorf("hint %q, want it to hold %q", got[0].Hint, tt.hint)
			}
		})
	}
}

func TestCheckExpect(t *testing.T) {
	t.Parallel()
	current := change.Settings{
		change.Port: change.Number(1195), change.Proto: change.Text("UDP"),
		change.LocalSubnet: change.Text("10.1.0.0/16,10.2.0.0/16"),
	}
	kept := change.Patch{
		change.Proto: change.Text("udp"), change.LocalSubnet: change.Text("10.2.0.0/16,10.1.0.0/16"),
		change.Compress: change.Flag(false), change.IDaaSInstanceID: change.Text(""),
	}
	if got := change.CheckExpect(current, kept); got != nil {
		t.Errorf("values that mean the same: %v", got)
	}
	got := change.CheckExpect(current, change.Patch{change.Port: change.Number(1194), change.Name: change.Text("a"), change.Cipher: change.Text("none")})
	if want := []string{"expect.Cipher expect-mismatch", "expect.Name expect-mismatch", "expect.Port expect-mismatch"}; !slices.Equal(rules(got), want) {
		t.Fatalf("got %q, want %q", rules(got), want)
	}
	if got[1].Message != "Port is 1195, expected 1194" || got[0].Message != `Name is not set, expected "a"` {
		t.Errorf("messages: %q, %q", got[0].Message, got[1].Message)
	}
}
