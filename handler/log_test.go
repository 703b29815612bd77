package handler_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// logLine is one line of the log.
type logLine map[string]any

func (l logLine) text(name string) string { s, _ := l[name].(string); return s }

func (l logLine) number(name string) int {
	n, ok := l[name].(float64)
	if !ok {
		return -1
	}
	return int(n)
}

// lines are those with a message, in order.
func (h *harness) lines(msg string) []logLine {
	h.t.Helper()
	var out []logLine
	for text := range strings.Lines(h.log.String()) {
		var l logLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			h.t.Fatalf("not JSON: %s", text)
		}
		if l["msg"] == msg {
			out = append(out, l)
		}
	}
	return out
}

// last is the last line with a message.
func (h *harness) last(msg string) logLine {
	h.t.Helper()
	all := h.lines(msg)
	if len(all) == 0 {
		h.t.Fatalf("there is no line %q", msg)
	}
	return all[len(all)-1]
}

// TestEveryInvocationHasOneLine makes one invocation of each kind.
func TestEveryInvocationHasOneLine(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	wakeUp := fmt.Sprintf(`{"wake":{"at":%q,"lanes":[{"lane":"cn-hangzhou/vss-one"}]}}`, h.Clock.Now().Add(-time.Second).Format(time.RFC3339))
	for i, tt := range []struct{ payload, kind, route, outcome, problem string }{
		{h.payload(post("/v1/changes", setPort)), "http", "POST /v1/changes", "ok", ""},
		{h.payload(post("/v1/changes", "Port: 1")), "http", "POST /v1/changes", "refused", "invalid"},
		{h.payload(get("/v1/changes/20261122-aaaaaaaaaa")), "http", "GET /v1/changes/{id}", "refused", "no-change"},
		{h.payload(call{method: "HEAD", path: "/healthz/", secret: "none"}), "http", "GET /healthz", "ok", ""},
		{h.payload(call{method: "BREW", path: "/v1/changes", secret: "none"}), "http", "other", "refused", "method"},
		{h.payload(call{method: "GET", path: "/wp-login.php?id=secret", secret: "none"}), "http", "other", "refused", "not-found"},
		{h.payload(call{method: "POST", path: "/chat/nosuch", secret: "none"}), "http", "other", "refused", "not-found"},
		{string(oss.EventJSON(h.upload("changes/a.yaml", setPort))), "file", "", "ok", ""},
		{string(oss.EventJSON(h.upload("wake/cn-hangzhou/vss-one", "x"))), "wake", "", "ok", ""},
		{string(oss.EventJSON(h.upload("outbox/answers/x", "x"))), "answers", "", "ok", ""},
		{string(oss.EventJSON(h.upload("results/x", "x"))), "refused", "", "refused", ""},
		{tick("sweep", h.Clock.Now(), `{"task":"sweep"}`), "sweep", "", "ok", ""},
		{tick("nightly", h.Clock.Now(), setPort), "schedule", "", "ok", ""},
		{tick("nightly", h.Clock.Now(), `{"task":"swep"}`), "refused", "", "refused", ""},
		{wakeUp, "wake-up", "", "ok", ""},
		{`{}`, "refused", "", "refused", ""},
	} {
		_, _ = h.invoke(tt.payload)
		all := h.lines("invocation")
		if len(all) != i+1 {
			t.Fatalf("%d lines after %d invocations", len(all), i+1)
		}
		l := all[i]
		if l.text("kind") != tt.kind || l.text("route") != tt.route || l.text("outcome") != tt.outcome || l.text("problem") != tt.problem {
			t.Errorf("%s\nhas the line %v", tt.payload, l)
		}
		if (l.number("http_status") > 0) != (tt.kind == "http") || l["cold_start"] != (i == 0) || l.number("duration_ms") < 0 || l.text("request_id") != requestID {
			t.Errorf("the line is %v", l)
		}
	}
	if strings.Contains(h.log.String(), "wp-login") {
		t.Error("the path of a request of a stranger is logged")
	}
}

// TestEveryRouteIsOne asks for each route that the answer to an unknown path names.
func TestEveryRouteIsOne(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	detail := h.problem(get("/nothing"), 404, "not-found").Detail
	routes := regexp.MustCompile(`(GET|POST) (/[^, ]*[^, .])`).FindAllStringSubmatch(detail, -1)
	if len(routes) < 10 {
		t.Fatalf("the routes are %v", routes)
	}
	for _, m := range routes {
		path := regexp.MustCompile(`{[^}]*}`).ReplaceAllString(m[2], "x-9")
		_, _ = h.invoke(h.payload(call{method: m[1], path: path, secret: "none"}))
		if l := h.last("invocation"); l.text("route") != m[0] || l.number("http_status") == 404 {
			t.Errorf("%s %s has the line %v", m[1], path, l)
		}
	}
}

// TestAnInvocationCountsWhatItUsed compares the line with what the emulators saw.
func TestAnInvocationCountsWhatItUsed(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	h.ask(post("/v1/changes", setPort), 202)
	if err := h.VPC.Inject(vpc.Fault{Action: "DescribeSslVpnServers", Kind: vpc.FaultError, Status: 503, Code: "ServiceUnavailable"}); err != nil {
		t.Fatal(err)
	}
	requests, calls := len(h.OSS.Requests()), len(h.VPC.Calls(""))
	h.drain("vss-one")
	l := h.last("invocation")
	requests, calls = len(h.OSS.Requests())-requests, len(h.VPC.Calls(""))-calls
	if l.number("oss_requests") != requests || l.number("api_calls") != calls || l.number("api_errors") != 1 || l.number("retries") != 1 || l.number("lanes") != 1 || l.number("ended") != 1 {
		t.Errorf("%d requests and %d calls have the line %v", requests, calls, l)
	}
}

// TestAPanicHasALine makes the function panic.
func TestAPanicHasALine(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.opening(func(context.Context, handler.Invocation) (handler.Services, error) { panic("on purpose") })
	for kind, payload := range map[string]string{"http": h.payload(get("/v1/windows")), "sweep": tick("sweep", h.Clock.Now(), "")} {
		_, _ = h.invoke(payload)
		if l := h.last("invocation"); l.text("kind") != kind || l.text("outcome") != "panic" {
			t.Errorf("the line is %v", l)
		}
	}
}

// TestTheSweepHasGauges makes a change wait for its gateway, another one for approval, and
// a third one for a freeze.
func TestTheSweepHasGauges(t *testing.T) {
	t.Parallel()
	h, _ := newAsking(t, asking)
	h.sweep()
	if l := h.last("invocation"); l.number("waiting") != 0 || l.number("approvals_open") != 0 || l.number("oldest_waiting_s") != 0 || l.number("outbox_pending") != 0 || l.text("policy") == "" {
		t.Errorf("the idle sweep has the line %v", l)
	}
	h.told(says("apply one port=1195"), 202, "taken")
	h.later(10 * time.Minute)
	h.sweep()
	l := h.last("invocation")
	if l.number("waiting") != 1 || l.number("waiting_approval") != 1 || l.number("approvals_open") != 1 || l.number("oldest_waiting_s") < 600 || l.number("oldest_approval_s") < 600 {
		t.Errorf("the sweep has the line %v", l)
	}
}

// TestTheLineOfAChangeThatEnded has who asked for what, and how long it took.
func TestTheLineOfAChangeThatEnded(t *testing.T) {
	t.Parallel()
	h := newTwoServers(t, people)
	id := h.accepted(post("/v1/changes", "RegionId: cn-hangzhou\nSslVpnServerId: vss-one\nPort: 1195\nProto: TCP\n"))[0]
	h.drain("vss-one")
	l := h.last("change ended")
	want := logLine{
		"change": id, "status": "applied", "person": "bot", "channel": "http", "server": "one", "server_id": "vss-one", "region": "cn-hangzhou",
	}
	for name, value := range want {
		if l[name] != value {
			t.Errorf("%s is %v, want %v", name, l[name], value)
		}
	}
	settings := strings.Split(l.text("settings"), ",")
	slices.Sort(settings)
	if !slices.Equal(settings, []string{"Port", "Proto"}) || strings.Contains(h.log.String(), "1195") {
		t.Errorf("the line is %v; it has names of settings, and no values", l)
	}
	for _, name := range []string{"total_ms", "since_due_ms", "waited_gateway_ms", "waited_approval_ms", "waited_queue_ms", "cost_oss_requests", "cost_api_calls"} {
		if l.number(name) < 0 {
			t.Errorf("there is no %s in %v", name, l)
		}
	}
}
