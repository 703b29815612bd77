package ui

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"sync"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
)

// Function is the function, asked with the user's secret. *remote.Client is one.
type Function interface {
	Forward(ctx context.Context, method, path string, body []byte, id string) (remote.Forwarded, error)
}

// Options configure a Server.
type Options struct {
	Function Function
	NewID    func() string // makes delivery ids
	Address  string        // of the function, for people
	// Chat is the address of the chat page that stands beside this one; "" for none.
	Chat string
	// Open leaves the token out. It is for the local cloud, whose secrets protect
	// nothing.
	Open bool
}

// Server is the page and its routes. Make one with New.
type Server struct {
	opts  Options
	token string

	mu    sync.Mutex
	codes map[string]bool // that open the page once
}

// New makes a server with a token of its own.
func New(o Options) (*Server, error) {
	if o.Function == nil || o.NewID == nil {
		return nil, errors.New("ui: a function and delivery ids are needed")
	}
	return &Server{opts: o, token: rand.Text(), codes: map[string]bool{}}, nil
}

// Fragment is what the URL of the page must end with. Whoever has it can use the page
// until the process ends.
func (s *Server) Fragment() string { return "#token=" + s.token }

// OnceFragment is a fragment that opens the page once. It is for a browser's command
// line, which other users of the machine can read.
func (s *Server) OnceFragment() string {
	code := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = true
	return "#code=" + code
}

// exchange gives the token for a code, once.
func (s *Server) exchange(code string) (token string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.codes[code] {
		return "", false
	}
	delete(s.codes, code)
	return s.token, true
}

// ServeHTTP serves, below the path that the handler is mounted at:
//
//	GET  /                        the page, and its files below it
//	POST /api/session             {code}: the token for a code, once
//	GET  /api/setup               what the page is about
//	GET  /api/servers             the servers that the user may see
//	GET  /api/changes?…           the list of changes
//	GET  /api/changes/{id}        one change
//	GET  /api/changes/{id}/plan   what a change that waits would do, and the code to approve it
//	GET  /api/permissions?…       who may do what
//	GET  /api/windows?…           when changes may be sent
//	POST /api/votes               {change, word, code, reason, lang}
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for name, value := range protection() {
		h.Set(name, value)
	}
	if no := s.refuse(r); no != nil {
		writeProblem(w, *no)
		return
	}
	s.routes().ServeHTTP(w, r)
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", page("index.html"))
	mux.HandleFunc("GET /css/{name}", page("css/"))
	mux.HandleFunc("GET /js/{name}", page("js/"))
	mux.HandleFunc("POST /api/session", s.postSession)
	mux.HandleFunc("GET /api/setup", s.getSetup)
	mux.HandleFunc("GET /api/servers", s.getServers)
	mux.HandleFunc("GET /api/changes", s.getList)
	mux.HandleFunc("GET /api/changes/{id}", s.getChange)
	mux.HandleFunc("GET /api/changes/{id}/plan", s.getPlan)
	mux.HandleFunc("GET /api/permissions", s.getPermissions)
	mux.HandleFunc("GET /api/windows", s.getWindows)
	mux.HandleFunc("POST /api/votes", s.postVote)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, refusal{http.StatusNotFound, "not-found", "There is nothing here."})
	})
	return mux
}
