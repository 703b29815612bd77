package chattest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// API is a platform's API: it answers every message alike, and gives out access
// tokens.
type API struct {
	reply  Reply
	status int
	answer string
	broken bool // the answer breaks off

	mu     sync.Mutex
	got    []*http.Request
	bodies []string
}

// Do answers a request.
func (a *API) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, fmt.Errorf("%s %q: %w", r.Method, r.URL, err)
	}
	w := httptest.NewRecorder()
	if a.reply.Token != nil {
		if token, ok := a.reply.Token(r); ok {
			_, _ = io.WriteString(w, token)
			return w.Result(), nil
		}
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.got, a.bodies = append(a.got, r), append(a.bodies, string(body))
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.answer)
	res := w.Result()
	if a.broken {
		res.Body = io.NopCloser(io.MultiReader(strings.NewReader(a.answer), failing{}))
	}
	return res, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// doer lets a function be a client.
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// status is what the status of an answer without a code means, on every
// platform.
func statuses() map[int]bool {
	return map[int]bool{
		http.StatusFound: false, http.StatusBadRequest: false, http.StatusUnauthorized: false, http.StatusForbidden: false, http.StatusNotFound: false,
		http.StatusGone: false, http.StatusRequestTimeout: true, http.StatusTooManyRequests: true, http.StatusInternalServerError: true,
		http.StatusBadGateway: true, http.StatusServiceUnavailable: true, http.StatusGatewayTimeout: true,
	}
}

func (s suite) send(t *testing.T, r Reply) {
	t.Helper()
	check := func(name string, do func(t *testing.T)) { t.Run(name, func(t *testing.T) { t.Parallel(); do(t) }) }
	check("a message", func(t *testing.T) {
		api := &API{reply: r, status: 200, answer: r.Success}
		if err := New(t, s.spec, s.f.Settings).Send(t.Context(), api, r.To, sample(), "id"); err != nil || len(api.got) != 1 {
			t.Fatalf("%v after %d requests", err, len(api.got))
		}
		if got := api.got[0]; got.Header.Get("Content-Type") != chat.ContentTypeJSON || !s.allowed(got) {
			t.Errorf("%s %s of %s is no destination of the platform", got.Method, got.URL, got.Header.Get("Content-Type"))
		}
		if _, err := r.Read([]byte(api.bodies[0])); err != nil {
			t.Error(err)
		}
	})
	for status, again := range statuses() {
		for _, answer := range []string{"", "<html>oracle</html>", "{}"} {
			check(fmt.Sprintf("status %d %s", status, answer), func(t *testing.T) {
				s.fails(t, r, &API{reply: r, status: status, answer: answer}, again, chat.FailureCode(fmt.Sprintf("HTTP%d", status)))
			})
		}
	}
	for _, answer := range []string{"[]", `{"errcode":"0","code":"0","ok":"true"}`, strings.Repeat(" ", 70<<10) + r.Success} {
		if r.Success == "ok" {
			break // Slack's response URLs answer in no form
		}
		check("an answer of another form "+answer[:2], func(t *testing.T) {
			s.fails(t, r, &API{reply: r, status: 200, answer: answer}, true, chat.CodeUnreadable)
		})
	}
	for _, c := range r.Codes {
		check(fmt.Sprintf("code %d %s", c.Status, c.Answer), func(t *testing.T) {
			s.fails(t, r, &API{reply: r, status: c.Status, answer: c.Answer}, c.Again, c.Code)
		})
	}
	for _, status := range []int{200, 403, 503} {
		check(fmt.Sprintf("an answer with status %d that breaks off", status), func(t *testing.T) {
			s.fails(t, r, &API{reply: r, status: status, answer: r.Success, broken: true}, true, chat.CodeNoAnswer)
		})
	}
	check("without an answer", func(t *testing.T) {
		broken := doer(func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("dial %s: refused", r.URL) })
		s.fails(t, r, broken, true, chat.CodeNoAnswer)
	})
	check("a client that refuses", func(t *testing.T) {
		barred := doer(func(*http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("post: %w", &chat.SendError{Code: chat.CodePrivateAddress, Message: "not public"})
		})
		s.fails(t, r, barred, false, chat.CodePrivateAddress)
	})
	check("after the end of its time", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := New(t, s.spec, s.f.Settings).Send(ctx, &API{reply: r, status: 200, answer: r.Success}, r.To, sample(), "id")
		if e, ok := errors.AsType[*chat.SendError](err); !ok || !e.Again || (e.Code != chat.CodeNoAnswer && e.Code != chat.CodeTimeout) {
			t.Errorf("got %v", err)
		}
	})
	for i, to := range append(r.Foreign, func() chat.Reply { odd := r.To; odd.Address = "https://h1dd3n\x7f/"; return odd }()) {
		check(fmt.Sprintf("address %d that is not the platform's", i), func(t *testing.T) {
			never := doer(func(*http.Request) (*http.Response, error) { return nil, errors.New("it was sent") })
			err := New(t, s.spec, s.f.Settings).Send(t.Context(), never, to, sample(), "id")
			e, ok := errors.AsType[*chat.SendError](err)
			if !ok || (e.Code != chat.CodeAddressRefused && to.Kind != "post") || e.Again && to.Kind != "post" {
				t.Errorf("%s %q: got %v", to.Kind, to.Address, err)
			}
		})
	}
}

// allowed reports whether the platform declares the destination of a request.
func (s suite) allowed(r *http.Request) bool {
	for _, d := range s.spec.Destinations {
		if d.Method == r.Method && d.Host == r.URL.Host && d.Covers(r.URL.Path) && r.URL.Scheme == "https" {
			return true
		}
	}
	return false
}

// fails checks how a platform classifies a failure, and that the error shows
// neither an address nor a secret nor the platform's words.
func (s suite) fails(t *testing.T, r Reply, client chat.Doer, again bool, code chat.FailureCode) {
	t.Helper()
	err := New(t, s.spec, s.f.Settings).Send(t.Context(), client, r.To, sample(), "id")
	s.failed(t, err, again, code, r.Hidden, r.To.Address)
}

// failed checks an error of sending.
func (s suite) failed(t *testing.T, err error, again bool, code chat.FailureCode, hidden ...string) {
	t.Helper()
	e, ok := errors.AsType[*chat.SendError](err)
	if !ok || e.Again != again || e.Code != code || e.Message == "" {
		t.Fatalf("got %#v, want %s, again %v", err, code, again)
	}
	for _, leak := range append(append(s.secrets(), "oracle"), hidden...) {
		if leak != "" && strings.Contains(err.Error(), leak) {
			t.Errorf("%q is in %v", leak, err)
		}
	}
}

// secrets are all secrets of the settings.
func (s suite) secrets() []string {
	out := append([]string{}, s.f.Secrets...)
	for _, pair := range s.f.Hidden {
		out = append(out, pair[0], pair[1])
	}
	return out
}
