package oss_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// send sends a request as it is, and gives the answer's status, headers and body.
func send(t *testing.T, r *http.Request) (int, http.Header, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

func request(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// head is the answer to HEAD.
func head(t *testing.T, b *sdk.Bucket, key string) http.Header {
	t.Helper()
	h, err := b.GetObjectDetailedMeta(key)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHeadersAreKept(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	kept := map[string]string{
		"Cache-Control": "max-age=60", "Content-Disposition": `attachment; filename="a.txt"`, "Content-Encoding": "gzip",
		"Content-Language": "zh-CN", "Expires": "Tue, 01 Dec 2026 00:00:00 GMT", "Content-Type": "text/plain", "X-Oss-Meta-By": "mei",
		"X-Oss-Storage-Class": "IA",
	}
	opts := []sdk.Option{
		sdk.CacheControl(kept["Cache-Control"]), sdk.ContentDisposition(kept["Content-Disposition"]), sdk.ContentEncoding("gzip"),
		sdk.ContentLanguage("zh-CN"), sdk.SetHeader("Expires", kept["Expires"]), sdk.ContentType("text/plain"), sdk.Meta("by", "mei"),
		sdk.ObjectStorageClass(sdk.StorageIA),
	}
	put(t, b, "put", strings.Repeat("x", 2000), opts...)
	if _, err := b.AppendObject("append", strings.NewReader("x"), 0, opts...); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CopyObject("put", "copy", sdk.ObjectStorageClass(sdk.StorageIA)); err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		t.Helper()
		for _, key := range []string{"put", "append", "copy"} {
			h := head(t, b, key)
			for name, value := range kept {
				if h.Get(name) != value {
					t.Errorf("%s, %s: %s is %q, want %q", when, key, name, h.Get(name), value)
				}
			}
		}
	}
	check("at first")
	r.start(t)
	b = r.bucket(t)
	check("after a restart")
	// A copy with directives of its own has what its request says, and nothing else.
	if _, err := b.CopyObject("put", "put", sdk.MetadataDirective(sdk.MetaReplace), sdk.ContentType("text/csv")); err != nil {
		t.Fatal(err)
	}
	if h := head(t, b, "put"); h.Get("Content-Type") != "text/csv" || h.Get("Cache-Control") != "" || h.Get("X-Oss-Meta-By") != "" || h.Get("X-Oss-Storage-Class") != "Standard" {
		t.Errorf("the copy has %v", h)
	}
	_, err := b.CopyObject("put", "put", sdk.SetHeader("X-Oss-Metadata-Directive", "KEEP"))
	wantCode(t, err, 400, "InvalidArgument", "")
}

func TestAnswersHaveWhatTheQueryAsksFor(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	put(t, r.bucket(t), "k", "x", sdk.ContentType("text/plain"))
	for name, b := range map[string]*sdk.Bucket{"V4": r.bucket(t), "V1": r.bucket(t, sdk.AuthVersion(sdk.AuthV1))} {
		body, err := b.GetObject("k", sdk.ResponseContentType("text/csv"), sdk.ResponseContentDisposition("inline"), sdk.ResponseCacheControl("no-store"),
			sdk.ResponseExpires("never"), sdk.ResponseContentLanguage("en"), sdk.ResponseContentEncoding("identity"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		resp, _ := body.(*sdk.Response)
		if h := resp.Headers; h.Get("Content-Type") != "text/csv" || h.Get("Content-Disposition") != "inline" || h.Get("Cache-Control") != "no-store" ||
			h.Get("Expires") != "never" || h.Get("Content-Language") != "en" || h.Get("Content-Encoding") != "identity" {
			t.Errorf("%s: the headers are %v", name, h)
		}
		_ = body.Close()
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	tags := sdk.Tagging{Tags: []sdk.Tag{{Key: "team", Value: "net work"}, {Key: "组", Value: "a/b:c"}}}
	put(t, b, "k", "x", sdk.SetTagging(tags))
	<-r.events
	shows := func(key string, want ...sdk.Tag) {
		t.Helper()
		got, err := b.GetObjectTagging(key)
		for i := range got.Tags {
			got.Tags[i].XMLName.Local = ""
		}
		if err != nil || !slices.Equal(got.Tags, want) {
			t.Errorf("%s has %v (%v), want %v", key, got.Tags, err, want)
		}
		count := ""
		if len(want) > 0 {
			count = strconv.Itoa(len(want))
		}
		if got := head(t, b, key).Get("X-Oss-Tagging-Count"); got != count {
			t.Errorf("%s: the count is %q, want %q", key, got, count)
		}
	}
	shows("k", tags.Tags...)
	if _, err := b.CopyObject("k", "copied"); err != nil {
		t.Fatal(err)
	}
	shows("copied", tags.Tags...)
	one := sdk.Tag{Key: "only", Value: ""}
	if _, err := b.CopyObject("k", "replaced", sdk.TaggingDirective(sdk.TaggingReplace), sdk.SetTagging(sdk.Tagging{Tags: []sdk.Tag{one}})); err != nil {
		t.Fatal(err)
	}
	shows("replaced", one)
	before := head(t, b, "k").Get("Last-Modified")
	if err := b.PutObjectTagging("k", sdk.Tagging{Tags: []sdk.Tag{one}}); err != nil {
		t.Fatal(err)
	}
	shows("k", one)
	r.start(t)
	b = r.bucket(t)
	shows("k", one)
	if err := b.DeleteObjectTagging("k"); err != nil {
		t.Fatal(err)
	}
	shows("k")
	if after := head(t, b, "k").Get("Last-Modified"); after != before {
		t.Errorf("tagging changed Last-Modified from %s to %s", before, after)
	}
	put(t, b, "k", "y")
	shows("k") // overwritten, without the tags
	_, err := b.GetObjectTagging("none")
	wantCode(t, err, 404, "NoSuchKey", "0026-00000001")
	var eleven []sdk.Tag
	for i := range 11 {
		eleven = append(eleven, sdk.Tag{Key: strconv.Itoa(i)})
	}
	for _, bad := range [][]sdk.Tag{
		eleven, {{Key: ""}}, {{Key: "a"}, {Key: "a"}}, {{Key: strings.Repeat("x", 129)}}, {{Key: "a", Value: strings.Repeat("x", 257)}}, {{Key: "a<b"}},
	} {
		wantCode(t, b.PutObjectTagging("k", sdk.Tagging{Tags: bad}), 400, "InvalidTag", "")
		wantCode(t, b.PutObject("new", strings.NewReader("x"), sdk.SetTagging(sdk.Tagging{Tags: bad})), 400, "InvalidTag", "")
	}
	if ok, err := b.IsObjectExist("new"); ok || err != nil {
		t.Errorf("a refused write landed: %t, %v", ok, err)
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	content := "0123456789"
	put(t, b, "k", content)
	put(t, b, "empty", "")
	standard := sdk.RangeBehavior("standard")
	for _, tt := range []struct {
		ranges, behavior, want, shows string
	}{
		{"bytes=0-3", "", "0123", "bytes 0-3/10"},
		{"bytes=0-9", "", content, "bytes 0-9/10"},
		{"bytes=9-", "", "9", "bytes 9-9/10"},
		{"bytes=-3", "", "789", "bytes 7-9/10"},
		{"bytes=0-1,4-5", "", "01", "bytes 0-1/10"},
		{"bytes=5-20", "", content, ""},
		{"bytes=5-20", "standard", "56789", "bytes 5-9/10"},
		{"bytes=-20", "", content, ""},
		{"bytes=-20", "standard", content, "bytes 0-9/10"},
		{"bytes=10-20", "", content, ""},
		{"bytes=10-", "", content, ""},
		{"byte=0-1", "", content, ""},
		{"bytes=3-1", "", content, ""},
		{"bytes=a-b", "standard", content, ""},
		{"bytes=-0", "standard", content, ""},
	} {
		opts := []sdk.Option{sdk.SetHeader("Range", tt.ranges), sdk.AcceptEncoding("identity")}
		if tt.behavior != "" {
			opts = append(opts, standard)
		}
		body, err := b.GetObject("k", opts...)
		if err != nil {
			t.Errorf("%s %s: %v", tt.ranges, tt.behavior, err)
			continue
		}
		data, err := io.ReadAll(body)
		resp, _ := body.(*sdk.Response)
		status := http.StatusOK
		if tt.shows != "" {
			status = http.StatusPartialContent
		}
		if err != nil || string(data) != tt.want || resp.Headers.Get("Content-Range") != tt.shows || resp.StatusCode != status {
			t.Errorf("%s %s: %d %q %q (%v), want %d %q %q", tt.ranges, tt.behavior, resp.StatusCode, data, resp.Headers.Get("Content-Range"), err, status, tt.want, tt.shows)
		}
	}
	for _, key := range []string{"k", "empty"} {
		_, err := b.GetObject(key, sdk.SetHeader("Range", "bytes=10-20"), standard)
		wantCode(t, err, 416, "InvalidRange", "")
	}
	_, err := b.GetObject("k", sdk.SetHeader("Range", "bytes=0-1"), sdk.IfMatch("other"))
	wantCode(t, err, 412, "PreconditionFailed", "0017-00001001")
}

func TestConditionsOfReads(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	put(t, b, "k", "x")
	h := head(t, b, "k")
	at, err := http.ParseTime(h.Get("Last-Modified"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		opt  sdk.Option
		want int
	}{
		"the same tag":    {sdk.IfMatch(h.Get("ETag")), 200},
		"another tag":     {sdk.IfMatch("other"), 412},
		"none of another": {sdk.IfNoneMatch("other"), 200},
		"none of the tag": {sdk.IfNoneMatch(h.Get("ETag")), 304},
		"since before":    {sdk.IfModifiedSince(at.Add(-time.Hour)), 200},
		"since now":       {sdk.IfModifiedSince(at), 304},
		"unmodified":      {sdk.IfUnmodifiedSince(at), 200},
		"modified":        {sdk.IfUnmodifiedSince(at.Add(-time.Hour)), 412},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			var err error
			if method == "GET" {
				_, err = b.GetObject("k", tt.opt)
			} else {
				_, err = b.GetObjectDetailedMeta("k", tt.opt)
			}
			if ok := err == nil; ok != (tt.want == 200) || !ok && !strings.Contains(err.Error(), strconv.Itoa(tt.want)) {
				t.Errorf("%s, %s: %v, want %d", method, name, err, tt.want)
			}
		}
	}
}

func TestListingsHaveOwners(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	put(t, b, "k", "x")
	one, err := b.ListObjects()
	if err != nil || len(one.Objects) != 1 || one.Objects[0].Owner.ID != "1234567890123456" {
		t.Errorf("V1: %+v, %v", one, err)
	}
	two, err := b.ListObjectsV2()
	if err != nil || two.Objects[0].Owner.ID != "" {
		t.Errorf("V2: %+v, %v", two, err)
	}
	if two, err = b.ListObjectsV2(sdk.FetchOwner(true)); err != nil || two.Objects[0].Owner.ID != "1234567890123456" || two.Objects[0].Owner.DisplayName == "" {
		t.Errorf("V2 with fetch-owner: %+v, %v", two, err)
	}
}

func TestBucketsAreListedAndDescribed(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	for _, name := range []string{"records", "changes-b"} {
		if err := r.CreateBucket(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, auth := range []sdk.AuthVersionType{sdk.AuthV1, sdk.AuthV4} {
		client := r.bucket(t, sdk.AuthVersion(auth)).Client
		names := func(opts ...sdk.Option) string {
			t.Helper()
			res, err := client.ListBuckets(opts...)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, b := range res.Buckets {
				if b.CreationDate.IsZero() || b.Location != "oss-cn-hangzhou" || b.StorageClass != "Standard" || b.Region != "cn-hangzhou" {
					t.Errorf("%+v", b)
				}
				out = append(out, b.Name)
			}
			return fmt.Sprintf("%v %t %s %s", out, res.IsTruncated, res.NextMarker, res.Owner.ID)
		}
		for want, opts := range map[string][]sdk.Option{
			"[changes changes-b records] false  1234567890123456": nil,
			"[changes changes-b] false  1234567890123456":         {sdk.Prefix("changes")},
			"[changes] true changes 1234567890123456":             {sdk.MaxKeys(1)},
			"[changes-b records] false  1234567890123456":         {sdk.Marker("changes")},
			"[] false  1234567890123456":                          {sdk.Prefix("x")},
		} {
			if got := names(opts...); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		info, err := client.GetBucketInfo(bucketName)
		if err != nil || info.BucketInfo.Name != bucketName || info.BucketInfo.Owner.ID != "1234567890123456" || info.BucketInfo.ACL != "private" {
			t.Errorf("%+v, %v", info, err)
		}
		if location, err := client.GetBucketLocation(bucketName); err != nil || location != "oss-cn-hangzhou" {
			t.Errorf("%q, %v", location, err)
		}
		if acl, err := client.GetBucketACL(bucketName); err != nil || acl.ACL != "private" {
			t.Errorf("%+v, %v", acl, err)
		}
		_, err = client.GetBucketInfo("nobody")
		wantCode(t, err, 404, "NoSuchBucket", "0015-00000101")
		_, err = client.ListBuckets(sdk.MaxKeys(1001))
		wantCode(t, err, 400, "InvalidArgument", "")
	}
}

// An object of a bucket that was never versioned has the version null alone.
func TestVersionNull(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	put(t, b, "k", "x")
	if body, err := b.GetObject("k", sdk.VersionId("null")); err != nil {
		t.Error(err)
	} else if data, err := io.ReadAll(body); err != nil || string(data) != "x" {
		t.Errorf("%q, %v", data, err)
	}
	_, err := b.GetObjectDetailedMeta("k", sdk.VersionId("CAEQMhiBgID"))
	wantCode(t, err, 404, "NoSuchVersion", "")
	_, err = b.GetObjectTagging("k", sdk.VersionId("CAEQMhiBgID"))
	wantCode(t, err, 404, "NoSuchVersion", "")
	if _, err := b.CopyObject("k", "copy", sdk.VersionId("null")); err != nil {
		t.Error(err)
	}
	_, err = b.CopyObject("k", "copy", sdk.VersionId("CAEQMhiBgID"))
	wantCode(t, err, 404, "NoSuchVersion", "")
	listed, err := b.ListObjectVersions()
	if err != nil || len(listed.ObjectVersions) != 2 || listed.ObjectVersions[1].VersionId != "null" || !listed.ObjectVersions[1].IsLatest {
		t.Errorf("%+v, %v", listed, err)
	}
	if err := b.DeleteObject("k", sdk.VersionId("CAEQMhiBgID")); err != nil {
		t.Error(err)
	}
	if ok, err := b.IsObjectExist("k"); !ok || err != nil {
		t.Errorf("the deletion of another version removed the object: %v", err)
	}
	if err := b.DeleteObject("k", sdk.VersionId("null")); err != nil {
		t.Error(err)
	}
	if _, err := b.DeleteObjectVersions([]sdk.DeleteObject{{Key: "copy", VersionId: "null"}}); err != nil {
		t.Error(err)
	}
	if left, err := b.ListObjects(); err != nil || len(left.Objects) != 0 {
		t.Errorf("%+v, %v", left, err)
	}
}

// What is not emulated is 501, with both versions of the signature.
func TestOperationsThatAreNotThereAre501(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	for _, auth := range []sdk.AuthVersionType{sdk.AuthV1, sdk.AuthV4} {
		b := r.bucket(t, sdk.AuthVersion(auth))
		put(t, b, "k", "x")
		client := b.Client
		calls := map[string]func() error{
			"lifecycle":    func() error { _, err := client.GetBucketLifecycle(bucketName); return err },
			"cors":         func() error { _, err := client.GetBucketCORS(bucketName); return err },
			"policy":       func() error { _, err := client.GetBucketPolicy(bucketName); return err },
			"encryption":   func() error { _, err := client.GetBucketEncryption(bucketName); return err },
			"worm":         func() error { _, err := client.GetBucketWorm(bucketName); return err },
			"inventory":    func() error { _, err := client.GetBucketInventory(bucketName, "a"); return err },
			"qosInfo":      func() error { _, err := client.GetBucketQosInfo(bucketName); return err },
			"asyncFetch":   func() error { _, err := client.GetBucketAsyncTask(bucketName, "a"); return err },
			"replication":  func() error { _, err := client.GetBucketReplication(bucketName); return err },
			"cname":        func() error { _, err := client.ListBucketCname(bucketName); return err },
			"metaQuery":    func() error { _, err := client.GetMetaQueryStatus(bucketName); return err },
			"rtc":          func() error { return client.PutBucketRTC(bucketName, sdk.PutBucketRTC{}) },
			"delete":       func() error { return client.DeleteBucket(bucketName) },
			"restore":      func() error { return b.RestoreObject("k") },
			"symlink":      func() error { return b.PutSymlink("s", "k") },
			"process":      func() error { _, err := b.GetObject("k", sdk.Process("image/resize,w_1")); return err },
			"put acl":      func() error { return b.SetObjectACL("k", sdk.ACLPrivate) },
			"live channel": func() error { _, err := b.GetLiveChannelStat("a"); return err },
		}
		for name, call := range calls {
			if se, ok := call().(sdk.ServiceError); !ok || se.StatusCode != http.StatusNotImplemented || se.Code != "NotImplemented" { //nolint:errorlint // the SDK never wraps it
				t.Errorf("%s, %s: %v, want 501", auth, name, call())
			}
		}
	}
}

func TestKeysOfOutsiders(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	url := r.server.URL + "/local/oss/credentials"
	status, _, body := send(t, request(t, "POST", url, `[{"accessKeyId":"mei","accessKeySecret":"secret","securityToken":"token","principal":"2000001"}]`))
	if status != http.StatusNoContent {
		t.Fatalf("%d %s", status, body)
	}
	client, err := sdk.New(r.server.URL, "mei", "secret", sdk.SecurityToken("token"), sdk.AuthVersion(sdk.AuthV4), sdk.Region("cn-hangzhou"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := client.Bucket(bucketName)
	if err != nil {
		t.Fatal(err)
	}
	put(t, b, "changes/a.yaml", "x")
	if e := <-r.events; e.Principal != "2000001" || e.Name != oss.PutObjectEvent {
		t.Errorf("the event is %+v", e)
	}
	for _, bad := range []string{`[{"accessKeyId":"x"}]`, `[{"accessKeySecret":"x"}]`, `[{"accessKeyId":"a","accessKeySecret":"b","role":"x"}]`, `{}`, `[`} {
		if status, _, body := send(t, request(t, "POST", url, bad)); status != http.StatusBadRequest || !strings.Contains(body, "error") {
			t.Errorf("%s: %d %s", bad, status, body)
		}
	}
}
