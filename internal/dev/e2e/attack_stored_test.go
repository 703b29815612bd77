package e2e_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
)

// renamed gives a member of a JSON object, or of an object in it, another name.
func (h *harness) renamed(t *testing.T, key string, path ...string) {
	t.Helper()
	data, err := h.read(key)
	if err != nil {
		t.Fatal(err)
	}
	var whole map[string]any
	if err := json.Unmarshal(data, &whole); err != nil {
		t.Fatal(err)
	}
	at := whole
	for _, name := range path[:len(path)-1] {
		at, _ = at[name].(map[string]any)
	}
	last := path[len(path)-1]
	if _, ok := at[last]; !ok {
		t.Fatalf("%s has no %s: %s", key, path, data)
	}
	at[last+"Of2027"] = at[last]
	delete(at, last)
	if data, err = json.Marshal(whole); err != nil {
		t.Fatal(err)
	}
	h.drop(t, key, string(data))
}

// remove deletes an object, as an operator would.
func (h *harness) remove(t *testing.T, key string) {
	t.Helper()
	err := os.Remove(filepath.Join(h.BucketDir(), filepath.FromSlash(key)))
	if err = errors.Join(err, h.OSS().Scan()); err != nil {
		t.Fatal(err)
	}
}

// An intent that lacks the settings to send, as another version could write it, is
// not taken for a modification that was verified.
func TestAttackAnIntentWithoutWhatWasAsked(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"asked", "patch", "keys", "outcomes"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &reaper{}
			h := start(t, r.tune)
			r.platform.Store(h.FC())
			if err := dying("ModifySslVpnServer", 1, false)(t.Context(), h, r); err != nil {
				t.Fatal(err)
			}
			lanes := h.keys("lanes/")
			if len(lanes) != 1 {
				t.Fatalf("the lane has %q", lanes)
			}
			h.renamed(t, lanes[0], "state", "intent", name)
			h.OSS().Advance(pastLease)
			_ = h.tick() // the sweep reports the lane as an error
			h.quiet(t)
			records, err := h.records()
			if err != nil || len(records) != 0 {
				t.Errorf("recorded %+v, %v", records, err)
			}
			if n := h.VPC().Snapshot().Effective; n != 0 {
				t.Errorf("%d modifications", n)
			}
			h.says(t, lanes[0])
			h.remove(t, lanes[0])
			once(1195, 1).settles(t, h)
		})
	}
}

// A queued change that needs an approval is not sent without one, whatever name of
// its stored form is unknown.
func TestAttackAStoredChangeWithAnotherName(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	names := []string{"approvals", "expiresAt", "dueAt", "patch", "origin", "account", "identity", "id", "regionId", "sslVpnServerId", "acceptedAt", "document", "index", "schema"}
	for n := range names {
		a.ask("bot", "ask-"+names[n], "apply office port=1195")
	}
	keys := a.keys("queue/")
	if len(keys) != len(names) {
		t.Fatalf("queued are %q", keys)
	}
	for n, key := range keys {
		a.renamed(t, key, names[n])
	}
	a.FC().KillAll()
	a.OSS().Advance(pastLease)
	for range 2 {
		_ = a.tick() // entries that are damaged may be reported as errors
	}
	a.sent(0)
	records, err := a.records()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if r.Status == change.Applied || r.Status == change.Unchanged || r.Verified {
			t.Errorf("%s is %s, verified %v", r.ID, r.Status, r.Verified)
		}
	}
}
