package handler_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/events"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
)

// FuzzEvent holds that no payload makes the function panic, that a request
// always gets an answer, and that what is not signed leaves nothing behind.
func FuzzEvent(f *testing.F) {
	samples, err := filepath.Glob("../events/testdata/*.*")
	if err != nil || len(samples) == 0 {
		f.Fatal(err, samples)
	}
	for _, sample := range samples {
		raw, err := os.ReadFile(sample)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
	f.Fuzz(func(t *testing.T, raw string) {
		h := newHarness(t, cloudtest.Configuring(time.Millisecond))
		out, err := h.invoke(raw)
		h.sound(out)
		e, bad := events.Decode([]byte(raw))
		if bad != nil && err == nil && !strings.HasPrefix(out, `{"statusCode"`) {
			t.Fatalf("%q is no event (%v), and came to %q", raw, bad, out)
		}
		if bad == nil && e.HTTP != nil {
			if err != nil {
				t.Fatalf("a request is not answered: %v", err)
			}
			h.wellFormed(out)
			if keys := h.Keys(t.Context(), ""); len(keys) > 0 {
				t.Fatalf("a request that nobody signed left %q", keys)
			}
		}
	})
}

// FuzzRequest does the same with signed requests: what is accepted is
// queued, and what is refused leaves nothing in the queue.
func FuzzRequest(f *testing.F) {
	f.Add("POST", "/v1/changes", "application/yaml", "", setPort, false)
	f.Add("POST", "/v1/changes", "application/json", "wait=1", `{"RegionId":"cn-hangzhou","SslVpnServerId":"vss-one","Port":1195}`, true)
	f.Add("POST", "/v1/plans", "text/yaml; charset=utf-8", "wait=-1, wait=x;y", setPort+"expect: {Port: 1}\n", false)
	f.Add("GET", "/v1/changes/20261122-aaaaaaaaaa", "", "", "", false)
	f.Add("POST", "/v1/changes/", "application/json;", "wait=99999999999999999999", "[]", true)
	f.Add("POST", "/v1/commands", "application/json", "", `{"command":"apply vss-one port=1195","lang":"zh"}`, false)
	f.Add("POST", "/v1/commands", "application/json", "", `{"command":"rollback 20261122-aaaaaaaaaa"}`, true)
	f.Add("get", "//healthz", "\x00", "\"", "\xff", false)
	f.Fuzz(func(t *testing.T, method, path, contentType, prefer, body string, base64 bool) {
		h := newHarness(t, cloudtest.Configuring(time.Millisecond))
		h.policy.WaitBudget, h.timeout = 100*time.Millisecond, 5*time.Second
		h.Server("vss-one")
		c := call{method: method, path: path, body: body, base64: base64, header: map[string]string{"Content-Type": contentType, "Prefer": prefer}}
		raw := h.payload(c)
		out, err := h.invoke(raw)
		h.sound(out)
		if _, bad := events.Decode([]byte(raw)); err != nil {
			if bad == nil {
				t.Fatalf("a request is not answered: %v", err)
			}
			return
		}
		a := h.wellFormed(out)
		line := len(h.Keys(t.Context(), "queue/"))
		route := strings.Trim(path, "/")
		if (a.StatusCode == http.StatusAccepted) != (line > 0) || (line > 0 && (method != "POST" || route != "v1/changes" && route != "v1/commands")) {
			t.Fatalf("answered %d with %d queued changes: %s", a.StatusCode, line, a.Body)
		}
		if a.StatusCode == http.StatusAccepted && route == "v1/changes" && len(h.ids(a)) != line {
			t.Fatalf("%d queued changes, the answer is %s", line, a.Body)
		}
		if h.sent() > 0 && !strings.Contains(prefer, "wait") {
			t.Fatal("a request that does not wait sent a modification")
		}
	})
}

// wellFormed reads an answer that a request may get.
func (h *harness) wellFormed(out string) answer {
	h.t.Helper()
	var a answer
	decode(h.t, out, &a)
	if !slices.Contains([]int{200, 202, 400, 401, 403, 404, 405, 409, 413, 415, 422, 503}, a.StatusCode) ||
		a.Headers["Cache-Control"] != "no-store" || a.IsBase64Encoded || !json.Valid([]byte(a.Body)) {
		h.t.Fatalf("answered %s", out)
	}
	return a
}

// sound checks that nothing broke and no secret got out.
func (h *harness) sound(out string) {
	h.t.Helper()
	said := h.log.String() + out
	if strings.Contains(said, `"msg":"panic"`) || strings.Contains(said, keySecret) || strings.Contains(said, token) {
		h.t.Fatalf("said: %s", said)
	}
}
