package ui

import (
	"embed"
	"encoding/json"
	"net/http"
	"path"
	"strings"
)

//go:embed page
var pageFiles embed.FS

// page serves a file of the page: the one that is named, or the one of a folder that the
// path names.
func page(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, pageFiles, path.Join("page", name, r.PathValue("name"))) //nolint:gosec // G703: an embed.FS has no other files
	}
}

func (s *Server) getSetup(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"function": s.opts.Address, "chat": s.opts.Chat})
}

// postSession gives the token for a code, once.
func (s *Server) postSession(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Code string `json:"code"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	token, ok := s.exchange(in.Code)
	if !ok {
		writeProblem(w, refusal{http.StatusUnauthorized, "token", "The code is not valid any more. Open the page with the URL that vpnctl ui printed."})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"token": token})
}

// readJSON reads what the page posts. It answers what cannot be read.
func readJSON(w http.ResponseWriter, r *http.Request, out any) bool {
	const most = 64 << 10
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		writeProblem(w, refusal{http.StatusUnsupportedMediaType, "media-type", "Send application/json."})
		return false
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, most))
	d.DisallowUnknownFields()
	if err := d.Decode(out); err != nil {
		writeProblem(w, refusal{http.StatusBadRequest, "unparsable", "The body is not what the page sends."})
		return false
	}
	return true
}

func writeProblem(w http.ResponseWriter, no refusal) {
	writeJSON(w, no.status, map[string]any{
		"type": "urn:sslvpn-change:problem:" + no.kind, "title": no.title, "status": no.status, "detail": "", "problems": []string{},
	})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte("{}")
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the browser may have disconnected
}
