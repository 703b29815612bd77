package fc_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
	"github.com/sslvpn-change/sslvpn-change/internal/signature"
	"github.com/sslvpn-change/sslvpn-change/internal/wakeup"
)

const (
	apiKey    = "STS.apitest"
	apiSecret = "apitest-access-key-secret"
	apiToken  = "apitest-security-token"
)

// withAPI starts an emulator and a client of its API, as the function has it.
func withAPI(t *testing.T, tune func(*fc.Options)) (*fc.Emulator, *wakeup.Self, string) {
	t.Helper()
	opts := function(t, "plain")
	opts.Credentials = fc.Credentials{AccessKeyID: apiKey, AccessKeySecret: apiSecret, SecurityToken: apiToken}
	if tune != nil {
		tune(&opts)
	}
	e := start(t, opts)
	api := httptest.NewServer(e.API())
	t.Cleanup(api.Close)
	c, err := wakeup.NewClient(wakeup.Config{Endpoint: api.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return e, c.For(self()), api.URL
}

func self() wakeup.Function {
	return wakeup.Function{
		Name: "sslvpn-change", Qualifier: "prod", Account: "1234567890123456", Region: "cn-hangzhou",
		Key: signature.Key{ID: apiKey, Secret: secret.New(apiSecret), Token: secret.New(apiToken)},
	}
}

func TestADelayedInvocationComesWhenItsDelayIsOver(t *testing.T) {
	t.Parallel()
	var seen attempts
	e, invoke, _ := withAPI(t, func(o *fc.Options) {
		o.Ended, o.Patience = seen.add, 5*time.Second
		o.Late = func() time.Duration { return 300 * time.Millisecond }
	})
	began := time.Now()
	for _, delay := range []time.Duration{time.Second, time.Hour} {
		if err := invoke.Invoke(t.Context(), delay, []byte(`{"do":"wake"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if d := e.Delayed(); len(d) != 2 || d[0].At.Sub(began) > 2*time.Second || d[1].At.Sub(began) < 59*time.Minute || e.Pending() != 0 {
		t.Errorf("delayed are %+v, %d pending", d, e.Pending())
	}
	if err := e.Wait(t.Context()); err != nil { // not for the one that is an hour ahead
		t.Fatal(err)
	}
	got := seen.list()
	if len(got) != 1 || got[0].Source != "api" || !got[0].Async || got[0].StartedAt.Sub(began) < 1300*time.Millisecond {
		t.Errorf("attempts are %+v", got)
	}
	if s := e.Stats(); s.Delayed != 2 || s.Lost != 0 || len(e.Delayed()) != 1 {
		t.Errorf("stats are %+v, %d are delayed", s, len(e.Delayed()))
	}
}

func TestADelayedInvocationCanBeLost(t *testing.T) {
	t.Parallel()
	var once sync.Once
	lose := func() (lost bool) {
		once.Do(func() { lost = true })
		return lost
	}
	e, invoke, _ := withAPI(t, func(o *fc.Options) { o.Lose, o.Patience = lose, 5*time.Second })
	for range 2 {
		if err := invoke.Invoke(t.Context(), time.Second, []byte(`{"do":"wake"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := e.Stats(); s.Lost != 1 || s.Invocations != 1 {
		t.Errorf("stats are %+v", s)
	}
}

// TestTheRightCanBeTakenAway: the function learns it from the answer.
func TestTheRightCanBeTakenAway(t *testing.T) {
	t.Parallel()
	e, invoke, _ := withAPI(t, nil)
	e.Deny(true)
	err := invoke.Invoke(t.Context(), time.Second, nil)
	if no, ok := errors.AsType[*wakeup.Error](err); !ok || no.Class != wakeup.ClassDenied || no.Code != "AccessDenied" || !strings.Contains(no.Message, "fc:InvokeFunction") {
		t.Errorf("denied with %v", err)
	}
	e.Deny(false)
	if err := invoke.Invoke(t.Context(), time.Second, nil); err != nil {
		t.Error(err)
	}
}

// TestTheAPIRefusesWhatThePlatformRefuses changes one thing of a request at a time.
func TestTheAPIRefusesWhatThePlatformRefuses(t *testing.T) {
	t.Parallel()
	_, _, url := withAPI(t, nil)
	sign := func(change func(*signature.Request, *signature.Key)) http.Header {
		r := signature.Request{
			Method: http.MethodPost, Host: strings.TrimPrefix(url, "http://"), Path: "/2023-03-30/functions/sslvpn-change/invocations",
			Action: "InvokeFunction", Version: "2023-03-30", Date: time.Now(), Nonce: t.Name() + time.Now().String(),
			ContentType: "application/octet-stream", Body: []byte(`{}`),
			Plain: []signature.Header{{Name: "X-Fc-Invocation-Type", Value: "Async"}, {Name: "X-Fc-Async-Delay", Value: "5"}},
		}
		k := self().Key
		change(&r, &k)
		return signature.Sign(r, k)
	}
	nothing := func(*signature.Request, *signature.Key) {}
	with := func(name, value string) http.Header {
		h := sign(nothing)
		h.Set(name, value)
		return h
	}
	used := sign(nothing)
	tests := []struct {
		name   string
		path   string
		header http.Header
		body   string
		status int
		code   string
	}{
		{"nothing wrong", "", used, `{}`, 202, ""},
		{"without a delay", "", with("X-Fc-Async-Delay", ""), `{}`, 202, ""},
		{"the same once more", "", used, `{}`, 400, "SignatureNonceUsed"},
		{"no signature", "", http.Header{}, `{}`, 400, "MissingRequiredHeader"},
		{"another body", "", sign(nothing), `{"a":1}`, 403, "SignatureNotMatch"},
		{"another key", "", sign(func(_ *signature.Request, k *signature.Key) { k.ID = "STS.other" }), `{}`, 403, "InvalidAccessKeyID"},
		{"another secret", "", sign(func(_ *signature.Request, k *signature.Key) { k.Secret = secret.New("other") }), `{}`, 403, "SignatureNotMatch"},
		{"another token", "", sign(func(_ *signature.Request, k *signature.Key) { k.Token = secret.New("other") }), `{}`, 403, "InvalidSecurityToken"},
		{"an old date", "", sign(func(r *signature.Request, _ *signature.Key) { r.Date = r.Date.Add(-time.Hour) }), `{}`, 403, "RequestTimeTooSkewed"},
		{"another action", "", sign(func(r *signature.Request, _ *signature.Key) { r.Action = "DeleteFunction" }), `{}`, 400, "InvalidArgument"},
		{"another function", "/2023-03-30/functions/other/invocations", sign(func(r *signature.Request, _ *signature.Key) { r.Path = "/2023-03-30/functions/other/invocations" }), `{}`, 404, "FunctionNotFound"},
		{"synchronously", "", with("X-Fc-Invocation-Type", "Sync"), `{}`, 400, "InvalidArgument"},
		{"a delay too long", "", with("X-Fc-Async-Delay", "3601"), `{}`, 400, "InvalidArgument"},
		{"a negative delay", "", with("X-Fc-Async-Delay", "-1"), `{}`, 400, "InvalidArgument"},
		{"half a second", "", with("X-Fc-Async-Delay", "0.5"), `{}`, 400, "InvalidArgument"},
		{"a large payload", "", sign(func(r *signature.Request, _ *signature.Key) { r.Body = []byte(strings.Repeat("x", 128<<10+1)) }), strings.Repeat("x", 128<<10+1), 413, "RequestEntityTooLarge"},
	}
	for _, tt := range tests {
		path := "/2023-03-30/functions/sslvpn-change/invocations"
		if tt.path != "" {
			path = tt.path
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = tt.header.Clone()
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body := make([]byte, 4096)
		n, _ := resp.Body.Read(body)
		_ = resp.Body.Close()
		if resp.StatusCode != tt.status || !strings.Contains(string(body[:n]), tt.code) || resp.Header.Get("X-Fc-Request-Id") == "" {
			t.Errorf("%s: got %d %s, want %d %s", tt.name, resp.StatusCode, body[:n], tt.status, tt.code)
		}
	}
}

// TestDelayedInvocationsEndWithTheEmulator: Close does not wait for an hour, and neither
// does Wait.
func TestDelayedInvocationsEndWithTheEmulator(t *testing.T) {
	t.Parallel()
	e, invoke, _ := withAPI(t, func(o *fc.Options) { o.Patience = 2 * time.Hour })
	if err := invoke.Invoke(t.Context(), time.Hour, []byte(`{"do":"wake"}`)); err != nil {
		t.Fatal(err)
	}
	waited := make(chan error, 1)
	go func() { waited <- e.Wait(t.Context()) }()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil || len(e.Delayed()) != 0 || e.Stats().Invocations != 0 {
		t.Errorf("%v, stats are %+v", err, e.Stats())
	}
	if err := invoke.Invoke(t.Context(), time.Hour, nil); err == nil {
		t.Error("a closed emulator accepts an invocation")
	}
}
