package record

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzRecord holds that no object makes reading a record or a receipt panic,
// that what is taken is about what was asked for, and that it is the same when
// it is written again.
func FuzzRecord(f *testing.F) {
	const id, file = "20261122-7f3akq2cd2", "changes/hotel.yaml"
	f.Add(id, []byte(`{"schema":"sslvpn-change/record/v1","id":"20261122-7f3akq2cd2","status":"applied","requested":{"Port":1195},`+
		`"before":{"Port":1194,"Compress":null},"changed":[{"field":"Port","from":1194,"to":1195}],"waitedMs":{"gateway":1}}`))
	f.Add(id, []byte(`{"schema":"sslvpn-change/record/v1","id":"20261122-7f3akq2cd2","requested":{"Port":"x"},"attempts":[null]}`))
	f.Add(file, []byte(`{"schema":"sslvpn-change/receipt/v1","file":"changes/hotel.yaml","eTag":"A","lastModified":"2026-11-22T08:35:02Z",`+
		`"status":"rejected","problems":[{"path":"a","line":1,"rule":"r","message":"m"}]}`))
	f.Add("", []byte(`{"schema":"sslvpn-change/receipt/v1","file":"","changes":null}`))
	f.Add(id, []byte("{"))
	f.Fuzz(func(t *testing.T, about string, data []byte) {
		if key, ok := Key(about); ok {
			folder, base := filepath.Split(key)
			if base != about+".json" || len(folder) != len("results/2026/11/22/") || strings.Contains(key, "..") {
				t.Fatalf("the record of %q lives at %q", about, key)
			}
		}
		if rec, err := readRecord("key", about, data); err == nil {
			once, err := encode(rec)
			if err != nil || rec.ID != about {
				t.Fatalf("%+v cannot be written again: %v", rec, err)
			}
			again, err := readRecord("key", about, once)
			if twice, werr := encode(again); err != nil || werr != nil || !bytes.Equal(once, twice) {
				t.Fatalf("%s\nis read as %+v, %v, %v", once, again, err, werr)
			}
		} else if rec.ID != "" {
			t.Fatalf("refused, and gives %+v", rec)
		}
		if rec, err := readReceipt("key", about, data); err == nil {
			once, err := encode(rec)
			if err != nil || rec.File != about {
				t.Fatalf("%+v cannot be written again: %v", rec, err)
			}
			again, err := readReceipt("key", about, once)
			if twice, werr := encode(again); err != nil || werr != nil || !bytes.Equal(once, twice) {
				t.Fatalf("%s\nis read as %+v, %v, %v", once, again, err, werr)
			}
		} else if rec.File != "" {
			t.Fatalf("refused, and gives %+v", rec)
		}
	})
}

// FuzzReceiptKey holds that the key of a receipt fits the store, whatever the
// file is called, and that two uploads do not share one.
func FuzzReceiptKey(f *testing.F) {
	f.Add("changes/hotel.yaml", "changes/hotel.yaml@20261122T083502Z-A.json", int64(1_795_336_502))
	f.Add("changes/"+strings.Repeat("办", 300), "changes/"+strings.Repeat("办", 301), int64(0))
	f.Add("changes/"+strings.Repeat("a", 900), "changes/"+strings.Repeat("a", 901), int64(1))
	f.Add("changes/a", "a", int64(-1))
	f.Fuzz(func(t *testing.T, a, b string, seconds int64) {
		const tag = "7D73E1052AF595535DE90994F4C3E6D5"
		const longest = 1023 // of a key, in bytes, as OSS has it
		for _, file := range []string{a, b} {
			if !strings.HasPrefix(file, "changes/") || len(file) > longest || !utf8.ValidString(file) {
				return
			}
		}
		at := time.Unix(seconds, 0)
		if y := at.UTC().Year(); y < 1970 || y > 9999 {
			return
		}
		x, y := ReceiptKey(a, tag, at), ReceiptKey(b, tag, at)
		if len(x) > longest || !utf8.ValidString(x) || (x == y) != (a == b) {
			t.Fatalf("%q and %q have %q and %q", a, b, x, y)
		}
		if z := ReceiptKey(a, tag, at.Add(time.Second)); z == x {
			t.Fatalf("another upload of %q has %q as well", a, z)
		}
	})
}
