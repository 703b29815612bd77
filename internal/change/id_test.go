package change_test

import (
	"testing"
	"time"

	"sslvpnchange/internal/change"
)

// The forms below are stored in buckets. A failure here means that redelivered
// documents would be accepted as new ones: fix the code, never the test.
func TestIdentitiesAndIDsNeverChange(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 16, 30, 0, 0, time.FixedZone("", 8*3600))
	tests := []struct {
		name, got, identity, document string
	}{
		{"file", change.FileIdentity("b", "changes/办公.yaml", "5B3C1A2E053D763E1B002CC607C5A0FE", at), `file "b" "changes/\u529e\u516c.yaml" "5B3C1A2E053D763E1B002CC607C5A0FE" "2026-11-22T08:30:00Z"`, "2tyaesqzaf"},
		{"http", change.HTTPIdentity("ops", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"), `http "ops" "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"`, "mtdwrklyi2"},
		{"timer", change.TimerIdentity("nightly", at), `timer "nightly" "2026-11-22T08:30:00Z"`, "zq4uxjoiyl"},
		{"chat", change.ChatIdentity("feishu", "t1", "om_1"), `chat "feishu" "t1" "om_1"`, "hpojnmi5pu"},
		{"token", change.TokenIdentity(change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, `x" "y`), `token "cn-hangzhou" "vss-a" "x\" \"y"`, "b2zgf34y6x"},
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
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			if got := change.ID(night, "7f3akq2cd2", tt.index, tt.count); got != tt.id {
				t.Errorf("ID = %s, want %s", got, tt.id)
			}
			date, document, index, ok := change.ParseID(tt.id)
			if want := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC); !ok || !date.Equal(want) || document != "7f3akq2cd2" || index != tt.index {
				t.Errorf("ParseID = %v %s %d %t", date, document, index, ok)
			}
		})
	}
}

func TestParseIDRefusesEverythingElse(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
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
