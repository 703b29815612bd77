package queue

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// FuzzEntry checks that no object below queue/ makes the reader panic, and that an
// entry either is the change that its key names, or says why it is not.
func FuzzEntry(f *testing.F) {
	key := objects.EntryKey(storedChange())
	data, err := encodeEntry(storedChange())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(key, data)
	f.Add(key, []byte(`{"schema":"sslvpn-change/queue/v1"}`))
	f.Add(key, []byte(`{"schema":"sslvpn-change/queue/v1","patch":null,"expect":{"Prot":1}}`))
	f.Add(key[:len(key)-1], data)
	f.Add("queue/cn-hangzhou/vss-a/0000000000000-abcdefghij-0000-20260229-abcdefghij.json", data)
	f.Add("queue/cn-hangzhou/vss-a/9999999999999-abcdefghij-9999-20260228-abcdefghij-9999.json", []byte("{"))
	f.Add("queue//", []byte(nil))
	f.Fuzz(func(t *testing.T, key string, data []byte) {
		c, ok := objects.ParseEntryKey(key)
		e := decodeEntry(key, data)
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
			t.Fatalf("read as %+v", e.Change)
		}
		if late := e.DueAt.Sub(c.DueAt); late < 0 || late >= time.Millisecond {
			t.Fatalf("due at %v by the entry, at %v by its key", e.DueAt, c.DueAt)
		}
		once, err := encodeEntry(e.Change)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := encodeEntry(decodeEntry(key, once).Change)
		if err != nil || !bytes.Equal(once, again) || !json.Valid(once) {
			t.Fatalf("written %s, then %s, %v", once, again, err)
		}
	})
}
