package openapi_test

import (
	"errors"
	"flag"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/openapi"
)

var update = flag.Bool("update", false, "write docs/api.md")

const (
	file = "../../../docs/openapi.yaml"
	page = "../../../docs/api.md"
)

func load(t *testing.T) *openapi.Spec {
	t.Helper()
	s, err := openapi.Load(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestThePageIsThatOfTheDescription(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	if err := load(t).Render(&text); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil || string(have) != text.String() {
		t.Errorf("docs/api.md is not made from docs/openapi.yaml (%v): go test ./internal/dev/openapi -update", err)
	}
}

const state = `{"id":"20261127-7f3akq2cd2kq3mzr5w7bxa4nhc","status":"waiting","why":"w","cause":"gateway","acceptedAt":"2026-11-27T08:35:02Z",
"dueAt":"2026-11-27T08:35:02Z","nextAttemptAt":"2026-11-27T08:35:02Z","expiresAt":"2026-11-28T08:35:02Z"}`

func TestResponsesThatAreNotDescribed(t *testing.T) {
	t.Parallel()
	s := load(t)
	asJSON := map[string]string{"Content-Type": "application/json; charset=utf-8"}
	for name, tt := range map[string]struct {
		body   string
		status int
		header map[string]string
		fine   bool
	}{
		"as described":      {state, 200, asJSON, true},
		"a member more":     {strings.Replace(state, `"why"`, `"more":1,"why"`, 1), 200, asJSON, false},
		"a member less":     {strings.Replace(state, `"why":"w",`, ``, 1), 200, asJSON, false},
		"another type":      {strings.Replace(state, `"w"`, `1`, 1), 200, asJSON, false},
		"an unknown word":   {strings.Replace(state, `"gateway"`, `"weather"`, 1), 200, asJSON, false},
		"a time of no form": {strings.Replace(state, `"2026-11-28T08:35:02Z"`, `"tomorrow"`, 1), 200, asJSON, false},
		"another status":    {state, 204, asJSON, false},
		"another media":     {state, 200, map[string]string{"Content-Type": "text/plain"}, false},
		"a problem":         {`{"type":"urn:sslvpn-change:problem:no-change","title":"t","status":404,"detail":"d","problems":[]}`, 404, map[string]string{"Content-Type": "application/problem+json"}, true},
		"a problem of none": {`{"title":"t"}`, 404, map[string]string{"Content-Type": "application/problem+json"}, false},
	} {
		err := s.Response(t.Context(), openapi.Exchange{Method: "GET", Path: "/v1/changes/20261127-7f3akq2cd2", Status: tt.status, ResponseHeader: tt.header, ResponseBody: tt.body})
		if (err == nil) != tt.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRequestsThatAreNotDescribed(t *testing.T) {
	t.Parallel()
	s := load(t)
	signature := map[string]string{"webhook-id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,"}
	signed := func(contentType string) map[string]string {
		h := map[string]string{"Content-Type": contentType}
		maps.Copy(h, signature)
		return h
	}
	for name, tt := range map[string]struct {
		e    openapi.Exchange
		fine bool
	}{
		"as described":        {openapi.Exchange{Method: "GET", Path: "/v1/changes", Header: signature, Query: map[string]string{"limit": "5"}}, true},
		"a strange parameter": {openapi.Exchange{Method: "GET", Path: "/v1/changes", Header: signature, Query: map[string]string{"strange": "5"}}, false},
		"a limit too large":   {openapi.Exchange{Method: "GET", Path: "/v1/changes", Header: signature, Query: map[string]string{"limit": "500"}}, false},
		"no signature":        {openapi.Exchange{Method: "GET", Path: "/v1/changes"}, false},
		"a document":          {openapi.Exchange{Method: "POST", Path: "/v1/plans", Header: signed("application/json"), Body: `{"RegionId":"cn-hangzhou","SslVpnServerId":"vss-1","Port":1195}`}, true},
		"a document of none":  {openapi.Exchange{Method: "POST", Path: "/v1/plans", Header: signed("application/json"), Body: `{"Port":1195}`}, false},
		"a strange command":   {openapi.Exchange{Method: "POST", Path: "/v1/commands", Header: signed("application/json"), Body: `{"commands":"status"}`}, false},
		"a text":              {openapi.Exchange{Method: "POST", Path: "/v1/plans", Header: signed("text/plain"), Body: `x`}, false},
	} {
		if err := s.Request(t.Context(), tt.e); (err == nil) != tt.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Request(t.Context(), openapi.Exchange{Method: "GET", Path: "/nothing"}); !errors.Is(err, openapi.ErrNoRoute) {
		t.Errorf("no route: %v", err)
	}
	if err := s.Request(t.Context(), openapi.Exchange{Method: "PUT", Path: "/v1/changes"}); !errors.Is(err, openapi.ErrNoMethod) {
		t.Errorf("no method: %v", err)
	}
	if seen := s.Unseen(); len(seen) < 50 {
		t.Errorf("requests count as responses: %d are left", len(seen))
	}
}
