package oss_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

func (r *harness) file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(r.dir, bucketName, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (r *harness) scan(t *testing.T) {
	t.Helper()
	if err := r.Scan(); err != nil {
		t.Fatal(err)
	}
}

func TestCopyingAFileIsAnUpload(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	path := r.file(t, "changes/50% off.yaml", "x")
	r.file(t, "changes/.hidden.swp", "x")
	r.file(t, "changes/backup.yaml~", "x")
	r.scan(t)
	if len(r.events) != 0 {
		t.Fatal("one look is not enough: the file may still be growing")
	}
	if err := os.WriteFile(path, []byte("xyz"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.scan(t)
	if len(r.events) != 0 {
		t.Fatal("the file has just grown")
	}
	r.scan(t)
	e := <-r.events
	if e.Name != oss.PutObjectEvent || e.Key != "changes/50% off.yaml" || e.Size != 3 || e.Principal != oss.LocalFile ||
		e.ETag != "D16FB36F0911F878998C136191AF705E" {
		t.Fatalf("got %+v", e)
	}
	if got := get(t, b, e.Key); got != "xyz" {
		t.Errorf("got %q", got)
	}
	r.scan(t)
	r.scan(t)
	if len(r.events) != 0 {
		t.Fatalf("again, or for an ignored file: %+v", <-r.events)
	}

	put(t, b, e.Key, "by the API") // over the file that a person chose the name of
	if e := <-r.events; e.Principal == oss.LocalFile {
		t.Errorf("got %+v", e)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "by the API" {
		t.Errorf("got %q, %v", data, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	r.scan(t)
	if ok, err := b.IsObjectExist(e.Key); ok || err != nil {
		t.Errorf("a removed file is still an object: %v, %v", ok, err)
	}
}

func TestAFileThatWasNotNoticedYetIsNotOverwritten(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	r.file(t, "k", "by hand")
	err := r.bucket(t).PutObject("k", strings.NewReader("x"), sdk.ForbidOverWrite(true))
	wantCode(t, err, 409, "FileAlreadyExists", "0026-00000002")
}

func TestTheWatcherLooksByItself(t *testing.T) {
	t.Parallel()
	r := newHarness(t, func(o *oss.Options) { o.Watch = 5 * time.Millisecond })
	r.file(t, "changes/a.yaml", "x")
	select {
	case e := <-r.events:
		if e.Key != "changes/a.yaml" {
			t.Errorf("got %+v", e)
		}
	case <-t.Context().Done():
		t.Fatal("no event")
	}
}

func TestEventJSONHasTheNativeShape(t *testing.T) {
	t.Parallel()
	got := oss.EventJSON(oss.Event{
		Name: oss.PutObjectEvent, Region: "cn-shenzhen", AccountID: "158", Bucket: "testbucket", Key: "image/工 +%.jpg",
		ETag: "7D73E1052AF595535DE90994F4C3E6D5", Size: 29203, DeltaSize: -1, Time: time.Date(2022, 6, 10, 6, 21, 35, 0, time.UTC),
		Principal: "159", RequestID: "62A2E2EFD0DEFE3930847A6E", SourceIP: "127.0.0.1",
	})
	const want = `{"events":[{"eventName":"ObjectCreated:PutObject","eventSource":"acs:oss","eventTime":"2022-06-10T06:21:35.000Z","eventVersion":"1.0",
		"oss":{"bucket":{"arn":"acs:oss:cn-shenzhen:158:testbucket","name":"testbucket","ownerIdentity":"158","virtualBucket":""},
			"object":{"deltaSize":-1,"eTag":"7D73E1052AF595535DE90994F4C3E6D5","key":"image/工 +%.jpg","size":29203},
			"ossSchemaVersion":"1.0","ruleId":"local"},
		"region":"cn-shenzhen","requestParameters":{"sourceIPAddress":"127.0.0.1"},
		"responseElements":{"requestId":"62A2E2EFD0DEFE3930847A6E"},"userIdentity":{"principalId":"159"}}]}`
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("got %s", got)
	}
}

func TestAStaleListingLacksTheNewest(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	list := func(f oss.Fault) string {
		t.Helper()
		f.Kind = oss.StaleList
		if err := r.Inject(f); err != nil {
			t.Fatal(err)
		}
		res, err := b.ListObjectsV2(sdk.Prefix(f.KeyPrefix))
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, o := range res.Objects {
			keys = append(keys, o.Key)
		}
		return strings.Join(keys, " ")
	}
	put(t, b, "a1", "x")
	put(t, b, "a2", "x")
	r.Advance(time.Minute)
	put(t, b, "a3", "x")
	put(t, b, "b1", "x")
	if err := b.DeleteObject("a1"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		fault oss.Fault
		want  string
	}{
		{oss.Fault{}, "a1 a2 a3 b1"}, // the deletion does not show
		{oss.Fault{Last: 2}, "a1 a2 a3"},
		{oss.Fault{AgeSeconds: 30}, "a1 a2"},
		{oss.Fault{AgeSeconds: 3600}, ""},
		{oss.Fault{Last: 2, KeyPrefix: "a"}, "a1 a2"}, // of those below the prefix
	} {
		if got := list(c.fault); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.fault, got, c.want)
		}
	}
	if _, err := b.GetObject("a3"); err != nil {
		t.Errorf("get by key is never stale: %v", err)
	}
}

func TestHooksSeeRequestsInOrder(t *testing.T) {
	t.Parallel()
	var before, after []oss.Request
	r := newHarness(t, func(o *oss.Options) {
		o.Before = func(q oss.Request) { before = append(before, q) }
		o.After = func(q oss.Request) { after = append(after, q) }
	})
	b := r.bucket(t)
	put(t, b, "k", "x")
	if _, err := b.GetObject("none"); err == nil {
		t.Fatal("found")
	}
	if len(before) != 2 || before[0].Seq != 1 || before[0].Op != "PutObject" || before[0].Key != "k" || before[0].Status != 0 {
		t.Errorf("before: got %+v", before)
	}
	if len(after) != 2 || after[1].Seq != 2 || after[1].Op != "GetObject" || after[1].Status != 404 || after[1].Code != "NoSuchKey" {
		t.Errorf("after: got %+v", after)
	}
}

func TestAdminRoutes(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	admin := func(method, route, body string, status int) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, r.server.URL+"/local/oss/"+route, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		var out strings.Builder
		if _, err := (&out).WriteString(readAll(t, resp)); err != nil || resp.StatusCode != status {
			t.Fatalf("%s %s: got %d %s, want %d", method, route, resp.StatusCode, out.String(), status)
		}
		return out.String()
	}
	admin("POST", "faults", `{"kind":"throttled","op":"PutObject","keyPrefix":"k","skip":1,"times":1}`, 200)
	put(t, b, "other", "x")
	put(t, b, "k1", "x")
	wantCode(t, b.PutObject("k2", strings.NewReader("x")), 503, "PartitionQpsLimitted", "0026-00000028")
	put(t, b, "k3", "x")
	admin("POST", "faults", `{"kind":"nonsense"}`, 400)
	admin("POST", "faults", `{`, 400)
	admin("GET", "nowhere", "", 404)
	admin("POST", "faults", `{"kind":"access-denied","times":-1}`, 200)
	if got := admin("GET", "faults", "", 200); !strings.Contains(got, "access-denied") {
		t.Errorf("faults: got %s", got)
	}
	admin("DELETE", "faults", "", 200)
	admin("POST", "buckets", `{"name":"records"}`, 200)
	admin("POST", "buckets", `{"name":"local"}`, 400)
	admin("POST", "versioning", `{"bucket":"records","status":"Enabled"}`, 200)
	admin("POST", "clock", `{"advanceSeconds":3600}`, 200)
	admin("POST", "scan", "", 200)
	var s oss.State
	if err := json.Unmarshal([]byte(admin("GET", "state", "", 200)), &s); err != nil {
		t.Fatal(err)
	}
	if s.Requests != 4 || s.Ops["PutObject"] != 4 || len(s.Faults) != 0 || time.Until(s.Now) < 30*time.Minute || len(s.Buckets) != 2 ||
		s.Buckets[0] != (oss.BucketState{Name: bucketName, Objects: 3}) || s.Buckets[1] != (oss.BucketState{Name: "records", Versioning: "Enabled"}) {
		t.Errorf("state: got %+v", s)
	}
	var log []oss.Request
	if err := json.Unmarshal([]byte(admin("GET", "requests", "", 200)), &log); err != nil {
		t.Fatal(err)
	}
	if len(log) != 4 || log[2].Fault != "throttled" || log[2].Status != 503 {
		t.Errorf("requests: got %+v", log)
	}
}
