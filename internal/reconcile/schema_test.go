package reconcile_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

func TestEveryRecordMatchesItsSchema(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		story func(h *harness) (id string)
		want  change.Status
	}{
		{"applied", func(h *harness) string { return h.set(change.Port, change.Number(1195)) }, change.Applied},
		{"applied with others", func(h *harness) string {
			h.set(change.Cipher, change.Text("AES-256-CBC"))
			return h.set(change.Port, change.Number(1195))
		}, change.Applied},
		{"applied without the right to read", func(h *harness) string {
			h.fault(vpc.Fault{Action: "DescribeSslVpnServers", Kind: vpc.FaultError, Status: 403, Code: "Forbidden", Message: "no", Times: 100})
			return h.set(change.Port, change.Number(1195))
		}, change.Applied},
		{"unchanged", func(h *harness) string { return h.set(change.Port, change.Number(1194)) }, change.Unchanged},
		{"planned", func(h *harness) string {
			return h.submit(func(c *change.Change) { c.Patch, c.DryRun = change.Patch{change.Port: change.Number(1195)}, true })
		}, change.Planned},
		{"rejected", func(h *harness) string {
			return h.submit(func(c *change.Change) {
				c.Patch, c.Expect = change.Patch{change.Port: change.Number(1195)}, change.Patch{change.Port: change.Number(1200)}
			})
		}, change.Rejected},
		{"superseded", func(h *harness) string {
			id := h.set(change.Port, change.Number(1195))
			h.set(change.Port, change.Number(1196))
			return id
		}, change.Superseded},
		{"failed", func(h *harness) string {
			h.fault(vpc.Fault{Action: "ModifySslVpnServer", Kind: vpc.FaultError, Status: 403, Code: "Forbidden", Message: "no"})
			return h.set(change.Port, change.Number(1195))
		}, change.Failed},
		{"failed because its server is unknown", func(h *harness) string {
			h.server.ServerID = "vss-nosuchserver"
			return h.set(change.Port, change.Number(1195))
		}, change.Failed},
		{"failed because its entry is damaged", func(h *harness) string {
			id := h.set(change.Port, change.Number(1195))
			if err := h.Store.Put(h.t.Context(), h.Keys(h.t.Context(), "queue/")[0], []byte("{garbage")); err != nil {
				h.t.Fatal(err)
			}
			return id
		}, change.Failed},
		{"expired", func(h *harness) string {
			return h.submit(func(c *change.Change) {
				c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, h.Clock.Now().Add(-time.Millisecond)
			})
		}, change.Expired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			id := tt.story(h)
			h.drain()
			h.ends(id, tt.want)
			h.recordsHoldToTheSchema()
		})
	}
}

// recordsHoldToTheSchema judges every record in the bucket as it is stored.
func (h *harness) recordsHoldToTheSchema() {
	h.t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	schema, err := c.Compile("../../docs/schema/record.schema.json")
	if err != nil {
		h.t.Fatal(err)
	}
	keys := h.Keys(h.t.Context(), "results/")
	if len(keys) == 0 {
		h.t.Error("there are no records")
	}
	for _, key := range keys {
		obj, err := h.Store.Get(h.t.Context(), key, blob.GetOptions{})
		if err != nil {
			h.t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(obj.Data))
		if err != nil {
			h.t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			h.t.Errorf("%v\n%s", err, obj.Data)
		}
	}
}
