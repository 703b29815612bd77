package handler_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.Server("vss-one")
	for _, tt := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/healthz", 200, ""},
		{"HEAD", "/healthz", 200, ""},
		{"GET", "/healthz/", 200, ""},
		{"POST", "/healthz", 405, "GET, HEAD"},
		{"POST", "/v1/changes", 202, ""},
		{"POST", "/v1/changes/", 202, ""},
		{"GET", "/v1/changes", 200, ""},
		{"PUT", "/v1/changes", 405, "GET, POST"},
		{"POST", "/v1/plans", 200, ""},
		{"GET", "/v1/plans", 405, "POST"},
		{"GET", "/v1/changes/20261122-aaaaaaaaaa", 404, ""},
		{"DELETE", "/v1/changes/20261122-aaaaaaaaaa", 405, "GET"},
		{"GET", "/v1/permissions", 422, ""},
		{"POST", "/v1/permissions", 405, "GET"},
		{"GET", "/v1/identity", 200, ""},
		{"POST", "/v1/identity", 405, "GET"},
		{"GET", "/v1/windows", 200, ""},
		{"POST", "/v1/windows", 405, "GET"},
		{"GET", "/v1/version", 200, ""},
		{"POST", "/v1/version", 405, "GET"},
		{"GET", "/", 404, ""},
		{"GET", "", 404, ""},
		{"GET", "//", 404, ""},
		{"GET", "/v1", 404, ""},
		{"POST", "/v2/changes", 404, ""},
		{"GET", "/v1/changes/a/b", 404, ""},
		{"GET", "/V1/changes", 404, ""},
		{"GET", "/healthz/x", 404, ""},
		{"GET", "/v1/changes//", 404, ""},
		{"OPTIONS", "/v1/changes", 405, "GET, POST"},
		{"GET", "/wake/cn-hangzhou/vss-one", 404, ""},
	} {
		c := call{method: tt.method, path: tt.path, header: map[string]string{"content-TYPE": "application/yaml"}}
		if tt.method == "POST" {
			c.body = setPort
		}
		a := h.ask(c, tt.status)
		if a.Headers["Allow"] != tt.allow {
			t.Errorf("%s %s: Allow is %q, want %q", tt.method, tt.path, a.Headers["Allow"], tt.allow)
		}
	}
}

func TestHealthzShowsNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	a := h.ask(call{method: "GET", path: "/healthz", secret: "none"}, 200)
	if a.Body != "{\n  \"status\": \"ok\"\n}\n" || len(a.Headers) != 2 {
		t.Errorf("it shows %q, %v", a.Body, a.Headers)
	}
	if n := len(h.OSS.Requests()); n != 0 {
		t.Errorf("it cost %d requests to the store", n)
	}
}

func TestUnknownRoutesAreTheSameSignedOrNot(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	signed, unsigned := h.ask(get("/nothing"), 404), h.ask(call{method: "GET", path: "/nothing", secret: "none"}, 404)
	if signed.Body != unsigned.Body {
		t.Errorf("signed %s, unsigned %s", signed.Body, unsigned.Body)
	}
	h.problem(get("/nothing"), 404, "not-found")
	h.problem(get("/v1/plans"), 405, "method")
}

// The answer does not depend on what is wrong with the signature.
func TestEverySignatureThatFailsGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	good := post("/v1/changes", setPort)
	unsigned, wrongSecret, tooOld, tooNew := good, good, good, good
	unsigned.secret, wrongSecret.secret = "none", stranger
	tooOld.age, tooNew.age = 6*time.Minute, -6*time.Minute
	bodies := map[string][]string{}
	for name, c := range map[string]call{
		"unsigned": unsigned, "another secret": wrongSecret, "too old": tooOld, "too new": tooNew,
		"no id":               good.with("webhook-id", ""),
		"another id":          good.with("webhook-id", "msg_other"),
		"an id with a dot":    good.with("webhook-id", "msg.1"),
		"another time":        good.with("webhook-timestamp", strconv.FormatInt(h.Clock.Now().Unix()-1, 10)),
		"no number as time":   good.with("webhook-timestamp", "now"),
		"no signature":        good.with("webhook-signature", ""),
		"a broken signature":  good.with("webhook-signature", "v1,AAAA"),
		"many signatures":     good.with("webhook-signature", strings.Repeat("v1,AAAA ", 20)),
		"another form":        good.with("webhook-signature", "v1a,AAAA"),
		"unsigned plan":       {method: "POST", path: "/v1/plans", secret: "none", body: setPort},
		"unsigned question":   {method: "GET", path: "/v1/changes/20261122-aaaaaaaaaa", secret: "none"},
		"unsigned odd id":     {method: "GET", path: "/v1/changes/x", secret: "none"},
		"unsigned, no format": {method: "POST", path: "/v1/changes", secret: "none", body: "{"},
	} {
		a := h.ask(c, 401)
		bodies[a.Body+fmt.Sprint(a.Headers)] = append(bodies[a.Body+fmt.Sprint(a.Headers)], name)
	}
	if len(bodies) != 1 {
		t.Errorf("there are %d different answers: %q", len(bodies), bodies)
	}
	h.problem(unsigned, 401, "unauthorized")
	if n := len(h.OSS.Requests()); n != 0 {
		t.Errorf("they cost %d requests to the store", n)
	}
	for _, reason := range []string{"missing-header", "too-old", "too-new", "no-matching-signature", "invalid-id", "invalid-timestamp", "too-many-signatures"} {
		if !strings.Contains(h.log.String(), `"reason":"`+reason+`"`) {
			t.Errorf("the log does not tell of %s", reason)
		}
	}
}

func TestSignaturesAreOverTheBodyAsSent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	c := post("/v1/changes", setPort)
	c.base64 = true
	h.accepted(c)
	rotated := post("/v1/changes", setPort)
	rotated.secret = oldBot
	h.accepted(rotated)
	altered := strings.Replace(h.payload(post("/v1/changes", setPort)), "1195", "1196", 1)
	out, err := h.invoke(altered)
	if err != nil {
		t.Fatal(err)
	}
	h.answer(out, 401)
	h.count("queue/", 2)
}

func TestWithoutSendersEveryRequestIsRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	with := h.ask(call{method: "POST", path: "/v1/changes", secret: "none", body: setPort}, 401)
	h.cfg.Senders = nil
	h.start()
	without := h.ask(post("/v1/changes", setPort), 401)
	if with.Body != without.Body || fmt.Sprint(with.Headers) != fmt.Sprint(without.Headers) {
		t.Errorf("it shows that there are no senders: %s", without.Body)
	}
	h.ask(get("/healthz"), 200)
	if !strings.Contains(h.log.String(), "WEBHOOK_SECRETS is not set") {
		t.Error("the log does not say why")
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	of := func(mediaType, body string) call {
		return call{method: "POST", path: "/v1/changes", body: body, header: map[string]string{"Content-Type": mediaType}}
	}
	asJSON := `{"RegionId":"cn-hangzhou","SslVpnServerId":"vss-one","Port":1195}`
	for _, c := range []call{
		of("application/json", asJSON), of("Application/JSON; charset=UTF-8", asJSON), of("application/yaml", setPort),
		of("text/yaml", setPort), of("application/x-yaml", setPort), of("text/x-yaml;charset=utf-8", setPort), of("application/yaml", asJSON),
	} {
		h.accepted(c)
	}
	h.problem(of("", setPort), 415, "media-type")
	h.problem(of("text/plain", setPort), 415, "media-type")
	h.problem(of("application/json; charset=gbk", asJSON), 415, "media-type")
	h.problem(of("application/x-www-form-urlencoded", "a=b"), 415, "media-type")
	p := h.problem(of("application/json", setPort), 400, "unparsable")
	if len(p.Problems) != 1 || p.Problems[0].Rule != "json-syntax" || p.Problems[0].Line != 1 {
		t.Errorf("the problems are %+v", p.Problems)
	}
	h.problem(of("application/yaml", ""), 400, "unparsable")
	h.problem(of("application/yaml", "a: [\n"), 400, "unparsable")
	h.problem(of("application/yaml", "\xff"), 401, "unauthorized") // what JSON carries as text is no longer what was signed
	binary := of("application/yaml", "\xff\xfe")
	binary.base64 = true
	h.problem(binary, 400, "unparsable")
	p = h.problem(of("application/yaml", strings.Replace(setPort, "1195", "443\nClientIpPool: 10.30.30.0/2\nProt: x", 1)), 422, "invalid")
	var got []string
	for _, problem := range p.Problems {
		got = append(got, fmt.Sprintf("%d %s %s", problem.Line, problem.Path, problem.Rule))
		if problem.Message == "" || problem.Hint == "" {
			t.Errorf("a problem without a message or a hint: %+v", problem)
		}
	}
	if want := "[3 Port port-reserved 4 ClientIpPool pool-mask 5 Prot unknown-key]"; fmt.Sprint(got) != want {
		t.Errorf("the problems are %q, want %q", got, want)
	}
	h.problem(of("application/yaml", setPort+"requestedBy: boss\n"), 422, "invalid")
	h.count("queue/", 7)
}

func TestLargeBodies(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	full := setPort + "#" + strings.Repeat("x", 1<<20-len(setPort)-1)
	h.accepted(post("/v1/changes", full))
	inBase64 := post("/v1/changes", full)
	inBase64.base64 = true
	h.accepted(inBase64)
	h.problem(post("/v1/changes", full+"x"), 413, "too-large")
	h.problem(post("/v1/plans", full+"x"), 413, "too-large")
	unsigned := post("/v1/changes", full+"x")
	unsigned.secret = "none"
	h.problem(unsigned, 413, "too-large")
	for _, payload := range []string{
		strings.Repeat("x", 9<<20), `{"version":"v1","isBase64Encoded":true,"body":"` + strings.Repeat("AAAA", 3<<20) + `"}`,
	} {
		out, err := h.invoke(payload)
		if err != nil {
			t.Fatal(err)
		}
		h.answer(out, 413)
	}
	h.count("queue/", 2)
}
