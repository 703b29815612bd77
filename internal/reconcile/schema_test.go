package reconcile_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sslvpnchange/internal/blob"
	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/vpc"
)

func TestEveryRecordHoldsToItsSchema(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		story func(b *bench) (id string)
		want  change.Status
	}{
		{"applied", func(b *bench) string { return b.set(change.Port, change.Number(1195)) }, change.Applied},
		{"applied with others", func(b *bench) string {
			b.set(change.Cipher, change.Text("AES-256-CBC"))
			return b.set(change.Port, change.Number(1195))
		}, change.Applied},
		{"applied without the right to read", func(b *bench) string {
			b.fault(vpc.Fault{Action: "DescribeSslVpnServers", Kind: vpc.FaultError, Status: 403, Code: "Forbidden", Message: "no", Times: 100})
			return b.set(change.Port, change.Number(1195))
		}, change.Applied},
		{"unchanged", func(b *bench) string { return b.set(change.Port, change.Number(1194)) }, change.Unchanged},
		{"planned", func(b *bench) string {
			return b.submit(func(c *change.Change) { c.Patch, c.DryRun = change.Patch{change.Port: change.Number(1195)}, true })
		}, change.Planned},
		{"rejected", func(b *bench) string {
			return b.submit(func(c *change.Change) {
				c.Patch, c.Expect = change.Patch{change.Port: change.Number(1195)}, change.Patch{change.Port: change.Number(1200)}
			})
		}, change.Rejected},
		{"superseded", func(b *bench) string {
			id := b.set(change.Port, change.Number(1195))
			b.set(change.Port, change.Number(1196))
			return id
		}, change.Superseded},
		{"failed", func(b *bench) string {
			b.fault(vpc.Fault{Action: "ModifySslVpnServer", Kind: vpc.FaultError, Status: 403, Code: "Forbidden", Message: "no"})
			return b.set(change.Port, change.Number(1195))
		}, change.Failed},
		{"failed because its server is unknown", func(b *bench) string {
			b.server.ServerID = "vss-nosuchserver"
			return b.set(change.Port, change.Number(1195))
		}, change.Failed},
		{"failed because its entry is damaged", func(b *bench) string {
			id := b.set(change.Port, change.Number(1195))
			if err := b.Store.Put(b.t.Context(), b.Keys(b.t.Context(), "queue/")[0], []byte("{garbage")); err != nil {
				b.t.Fatal(err)
			}
			return id
		}, change.Failed},
		{"expired", func(b *bench) string {
			return b.submit(func(c *change.Change) {
				c.Patch, c.ExpiresAt = change.Patch{change.Port: change.Number(1195)}, b.Clock.Now().Add(-time.Millisecond)
			})
		}, change.Expired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			id := tt.story(b)
			b.drain()
			b.ends(id, tt.want)
			b.recordsHoldToTheSchema()
		})
	}
}

// recordsHoldToTheSchema judges every record in the bucket as it is stored.
func (b *bench) recordsHoldToTheSchema() {
	b.t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	schema, err := c.Compile("../../docs/schema/record.schema.json")
	if err != nil {
		b.t.Fatal(err)
	}
	keys := b.Keys(b.t.Context(), "results/")
	if len(keys) == 0 {
		b.t.Error("there are no records")
	}
	for _, key := range keys {
		obj, err := b.Store.Get(b.t.Context(), key, blob.GetOptions{})
		if err != nil {
			b.t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(obj.Data))
		if err != nil {
			b.t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			b.t.Errorf("%v\n%s", err, obj.Data)
		}
	}
}
