package objects_test

import (
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

func TestKeysOfRevisions(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{1, 2, 9, 10, 123456789, objects.MaxRevision} {
		if got, ok := objects.ParseRevisionKey(objects.RevisionKey(n)); !ok || got != n {
			t.Errorf("%d is read as %d, %v", n, got, ok)
		}
	}
	if objects.RevisionKey(2) >= objects.RevisionKey(1) {
		t.Error("the newest revision does not list first")
	}
	for _, key := range []string{
		"policy/history/999999999999999.json", "policy/history/99999999999999.json", "policy/history/9999999999999980.json", "policy/history/-99999999999998.json",
		"policy/history/999999999999998", "policy/history/x/999999999999998.json", "policy/999999999999998.json", "policy/policy.yaml", "",
	} {
		if n, ok := objects.ParseRevisionKey(key); ok {
			t.Errorf("%q is read as %d", key, n)
		}
	}
}

func TestTheUploadOfAReceipt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 8, 35, 2, 0, time.UTC)
	for _, eTag := range []string{"5B3C1A2E053D763E1B002CC607C5A0FE", "ABC-12"} {
		got, when, ok := objects.ReceiptUpload(objects.ReceiptKey("changes/a@b.yaml", eTag, at), "changes/a@b.yaml")
		if !ok || got != eTag || !when.Equal(at) {
			t.Errorf("%s is read as %s, %v, %v", eTag, got, when, ok)
		}
	}
	for _, key := range []string{"receipts/a@", "receipts/a@20261122T083502Z-.json", "receipts/a@20261122T083502Z-X", "receipts/b@20261122T083502Z-X.json", "receipts/a@x@20261122T083502Z-X.json"} {
		if eTag, _, ok := objects.ReceiptUpload(key, "changes/a"); ok {
			t.Errorf("%s is read as %s", key, eTag)
		}
	}
}
