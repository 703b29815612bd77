package change_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// The forms below are stored in buckets. A failure here means that redelivered
// documents would be accepted as new ones: fix the code, never the test.
func TestIdentitiesAndIDsNeverChange(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 16, 30, 0, 0, time.FixedZone("", 8*3600))
	tests := []struct {
		name, got, identity, document string
	}{
		{"file", change.FileIdentity("b", "changes/办公.yaml", "5B3C1A2E053D763E1B002CC607C5A0FE", at), `file "b" "changes/\u529e\u516c.yaml" "5B3C1A2E053D763E1B002CC607C5A0FE" "2026-11-22T08:30:00Z"`, "2tyaesqzafysic22nzhf6wl5ar"},
		{"http", change.HTTPIdentity("ops", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"), `http "ops" "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"`, "mtdwrklyi22mcank6ce5plc5pe"},
		{"timer", change.TimerIdentity("nightly", at), `timer "nightly" "2026-11-22T08:30:00Z"`, "zq4uxjoiylgr4tlrh266bcyb27"},
		{"chat", change.ChatIdentity("feishu", "t1", "om_1"), `chat "feishu" "t1" "om_1"`, "hpojnmi5puoyqx25blnlnhdbav"},
		{"token", change.TokenIdentity(change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, `x" "y`), `token "cn-hangzhou" "vss-a" "x\" \"y"`, "b2zgf34y6x6xq5mna3jfnarivz"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.got != tt.identity {
				t.Errorf("identity %s, want %s", tt.got, tt.identity)
			}
			if got := change.DocumentID(tt.identity); got != tt.document {
				t.Errorf("document id %s, want %s", got, tt.document)
			}
			if got := change.ShortDocumentID(tt.identity); got != tt.document[:10] {
				t.Errorf("document id of earlier versions %s, want %s", got, tt.document[:10])
			}
			for _, document := range []string{tt.document, tt.document[:10]} {
				if !change.Identifies("20261122-"+document+"-3", tt.identity) || change.Identifies("20261122-"+document, tt.identity+" ") {
					t.Errorf("%s identifies another identity, or not this one", document)
				}
			}
		})
	}
}

func TestIdentitiesAreUnambiguous(t *testing.T) {
	t.Parallel()
	parts := []string{"", `"`, `" "`, "a", "a b", "\xff", "\uFFFD", "ÿ", `\xff`, "é"}
	seen := map[string][2]string{}
	for _, a := range parts {
		for _, b := range parts {
			id := change.HTTPIdentity(a, b)
			if other, ok := seen[id]; ok {
				t.Errorf("%q and %q have the identity %s", other, [2]string{a, b}, id)
			}
			seen[id] = [2]string{a, b}
		}
	}
}

func TestIDsReadBack(t *testing.T) {
	t.Parallel()
	night := time.Date(2026, 11, 23, 7, 59, 0, 0, time.FixedZone("", 8*3600)) // still the 22nd in UTC
	tests := []struct {
		id           string
		index, count int
	}{
		{"20261122-7f3akq2cd2", 1, 1},
		{"20261122-7f3akq2cd2-1", 1, 2},
		{"20261122-7f3akq2cd2-1000", 1000, 1000},
		{"20261122-7f3akq2cd2kq3mzr5w7bxa4nhc", 1, 1},
		{"20261122-7f3akq2cd2kq3mzr5w7bxa4nhc-9999", 9999, 9999},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			if got := change.ID(night, strings.Split(tt.id, "-")[1], tt.index, tt.count); got != tt.id {
				t.Errorf("ID = %s, want %s", got, tt.id)
			}
			date, document, index, ok := change.ParseID(tt.id)
			if want := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC); !ok || !date.Equal(want) || document != strings.Split(tt.id, "-")[1] || index != tt.index {
				t.Errorf("ParseID = %v %s %d %t", date, document, index, ok)
			}
		})
	}
}

func TestParseIDRefusesEverythingElse(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"20261122-7f3akq2cd2kq3mzr5w7bxa4nh", "20261122-7f3akq2cd2kq3mzr5w7bxa4nhcd", "20261122-7f3akq2cd2kq3mzr5w7bxa4nh9", "20261122-",
		"", "20261122", "20261122-7f3akq2cd", "20261122-7f3akq2cd23", "20261122-7F3AKQ2CD2", "20261122-7f3akq9cd2", // 9 is not base32
		"20261322-7f3akq2cd2", "20260230-7f3akq2cd2", "20261122-7f3akq2cd2-", "20261122-7f3akq2cd2-0", "20261122-7f3akq2cd2-01",
		"20261122-7f3akq2cd2-10000", "20261122-7f3akq2cd2-1-1", "20261122-7f3akq2cd2\n", " 20261122-7f3akq2cd2", "../20261122-7f3akq2cd2", "２０２６1122-7f3akq2cd2",
	} {
		if _, _, _, ok := change.ParseID(id); ok {
			t.Errorf("%q was accepted for an id", id)
		}
	}
}

func TestTargetValid(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]bool{"cn-hangzhou": true, "ap-southeast-1": true, "cn-hangzhou\n": false, "": false, "CN-hangzhou": false, "cn": false, "cn-a/b": false, "cn-..": false} {
		if got := (change.Target{RegionID: region, ServerID: "vss-a1"}).Valid(); got != want {
			t.Errorf("region %q: Valid = %t, want %t", region, got, want)
		}
	}
	if (change.Target{RegionID: "cn-hangzhou", ServerID: "vss-"}).Valid() {
		t.Error("an empty server id is valid")
	}
}

func TestIDsAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	const long, second, old, oldSecond = "20261122-7f3akq2cd2kq3mzr5w7bxa4nhc", "20261122-7f3akq2cd2kq3mzr5w7bxa4nhc-2", "20261122-7f3akq2cd2", "20261122-7f3akq2cd2-2"
	for typed, want := range map[string][]string{
		long: {long, second}, second: {second}, old: {long, second, old, oldSecond}, oldSecond: {second, oldSecond},
		"20261122-7f3akq2cd2k": {long, second}, "20261122-7f3akq2cd2k-2": {second}, "20261122-7f3akq2cd2k-3": nil, "20261122-7f3akq2cd2l": nil, "20261123-7f3akq2cd2": nil,
	} {
		got, ok := change.ParseTyped(typed)
		if !ok || got.Whole() != (len(strings.Split(typed, "-")[1]) == 26) {
			t.Errorf("%s: whole %t, %t", typed, got.Whole(), ok)
		}
		for _, id := range []string{long, second, old, oldSecond} {
			if got.Matches(id) != slices.Contains(want, id) {
				t.Errorf("%s matches %s: %t", typed, id, got.Matches(id))
			}
		}
	}
	for _, no := range []string{"", "20261122", "20261122-", "20261122-7f3akq2cd", "20261122-7f3akq2cd2kq3mzr5w7bxa4nhcx", "20261122-7f3akq2cd2-0", "20261322-7f3akq2cd2", "20261122-7F3AKQ2CD2", "20261122-7f3akq2cd2*"} {
		if _, ok := change.ParseTyped(no); ok {
			t.Errorf("%q is the beginning of an id", no)
		}
	}
}
