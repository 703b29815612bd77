package sslvpn_test

import (
	"strings"
	"testing"

	"sslvpnchange/internal/sslvpn"
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
