package intake_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
)

var documents = regexp.MustCompile(`\b([a-z2-7]{10})[a-z2-7]{16}\b`)

// short gives ids the form of earlier versions.
func short(ids []string) []string {
	return strings.Split(documents.ReplaceAllString(strings.Join(ids, " "), "$1"), " ")
}

// byEarlierVersion makes what was accepted look as an earlier version left it: ids
// of ten characters, claims without their document, and no receipt.
func (d *harness) byEarlierVersion() {
	d.t.Helper()
	ctx := d.t.Context()
	for _, e := range d.entries() {
		if err := d.Store.Delete(ctx, e.Key); err != nil {
			d.t.Fatal(err)
		}
		e.ID, e.Document = short([]string{e.ID})[0], e.Document[:10]
		if _, err := queue.New(d.Store).Add(ctx, e.Change); err != nil {
			d.t.Fatal(err)
		}
	}
	for _, key := range d.Keys(ctx, objects.Claims) {
		obj, err := d.Store.Get(ctx, key, blob.GetOptions{})
		if err != nil {
			d.t.Fatal(err)
		}
		var c map[string]json.RawMessage
		if err := json.Unmarshal([]byte(documents.ReplaceAllString(string(obj.Data), "$1")), &c); err != nil {
			d.t.Fatal(err)
		}
		delete(c, "document")
		data, err := json.Marshal(c)
		if err == nil {
			err = d.Store.Put(ctx, key, data)
		}
		if err != nil {
			d.t.Fatal(err)
		}
	}
	for _, key := range d.Keys(ctx, objects.Receipts) {
		if err := d.Store.Delete(ctx, key); err != nil {
			d.t.Fatal(err)
		}
	}
}

// A document that an earlier version accepted keeps its ids when it is delivered
// again after the upgrade, and none of its changes is queued twice.
func TestARedeliveryAfterTheUpgradeKeepsTheIDs(t *testing.T) {
	t.Parallel()
	withToken := strings.ReplaceAll(setPort("one", "1195"), "Port:", "ClientToken: token-1\nPort:")
	for name, deliver := range map[string]func(*harness) func() []string{
		"a file": func(d *harness) func() []string {
			u := d.upload("changes/hotels.yaml", twoServers)
			return func() []string { return d.accept(u, intake.FileAccepted).IDs }
		},
		"a request": func(d *harness) func() []string {
			return func() []string { return d.post(delivery("msg_1", threeChanges)) }
		},
		"a request with a token": func(d *harness) func() []string {
			return func() []string { return d.post(delivery("msg_1", withToken)) }
		},
		"a message": func(d *harness) func() []string {
			return func() []string {
				out, err := d.command(d.claim(chatMessage("m1", "apply")))
				if err != nil {
					d.t.Fatal(err)
				}
				return ids(out.Changes)
			}
		},
		"a tick": func(d *harness) func() []string {
			tk := d.night()
			tk.Inline = []byte(threeChanges)
			return func() []string { return ids(d.tick(tk).Changes) }
		},
		"a tick that names its document": func(d *harness) func() []string {
			tk := d.night()
			tk.Document = "scheduled/night.yaml"
			d.put(tk.Document, threeChanges)
			return func() []string { return ids(d.tick(tk).Changes) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			again := deliver(d)
			first := again()
			d.byEarlierVersion()
			want := short(first)
			if slices.Equal(first, want) || len(d.entries()) != len(first) {
				t.Fatalf("ids %q, of an earlier version %q", first, want)
			}
			d.end(want[0]) // it has ended, and must not be queued again
			d.Clock.Advance(time.Minute)
			d.OSS.Advance(time.Minute)
			for range 2 {
				if got := again(); !slices.Equal(got, want) {
					t.Errorf("ids %q, want %q", got, want)
				}
				d.queued(want[1:]...)
			}
		})
	}
}

// An object of others at the key of a record does not end a change.
func TestAttackAForeignObjectDoesNotEndARedeliveredChange(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	first := d.post(delivery("msg_1", threeChanges))
	key, _ := objects.RecordKey(first[0])
	d.put(key, "<html>")
	d.lose(first[0])
	d.post(delivery("msg_1", threeChanges))
	d.queued(first...)
}

// An object of others at the key of a receipt does not keep a file from being
// accepted.
func TestAttackAForeignObjectIsAtTheKeyOfAReceiptOfAFile(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	u := d.upload("changes/hotels.yaml", twoServers)
	d.put(objects.ReceiptKey(u.Key, u.ETag, d.modified(u.Key)), "<html>")
	d.Clock.Advance(time.Minute)
	d.OSS.Advance(time.Minute)
	d.queued(d.accept(u, intake.FileAccepted).IDs...)
}
