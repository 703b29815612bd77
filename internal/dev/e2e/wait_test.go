package e2e_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// shortTimeout leaves an invocation five seconds to wait: it keeps a sixth as
// reserve, and ten seconds for a call that it begins.
const shortTimeout = 18 * time.Second

// standing reads the status of the only change of a harness.
func (h *harness) standing(t *testing.T) (status, why string) {
	t.Helper()
	keys := h.keys("queue/")
	if len(keys) != 1 {
		t.Fatalf("queued: %q, want one change", keys)
	}
	// <due>-<document>-<index>-<id>.json
	id := strings.SplitN(strings.TrimSuffix(filepath.Base(keys[0]), ".json"), "-", 4)[3]
	a := h.gets(t, "GET", "/v1/changes/"+id, "standing-"+id, "")
	var out struct {
		Status string `json:"status"`
		Why    string `json:"why"`
	}
	if err := json.Unmarshal([]byte(a.body), &out); err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return out.Status, out.Why
}

func TestGatewayThatIsBusyForLongerThanAnInvocationLives(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *localcloud.Options) { o.Timeout = shortTimeout })
	busy := func(status string) {
		if err := h.VPC().UpdateGateway(gatewayID, func(g *vpc.Gateway) { g.Status = status }); err != nil {
			t.Fatal(err)
		}
	}
	busy("updating")
	h.drop(t, "changes/port.yaml", portChange(1195))
	h.quiet(t)
	if status, why := h.standing(t); status != "waiting" || why != "the VPN gateway is updating" {
		t.Errorf("the change is %s: %q", status, why)
	}
	h.sweep(t)
	if n := len(h.keys("results/")); n != 0 {
		t.Errorf("%d records while the gateway is busy", n)
	}
	busy("")
	h.sweep(t) // a wake-up verifies what it sends
	eventually(t, "the change has its record", func() bool { return len(h.keys("results/")) == 1 })
	h.quiet(t)
	if err := once(1195, 1).check(h); err != nil {
		t.Error("after one sweep:", err)
	}
	if n := len(h.VPC().Calls(vpc.ModifySslVpnServer)); n > 2 {
		t.Errorf("%d modifications were sent, 2 at most", n)
	}
	for _, i := range h.ended() {
		if i.Err != nil {
			t.Errorf("%s failed: %v", i.Source, i.Err)
		}
	}
}

// Without a budget every wait is left to the timer, including the first one after
// a modification.
func TestChangeWithoutAWaitBudgetIsAppliedByLaterTicks(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *localcloud.Options) { o.Env = []string{"WAIT_BUDGET=0s"} })
	h.drop(t, "changes/port.yaml", portChange(1195))
	eventually(t, "the change is applied", func() bool {
		h.sweep(t)
		return len(h.keys("results/")) == 1
	})
	once(1195, 1).settles(t, h)
}

// freezer freezes the process that drains the lane, once.
type freezer struct {
	platform atomic.Pointer[fc.Emulator]
	worker   atomic.Pointer[string] // the instance that got the file
	once     sync.Once
	frozen   chan string // gets the instance
}

func (f *freezer) began(i fc.Invocation) {
	if i.Source == "oss:change-files" {
		f.worker.CompareAndSwap(nil, &i.Instance)
	}
}

func (f *freezer) freeze() {
	f.once.Do(func() {
		instance := *f.worker.Load()
		if err := f.platform.Load().Freeze(instance); err == nil {
			f.frozen <- instance
		}
	})
}

// A process freezes in the middle of its work until its lease has expired. Its
// successor finishes, and somebody asks for another change; then the frozen
// process continues.
func TestProcessThatThawsAfterItsSuccessorIsDoneChangesNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		at   func(*localcloud.Options, *freezer)
	}{
		{"after the modification was carried out", func(o *localcloud.Options, f *freezer) {
			o.TuneVPC = func(o *vpc.Options) {
				o.After = func(c vpc.Call) {
					if c.Action == vpc.ModifySslVpnServer {
						f.freeze()
					}
				}
			}
		}},
		{"before the modification is sent", func(o *localcloud.Options, f *freezer) {
			o.TuneOSS = func(o *oss.Options) {
				o.After = func(q oss.Request) {
					if q.CreateOnly && strings.HasPrefix(q.Key, "lanes/") {
						f.freeze() // it has acquired the lease
					}
				}
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &freezer{frozen: make(chan string, 1)}
			h := start(t, func(o *localcloud.Options) {
				also(o, func(o *fc.Options) { o.Began = f.began })
				tt.at(o, f)
			})
			f.platform.Store(h.FC())
			h.drop(t, "changes/port.yaml", portChange(1195))
			instance := f.waits(t)

			h.OSS().Advance(pastLease)
			h.awaitRecords(t, 1)
			before := h.contents(t, "results/")
			// Not as a file: by the store's clock it would be due later.
			if a := h.gets(t, "POST", "/v1/changes", "other-1", portChange(1196)); a.status != http.StatusAccepted {
				t.Fatalf("%d %s", a.status, a.body)
			}
			h.awaitRecords(t, 2)
			if err := h.FC().Thaw(instance); err != nil {
				t.Fatal(err)
			}
			h.quiet(t)
			outcome{effective: 2, records: 2, receipts: 1, port: 1196}.settles(t, h)
			after := h.contents(t, "results/")
			for key, text := range before {
				if after[key] != text {
					t.Errorf("the record %s was %s and is %s", key, text, after[key])
				}
			}
			if n := len(h.VPC().Calls(vpc.ModifySslVpnServer)); n > 3 {
				t.Errorf("%d modifications were sent, 3 at most", n)
			}
		})
	}
}

func (f *freezer) waits(t *testing.T) string {
	t.Helper()
	select {
	case instance := <-f.frozen:
		return instance
	case <-t.Context().Done():
		t.Fatal("no process came to where it freezes")
		return ""
	}
}

// awaitRecords ticks the sweep until there are n records: the frozen
// invocation is pending, so the platform does not become idle.
func (h *harness) awaitRecords(t *testing.T, n int) {
	t.Helper()
	if err := h.tick(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the successor is done", func() bool { return len(h.keys("results/")) == n && len(h.keys("queue/")) == 0 })
}

// contents reads the objects below a prefix.
func (h *harness) contents(t *testing.T, prefix string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, key := range h.keys(prefix) {
		data, err := os.ReadFile(filepath.Join(h.BucketDir(), filepath.FromSlash(key)))
		if err != nil {
			t.Fatal(err)
		}
		out[key] = string(data)
	}
	return out
}

// The VPC API's endpoint is unreachable for a while.
func TestChangeWaitsForAnEndpointThatIsNotThere(t *testing.T) {
	t.Parallel()
	// Its own address, so that nobody else gets the port meanwhile.
	listen := func(address string) (net.Listener, error) {
		return (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	}
	l, err := listen("127.0.0.2:0")
	if err != nil {
		t.Skip("this machine has one loopback address only")
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	h := start(t, func(o *localcloud.Options) {
		o.Env = []string{"VPC_ENDPOINT=http://" + address, "WAIT_BUDGET=2s"}
	})
	h.drop(t, "changes/port.yaml", portChange(1195))
	h.quiet(t)
	if status, why := h.standing(t); status != "waiting" || !strings.Contains(why, "connection refused") {
		t.Errorf("the change is %s: %q", status, why)
	}
	if l, err = listen(address); err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h.VPC(), ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l) // ends by Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	// An open circuit allows no calls for half a minute.
	eventually(t, "the change is applied", func() bool {
		h.sweep(t)
		return len(h.keys("results/")) == 1
	})
	once(1195, 1).settles(t, h)
}
