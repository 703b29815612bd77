package ui_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/ui"
)

// recorder is a function that must only be asked when a request is permitted.
type recorder struct{ asked []string }

func (r *recorder) Forward(_ context.Context, method, path string, body []byte, _ string) (remote.Forwarded, error) {
	r.asked = append(r.asked, strings.TrimSpace(method+" "+path+" "+string(body)))
	return remote.Forwarded{Status: 200, Body: []byte(`{}`)}, nil
}

// attack is a request to the page's server.
type attack struct {
	method, host, path, body string
	header                   map[string]string
}

func newServer(t *testing.T, open bool) (*ui.Server, *recorder) {
	t.Helper()
	up := &recorder{}
	s, err := ui.New(ui.Options{Function: up, NewID: deliveries(), Open: open})
	if err != nil {
		t.Fatal(err)
	}
	return s, up
}

func do(t *testing.T, s http.Handler, a attack) *httptest.ResponseRecorder {
	t.Helper()
	if a.host == "" {
		a.host = "127.0.0.1:9999"
	}
	r := httptest.NewRequestWithContext(t.Context(), a.method, "http://"+a.host+a.path, strings.NewReader(a.body))
	for name, value := range a.header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// tokenOf is the header of a page that may ask.
func tokenOf(s *ui.Server) map[string]string {
	return map[string]string{"Authorization": "Bearer " + strings.TrimPrefix(s.Fragment(), "#token=")}
}

func merge(headers ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, h := range headers {
		maps.Copy(out, h)
	}
	return out
}

const voteBody = `{"change":"20261127-7f3akq2cd2","word":"approve","code":"k7m2q4xa","reason":"","lang":"en"}`

func posting(header map[string]string) map[string]string {
	return merge(map[string]string{"Content-Type": "application/json", "Origin": "http://127.0.0.1:9999"}, header)
}

// Every attack is refused before the function is asked.
func TestRequestsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	s, up := newServer(t, false)
	token := tokenOf(s)
	for name, tt := range map[string]struct {
		attack

		want int
	}{
		"no token":                        {attack{method: "GET", path: "/api/changes"}, 401},
		"a wrong token":                   {attack{method: "GET", path: "/api/changes", header: map[string]string{"Authorization": "Bearer AAAA"}}, 401},
		"an empty token":                  {attack{method: "GET", path: "/api/changes", header: map[string]string{"Authorization": "Bearer "}}, 401},
		"a token in the URL":              {attack{method: "GET", path: "/api/changes?token=" + strings.TrimPrefix(s.Fragment(), "#token=")}, 401},
		"a token in a cookie":             {attack{method: "GET", path: "/api/changes", header: map[string]string{"Cookie": "token=" + strings.TrimPrefix(s.Fragment(), "#token=")}}, 401},
		"a vote without a token":          {attack{method: "POST", path: "/api/votes", body: voteBody, header: posting(nil)}, 401},
		"setup without a token":           {attack{method: "GET", path: "/api/setup"}, 401},
		"another name":                    {attack{method: "GET", host: "attacker.example", path: "/api/changes", header: token}, 421},
		"another name, and a port":        {attack{method: "GET", host: "attacker.example:9999", path: "/api/changes", header: token}, 421},
		"a name that looks local":         {attack{method: "GET", host: "127.0.0.1.attacker.example", path: "/", header: token}, 421},
		"localhost as a part":             {attack{method: "GET", host: "localhost.attacker.example", path: "/"}, 421},
		"an address of the network":       {attack{method: "GET", host: "192.168.1.7:9999", path: "/"}, 421},
		"the page by another name":        {attack{method: "GET", host: "attacker.example", path: "/"}, 421},
		"a vote from another site":        {attack{method: "POST", path: "/api/votes", body: voteBody, header: posting(merge(token, map[string]string{"Origin": "https://attacker.example"}))}, 403},
		"a vote from another port":        {attack{method: "POST", path: "/api/votes", body: voteBody, header: posting(merge(token, map[string]string{"Origin": "http://127.0.0.1:8080"}))}, 403},
		"a vote from a sandbox":           {attack{method: "POST", path: "/api/votes", body: voteBody, header: posting(merge(token, map[string]string{"Origin": "null"}))}, 403},
		"a vote without an origin":        {attack{method: "POST", path: "/api/votes", body: voteBody, header: merge(token, map[string]string{"Content-Type": "application/json"})}, 403},
		"a read of another site":          {attack{method: "GET", path: "/api/changes", header: merge(token, map[string]string{"Sec-Fetch-Site": "cross-site"})}, 403},
		"a read of another port":          {attack{method: "GET", path: "/api/changes", header: merge(token, map[string]string{"Sec-Fetch-Site": "same-site"})}, 403},
		"a form":                          {attack{method: "POST", path: "/api/votes", body: voteBody, header: posting(merge(token, map[string]string{"Content-Type": "text/plain"}))}, 415},
		"a guessed code":                  {attack{method: "POST", path: "/api/session", body: `{"code":"AAAA"}`, header: posting(nil)}, 401},
		"no code":                         {attack{method: "POST", path: "/api/session", body: `{"code":""}`, header: posting(nil)}, 401},
		"another route":                   {attack{method: "GET", path: "/api/records", header: token}, 404},
		"a route of the function":         {attack{method: "POST", path: "/v1/changes", body: "Port: 1", header: posting(token)}, 404},
		"a route above":                   {attack{method: "GET", path: "/api/changes/..%2f..%2fhealthz", header: token}, 404},
		"an id with a query":              {attack{method: "GET", path: "/api/changes/20261127-7f3akq2cd2%3fx=1", header: token}, 404},
		"an id that is not one":           {attack{method: "GET", path: "/api/changes/x", header: token}, 404},
		"a plan of an id that is not one": {attack{method: "GET", path: "/api/changes/status/plan", header: token}, 404},
		"a file outside of the page":      {attack{method: "GET", path: "/js/..%2f..%2fdoc.go", header: token}, 400},
		"the folder of the files":         {attack{method: "GET", path: "/js/", header: token}, 404},
		"a delete":                        {attack{method: "DELETE", path: "/api/changes/20261127-7f3akq2cd2", header: token}, 404},
		"a preflight":                     {attack{method: "OPTIONS", path: "/api/votes", header: map[string]string{"Origin": "https://attacker.example", "Access-Control-Request-Method": "POST"}}, 401},
		"a word that changes a server":    {attack{method: "POST", path: "/api/votes", body: `{"change":"20261127-7f3akq2cd2","word":"rollback"}`, header: posting(token)}, 422},
		"a verb in the word":              {attack{method: "POST", path: "/api/votes", body: `{"change":"20261127-7f3akq2cd2","word":"apply test port=1"}`, header: posting(token)}, 422},
		"an option in the code":           {attack{method: "POST", path: "/api/votes", body: `{"change":"20261127-7f3akq2cd2","word":"approve","code":"k7m2q4xa reason=x"}`, header: posting(token)}, 422},
		"a line break in the reason":      {attack{method: "POST", path: "/api/votes", body: `{"change":"20261127-7f3akq2cd2","word":"reject","reason":"a\nb"}`, header: posting(token)}, 422},
		"a change that is a command":      {attack{method: "POST", path: "/api/votes", body: `{"change":"test port=1195","word":"reject"}`, header: posting(token)}, 404},
		"a field that does not exist":     {attack{method: "POST", path: "/api/votes", body: `{"change":"20261127-7f3akq2cd2","word":"reject","command":"apply"}`, header: posting(token)}, 400},
		"a body that is too large":        {attack{method: "POST", path: "/api/votes", body: `{"reason":"` + strings.Repeat("a", 70<<10) + `"}`, header: posting(token)}, 400},
		"a body that is not an object":    {attack{method: "POST", path: "/api/votes", body: `[`, header: posting(token)}, 400},
		"a vote by GET":                   {attack{method: "GET", path: "/api/votes", header: token}, 404},
		"an IPv6 address that is other":   {attack{method: "GET", host: "[2001:db8::1]:9999", path: "/", header: token}, 421},
	} {
		w := do(t, s, tt.attack)
		if w.Code != tt.want {
			t.Errorf("%s: answered %d %s, want %d", name, w.Code, w.Body, tt.want)
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "" || w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: header %v", name, w.Header())
		}
	}
	if len(up.asked) != 0 {
		t.Errorf("the function was asked: %q", up.asked)
	}
}

// What the page does is passed on, and nothing else of it.
func TestThePageIsPassedOn(t *testing.T) {
	t.Parallel()
	s, up := newServer(t, false)
	token := tokenOf(s)
	for _, a := range []attack{
		{method: "GET", path: "/api/changes?status=waiting&limit=100&evil=1&status=x", header: token},
		{method: "GET", path: "/api/changes/20261127-7f3akq2cd2", header: merge(token, map[string]string{"Sec-Fetch-Site": "same-origin"})},
		{method: "GET", path: "/api/changes/20261127-7f3akq2cd2/plan?lang=zh", header: token},
		{method: "GET", path: "/api/servers", host: "localhost:9999", header: token},
		{method: "GET", path: "/api/permissions?server=a+b&person=Mei", host: "[::1]:9999", header: token},
		{method: "GET", path: "/api/windows?server=a&secret=x", header: token},
		{method: "POST", path: "/api/votes", body: voteBody, header: posting(token)},
		{method: "POST", path: "/api/votes", body: `{"change":"20261127-7f3akq2cd2","word":"reject","reason":"it's \"not\" during the day"}`, header: posting(token)},
	} {
		if w := do(t, s, a); w.Code != 200 {
			t.Errorf("%s %s: %d %s", a.method, a.path, w.Code, w.Body)
		}
	}
	want := []string{
		"GET /v1/changes?limit=100&status=waiting",
		"GET /v1/changes/20261127-7f3akq2cd2",
		`POST /v1/commands {"command":"status 20261127-7f3akq2cd2","lang":"zh"}`,
		`POST /v1/commands {"command":"servers"}`,
		"GET /v1/permissions?person=Mei&server=a+b",
		"GET /v1/windows?server=a",
		`POST /v1/commands {"command":"approve 20261127-7f3akq2cd2 k7m2q4xa","lang":"en"}`,
	}
	if len(up.asked) != len(want)+1 {
		t.Fatalf("asked %q", up.asked)
	}
	for i, line := range want {
		if up.asked[i] != line {
			t.Errorf("asked %s, want %s", up.asked[i], line)
		}
	}
	if last := up.asked[len(want)]; !strings.Contains(last, "reject 20261127-7f3akq2cd2 reason=") || !strings.Contains(last, "not") {
		t.Errorf("asked %s", last)
	}
}

// A code opens the page once; the token stays.
func TestACodeWorksOnce(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, false)
	body := `{"code":"` + strings.TrimPrefix(s.OnceFragment(), "#code=") + `"}`
	first := do(t, s, attack{method: "POST", path: "/api/session", body: body, header: posting(nil)})
	if want := strings.TrimPrefix(s.Fragment(), "#token="); first.Code != 200 || !strings.Contains(first.Body.String(), want) {
		t.Errorf("the first time: %d %s", first.Code, first.Body)
	}
	if again := do(t, s, attack{method: "POST", path: "/api/session", body: body, header: posting(nil)}); again.Code != 401 {
		t.Errorf("the second time: %d %s", again.Code, again.Body)
	}
}

// The page of the local cloud needs no token; the other walls stand.
func TestTheOpenPage(t *testing.T) {
	t.Parallel()
	s, up := newServer(t, true)
	if w := do(t, s, attack{method: "GET", path: "/api/changes"}); w.Code != 200 || len(up.asked) != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, a := range []attack{
		{method: "GET", host: "attacker.example", path: "/api/changes"},
		{method: "GET", path: "/api/changes", header: map[string]string{"Sec-Fetch-Site": "same-site"}},
		{method: "POST", path: "/api/votes", body: voteBody, header: posting(map[string]string{"Origin": "http://127.0.0.1:8080"})},
	} {
		if w := do(t, s, a); w.Code/100 != 4 || len(up.asked) != 1 {
			t.Errorf("%+v: %d %s", a, w.Code, w.Body)
		}
	}
}

// Neither the secret nor a header of the function reaches the page.
func TestTheSecretStays(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	sample(f)
	s, at := serve(t, f, nil)
	for _, path := range []string{"", "api/setup", "api/changes?status=waiting", "api/servers", "api/changes/" + appliedID, "api/changes/" + askedID + "/plan", "api/permissions?server=x", "api/windows", "js/api.js", "css/base.css", "api/changes/20261127-aaaaaaaaaa"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range tokenOf(s) {
			req.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		var header strings.Builder
		_ = resp.Header.Write(&header)
		whole := header.String() + string(body)
		if err != nil || strings.Contains(whole, secretText[6:]) || strings.Contains(whole, "whsec_c2V") || strings.Contains(strings.ToLower(whole), "webhook-signature") || resp.Header.Get("X-Upstream") != "" {
			t.Errorf("%s: %v\n%s", path, err, whole)
		}
		if resp.Header.Get("X-Frame-Options") != "DENY" || resp.Header.Get("Referrer-Policy") != "no-referrer" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: header %v", path, resp.Header)
		}
	}
}

// failing is a function that does not answer, or not as a function does.
type failing struct {
	answer remote.Forwarded
	err    error
}

func (f failing) Forward(context.Context, string, string, []byte, string) (remote.Forwarded, error) {
	return f.answer, f.err
}

func TestAFunctionThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		failing

		status int
		want   string
	}{
		{failing{err: errors.New("connection refused")}, 502, "no-answer"},
		{failing{answer: remote.Forwarded{Status: 504}}, 504, "no-answer"},
		{failing{answer: remote.Forwarded{Status: 302}}, 400, "no-answer"},
		{failing{answer: remote.Forwarded{Status: 403, Body: []byte(`{"type":"urn:sslvpn-change:problem:forbidden"}`)}}, 403, "forbidden"},
	} {
		s, err := ui.New(ui.Options{Function: tt.failing, NewID: deliveries()})
		if err != nil {
			t.Fatal(err)
		}
		w := do(t, s, attack{method: "GET", path: "/api/changes", header: tokenOf(s)})
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%+v: %d %s", tt.failing, w.Code, w.Body)
		}
	}
	if _, err := ui.New(ui.Options{}); err == nil {
		t.Error("a server without a function")
	}
}

func TestLocalAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"127.0.0.1:0": true, "[::1]:80": true, "localhost:0": true, "127.1.2.3:1": true,
		":0": false, "0.0.0.0:0": false, "192.168.1.7:80": false, "example.com:80": false, "": false, "127.0.0.1": false,
	} {
		if ui.Local(address) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
}
