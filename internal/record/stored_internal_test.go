package record

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/storedtest"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
)

func at(minute int) time.Time { return time.Date(2026, 11, 22, 8, minute, 0, 0, time.UTC) }

func storedSettings() map[change.Field]change.Value {
	return map[change.Field]change.Value{
		change.Name: change.Text("office"), change.ClientIPPool: change.Text("10.30.30.0/24"),
		change.LocalSubnet: change.Text("10.20.20.0/24"), change.Proto: change.Text("UDP"),
		change.Port: change.Number(1194), change.Cipher: change.Text("AES-128-CBC"), change.Compress: change.Flag(false),
		change.EnableMultiFactorAuth: change.Flag(true), change.IDaaSInstanceID: change.Text("idaas-1"),
		change.IDaaSRegionID: change.Text("cn-hangzhou"), change.IDaaSApplicationID: change.Text("app_1"),
	}
}

func storedProblems() []change.Problem {
	return []change.Problem{{Path: "changes[0].Port", Line: 5, Rule: "port-reserved", Message: "port 443 is reserved", Hint: "use another"}}
}

// sampleRecord is what the sample of a record means. It sets every field, as no
// real record does.
func sampleRecord() Record {
	return Record{
		Schema: Schema, ID: "20261122-7f3akq2cd2-1", Status: change.Failed, RegionID: "cn-hangzhou",
		ServerID: "vss-bp18q7hzj6largv4vk2fe", GatewayID: "vpn-1", Ref: "CHG-1042", Reason: "why", RequestedBy: "zhang.san",
		Origin:   change.Origin{Kind: change.FromFile, Actor: "2001", Person: "zhang.san", Assistant: true, Source: "oss://b/changes/a.yaml", RequestID: "r"},
		Identity: "file", Requested: storedSettings(), Expect: storedSettings(), Confirm: "20m proof", When: "idle(5)", Override: "double-eleven", Before: storedSettings(), After: storedSettings(),
		Changed:  []change.Difference{{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}},
		Impact:   &Impact{Class: impact.NewFile, Connected: new(37), MaxConnections: 200, Certificates: []string{"vsc-bp13k5mp4tg8v3z9b"}},
		Verified: true,
		Attempts: []Attempt{{
			At: at(1), Action: "ModifySslVpnServer", HTTPStatus: 400, Code: "TaskConflict", Class: "busy", RequestID: "r", DurationMs: 12,
		}},
		MergedWith: []string{"20261122-7f3akq2cd2-2"}, SupersededBy: map[change.Field]string{change.Port: "20261122-7f3akq2cd2-2"},
		ClientToken: "svc-1", Problems: storedProblems(),
		Error: &Failure{Code: "Forbidden", Class: "denied", Message: "no", Hint: "grant it", RequestID: "r"},
		Votes: []change.Vote{{
			Kind: change.Approval, Person: "li.si", Account: "slack:T1/U2", At: at(1),
			Digest: "6ewdaox2bo3jypmrbemjpg4qfjbcedorwhvzmjsniu33s6gdg3wq", Reason: "looks right", Until: at(9), LapsesAt: at(10),
		}},
		Undo: &Undo{ID: "20261122-8f3akq2cd2", DueAt: at(2)}, Undoes: "20261122-9f3akq2cd2",
		AcceptedAt: at(0), DueAt: at(1), StartedAt: at(2), FinishedAt: at(3),
		Waited: Waited{Gateway: 1, Breaker: 2, Throttle: 3, Queue: 4, Window: 5, Recovery: 6},
		Cost:   Cost{VPCCalls: 5, OSSRequests: 6, Invocations: 7}, Version: "v0.1.0", ProofWanted: true,
	}
}

// sampleProof sets every field, as no real proof does.
func sampleProof() Proof {
	return Proof{
		Schema: ProofSchema, ID: "20261122-7f3akq2cd2-1",
		Before:     Look{At: at(2), Probe: probe.Silent, Reason: probe.Closed, Connected: new(37), NotCounted: CountDenied},
		After:      Look{At: at(5), Probe: probe.Silent, Reason: probe.NoAnswer, Connected: new(31), NotCounted: CountFailed},
		VerifiedAt: at(3), Looks: 4, Returned: new(31), UndoAt: at(6),
	}
}

func sampleReceipt() Receipt {
	return Receipt{
		Schema: ReceiptSchema, File: "changes/a.yaml", ETag: "E", LastModified: at(0), Status: FileAccepted,
		Changes:  []ReceiptChange{{ID: "20261122-7f3akq2cd2", Record: "results/2026/11/22/20261122-7f3akq2cd2.json", DueAt: at(1), Approval: 2, Window: sampleWindow()}},
		Problems: storedProblems(), Earlier: "receipts/a.yaml@20261121T080000Z-E.json",
	}
}

func sampleWindow() *change.Gate {
	return &change.Gate{Open: true, OpensAt: at(2), ClosesAt: at(3), Windows: []string{"nights"}, Freeze: "double-eleven", Reason: "双十一"}
}

// withoutWindow is a receipt as versions wrote it that knew no windows.
func withoutWindow(r Receipt) Receipt {
	r.Changes = slices.Clone(r.Changes)
	for i := range r.Changes {
		r.Changes[i].Window = nil
	}
	return r
}

// withoutImpact is a record as versions wrote it that did not know who is connected.
func withoutImpact(r Record) Record {
	r = withoutProof(r)
	r.Impact = nil
	return r
}

// withoutGuards is a record as versions before that wrote it.
func withoutGuards(r Record) Record {
	r = withoutUndo(r)
	r.Confirm, r.When = "", ""
	return r
}

// withoutUndo is a record as versions wrote it that undid nothing by themselves.
func withoutUndo(r Record) Record {
	r = withoutImpact(r)
	r.Undo, r.Undoes, r.Votes = nil, "", slices.Clone(r.Votes)
	r.Votes[0].Until = time.Time{}
	return r
}

// withoutProof is a record as versions wrote it that did not look at servers.
func withoutProof(r Record) Record {
	r = withoutWindows(r)
	r.ProofWanted = false
	return r
}

// withoutWindows is a record as versions wrote it that knew no windows and freezes.
func withoutWindows(r Record) Record {
	r = withoutVersion(r)
	r.Override, r.Waited.Window, r.Waited.Recovery = "", 0, 0
	r.Votes = slices.Clone(r.Votes)
	r.Votes[0].LapsesAt = time.Time{}
	return r
}

// withoutVersion is a record as versions wrote it that did not know which one they are.
func withoutVersion(r Record) Record {
	r = byAPerson(r)
	r.Version = ""
	return r
}

// byAPerson is a record as versions wrote it that knew no assistants.
func byAPerson(r Record) Record {
	r.Origin.Assistant = false
	return r
}

// withoutApproval is a receipt as versions wrote it that did not say who must approve.
func withoutApproval(r Receipt) Receipt {
	r = withoutWindow(r)
	for i := range r.Changes {
		r.Changes[i].Approval = 0
	}
	return r
}

// withoutEarlier is a receipt as versions wrote it that took every upload for a request.
func withoutEarlier(r Receipt) Receipt {
	r = withoutApproval(r)
	r.Earlier = ""
	return r
}

// withoutDueTimes is a receipt as earlier versions wrote it.
func withoutDueTimes(r Receipt) Receipt {
	for i := range r.Changes {
		r.Changes[i].DueAt = time.Time{}
	}
	return r
}

func sampleNotice() Notice {
	return Notice{Schema: NoticeSchema, ID: "20261122-7f3akq2cd2-1", Deliveries: []Delivery{
		{Platform: "wecom", Room: "wr1", At: at(4), Code: "HTTP503", Message: "try later", Tries: 9},
		{Platform: "slack", At: at(5), Delivered: true, Tries: 1},
	}}
}

func TestStoredRecord(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[Record]{
		Name: "record", Stored: storedRecord{},
		Read:  func(data []byte) (Record, error) { return decodeRecord("key", "20261122-7f3akq2cd2-1", data) },
		Write: encodeRecord,
		Want: map[string]Record{
			"v1": withoutGuards(sampleRecord()), "v1.1": withoutUndo(sampleRecord()), "v1.2": withoutImpact(sampleRecord()),
			"v1.3": withoutProof(sampleRecord()), "v1.4": withoutWindows(sampleRecord()), "v1.5": withoutVersion(sampleRecord()),
			"v1.6": byAPerson(sampleRecord()), "v1.7": sampleRecord(),
		},
	})
}

func TestStoredReceipt(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[Receipt]{
		Name: "receipt", Stored: storedReceipt{},
		Read:  func(data []byte) (Receipt, error) { return decodeReceipt("key", "changes/a.yaml", data) },
		Write: encodeReceipt,
		Want:  map[string]Receipt{"v1": withoutDueTimes(withoutEarlier(sampleReceipt())), "v1.1": withoutEarlier(sampleReceipt()), "v1.2": withoutApproval(sampleReceipt()), "v1.3": withoutWindow(sampleReceipt()), "v1.4": sampleReceipt()},
	})
}

func TestStoredNotice(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[Notice]{
		Name: "notice", Stored: storedNotice{},
		Read:  func(data []byte) (Notice, error) { return decodeNotice("key", "20261122-7f3akq2cd2-1", data) },
		Write: encodeNotice,
		Want:  map[string]Notice{"v1": sampleNotice()},
	})
}

func sampleApproval() Approval {
	return Approval{Schema: ApprovalSchema, ID: "20261122-7f3akq2cd2-1", RequestedAt: at(0), ClosedAt: at(7), Rooms: []ApprovalRoom{
		{Platform: "feishu", Tenant: "t", Room: "oc_1", At: at(2), Code: "HTTP503", Message: "try later", Tries: 9},
		{Platform: "slack", Tenant: "T1", Room: "C1", At: at(1), Delivered: true, Tries: 1, Reminders: 2, UpdatedAt: at(6), Stale: "NotUpdatable: too old"},
	}}
}

func TestStoredApproval(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[Approval]{
		Name: "approval", Stored: storedApproval{},
		Read:  func(data []byte) (Approval, error) { return decodeApproval("key", "20261122-7f3akq2cd2-1", data) },
		Write: encodeApproval,
		Want:  map[string]Approval{"v1": sampleApproval()},
	})
}

func TestStoredProof(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[Proof]{
		Name: "proof", Stored: storedProof{},
		Read:  func(data []byte) (Proof, error) { return decodeProof("key", "20261122-7f3akq2cd2-1", data) },
		Write: encodeProof,
		Want:  map[string]Proof{"v1": sampleProof()},
	})
}

// TestStoredFormsAreWhatHTTPShows compares the stored JSON with the JSON of the
// exported types, which docs/schema describes.
func TestStoredFormsAreWhatHTTPShows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		shown  any
		stored func() ([]byte, error)
	}{
		{sampleRecord(), func() ([]byte, error) { return encodeRecord(sampleRecord()) }},
		{sampleReceipt(), func() ([]byte, error) { return encodeReceipt(sampleReceipt()) }},
		{sampleNotice(), func() ([]byte, error) { return encodeNotice(sampleNotice()) }},
		{sampleApproval(), func() ([]byte, error) { return encodeApproval(sampleApproval()) }},
		{sampleProof(), func() ([]byte, error) { return encodeProof(sampleProof()) }},
	} {
		stored, err := tt.stored()
		if err != nil {
			t.Fatal(err)
		}
		shown, err := json.MarshalIndent(tt.shown, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(bytes.TrimSpace(stored), shown) {
			t.Errorf("stored is\n%s\nshown is\n%s", stored, shown)
		}
	}
}

func TestWhatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	unfinished, noStatus := sampleRecord(), sampleRecord()
	unfinished.FinishedAt, noStatus.Status = time.Time{}, ""
	for _, r := range []Record{unfinished, noStatus} {
		data, err := encodeRecord(r)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeRecord("key", r.ID, data); err == nil {
			t.Errorf("read as %+v", got)
		}
	}
	noChanges, noProblems, unknown := sampleReceipt(), sampleReceipt(), sampleReceipt()
	noChanges.Changes = nil
	noProblems.Status, noProblems.Problems = FileRejected, nil
	unknown.Status = ""
	for _, r := range []Receipt{noChanges, noProblems, unknown} {
		data, err := encodeReceipt(r)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeReceipt("key", r.File, data); err == nil {
			t.Errorf("read as %+v", got)
		}
	}
}
