package e2e_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
)

// TestUpgradeWithBothVersionsAtOnce has instances of the previous release and of this
// commit work on the same lanes: each second process that the platform starts is of the
// other version, and every tenth request kills one that is at work. Every change has one
// effect and one record.
func TestUpgradeWithBothVersionsAtOnce(t *testing.T) {
	t.Parallel()
	before, now := versions(t)
	const changes = 120
	dir := t.TempDir()
	link(t, filepath.Join(dir, "before"), before)
	link(t, filepath.Join(dir, "now"), now)
	// mkdir is atomic: of the processes that start, one after the other gets the folder.
	const alternate = `if mkdir "$0/turn" 2>/dev/null; then exec "$0/before"; fi; rmdir "$0/turn"; exec "$0/now"`
	var killed atomic.Int32
	h := start(t, func(o *localcloud.Options) {
		o.MaxInstances = 6
		also(o, func(o *fc.Options) {
			o.Command = []string{"/bin/sh", "-c", alternate, dir}
			o.RetryDelay = func(int) time.Duration { return 20 * time.Millisecond }
		})
	})
	const servers = changes / 2 // a lane whose worker was killed keeps few changes waiting
	want := map[string]int{}    // the last port of each server
	for i := range servers {
		if err := h.VPC().AddServer(loadServer(i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range changes {
		s := loadServer(i % servers)
		want[s.ID] = 2000 + i
		body := setting(s.RegionID, s.ID, fmt.Sprintf("Port: %d", 2000+i))
		if a := h.postUntilAccepted(t, fmt.Sprint("msg_both_", i), body); a.status != 202 {
			t.Fatalf("answered %d %s", a.status, a.body)
		}
		if i%10 == 9 {
			for _, in := range h.FC().Instances() {
				if in.RequestID != "" && h.FC().Kill(in.ID) == nil {
					killed.Add(1)
					break
				}
			}
		}
	}
	if err := h.settle(t.Context(), func() bool { return len(h.keys("queue/")) == 0 }); err != nil {
		t.Fatal(err)
	}
	records, err := h.records()
	if err != nil {
		t.Fatal(err)
	}
	by, ids := map[bool]int{}, map[string]bool{}
	tokens := map[string]bool{}
	for _, r := range records {
		by[r.Version != ""]++
		ids[r.ID] = true
		if r.ClientToken != "" && r.Status == change.Applied {
			tokens[r.ClientToken] = true
		}
		if r.Status != change.Applied && r.Status != change.Superseded {
			t.Errorf("%s ended as %s: %+v", r.ID, r.Status, r.Error)
		}
	}
	if len(records) != changes || len(ids) != changes {
		t.Errorf("%d records of %d changes, requested were %d", len(records), len(ids), changes)
	}
	if got := h.VPC().Snapshot().Effective; got != len(tokens) {
		t.Errorf("%d modifications took effect, the records name %d", got, len(tokens))
	}
	for id, port := range want {
		if s, _ := h.VPC().Server(id); s.Port != port {
			t.Errorf("the port of %s is %d, want %d", id, s.Port, port)
		}
	}
	if by[true] < changes/10 || by[false] < changes/10 || killed.Load() < 3 {
		t.Errorf("the previous release decided %d, this version %d; %d were killed: the test shows nothing", by[false], by[true], killed.Load())
	}
	t.Logf("%d changes in %d modifications: the previous release decided %d, this version %d; %d instances were killed at work", changes, len(tokens), by[false], by[true], killed.Load())
}

// postUntilAccepted posts a document as a sender does: until it is accepted.
func (h *harness) postUntilAccepted(t *testing.T, id, body string) (a reply) {
	t.Helper()
	eventually(t, "the document is accepted", func() (accepted bool) {
		var err error
		a, err = h.post(t.Context(), id, body)
		return err == nil && a.status < 500
	})
	return a
}
