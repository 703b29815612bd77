package manifest_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/manifest"
)

// FuzzParse checks that no input makes Parse panic, that every problem is complete,
// and that accepted requests are parsed as the same when they are rendered, in both
// formats.
func FuzzParse(f *testing.F) {
	for _, d := range validDocuments() {
		f.Add([]byte(d.text), d.format == manifest.JSON)
	}
	for _, d := range invalidDocuments() {
		if len(d.text) < 4096 {
			f.Add([]byte(d.text), d.format == manifest.JSON)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, asJSON bool) {
		opts := options(manifest.YAML)
		if asJSON {
			opts.Format = manifest.JSON
		}
		reqs, problems := manifest.Parse(data, opts)
		if len(problems) > 0 {
			for _, p := range problems {
				if p.Rule == "" || p.Message == "" || reqs != nil {
					t.Fatalf("refused with %+v and %d requests", p, len(reqs))
				}
			}
			return
		}
		if len(reqs) == 0 {
			t.Fatal("taken, but no change came of it")
		}
		var stream strings.Builder
		for _, r := range reqs {
			text := render(t, r)
			stream.WriteString("---\n" + text + "\n")
			again, problems := manifest.Parse([]byte(text), options(manifest.JSON))
			if len(problems) > 0 || !same(again, []change.Request{r}) {
				t.Fatalf("%s\ncame back as %+v, problems %v, was %+v", text, again, problems, r)
			}
		}
		again, problems := manifest.Parse([]byte(stream.String()), options(manifest.YAML))
		if len(problems) > 0 || !same(again, reqs) {
			t.Fatalf("%s\ncame back as %+v, problems %v", stream.String(), again, problems)
		}
	})
}

// render writes a request as a bare change in JSON.
func render(t *testing.T, r change.Request) string {
	t.Helper()
	doc := map[string]any{
		"RegionId": r.RegionID, "SslVpnServerId": r.ServerID, "dryRun": r.DryRun,
		"ref": r.Ref, "reason": r.Reason, "requestedBy": r.RequestedBy,
	}
	for f, v := range r.Patch {
		doc[string(f)] = v
	}
	if r.Expect != nil {
		doc["expect"] = r.Expect
	}
	if r.ClientToken != "" {
		doc["ClientToken"] = r.ClientToken
	}
	if !r.Confirm.IsZero() {
		doc["confirm"] = r.Confirm.String()
	}
	if r.Idle != 0 {
		doc["when"] = change.Idle(r.Idle)
	}
	if r.Proof {
		doc["proof"] = true
	}
	if r.Override != "" {
		doc["override"] = r.Override
	}
	if !r.NotBefore.IsZero() {
		doc["notBefore"] = r.NotBefore
	}
	if !r.ExpiresAt.IsZero() {
		doc["expiresAt"] = r.ExpiresAt
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// same compares requests without their positions.
func same(a, b []change.Request) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		x.Path, x.Line, y.Path, y.Line = "", 0, "", 0
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}
