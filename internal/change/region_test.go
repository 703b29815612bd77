package change_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

func TestRegions(t *testing.T) {
	t.Parallel()
	more := change.Regions{}.With("xx-new-9", "EVIL.com", "")
	tests := []struct {
		region         string
		unknown, added string // the rule without and with the addition; "" for accepted
	}{
		{"cn-hangzhou", "", ""},
		{"cn-wuhan-lr", "", ""},
		{"rus-west-1-pop", "", ""},
		{"cn-shanghai-finance-1", "", ""},
		{"xx-new-9", change.RuleRegionUnknown, ""},
		{"cn-hangzou", change.RuleRegionUnknown, change.RuleRegionUnknown},
		{"cn-hangzhou-internal", change.RuleRegionUnknown, change.RuleRegionUnknown},
		{"cn-hangzhou-b", change.RuleRegionUnknown, change.RuleRegionUnknown}, // a zone
		{"oss-cn-hangzhou", change.RuleRegionFormat, change.RuleRegionFormat},
		{"vpc-cn-hangzhou", change.RuleRegionFormat, change.RuleRegionFormat},
		{"cn-hangzhou.evil.com", change.RuleRegionFormat, change.RuleRegionFormat},
		{"cn-hangzhou.", change.RuleRegionFormat, change.RuleRegionFormat},
		{"cn-hangzhou/", change.RuleRegionFormat, change.RuleRegionFormat},
		{"cn-hangzhou@evil", change.RuleRegionFormat, change.RuleRegionFormat},
		{"cn-hangzhou ap-south-1", change.RuleRegionFormat, change.RuleRegionFormat},
		{"CN-Hangzhou", change.RuleRegionFormat, change.RuleRegionFormat},
		{"cn-hàngzhou", change.RuleRegionFormat, change.RuleRegionFormat},
		{"cn-hangzhou-", change.RuleRegionFormat, change.RuleRegionFormat},
		{"cn--hangzhou", change.RuleRegionFormat, change.RuleRegionFormat},
		{"cn", change.RuleRegionFormat, change.RuleRegionFormat},
		{"", change.RuleRequired, change.RuleRequired},
	}
	for _, test := range tests {
		reqs := []change.Request{{Target: change.Target{RegionID: test.region, ServerID: "vss-a"}, Patch: change.Patch{change.Port: change.Number(1195)}, Path: "changes[0]"}}
		for _, known := range []struct {
			regions change.Regions
			want    string
		}{{change.Regions{}, test.unknown}, {more, test.added}} {
			problems := append(change.Validate(reqs, time.Now()), known.regions.Check(reqs)...)
			switch {
			case known.want == "" && len(problems) == 0:
			case len(problems) != 1 || problems[0].Rule != known.want || problems[0].Path != "changes[0].RegionId" || problems[0].Hint == "":
				t.Errorf("%q: got %v, want %s", test.region, problems, known.want)
			}
		}
	}
}

func TestStoredRegionsStayReadable(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"oss-cn-hangzhou", "xx-new-9", "abc-d"} {
		if !(change.Target{RegionID: region, ServerID: "vss-a"}).Valid() {
			t.Errorf("a key of an earlier version with %s is not read", region)
		}
	}
}
