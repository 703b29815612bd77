package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

const broken = `reason: several things are wrong here
changes:
  - RegionId: cn-hangzhou
    SslVpnServerId: vss-one
    Port: 443
  - RegionId: cn-hangzhou
    SslVpnServerId: vpn-two
    ClientIpPool: 10.30.30.0/2
    Prot: TCP
  - RegionId: cn-hangzhou
    SslVpnServerId: vss-three
    Port: 1195
`

func TestARefusedFileGetsAReceiptWithEveryProblem(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	u := d.upload("changes/broken.yaml", broken)
	res := d.accept(u, intake.FileRejected)
	rec := d.receipt()
	if rec.Status != record.FileRejected || rec.File != u.Key || rec.ETag != u.ETag || rec.Changes == nil || len(rec.Changes) != 0 {
		t.Errorf("the receipt is %+v", rec)
	}
	want := []change.Problem{
		{Path: "changes[0].Port", Line: 5, Rule: "port-reserved"},
		{Path: "changes[1].SslVpnServerId", Line: 7, Rule: "server-id-format"},
		{Path: "changes[1].ClientIpPool", Line: 8, Rule: "pool-mask"},
		{Path: "changes[1].Prot", Line: 9, Rule: "unknown-key"},
	}
	got := slices.Clone(rec.Problems)
	for i := range got {
		if got[i].Message == "" || got[i].Hint == "" {
			t.Errorf("a problem without a message or a hint: %+v", got[i])
		}
		got[i].Message, got[i].Hint = "", ""
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if !slices.Equal(res.Problems, rec.Problems) || res.Receipt == "" {
		t.Errorf("the result is %+v", res)
	}
	d.nothing("queue/", "claims/", "wake/", "results/")

	again := d.accept(u, intake.FileRejected)
	if fmt.Sprint(again) != fmt.Sprint(res) || d.created("receipts/") != 1 {
		t.Errorf("delivered again: %+v, %d receipts", again, d.created("receipts/"))
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ key, text, rule string }{
		"another extension":    {"changes/readme.txt", setPort("one", "1195"), "file-extension"},
		"no extension":         {"changes/hotels", setPort("one", "1195"), "file-extension"},
		"a hidden editor file": {"changes/.hotels.yaml.swp", setPort("one", "1195"), "file-extension"},
		"a byte too much":      {"changes/a.yaml", setPort("one", "1195") + "#" + strings.Repeat("x", 1<<20-len(setPort("one", "1195"))), "too-large"},
		"far too much":         {"changes/a.yaml", strings.Repeat("x", 5<<20), "too-large"},
		"nothing":              {"changes/a.yaml", "", "empty-document"},
		"no YAML":              {"changes/a.yaml", "a: [", "yaml-syntax"},
		"YAML named JSON":      {"changes/a.json", setPort("one", "1195"), "json-syntax"},
		"another encoding":     {"changes/a.yaml", "\xff\xfeR\x00", "encoding"},
		"no changes":           {"changes/a.yaml", "changes: []", "no-changes"},
		"too many changes":     {"changes/a.yaml", "changes:\n" + strings.Repeat("  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1195}\n", 1001), "too-many-changes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			d.accept(d.upload(tt.key, tt.text), intake.FileRejected)
			rec := d.receipt()
			if !slices.Contains(rules(rec.Problems), tt.rule) || rec.Status != record.FileRejected || rec.File != tt.key {
				t.Errorf("the receipt is %+v, want the rule %s", rec, tt.rule)
			}
			d.nothing("queue/", "claims/", "wake/")
		})
	}
}

func TestAFileOfExactlyOneMebibyteIsAccepted(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	text := setPort("one", "1195") + "#"
	d.accept(d.upload("changes/a.yaml", text+strings.Repeat("x", 1<<20-len(text))), intake.FileAccepted)
}
