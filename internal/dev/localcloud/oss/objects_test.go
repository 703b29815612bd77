package oss_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

func TestForbidOverwriteIsAtomicAndVersioningDefeatsIt(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	var wins atomic.Int64
	var done sync.WaitGroup
	for range 16 {
		done.Go(func() {
			if b.PutObject("k", strings.NewReader("first"), sdk.ForbidOverWrite(true)) == nil {
				wins.Add(1)
			}
		})
	}
	done.Wait()
	if wins.Load() != 1 {
		t.Fatalf("got %d winners, want 1", wins.Load())
	}
	wantCode(t, b.PutObject("k", strings.NewReader("second"), sdk.ForbidOverWrite(true)), 409, "FileAlreadyExists", "0026-00000002")
	_, err := b.CopyObject("k", "k", sdk.ForbidOverWrite(true))
	wantCode(t, err, 409, "FileAlreadyExists", "0026-00000002")
	for _, status := range []string{"Enabled", "Suspended"} {
		if err := r.SetVersioning(bucketName, status); err != nil {
			t.Fatal(err)
		}
		put(t, b, "k", status, sdk.ForbidOverWrite(true))
		if got := get(t, b, "k"); got != status {
			t.Errorf("%s: got %q: the object was not overwritten", status, got)
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	for _, opt := range []sdk.Option{sdk.IfMatch("X"), sdk.IfNoneMatch("*")} {
		wantCode(t, b.PutObject("k", strings.NewReader("x"), opt), 400, "NotImplemented", "0017-00000245")
	}
	wantCode(t, b.PutObject("k", strings.NewReader("x"), sdk.SetHeader("x-oss-forbid-overwrite", "yes")), 400, "InvalidArgument", "0017-00000279")
	wantCode(t, b.PutObject("k", strings.NewReader("x"), sdk.ContentMD5("AAAAAAAAAAAAAAAAAAAAAA==")), 400, "InvalidDigest", "")
	if ok, err := b.IsObjectExist("k"); ok || err != nil {
		t.Fatalf("a refused write landed: %v, %v", ok, err)
	}
	put(t, b, "k", "x")
	const tag = "9DD4E461268C8034F5C8564E155C67A6" // MD5 of x
	if _, err := b.GetObject("k", sdk.IfMatch(`"`+tag+`"`)); err != nil {
		t.Errorf("if-match of the ETag: %v", err)
	}
	_, err := b.GetObject("k", sdk.IfMatch("other"))
	wantCode(t, err, 412, "PreconditionFailed", "0017-00001001")
	if _, err := b.GetObject("k", sdk.IfNoneMatch(tag)); err == nil || !strings.Contains(err.Error(), "304") {
		t.Errorf("if-none-match of the ETag: got %v, want 304", err)
	}
	_, err = b.CopyObject("k", "copy", sdk.CopySourceIfMatch("other"))
	wantCode(t, err, 412, "PreconditionFailed", "0017-00001001")
	_, err = b.GetObjectDetailedMeta("none")
	wantCode(t, err, 404, "NoSuchKey", "0026-00000001") // by x-oss-err: HEAD has no body
	_, err = b.GetObject("none")
	wantCode(t, err, 404, "NoSuchKey", "0026-00000001")
	wantCode(t, b.SetObjectACL("k", sdk.ACLPublicRead), 501, "NotImplemented", "")
}

func TestJSONIsCompressedForThoseWhoAskForIt(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	long := `"` + strings.Repeat("x", 2000) + `"`
	put(t, b, "long.json", long)
	put(t, b, "short.json", `"x"`)
	for key, compressed := range map[string]bool{"long.json": true, "short.json": false} {
		var h http.Header
		body, err := b.GetObject(key, sdk.AcceptEncoding("gzip"), sdk.GetResponseHeader(&h))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Get("Content-Encoding") == "gzip" && h.Get("ETag") == "" && len(data) < 200; got != compressed {
			t.Errorf("%s: got %d bytes, %v", key, len(data), h)
		}
	}
}

func TestAppendIsACompareAndSwapOnTheLength(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	next, err := b.AppendObject("log", strings.NewReader("one"), 0)
	if err != nil || next != 3 {
		t.Fatalf("got %d, %v, want 3", next, err)
	}
	var h http.Header
	_, err = b.AppendObject("log", strings.NewReader("two"), 0, sdk.GetResponseHeader(&h))
	wantCode(t, err, 409, "PositionNotEqualToLength", "")
	if h.Get("X-Oss-Next-Append-Position") != "3" {
		t.Errorf("next position: got %v", h)
	}
	if next, err = b.AppendObject("log", strings.NewReader("two"), 3); err != nil || next != 6 {
		t.Fatalf("got %d, %v, want 6", next, err)
	}
	if got := get(t, b, "log"); got != "onetwo" {
		t.Errorf("got %q", got)
	}
	put(t, b, "normal", "x")
	_, err = b.AppendObject("normal", strings.NewReader("two"), 1)
	wantCode(t, err, 409, "ObjectNotAppendable", "")
}

func TestBothListingsPageAndFold(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	for _, key := range []string{"p/", "p/a/1", "p/a/2", "p/b", "p/c+ d/1", "q"} {
		put(t, b, key, "x")
	}
	var keys, folded []string
	token := ""
	for range 10 {
		res, err := b.ListObjectsV2(sdk.Prefix("p/"), sdk.Delimiter("/"), sdk.MaxKeys(1), sdk.ContinuationToken(token))
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range res.Objects {
			keys = append(keys, o.Key)
		}
		folded = append(folded, res.CommonPrefixes...)
		if token = res.NextContinuationToken; !res.IsTruncated {
			break
		}
	}
	marker := ""
	for range 10 {
		res, err := b.ListObjects(sdk.Prefix("p/"), sdk.Delimiter("/"), sdk.MaxKeys(1), sdk.Marker(marker))
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range res.Objects {
			keys = append(keys, o.Key)
		}
		folded = append(folded, res.CommonPrefixes...)
		if marker = res.NextMarker; !res.IsTruncated {
			break
		}
	}
	if want := []string{"p/", "p/b", "p/", "p/b"}; !slices.Equal(keys, want) {
		t.Errorf("keys: got %q, want %q", keys, want)
	}
	if want := []string{"p/a/", "p/c+ d/", "p/a/", "p/c+ d/"}; !slices.Equal(folded, want) {
		t.Errorf("prefixes: got %q, want %q", folded, want)
	}
	_, err := b.ListObjectsV2(sdk.MaxKeys(1001))
	wantCode(t, err, 400, "InvalidArgument", "")
}

func TestFilesAreWherePeopleLookForThem(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	put(t, b, "changes/2026/工单 1042.yaml", "content")
	data, err := os.ReadFile(filepath.Join(r.dir, bucketName, "changes", "2026", "工单 1042.yaml"))
	if err != nil || string(data) != "content" {
		t.Errorf("got %q, %v", data, err)
	}
	for _, key := range []string{"../../escape", "..", "/../x", "a/../../../x", ".oss/x"} {
		err := b.PutObject(key, strings.NewReader("x"))
		if strings.HasPrefix(key, "/") {
			wantCode(t, err, 400, "InvalidObjectName", "")
		} else if err != nil {
			t.Errorf("put %q: %v", key, err)
		}
	}
	entries, err := os.ReadDir(r.dir)
	if err != nil || len(entries) != 2 || entries[0].Name() != ".oss" || entries[1].Name() != bucketName {
		t.Errorf("a key left its folder: %v, %v", entries, err)
	}
}

func TestEventsOfCreations(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	put(t, b, "a", "xyz")
	put(t, b, "a", "x")
	if _, err := b.CopyObject("a", "b"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.AppendObject("c", strings.NewReader("x"), 0); err != nil {
		t.Fatal(err)
	}
	if err := b.PutObject("a", strings.NewReader("x"), sdk.ForbidOverWrite(true)); err == nil {
		t.Fatal("overwritten")
	}
	const tag = "9DD4E461268C8034F5C8564E155C67A6"
	for _, want := range []oss.Event{
		{Name: oss.PutObjectEvent, Key: "a", ETag: "D16FB36F0911F878998C136191AF705E", Size: 3, DeltaSize: 3},
		{Name: oss.PutObjectEvent, Key: "a", ETag: tag, Size: 1, DeltaSize: -2},
		{Name: oss.CopyObjectEvent, Key: "b", ETag: tag, Size: 1, DeltaSize: 1},
		{Name: oss.AppendObjectEvent, Key: "c", ETag: tag, Size: 1, DeltaSize: 1},
	} {
		got := <-r.events
		want.Region, want.AccountID, want.Bucket, want.Principal = "cn-hangzhou", "1234567890123456", bucketName, "1234567890123456"
		want.SourceIP, want.Time, want.RequestID = "127.0.0.1", got.Time, got.RequestID
		if got != want || len(got.RequestID) != 24 || got.Time.IsZero() {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if len(r.events) != 0 {
		t.Errorf("a refused write made an event: %+v", <-r.events)
	}
}
