package e2e_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sslvpnchange/internal/dev/localcloud"
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
