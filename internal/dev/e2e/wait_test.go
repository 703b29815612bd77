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

	"sslvpnchange/internal/dev/localcloud"
	"sslvpnchange/internal/dev/localcloud/fc"
	"sslvpnchange/internal/dev/localcloud/oss"
	"sslvpnchange/internal/dev/localcloud/vpc"
)

// shortTimeout leaves an invocation five seconds to wait in: it keeps a sixth in
// reserve, and ten seconds for a call that it begins.
const shortTimeout = 18 * time.Second

// standing reads how the only change of a world stands.
func (w *world) standing(t *testing.T) (status, why string) {
	t.Helper()
	keys := w.keys("queue/")
	if len(keys) != 1 {
		t.Fatalf("in line: %q, want one change", keys)
	}
	// <due>-<document>-<index>-<id>.json
	id := strings.SplitN(strings.TrimSuffix(filepath.Base(keys[0]), ".json"), "-", 4)[3]
	a := w.gets(t, "GET", "/v1/changes/"+id, "standing-"+id, "")
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
	w := start(t, func(o *localcloud.Options) { o.Timeout = shortTimeout })
	busy := func(status string) {
		if err := w.VPC().UpdateGateway(gatewayID, func(g *vpc.Gateway) { g.Status = status }); err != nil {
			t.Fatal(err)
		}
	}
	busy("updating")
	w.drop(t, "changes/port.yaml", portChange(1195))
	w.quiet(t)
	if status, why := w.standing(t); status != "waiting" || why != "the VPN gateway is updating" {
		t.Errorf("the change is %s: %q", status, why)
	}
	w.sweep(t)
	if n := len(w.keys("results/")); n != 0 {
		t.Errorf("%d records while the gateway is busy", n)
	}
	busy("")
	w.sweep(t)
	if err := once(1195, 1).check(w); err != nil {
		t.Error("after one sweep:", err)
	}
	if n := len(w.VPC().Calls(vpc.ModifySslVpnServer)); n > 2 {
		t.Errorf("%d modifications were sent, 2 at most", n)
	}
	for _, i := range w.ended() {
		if i.Err != nil {
			t.Errorf("%s failed: %v", i.Source, i.Err)
		}
	}
}

// Without a budget every wait is left to the timer, the one for the gateway's
// first step after a modification, too.
func TestChangeWithoutAWaitBudgetIsAppliedByLaterTicks(t *testing.T) {
	t.Parallel()
	w := start(t, func(o *localcloud.Options) { o.Env = []string{"WAIT_BUDGET=0s"} })
	w.drop(t, "changes/port.yaml", portChange(1195))
	eventually(t, "the change is applied", func() bool {
		w.sweep(t)
		return len(w.keys("results/")) == 1
	})
	once(1195, 1).settles(t, w)
}

// freezer stops the process that works on the lane, once.
type freezer struct {
	platform atomic.Pointer[fc.Emulator]
	worker   atomic.Pointer[string] // the instance that answers the doorbell
	once     sync.Once
	frozen   chan string // gets the instance
}

func (f *freezer) began(i fc.Invocation) {
	if i.Source == "oss:wake" {
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

// A process freezes in the middle of its work until its hold on the lane has
// ended. Its successor finishes, and somebody asks for another change; then the
// frozen one comes back and goes on where it was.
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
						f.freeze() // it has taken the lane
					}
				}
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &freezer{frozen: make(chan string, 1)}
			w := start(t, func(o *localcloud.Options) {
				also(o, func(o *fc.Options) { o.Began = f.began })
				tt.at(o, f)
			})
			f.platform.Store(w.FC())
			w.drop(t, "changes/port.yaml", portChange(1195))
			instance := f.waits(t)

			w.OSS().Advance(pastLease)
			w.awaitRecords(t, 1)
			before := w.contents(t, "results/")
			// Not as a file: by the store's clock that would be due later.
			if a := w.gets(t, "POST", "/v1/changes", "other-1", portChange(1196)); a.status != http.StatusAccepted {
				t.Fatalf("%d %s", a.status, a.body)
			}
			w.awaitRecords(t, 2)
			if err := w.FC().Thaw(instance); err != nil {
				t.Fatal(err)
			}
			w.quiet(t)
			outcome{effective: 2, records: 2, receipts: 1, port: 1196}.settles(t, w)
			after := w.contents(t, "results/")
			for key, text := range before {
				if after[key] != text {
					t.Errorf("the record %s was %s and is %s", key, text, after[key])
				}
			}
			if n := len(w.VPC().Calls(vpc.ModifySslVpnServer)); n > 3 {
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
// invocation is pending, so the world does not become quiet.
func (w *world) awaitRecords(t *testing.T, n int) {
	t.Helper()
	if err := w.tick(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the successor is done", func() bool { return len(w.keys("results/")) == n && len(w.keys("queue/")) == 0 })
}

// contents reads the objects below a prefix.
func (w *world) contents(t *testing.T, prefix string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, key := range w.keys(prefix) {
		data, err := os.ReadFile(filepath.Join(w.BucketDir(), filepath.FromSlash(key)))
		if err != nil {
			t.Fatal(err)
		}
		out[key] = string(data)
	}
	return out
}

// The VPC API's endpoint is not there for a while.
func TestChangeWaitsForAnEndpointThatIsNotThere(t *testing.T) {
	t.Parallel()
	// An address of its own, so that nobody else gets its port meanwhile.
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
	w := start(t, func(o *localcloud.Options) {
		o.Env = []string{"VPC_ENDPOINT=http://" + address, "WAIT_BUDGET=2s"}
	})
	w.drop(t, "changes/port.yaml", portChange(1195))
	w.quiet(t)
	if status, why := w.standing(t); status != "waiting" || !strings.Contains(why, "connection refused") {
		t.Errorf("the change is %s: %q", status, why)
	}
	if l, err = listen(address); err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: w.VPC(), ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l) // ends by Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	// Where the breaker has opened, it leaves the API alone for half a minute.
	eventually(t, "the change is applied", func() bool {
		w.sweep(t)
		return len(w.keys("results/")) == 1
	})
	once(1195, 1).settles(t, w)
}
