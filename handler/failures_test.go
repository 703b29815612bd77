package handler_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// everyTrigger is one payload of each trigger that has something to do.
func (h *harness) everyTrigger() map[string]string {
	return map[string]string{
		"file": string(oss.EventJSON(h.upload("changes/a.yaml", setPort))),
		"wake": string(oss.EventJSON(oss.Event{Name: oss.PutObjectEvent, Bucket: cloudtest.Bucket, Key: "wake/cn-hangzhou/vss-one"})),
		"tick": tick("night", h.Clock.Now().Add(-time.Minute), setPort), "sweep": tick("sweep", h.Clock.Now(), ""),
		"due": fmt.Sprintf(`{"wake":{"at":%q,"lanes":[{"lane":"cn-hangzhou/vss-one"}]}}`, h.Clock.Now().Format(time.RFC3339Nano)),
	}
}

func TestAFunctionThatCannotWork(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(*harness) error{
		"the bucket is missing": func(h *harness) error {
			return h.OSS.Inject(oss.Fault{Kind: oss.AccessDenied, Op: "GetBucketVersioning", Times: -1})
		},
		"the bucket was versioned": func(h *harness) error { return h.OSS.SetVersioning(cloudtest.Bucket, "Suspended") },
		"the bucket has versions":  func(h *harness) error { return h.OSS.SetVersioning(cloudtest.Bucket, "Enabled") },
		"the store does not answer": func(h *harness) error {
			return h.OSS.Inject(oss.Fault{Kind: oss.DropBefore, Times: -1})
		},
		"the credentials are old": func(h *harness) error { return h.OSS.Inject(oss.Fault{Kind: oss.TokenExpired, Times: -1}) },
		"there are no services": func(h *harness) error {
			h.opening(func(context.Context, handler.Invocation) (handler.Services, error) {
				return handler.Services{}, errors.New("internal-detail: no role")
			})
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			events := h.everyTrigger()
			if err := breakIt(h); err != nil {
				t.Fatal(err)
			}
			for _, c := range []call{post("/v1/changes", setPort), post("/v1/plans", setPort), get("/v1/changes/20261122-aaaaaaaaaa")} {
				a := h.ask(c, 503)
				if a.Headers["Retry-After"] != "10" || !strings.Contains(a.Body, requestID) {
					t.Errorf("answered %v, %s", a.Headers, a.Body)
				}
				for _, detail := range []string{cloudtest.Bucket, "versioning", "AccessDenied", "internal-detail", "oss://", "127.0.0.1", "credentials"} {
					if strings.Contains(a.Body, detail) {
						t.Errorf("the answer shows %q: %s", detail, a.Body)
					}
				}
			}
			h.problem(call{method: "POST", path: "/v1/changes", body: setPort, secret: "none"}, 401, "unauthorized")
			h.ask(get("/healthz"), 200)
			for trigger, payload := range events {
				if out, err := h.invoke(payload); err == nil || out != "" {
					t.Errorf("%s: %s, %v", trigger, out, err)
				}
			}
			if n := strings.Count(h.log.String(), `"level":"ERROR"`); n != 8 {
				t.Errorf("%d errors are logged of 8:\n%s", n, h.log)
			}
		})
	}
}

// The store goes away in the middle; the same request then does it, once.
func TestARequestThatWasCutShortIsRepeated(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]oss.Fault{
		"at the claim":         {Kind: oss.ServiceUnavailable, KeyPrefix: "claims/", Times: -1},
		"at the first entry":   {Kind: oss.ServiceUnavailable, KeyPrefix: "queue/", Op: "PutObject", Times: -1},
		"at the second entry":  {Kind: oss.DropBefore, KeyPrefix: "queue/", Op: "PutObject", Skip: 1, Times: -1},
		"entries land unknown": {Kind: oss.DropAfter, KeyPrefix: "queue/", Times: -1},
		"while draining":       {Kind: oss.ServiceUnavailable, KeyPrefix: "lanes/", Times: -1},
		"at the records":       {Kind: oss.ServiceUnavailable, KeyPrefix: "results/", Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.Server("vss-one")
			h.Server("vss-two")
			h.fault(f)
			c := again(post("/v1/changes", twoServers).with("Prefer", "wait=20"))
			h.problem(c, 503, "unavailable")
			h.OSS.ClearFaults()
			h.ask(c, 200)
			h.count("results/", 3)
			h.count("queue/", 0)
			if n := h.VPC.Snapshot().Effective; n != 2 {
				t.Errorf("%d effective modifications of two servers", n)
			}
		})
	}
}

func TestAnEventThatWasCutShortIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	bad, good := h.upload("changes/a.yaml", twoServers), h.upload("changes/b.yaml", setPort)
	text := string(oss.EventJSON(bad))
	payload := text[:len(text)-2] + "," + string(oss.EventJSON(good))[len(`{"events":[`):]
	h.fault(oss.Fault{Kind: oss.ServiceUnavailable, Op: "GetObject", KeyPrefix: "changes/a.yaml", Times: -1})
	if out, err := h.invoke(payload); err == nil || !strings.Contains(err.Error(), "deliver the event again") {
		t.Errorf("%s, %v", out, err)
	}
	h.count("receipts/", 1) // one file does not keep another
	h.OSS.ClearFaults()
	if s := h.deliver(payload); len(s.Files) != 2 || s.Files[0].Status != "accepted" || s.Files[1].Status != "accepted" {
		t.Errorf("delivered again: %+v", s)
	}
	h.count("queue/", 1) // the lane of the file with one is drained, the others have wake objects
	h.count("receipts/", 2)
}

func TestPanics(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	events := h.everyTrigger()
	h.opening(func(context.Context, handler.Invocation) (handler.Services, error) {
		panic("internal-detail")
	})
	for _, c := range []call{post("/v1/changes", setPort), post("/v1/plans", setPort), get("/v1/changes/20261122-aaaaaaaaaa")} {
		p := h.problem(c, 500, "internal")
		if !strings.Contains(p.Detail, requestID) || strings.Contains(p.Detail+p.Title, "internal-detail") || strings.Contains(p.Detail, "goroutine") {
			t.Errorf("the answer is %+v", p)
		}
	}
	for trigger, payload := range events {
		out, err := h.invoke(payload)
		if err == nil || out != "" || err.Error() != "the function failed; its log says more" {
			t.Errorf("%s: %s, %v", trigger, out, err)
		}
	}
	if n := strings.Count(h.log.String(), `"msg":"panic"`); n != 8 || !strings.Contains(h.log.String(), "internal-detail") {
		t.Errorf("%d panics are logged of 8", n)
	}
}

func TestAFunctionWhoseConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	handle := handler.Misconfigured(errors.New("CHANGE_BUCKET is required"), h.logger())
	out, err := handle(t.Context(), []byte(h.payload(post("/v1/changes", setPort))))
	if err != nil {
		t.Fatal(err)
	}
	if a := h.answer(string(out), 503); strings.Contains(a.Body, "CHANGE_BUCKET") {
		t.Errorf("the answer shows %s", a.Body)
	}
	for _, payload := range []string{tick("sweep", time.Now(), ""), "garbage"} {
		if out, err := handle(t.Context(), []byte(payload)); err == nil || out != nil || !strings.Contains(err.Error(), "CHANGE_BUCKET") {
			t.Errorf("%s, %v", out, err)
		}
	}
	if !strings.Contains(h.log.String(), "CHANGE_BUCKET is required") {
		t.Error("the log does not say what is wrong")
	}
}

func TestNoSecretIsEverSeen(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	var seen []string
	see := func(payload string) {
		out, err := h.invoke(payload)
		seen = append(seen, out)
		if err != nil {
			seen = append(seen, err.Error())
		}
	}
	requests := func() []string {
		wrong := post("/v1/changes", setPort)
		wrong.secret = stranger
		return []string{
			h.payload(post("/v1/changes", setPort)), h.payload(post("/v1/changes", setPort).with("Prefer", "wait=20")), h.payload(wrong),
			h.payload(post("/v1/plans", setPort)), h.payload(get("/v1/changes/20261122-aaaaaaaaaa")), h.payload(get("/healthz")),
			h.payload(post("/v1/changes", setPort+"AccessKeySecret: in-a-document\n")),
			h.payload(post("/v1/changes", setPort+"ClientToken: t\n")),
		}
	}
	for _, kind := range []oss.FaultKind{"", oss.AccessDenied, oss.TokenExpired, oss.ClockSkewed, oss.BadGateway, oss.DropBefore} {
		if kind != "" {
			h.fault(oss.Fault{Kind: kind, Times: -1})
		}
		for _, payload := range requests() {
			see(payload)
		}
		h.OSS.ClearFaults()
		for _, payload := range h.everyTrigger() {
			if kind != "" {
				h.fault(oss.Fault{Kind: kind, KeyPrefix: "queue/", Times: -1})
			}
			see(payload)
			h.OSS.ClearFaults()
		}
	}
	for _, key := range h.Keys(t.Context(), "") {
		obj, err := h.Store.Get(t.Context(), key, getAll())
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, key, string(obj.Data))
	}
	if len(seen) < 100 {
		t.Fatalf("only %d texts were collected", len(seen))
	}
	all := strings.Join(append(seen, h.log.String()), "\n")
	for _, secret := range slices.Concat([]string{keySecret, token, "in-a-document", "cloudtest-secret"}, keysOf(chatBot), keysOf(oldBot), keysOf(stranger)) {
		if i := strings.Index(all, secret); i >= 0 {
			t.Errorf("%q is seen: …%s…", secret, all[max(0, i-200):min(len(all), i+100)])
		}
	}
}
