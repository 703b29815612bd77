package record

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// FuzzRecord checks that no object makes the reader of records or receipts panic,
// that what it reads is about the change or file asked for, and that writing it
// again changes nothing.
func FuzzRecord(f *testing.F) {
	const id, file = "20261122-7f3akq2cd2", "changes/hotel.yaml"
	f.Add(id, []byte(`{"schema":"sslvpn-change/record/v1","id":"20261122-7f3akq2cd2","status":"applied","finishedAt":"2026-11-22T08:35:02Z","requested":{"Port":1195},`+
		`"before":{"Port":1194,"Compress":null},"changed":[{"field":"Port","from":1194,"to":1195}],"waitedMs":{"gateway":1}}`))
	f.Add(id, []byte(`{"schema":"sslvpn-change/record/v1","id":"20261122-7f3akq2cd2","requested":{"Port":"x"},"attempts":[null]}`))
	f.Add(file, []byte(`{"schema":"sslvpn-change/receipt/v1","file":"changes/hotel.yaml","eTag":"A","lastModified":"2026-11-22T08:35:02Z",`+
		`"status":"rejected","problems":[{"path":"a","line":1,"rule":"r","message":"m"}]}`))
	f.Add("", []byte(`{"schema":"sslvpn-change/receipt/v1","file":"","changes":null}`))
	f.Add(id, []byte(`{"schema":"sslvpn-change/proof/v1","id":"20261122-7f3akq2cd2","before":{"probe":"listening","connected":3},"after":{"probe":"silent"},"verifiedAt":"2026-11-22T08:35:02Z"}`))
	f.Add(id, []byte("{"))
	f.Fuzz(func(t *testing.T, about string, data []byte) {
		if key, ok := objects.RecordKey(about); ok {
			folder, base := filepath.Split(key)
			if base != about+".json" || len(folder) != len("results/2026/11/22/") || strings.Contains(key, "..") {
				t.Fatalf("the record of %q is at %q", about, key)
			}
		}
		if rec, err := decodeRecord("key", about, data); err == nil {
			once, err := encodeRecord(rec)
			if err != nil || rec.ID != about {
				t.Fatalf("%+v cannot be written again: %v", rec, err)
			}
			again, err := decodeRecord("key", about, once)
			if twice, werr := encodeRecord(again); err != nil || werr != nil || !bytes.Equal(once, twice) {
				t.Fatalf("%s\nis read as %+v, %v, %v", once, again, err, werr)
			}
		} else if rec.ID != "" {
			t.Fatalf("refused, but returns %+v", rec)
		}
		if p, err := decodeProof("key", about, data); err == nil {
			once, err := encodeProof(p)
			if err != nil || p.ID != about {
				t.Fatalf("%+v cannot be written again: %v", p, err)
			}
			again, err := decodeProof("key", about, once)
			if twice, werr := encodeProof(again); err != nil || werr != nil || !bytes.Equal(once, twice) {
				t.Fatalf("%s\nis read as %+v, %v, %v", once, again, err, werr)
			}
		} else if p.ID != "" {
			t.Fatalf("refused, but returns %+v", p)
		}
		if rec, err := decodeReceipt("key", about, data); err == nil {
			once, err := encodeReceipt(rec)
			if err != nil || rec.File != about {
				t.Fatalf("%+v cannot be written again: %v", rec, err)
			}
			again, err := decodeReceipt("key", about, once)
			if twice, werr := encodeReceipt(again); err != nil || werr != nil || !bytes.Equal(once, twice) {
				t.Fatalf("%s\nis read as %+v, %v, %v", once, again, err, werr)
			}
		} else if rec.File != "" {
			t.Fatalf("refused, but returns %+v", rec)
		}
	})
}
