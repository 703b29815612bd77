package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Objects of others at the key that a change's record will have neither end the
// change nor keep it from being recorded, however often it is delivered.
func TestAttackForeignObjectsAtTheKeysOfRecords(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	other := h.accepts(t, "other", portChange(1300))
	eventually(t, "the other change is recorded", func() bool { return len(h.keys("results/")) == 1 })
	otherKey, _ := objects.RecordKey(other)
	otherRecord, err := h.read(otherKey)
	if err != nil {
		t.Fatal(err)
	}
	port := 1300
	for name, text := range map[string]string{"page": "<!doctype html>", "record": string(otherRecord)} {
		port++
		identity := change.HTTPIdentity(localcloud.Sender, "msg-"+name)
		id := change.ID(time.Now(), change.DocumentID(identity), 1, 1)
		key, _ := objects.RecordKey(id)
		h.drop(t, key, text)
		for range 2 {
			if got := h.accepts(t, "msg-"+name, portChange(port)); got != id {
				t.Fatalf("the id is %s, not %s as foreseen", got, id)
			}
		}
		h.quiet(t)
		if s, _ := h.VPC().Server(serverID); s.Port != port {
			t.Errorf("%s: the port is %d", name, s.Port)
		}
		rec, err := readOne[record.Record](h, strings.TrimSuffix(key, "json")+"2.json")
		if err != nil || rec.Identity != identity || rec.Status != change.Applied {
			t.Errorf("%s: recorded %+v, %v", name, rec, err)
		}
		if got := h.gets(t, "GET", "/v1/changes/"+id, "read-"+name, ""); got.status != 200 || !strings.Contains(got.body, `"applied"`) || !strings.Contains(got.body, id) {
			t.Errorf("%s: read %d %s", name, got.status, got.body)
		}
		if data, err := h.read(key); err != nil || string(data) != text {
			t.Errorf("%s: the object of others is %q, %v", name, data, err)
		}
	}
}

// An object that could be the record, cut short, ends no change: the change waits,
// and the log names the object.
func TestAttackADamagedObjectAtTheKeyOfARecord(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	id := change.ID(time.Now(), change.DocumentID(change.HTTPIdentity(localcloud.Sender, "msg-1")), 1, 1)
	key, _ := objects.RecordKey(id)
	h.drop(t, key, "")
	if got := h.accepts(t, "msg-1", portChange(1195)); got != id {
		t.Fatalf("the id is %s, not %s as foreseen", got, id)
	}
	h.quiet(t)
	h.says(t, key+": the object may be the record")
	if n := h.VPC().Snapshot().Effective; n != 0 || len(h.keys("queue/")) != 1 {
		t.Errorf("%d modifications, queued %q", n, h.keys("queue/"))
	}
	h.remove(t, key)
	once(1195, 0).settles(t, h)
}
