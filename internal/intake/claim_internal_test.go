package intake

import (
	"encoding/json"
	"testing"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/dev/localcloud/cloudtest"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/record"
)

// FuzzClaim holds that no object below claims/ makes reading it panic, and that
// a claim that is taken is the identity's, and puts its change where the claim
// says or nowhere.
func FuzzClaim(f *testing.F) {
	target := change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}
	identity := change.TokenIdentity(target, "token")
	for _, c := range []claim{
		{Schema: claimSchema, Identity: identity, Hash: "h", IDs: []string{"20261122-aaaaaaaaaa"}, Place: &place{Document: "aaaaaaaaaa", Index: 1}},
		{Schema: claimSchema, Identity: identity, IDs: []string{"a", "b"}, Place: &place{}},
		{Schema: claimSchema, Identity: identity, Read: &reading{Data: []byte("Port: 1"), Problem: &change.Problem{Rule: "r"}}},
		{Schema: claimSchema, Identity: "another"},
		{Schema: "sslvpn-change/claim/v0", Identity: identity},
	} {
		data, err := json.Marshal(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("{"))
	f.Add([]byte(`{"schema":"sslvpn-change/claim/v1","place":null,"ids":null,"at":"9999-12-31T23:59:59Z"}`))
	cloud := cloudtest.New(f)
	in := New(Deps{
		Bucket: cloud.Store, BucketName: cloudtest.Bucket, Records: record.NewRecords(cloud.Store),
		Owner: "request-1", Now: time.Now, Log: cloudtest.Log(f),
	})
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := cloud.Store.Put(t.Context(), objects.ClaimKey(identity), data); err != nil {
			t.Fatal(err)
		}
		c, err := in.readClaim(t.Context(), identity)
		if err != nil {
			if c != nil {
				t.Fatalf("refused, and gives %+v", c)
			}
			return
		}
		if c == nil || c.Identity != identity || c.Schema != claimSchema {
			t.Fatalf("%s is read as %+v", data, c)
		}
		got, err := byToken(change.Change{Request: change.Request{Target: target}, ID: "before"}, c)
		if (err == nil) != (c.Place != nil && len(c.IDs) == 1) || (err == nil && (got.ID != c.IDs[0] || got.Index != c.Place.Index)) {
			t.Fatalf("%+v puts its change at %+v, %v", c, got, err)
		}
	})
}
