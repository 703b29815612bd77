package sslvpn_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

func TestAdviceNamesTheWayOut(t *testing.T) {
	t.Parallel()
	const modify, read = "ModifySslVpnServer", "DescribeSslVpnServers"
	tests := []struct {
		name string
		err  sslvpn.Error
		want []string
	}{
		{"denied", sslvpn.Error{Class: sslvpn.ClassDenied, Action: modify}, []string{"vpc:ModifySslVpnServer", "acs:vpc:cn-hangzhou:1234567890:sslvpnserver/" + serverID}},
		{"denied to read", sslvpn.Error{Class: sslvpn.ClassDenied, Action: read}, []string{"vpc:DescribeSslVpnServers", "sslvpnserver/"}},
		{"denied to read the gateway", sslvpn.Error{Class: sslvpn.ClassDenied, Action: "DescribeVpnGateway"}, []string{"vpc:DescribeVpnGateway", "acs:vpc:cn-hangzhou:1234567890:vpngateway/*"}},
		{"locked", sslvpn.Error{Class: sslvpn.ClassLocked}, []string{"unpaid bill", "pay it", "submit the change again"}},
		{"a name", sslvpn.Error{Class: sslvpn.ClassInvalid, Code: "InvalidName"}, []string{"Name", "2 to 100"}},
		{"a pool", sslvpn.Error{Class: sslvpn.ClassInvalid, Code: "IllegalParam.ClientIpPool"}, []string{"ClientIpPool", "/16 to /29"}},
		{"a subnet", sslvpn.Error{Class: sslvpn.ClassInvalid, Code: "IllegalParam.LocalSubnet"}, []string{"LocalSubnet", "at most 5"}},
		{"a port", sslvpn.Error{Class: sslvpn.ClassInvalid, Code: "InvalidPort.Malformed"}, []string{"Port", "reserved"}},
		{"no such server", sslvpn.Error{Class: sslvpn.ClassInvalid, Code: "InvalidSslVpnServerId.NotFound"}, []string{"SslVpnServerId and RegionId", serverID, "cn-hangzhou"}},
		{"no such region", sslvpn.Error{Class: sslvpn.ClassInvalid, Code: "InvalidRegionId.NotFound"}, []string{"RegionId", "cn-hangzhou"}},
		{"a token used twice", sslvpn.Error{Class: sslvpn.ClassInvalid, Code: "IdempotentParameterMismatch"}, []string{"ClientToken", "new token"}},
		{"invalid in a new way", sslvpn.Error{Class: sslvpn.ClassInvalid, Code: "InvalidNew", RequestID: "R-1"}, []string{"R-1"}},
		{"never sent", sslvpn.Error{Class: sslvpn.ClassInvalid}, []string{"before it was sent"}},
		{"busy", sslvpn.Error{Class: sslvpn.ClassBusy}, []string{"waits", "active"}},
		{"throttled", sslvpn.Error{Class: sslvpn.ClassThrottled}, []string{"waits"}},
		{"unavailable", sslvpn.Error{Class: sslvpn.ClassUnavailable}, []string{"cn-hangzhou", "waits"}},
		{"an open circuit", sslvpn.Error{Class: sslvpn.ClassCircuitOpen}, []string{"cn-hangzhou", "waits"}},
		{"unknown", sslvpn.Error{Class: sslvpn.ClassUnknown}, []string{"may have accepted", "read back"}},
		{"credentials", sslvpn.Error{Class: sslvpn.ClassCredentials}, []string{"role"}},
		{"other with a diagnosis", sslvpn.Error{Class: sslvpn.ClassOther, Recommend: "https://example.com/d", RequestID: "R-1"}, []string{"https://example.com/d"}},
		{"other", sslvpn.Error{Class: sslvpn.ClassOther, RequestID: "R-1"}, []string{"R-1"}},
	}
	for _, tt := range tests {
		got := sslvpn.Advice(&tt.err, target(), "1234567890")
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: advice = %q, want %q in it", tt.name, got, want)
			}
		}
	}
}

// TestEveryDocumentedCodeHasAdvice: the codes of the vendor's pages about SSL-VPN
// servers, and those of its VPC family that a modification can get.
func TestEveryDocumentedCodeHasAdvice(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		code   string
		want   string
	}{
		{403, "Forbbiden.SubUser", "check the id"},
		{403, "Forbidden", "check the id"},
		{400, "InvalidName", "2 to 100"},
		{400, "VpnGateway.Configuring", "waits"},
		{400, "VpnGateway.FinancialLocked", "unpaid bill"},
		{404, "InvalidSslVpnServerId.NotFound", "RegionId"},
		{404, "InvalidRegionId.NotFound", "RegionId"},
		{404, "InvalidVpnGatewayInstanceId.NotFound", "does not exist any more"},
		{400, "Resource.QuotaFull", "raise the quota"},
		{400, "QuotaExceeded.VpnRouteEntry", "remove routes"},
		{400, "IllegalParam.LocalSubnet", "LocalSubnet"},
		{400, "VpnGateway.SslVpnDisabled", "Enable SSL-VPN on the VPN gateway"},
		{400, "DryRunOperation", "changed nothing"},
		{400, "UnknownError", "overlap the VPC, a route or each other"},
		{500, "UnknownError", "overlap the VPC, a route or each other"},
		{400, "IdempotentParameterMismatch", "new token"},
		{400, "OperationFailed.LastTokenProcessing", "waits"},
		{400, "Throttling.User", "waits"},
	}
	for _, tt := range tests {
		class := sslvpn.ClassifyModify(tt.code, "", tt.status)
		e := &sslvpn.Error{Action: "ModifySslVpnServer", Class: class, Code: tt.code, HTTPStatus: tt.status, RequestID: "R-1", Recommend: "https://example.com/d"}
		if got := sslvpn.Advice(e, target(), ""); !strings.Contains(got, tt.want) || strings.Contains(got, "example.com") {
			t.Errorf("%d %s (%s): advice = %q, want %q in it", tt.status, tt.code, class, got, tt.want)
		}
	}
}

func TestTheRefusedField(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code, message string
		want          string
	}{
		{"IllegalParam.LocalSubnet", "", "LocalSubnet"},
		{"InvalidPort.Malformed", "", "Port"},
		{"InvalidParameter", `The specified "ClientIpPool" (10.0.0.0/8) is invalid.`, "ClientIpPool"},
		{"InvalidParameter", `The "ClientIpPool" overlaps the "LocalSubnet".`, ""},
		{"Odd", "the Name of the Port", ""},
	}
	for _, tt := range tests {
		if got := sslvpn.RefusedField(tt.code, tt.message); string(got) != tt.want {
			t.Errorf("%s %q: field = %q, want %q", tt.code, tt.message, got, tt.want)
		}
	}
}
