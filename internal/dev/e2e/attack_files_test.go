package e2e_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// A change file that is copied onto itself after a newer change, as to change its
// storage class, or uploaded again as it was, requests nothing: by its event, and by
// the sweep if the event is lost.
func TestAttackAFileCopiedOntoItself(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"with its event": false, "with a lost event": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var copied atomic.Bool
			h := start(t, func(o *localcloud.Options) {
				o.TuneOSS = func(o *oss.Options) {
					once := o.Notify
					o.Notify = func(ev oss.Event) {
						if copied.Load() && ev.Key == "changes/a.yaml" {
							if lost {
								return
							}
							ev.Name = "ObjectCreated:CopyObject"
						}
						once(ev)
					}
				}
			})
			h.drop(t, "changes/a.yaml", portChange(1195))
			h.quiet(t)
			h.drop(t, "changes/b.yaml", portChange(1196))
			h.quiet(t)
			copied.Store(true)
			for range 2 {
				h.OSS().Advance(time.Hour)
				h.drop(t, "changes/a.yaml", "replaced")
				h.drop(t, "changes/a.yaml", portChange(1195))
				h.OSS().Advance(pastLease)
				h.sweep(t)
			}
			if s, _ := h.VPC().Server(serverID); s.Port != 1196 || h.VPC().Snapshot().Effective != 2 {
				t.Errorf("the port is %d after %d modifications", s.Port, h.VPC().Snapshot().Effective)
			}
			receipts, err := h.receipts()
			if err != nil {
				t.Fatal(err)
			}
			repeated := 0
			for _, r := range receipts {
				if r.Earlier != "" {
					repeated++
				}
			}
			if repeated == 0 {
				t.Errorf("no receipt names an earlier one: %+v", receipts)
			}
		})
	}
}

// A file that exists and cannot be read gets a receipt that says so, and not an error
// of every sweep.
func TestAttackAFileInAnArchive(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *localcloud.Options) {
		o.TuneOSS = func(o *oss.Options) {
			once := o.Notify
			o.Notify = func(ev oss.Event) {
				if ev.Key != "changes/cold.yaml" { // its event is lost
					once(ev)
				}
			}
		}
	})
	h.drop(t, "changes/cold.yaml", portChange(1195))
	if err := h.OSS().SetClass(localcloud.Bucket, "changes/cold.yaml", "Archive"); err != nil {
		t.Fatal(err)
	}
	h.OSS().Advance(pastLease)
	h.sweep(t)
	h.sweep(t)
	receipts, err := h.receipts()
	if err != nil || len(receipts) != 1 || receipts[0].Status != record.FileRejected || receipts[0].Problems[0].Rule != "file-unreadable" {
		t.Errorf("receipts %+v, %v", receipts, err)
	}
	reads := 0
	for _, q := range h.OSS().Requests() {
		if q.Op == "GetObject" && q.Key == "changes/cold.yaml" {
			reads++
		}
	}
	if reads != 1 || h.VPC().Snapshot().Effective != 0 {
		t.Errorf("the file was read %d times, %d modifications", reads, h.VPC().Snapshot().Effective)
	}
}
