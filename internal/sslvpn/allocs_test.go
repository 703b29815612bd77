//go:build !race

package sslvpn_test

import "testing"

// TestACallAllocatesLittle is left out under the race detector, with which
// pools of the standard library drop what they hold.
//
//nolint:paralleltest // counts the allocations of the whole process
func TestACallAllocatesLittle(t *testing.T) {
	const most = 125 // with the server's share of about 30
	api := apiClient(t, recorded(t))
	got := testing.AllocsPerRun(200, func() {
		if _, err := api.DescribeGateway(t.Context(), gateway()); err != nil {
			t.Fatal(err)
		}
	})
	if got > most {
		t.Errorf("a call allocates %.0f times, want at most %d", got, most)
	}
}
