package reconcile_test

import (
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// A lane whose state is damaged is not worked off, and not lost: the error names
// the object and the fix, and the change is applied when it is fixed.
func TestALaneWithADamagedStateKeepsItsChanges(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	id := h.set(change.Port, change.Number(1195))
	key := objects.GenerationKey(h.server, 1)
	const damaged = `{"schema":"sslvpn-change/lane/v1","gen":1,"kind":"free","nonce":"n","owner":"o","at":"2026-11-22T12:00:00Z","state":` +
		`{"intent":{"token":"svc-a-1","patch":{"Port":1195},"keys":["queue/x"],"outcomes":[{"id":"a","status":"applied"}],` +
		`"startedAt":"2026-11-22T12:00:00Z","firstEnd":"2026-11-22T12:00:00Z","lastEnd":"2026-11-22T12:00:00Z"}}}`
	if err := h.Store.Put(t.Context(), key, []byte(damaged)); err != nil {
		t.Fatal(err)
	}
	_, err := h.reconciler().Drain(t.Context(), h.server)
	if err == nil || !strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), "asked") ||
		!strings.Contains(err.Error(), "delete this object") {
		t.Errorf("the error does not name the object, what is missing and the fix: %v", err)
	}
	h.pending(id)
	h.modifies(0)
	if err := h.Store.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	h.drain()
	h.ends(id, change.Applied)
	h.queueEmpty()
}
