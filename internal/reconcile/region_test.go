package reconcile_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// Changes of such regions were queued by earlier versions.
func TestAttackAStoredChangeOfAnUnknownRegion(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"oss-cn-hangzhou", "cn-nowhere-9"} {
		t.Run(region, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.server.RegionID = region
			id := h.set(change.Port, change.Number(1195))
			h.drain()
			rec := h.ends(id, change.Failed)
			if rec.Error == nil || rec.Error.Code != "RegionUnknown" || !strings.Contains(rec.Error.Message, "nothing was sent") || !strings.Contains(rec.Error.Hint, "VPC_REGIONS") {
				t.Errorf("the record has %+v", rec.Error)
			}
			h.queueEmpty()
			if n := len(h.VPC.Calls("")); n > 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}
