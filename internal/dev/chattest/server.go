package chattest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

// Server is an API on this machine, and the client that reaches nothing else,
// whatever the host.
type Server struct {
	Client *http.Client

	mu     sync.Mutex
	Asked  []string // method, host, path and query of each request
	Bodies []string
	Header []http.Header
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// NewServer starts a server that answers with a status and a text.
func NewServer(t *testing.T, answer func(r *http.Request, body string) (int, string)) *Server {
	t.Helper()
	s := &Server{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		s.Asked = append(s.Asked, r.Method+" "+r.Host+r.URL.RequestURI())
		s.Bodies = append(s.Bodies, string(body))
		s.Header = append(s.Header, r.Header.Clone())
		s.mu.Unlock()
		status, text := answer(r, string(body))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := server.Client().Transport
	s.Client = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.URL.Scheme != "https" {
			return nil, errors.New("not by https")
		}
		out := r.Clone(r.Context())
		out.Host, out.URL.Scheme, out.URL.Host = r.URL.Host, "http", at.Host
		return transport.RoundTrip(out)
	})}
	return s
}
