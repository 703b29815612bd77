package proof

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/storedtest"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

const sampleKey = "proofs/cn-hangzhou/vss-a/20261122-7f3akq2cd2.json"

// sample is what the sample of a pending proof means. It sets every field, as no real
// one does.
func sample() entry {
	at := func(second int) time.Time { return time.Date(2026, 11, 22, 8, 35, second, 0, time.UTC) }
	return entry{
		target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}, id: "20261122-7f3akq2cd2", gatewayID: "vpn-a", place: place{1195, true},
		undo: true, replies: []json.RawMessage{json.RawMessage(`{"reply":{"platform":"slack"}}`)}, sentAt: at(1), refused: 2, refusedSince: at(4),
		proof: record.Proof{
			ID:     "20261122-7f3akq2cd2",
			Before: record.Look{At: at(0), Probe: probe.Silent, Reason: probe.Closed, Connected: new(37), NotCounted: record.CountDenied},
			After:  record.Look{At: at(5), Probe: probe.Silent, Reason: probe.NoAnswer, Connected: new(31), NotCounted: record.CountFailed},
			Looks:  3, Returned: new(30), UndoAt: at(6), VerifiedAt: at(2),
		},
	}
}

func TestStoredPendingProof(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[entry]{
		Name: "pending", Stored: storedPending{},
		Read:  func(data []byte) (entry, error) { return decode(sampleKey, data) },
		Write: func(e entry) ([]byte, error) { return e.encode() },
		Want:  map[string]entry{"v1": sample()},
	})
}

func FuzzDecode(f *testing.F) {
	e := sample()
	data, err := e.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sampleKey, data)
	f.Add("proofs/x", []byte(`{"schema":"sslvpn-change/pending-proof/v1","looks":-1}`))
	f.Add(sampleKey, []byte("null"))
	f.Fuzz(func(t *testing.T, key string, data []byte) {
		e, err := decode(key, data)
		if err != nil {
			return
		}
		if e.key() != key {
			t.Fatalf("%s is read as %s", key, e.key())
		}
		e.final(DefaultPolicy())
		e.fails(DefaultPolicy())
		once, err := e.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := decode(key, once)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := again.encode(); err != nil || string(twice) != string(once) {
			t.Fatalf("%s\nbecomes\n%s, %v", once, twice, err)
		}
	})
}
