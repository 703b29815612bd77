package wakeup_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/signature"
	"github.com/sslvpn-change/sslvpn-change/internal/wakeup"
)

// The key of the tests. Its secret parts are never shown.
const (
	keySecret = "wakeuptest-access-key-secret"
	keyToken  = "wakeuptest-security-token"
)

func function() wakeup.Function {
	return wakeup.Function{
		Name: "sslvpn-change", Account: "1234567890123456", Region: "cn-hangzhou",
		Key: signature.Key{ID: "STS.wakeuptest", Secret: secret.New(keySecret), Token: secret.New(keyToken)},
	}
}

// self makes what invokes the function at a server.
func self(t *testing.T, f wakeup.Function, serve http.HandlerFunc) *wakeup.Self {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	c, err := wakeup.NewClient(wakeup.Config{Endpoint: server.URL, Timeout: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c.For(f)
}

func TestRequest(t *testing.T) {
	t.Parallel()
	for qualifier, query := range map[string]string{"": "", "LATEST": "", "prod": "qualifier=prod"} {
		f := function()
		f.Qualifier = qualifier
		calls := 0
		s := self(t, f, func(w http.ResponseWriter, r *http.Request) {
			calls++
			body, _ := io.ReadAll(r.Body)
			if r.Method != http.MethodPost || r.URL.Path != "/2023-03-30/functions/sslvpn-change/invocations" || r.URL.RawQuery != query || string(body) != "payload" {
				t.Errorf("%s %s with %q", r.Method, r.URL, body)
			}
			for name, want := range map[string]string{
				"X-Fc-Invocation-Type": "Async", "X-Fc-Async-Delay": "90", "X-Acs-Action": "InvokeFunction", "X-Acs-Version": "2023-03-30",
				"X-Acs-Security-Token": keyToken, "Content-Type": "application/octet-stream",
			} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
			w.WriteHeader(http.StatusAccepted)
		})
		if err := s.Invoke(t.Context(), 90*time.Second, []byte("payload")); err != nil || calls != 1 {
			t.Errorf("qualifier %q: %d requests, %v", qualifier, calls, err)
		}
	}
}

func TestAnswersAreClassified(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		want   wakeup.Class
		says   string
		calls  int
	}{
		{"no right", 403, `{"Code":"AccessDenied","Message":"the caller is not authorized"}`, wakeup.ClassDenied, "HTTP 403: AccessDenied: the caller is not authorized", 1},
		{"no identity", 401, ``, wakeup.ClassDenied, "HTTP 401", 1},
		{"an older form", 403, `{"ErrorCode":"AccessDenied","ErrorMessage":"no"}`, wakeup.ClassDenied, "AccessDenied: no", 1},
		{"no function", 404, `{"Code":"FunctionNotFound","Message":"no"}`, wakeup.ClassRefused, "FunctionNotFound", 1},
		{"a bad request", 400, `<html>`, wakeup.ClassRefused, "HTTP 400", 1},
		{"it was invoked at once", 200, `{}`, wakeup.ClassRefused, "HTTP 200", 1},
		{"throttled", 429, `{"Code":"ResourceThrottled"}`, wakeup.ClassUnavailable, "ResourceThrottled", 2},
		{"broken", 500, `{"Code":"InternalServerError"}`, wakeup.ClassUnavailable, "InternalServerError", 2},
		{"a long answer", 503, `{"Message":"` + strings.Repeat("x", 30000) + `"}`, wakeup.ClassUnavailable, "HTTP 503", 2},
		{"it repeats the key", 403, `{"Message":"signed with ` + keyToken + ` and ` + keySecret + `"}`, wakeup.ClassDenied, "signed with [redacted] and [redacted]", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			err := self(t, function(), func(w http.ResponseWriter, _ *http.Request) {
				calls++
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}).Invoke(t.Context(), time.Second, nil)
			e, ok := errors.AsType[*wakeup.Error](err)
			if !ok || e.Class != tt.want || !strings.Contains(err.Error(), tt.says) || calls != tt.calls || len(err.Error()) > 800 {
				t.Errorf("%d requests, %v; want %d, the class %s and %q", calls, err, tt.calls, tt.want, tt.says)
			}
		})
	}
}

func TestAnAnswerThatDoesNotComeIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	over := make(chan struct{})
	s := self(t, function(), func(http.ResponseWriter, *http.Request) {
		calls.Add(1)
		<-over
	})
	defer close(over)
	err := s.Invoke(t.Context(), time.Second, nil)
	if e, ok := errors.AsType[*wakeup.Error](err); !ok || e.Class != wakeup.ClassUnavailable || !errors.Is(err, context.DeadlineExceeded) || calls.Load() != 1 {
		t.Errorf("%d requests, %v", calls.Load(), err)
	}
}

func TestAQuickFailureIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	calls := 0
	err := self(t, function(), func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls == 1 {
			panic(http.ErrAbortHandler) // the connection breaks
		}
		w.WriteHeader(http.StatusAccepted)
	}).Invoke(t.Context(), time.Second, nil)
	if err != nil || calls != 2 {
		t.Errorf("%d requests, %v", calls, err)
	}
}

// TestOnlyAFunctionThatCanBeNamedIsInvoked: its parts become parts of a host name and of
// a path.
func TestOnlyAFunctionThatCanBeNamedIsInvoked(t *testing.T) {
	t.Parallel()
	c, err := wakeup.NewClient(wakeup.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if c.For(function()) == nil {
		t.Error("a valid function is not invoked")
	}
	for what, change := range map[string]func(*wakeup.Function){
		"no name":                    func(f *wakeup.Function) { f.Name = "" },
		"a name with a path":         func(f *wakeup.Function) { f.Name = "a/../b" },
		"a name with a query":        func(f *wakeup.Function) { f.Name = "a?b" },
		"a long name":                func(f *wakeup.Function) { f.Name = strings.Repeat("a", 200) },
		"a qualifier with a sign":    func(f *wakeup.Function) { f.Qualifier = "a&b=c" },
		"no account":                 func(f *wakeup.Function) { f.Account = "" },
		"an account of another host": func(f *wakeup.Function) { f.Account = "evil.example.com/" },
		"a region of another host":   func(f *wakeup.Function) { f.Region = "x.example.com#" },
		"no region":                  func(f *wakeup.Function) { f.Region = "" },
		"no key":                     func(f *wakeup.Function) { f.Key = signature.Key{} },
	} {
		f := function()
		if change(&f); c.For(f) != nil {
			t.Errorf("%s: it is invoked", what)
		}
	}
	if _, err := wakeup.NewClient(wakeup.Config{Endpoint: "http://fc.aliyuncs.com"}); err == nil {
		t.Error("plain http is accepted")
	}
}
