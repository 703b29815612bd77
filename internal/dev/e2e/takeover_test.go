package e2e_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

var takeover = flag.Bool("takeover", false, "measure how long a killed worker's change takes: a minute")

// The function is killed with SIGKILL while a change is being applied. It is recorded
// within a minute. The test takes that long:
//
//	go test ./internal/dev/e2e -run Replaced -takeover -v
func TestAKilledWorkerIsReplaced(t *testing.T) {
	if !*takeover {
		t.Skip("takes a minute: -takeover")
	}
	t.Parallel()
	h := start(t, func(o *localcloud.Options) {
		o.SweepEvery, o.Configuring = time.Minute, 10*time.Second
		also(o, func(o *fc.Options) { o.RetryDelay = nil }) // as the platform
	})
	h.drop(t, "changes/port.yaml", portChange(1195))
	h.says(t, "modification accepted")
	killed := time.Now()
	if n := h.FC().KillAll(); n == 0 {
		t.Fatal("no instance was at work")
	}
	isRecord := func(key string) bool {
		return !strings.HasSuffix(key, ".notice.json") && !strings.HasSuffix(key, ".proof.json")
	}
	eventually(t, "the change is recorded", func() bool { return slices.ContainsFunc(h.keys("results/"), isRecord) })
	took := time.Since(killed)
	keys := h.keys("results/")
	data, err := os.ReadFile(filepath.Join(h.BucketDir(), keys[slices.IndexFunc(keys, isRecord)]))
	if err != nil {
		t.Fatal(err)
	}
	var rec record.Record
	if err := json.Unmarshal(data, &rec); err != nil {
		t.Fatal(err)
	}
	t.Logf("killed while applying; %s and recorded %v later; waited %+v", rec.Status, took.Round(100*time.Millisecond), rec.Waited)
	if rec.Waited.Recovery < 40_000 || h.VPC().Snapshot().Effective != 1 {
		t.Errorf("%v after the kill the record is %+v", took, rec)
	}
}
