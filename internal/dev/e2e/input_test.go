package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	blobstore "github.com/sslvpn-change/sslvpn-change/internal/blob/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

func TestGarbageIsRefusedAndTheProcessStays(t *testing.T) {
	t.Parallel()
	garbage := map[string]string{
		"nothing":               "",
		"blanks":                "  \n",
		"no JSON":               "\x00\xff\xfe",
		"a number":              "42",
		"an empty object":       "{}",
		"an empty list":         "[]",
		"half an event":         `{"events":[{"eventName":"ObjectCreated:PutObject","eventSource":"acs:oss"}]}`,
		"events that are texts": `{"events":["x"]}`,
		"two kinds at once":     `{"events":[],"triggerName":"a","triggerTime":"2026-11-22T08:30:00Z"}`,
		"deep nesting":          strings.Repeat("[", 20000) + strings.Repeat("]", 20000),
		"a tick without a time": `{"triggerName":"a","triggerTime":"yesterday","payload":""}`,
		"HTTP of another form":  `{"version":"v9","requestContext":{"http":{"method":"POST","path":"/v1/changes"}}}`,
	}
	h := start(t, func(o *localcloud.Options) { o.MaxInstances = 1 })
	for name, payload := range garbage {
		if res, err := h.FC().Invoke(t.Context(), []byte(payload)); err == nil && !strings.Contains(string(res.Body), `"statusCode":4`) {
			t.Errorf("%s: taken, and answered %s", name, res.Body)
		}
	}
	if s := h.FC().Stats(); s.ColdStarts != 1 || len(h.FC().Instances()) != 1 {
		t.Errorf("the function was started %d times", s.ColdStarts)
	}
	outcome{port: 1194}.settles(t, h)
}

func TestRequestsAreRefusedWithProblems(t *testing.T) {
	t.Parallel()
	big := "# " + strings.Repeat("x", 2<<20)
	tests := []struct {
		name, method, path, id, body string
		status                       int
		kind                         string
	}{
		{"a body of 2 MiB", "POST", "/v1/changes", "id-1", big, 413, "too-large"},
		{"a body of 2 MiB of nobody", "POST", "/v1/changes", "", big, 413, "too-large"},
		{"no signature", "POST", "/v1/changes", "", portChange(1195), 401, "unauthorized"},
		{"no YAML", "POST", "/v1/changes", "id-2", "a: [", 400, "unparsable"},
		{"a rule broken", "POST", "/v1/changes", "id-3", portChange(443), 422, "invalid"},
		{"a plan with a rule broken", "POST", "/v1/plans", "id-4", portChange(443), 422, "invalid"},
		{"no such route", "GET", "/v2/changes", "id-5", "", 404, "not-found"},
		{"no such change", "GET", "/v1/changes/20261122-aaaaaaaaaa", "id-6", "", 404, "no-change"},
		{"an invalid id", "GET", "/v1/changes/..%2F..%2Fclaims", "id-7", "", 404, ""},
		{"a method that is not there", "POST", "/healthz", "id-8", "", 405, "method"},
		{"a method that the trigger does not list", "DELETE", "/v1/changes", "id-9", "", 403, ""},
	}
	h := start(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := h.gets(t, tt.method, tt.path, tt.id, tt.body)
			if tt.kind == "" {
				if a.status != tt.status {
					t.Errorf("answered %d %s, want %d", a.status, a.body, tt.status)
				}
				return
			}
			a.isProblem(t, tt.status, tt.kind)
		})
	}
	t.Cleanup(func() { // after the parallel ones
		if err := (outcome{port: 1194}).check(h); err != nil {
			t.Error(err)
		}
	})
}

// Invalid files are refused by a receipt.
func TestFilesAreRefusedByReceipts(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	many.WriteString(`{"changes":[`)
	for i := range 10_000 {
		fmt.Fprintf(&many, `{"RegionId":"cn-hangzhou","SslVpnServerId":%q,"Port":%d},`, serverID, 2000+i)
	}
	text := strings.TrimSuffix(many.String(), ",") + "]}"
	if len(text) > 1<<20 {
		t.Fatalf("the file of 10,000 changes has %d bytes and would be refused for its size", len(text))
	}
	files := map[string]struct{ text, rule string }{
		"changes/many.json":    {text, "too-many-changes"},
		"changes/big.yaml":     {"# " + strings.Repeat("x", 2<<20), "too-large"},
		"changes/empty.yaml":   {"", "empty-document"},
		"changes/notes.txt":    {"call me", "file-extension"},
		"changes/binary.yaml":  {"a: \x00", "encoding"},
		"changes/reserved.yml": {portChange(443), "port-reserved"},
	}
	h := start(t, nil)
	for key, f := range files {
		h.drop(t, key, f.text)
	}
	h.quiet(t)
	receipts, err := h.receipts()
	if err != nil || len(receipts) != len(files) {
		t.Fatalf("%d receipts, want %d: %v", len(receipts), len(files), err)
	}
	for _, r := range receipts {
		want := files[r.File].rule
		if r.Status != record.FileRejected || len(r.Changes) != 0 || len(r.Problems) == 0 || r.Problems[0].Rule != want {
			t.Errorf("%s: %s, %d changes, problems %v, want %s", r.File, r.Status, len(r.Changes), r.Problems, want)
		}
	}
	if left, records := h.keys("queue/"), h.keys("results/"); len(left)+len(records) != 0 {
		t.Errorf("refused files left %q and %q", left, records)
	}
}

// person is the access key of somebody who uploads over the API.
func person() oss.Credentials {
	return oss.Credentials{AccessKeyID: "LTAI-person", AccessKeySecret: "secret-of-a-person", Principal: "28815334868278"}
}

func TestFilesWithOddNamesAreTakenAsAnyOther(t *testing.T) {
	t.Parallel()
	keys := []string{
		"changes/with blanks and (brackets).yaml",
		"changes/plus+and&amp;.yaml",
		"changes/percent%41 and 100%.yaml",
		"changes/变更/端口 1195.yaml",
		"changes/é\u0301\U0001F512.yaml",
		"changes/.hidden/~.yaml",
		"changes//double//slash.yaml",
		"changes/'quote\"quote`;$(id).yaml",
		"changes/new\nline.yaml",
		"changes/" + strings.Repeat("long/", 150) + "x.yaml",
	}
	h := start(t, func(o *localcloud.Options) {
		o.TuneOSS = func(o *oss.Options) { o.Credentials = append(o.Credentials, person()) }
	})
	who := person()
	connector, err := blobstore.NewConnector(blobstore.Config{Region: region, Endpoint: h.OSSURL()})
	if err != nil {
		t.Fatal(err)
	}
	defer connector.Close()
	bucket, err := connector.Bucket(localcloud.Bucket, blobstore.Credentials{AccessKeyID: who.AccessKeyID, AccessKeySecret: secret.New(who.AccessKeySecret)})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		// Only the first finds what it expects; the test is about how files are read.
		text := fmt.Sprintf("{RegionId: %s, SslVpnServerId: %s, Port: 1195, expect: {Port: 1194}}\n", region, serverID)
		if err := bucket.Put(t.Context(), key, []byte(text)); err != nil {
			t.Fatalf("%q: %v", key, err)
		}
	}
	h.quiet(t)
	h.sweep(t)
	receipts, err := h.receipts()
	if err != nil {
		t.Fatal(err)
	}
	records, err := h.records()
	if err != nil {
		t.Fatal(err)
	}
	var taken, asked []string
	for _, r := range receipts {
		if r.Status == record.FileAccepted && len(r.Changes) == 1 {
			taken = append(taken, r.File)
		}
	}
	for _, r := range records {
		asked = append(asked, strings.TrimPrefix(r.Origin.Source, "oss://"+localcloud.Bucket+"/"))
		if r.Origin.Actor != who.Principal {
			t.Errorf("the change of %q is said to be by %q, want %q", r.Origin.Source, r.Origin.Actor, who.Principal)
		}
	}
	for _, list := range [][]string{keys, taken, asked} {
		slices.Sort(list)
	}
	if !slices.Equal(taken, keys) {
		t.Errorf("accepted by receipts are\n%q\nwant\n%q", taken, keys)
	}
	if !slices.Equal(asked, keys) {
		t.Errorf("there are records of\n%q\nwant\n%q", asked, keys)
	}
	if n := h.VPC().Snapshot().Effective; n != 1 {
		t.Errorf("%d modifications, want one: the others expected the old port", n)
	}
}
