package intake_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

func TestWakeObjectsOfManyLanes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ lanes, wakes, most int }{
		{1, 1, 1}, {4, 4, 1}, {5, 3, 2}, {8, 4, 2}, {9, 3, 3}, {30, 4, 8}, {32, 4, 8}, {33, 4, 9}, {128, 4, 32}, {1000, 4, 32},
	} {
		t.Run(strconv.Itoa(tt.lanes), func(t *testing.T) {
			t.Parallel()
			c := cloudtest.New(t)
			in := intake.New(intake.Deps{Bucket: c.Store, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
			var lanes, woken []change.Target
			for i := range tt.lanes {
				lanes = append(lanes, change.Target{RegionID: "cn-hangzhou", ServerID: fmt.Sprintf("vss-bp1w3n8c5t7k2m9x4r%04d", i)})
			}
			in.Wake(t.Context(), lanes)
			wakes := c.Keys(t.Context(), "wake/")
			if len(wakes) != tt.wakes {
				t.Fatalf("%d wake objects for %d lanes: %q", len(wakes), tt.lanes, wakes)
			}
			for _, b := range wakes {
				some, ok := objects.ParseWakeKey(b)
				if !ok || len(some) > tt.most {
					t.Errorf("%s wakes %d lanes, %v", b, len(some), ok)
				}
				woken = append(woken, some...)
			}
			if !slices.Equal(woken, lanes[:min(len(lanes), 128)]) {
				t.Errorf("woken were %v", woken)
			}
		})
	}
}

func TestWakeObjectsOfTwoRegions(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	in := intake.New(intake.Deps{Bucket: c.Store, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	var lanes []change.Target
	for i := range 12 {
		lanes = append(lanes, change.Target{RegionID: []string{"cn-hangzhou", "cn-shanghai"}[i%2], ServerID: fmt.Sprintf("vss-%02d", i)})
	}
	in.Wake(t.Context(), lanes)
	want := []string{
		"wake/cn-hangzhou/vss-00.vss-02.vss-04", "wake/cn-hangzhou/vss-06.vss-08.vss-10",
		"wake/cn-shanghai/vss-01.vss-03.vss-05", "wake/cn-shanghai/vss-07.vss-09.vss-11",
	}
	if got := c.Keys(t.Context(), "wake/"); !slices.Equal(got, want) {
		t.Errorf("the wake objects are %q", got)
	}
}

func TestAttackADocumentOfManyLanesWakesFew(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		lane  func(i int) change.Target
		least int // lanes that are woken
	}{
		{"each in a region of its own", func(i int) change.Target {
			return change.Target{RegionID: fmt.Sprintf("cn-r%d", i), ServerID: "vss-a"}
		}, 4},
		{"two regions in turn", func(i int) change.Target {
			return change.Target{RegionID: fmt.Sprintf("cn-r%d", i%2), ServerID: fmt.Sprintf("vss-%d", i)}
		}, 100},
		{"the longest ids", func(i int) change.Target {
			return change.Target{RegionID: "cn-hangzhou", ServerID: fmt.Sprintf("vss-%060d", i)}
		}, 40},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := cloudtest.New(t)
			in := intake.New(intake.Deps{Bucket: c.Store, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
			var lanes []change.Target
			for i := range 100 {
				lanes = append(lanes, test.lane(i))
			}
			in.Wake(t.Context(), lanes)
			wakes, woken := c.Keys(t.Context(), "wake/"), 0
			for _, key := range wakes {
				some, ok := objects.ParseWakeKey(key)
				if !ok || len(key) > 1000 {
					t.Errorf("the wake object %q", key)
				}
				woken += len(some)
			}
			if len(wakes) > 4 || woken < test.least {
				t.Errorf("%d wake objects for %d lanes", len(wakes), woken)
			}
		})
	}
}

func TestKeysThatWakeNoLane(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		"", "wake/", "wake/cn-hangzhou", "wake/cn-hangzhou/", "wake/cn-hangzhou/vss-one/x", "wake/../state", "wake/cn-hangzhou/vss-one.",
		"wake/cn-hangzhou/vss-one..vss-two", "wake/cn-hangzhou/vss-one.other", "changes/cn-hangzhou/vss-one", "wake/cn-hangzhou/vss-one.vss-two/..",
	} {
		if lanes, ok := objects.ParseWakeKey(key); ok {
			t.Errorf("%q wakes %v", key, lanes)
		}
	}
}
