package reconcile_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/queue"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// harness is an emulated account with one server and its lane.
type harness struct {
	*cloudtest.Cloud

	t       *testing.T
	server  change.Target
	counter int
}

func newHarness(t *testing.T, opts ...cloudtest.Option) *harness {
	t.Helper()
	c := cloudtest.New(t, opts...)
	return &harness{Cloud: c, t: t, server: c.Server("vss-bp18q7hzj6largv4vk2fe")}
}

// submit queues a change and returns its id.
func (h *harness) submit(edit func(*change.Change)) string {
	h.t.Helper()
	h.counter++
	now := h.Clock.Now().UTC()
	c := change.Change{
		Request:  change.Request{Target: h.server, Reason: "test", ExpiresAt: now.Add(24 * time.Hour)},
		Identity: h.t.Name() + string(rune('a'+h.counter)), Index: 1,
		Origin:     change.Origin{Kind: change.FromFile, Actor: "tester", Source: "oss://b/changes/x.yaml"},
		AcceptedAt: now.Add(time.Duration(h.counter) * time.Millisecond).Add(-time.Second),
	}
	c.DueAt = c.AcceptedAt
	edit(&c)
	c.Document = change.DocumentID(c.Identity)
	c.ID = change.ID(c.AcceptedAt, c.Document, 1, 1)
	if _, err := queue.New(h.Store).Add(h.t.Context(), c); err != nil {
		h.t.Fatal(err)
	}
	return c.ID
}

func (h *harness) set(f change.Field, v change.Value) string {
	h.t.Helper()
	return h.submit(func(c *change.Change) { c.Patch = change.Patch{f: v} })
}

func (h *harness) reconciler(edit ...func(*reconcile.Deps, *reconcile.Policy)) *reconcile.Reconciler {
	d, p := h.Deps(h.t, h.t.Name()), cloudtest.Policy()
	for _, e := range edit {
		e(&d, &p)
	}
	return reconcile.New(d, p)
}

// drain drains the lane in an invocation of its own.
func (h *harness) drain(edit ...func(*reconcile.Deps, *reconcile.Policy)) reconcile.Report {
	h.t.Helper()
	rep, err := h.reconciler(edit...).Drain(h.t.Context(), h.server)
	if err != nil {
		h.t.Fatal(err)
	}
	return rep
}

func (h *harness) record(id string) record.Record {
	h.t.Helper()
	rec, err := record.NewRecords(h.Store).Read(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return rec
}

// ends asserts the status of a change's record, and returns it.
func (h *harness) ends(id string, want change.Status) record.Record {
	h.t.Helper()
	rec := h.record(id)
	if rec.Status != want {
		raw, err := json.MarshalIndent(rec, "", " ")
		if err != nil {
			h.t.Fatal(err)
		}
		h.t.Fatalf("%s ended as %s, not %s:\n%s", id, rec.Status, want, raw)
	}
	return rec
}

func (h *harness) pending(id string) {
	h.t.Helper()
	key, _ := objects.RecordKey(id)
	if _, err := h.Store.Get(h.t.Context(), key, blob.GetOptions{}); err == nil {
		h.t.Fatalf("%s has a record already", id)
	}
}

// queueEmpty asserts that no entry is left in the queue.
func (h *harness) queueEmpty() {
	h.t.Helper()
	if keys := h.Keys(h.t.Context(), "queue/"); len(keys) > 0 {
		h.t.Errorf("left in the queue: %q", keys)
	}
}

func (h *harness) modifies(effective int) {
	h.t.Helper()
	if got := h.VPC.Snapshot().Effective; got != effective {
		h.t.Errorf("%d effective modifications, not %d", got, effective)
	}
}

func (h *harness) sent() int { return len(h.VPC.Calls("ModifySslVpnServer")) }

func (h *harness) port() int {
	s, ok := h.VPC.Server(h.server.ServerID)
	if !ok {
		h.t.Fatal("the server is gone")
	}
	return s.Port
}

func (h *harness) fault(f ...vpc.Fault) {
	h.t.Helper()
	if err := h.VPC.Inject(f...); err != nil {
		h.t.Fatal(err)
	}
}
