package chat

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// PagePath is where the page is, below the HTTP trigger's address.
const PagePath = "/local/chat"

//go:embed page
var pageFiles embed.FS

// ask is what the page posts.
type ask struct {
	Platform string `json:"platform"`
	Person   string `json:"person"`
	Text     string `json:"text"`
	Message  string `json:"message"`
	Button   string `json:"button"`
	How      How    `json:"how"`
	Refuse   int    `json:"refuse"`
	Down     bool   `json:"down"`
	Lang     string `json:"lang"`
	Zone     string `json:"timeZone"`
}

// Page serves a chat room for the browser:
//
//	GET  /local/chat          the page, and its files below it
//	GET  /local/chat/setup    the platforms and the people
//	GET  /local/chat/events   all messages and exchanges, and then each as it changes (server-sent events)
//	POST /local/chat/say      {platform, person, text}
//	POST /local/chat/click    {message, button, person}
//	POST /local/chat/again    {message, how}
//	POST /local/chat/replies  {platform, refuse, down}: what the reply API does next
//	POST /local/chat/speak    {lang, timeZone}: the page's, in which the bot answers
//
// It accepts loopback hostnames only, and POST requests of its own pages only.
func (s *Service) Page() http.Handler {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		files = pageFiles // the folder is embedded
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+PagePath, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "chat.html") })
	for _, name := range []string{"chat.css", "chat.js", "words.js"} {
		mux.HandleFunc("GET "+PagePath+"/"+name, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, name) })
	}
	mux.HandleFunc("GET "+PagePath+"/setup", s.setup)
	mux.HandleFunc("GET "+PagePath+"/events", s.events)
	s.handle(mux, "say", func(r *http.Request, a ask) (any, error) { return s.Say(r.Context(), a.Platform, a.Person, a.Text) })
	s.handle(mux, "click", func(r *http.Request, a ask) (any, error) {
		return s.Click(r.Context(), a.Message, a.Button, a.Person)
	})
	s.handle(mux, "again", func(r *http.Request, a ask) (any, error) { return s.Again(r.Context(), a.Message, a.How) })
	s.handle(mux, "speak", func(_ *http.Request, a ask) (any, error) {
		if s.opts.Speak == nil {
			return struct{}{}, nil
		}
		return struct{}{}, s.opts.Speak(lang.Tag(a.Lang), a.Zone)
	})
	s.handle(mux, "replies", func(_ *http.Request, a ask) (any, error) {
		if s.platforms[a.Platform] == nil {
			return nil, fmt.Errorf("there is no platform %q", a.Platform)
		}
		s.RefuseReplies(a.Platform, a.Refuse)
		s.SetDown(a.Platform, a.Down)
		return struct{}{}, nil
	})
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopback(r.Host) { // a foreign name may resolve to this address
			http.Error(w, "this page is for 127.0.0.1 and localhost", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		guarded.ServeHTTP(w, r)
	})
}

func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// handle answers one kind of post.
func (s *Service) handle(mux *http.ServeMux, name string, do func(*http.Request, ask) (any, error)) {
	mux.HandleFunc("POST "+PagePath+"/"+name, func(w http.ResponseWriter, r *http.Request) {
		var a ask
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&a)
		var out any
		if err == nil {
			out, err = do(r, a)
		}
		if err != nil {
			writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		writeJSON(w, http.StatusOK, out)
	})
}

func (s *Service) setup(w http.ResponseWriter, _ *http.Request) {
	type account struct {
		Person
		Accounts map[string]string `json:"accounts"`
	}
	var people []account
	for _, p := range s.opts.People {
		people = append(people, account{p, p.Accounts})
	}
	limits := map[string]int64{}
	for _, name := range Platforms() {
		limits[name] = s.limit(name).Milliseconds()
	}
	writeJSON(w, http.StatusOK, map[string]any{"platforms": Platforms(), "people": people, "limits": limits, "bot": botName, "room": Room, "beside": s.opts.Beside})
}

// events streams all messages, then every change. A slow reader misses
// intermediate states only.
func (s *Service) events(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	var seen uint64
	alive := time.NewTicker(15 * time.Second)
	defer alive.Stop()
	for {
		messages, exchanges, version, waking := s.since(seen)
		seen = version
		for _, m := range messages {
			writeEvent(w, "message", m)
		}
		for _, e := range exchanges {
			writeEvent(w, "exchange", e)
		}
		if err := out.Flush(); err != nil {
			return // the browser has disconnected
		}
		select {
		case <-waking:
		case <-alive.C: // keeps the connection open
			_, _ = fmt.Fprint(w, ": alive\n\n")
		case <-r.Context().Done():
			return
		}
	}
}

// since lists what changed after a version.
func (s *Service) since(version uint64) (messages []Message, exchanges []Exchange, now uint64, waking <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.Version > version {
			messages = append(messages, *m)
		}
	}
	for _, e := range s.exchanges {
		if e.Version > version {
			exchanges = append(exchanges, *e)
		}
	}
	return messages, exchanges, s.version, s.waking
}

func writeEvent(w http.ResponseWriter, name string, v any) {
	_, _ = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, encode(v)) // Flush reports whether the browser is still there
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(encode(v)) // the browser may have disconnected
}
