package intake_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// harness is an emulated account with an intake.
type harness struct {
	*cloudtest.Cloud

	t *testing.T

	mu     sync.Mutex
	events []oss.Event
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	d := &harness{t: t}
	d.Cloud = cloudtest.New(t, cloudtest.WithOSS(func(o *oss.Options) {
		o.Notify = func(e oss.Event) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.events = append(d.events, e)
		}
	}))
	return d
}

// intake gives the intake of a new invocation.
func (d *harness) intake() *intake.Intake {
	return intake.New(intake.Deps{
		Bucket: d.Store, BucketName: cloudtest.Bucket, Records: record.NewRecords(d.Store),
		Owner: "request-1", Version: "v1.2.3", Now: d.Clock.Now, Log: cloudtest.Log(d.t),
	})
}

// upload writes a file as people do, and gives what its event says.
func (d *harness) upload(key, text string) intake.Upload {
	d.t.Helper()
	d.put(key, text)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range slices.Backward(d.events) {
		if e.Key == key {
			return intake.Upload{Key: key, ETag: e.ETag, Actor: "200000000000000002", RequestID: e.RequestID}
		}
	}
	d.t.Fatalf("no event of %s", key)
	return intake.Upload{}
}

func (d *harness) put(key, text string) {
	d.t.Helper()
	if err := d.Store.Put(d.t.Context(), key, []byte(text)); err != nil {
		d.t.Fatal(err)
	}
}

// accept has the intake read a file.
func (d *harness) accept(u intake.Upload, want intake.FileStatus) intake.FileResult {
	d.t.Helper()
	res, err := d.intake().File(d.t.Context(), u)
	if err != nil || res.Status != want {
		d.t.Fatalf("%s: %+v, %v; want %s", u.Key, res, err, want)
	}
	return res
}

func (d *harness) modified(key string) time.Time {
	d.t.Helper()
	e, err := d.Store.Head(d.t.Context(), key)
	if err != nil {
		d.t.Fatal(err)
	}
	return e.LastModified
}

// receipt reads the only receipt.
func (d *harness) receipt() record.Receipt {
	d.t.Helper()
	keys := d.Keys(d.t.Context(), "receipts/")
	if len(keys) != 1 {
		d.t.Fatalf("the receipts are %q", keys)
	}
	var rec record.Receipt
	d.read(keys[0], &rec)
	if want := objects.ReceiptKey(rec.File, rec.ETag, rec.LastModified); keys[0] != want {
		d.t.Errorf("the receipt lies at %s, its key is %s", keys[0], want)
	}
	return rec
}

func (d *harness) read(key string, v any) {
	d.t.Helper()
	obj, err := d.Store.Get(d.t.Context(), key, blob.GetOptions{})
	if err == nil {
		err = json.Unmarshal(obj.Data, v)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// entries reads all queue entries, in the order of their keys.
func (d *harness) entries() []queue.Entry {
	d.t.Helper()
	entries, err := queue.New(d.Store).Read(d.t.Context(), d.Keys(d.t.Context(), "queue/"))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Err != nil {
			d.t.Errorf("%s: %v", e.Key, e.Err)
		}
	}
	return entries
}

// queued asserts which changes are queued.
func (d *harness) queued(want ...string) {
	d.t.Helper()
	var got []string
	for _, e := range d.entries() {
		got = append(got, e.ID)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		d.t.Errorf("queued are %q, want %q", got, want)
	}
}

// nothing asserts that there is nothing below prefixes.
func (d *harness) nothing(prefixes ...string) {
	d.t.Helper()
	for _, p := range prefixes {
		if keys := d.Keys(d.t.Context(), p); len(keys) > 0 {
			d.t.Errorf("below %s are %q", p, keys)
		}
	}
}

// end ends a queued change, as a drain does.
func (d *harness) end(id string) {
	d.t.Helper()
	for _, e := range d.entries() {
		if e.ID != id {
			continue
		}
		rec := record.Record{ID: id, Identity: e.Identity, Status: change.Applied, Requested: e.Patch, FinishedAt: d.Clock.Now()}
		if _, err := record.NewRecords(d.Store).Write(d.t.Context(), rec); err != nil {
			d.t.Fatal(err)
		}
	}
	d.lose(id)
}

// lose removes a change from the queue.
func (d *harness) lose(id string) {
	d.t.Helper()
	for _, e := range d.entries() {
		if e.ID == id {
			if err := queue.New(d.Store).Remove(d.t.Context(), e.Key); err != nil {
				d.t.Fatal(err)
			}
		}
	}
}

func (d *harness) fault(f oss.Fault) {
	d.t.Helper()
	if err := d.OSS.Inject(f); err != nil {
		d.t.Fatal(err)
	}
}

// created counts the objects that were really created below a prefix.
func (d *harness) created(prefix string) int {
	n := 0
	for _, q := range d.OSS.Requests() {
		if q.Op == "PutObject" && q.Status == 200 && strings.HasPrefix(q.Key, prefix) {
			n++
		}
	}
	return n
}

func delivery(id, body string) intake.Post {
	return intake.Post{Sender: "chat-bot", ID: id, RequestID: "request-1", Format: manifest.YAML, Body: []byte(body)}
}

// post has the intake accept a posted document, and gives the changes' ids.
func (d *harness) post(p intake.Post) []string {
	d.t.Helper()
	taken, err := d.intake().Post(d.t.Context(), p)
	if err != nil {
		d.t.Fatal(err)
	}
	return ids(taken.Changes)
}

// refused asserts that a document is refused, and gives the problems.
func (d *harness) refused(p intake.Post) *intake.RefusedError {
	d.t.Helper()
	taken, err := d.intake().Post(d.t.Context(), p)
	no, ok := errors.AsType[*intake.RefusedError](err)
	if !ok {
		d.t.Fatalf("taken: %+v, %v", taken, err)
	}
	return no
}

func ids(changes []change.Change) []string {
	out := make([]string, len(changes))
	for i, c := range changes {
		out[i] = c.ID
	}
	return out
}

func rules(problems []change.Problem) []string {
	out := make([]string, len(problems))
	for i, p := range problems {
		out[i] = p.Rule
	}
	return out
}

// setPort is a bare change of the server vss-<id>.
func setPort(id string, port string, more ...string) string {
	return strings.Join(append([]string{"RegionId: cn-hangzhou", "SslVpnServerId: vss-" + id, "Port: " + port}, more...), "\n") + "\n"
}
