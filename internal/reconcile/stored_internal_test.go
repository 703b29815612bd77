package reconcile

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/storedtest"
	"github.com/sslvpn-change/sslvpn-change/internal/lane"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/probe"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// at is a time of the samples, by its second.
func at(second int) time.Time {
	return time.Date(2026, 11, 22, 12, 0, second, 250_000_000, time.UTC)
}

// sampleV1 is what testdata/stored/state/v1.json means.
func sampleV1() state {
	s := sampleV11()
	s.Intent.Withdrawn, s.Intent.Watched = false, 0
	return s
}

// sampleV11 is what testdata/stored/state/v1.1.json means.
func sampleV11() state {
	s := sampleV12()
	s.Intent.Answers = nil
	return s
}

// sampleV12 is what testdata/stored/state/v1.2.json means.
func sampleV12() state {
	s := sampleV13()
	s.Intent.Answers.Definite = false
	return s
}

// sampleV13 is what testdata/stored/state/v1.3.json means.
func sampleV13() state {
	s := sampleV14()
	s.Intent.Idle, s.Waits.Wait.Connected = 0, 0
	return s
}

// sampleV14 is what testdata/stored/state/v1.4.json means.
func sampleV14() state {
	s := sampleV15()
	s.Armed, s.Decided.Armed, s.Intent.Confirm = nil, nil, change.Confirmation{}
	s.Intent.Outcomes[0].Votes[0].Until, s.Decided.Items[0].Votes[0].Until = time.Time{}, time.Time{}
	return s
}

// sampleV15 is what testdata/stored/state/v1.5.json means.
func sampleV15() state {
	s := sampleV16()
	s.Intent.Connected, s.Intent.MaxConnections = 0, 0
	s.Decided.Connected, s.Decided.MaxConnections = 0, 0
	return s
}

// sampleV16 is what testdata/stored/state/v1.6.json means.
func sampleV16() state {
	s := sampleV17()
	s.Intent.Look, s.Decided.Look = nil, nil
	return s
}

// sampleV17 is what testdata/stored/state/v1.7.json means.
func sampleV17() state {
	s := sampleV18()
	s.Waits.Wait.Settings = nil
	return s
}

// sampleV18 is what testdata/stored/state/v1.8.json means.
func sampleV18() state {
	s := sampleV19()
	s.Waits.Wait.Windows, s.Waits.Wait.Freeze, s.Waits.Wait.Opens = nil, "", time.Time{}
	s.Intent.Override = ""
	for _, o := range []*plan.Outcome{&s.Intent.Outcomes[0], &s.Decided.Items[0].Outcome} {
		o.Votes = slices.Clone(o.Votes)
		o.Votes[0].LapsesAt = time.Time{}
	}
	return s
}

// sampleV19 is what testdata/stored/state/v1.9.json means.
func sampleV19() state {
	s := sampleV110()
	s.Waits.Wait.Gateway, s.Waits.Wait.Chain = "", 0
	return s
}

// sampleV110 is what testdata/stored/state/v1.10.json means.
func sampleV110() state {
	s := sampleV111()
	s.Intent.Sent = false
	s.Waits.Wait.Holders = nil
	return s
}

// sampleV111 is what testdata/stored/state/v1.11.json means.
func sampleV111() state {
	s := sampleState()
	s.Decided.Version = ""
	return s
}

// sampleState is what the newest sample, testdata/stored/state/v1.12.json, means.
func sampleState() state {
	undo := func(n string) *armed {
		return &armed{
			ID: "20261122-" + n + "sfvgfo4zp", Key: "queue/cn-hangzhou/vss-a/1795349400000-rsfvgfo4zp-0000-20261122-" + n + "sfvgfo4zp.json",
			Of: "20261122-psfvgfo4zp", Due: at(50), Proof: true,
			Done: []change.Difference{{Field: change.Port, From: change.Number(1194), To: change.Number(1195)}},
		}
	}
	before := change.Settings{change.Port: change.Number(1194), change.Proto: change.Text("UDP"), change.Compress: change.Flag(false)}
	after := change.Settings{change.Port: change.Number(1195), change.Proto: change.Text("UDP"), change.Compress: change.Flag(true)}
	const first, second, key = "20261122-psfvgfo4zp", "20261122-qsfvgfo4zp",
		"queue/cn-hangzhou/vss-a/1795348800000-psfvgfo4zp-0001-20261122-psfvgfo4zp.json"
	failure := record.Failure{
		Code: "IllegalParam.Cipher", Class: "invalid", Message: "The cipher is not supported.", Hint: "use another cipher",
		RequestID: "6E0C9D2A-0000-0000-0000-000000000002",
	}
	outcome := plan.Outcome{
		ID: first, Status: change.Superseded,
		Changed: []change.Difference{
			{Field: change.Port, From: change.Number(1194), To: change.Number(1195)},
			{Field: change.Compress, From: change.Flag(false), To: change.Flag(true)},
		},
		SupersededBy: map[change.Field]string{change.Cipher: second},
		Problems:     []change.Problem{{Path: "changes[0].Cipher", Line: 4, Rule: "cipher-unknown", Message: "the cipher is unknown", Hint: "use AES-256-CBC"}},
		Votes: []change.Vote{{
			Kind: change.Approval, Person: "jun", Account: "slack:T1/U2", At: at(1),
			Digest: "mfrggzdfmztwq2lknnwg23tpobyxe43uov3ho6dzpiydcmrtgq2tmnzy", Reason: "checked", Until: at(51), LapsesAt: at(52),
		}},
	}
	past := []pastWait{{Cause: causeGateway, From: at(3), To: at(9)}}
	look := record.Look{At: at(60), Probe: probe.Silent, Reason: probe.NoAnswer, Connected: new(37), NotCounted: record.CountFailed}
	used := cost{VPCCalls: 5, OSSRequests: 12, Invocations: 2, Attempts: []record.Attempt{{
		At: at(2), Action: "ModifySslVpnServer", HTTPStatus: 400, Code: "IllegalParam.Cipher", Class: "invalid",
		RequestID: "6E0C9D2A-0000-0000-0000-000000000001", DurationMs: 87,
	}}}
	return state{
		Intent: &intent{
			Token: "svc-psfvgfo4zp-7", Patch: change.Patch{change.Port: change.Number(1195)}, Asked: change.Patch(after),
			Before: before, After: after, Readable: true, GatewayID: "vpn-a", Connected: 36, MaxConnections: 200, Keys: []string{key}, Outcomes: []plan.Outcome{outcome},
			StartedAt: at(10), FirstEnd: at(20), LastEnd: at(30), Accepted: true, Aged: 1500 * time.Millisecond, Doubted: at(11),
			Refusal: &refusal{At: at(12), Separately: true, Failure: failure}, Withdrawn: true, Watched: 90 * time.Second, Idle: 5, Override: "double-eleven", Sent: true,
			Confirm: change.Confirmation{For: 10 * time.Minute, Proof: true}, Look: &look,
			Answers: &answers{
				Sends: 4, Count: 3, First: at(40), Last: at(43), Next: at(58), Landed: at(53), Unchanged: true, Definite: true, At: at(44),
				Failure: record.Failure{
					Code: "UnknownError", Class: "unknown", Message: "The request processing has failed due to some unknown error.",
					Hint: "compare the networks", RequestID: "6E0C9D2A-0000-0000-0000-000000000003",
				},
			},
		},
		Decided: &decision{
			Before: before, After: after, GatewayID: "vpn-a", Connected: 36, MaxConnections: 200, Token: "svc-psfvgfo4zp-6", Verified: true, StartedAt: at(13), FinishedAt: at(14),
			Waits: past, Cost: used, Items: []item{{Outcome: outcome, Key: key, Failure: &failure}}, Merged: []string{first, second}, Armed: undo("t"), Look: &look, Version: "v0.1.0",
		},
		Separate: []string{first, second},
		Waits: waits{
			Wait: &wait{Cause: causeThrottle, Why: "the API asks for fewer calls: Throttling.User", Since: at(15), Next: at(16), Hold: true, Connected: 37, Settings: []change.Field{change.Proto, change.Port}, Holders: map[change.Field]string{change.Port: first, change.Proto: first}, Windows: []string{"nights"}, Freeze: "double-eleven", Opens: at(62), Gateway: "vpn-a", Chain: 12},
			Past: past,
		},
		Cost: used, Past: []Past{{ID: "20261122-osfvgfo4zp", Status: change.Applied, At: at(17)}}, Armed: undo("r"),
	}
}

func TestStoredState(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[state]{
		Name: "state", Stored: storedState{},
		Read: func(data []byte) (state, error) {
			if len(data) == 0 {
				return state{}, errors.New("a generation without a state")
			}
			return readState(lane.Head{Gen: 1, State: data})
		},
		Write:      func(s state) ([]byte, error) { return json.Marshal(s.stored()) },
		Want:       map[string]state{"v1": sampleV1(), "v1.1": sampleV11(), "v1.2": sampleV12(), "v1.3": sampleV13(), "v1.4": sampleV14(), "v1.5": sampleV15(), "v1.6": sampleV16(), "v1.7": sampleV17(), "v1.8": sampleV18(), "v1.9": sampleV19(), "v1.10": sampleV110(), "v1.11": sampleV111(), "v1.12": sampleState()},
		EmptyReads: true, // nothing is remembered
	})
}

func TestStoredSweep(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[sweepState]{
		Name: "sweep", Stored: sweepState{}, Read: decodeSweep, Write: sweepState.encode,
		Want: map[string]sweepState{"v1": {
			Schema: sweepSchema, FilesAfter: "changes/hotel.yaml", LanesAfter: "lanes/cn-hangzhou/vss-a/~", ClaimsAfter: "claims/x",
			Collecting: true, CollectedAt: at(18),
		}, "v1.1": {
			Schema: sweepSchema, FilesAfter: "changes/hotel.yaml", LanesAfter: "lanes/cn-hangzhou/vss-a/~", ClaimsAfter: "claims/x",
			Collecting: true, CollectedAt: at(18), MergedAt: at(19),
		}},
	})
}

// A state that is not whole is refused as a whole: each part that is missing
// could have a change recorded that was not sent, or sent twice.
func TestStoredStateThatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	const object = "lanes/cn-hangzhou/vss-a/9223372036854775800.json"
	for name, damage := range map[string]func(*storedState){
		"an intent without a token":            func(s *storedState) { s.Intent.Token = "" },
		"an intent without patch":              func(s *storedState) { s.Intent.Patch = nil },
		"an intent with a patch of no value":   func(s *storedState) { s.Intent.Patch = storedSettings{"Port": {}} },
		"an intent without asked":              func(s *storedState) { s.Intent.Asked = nil },
		"an intent with asked empty":           func(s *storedState) { s.Intent.Asked = storedSettings{} },
		"an intent without keys":               func(s *storedState) { s.Intent.Keys, s.Intent.Outcomes = nil, nil },
		"an intent with an empty key":          func(s *storedState) { s.Intent.Keys[0] = "" },
		"an intent with more keys than ends":   func(s *storedState) { s.Intent.Keys = append(s.Intent.Keys, "queue/x") },
		"an intent with an end without an id":  func(s *storedState) { s.Intent.Outcomes[0].ID = "" },
		"an intent with a refusal for nothing": func(s *storedState) { s.Intent.Outcomes[0] = storedOutcome{ID: "x", Status: "rejected"} },
		"answers without a time":               func(s *storedState) { s.Intent.Answers.At = time.Time{} },
		"answers without landedAt":             func(s *storedState) { s.Intent.Answers.Landed, s.Intent.Answers.Definite = time.Time{}, false },
		"answers without the last one":         func(s *storedState) { s.Intent.Answers.Failure = nil },
		"more answers than sends":              func(s *storedState) { s.Intent.Answers.Count = 9 },
		"a decision without items":             func(s *storedState) { s.Decided.Items = nil },
		"a decision with an item without key":  func(s *storedState) { s.Decided.Items[0].Key = "" },
		"a decision with an end of no status":  func(s *storedState) { s.Decided.Items[0].Status = "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := sampleState()
			s := whole.stored()
			damage(&s)
			data, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readState(lane.Head{Gen: 7, Key: object, State: data})
			if err == nil {
				t.Fatalf("it is read as %+v", got)
			}
			if !strings.Contains(err.Error(), object) || !strings.Contains(err.Error(), "delete this object") {
				t.Errorf("the error names neither the object nor the fix: %v", err)
			}
		})
	}
}

// Earlier versions wrote a decision without items, when all changes of an
// intent had been deleted before it was sent. It is read as none.
func TestStoredDecisionOfNothingIsNone(t *testing.T) {
	t.Parallel()
	const text = `{"decided":{"verified":false,"startedAt":"0001-01-01T00:00:00Z","finishedAt":"2026-11-22T12:00:14Z","spent":{"ossRequests":9},"items":null}}`
	st, err := readState(lane.Head{Gen: 1, State: json.RawMessage(text)})
	if err != nil || st.Decided != nil {
		t.Errorf("it is read as %+v, %v", st.Decided, err)
	}
}
