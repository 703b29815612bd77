package reconcile_test

import (
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

func version(v string) func(*reconcile.Deps, *reconcile.Policy) {
	return func(d *reconcile.Deps, _ *reconcile.Policy) { d.Version = v }
}

// However a change ends, its record says which version decided that.
func TestRecordsNameTheVersionThatDecided(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		edit   func(*change.Change)
		status change.Status
	}{
		"applied":   {func(c *change.Change) { c.Patch = change.Patch{change.Port: change.Number(1195)} }, change.Applied},
		"unchanged": {func(c *change.Change) { c.Patch = change.Patch{change.Port: change.Number(1194)} }, change.Unchanged},
		"planned": {func(c *change.Change) {
			c.Patch, c.DryRun = change.Patch{change.Port: change.Number(1195)}, true
		}, change.Planned},
		"rejected": {func(c *change.Change) {
			c.Patch, c.Expect = change.Patch{change.Port: change.Number(1195)}, change.Patch{change.Port: change.Number(7)}
		}, change.Rejected},
		"expired": {func(c *change.Change) {
			c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, c.AcceptedAt
		}, change.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			id := h.submit(tt.edit)
			h.drain(version("v1.2.3"))
			if rec := h.ends(id, tt.status); rec.Version != "v1.2.3" {
				t.Errorf("its version is %q", rec.Version)
			}
		})
	}
}

// A record follows from the decision alone: another version that writes it writes the
// same.
func TestARecordNamesTheVersionThatDecidedNotTheOneThatWrote(t *testing.T) {
	t.Parallel()
	for name, decides := range map[string]string{"a version": "v1.2.3", "one that did not say": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			id := h.set(change.Port, change.Number(1195))
			if err := h.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, KeyPrefix: "results/", Skip: 1, Times: -1}); err != nil {
				t.Fatal(err)
			}
			if _, err := h.reconciler(version(decides)).Drain(t.Context(), h.server); err == nil {
				t.Fatal("the record was written")
			}
			h.pending(id)
			h.OSS.ClearFaults()
			h.drain(version("v2.0.0"))
			if rec := h.ends(id, change.Applied); rec.Version != decides {
				t.Errorf("its version is %q, want %q", rec.Version, decides)
			}
			h.modifies(1)
			h.queueEmpty()
		})
	}
}
