package intake

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/storedtest"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

func day(hour int) time.Time { return time.Date(2026, 11, 22, hour, 35, 2, 0, time.UTC) }

func TestStoredClaim(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[claim]{
		Name: "claim", Stored: storedClaim{}, Read: decodeClaim, Write: claim.encode,
		Want: map[string]claim{"v2.3": {
			Identity: "http chat-bot msg_1", At: day(8), Hash: hash([]byte("content")), Document: "psfvgfo4zpkq3mzr5w7bxa4nhc",
			IDs: []string{"20261122-psfvgfo4zpkq3mzr5w7bxa4nhc"},
			Admitted: admission{Person: "mei", Assistant: true, Approvals: []int{1, 0}, Confirm: []change.Confirmation{{For: 20 * time.Minute, Proof: true}, {}}, Windows: []*change.Gate{
				{Open: true, OpensAt: time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC), ClosesAt: time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC), Windows: []string{"nights"}, Freeze: "double-eleven", Reason: "双十一"}, nil,
			}},
			Place: &place{Document: "psfvgfo4zpkq3mzr5w7bxa4nhc", Index: 3, DueAt: day(9), ExpiresAt: day(10)},
			Read: &reading{
				Data: []byte("Port: 1195\n"), Format: manifest.YAML,
				Problem: &change.Problem{Path: "document", Line: 1, Rule: "schedule-document", Message: "there is no such document", Hint: "upload it"},
			},
		}, "v2.2": {
			Identity: "http chat-bot msg_1", At: day(8), Hash: hash([]byte("content")), Document: "psfvgfo4zpkq3mzr5w7bxa4nhc",
			IDs: []string{"20261122-psfvgfo4zpkq3mzr5w7bxa4nhc"},
			Admitted: admission{Person: "mei", Approvals: []int{1, 0}, Confirm: []change.Confirmation{{For: 20 * time.Minute, Proof: true}, {}}, Windows: []*change.Gate{
				{Open: true, OpensAt: time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC), ClosesAt: time.Date(2026, 11, 23, 22, 0, 0, 0, time.UTC), Windows: []string{"nights"}, Freeze: "double-eleven", Reason: "双十一"}, nil,
			}},
			Place: &place{Document: "psfvgfo4zpkq3mzr5w7bxa4nhc", Index: 3, DueAt: day(9), ExpiresAt: day(10)},
			Read: &reading{
				Data: []byte("Port: 1195\n"), Format: manifest.YAML,
				Problem: &change.Problem{Path: "document", Line: 1, Rule: "schedule-document", Message: "there is no such document", Hint: "upload it"},
			},
		}, "v2.1": {
			Identity: "http chat-bot msg_1", At: day(8), Hash: hash([]byte("content")), Document: "psfvgfo4zpkq3mzr5w7bxa4nhc",
			IDs:      []string{"20261122-psfvgfo4zpkq3mzr5w7bxa4nhc"},
			Admitted: admission{Person: "mei", Approvals: []int{1, 0}, Confirm: []change.Confirmation{{For: 20 * time.Minute, Proof: true}, {}}},
			Place:    &place{Document: "psfvgfo4zpkq3mzr5w7bxa4nhc", Index: 3, DueAt: day(9), ExpiresAt: day(10)},
			Read: &reading{
				Data: []byte("Port: 1195\n"), Format: manifest.YAML,
				Problem: &change.Problem{Path: "document", Line: 1, Rule: "schedule-document", Message: "there is no such document", Hint: "upload it"},
			},
		}, "v2": {
			Identity: "http chat-bot msg_1", At: day(8), Hash: hash([]byte("content")), Document: "psfvgfo4zpkq3mzr5w7bxa4nhc",
			IDs:      []string{"20261122-psfvgfo4zpkq3mzr5w7bxa4nhc"},
			Admitted: admission{Person: "mei", Approvals: []int{1, 0}},
			Place:    &place{Document: "psfvgfo4zpkq3mzr5w7bxa4nhc", Index: 3, DueAt: day(9), ExpiresAt: day(10)},
			Read: &reading{
				Data: []byte("Port: 1195\n"), Format: manifest.YAML,
				Problem: &change.Problem{Path: "document", Line: 1, Rule: "schedule-document", Message: "there is no such document", Hint: "upload it"},
			},
		}, "v1": {
			Identity: "http chat-bot msg_1", At: day(8), Hash: hash([]byte("content")),
			IDs:      []string{"20261122-psfvgfo4zp"},
			Admitted: admission{Person: "mei", Approvals: []int{1, 0}},
			Place:    &place{Document: "psfvgfo4zp", Index: 3, DueAt: day(9), ExpiresAt: day(10)},
			Read: &reading{
				Data: []byte("Port: 1195\n"), Format: manifest.YAML,
				Problem: &change.Problem{Path: "document", Line: 1, Rule: "schedule-document", Message: "there is no such document", Hint: "upload it"},
			},
		}},
	})
}

// The claims of every kind, as production makes them: the identity, the key, the
// id and the hash of what is asked for follow from a request, and must follow in
// every version, or a redelivery would not find its claim.
func TestStoredClaimsOfEveryKind(t *testing.T) {
	t.Parallel()
	asked := change.Change{
		Request: change.Request{
			Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-one"}, ClientToken: "token-1",
			Patch:  change.Patch{change.Port: change.Number(1195), change.Compress: change.Flag(true), change.Name: change.Text("hotel")},
			Expect: change.Patch{change.Port: change.Number(1194)}, DryRun: true, ExpiresAt: day(10),
		},
		Document: "psfvgfo4zp", Index: 2, AcceptedAt: day(8), DueAt: day(9),
		Origin: change.Origin{Kind: change.FromHTTP, Actor: "chat-bot", Person: "mei"},
	}
	for name, tt := range map[string]struct {
		claim claim
		key   string
	}{
		"delivery": {claim{
			Identity: change.HTTPIdentity("chat-bot", "msg_1"), At: day(8), Hash: hash([]byte("Port: 1195\n")),
			IDs: []string{"20261122-psfvgfo4zp-1", "20261122-psfvgfo4zp-2"}, Admitted: admission{Person: "mei", Approvals: []int{1, 0}},
		}, "claims/abef4b654d36fed31cec96668e5539277823962986df69794a8cf4585c81939f.json"},
		"token-of-sender": {tokenClaim(asked), "claims/ef6678800c71f527dfc21601aac35a0265e9edcc0d178c35815a7cd26f914ba9.json"},
		"token":           {oldTokenClaim(asked), "claims/0d563bbbbd7abc03d258cd0cd92af248d58a84fb53cf1dfeb92343a269cad7a3.json"},
		"message":         {claim{Identity: change.ChatIdentity("slack", "T1", "Ev1"), At: day(8), Hash: hash([]byte(`["slack:T1/U1","C1","status"]`)), IDs: []string{}}, "claims/a5432038f699c1e595146b15ef1d1d5350d11f5e597146063f41b955a62b6f2a.json"},
		"signature":       {claim{Identity: onceIdentity("v0=abc"), At: day(8), Hash: hash([]byte("body")), IDs: []string{}}, "claims/6f09b7c2168fb7945afbffbb1ac2fca6cf0fad3949eef71d350baa4cbc51d3b6.json"},
		"request":         {claim{Identity: onceIdentity(change.HTTPIdentity("chat-bot", "msg_1")), At: day(8), Hash: Delivery{Method: "POST", Path: "/v1/plans", Body: []byte("Port: 1195\n")}.hash(), IDs: []string{}}, "claims/a6a085880c44812dc69b4b019c075276407dc4ad5baa7f56193d8768370d4a07.json"},
		"answer":          {claim{Identity: answerIdentity("psfvgfo4zppsfvgfo4zp"), At: day(8), Hash: hash([]byte("2026-11-22T08:35:02.5Z")), IDs: []string{}}, "claims/5b9c4ca4d51c52c3e85d4c0a6ec3c93f0cf42eb99c17875c133b93e20b79d2d8.json"},
		"tick": {claim{
			Identity: change.TimerIdentity("nightly", day(8)), At: day(8), Hash: hash([]byte("Port: 1195\n")),
			Read: &reading{Data: []byte("Port: 1195\n"), Format: manifest.YAML},
		}, "claims/8cb02d91b60e2f77010df9d90863e0de6d9718959b74736afdd7bede0673fed3.json"},
		"tick-without-document": {claim{
			Identity: change.TimerIdentity("nightly", day(9)), At: day(9), Hash: hash(nil), Read: &reading{Problem: &change.Problem{
				Path: "document", Rule: "schedule-document", Message: `"other.txt" does not name a scheduled document`,
				Hint: "name a .yaml, .yml or .json file below scheduled/ in the change bucket",
			}},
		}, "claims/43613b82b155e92a74c0bdf376fbd8040d2b26ff03a29a1ebfb8a3ade0a31cdf.json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("testdata", "stored", "claim-kinds", name+".json")
			sample, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := decodeClaim(sample)
			if err != nil || !reflect.DeepEqual(got, tt.claim) {
				t.Errorf("the sample is read as\n%+v, %v, want\n%+v", got, err, tt.claim)
			}
			if key := objects.ClaimKey(tt.claim.Identity); key != tt.key {
				t.Errorf("its key is %s, want %s", key, tt.key)
			}
		})
	}
}

// oldTokenClaim is the claim of a token as earlier versions made it, for all
// senders.
func oldTokenClaim(c change.Change) claim {
	out := tokenClaim(c)
	out.Identity = change.TokenIdentity(c.Target, c.ClientToken)
	out.IDs = []string{change.ID(c.AcceptedAt, change.ShortDocumentID(out.Identity), 1, 1)}
	return out
}

// A claim of an earlier version is found by whoever sent its change, and by nobody
// else.
func TestOldTokensAreTheirSenders(t *testing.T) {
	t.Parallel()
	for name, ended := range map[string]bool{"queued": false, "ended": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := cloudtest.New(t)
			records := record.NewRecords(cloud.Store)
			in := New(Deps{Bucket: cloud.Store, BucketName: cloudtest.Bucket, Records: records, Owner: "request-1", Now: cloud.Clock.Now, Log: cloudtest.Log(t)})
			now := cloud.Clock.Now().UTC().Truncate(time.Second)
			c := change.Change{
				Request:  change.Request{Target: change.Target{RegionID: "cn-hangzhou", ServerID: "vss-one"}, ClientToken: "t", ExpiresAt: now.Add(time.Hour), Patch: change.Patch{change.Port: change.Number(1195)}},
				Document: "psfvgfo4zp", Index: 1, AcceptedAt: now, DueAt: now,
				Origin: change.Origin{Kind: change.FromHTTP, Actor: "chat-bot", Person: "mei"},
			}
			old := oldTokenClaim(c)
			if _, err := in.makeClaim(t.Context(), old); err != nil {
				t.Fatal(err)
			}
			first, err := byToken(c, &old)
			if err != nil {
				t.Fatal(err)
			}
			if ended {
				_, err = records.Write(t.Context(), record.Record{
					ID: first.ID, Status: change.Unchanged, Origin: first.Origin, Identity: first.Identity, RegionID: c.RegionID, ServerID: c.ServerID,
					Requested: c.Patch, Changed: []change.Difference{}, Attempts: []record.Attempt{}, AcceptedAt: now, DueAt: now, FinishedAt: now,
				})
			} else {
				_, err = in.queue.Add(t.Context(), first)
			}
			if err != nil {
				t.Fatal(err)
			}
			again := c
			again.Document = "otherdocum"
			for person, want := range map[string]bool{"mei": true, "jun": false, "": false} {
				again.Origin.Person = person
				got, err := in.readTokens(t.Context(), []change.Change{again})
				if err != nil || (got[0] != nil) != want {
					t.Errorf("%q finds %v, %v", person, got[0], err)
				}
			}
		})
	}
}

func TestStoredClaimThatIsNotWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]claim{
		"no identity": {At: day(8), Hash: "h"},
		"no time":     {Identity: "i", Hash: "h"},
		"no hash":     {Identity: "i", At: day(8)},
	} {
		data, err := c.encode()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeClaim(data); err == nil {
			t.Errorf("%s: read as %+v", name, got)
		}
	}
}

func TestStoredWake(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[storedWake]{
		Name: "wake", Stored: storedWake{}, EmptyReads: true,
		Read:  func(data []byte) (w storedWake, err error) { return w, json.Unmarshal(data, &w) },
		Write: func(w storedWake) ([]byte, error) { return json.Marshal(w) },
		Want:  map[string]storedWake{"v1": {RungAt: "2026-11-22T08:35:02.5Z", By: "request-1"}},
	})
}
