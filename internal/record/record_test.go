package record_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// id is made from the identity of full.
const id = "20261122-v2zz4y2rxuvzeblgypzlpxc4lk"

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func TestKeysOfRecordsAreByTheDateOfTheID(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ id, want string }{
		{"20261122-7f3akq2cd2", "results/2026/11/22/20261122-7f3akq2cd2.json"},
		{"20270101-aaaaaaaaaa-12", "results/2027/01/01/20270101-aaaaaaaaaa-12.json"},
		{"20240229-aaaaaaaaaa-1000", "results/2024/02/29/20240229-aaaaaaaaaa-1000.json"},
	} {
		if got, ok := objects.RecordKey(tt.id); !ok || got != tt.want {
			t.Errorf("%s has the record %q, %v; want %q", tt.id, got, ok, tt.want)
		}
	}
	for _, bad := range []string{
		"", "20261122", "7f3akq2cd2", "20261322-7f3akq2cd2", "20261122-7F3AKQ2CD2", "20261122-7f3akq2cd2-0",
		"20261122-7f3akq2cd2-01", "20261122-7f3akq2cd2-10000", "20261122-7f3akq2cd2.json", "../20261122-7f3akq2cd2",
		"20261122-7f3akq2cd2\n", " 20261122-7f3akq2cd2", "20261122-7f3akq9cd2", // 9 is no digit of base32
	} {
		if got, ok := objects.RecordKey(bad); ok {
			t.Errorf("%q is accepted as an id: %s", bad, got)
		}
	}
}

func TestKeysOfReceipts(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 16, 30, 0, 0, time.FixedZone("UTC+8", 8*3600))
	const tag = "7D73E1052AF595535DE90994F4C3E6D5"
	for _, tt := range []struct{ file, want string }{
		{"changes/hotels.yaml", "receipts/hotels.yaml@20261122T083000Z-" + tag + ".json"},
		{"changes/办公网/50% a+b.json", "receipts/办公网/50% a+b.json@20261122T083000Z-" + tag + ".json"},
		{"changes/" + strings.Repeat("a", 900), "receipts/" + strings.Repeat("a", 900) + "@20261122T083000Z-" + tag + ".json"},
	} {
		if got := objects.ReceiptKey(tt.file, tag, at); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestReceiptsOfLongPathsFitTheStoreAndAreDistinct(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	const tag = "0CC175B9C0F1B6A831C399E269772661-10000" // of an upload in parts
	seen := map[string]bool{}
	for _, file := range []string{
		"changes/" + strings.Repeat("a", 1015), "changes/" + strings.Repeat("a", 1014) + "b",
		"changes/" + strings.Repeat("变", 338), "changes/x" + strings.Repeat("变", 338), "changes/xy" + strings.Repeat("变", 337),
	} {
		key := objects.ReceiptKey(file, tag, noon())
		if seen[key] || len(key) > 1023 || key != strings.ToValidUTF8(key, "?") {
			t.Errorf("%d bytes, seen %v: %q", len(key), seen[key], key)
		}
		seen[key] = true
		receipts := record.NewReceipts(c.Store)
		first, err := receipts.Write(t.Context(), record.Receipt{File: file, ETag: tag, LastModified: noon(), Status: record.FileAccepted, Changes: []record.ReceiptChange{{ID: id}}})
		if err != nil || !first {
			t.Errorf("writing it: first %v, %v", first, err)
		}
		if ok, err := receipts.Has(t.Context(), file, tag, noon()); err != nil || !ok {
			t.Errorf("it is there: %v, %v", ok, err)
		}
	}
}

func full() record.Record {
	return record.Record{
		Schema: record.Schema, ID: id, Status: change.Applied, RegionID: "cn-hangzhou", ServerID: "vss-a", GatewayID: "vpn-a",
		Ref: "CHG-1", Reason: "理由 <&>", RequestedBy: "zhang.san", Identity: `file "b" "changes/a.yaml"`,
		Origin:    change.Origin{Kind: change.FromFile, Actor: "158", Source: "oss://b/changes/a.yaml", RequestID: "r"},
		Requested: change.Patch{change.Port: change.Number(1195), change.Compress: change.Flag(false)},
		Expect:    change.Patch{change.Port: change.Number(1194)},
		Before:    change.Settings{change.Port: change.Number(1194)}, After: change.Settings{change.Port: change.Number(1195)},
		Changed:  []change.Difference{{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}, {Field: change.Compress, To: change.Flag(false)}},
		Verified: true, Attempts: []record.Attempt{{At: noon(), Action: "ModifySslVpnServer", HTTPStatus: 200, RequestID: "R", DurationMs: 3}},
		MergedWith: []string{"20261122-aaaaaaaaaa"}, SupersededBy: map[change.Field]string{change.Name: "20261122-aaaaaaaaaa"},
		ClientToken: "svc-x", Problems: []change.Problem{{Path: "Port", Line: 3, Rule: "r", Message: "m", Hint: "h"}},
		Error:      &record.Failure{Code: "c", Class: "invalid", Message: "m", Hint: "h", RequestID: "R"},
		AcceptedAt: noon(), DueAt: noon(), StartedAt: noon().Add(time.Second), FinishedAt: noon().Add(time.Minute),
		Waited: record.Waited{Gateway: 1, Breaker: 2, Throttle: 3, Queue: 4}, Cost: record.Cost{VPCCalls: 5, OSSRequests: 6, Invocations: 7},
	}
}

func TestARecordIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	records := record.NewRecords(c.Store)
	if _, err := records.Write(t.Context(), full()); err != nil {
		t.Fatal(err)
	}
	got, err := records.Read(t.Context(), id)
	if err != nil || !reflect.DeepEqual(got, full()) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// The public form: programs of others read it.
func TestTheFormOfARecord(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	if _, err := record.NewRecords(c.Store).Write(t.Context(), full()); err != nil {
		t.Fatal(err)
	}
	obj, err := c.Store.Get(t.Context(), "results/2026/11/22/"+id+".json", blob.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var form map[string]json.RawMessage
	if err := json.Unmarshal(obj.Data, &form); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"schema", "id", "status", "regionId", "sslVpnServerId", "vpnGatewayId", "ref", "reason", "origin", "requested", "before", "after",
		"changed", "verified", "attempts", "mergedWith", "supersededBy", "clientToken", "error", "acceptedAt", "dueAt", "startedAt",
		"finishedAt", "waitedMs", "cost",
	} {
		if _, ok := form[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	for name, want := range map[string]string{
		"schema": `"sslvpn-change/record/v1"`, "finishedAt": `"2026-11-22T12:01:00Z"`,
		"requested": `{"Compress":false,"Port":1195}`, "supersededBy": `{"Name":"20261122-aaaaaaaaaa"}`,
		"waitedMs": `{"gateway":1,"breaker":2,"throttle":3,"queue":4}`, "cost": `{"vpcCalls":5,"ossRequests":6,"invocations":7}`,
	} {
		if got := strings.NewReplacer("\n", "", " ", "").Replace(string(form[name])); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestTheFirstRecordStays(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	records := record.NewRecords(c.Store)
	second := full()
	second.Status, second.Reason = change.Failed, "a latecomer"
	if ok, err := records.Has(t.Context(), id, full().Identity); err != nil || ok {
		t.Errorf("before: exists %v, %v", ok, err)
	}
	for _, rec := range []record.Record{full(), second} {
		if _, err := records.Write(t.Context(), rec); err != nil {
			t.Fatal(err)
		}
	}
	got, err := records.Read(t.Context(), id)
	if err != nil || got.Status != change.Applied || got.Reason != full().Reason {
		t.Errorf("the record is now %s, %q, %v", got.Status, got.Reason, err)
	}
	if ok, err := records.Has(t.Context(), id, full().Identity); err != nil || !ok {
		t.Errorf("after: exists %v, %v", ok, err)
	}
}

func TestTheFirstReceiptStaysAndTheSecondWriteReportsIt(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	receipts := record.NewReceipts(c.Store)
	rec := record.Receipt{
		File: "changes/a.yaml", ETag: "E", LastModified: noon(), Status: record.FileAccepted,
		Changes: []record.ReceiptChange{{ID: id, Record: "results/2026/11/22/" + id + ".json"}}, Problems: []change.Problem{},
	}
	if first, err := receipts.Write(t.Context(), rec); err != nil || !first {
		t.Errorf("the first: %v, %v", first, err)
	}
	rec.Status = record.FileRejected
	if first, err := receipts.Write(t.Context(), rec); err != nil || first {
		t.Errorf("the second: %v, %v", first, err)
	}
	obj, err := c.Store.Get(t.Context(), "receipts/a.yaml@20261122T120000Z-E.json", blob.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "schema": "sslvpn-change/receipt/v1",
  "file": "changes/a.yaml",
  "eTag": "E",
  "lastModified": "2026-11-22T12:00:00Z",
  "status": "accepted",
  "changes": [
    {
      "id": "20261122-v2zz4y2rxuvzeblgypzlpxc4lk",
      "record": "results/2026/11/22/20261122-v2zz4y2rxuvzeblgypzlpxc4lk.json"
    }
  ],
  "problems": []
}
`
	if string(obj.Data) != want {
		t.Errorf("got %s", obj.Data)
	}
}

func TestAReceiptIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	receipts := record.NewReceipts(c.Store)
	want := record.Receipt{
		Schema: record.ReceiptSchema, File: "changes/a.yaml", ETag: "E", LastModified: noon(), Status: record.FileRejected,
		Changes: []record.ReceiptChange{}, Problems: []change.Problem{{Path: "Port", Line: 3, Rule: "r", Message: "m", Hint: "h"}},
	}
	if _, err := receipts.Read(t.Context(), "changes/a.yaml", "E", noon()); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	if _, err := receipts.Write(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	got, err := receipts.Read(t.Context(), "changes/a.yaml", "E", noon())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := c.Store.Put(t.Context(), objects.ReceiptKey("changes/a.yaml", "E", noon()), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if _, err := receipts.Read(t.Context(), "changes/a.yaml", "E", noon()); err == nil || errors.Is(err, blob.ErrNotFound) {
		t.Errorf("what is no receipt: %v", err)
	}
}

func TestAWriteWhoseAnswerIsLostCountsAsWritten(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	if err := c.OSS.Inject(oss.Fault{Kind: oss.DropAfter, Op: "PutObject", Times: -1}); err != nil {
		t.Fatal(err)
	}
	if _, err := record.NewRecords(c.Store).Write(t.Context(), full()); err != nil {
		t.Errorf("record: %v", err)
	}
	first, err := record.NewReceipts(c.Store).Write(t.Context(), record.Receipt{File: "changes/a.yaml", ETag: "E", LastModified: noon()})
	if err != nil || !first {
		t.Errorf("receipt: first %v, %v", first, err)
	}
}

func TestAnInvalidRecordIsNotRead(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	records := record.NewRecords(c.Store)
	ctx := t.Context()
	if _, err := records.Read(ctx, id); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a change without a record: %v", err)
	}
	if _, err := records.Read(ctx, "../state/sweep"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("no id: %v", err)
	}
	if _, err := records.Write(ctx, record.Record{ID: "no id"}); err == nil || !strings.Contains(err.Error(), `"no id" is no change id`) {
		t.Errorf("writing under no id: %v", err)
	}
	begin := "{\n  \"schema\": \"" + record.Schema + "\",\n  \"id\""
	identity, err := json.Marshal(full().Identity)
	if err != nil {
		t.Fatal(err)
	}
	mine := `"identity":` + string(identity)
	// What a record has whose change's queue entry could not be read: no identity.
	const left = `"sslVpnServerId":"vss-a","requested":{},"attempts":[],"startedAt":"2026-11-22T12:00:00Z"`
	for text, want := range map[string]error{
		"": record.ErrDamaged, "{": record.ErrDamaged, begin: record.ErrDamaged, `{` + mine + `}`: record.ErrDamaged,
		`{"schema":"sslvpn-change/record/v1",` + mine + `}`:               record.ErrDamaged,
		`{"schema":"sslvpn-change/record/v1","id":"20261122-aaaaaaaaaa"}`: blob.ErrNotFound, `{"schema":"other","id":"` + id + `"}`: blob.ErrNotFound,
		`{"id":"` + id + `",` + left + `}`: record.ErrDamaged, `{"schema":"sslvpn-change/record/v1",` + left + `}`: record.ErrDamaged,
		`{"id":"20261122-aaaaaaaaaa",` + left + `}`: blob.ErrNotFound, `{"id":"` + id + `","sslVpnServerId":"vss-a"}`: blob.ErrNotFound,
		"<html>": blob.ErrNotFound, "null": blob.ErrNotFound, "[]": blob.ErrNotFound, `{"identity":1}`: blob.ErrNotFound,
		`{"schema":"sslvpn-change/record/v1","id":"` + id + `","status":"applied","finishedAt":"2026-11-22T12:00:00Z"}`:                    blob.ErrNotFound,
		`{"schema":"sslvpn-change/record/v1","id":"` + id + `","status":"applied","finishedAt":"2026-11-22T12:00:00Z","identity":"other"}`: blob.ErrNotFound,
	} {
		if err := c.Store.Put(ctx, "results/2026/11/22/"+id+".json", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, err := records.Read(ctx, id); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
		if has, err := records.Has(ctx, id, full().Identity); has || errors.Is(want, blob.ErrNotFound) != (err == nil) {
			t.Errorf("%q: has a record %t, %v", text, has, err)
		}
	}
}

func TestErrorsOfTheStoreAreNotReadAsAbsence(t *testing.T) {
	t.Parallel()
	c := cloudtest.New(t)
	if err := c.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, Times: -1}); err != nil {
		t.Fatal(err)
	}
	records, receipts, ctx := record.NewRecords(c.Store), record.NewReceipts(c.Store), t.Context()
	_, readErr := records.Read(ctx, id)
	_, existsErr := records.Has(ctx, id, full().Identity)
	_, writeErr := records.Write(ctx, full())
	_, thereErr := receipts.Has(ctx, "changes/a.yaml", "E", noon())
	_, receiptErr := receipts.Write(ctx, record.Receipt{File: "changes/a.yaml", ETag: "E", LastModified: noon()})
	for name, err := range map[string]error{
		"read": readErr, "exists": existsErr, "write": writeErr, "receipt exists": thereErr, "receipt write": receiptErr,
	} {
		if !errors.Is(err, blob.ErrDenied) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An object of others at the key of a record neither counts as the record nor
// keeps it from being written and read.
func TestAttackAForeignObjectIsAtTheKeyOfARecord(t *testing.T) {
	t.Parallel()
	other := full()
	other.Identity, other.Status = `file "b" "changes/other.yaml"`, change.Failed
	for name, plant := range map[string]func(context.Context, *cloudtest.Cloud, string) error{
		"a web page": func(ctx context.Context, c *cloudtest.Cloud, key string) error {
			return c.Store.Put(ctx, key, []byte("<!doctype html>"))
		},
		"an empty object": func(ctx context.Context, c *cloudtest.Cloud, key string) error { return c.Store.Put(ctx, key, nil) },
		"another change's record": func(ctx context.Context, c *cloudtest.Cloud, _ string) error {
			_, err := record.NewRecords(c.Store).Write(ctx, other)
			return err
		},
		"a large object": func(ctx context.Context, c *cloudtest.Cloud, key string) error {
			return c.Store.Put(ctx, key, make([]byte, blob.DefaultLimit+1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, ctx := cloudtest.New(t), t.Context()
			var log bytes.Buffer
			records := record.NewRecords(c.Store)
			records.Log = slog.New(slog.NewTextHandler(&log, nil))
			key, _ := objects.RecordKey(id)
			if err := plant(ctx, c, key); err != nil {
				t.Fatal(err)
			}
			if has, _ := records.Has(ctx, id, full().Identity); has {
				t.Error("it counts as the record")
			}
			for range 2 {
				if _, err := records.Write(ctx, full()); err != nil {
					t.Fatal(err)
				}
			}
			for _, read := range []func() (record.Record, error){
				func() (record.Record, error) { return records.Of(ctx, id, full().Identity) },
				func() (record.Record, error) { return records.Read(ctx, id) },
			} {
				if got, err := read(); err != nil || !reflect.DeepEqual(got, full()) {
					t.Errorf("read %+v, %v", got, err)
				}
			}
			if keys := c.Keys(ctx, "results/"); len(keys) != 2 || keys[0] != strings.TrimSuffix(key, "json")+"2.json" {
				t.Errorf("objects %q", keys)
			}
			if !strings.Contains(log.String(), key) {
				t.Errorf("the log does not name the object: %s", &log)
			}
			typed, _ := change.ParseTyped(id[:19])
			if ids, err := records.IDs(ctx, typed); err != nil || len(ids) != 1 || ids[0] != id {
				t.Errorf("%s stands for %q, %v", id[:19], ids, err)
			}
		})
	}
}

// Two changes of an earlier version can have one id: each has a record of its own.
func TestAttackTwoChangesHaveOneID(t *testing.T) {
	t.Parallel()
	c, ctx := cloudtest.New(t), t.Context()
	records := record.NewRecords(c.Store)
	first, second := full(), full()
	first.ID, second.ID = "20261122-aaaaaaaaaa", "20261122-aaaaaaaaaa"
	second.Identity, second.Reason = `http "b" "2"`, "the second"
	for _, rec := range []record.Record{first, second, first, second} {
		if _, err := records.Write(ctx, rec); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []record.Record{first, second} {
		if got, err := records.Of(ctx, want.ID, want.Identity); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("the record of %s is %+v, %v", want.Identity, got, err)
		}
	}
	if keys := c.Keys(ctx, "results/"); len(keys) != 2 {
		t.Errorf("objects %q", keys)
	}
}

// A receipt of another upload, or an object that is no receipt, does not count.
func TestAttackAForeignObjectIsAtTheKeyOfAReceipt(t *testing.T) {
	t.Parallel()
	c, ctx := cloudtest.New(t), t.Context()
	receipts := record.NewReceipts(c.Store)
	for _, text := range []string{"", "<html>", `{"schema":"sslvpn-change/receipt/v1","file":"changes/a.yaml","eTag":"F","status":"rejected","problems":[{"rule":"r"}]}`} {
		if err := c.Store.Put(ctx, objects.ReceiptKey("changes/a.yaml", "E", noon()), []byte(text)); err != nil {
			t.Fatal(err)
		}
		if has, err := receipts.Has(ctx, "changes/a.yaml", "E", noon()); has || err != nil {
			t.Errorf("%q is a receipt: %t, %v", text, has, err)
		}
	}
}
