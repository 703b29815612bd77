package reconcile_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// The record of a change whose modification was refused for a setting that was
// only sent along says so.
func TestASettingThatWasSentAlongIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		field  change.Field
		value  string
		fault  vpc.Fault
		advice []string
		not    string
	}{
		"the subnet, by the code": {
			change.ClientIPPool, "10.40.40.0/24",
			vpc.Fault{Code: "IllegalParam.LocalSubnet", Message: "no"},
			[]string{"does not set LocalSubnet", "sent along with ClientIpPool", "the value that the server already has (10.20.20.0/24)"},
			"",
		},
		"the subnet, by the message": {
			change.ClientIPPool, "10.40.40.0/24",
			vpc.Fault{Code: "OperationDenied", Message: "The specified \"LocalSubnet\" (10.20.20.0/24) is invalid."},
			[]string{"does not set LocalSubnet"},
			"",
		},
		"the pool": {
			change.LocalSubnet, "10.50.0.0/16",
			vpc.Fault{Code: "InvalidClientIpPool", Message: "no"},
			[]string{"does not set ClientIpPool", "sent along with LocalSubnet"},
			"",
		},
		"what was set": {
			change.LocalSubnet, "10.50.0.0/16",
			vpc.Fault{Code: "IllegalParam.LocalSubnet", Message: "no"},
			[]string{"The API refuses LocalSubnet"},
			"sent along",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			tt.fault.Action, tt.fault.Kind, tt.fault.Status = modify, vpc.FaultError, 400
			h.fault(tt.fault)
			id := h.set(tt.field, change.Text(tt.value))
			h.drain()
			hint := h.ends(id, change.Failed).Error.Hint
			for _, want := range tt.advice {
				if !strings.Contains(hint, want) {
					t.Errorf("hint = %q, want %q in it", hint, want)
				}
			}
			if tt.not != "" && strings.Contains(hint, tt.not) {
				t.Errorf("hint = %q, with %q in it", hint, tt.not)
			}
		})
	}
}
