package ui

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// The parameters that are passed on.
func listParams() []string {
	return []string{"status", "server", "by", "since", "until", "limit", "cursor"}
}

func windowParams() []string { return []string{"server", "from", "until"} }

func permissionParams() []string { return []string{"server", "settings", "person"} }

// vote is what the page posts to /api/votes.
type vote struct {
	Change string       `json:"change"`
	Word   command.Verb `json:"word"` // approve, reject, confirm or cancel
	Code   string       `json:"code"`
	Reason string       `json:"reason"`
	Lang   lang.Tag     `json:"lang"`
}

func (s *Server) getList(w http.ResponseWriter, r *http.Request) {
	s.forward(w, r, http.MethodGet, "/v1/changes"+params(r, listParams()), nil)
}

func (s *Server) getPermissions(w http.ResponseWriter, r *http.Request) {
	s.forward(w, r, http.MethodGet, "/v1/permissions"+params(r, permissionParams()), nil)
}

func (s *Server) getWindows(w http.ResponseWriter, r *http.Request) {
	s.forward(w, r, http.MethodGet, "/v1/windows"+params(r, windowParams()), nil)
}

func (s *Server) getChange(w http.ResponseWriter, r *http.Request) {
	if id, ok := changeID(w, r.PathValue("id")); ok {
		s.forward(w, r, http.MethodGet, "/v1/changes/"+url.PathEscape(id), nil)
	}
}

func (s *Server) getPlan(w http.ResponseWriter, r *http.Request) {
	if id, ok := changeID(w, r.PathValue("id")); ok {
		s.command(w, r, command.Command{Verb: command.Status, Change: id}, lang.Tag(r.URL.Query().Get("lang")))
	}
}

func (s *Server) getServers(w http.ResponseWriter, r *http.Request) {
	s.command(w, r, command.Command{Verb: command.Servers}, lang.Tag(r.URL.Query().Get("lang")))
}

func (s *Server) postVote(w http.ResponseWriter, r *http.Request) {
	var v vote
	if !readJSON(w, r, &v) {
		return
	}
	id, ok := changeID(w, v.Change)
	if !ok {
		return
	}
	if !slices.Contains([]command.Verb{command.Approve, command.Reject, command.Confirm, command.Cancel}, v.Word) {
		writeProblem(w, refusal{http.StatusUnprocessableEntity, "invalid", "The word is none of approve, reject, confirm and cancel."})
		return
	}
	s.command(w, r, command.Command{Verb: v.Word, Change: id, Code: v.Code, Reason: v.Reason}, v.Lang)
}

// command sends one command in the words of the grammar, so that nothing in a reason or
// a code can become another one: the line must be read back as it was meant.
func (s *Server) command(w http.ResponseWriter, r *http.Request, c command.Command, tag lang.Tag) {
	back, err := command.Parse(c.String())
	if err != nil || back.Verb != c.Verb || back.Change != c.Change || back.Code != c.Code || back.Reason != c.Reason {
		writeProblem(w, refusal{http.StatusUnprocessableEntity, "invalid", "The reason or the code cannot be sent as it is: use letters and digits."})
		return
	}
	body, err := json.Marshal(struct {
		Command string   `json:"command"`
		Lang    lang.Tag `json:"lang,omitempty"`
	}{c.String(), tag})
	if err != nil {
		writeProblem(w, refusal{http.StatusUnprocessableEntity, "invalid", "The command cannot be written."})
		return
	}
	s.forward(w, r, http.MethodPost, "/v1/commands", body)
}

// forward signs and sends one request, and passes the answer on. Of the browser's
// request nothing else is sent, of the answer the status and the JSON only.
func (s *Server) forward(w http.ResponseWriter, r *http.Request, method, path string, body []byte) {
	got, err := s.opts.Function.Forward(r.Context(), method, path, body, s.opts.NewID())
	switch {
	case err != nil:
		writeProblem(w, refusal{http.StatusBadGateway, "no-answer", "The function does not answer: " + err.Error()})
	case got.Body == nil:
		writeProblem(w, refusal{max(got.Status, http.StatusBadRequest), "no-answer", "The answer is not one of the function: " + http.StatusText(got.Status)})
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(got.Status)
		_, _ = w.Write(got.Body) // the browser may have disconnected
	}
}

// changeID accepts the id of a change, as people type it.
func changeID(w http.ResponseWriter, text string) (string, bool) {
	_, ok := change.ParseTyped(text)
	if !ok {
		writeProblem(w, refusal{http.StatusNotFound, "no-change", "This is not the id of a change."})
	}
	return text, ok
}

// params passes on the parameters that a route has, each once.
func params(r *http.Request, known []string) string {
	asked, out := r.URL.Query(), url.Values{}
	for _, name := range known {
		if value := asked.Get(name); value != "" {
			out.Set(name, value)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "?" + out.Encode()
}
