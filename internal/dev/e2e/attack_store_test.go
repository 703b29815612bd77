package e2e_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// A store whose listing is truncated and never advances is not asked without end.
func TestAttackAListingThatDoesNotAdvance(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	store := newBetween(t, func(w http.ResponseWriter, r *http.Request) bool {
		query := r.URL.Query()
		if !query.Has("list-type") || !strings.HasPrefix(query.Get("prefix"), "queue/") {
			return false
		}
		n.Add(1)
		w.Header().Set("Content-Type", "application/xml")
		w.Header().Set("X-Oss-Request-Id", "6921B0A5B6D2FC3535AF21B3")
		_, _ = w.Write([]byte(`<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>` + localcloud.Bucket + `</Name><Prefix>` + query.Get("prefix") +
			`</Prefix><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>CgJiYw--</NextContinuationToken><KeyCount>0</KeyCount></ListBucketResult>`))
		return true
	})
	h := start(t, func(o *localcloud.Options) { o.Env = []string{"OSS_ENDPOINT=" + store.URL} })
	store.point(t, h.OSSURL())
	if err := h.tick(); err != nil {
		t.Fatal(err)
	}
	h.quiet(t)
	if got := n.Load(); got < 1 || got > 10 {
		t.Errorf("the listing was read %d times", got)
	}
	h.says(t, "it is truncated and has no entry")
}

// A file whose Last-Modified is ahead of the function's clock is applied at once.
func TestAttackAFileOfTheFuture(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	h.OSS().Advance(10 * time.Minute)
	h.drop(t, "changes/port.yaml", portChange(1195))
	h.quiet(t)
	if err := once(1195, 1).check(h); err != nil {
		t.Error("without a sweep:", err)
	}
}

// A store and an API that redirect do not get the function's credentials and
// signatures to another host.
func TestAttackRedirects(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	redirect := func(w http.ResponseWriter) bool {
		w.Header().Set("Location", other.URL+"/latest/meta-data")
		w.WriteHeader(http.StatusTemporaryRedirect)
		return true
	}
	var redirected atomic.Int64
	store := newBetween(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/changes/") {
			return false
		}
		redirected.Add(1)
		return redirect(w)
	})
	api := newBetween(t, func(w http.ResponseWriter, _ *http.Request) bool {
		redirected.Add(1)
		return redirect(w)
	})
	h := start(t, func(o *localcloud.Options) {
		o.Env = []string{"OSS_ENDPOINT=" + store.URL, "VPC_ENDPOINT=" + api.URL, "WAIT_BUDGET=0s"}
	})
	store.point(t, h.OSSURL())
	h.accepts(t, "redirect", single(1195))
	h.drop(t, "changes/a.yaml", single(1196))
	h.quiet(t)
	if n := elsewhere.Load(); n != 0 || redirected.Load() < 2 {
		t.Errorf("%d requests were redirected, %d of them went there", redirected.Load(), n)
	}
	if records, err := h.records(); err != nil || len(records) != 0 {
		t.Errorf("recorded %+v, %v", records, err)
	}
}

// A file that its author marked as compressed is read as it is: what is small in the
// bucket is small in memory.
func TestAttackACompressedFile(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	for range 512 {
		if _, err := w.Write(bytes.Repeat([]byte("#\n"), 512<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	store := newBetween(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/changes/") {
			return false
		}
		for name, value := range map[string]string{
			"Content-Encoding": "gzip", "ETag": r.Header.Get("If-Match"), "X-Oss-Request-Id": "6921B0A5B6D2FC3535AF21B3",
			"Last-Modified": time.Now().UTC().Format(http.TimeFormat),
		} {
			w.Header().Set(name, value)
		}
		_, _ = w.Write(bomb.Bytes())
		return true
	})
	h := start(t, func(o *localcloud.Options) { o.MaxInstances, o.Env = 1, []string{"OSS_ENDPOINT=" + store.URL} })
	store.point(t, h.OSSURL())
	h.drop(t, "changes/bomb.yaml", "x: 1\n")
	h.quiet(t)
	receipts, err := h.receipts()
	if err != nil || len(receipts) != 1 || receipts[0].Status != record.FileRejected {
		t.Errorf("receipts %+v, %v", receipts, err)
	}
	h.peakBelow(t, 64<<20)
}
