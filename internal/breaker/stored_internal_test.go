package breaker

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/storedtest"
)

func TestStoredCircuit(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[circuit]{
		Name: "circuit", Stored: storedCircuit{}, Read: decode, Write: encode,
		Want: map[string]circuit{"v1": {
			until: time.Date(2000, 1, 1, 0, 1, 30, 0, time.UTC), openedAt: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
			reason: "DescribeVpnGateway: unavailable (503 Code)", openings: 2,
		}},
	})
}
