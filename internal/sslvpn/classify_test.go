package sslvpn_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

func TestTransientCodesOfTheFamilyAreBusy(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"VpnGateway.Configuring", "VpnConnection.Configuring", "VpnRouteEntry.Configuring", "Appliance.Configuring",
		"VpnTask.CONFLICT", "TaskConflict", "OperationConflict", "OperationFailed.TaskConflict", "OperationConflict.VpnGateway",
		"LastTokenProcessing", "OperationFailed.LastTokenProcessing", "OperationFailed.IdempotentTokenProcessing", "IdempotenceProcessing",
		"IncorrectStatus", "IncorrectStatus.VpnGateway", "IncorrectStatus.SslVpnServer", "IncorrectVpcStatus", "IncorrectRouteEntryStatus",
		"IncorrectVpnConnectionStatus", "InvalidStatus", "InvalidStatus.RouteEntry", "InvalidVpcStatus", "InvalidVpnGateway.InvalidStatus",
		"SystemBusy", "OperationFailed.SystemBusy", "UnknownError", "ServiceUnavailable",
		"OperationFailed.DistibuteLock", "OperationFailed.DistributeLock", "OperationFailed.ConcurrentOperation",
		"NetworkStatus.Modifying", "VpcStatus.Modifying", "NetworkStatus.Updating",
	} {
		for _, status := range []int{400, 403, 409} {
			if got := sslvpn.ClassifyModify(code, "", status); got != sslvpn.ClassBusy {
				t.Errorf("%d %s is %s, want busy", status, code, got)
			}
		}
	}
}

// TestA500OfAnUnclearCodeIsUnknown: the API may have accepted the modification nevertheless.
func TestA500OfAnUnclearCodeIsUnknown(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"UnknownError", "ServiceUnavailable", "InternalError", "", "NewCode"} {
		if got := sslvpn.ClassifyModify(code, "Please try again later.", 500); got != sslvpn.ClassUnknown {
			t.Errorf("500 %s is %s, want unknown", code, got)
		}
	}
}

func TestUnknownCodesWhoseMessageSaysLaterAreBusy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code, message string
		want          sslvpn.Class
	}{
		{"NewCode", "The resource is in use. Please try again later.", sslvpn.ClassBusy},
		{"OperationFailed.New", "please TRY IT\nlater", sslvpn.ClassBusy},
		{"", "The service is being upgraded, retry later", sslvpn.ClassBusy},
		{"NewCode", "Wait, then try again in a few minutes.", sslvpn.ClassBusy},
		{"NewCode", "The later value is wrong.", sslvpn.ClassOther},
		{"NewCode", "Correct it and try again.", sslvpn.ClassOther},
		{"QuotaExceeded.New", "The quota is used up, try again later.", sslvpn.ClassOther},
		{"InvalidName", "The name is not valid, try again later.", sslvpn.ClassInvalid},
		{"InvalidParameter.Status", "no such status", sslvpn.ClassInvalid},
		{"Forbidden.RAM", "Not authorized; try again later.", sslvpn.ClassDenied},
		{"VpnRouteEntry.Conflict", "The route exists.", sslvpn.ClassOther},
	}
	for _, tt := range tests {
		if got := sslvpn.ClassifyModify(tt.code, tt.message, 400); got != tt.want {
			t.Errorf("400 %s %q is %s, want %s", tt.code, tt.message, got, tt.want)
		}
	}
}
