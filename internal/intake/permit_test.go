package intake_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// Four drains wait for long at a time. What a dead instance kept is given to another
// one a while later, and a store that fails lets nobody wait.
func TestFewDrainsWaitForLong(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	hold := func() (func(), bool) {
		d.Clock.Advance(time.Millisecond)
		return d.intake().PermitDrain(t.Context())
	}
	var first func()
	for i := range 4 {
		release, ok := hold()
		if !ok {
			t.Fatalf("drain %d may not wait", i+1)
		}
		if i == 0 {
			first = release
		}
	}
	if _, ok := hold(); ok {
		t.Error("a fifth drain may wait")
	}
	first()
	if _, ok := hold(); !ok {
		t.Error("nobody takes the place of the one that has waited")
	}
	d.Clock.Advance(14 * time.Minute)
	if _, ok := hold(); ok {
		t.Error("a place is taken while its drain may still wait")
	}
	d.Clock.Advance(2 * time.Minute)
	for i := range 4 {
		if _, ok := hold(); !ok {
			t.Errorf("place %d of a dead instance is not taken", i+1)
		}
	}
	if _, ok := hold(); ok {
		t.Error("a fifth drain may wait after that")
	}
	d.Clock.Advance(time.Hour)
	if err := d.OSS.Inject(oss.Fault{Kind: oss.ServiceUnavailable, KeyPrefix: "claims/", Times: -1}); err != nil {
		t.Fatal(err)
	}
	if _, ok := hold(); ok {
		t.Error("a drain may wait though the store fails")
	}
}
