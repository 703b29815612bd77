package handler_test

import (
	"context"
	"encoding/json"
	"runtime"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.opts.Version, h.opts.Commit = "v1.2.3", "fd60090b1ea5cbbf4e2cb56a3c9dc0b05a7a1d4e"
	h.cfg.NoPolicy = false
	first := h.Clock.Now()
	h.start()
	last := h.Clock.Now()
	h.Clock.Advance(time.Minute)
	h.problem(call{method: "GET", path: "/v1/version", secret: "none"}, 401, "unauthorized")
	want := map[string]any{
		"version": "v1.2.3", "commit": "fd60090b1ea5cbbf4e2cb56a3c9dc0b05a7a1d4e", "go": runtime.Version(),
	}
	check := func(when string) {
		t.Helper()
		var got map[string]any
		if err := json.Unmarshal([]byte(h.ask(get("/v1/version"), 200).Body), &got); err != nil {
			t.Fatal(err)
		}
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("%s: %s is %v, want %v", when, name, got[name], want[name])
			}
		}
		text, _ := got["startedAt"].(string)
		if at, err := time.Parse(time.RFC3339Nano, text); err != nil || at.Before(first) || at.After(last) {
			t.Errorf("%s: startedAt is %q, want one between %v and %v", when, text, first, last)
		}
		if len(got) != len(want)+1 {
			t.Errorf("%s: it answers %v", when, got)
		}
	}
	check("without a policy")
	if err := h.Store.Put(context.Background(), objects.PolicyFile, []byte("people: 7\n")); err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(time.Hour) // the policy is read again
	check("with an invalid policy")
}
