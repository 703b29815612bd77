package fc_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// answer is a response without its body.
type answer struct {
	StatusCode int
	Header     http.Header
}

// call sends a request to the function's URL.
func call(t *testing.T, srv *httptest.Server, method, path, contentType, body string, headers ...string) (answer, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header}, string(data)
}

func trigger(t *testing.T) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(start(t, function(t, "plain")).HTTPTrigger())
	t.Cleanup(srv.Close)
	return srv
}

func TestRequestBecomesAnHTTPEvent(t *testing.T) {
	t.Parallel()
	srv := trigger(t)
	resp, body := call(t, srv, "POST", "/v1/a%2Fb?x=1&x=2", "application/json", `{"a":1}`, "X-Two", "a", "X-Two", "b", "X-Fc-Own", "no")
	var ev struct {
		Version         string            `json:"version"`
		RawPath         string            `json:"rawPath"`
		Body            string            `json:"body"`
		IsBase64Encoded bool              `json:"isBase64Encoded"`
		Headers         map[string]string `json:"headers"`
		QueryParameters map[string]string `json:"queryParameters"`
		RequestContext  struct {
			RequestID string `json:"requestId"`
			HTTP      struct {
				Method   string `json:"method"`
				Path     string `json:"path"`
				SourceIP string `json:"sourceIp"`
			} `json:"http"`
		} `json:"requestContext"`
	}
	if err := json.Unmarshal([]byte(body), &ev); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if resp.StatusCode != http.StatusCreated || ev.Version != "v1" || ev.RawPath != "/v1/a%2Fb" || ev.Body != `{"a":1}` || ev.IsBase64Encoded {
		t.Errorf("status %d, event %+v", resp.StatusCode, ev)
	}
	if ev.Headers["X-Two"] != "a,b" || ev.QueryParameters["x"] != "1,2" || ev.Headers["X-Fc-Own"] != "" {
		t.Errorf("headers %v, query %v", ev.Headers, ev.QueryParameters)
	}
	if c := ev.RequestContext; c.HTTP.Method != http.MethodPost || c.HTTP.Path != "/v1/a/b" || c.HTTP.SourceIP != "127.0.0.1" || c.RequestID != resp.Header.Get("X-Fc-Request-Id") {
		t.Errorf("request context %+v", c)
	}
	if h := resp.Header; h.Get("X-Own") != "kept" || h.Get("X-Fc-Secret") != "" || h.Get("Content-Disposition") != "" || h.Get("Server") != "" {
		t.Errorf("response headers %v", h)
	}
}

func TestBodyTravelsAsTextOrBase64(t *testing.T) {
	t.Parallel()
	srv := trigger(t)
	tests := []struct {
		name, contentType, body string
		encoded                 bool
	}{
		{"JSON as it is", "application/json; charset=utf-8", "{}", false},
		{"a problem document as it is", "application/problem+json", "{}", false},
		{"text as it is", "text/yaml", "a: 1", false},
		{"no type as it is", "", "a: 1", false},
		{"YAML as Base64", "application/yaml", "a: 1", true},
		{"bytes that are no text as Base64", "application/json", "\xff", true},
		{"an unreadable type as Base64", "a/b/c", "a", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, body := call(t, srv, "POST", "/", tt.contentType, tt.body)
			var ev struct {
				Raw             string `json:"body"`
				IsBase64Encoded bool   `json:"isBase64Encoded"`
			}
			if err := json.Unmarshal([]byte(body), &ev); err != nil {
				t.Fatal(err)
			}
			if ev.IsBase64Encoded != tt.encoded || (!tt.encoded && ev.Raw != tt.body) {
				t.Errorf("body %q, Base64 %t; want Base64 %t", ev.Raw, ev.IsBase64Encoded, tt.encoded)
			}
		})
	}
}

func TestAnswerThatIsNoResponseIs502(t *testing.T) {
	t.Parallel()
	srv := trigger(t)
	tests := []struct{ name, reply, want string }{
		{"a status out of range", `{"statusCode":42,"headers":{},"isBase64Encoded":false,"body":""}`, "out of range"},
		{"a status of null", `{"statusCode":null,"body":""}`, "statusCode is null"},
		{"a status that is no number", `{"statusCode":"200","body":""}`, "no HTTP response"},
		{"headers with lists", `{"statusCode":200,"headers":{"A":["b"]},"isBase64Encoded":false,"body":""}`, "no HTTP response"},
		{"invalid Base64", `{"statusCode":200,"headers":{},"isBase64Encoded":true,"body":"%%%"}`, "said to be Base64"},
		{"an unknown field", `{"statusCode":200,"header":{},"isBase64Encoded":false,"body":""}`, "unknown field"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			resp, body := call(t, srv, "GET", "/?reply="+url.QueryEscape(tt.reply), "", "")
			if resp.StatusCode != http.StatusBadGateway || !strings.Contains(body, tt.want) {
				t.Errorf("got %d %s, want 502 with %q", resp.StatusCode, body, tt.want)
			}
		})
	}
}

// A value that is no response is the body of one.
func TestPlainAnswerIs200(t *testing.T) {
	t.Parallel()
	srv := trigger(t)
	tests := []struct{ name, reply, contentType, want string }{
		{"an object", `{"hello":"world"}`, "application/json", `{"hello":"world"}`},
		{"an object with a body and no status", `{"headers":{},"isBase64Encoded":false,"body":"x"}`, "application/json", `{"headers":{},"isBase64Encoded":false,"body":"x"}`},
		{"a status and no body", `{"statusCode":200,"headers":{"Content-Type":"text/x-own"}}`, "text/x-own", ""},
		{"a list", `[1,2]`, "application/json", `[1,2]`},
		{"a text", `"hello"`, "text/plain; charset=utf-8", "hello"},
		{"an empty text", `""`, "text/plain; charset=utf-8", ""},
		{"a number", `7`, "application/json", "7"},
		{"a flag", `true`, "application/json", "true"},
		{"null", `null`, "application/json", "null"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			resp, body := call(t, srv, "GET", "/?reply="+url.QueryEscape(tt.reply), "", "")
			if resp.StatusCode != http.StatusOK || body != tt.want || resp.Header.Get("Content-Type") != tt.contentType {
				t.Errorf("got %d %s %q, want 200 %s %q", resp.StatusCode, resp.Header.Get("Content-Type"), body, tt.contentType, tt.want)
			}
		})
	}
}

func TestMethodsThatTheTriggerDoesNotListAreRefused(t *testing.T) {
	t.Parallel()
	o := function(t, "plain")
	o.Methods = []string{"GET", "POST"}
	e := start(t, o)
	srv := httptest.NewServer(e.HTTPTrigger())
	t.Cleanup(srv.Close)
	for _, method := range []string{"PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "get", "PROPFIND"} {
		resp, body := call(t, srv, method, "/", "", "")
		if resp.StatusCode != http.StatusForbidden || resp.Header.Get("X-Fc-Error-Type") != "FCCommonError" || method != "HEAD" && !strings.Contains(body, method) {
			t.Errorf("%s: %d %v %s", method, resp.StatusCode, resp.Header, body)
		}
	}
	if s := e.Stats(); s.Invocations != 0 {
		t.Errorf("%d requests reached the function", s.Invocations)
	}
	for _, method := range []string{"GET", "POST"} {
		if resp, body := call(t, srv, method, "/", "", ""); resp.StatusCode != http.StatusCreated {
			t.Errorf("%s: %d %s", method, resp.StatusCode, body)
		}
	}
}

func TestBase64AnswerIsDecoded(t *testing.T) {
	t.Parallel()
	resp, body := call(t, trigger(t), "GET", "/?reply="+url.QueryEscape(`{"statusCode":200,"headers":{},"isBase64Encoded":true,"body":"aGk="}`), "", "")
	if resp.StatusCode != http.StatusOK || body != "hi" {
		t.Errorf("got %d %q", resp.StatusCode, body)
	}
}

func TestFunctionErrorReachesTheCallerWithItsKind(t *testing.T) {
	t.Parallel()
	resp, body := call(t, trigger(t), "GET", "/?fail=1", "", "")
	if resp.StatusCode != http.StatusBadGateway || resp.Header.Get("X-Fc-Error-Type") != "HandledInvocationError" || !strings.Contains(body, `"errorMessage":"internal detail"`) {
		t.Errorf("got %d %v %s", resp.StatusCode, resp.Header, body)
	}
}

func TestOversizeRequestsAreRefusedBeforeTheFunction(t *testing.T) {
	t.Parallel()
	srv := trigger(t)
	if resp, body := call(t, srv, "GET", "/"+strings.Repeat("a", 5000), "", ""); resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, "longer than 4096") {
		t.Errorf("long path: %d %s", resp.StatusCode, body)
	}
	if resp, body := call(t, srv, "GET", "/", "", "", "X-Big", strings.Repeat("a", 9000)); resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, "larger than 8192") {
		t.Errorf("large headers: %d %s", resp.StatusCode, body)
	}
}

func TestCallerMayForceAnAsynchronousInvocation(t *testing.T) {
	t.Parallel()
	e := start(t, function(t, "plain"))
	srv := httptest.NewServer(e.HTTPTrigger())
	t.Cleanup(srv.Close)
	resp, _ := call(t, srv, "POST", "/?fail=1", "", "", "X-Fc-Invocation-Type", "Async")
	if err := e.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := e.Stats(); resp.StatusCode != http.StatusAccepted || s.Invocations != 4 || s.Dropped != 1 {
		t.Errorf("status %d, stats %+v; want 202 and three retries", resp.StatusCode, s)
	}
}
