package localcloud

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
)

// The pages of the local cloud.
const (
	ChatPath = chat.PagePath
	UIPath   = "/local/ui/" // of Options.Page
)

// pagePrefix is reserved for the local cloud; the function does not see it.
const pagePrefix = "/local/"

// State is what GET /local/state answers.
type State struct {
	Instances []fc.Instance `json:"instances"`
	Stats     fc.Stats      `json:"stats"`
	Pending   int           `json:"pending"`
	Servers   []vpc.Server  `json:"servers"`
	Gateways  []vpc.Gateway `json:"gateways"`
}

// pages puts the local cloud's own pages before the function. It is no
// ServeMux, which would redirect paths that the function must see unchanged.
//
//	GET  /local/state        → State
//	POST /local/tick/{name}  fires a timer trigger; the body is its payload
//	GET  /local/chat         the chat page; see package chat for what is below it
//	     /local/ui/          the page of Options.Page, if there is one
func (c *Cloud) pages(function, beside http.Handler) http.Handler {
	room := c.chat.Page()
	if beside != nil {
		beside = http.StripPrefix(strings.TrimSuffix(UIPath, "/"), beside)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, own := strings.CutPrefix(r.URL.Path, pagePrefix)
		chatting := r.URL.Path == chat.PagePath || strings.HasPrefix(r.URL.Path, chat.PagePath+"/")
		name, tick := strings.CutPrefix(page, "tick/")
		switch {
		case !own:
			function.ServeHTTP(w, r)
		case chatting:
			room.ServeHTTP(w, r)
		case beside != nil && r.URL.Path+"/" == UIPath:
			http.Redirect(w, r, UIPath, http.StatusSeeOther)
		case beside != nil && strings.HasPrefix(r.URL.Path, UIPath):
			beside.ServeHTTP(w, r)
		case page == "state" && r.Method == http.MethodGet:
			snapshot := c.vpc.Snapshot()
			reply(w, http.StatusOK, State{
				Instances: c.fc.Instances(), Stats: c.fc.Stats(), Pending: c.fc.Pending(),
				Servers: snapshot.Servers, Gateways: snapshot.Gateways,
			})
		case tick && name != "" && r.Method == http.MethodPost:
			c.tick(w, r, name)
		default:
			reply(w, http.StatusNotFound, map[string]string{"error": "there are GET /local/chat, GET /local/state and POST /local/tick/{name}"})
		}
	})
}

func (c *Cloud) tick(w http.ResponseWriter, r *http.Request, name string) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, fc.MaxAsyncPayload))
	if err != nil {
		reply(w, http.StatusRequestEntityTooLarge, map[string]string{"error": err.Error()})
		return
	}
	id, err := c.fc.Tick(name, string(payload))
	if err != nil {
		reply(w, http.StatusServiceUnavailable, map[string]string{"error": err.Error()})
		return
	}
	reply(w, http.StatusAccepted, map[string]string{"requestId": id})
}

func reply(w http.ResponseWriter, status int, v any) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		data, status = []byte(`{"error":"cannot render the answer"}`), http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n')) // the caller may be gone
}
