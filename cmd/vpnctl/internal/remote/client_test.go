package remote_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// newSecret makes a key for one test.
func newSecret(t *testing.T) webhook.Secret {
	t.Helper()
	s, err := webhook.ParseSecret("whsec_" + strings.Repeat("QUFB", 8))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// client makes a client of a server that verifies signatures before h answers.
func client(t *testing.T, h http.HandlerFunc) *remote.Client {
	t.Helper()
	verifier, err := webhook.NewVerifier([]webhook.Sender{{Name: "demo", Secret: newSecret(t)}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if _, err := verifier.Verify(r.Header.Get, body); err != nil {
			t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		h(w, r)
	}))
	t.Cleanup(srv.Close)
	c, err := remote.New(remote.Options{URL: srv.URL, Secret: newSecret(t), Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSubmitSendsASignedDocument(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.URL.Path != "/v1/changes" || r.Header.Get("Content-Type") != "application/yaml" || string(body) != "a: 1\n" || r.Header.Get("Webhook-Id") != "d1" {
			t.Errorf("got %s %s %v %q", r.Method, r.URL.Path, r.Header, body)
		}
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, `{"changes":[{"id":"20261122-aaaaaaaaaa","status":"queued","record":"results/x.json"}]}`)
	})
	got, err := c.Submit(t.Context(), remote.Document{Data: []byte("a: 1\n")}, "d1")
	if err != nil || len(got) != 1 || got[0].ID != "20261122-aaaaaaaaaa" || got[0].Status != change.Queued {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDeliveryIsRepeatedWhileThePlatformFails(t *testing.T) {
	t.Parallel()
	var sent atomic.Int32
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Webhook-Id") != "d1" {
			t.Errorf("delivery id %q", r.Header.Get("Webhook-Id"))
		}
		if sent.Add(1) < 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		fmt.Fprint(w, `{"changes":[{"id":"x","status":"queued"}]}`)
	})
	if _, err := c.Submit(t.Context(), remote.Document{JSON: true, Data: []byte("{}")}, "d1"); err != nil || sent.Load() != 3 {
		t.Errorf("%d tries, error %v; want success at the third", sent.Load(), err)
	}
}

func TestRefusalsAreExplained(t *testing.T) {
	t.Parallel()
	problem := `{"type":"about:blank","title":"Unprocessable","status":422,"detail":"2 problems","problems":[{"path":"changes[0].Port","line":4,"rule":"port-reserved","message":"443 is reserved","hint":"use 1194"}]}`
	tests := []struct {
		name   string
		status int
		body   string
		header string
		want   []string
		tries  int32
	}{
		{"a problem document", 422, problem, "", []string{"422 Unprocessable: 2 problems"}, 1},
		{"no signature accepted", 401, `{"title":"Unauthorized"}`, "", []string{"401", "WEBHOOK_SECRETS"}, 1},
		{"an answer that is not a document", 404, `<html>`, "", []string{"404 Not Found"}, 1},
		{"a function that keeps failing", 502, `{"errorMessage":"x"}`, "FunctionTimedOut", []string{"502", "the function failed (FunctionTimedOut)", "function's log"}, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Int32
			c := client(t, func(w http.ResponseWriter, _ *http.Request) {
				sent.Add(1)
				if tt.header != "" {
					w.Header().Set("X-Fc-Error-Type", tt.header)
				}
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.body)
			})
			_, err := c.Submit(t.Context(), remote.Document{Data: []byte("a: 1")}, "d1")
			var refused *remote.RefusedError
			if !errors.As(err, &refused) || refused.Status != tt.status || sent.Load() != tt.tries {
				t.Fatalf("got %v after %d tries, want status %d after %d", err, sent.Load(), tt.status, tt.tries)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not contain %q", err, want)
				}
			}
			if tt.status == 422 && (len(refused.Problems) != 1 || refused.Problems[0].Line != 4) {
				t.Errorf("problems %+v", refused.Problems)
			}
		})
	}
}

func TestAWrongClockIsReported(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	t.Cleanup(srv.Close)
	c, err := remote.New(remote.Options{URL: srv.URL, Secret: newSecret(t), Now: func() time.Time { return time.Now().Add(-time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Change(t.Context(), "x", "d"); err == nil || !strings.Contains(err.Error(), "clock is off by -1h0m") {
		t.Errorf("got %v", err)
	}
}

func TestInvalidURLs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ url, want string }{
		{"", "not the URL"},
		{"ftp://x", "not the URL"},
		{"127.0.0.1:9000", "not the URL"},
		{"http://example.com", "not encrypted"},
	} {
		if _, err := remote.New(remote.Options{URL: tt.url}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %q", tt.url, err, tt.want)
		}
	}
}

func TestCommandSendsALine(t *testing.T) {
	t.Parallel()
	answer := `{"verb":"apply","outcome":"taken","text":"queued","change":{"id":"a","status":"waiting","approvalsNeeded":2,"approvedBy":["mei"]},"more":1}`
	var body string
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		body = string(data)
		if r.Method != http.MethodPost || r.URL.Path != "/v1/commands" || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Webhook-Id") != "d1" {
			t.Errorf("got %s %s %v", r.Method, r.URL.Path, r.Header)
		}
		fmt.Fprint(w, answer)
	})
	got, err := c.Command(t.Context(), `apply office port=1195 reason="a & b"`, lang.Chinese, "d1")
	if err != nil || got.Outcome != remote.Accepted || got.Change.ID != "a" || !got.Change.Unapproved() || string(got.Raw) != answer {
		t.Errorf("got %+v, %v", got, err)
	}
	if want := `{"command":"apply office port=1195 reason=\"a \u0026 b\"","lang":"zh"}`; body != want {
		t.Errorf("sent %s, want %s", body, want)
	}
	for answer, unapproved := range map[string]bool{
		`{"status":"queued"}`:                                           false,
		`{"status":"waiting"}`:                                          false, // for something else
		`{"status":"waiting","approvalsNeeded":1}`:                      true,
		`{"status":"queued","approvalsNeeded":1,"approvedBy":["a"]}`:    false,
		`{"status":"cancelled","approvalsNeeded":1,"approvedBy":null}`:  false,
		`{"status":"waiting","approvalsNeeded":2,"approvedBy":["mei"]}`: true,
	} {
		var queued remote.Queued
		if err := json.Unmarshal([]byte(answer), &queued); err != nil || queued.Unapproved() != unapproved {
			t.Errorf("%s: %v, %v", answer, queued.Unapproved(), err)
		}
	}
	for _, foreign := range []string{"[]", "<html>", "{}"} {
		answer = foreign
		if _, err := c.Command(t.Context(), "status", "", "d1"); err == nil || !strings.Contains(err.Error(), "this function") {
			t.Errorf("%s: %v", foreign, err)
		}
	}
}

func TestRequestsWithoutAnAnswerAreClassified(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(slow.Close)
	for _, tt := range []struct {
		name string
		url  string
		stop bool
		code string
	}{
		{"nobody listens", srv.URL, false, remote.CodeUnreachable},
		{"no answer in time", slow.URL, false, remote.CodeTimeout},
		{"interrupted", slow.URL, true, remote.CodeInterrupted},
	} {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		if tt.stop {
			stop()
		}
		c, err := remote.New(remote.Options{URL: tt.url, Secret: newSecret(t), Pause: time.Millisecond, HTTP: &http.Client{Timeout: 50 * time.Millisecond}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Change(ctx, "x", "d")
		no, ok := errors.AsType[*remote.NoAnswerError](err)
		if !ok || no.Code != tt.code || no.Host == "" || no.Hint == "" && no.Code != remote.CodeInterrupted {
			t.Errorf("%s: got %#v, want %s", tt.name, err, tt.code)
		}
	}
}
