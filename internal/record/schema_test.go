package record_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

const schemas = "../../docs/schema/"

func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	s, err := c.Compile(schemas + name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wire is a value as a reader of its JSON sees it.
func wire(t *testing.T, v any) map[string]any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	m, ok := doc.(map[string]any)
	if !ok {
		t.Fatalf("%s is no object", data)
	}
	return m
}

func at(minute int) time.Time { return time.Date(2026, 11, 22, 8, minute, 0, 0, time.UTC) }

func problem() change.Problem {
	return change.Problem{Path: "changes[0].Port", Line: 5, Rule: "port-reserved", Message: "port 443 is reserved", Hint: "use another"}
}

func settings() map[change.Field]change.Value {
	return map[change.Field]change.Value{
		change.Name: change.Text("office"), change.ClientIPPool: change.Text("10.30.30.0/24"),
		change.LocalSubnet: change.Text("10.20.20.0/24"), change.Proto: change.Text("UDP"),
		change.Port: change.Number(1194), change.Cipher: change.Text("AES-128-CBC"), change.Compress: change.Flag(false),
		change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: change.Text("idaas-1"),
		change.IDaaSRegionID: change.Text("cn-hangzhou"), change.IDaaSApplicationID: change.Text("app_1"),
	}
}

// fullRecord sets every field, as no single change does.
func fullRecord() record.Record {
	return record.Record{
		Schema: record.Schema, ID: "20261122-7f3akq2cd2-1", Status: change.Superseded, RegionID: "cn-hangzhou",
		ServerID: "vss-bp18q7hzj6largv4vk2fe", GatewayID: "vpn-1", Ref: "CHG-1042", Reason: "why", RequestedBy: "zhang.san",
		Origin:   change.Origin{Kind: change.FromFile, Actor: "2001", Person: "zhang.san", Assistant: true, Source: "oss://b/changes/a.yaml", RequestID: "r"},
		Identity: "file", Requested: settings(), Expect: settings(), Confirm: "20m proof", When: "idle(5)", Override: "double-eleven", Before: settings(), After: settings(),
		Changed:  []change.Difference{{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}},
		Impact:   &record.Impact{Class: impact.NewFile, Connected: new(37), MaxConnections: 200, Certificates: []string{"vsc-bp13k5mp4tg8v3z9b"}},
		Verified: true,
		Attempts: []record.Attempt{{
			At: at(1), Action: "ModifySslVpnServer", HTTPStatus: 400, Code: "TaskConflict", Class: "busy", RequestID: "r", DurationMs: 12,
		}},
		MergedWith: []string{"20261122-7f3akq2cd2-2"}, SupersededBy: map[change.Field]string{change.Port: "20261122-7f3akq2cd2-2"},
		ClientToken: "svc-1", Problems: []change.Problem{problem()}, Votes: []change.Vote{vote()},
		AcceptedAt: at(0), DueAt: at(1), StartedAt: at(2), FinishedAt: at(3),
		Waited: record.Waited{Gateway: 1, Breaker: 2, Throttle: 3, Queue: 4, Window: 5, Recovery: 6},
		Cost:   record.Cost{VPCCalls: 5, OSSRequests: 6, Invocations: 7}, Version: "v0.1.0",
		Notice: new(fullNotice()), ProofWanted: true, Proof: new(fullProof()),
		Undo: &record.Undo{ID: "20261122-8f3akq2cd2", DueAt: at(2), Status: change.Cancelled, By: "li.si", At: at(3)}, Undoes: "20261122-9f3akq2cd2",
	}
}

func vote() change.Vote {
	return change.Vote{
		Kind: change.Approval, Person: "li.si", Account: "slack:T1/U2", At: at(1),
		Digest: change.PlanDigest(change.Change{ID: "20261122-7f3akq2cd2-1", Request: change.Request{Patch: settings()}}, settings()), Reason: "looks right", Until: at(9), LapsesAt: at(10),
	}
}

// failedRecord has the one field that a record which ended well has not.
func failedRecord() record.Record {
	r := fullRecord()
	r.Status, r.Verified = change.Failed, false
	r.Error = &record.Failure{Code: "Forbidden", Class: "denied", Message: "no", Hint: "grant it", RequestID: "r"}
	return r
}

// minimalRecord is what remains when everything optional is left out.
func minimalRecord() record.Record {
	return record.Record{
		Schema: record.Schema, ID: "20261122-7f3akq2cd2", Status: change.Unchanged, RegionID: "cn-hangzhou", ServerID: "vss-1",
		Origin:    change.Origin{Kind: change.FromHTTP, Actor: "bot", Source: "webhook-id 1"},
		Requested: change.Patch{}, Changed: []change.Difference{}, Attempts: []record.Attempt{},
		AcceptedAt: at(0), DueAt: at(0), FinishedAt: at(0),
	}
}

func fullReceipt() record.Receipt {
	return record.Receipt{
		Schema: record.ReceiptSchema, File: "changes/a.yaml", ETag: "E", LastModified: at(0), Status: record.FileAccepted,
		Changes:  []record.ReceiptChange{{ID: "20261122-7f3akq2cd2", Record: "results/2026/11/22/20261122-7f3akq2cd2.json", DueAt: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), Approval: 1, Window: &change.Gate{OpensAt: at(2), ClosesAt: at(3), Windows: []string{"nights"}, Freeze: "double-eleven", Reason: "双十一"}}},
		Problems: []change.Problem{}, Earlier: "receipts/a.yaml@20261121T080000Z-E.json",
	}
}

func rejectedReceipt() record.Receipt {
	return record.Receipt{
		Schema: record.ReceiptSchema, File: "changes/a.txt", ETag: "E", LastModified: at(0), Status: record.FileRejected,
		Changes: []record.ReceiptChange{}, Problems: []change.Problem{problem()},
	}
}

// fullNotice has a delivery that was made and one that was given up.
func fullNotice() record.Notice {
	return record.Notice{Schema: record.NoticeSchema, ID: "20261122-7f3akq2cd2-1", Deliveries: []record.Delivery{
		{Platform: "wecom", Room: "wr1", At: at(4), Code: "HTTP503", Message: "try later", Tries: 9},
		{Platform: "slack", At: at(5), Delivered: true, Tries: 1},
	}}
}

// fullApproval has a room that was asked and one that was given up.
func fullApproval() record.Approval {
	return record.Approval{Schema: record.ApprovalSchema, ID: "20261122-7f3akq2cd2-1", RequestedAt: at(0), ClosedAt: at(7), Rooms: []record.ApprovalRoom{
		{Platform: "feishu", Tenant: "t", Room: "oc_1", At: at(2), Code: "HTTP503", Message: "try later", Tries: 9},
		{Platform: "slack", Tenant: "T1", Room: "C1", At: at(1), Delivered: true, Tries: 1, Reminders: 2, UpdatedAt: at(6), Stale: "NotUpdatable: too old"},
	}}
}

// fullProof sets every field, as no single proof does.
func fullProof() record.Proof {
	look := record.Look{At: at(2), Probe: probe.Silent, Reason: probe.NoAnswer, Connected: new(37), NotCounted: record.CountFailed}
	return record.Proof{
		Schema: record.ProofSchema, ID: "20261122-7f3akq2cd2-1", Before: look, After: look, VerifiedAt: at(3), Looks: 4, Returned: new(31), UndoAt: at(6),
	}
}

// minimalProof is what remains when everything optional is left out.
func minimalProof() record.Proof {
	look := record.Look{At: at(2), Probe: probe.Listening}
	return record.Proof{Schema: record.ProofSchema, ID: "20261122-7f3akq2cd2", Before: look, After: look, VerifiedAt: at(3)}
}

func TestRecordsAndReceiptsMatchTheirSchemas(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, schema string
		value        any
	}{
		{"a record with every field", "record.schema.json", fullRecord()},
		{"a record of a failure", "record.schema.json", failedRecord()},
		{"a record without anything optional", "record.schema.json", minimalRecord()},
		{"a receipt of an accepted file", "receipt.schema.json", fullReceipt()},
		{"a receipt of a rejected file", "receipt.schema.json", rejectedReceipt()},
		{"a notice", "notice.schema.json", fullNotice()},
		{"an approval", "approval.schema.json", fullApproval()},
		{"an approval that nobody was asked for", "approval.schema.json", record.Approval{Schema: record.ApprovalSchema, ID: "20261122-7f3akq2cd2", RequestedAt: at(0), ClosedAt: at(1), Rooms: []record.ApprovalRoom{}}},
		{"a proof with every field", "proof.schema.json", fullProof()},
		{"a proof without anything optional", "proof.schema.json", minimalProof()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := compile(t, tt.schema).Validate(wire(t, tt.value)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheFullValuesSetEveryField(t *testing.T) {
	t.Parallel()
	failed, rejected := failedRecord(), rejectedReceipt()
	for _, v := range []any{failed, *failed.Error, failed.Origin, failed.Attempts[0], failed.Waited, failed.Cost, problem(), vote(), fullNotice(), fullNotice().Deliveries[0], fullProof(), fullProof().Before} {
		for field, value := range reflect.ValueOf(v).Fields() {
			if value.IsZero() && field.Name != "Verified" && field.Name != "Delivered" { // true in others
				t.Errorf("%T.%s is not set, so the schema is not tested with it", v, field.Name)
			}
		}
	}
	if len(rejected.Problems) == 0 || len(fullReceipt().Changes) == 0 || !fullRecord().Verified {
		t.Error("the receipts do not cover both lists, or the full record is not verified")
	}
}

// TestSchemasDescribeOnlyWhatIsWritten is the other direction: every
// property of a schema is one that the code writes.
func TestSchemasDescribeOnlyWhatIsWritten(t *testing.T) {
	t.Parallel()
	failed, receipt := wire(t, failedRecord()), wire(t, rejectedReceipt())
	for _, tt := range []struct {
		file, path string
		written    any
	}{
		{"record.schema.json", "", failed},
		{"record.schema.json", "properties/origin", failed["origin"]},
		{"record.schema.json", "properties/waitedMs", failed["waitedMs"]},
		{"record.schema.json", "properties/cost", failed["cost"]},
		{"record.schema.json", "$defs/settings", failed["before"]},
		{"record.schema.json", "$defs/attempt", first(failed["attempts"])},
		{"record.schema.json", "$defs/difference", first(failed["changed"])},
		{"record.schema.json", "$defs/problem", first(failed["problems"])},
		{"record.schema.json", "$defs/failure", failed["error"]},
		{"record.schema.json", "$defs/vote", first(failed["votes"])},
		{"receipt.schema.json", "", wire(t, fullReceipt())},
		{"receipt.schema.json", "properties/changes/items", first(wire(t, fullReceipt())["changes"])},
		{"receipt.schema.json", "$defs/problem", first(receipt["problems"])},
		{"notice.schema.json", "", wire(t, fullNotice())},
		{"notice.schema.json", "properties/deliveries/items", first(wire(t, fullNotice())["deliveries"])},
		{"approval.schema.json", "", wire(t, fullApproval())},
		{"approval.schema.json", "properties/rooms/items", merged(wire(t, fullApproval())["rooms"])},
		{"proof.schema.json", "", wire(t, fullProof())},
		{"proof.schema.json", "$defs/look", wire(t, fullProof())["before"]},
	} {
		t.Run(tt.file+" "+tt.path, func(t *testing.T) {
			t.Parallel()
			got, ok := tt.written.(map[string]any)
			if !ok {
				t.Fatalf("nothing is written at %s", tt.path)
			}
			want := slices.Sorted(maps.Keys(properties(t, tt.file, tt.path)))
			if have := slices.Sorted(maps.Keys(got)); !slices.Equal(have, want) {
				t.Errorf("written: %q\ndescribed: %q", have, want)
			}
		})
	}
}

// properties reads the properties at a place of a schema.
func properties(t *testing.T, file, path string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(schemas + file)
	if err != nil {
		t.Fatal(err)
	}
	var node any
	if err := json.Unmarshal(data, &node); err != nil {
		t.Fatal(err)
	}
	for key := range strings.SplitSeq(strings.TrimPrefix(path+"/properties", "/"), "/") {
		m, ok := node.(map[string]any)
		if !ok {
			t.Fatalf("%s has nothing at %s", file, path)
		}
		node = m[key]
	}
	m, ok := node.(map[string]any)
	if !ok {
		t.Fatalf("%s has no properties at %s", file, path)
	}
	return m
}

func first(list any) any {
	if l, ok := list.([]any); ok && len(l) > 0 {
		return l[0]
	}
	return nil
}

// delivery is one of a notice's deliveries; nil when there is none.
func delivery(notice map[string]any, i int) map[string]any {
	list, _ := notice["deliveries"].([]any)
	m, _ := list[i].(map[string]any)
	return m
}

func TestSchemasRefuseWhatIsNoRecordOrReceipt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, schema string
		value        any
		edit         func(map[string]any)
	}{
		{"a field that is not described", "record.schema.json", fullRecord(), func(m map[string]any) { m["extra"] = 1 }},
		{"a record without its id", "record.schema.json", fullRecord(), func(m map[string]any) { delete(m, "id") }},
		{"an invalid id", "record.schema.json", fullRecord(), func(m map[string]any) { m["id"] = "20261122" }},
		{"a status that is not final", "record.schema.json", fullRecord(), func(m map[string]any) { m["status"] = "queued" }},
		{"a failure without its error", "record.schema.json", failedRecord(), func(m map[string]any) { delete(m, "error") }},
		{"a failure that is verified", "record.schema.json", failedRecord(), func(m map[string]any) { m["verified"] = true }},
		{"an error beside applied", "record.schema.json", failedRecord(), func(m map[string]any) { m["status"] = "applied" }},
		{"superseded without the other change", "record.schema.json", fullRecord(), func(m map[string]any) { delete(m, "supersededBy") }},
		{"an unknown setting", "record.schema.json", fullRecord(), func(m map[string]any) { m["before"] = map[string]any{"Color": "red"} }},
		{"a time without a zone", "record.schema.json", fullRecord(), func(m map[string]any) { m["dueAt"] = "2026-11-22T08:00:00" }},
		{"a notice of another form", "record.schema.json", fullRecord(), func(m map[string]any) { m["notice"] = map[string]any{"schema": record.Schema} }},
		{"another schema's name", "record.schema.json", fullRecord(), func(m map[string]any) { m["schema"] = "sslvpn-change/record/v2" }},
		{"an accepted file without changes", "receipt.schema.json", fullReceipt(), func(m map[string]any) { m["changes"] = []any{} }},
		{"a rejected file without problems", "receipt.schema.json", rejectedReceipt(), func(m map[string]any) { m["problems"] = []any{} }},
		{"a notice without deliveries", "notice.schema.json", fullNotice(), func(m map[string]any) { m["deliveries"] = []any{} }},
		{"a notice without its change", "notice.schema.json", fullNotice(), func(m map[string]any) { delete(m, "id") }},
		{"a delivery given up without a reason", "notice.schema.json", fullNotice(), func(m map[string]any) { delete(delivery(m, 0), "code") }},
		{"a delivery made, with a reason why not", "notice.schema.json", fullNotice(), func(m map[string]any) { delivery(m, 0)["delivered"] = true }},
		{"a delivery made without a message", "notice.schema.json", fullNotice(), func(m map[string]any) { delivery(m, 1)["tries"] = 0 }},
		{"a delivery with its address", "notice.schema.json", fullNotice(), func(m map[string]any) { delivery(m, 1)["address"] = "https://x" }},
		{"an approval without rooms", "approval.schema.json", fullApproval(), func(m map[string]any) { delete(m, "rooms") }},
		{"an approval without its change", "approval.schema.json", fullApproval(), func(m map[string]any) { delete(m, "id") }},
		{"a file from elsewhere", "receipt.schema.json", fullReceipt(), func(m map[string]any) { m["file"] = "scheduled/a.yaml" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			doc := wire(t, tt.value)
			tt.edit(doc)
			if compile(t, tt.schema).Validate(doc) == nil {
				t.Error("the schema lets it pass")
			}
		})
	}
}

// merged has the fields of all objects of a list.
func merged(list any) any {
	out := map[string]any{}
	all, _ := list.([]any)
	for _, one := range all {
		fields, _ := one.(map[string]any)
		maps.Copy(out, fields)
	}
	return out
}
