package queue

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/objects"
)

// sampleEntry is a change in line with everything that an entry can have.
func sampleEntry(f *testing.F) (key string, data []byte) {
	f.Helper()
	at := time.Date(2026, 11, 22, 12, 0, 0, 123456789, time.UTC)
	c := change.Change{
		Request: change.Request{
			Target:      change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"},
			Patch:       change.Patch{change.Port: change.Number(1195), change.Name: change.Text("办公网"), change.Compress: change.Flag(false)},
			Expect:      change.Patch{change.Port: change.Number(1194)},
			ClientToken: "token", Ref: "CHG-1", Reason: "理由", RequestedBy: "zhang.san", DryRun: true, ExpiresAt: at.Add(time.Hour),
		},
		ID: "20261122-7f3akq2cd2-12", Identity: `http "bot" "msg_1"`, Document: "7f3akq2cd2", Index: 12,
		Origin:     change.Origin{Kind: change.FromHTTP, Actor: "bot", Source: "msg_1"},
		AcceptedAt: at, DueAt: at,
	}
	data, err := encode(c)
	if err != nil {
		f.Fatal(err)
	}
	return objects.EntryKey(c), data
}

// FuzzEntry holds that no object below queue/ makes reading it panic, that a
// key is read as what it was made from, and that an entry is either the change
// its key names, as it was put, or says why not.
func FuzzEntry(f *testing.F) {
	key, data := sampleEntry(f)
	f.Add(key, data)
	f.Add(key, []byte(`{"schema":"sslvpn-change/queue/v1"}`))
	f.Add(key, []byte(`{"schema":"sslvpn-change/queue/v1","patch":null,"expect":{"Prot":1}}`))
	f.Add(key[:len(key)-1], data)
	f.Add("queue/cn-hangzhou/vss-a/0000000000000-abcdefghij-0000-20260229-abcdefghij.json", data)
	f.Add("queue/cn-hangzhou/vss-a/9999999999999-abcdefghij-9999-20260228-abcdefghij-9999.json", []byte("{"))
	f.Add("queue//", []byte(nil))
	f.Fuzz(func(t *testing.T, key string, data []byte) {
		c, ok := objects.ParseEntryKey(key)
		if ok && objects.EntryKey(c) != key {
			t.Fatalf("%q is read as that of %q", key, objects.EntryKey(c))
		}
		e := decode(key, data)
		if e.Key != key {
			t.Fatalf("the key became %q", e.Key)
		}
		if e.Err != nil {
			if e.ID != c.ID || e.Target != c.Target || e.Document != c.Document || e.Index != c.Index || !e.DueAt.Equal(c.DueAt) || e.Patch != nil {
				t.Fatalf("an entry that cannot be read has %+v, its key says %+v", e.Change, c)
			}
			return
		}
		if !ok || objects.EntryKey(e.Change) != key {
			t.Fatalf("taken as %+v", e.Change)
		}
		if late := e.DueAt.Sub(c.DueAt); late < 0 || late >= time.Millisecond {
			t.Fatalf("due at %v by the entry, at %v by its key", e.DueAt, c.DueAt)
		}
		once, err := encode(e.Change)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := encode(decode(key, once).Change)
		if err != nil || !bytes.Equal(once, again) || !json.Valid(once) {
			t.Fatalf("written %s, then %s, %v", once, again, err)
		}
	})
}
