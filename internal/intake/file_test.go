package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/intake"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

const twoServers = `ref: CHG-1042
reason: Hotels block UDP/1194
requestedBy: zhang.san
changes:
  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1195, Proto: tcp, expect: {Port: 1194}}
  - {RegionId: cn-hangzhou, SslVpnServerId: vss-two, Compress: true}
  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Name: hotel}
`

func TestAFileIsQueued(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	u := d.upload("changes/hotels.yaml", twoServers)
	res := d.accept(u, intake.FileAccepted)

	at := d.modified(u.Key)
	identity := change.FileIdentity(cloudtest.Bucket, u.Key, u.ETag, at)
	doc := change.DocumentID(identity)
	id := at.Format("20060102") + "-" + doc
	if want := []string{id + "-1", id + "-2", id + "-3"}; !slices.Equal(res.IDs, want) {
		t.Errorf("the ids are %q, want %q", res.IDs, want)
	}
	var keys []string
	for i, server := range []string{"one", "two", "one"} {
		keys = append(keys, fmt.Sprintf("queue/cn-hangzhou/vss-%s/%013d-%s-%04d-%s-%d.json", server, at.UnixMilli(), doc, i+1, id, i+1))
	}
	slices.Sort(keys)
	if got := d.Keys(t.Context(), "queue/"); !slices.Equal(got, keys) {
		t.Errorf("queued are %q, want %q", got, keys)
	}
	e := d.entries()[0]
	want := change.Change{
		Request: change.Request{
			Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-one"}, Ref: "CHG-1042", Reason: "Hotels block UDP/1194",
			RequestedBy: "zhang.san", ExpiresAt: at.Add(24 * time.Hour),
		},
		ID: id + "-1", Identity: identity, Document: doc, Index: 1, AcceptedAt: at, DueAt: at,
		Origin: change.Origin{
			Kind: change.FromFile, Actor: "200000000000000002", Source: "oss://change-bucket/changes/hotels.yaml", RequestID: u.RequestID,
		},
	}
	if !e.Patch.Equal(change.Patch{change.Port: change.Number(1195), change.Proto: change.Text("TCP")}) ||
		!e.Expect.Equal(change.Patch{change.Port: change.Number(1194)}) {
		t.Errorf("the first sets %v, expecting %v", e.Patch, e.Expect)
	}
	e.Patch, e.Expect = nil, nil
	if fmt.Sprint(e.Change) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", e.Change, want)
	}
	rec := d.receipt()
	if rec.Status != record.FileAccepted || rec.File != u.Key || rec.ETag != u.ETag || !rec.LastModified.Equal(at) || rec.Problems == nil || len(rec.Problems) != 0 {
		t.Errorf("the receipt is %+v", rec)
	}
	for i, c := range rec.Changes {
		if c.ID != res.IDs[i] || c.Record != "results/"+at.Format("2006/01/02/")+c.ID+".json" {
			t.Errorf("the receipt names %+v", c)
		}
	}
	if got := d.Keys(t.Context(), "wake/"); !slices.Equal(got, []string{"wake/cn-hangzhou/vss-one", "wake/cn-hangzhou/vss-two"}) {
		t.Errorf("the wake objects are %q", got)
	}
	d.nothing("claims/", "results/")
}

func TestOrderOfTheWritesOfAFile(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	d.accept(d.upload("changes/hotels.yaml", twoServers), intake.FileAccepted)
	var order []string
	for _, q := range d.OSS.Requests() {
		if q.Op != "PutObject" {
			continue
		}
		prefix, _, _ := strings.Cut(q.Key, "/")
		if q.CreateOnly != (prefix == "queue" || prefix == "receipts") {
			t.Errorf("%s: create-only %v", q.Key, q.CreateOnly)
		}
		if len(order) == 0 || order[len(order)-1] != prefix {
			order = append(order, prefix)
		}
	}
	if want := []string{"changes", "queue", "receipts", "wake"}; !slices.Equal(order, want) {
		t.Errorf("written in the order %q, want %q", order, want)
	}
}

func TestFormsOfFiles(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		key, text string
		changes   int
	}{
		"a bare change in YAML":    {"changes/a.yaml", setPort("one", "1195"), 1},
		"a bare change in JSON":    {"changes/a.json", `{"Action":"ModifySslVpnServer","RegionId":"cn-hangzhou","SslVpnServerId":"vss-one","Port":1195}`, 1},
		"a list in JSON":           {"changes/sub/a.JSON", `{"changes":[{"RegionId":"cn-hangzhou","SslVpnServerId":"vss-one","Port":1195},{"RegionId":"cn-hangzhou","SslVpnServerId":"vss-one","Port":1196}]}`, 2},
		"several documents":        {"changes/a.yml", setPort("one", "1195") + "---\n" + setPort("two", "1196") + "---\n" + setPort("one", "1197"), 3},
		"a key with blanks":        {"changes/my changes/for monday.yaml", setPort("one", "1195"), 1},
		"a key in Chinese":         {"changes/办公网/周一.yaml", setPort("one", "1195"), 1},
		"a key with a percent":     {"changes/50%.yaml", setPort("one", "1195"), 1},
		"a key that looks encoded": {"changes/a%20b+c.yaml", setPort("one", "1195"), 1},
		"a byte order mark":        {"changes/a.yaml", "\uFEFF" + setPort("one", "1195"), 1},
		"a file with a long name":  {"changes/" + strings.Repeat("n", 1010) + ".yaml", setPort("one", "1195"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			u := d.upload(tt.key, tt.text)
			res := d.accept(u, intake.FileAccepted)
			doc := d.modified(u.Key).Format("20060102") + "-" + change.DocumentID(change.FileIdentity(cloudtest.Bucket, tt.key, u.ETag, d.modified(u.Key)))
			for i, id := range res.IDs {
				if want := doc + fmt.Sprintf("-%d", i+1); id != want && (tt.changes > 1 || id != doc) {
					t.Errorf("id %d is %s, want %s", i, id, want)
				}
			}
			d.queued(res.IDs...)
			if rec := d.receipt(); len(rec.Changes) != tt.changes || rec.File != tt.key {
				t.Errorf("the receipt is %+v", rec)
			}
		})
	}
}

// The vendor does not document whether keys in events are percent-encoded.
func TestAKeyThatIsEncodedInTheEvent(t *testing.T) {
	t.Parallel()
	for encoded, key := range map[string]string{
		"changes/%E5%8A%9E%E5%85%AC%E7%BD%91.yaml": "changes/办公网.yaml",
		"changes/for+monday.yaml":                  "changes/for monday.yaml",
		"changes/50%25+%2B.json.yaml":              "changes/50% +.json.yaml",
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			u := d.upload(key, setPort("one", "1195"))
			plain := d.accept(u, intake.FileAccepted)
			u.Key = encoded
			res := d.accept(u, intake.FileAccepted)
			if !slices.Equal(res.IDs, plain.IDs) || res.File != key || res.Receipt != plain.Receipt {
				t.Errorf("encoded it is %+v, plain %+v", res, plain)
			}
			d.queued(plain.IDs...)
			d.receipt()
		})
	}
}

func TestADecodedKeyMustStillBeAChangeFile(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	d.put("results/x.yaml", setPort("one", "1195"))
	d.put("changes/x.txt", setPort("one", "1195"))
	for _, key := range []string{"changes/%2e%2e/results/x.yaml", "changes%2Fx.yaml", "changes/x.txt%3F.yaml", "changes/%zz.yaml"} {
		res, err := d.intake().File(t.Context(), intake.Upload{Key: key})
		if err != nil || (res.Status != intake.FileReplaced && res.Status != intake.FileIgnored) {
			t.Errorf("%s: %+v, %v", key, res, err)
		}
	}
	d.nothing("queue/", "receipts/")
}

func TestOtherObjectsAreIgnored(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	for _, key := range []string{"changes/folder/", "changes/", "scheduled/a.yaml", "results/a.yaml", "xchanges/a.yaml", "changes.yaml"} {
		u := d.upload(key, setPort("one", "1195"))
		before := len(d.OSS.Requests())
		d.accept(u, intake.FileIgnored)
		if n := len(d.OSS.Requests()) - before; n != 0 {
			t.Errorf("%s: %d requests for nothing", key, n)
		}
	}
	d.nothing("queue/", "receipts/", "claims/", "wake/")
}

func TestAnOverwrittenFileIsLeftToItsNewerEvent(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"changes/a.yaml", "changes/a.txt", "changes/large.yaml"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			d := newHarness(t)
			text := setPort("one", "1196")
			if key == "changes/large.yaml" {
				text = strings.Repeat("#", 1<<20+1)
			}
			first := d.upload(key, setPort("one", "1195"))
			second := d.upload(key, text)
			d.accept(first, intake.FileReplaced)
			d.nothing("queue/", "receipts/", "wake/")
			res, err := d.intake().File(t.Context(), second)
			if err != nil || res.Receipt == "" {
				t.Fatalf("the newer event: %+v, %v", res, err)
			}
			if rec := d.receipt(); rec.ETag != second.ETag {
				t.Errorf("the receipt is of %s", rec.ETag)
			}
			if err := d.Store.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
			d.accept(second, intake.FileReplaced) // a redelivery after the file was deleted
		})
	}
}

func TestAnUploadWithOtherContentIsANewRequest(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	first := d.accept(d.upload("changes/a.yaml", setPort("one", "1195")), intake.FileAccepted)
	d.OSS.Advance(2 * time.Second)
	second := d.accept(d.upload("changes/a.yaml", setPort("one", "1195")+"ref: again\n"), intake.FileAccepted)
	if slices.Equal(first.IDs, second.IDs) || first.Receipt == second.Receipt {
		t.Errorf("the same ids and receipt: %+v", second)
	}
	d.queued(first.IDs[0], second.IDs[0])
}

// The event of a file can come six times at once: the platform promises "at
// least once".
func TestTheSameEventSixTimesAtOnce(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	u := d.upload("changes/hotels.yaml", twoServers)
	results := make([]intake.FileResult, 6)
	var g sync.WaitGroup
	for i := range results {
		g.Go(func() {
			var err error
			if results[i], err = d.intake().File(t.Context(), u); err != nil {
				t.Error(err)
			}
		})
	}
	g.Wait()
	for _, res := range results {
		if fmt.Sprint(res) != fmt.Sprint(results[0]) {
			t.Errorf("one delivery says %+v, another %+v", results[0], res)
		}
	}
	if d.created("queue/") != 3 || d.created("receipts/") != 1 {
		t.Errorf("%d entries and %d receipts were made", d.created("queue/"), d.created("receipts/"))
	}
	d.queued(results[0].IDs...)
}

func TestARedeliveryQueuesNothingThatHasEnded(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	u := d.upload("changes/hotels.yaml", twoServers)
	first := d.accept(u, intake.FileAccepted)
	for _, id := range first.IDs {
		d.end(id)
	}
	d.Clock.Advance(48 * time.Hour) // longer than its changes would have lasted
	d.OSS.Advance(48 * time.Hour)
	again := d.accept(u, intake.FileAccepted)
	if fmt.Sprint(again) != fmt.Sprint(first) {
		t.Errorf("first %+v, again %+v", first, again)
	}
	d.queued()
	if d.created("queue/") != 3 {
		t.Errorf("%d entries were made of three changes", d.created("queue/"))
	}
}

func TestAFileWhoseEventWasLost(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	d.put("changes/a.yaml", setPort("one", "1195"))
	d.accept(intake.Upload{Key: "changes/a.yaml"}, intake.FileAccepted)
	if o := d.entries()[0].Origin; o.Actor != "unknown: the upload's event was lost" || o.Kind != change.FromFile {
		t.Errorf("the origin is %+v", o)
	}
}

func TestChangesOfAFileStayInItsOrder(t *testing.T) {
	t.Parallel()
	d := newHarness(t)
	var doc strings.Builder
	doc.WriteString("changes:\n")
	for i := range 25 {
		fmt.Fprintf(&doc, "  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: %d}\n", 1195+i)
	}
	d.accept(d.upload("changes/a.yaml", doc.String()), intake.FileAccepted)
	due, err := queue.New(d.Store).Due(t.Context(), change.Target{RegionID: "cn-hangzhou", ServerID: "vss-one"}, d.Clock.Now().Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range due.Entries {
		if e.Patch[change.Port] != change.Number(1195+i) {
			t.Errorf("number %d sets %v", i+1, e.Patch)
		}
	}
}
