package intake

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// FuzzClaim checks that no object below claims/ makes its reader panic, and that
// a claim that is read is the identity's, is whole, and gives its change the
// place that the claim names or none.
func FuzzClaim(f *testing.F) {
	target := change.Target{RegionID: "cn-hangzhou", ServerID: "vss-a"}
	identity := change.TokenIdentity(target, "token")
	at := time.Date(2026, 11, 22, 8, 35, 2, 0, time.UTC)
	for _, c := range []claim{
		{Identity: identity, At: at, Hash: "h", IDs: []string{"20261122-aaaaaaaaaa"}, Place: &place{Document: "aaaaaaaaaa", Index: 1}},
		{Identity: identity, At: at, Hash: "h", IDs: []string{"a", "b"}, Place: &place{}},
		{Identity: identity, At: at, Hash: "h", Read: &reading{Data: []byte("Port: 1"), Problem: &change.Problem{Rule: "r"}}},
		{Identity: "another", At: at, Hash: "h"},
		{Identity: identity},
	} {
		data, err := c.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	samples, err := filepath.Glob("testdata/stored/claim*/*.json")
	if err != nil || len(samples) == 0 {
		f.Fatalf("no samples: %v", err)
	}
	for _, name := range samples {
		data, err := os.ReadFile(name)
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
		if c == nil || c.Identity != identity || c.Hash == "" || c.At.IsZero() {
			t.Fatalf("%s is read as %+v", data, c)
		}
		got, err := byToken(change.Change{Request: change.Request{Target: target}, ID: "before"}, c)
		if (err == nil) != (c.Place != nil && len(c.IDs) == 1) || (err == nil && (got.ID != c.IDs[0] || got.Index != c.Place.Index)) {
			t.Fatalf("%+v gives its change %+v, %v", c, got, err)
		}
	})
}
