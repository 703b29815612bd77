package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
)

// most is the CPU time that no input may cost more than. Each of these cost more
// than 20 seconds once.
const most = 4 * time.Second

// process reads a file of Linux about the only instance.
func (h *harness) process(t *testing.T, name string) string {
	t.Helper()
	instances := h.FC().Instances()
	if len(instances) != 1 {
		t.Fatalf("there are %d instances", len(instances))
	}
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(instances[0].PID), name))
	if err != nil {
		t.Skip("processes cannot be measured here:", err)
	}
	return string(data)
}

// used is the CPU time that the only instance has used.
func (h *harness) used(t *testing.T) time.Duration {
	t.Helper()
	stat := h.process(t, "stat")
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		t.Fatal(err)
	}
	system, err := strconv.Atoi(fields[12])
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond // a tick of Linux
}

// peakBelow compares the largest memory that the only instance has had.
func (h *harness) peakBelow(t *testing.T, limit int) {
	t.Helper()
	_, rest, _ := strings.Cut(h.process(t, "status"), "VmHWM:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	if kib<<10 > limit {
		t.Errorf("the instance had %d MiB, more than %d", kib>>10, limit>>20)
	}
}

// costs fails if something costs the only instance too much.
func (h *harness) costs(t *testing.T, name string, do func()) {
	t.Helper()
	before, starts := h.used(t), h.FC().Stats().ColdStarts
	do()
	if d := h.used(t) - before; d > most {
		t.Errorf("%s costs %v", name, d)
	}
	if n := h.FC().Stats().ColdStarts - starts; n != 0 {
		t.Errorf("%s ended the instance", name)
	}
}

// startAlone starts a cloud with one instance, which has started.
func startAlone(t *testing.T) *attacked {
	t.Helper()
	a := startAttacked(t, members, func(o *localcloud.Options) { o.MaxInstances = 1 })
	a.ask("bot", "first", "help")
	return a
}
