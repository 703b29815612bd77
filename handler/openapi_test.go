package handler_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/openapi"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// administered is the policy of the tests with a guard and a window, by which the sender
// is an administrator.
const administered = people + `
guards:
  - {servers: [two], settings: [Port], maxConnected: 1000, otherwise: refuse}
windows:
  - name: nights
    servers: [two]
    settings: [Proto]
    timeZone: Asia/Shanghai
    open: [{days: [mon], from: "22:00", to: "06:00"}]
`

// route is how a test makes the answers of one described operation.
type route struct {
	good call            // answered with 200, or 202
	more []call          // others that are accepted
	bad  map[string]call // by kind of problem: what only this route refuses
	// before prepares the harness for an answer.
	before map[string]func(*harness)
}

// unruled deletes the policy.
func (h *harness) unruled() {
	h.t.Helper()
	if err := h.Store.Delete(h.t.Context(), objects.PolicyFile); err != nil {
		h.t.Fatal(err)
	}
	h.start()
}

// replaced puts another policy, and the first one again.
func replaced(rules string) []call {
	const empty = "people: []\ngrants: []\n"
	return []call{
		jsonPost("/v1/policy", `{"text":`+quoted(empty)+`,"base":"`+digestOf(rules)+`","giveUpRight":true}`),
		jsonPost("/v1/policy", `{"text":`+quoted(rules)+`,"base":"`+digestOf(empty)+`","reason":"CHG-7"}`).by(checker),
	}
}

func receiptOf(path string) call {
	return call{method: "GET", path: "/v1/receipts", query: map[string]string{"path": path}}
}

func jsonPost(path, body string) call {
	return post(path, body).with("Content-Type", "application/json")
}

// routes has every operation of the description except GET and HEAD /healthz. id is a
// change that waits.
func routes(id, rules string) map[string]route {
	puts := replaced(rules)
	ofServer := func(path, server string) call {
		return call{method: "GET", path: path, query: map[string]string{"server": server}}
	}
	strange := func(path string) call {
		return call{method: "GET", path: path, query: map[string]string{"strange": "1"}}
	}
	return map[string]route{
		"POST /v1/changes": {good: post("/v1/changes", setPort), more: []call{
			jsonPost("/v1/changes", `{"RegionId":"cn-hangzhou","SslVpnServerId":"vss-one","Port":1201,"reason":"r"}`),
			post("/v1/changes", "changes:\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Port: 1202, confirm: 10m}\nproof: true\nwhen: idle(5)\n"),
		}},
		"POST /v1/plans": {good: post("/v1/plans", setPort), more: []call{
			post("/v1/plans", "RegionId: cn-hangzhou\nSslVpnServerId: vss-two\nProto: TCP\nconfirm: 10m\n"),
			post("/v1/plans", "RegionId: cn-hangzhou\nSslVpnServerId: vss-gone\nPort: 1195\n"),
		}},
		"GET /v1/changes": {good: get("/v1/changes"), more: []call{
			{method: "GET", path: "/v1/changes", query: map[string]string{"status": "waiting", "limit": "1"}},
			{method: "GET", path: "/v1/changes", query: map[string]string{"status": "applied,planned", "by": "bot", "since": "7d", "until": "1h"}},
			ofServer("/v1/changes", "cn-hangzhou/vss-one"),
		}, bad: map[string]call{"404": ofServer("/v1/changes", "none"), "422": strange("/v1/changes")}},
		"GET /v1/changes/{id}": {good: get("/v1/changes/" + id), more: []call{get("/v1/changes/" + id[:19])}, bad: map[string]call{
			"404": get("/v1/changes/20261122-aaaaaaaaaa"), "409": get("/v1/changes/"+id).with("webhook-id", "msg_used"),
		}},
		"POST /v1/commands": {good: jsonPost("/v1/commands", `{"command":"servers"}`), more: []call{
			jsonPost("/v1/commands", `{"command":"apply two port=1199 reason=x","lang":"zh"}`),
			jsonPost("/v1/commands", `{"command":"status"}`), jsonPost("/v1/commands", `{"command":"plan two proto=tcp"}`), jsonPost("/v1/commands", `{"command":"plan one cipher=none"}`),
			jsonPost("/v1/commands", `{"command":"windows two"}`), jsonPost("/v1/commands", `{"command":"history one"}`),
			jsonPost("/v1/commands", `{"command":"help"}`), jsonPost("/v1/commands", `{"command":"status `+id+`"}`),
		}, bad: map[string]call{
			"404": jsonPost("/v1/commands", `{"command":"plan none port=1195"}`),
		}},
		"GET /v1/permissions": {good: ofServer("/v1/permissions", "two"), more: []call{
			{method: "GET", path: "/v1/permissions", query: map[string]string{"server": "two", "settings": "port", "person": "mei"}},
		}, bad: map[string]call{"404": ofServer("/v1/permissions", "none"), "422": strange("/v1/permissions")}},
		"GET /v1/identity": {good: get("/v1/identity")},
		"GET /v1/windows": {good: get("/v1/windows"), more: []call{
			{method: "GET", path: "/v1/windows", query: map[string]string{"server": "two", "from": "2026-11-27T00:00:00+08:00", "until": "2026-12-27T00:00:00+08:00"}},
		}, bad: map[string]call{"404": ofServer("/v1/windows", "none"), "422": strange("/v1/windows")}},
		"GET /v1/receipts":                {good: receiptOf("changes/known.yaml"), bad: map[string]call{"404": receiptOf("changes/unknown.yaml"), "422": receiptOf("known.yaml")}},
		"GET /v1/policy":                  {good: get("/v1/policy"), bad: map[string]call{"404": get("/v1/policy").by(checker)}, before: map[string]func(*harness){"404": (*harness).unruled}},
		"POST /v1/policy":                 {good: puts[0], more: puts[1:], bad: map[string]call{"422": jsonPost("/v1/policy", "{}")}},
		"POST /v1/policy/check":           {good: jsonPost("/v1/policy/check", `{"text":"people: []\ngrants: []\n"}`), more: []call{jsonPost("/v1/policy/check", `{"text":"x"}`)}, bad: map[string]call{"422": jsonPost("/v1/policy/check", "{}")}},
		"GET /v1/policy/history":          {good: get("/v1/policy/history"), more: []call{{method: "GET", path: "/v1/policy/history", query: map[string]string{"limit": "1", "before": "2"}}}, bad: map[string]call{"422": strange("/v1/policy/history")}},
		"GET /v1/policy/history/{number}": {good: get("/v1/policy/history/1"), bad: map[string]call{"404": get("/v1/policy/history/99")}},
		"GET /v1/version":                 {good: get("/v1/version")},
		"POST /v1/doctor": {good: check(`{"check":"create-only"}`), more: []call{
			check(`{"check":"client-list"}`), check(`{"check":"dry-run","server":"cn-hangzhou/vss-one"}`), check(`{"check":"retry","run":"` + strings.Repeat("a", 26) + `"}`),
		}, bad: map[string]call{"422": check(`{"check":"x"}`)}},
		"POST /v1/reindex": {good: reindex(`{"since":"2026-01-01"}`), more: []call{reindex(`{}`)}, bad: map[string]call{"422": reindex(`{"since":"x"}`)}},
	}
}

// provoke makes the answer of one status, as every route refuses it.
func provoke(h *harness, rules, status string, r route) {
	c := r.good
	if bad, ok := r.bad[status]; ok {
		c = bad
	}
	body := map[bool]string{true: c.body}[c.method == "POST"]
	switch status {
	case "200", "202":
		for _, good := range append([]call{r.good}, r.more...) {
			h.conforms(good)
			h.any(good)
		}
	case "400":
		c.body = "{"
		h.ask(c.with("Content-Type", "application/json"), 400)
	case "401":
		h.ask(c.by("none"), 401)
	case "403":
		h.rule(strings.ReplaceAll(rules, "chat-bot", "somebody"))
		h.ask(c, 403)
		h.rule(rules)
	case "404":
		if before := r.before[status]; before != nil {
			before(h)
			defer h.rule(rules)
		}
		h.ask(c, 404)
	case "409":
		used := get("/v1/changes")
		used.id, c.id = "msg_used", "msg_used"
		h.any(used)
		if c.path == used.path && c.method == used.method {
			c.query = map[string]string{"limit": "7"}
		}
		h.ask(c, 409)
	case "413":
		c.body = body + strings.Repeat(" ", 1<<20+1)
		h.ask(c, 413)
	case "415":
		h.ask(c.with("Content-Type", "text/plain"), 415)
	case "422":
		if c.method == "POST" && len(r.bad) == 0 {
			c.body = "strange: 1\n"
		} else if _, ok := r.bad["422"]; !ok {
			c.body = `{"strange":1}`
		}
		h.ask(c, 422)
	case "500":
		h.opening(func(context.Context, handler.Invocation) (handler.Services, error) { panic("provoked") })
		h.ask(c, 500)
		h.start()
	case "503":
		h.fault(oss.Fault{Kind: oss.ServiceUnavailable, Times: -1})
		h.ask(c, 503)
		h.OSS.ClearFaults()
	default:
		h.t.Errorf("nothing makes the answer %s of %s %s", status, c.method, c.path)
	}
}

// any makes a request that is not refused.
func (h *harness) any(c call) {
	h.t.Helper()
	out, err := h.invoke(h.payload(c))
	if err != nil {
		h.t.Fatal(err)
	}
	var a answer
	decode(h.t, out, &a)
	if a.StatusCode >= 300 {
		h.t.Errorf("%s %s is answered with %d: %s", c.method, c.path, a.StatusCode, a.Body)
	}
	h.matches(c, h.answer(out, a.StatusCode))
}

// conforms checks a request against the description.
func (h *harness) conforms(c call) {
	h.t.Helper()
	header := map[string]string{"webhook-id": "msg", "webhook-timestamp": "1", "webhook-signature": "v1,"}
	maps.Copy(header, c.header)
	if err := h.spec.Request(h.t.Context(), openapi.Exchange{Method: c.method, Path: c.path, Query: c.query, Header: header, Body: c.body}); err != nil {
		h.t.Errorf("%s %s is accepted, and not described: %v", c.method, c.path, err)
	}
}

// TestEveryDescribedAnswer makes every answer that docs/openapi.yaml describes.
func TestEveryDescribedAnswer(t *testing.T) {
	t.Parallel()
	rules := strings.Replace(administered, "grants:\n", "grants:\n  - {who: [bot], roles: [admin, policy-editor], servers: [\"*\"]}\n", 1)
	h := newTwoServers(t, "")
	h.cfg.Editors = []string{"checker"}
	h.rule(rules)
	for _, c := range replaced(rules) {
		h.ask(c, 200)
	}
	h.deliver(string(oss.EventJSON(h.upload("changes/known.yaml", setPort))))
	var err error
	if h.spec, err = openapi.Load(t.Context(), "../docs/openapi.yaml"); err != nil {
		t.Fatal(err)
	}
	id := h.accepted(post("/v1/changes", strings.ReplaceAll(setPort, "vss-one", "vss-two")))[0]
	h.ask(call{method: "GET", path: "/healthz", secret: "none"}, 200)
	h.ask(call{method: "HEAD", path: "/healthz", secret: "none"}, 200)
	misconfigured := handler.Misconfigured(errors.New("CHANGE_BUCKET is required"), h.logger())
	for _, c := range []call{get("/healthz"), {method: "HEAD", path: "/healthz"}} {
		out, err := misconfigured(t.Context(), []byte(h.payload(c)))
		if err != nil {
			t.Fatal(err)
		}
		h.matches(c, h.answer(string(out), 503))
	}
	h.ask(post("/v1/changes", setPort).with("Prefer", "wait=20"), 200)
	all := routes(id, rules)
	for _, name := range h.spec.Unseen() { // "GET /v1/changes 200"
		op, status := name[:strings.LastIndexByte(name, ' ')], name[strings.LastIndexByte(name, ' ')+1:]
		r, ok := all[op]
		if !ok {
			t.Errorf("no test makes the answers of %s", op)
			continue
		}
		provoke(h, rules, status, r)
	}
	if left := h.spec.Unseen(); len(left) > 0 {
		t.Errorf("described, and not seen:\n%s", strings.Join(left, "\n"))
	}
}

// TestTheDescriptionHasEveryRoute compares it with the routes that the answer to an
// unknown one lists.
func TestTheDescriptionHasEveryRoute(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	spec, err := described()
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{"HEAD /healthz": true}
	detail := strings.TrimSuffix(h.problem(get("/nothing"), 404, "not-found").Detail, ".")
	for name := range strings.SplitSeq(strings.ReplaceAll(strings.TrimPrefix(detail, "The routes are "), " and ", ", "), ", ") {
		listed[name] = true
	}
	for _, name := range spec.Operations() {
		if !listed[name] {
			t.Errorf("%s is described, and the answer to an unknown route does not list it", name)
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("%s is not described", name)
	}
}
