package reconcile_test

import (
	"encoding/json"
	"testing"
	"time"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/cloudtest"
	"sslvpnchange/internal/dev/localcloud/vpc"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/queue"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/record"
)

// bench is an emulated account with one server and its lane.
type bench struct {
	*cloudtest.Cloud

	t       *testing.T
	server  change.Target
	counter int
}

func newBench(t *testing.T, opts ...cloudtest.Option) *bench {
	t.Helper()
	c := cloudtest.New(t, opts...)
	return &bench{Cloud: c, t: t, server: c.Server("vss-bp18q7hzj6largv4vk2fe")}
}

// submit puts a change in line and returns its id.
func (b *bench) submit(edit func(*change.Change)) string {
	b.t.Helper()
	b.counter++
	now := b.Clock.Now().UTC()
	c := change.Change{
		Request:  change.Request{Target: b.server, Reason: "test", ExpiresAt: now.Add(24 * time.Hour)},
		Identity: b.t.Name() + string(rune('a'+b.counter)), Index: 1,
		Origin:     change.Origin{Kind: change.FromFile, Actor: "tester", Source: "oss://b/changes/x.yaml"},
		AcceptedAt: now.Add(time.Duration(b.counter) * time.Millisecond).Add(-time.Second),
	}
	c.DueAt = c.AcceptedAt
	edit(&c)
	c.Document = change.DocumentID(c.Identity)
	c.ID = change.ID(c.AcceptedAt, c.Document, 1, 1)
	if _, err := queue.New(b.Store).Add(b.t.Context(), c); err != nil {
		b.t.Fatal(err)
	}
	return c.ID
}

func (b *bench) set(f change.Field, v change.Value) string {
	b.t.Helper()
	return b.submit(func(c *change.Change) { c.Patch = change.Patch{f: v} })
}

func (b *bench) reconciler(edit ...func(*reconcile.Deps, *reconcile.Policy)) *reconcile.Reconciler {
	d, p := b.Deps(b.t, b.t.Name()), cloudtest.Policy()
	for _, e := range edit {
		e(&d, &p)
	}
	return reconcile.New(d, p)
}

// drain drains the lane in an invocation of its own.
func (b *bench) drain(edit ...func(*reconcile.Deps, *reconcile.Policy)) reconcile.Report {
	b.t.Helper()
	rep, err := b.reconciler(edit...).Drain(b.t.Context(), b.server)
	if err != nil {
		b.t.Fatal(err)
	}
	return rep
}

func (b *bench) record(id string) record.Record {
	b.t.Helper()
	rec, err := record.NewRecords(b.Store).Read(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return rec
}

// ends asserts the status of a change's record, and returns it.
func (b *bench) ends(id string, want change.Status) record.Record {
	b.t.Helper()
	rec := b.record(id)
	if rec.Status != want {
		raw, err := json.MarshalIndent(rec, "", " ")
		if err != nil {
			b.t.Fatal(err)
		}
		b.t.Fatalf("%s ended as %s, not %s:\n%s", id, rec.Status, want, raw)
	}
	return rec
}

func (b *bench) pending(id string) {
	b.t.Helper()
	key, _ := objects.RecordKey(id)
	if _, err := b.Store.Get(b.t.Context(), key, blob.GetOptions{}); err == nil {
		b.t.Fatalf("%s has a record already", id)
	}
}

// lineEmpty asserts that nothing is left in line.
func (b *bench) lineEmpty() {
	b.t.Helper()
	if keys := b.Keys(b.t.Context(), "queue/"); len(keys) > 0 {
		b.t.Errorf("left in line: %q", keys)
	}
}

func (b *bench) modifies(effective int) {
	b.t.Helper()
	if got := b.VPC.Snapshot().Effective; got != effective {
		b.t.Errorf("%d effective modifications, not %d", got, effective)
	}
}

func (b *bench) sent() int { return len(b.VPC.Calls("ModifySslVpnServer")) }

func (b *bench) port() int {
	s, ok := b.VPC.Server(b.server.ServerID)
	if !ok {
		b.t.Fatal("the server is gone")
	}
	return s.Port
}

func (b *bench) fault(f vpc.Fault) {
	b.t.Helper()
	if err := b.VPC.Inject(f); err != nil {
		b.t.Fatal(err)
	}
}
