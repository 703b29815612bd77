package oss_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	sdk "github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// big is a part that need not be the last.
func big(fill string) string { return strings.Repeat(fill, 100<<10) }

func upload(t *testing.T, b *sdk.Bucket, key string, parts []string, opts ...sdk.Option) (sdk.InitiateMultipartUploadResult, []sdk.UploadPart) {
	t.Helper()
	u, err := b.InitiateMultipartUpload(key, opts...)
	if err != nil {
		t.Fatal(err)
	}
	var done []sdk.UploadPart
	for i, text := range parts {
		p, err := b.UploadPart(u, strings.NewReader(text), int64(len(text)), i+1)
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, p)
	}
	return u, done
}

func TestMultipartUpload(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	put(t, b, "changes/big.yaml", "old")
	<-r.events
	u, parts := upload(t, b, "changes/big.yaml", []string{big("a"), big("b"), "end"},
		sdk.ContentType("text/yaml"), sdk.Meta("by", "mei"), sdk.CacheControl("no-cache"), sdk.SetTagging(sdk.Tagging{Tags: []sdk.Tag{{Key: "team", Value: "net"}}}))
	if len(r.events) != 0 || get(t, b, "changes/big.yaml") != "old" {
		t.Error("the upload has an effect before it is complete")
	}
	res, err := b.CompleteMultipartUpload(u, parts)
	if err != nil {
		t.Fatal(err)
	}
	sums := md5.New()
	for _, text := range []string{big("a"), big("b"), "end"} {
		sum := md5.Sum([]byte(text))
		sums.Write(sum[:])
	}
	want := strings.ToUpper(hex.EncodeToString(sums.Sum(nil))) + "-3"
	if strings.Trim(res.ETag, `"`) != want || res.Bucket != bucketName || res.Key != "changes/big.yaml" {
		t.Errorf("the answer is %+v, want the ETag %s", res, want)
	}
	e := <-r.events
	if e.Name != oss.MultipartEvent || e.Key != "changes/big.yaml" || e.ETag != want || e.Size != 2*100<<10+3 || e.DeltaSize != e.Size-3 || e.Principal != "1234567890123456" {
		t.Errorf("the event is %+v", e)
	}
	if got := get(t, b, "changes/big.yaml"); got != big("a")+big("b")+"end" {
		t.Errorf("the content has %d bytes", len(got))
	}
	h, err := b.GetObjectDetailedMeta("changes/big.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"X-Oss-Object-Type": "Multipart", "Content-Type": "text/yaml", "X-Oss-Meta-By": "mei", "Cache-Control": "no-cache",
		"X-Oss-Tagging-Count": "1", "Content-Md5": "", "Etag": `"` + want + `"`, "Content-Length": strconv.FormatInt(e.Size, 10),
	} {
		if h.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, h.Get(name), value)
		}
	}
	_, err = b.CompleteMultipartUpload(u, parts)
	wantCode(t, err, 404, "NoSuchUpload", "0042-00000002")
	list, err := b.ListMultipartUploads()
	if err != nil || len(list.Uploads) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestPartsAreChecked(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	u, parts := upload(t, b, "k", []string{big("a"), "small", big("c")})
	_, err := b.CompleteMultipartUpload(u, parts)
	wantCode(t, err, 400, "EntityTooSmall", "")
	_, err = b.CompleteMultipartUpload(u, nil)
	wantCode(t, err, 400, "MalformedXML", "")
	wrong := parts[2]
	wrong.ETag = parts[0].ETag
	_, err = b.CompleteMultipartUpload(u, []sdk.UploadPart{parts[0], wrong})
	wantCode(t, err, 400, "InvalidPart", "")
	_, err = b.CompleteMultipartUpload(u, []sdk.UploadPart{parts[0], {PartNumber: 9, ETag: parts[0].ETag}})
	wantCode(t, err, 400, "InvalidPart", "")
	for _, n := range []int{0, 10001, -1} {
		_, err = b.UploadPart(u, strings.NewReader("x"), 1, n)
		if err == nil {
			t.Errorf("the part %d was taken", n)
		}
	}
	other := u
	other.Key = "another"
	_, err = b.UploadPart(other, strings.NewReader("x"), 1, 1)
	wantCode(t, err, 404, "NoSuchUpload", "0042-00000002")
	if len(r.events) != 0 {
		t.Error("a refused completion fired an event")
	}
	// A part may come again; the object has the chosen ones only.
	again, err := b.UploadPart(u, strings.NewReader(big("d")), 100<<10, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.CompleteMultipartUpload(u, []sdk.UploadPart{again, parts[1]}); err != nil {
		t.Fatal(err)
	}
	if got := get(t, b, "k"); got != big("d")+"small" {
		t.Errorf("the content has %d bytes", len(got))
	}
}

func TestCreateOnlyMultipartUpload(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	early, parts := upload(t, b, "k", []string{"x"}, sdk.ForbidOverWrite(true))
	late, latePart := upload(t, b, "k", []string{"late"})
	put(t, b, "k", "first")
	_, err := b.CompleteMultipartUpload(early, parts)
	wantCode(t, err, 409, "FileAlreadyExists", "0026-00000002")
	_, err = b.CompleteMultipartUpload(late, latePart, sdk.ForbidOverWrite(true))
	wantCode(t, err, 409, "FileAlreadyExists", "0026-00000002")
	_, err = b.InitiateMultipartUpload("k", sdk.ForbidOverWrite(true))
	wantCode(t, err, 409, "FileAlreadyExists", "0026-00000002")
	if got := get(t, b, "k"); got != "first" {
		t.Errorf("the object is %q", got)
	}
	if _, err := b.CompleteMultipartUpload(late, latePart); err != nil {
		t.Error(err)
	}
}

func TestUploadsAreListedAndAborted(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	var all []sdk.InitiateMultipartUploadResult
	for _, key := range []string{"a/1", "a/2", "b/1", "c+d"} {
		u, _ := upload(t, b, key, []string{big("x"), big("y"), "z"})
		all = append(all, u)
	}
	folded, err := b.ListMultipartUploads(sdk.Delimiter("/"))
	if err != nil || fmt.Sprint(folded.CommonPrefixes) != "[a/ b/]" || len(folded.Uploads) != 1 || folded.Uploads[0].Key != "c+d" {
		t.Errorf("%+v, %v", folded, err)
	}
	var keys []string
	marker, id := "", ""
	for {
		page, err := b.ListMultipartUploads(sdk.MaxUploads(1), sdk.KeyMarker(marker), sdk.UploadIDMarker(id))
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Uploads {
			keys = append(keys, u.Key)
		}
		if !page.IsTruncated {
			break
		}
		marker, id = page.NextKeyMarker, page.NextUploadIDMarker
	}
	if fmt.Sprint(keys) != "[a/1 a/2 b/1 c+d]" {
		t.Errorf("listed %v", keys)
	}
	first, err := b.ListUploadedParts(all[0], sdk.MaxParts(2))
	if err != nil || len(first.UploadedParts) != 2 || !first.IsTruncated || first.UploadedParts[0].Size != 100<<10 {
		t.Fatalf("%+v, %v", first, err)
	}
	marked, err := strconv.Atoi(first.NextPartNumberMarker)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := b.ListUploadedParts(all[0], sdk.MaxParts(2), sdk.PartNumberMarker(marked))
	if err != nil || len(rest.UploadedParts) != 1 || rest.IsTruncated || rest.UploadedParts[0].PartNumber != 3 {
		t.Errorf("%+v, %v", rest, err)
	}
	if err := b.AbortMultipartUpload(all[0]); err != nil {
		t.Fatal(err)
	}
	wantCode(t, b.AbortMultipartUpload(all[0]), 404, "NoSuchUpload", "0042-00000002")
	_, err = b.UploadPart(all[0], strings.NewReader("x"), 1, 1)
	wantCode(t, err, 404, "NoSuchUpload", "0042-00000002")
	left, err := b.ListMultipartUploads(sdk.Prefix("a/"))
	if err != nil || len(left.Uploads) != 1 || left.Uploads[0].Key != "a/2" {
		t.Errorf("%+v, %v", left, err)
	}
}

func TestPartsAreCopied(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	put(t, b, "from", big("ab"))
	u, err := b.InitiateMultipartUpload("to")
	if err != nil {
		t.Fatal(err)
	}
	one, err := b.UploadPartCopy(u, bucketName, "from", 0, 100<<10, 1)
	if err != nil {
		t.Fatal(err)
	}
	two, err := b.UploadPartCopy(u, bucketName, "from", 1, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.UploadPartCopy(u, bucketName, "none", 0, 1, 3)
	wantCode(t, err, 404, "NoSuchKey", "0026-00000001")
	if _, err := b.CompleteMultipartUpload(u, []sdk.UploadPart{one, two}); err != nil {
		t.Fatal(err)
	}
	if got := get(t, b, "to"); got != big("ab")[:100<<10]+"bab" {
		t.Errorf("the content has %d bytes and ends in %q", len(got), got[len(got)-5:])
	}
}

// The SDK's own upload of a file, in parts and at once.
func TestFilesAreUploadedAndDownloadedInParts(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	data := bytes.Repeat([]byte("0123456789abcdef"), 20<<10)
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	if err := os.WriteFile(from, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.UploadFile("big", from, 100<<10, sdk.Routines(3)); err != nil {
		t.Fatal(err)
	}
	if err := b.DownloadFile("big", to, 100<<10, sdk.Routines(3)); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(to)
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := b.CopyFile(bucketName, "big", "copy", 100<<10); err != nil {
		t.Fatal(err)
	}
	if get(t, b, "copy") != string(data) {
		t.Error("the copy is another one")
	}
}

func TestUploadsSurviveARestart(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	u, parts := upload(t, b, "k", []string{big("a"), "z"}, sdk.Meta("by", "mei"))
	r.start(t) // on the same folder
	b = r.bucket(t)
	listed, err := b.ListUploadedParts(u)
	if err != nil || len(listed.UploadedParts) != 2 || strings.Trim(listed.UploadedParts[1].ETag, `"`) != strings.Trim(parts[1].ETag, `"`) {
		t.Fatalf("%+v, %v", listed, err)
	}
	if _, err := b.CompleteMultipartUpload(u, parts); err != nil {
		t.Fatal(err)
	}
	h, err := b.GetObjectDetailedMeta("k")
	if err != nil || h.Get("X-Oss-Meta-By") != "mei" || get(t, b, "k") != big("a")+"z" {
		t.Errorf("%v, %v", h, err)
	}
}

// Of several requests that complete an upload at once, one does.
func TestAnUploadIsCompletedOnce(t *testing.T) {
	t.Parallel()
	r := newHarness(t)
	b := r.bucket(t)
	u, parts := upload(t, b, "k", []string{"x"})
	var done atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := b.CompleteMultipartUpload(u, parts); err == nil {
				done.Add(1)
			}
		})
	}
	all.Wait()
	if n := done.Load(); n != 1 || len(r.events) != 1 {
		t.Errorf("%d requests completed it, with %d events", n, len(r.events))
	}
}
