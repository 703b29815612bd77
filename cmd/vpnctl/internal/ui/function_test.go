package ui_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/ui"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

const secretText = "whsec_c2VjcmV0LW9mLXRoZS11c2VyLXNlY3JldC1vZi11c2Vy"

// object is a JSON object.
type object = map[string]any

// function answers as the deployed function does, from objects that a test sets. It
// verifies the signature of each request.
type function struct {
	t        *testing.T
	verifier *webhook.Verifier

	mu       sync.Mutex
	waiting  []object
	ended    []object
	changes  map[string]object // GET /v1/changes/{id}
	plans    map[string]object // the command status
	servers  []object
	policy   object // GET /v1/permissions
	windows  object // GET /v1/windows
	status   int    // of every answer; 0: as usual
	problem  object // with status
	requests []string
	lines    []string // commands that were sent
	votes    map[string]object
}

func newFunction(t *testing.T) *function {
	t.Helper()
	secret, err := webhook.ParseSecret(secretText)
	if err != nil {
		t.Fatal(err)
	}
	v, err := webhook.NewVerifier([]webhook.Sender{{Name: "demo", Secret: secret}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return &function{t: t, verifier: v, changes: map[string]object{}, windows: object{"schedules": []object{}}, plans: map[string]object{}, votes: map[string]object{}}
}

// set changes what the function answers.
func (f *function) set(change func(f *function)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *function) sent() (requests, lines []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.requests...), append([]string(nil), f.lines...)
}

// awaits waits until the function was asked something.
func (f *function) awaits(ctx context.Context, want string) {
	f.t.Helper()
	for {
		requests, _ := f.sent()
		if slices.Contains(requests, want) {
			return
		}
		select {
		case <-ctx.Done():
			f.t.Fatalf("asked %q, and not %s", requests, want)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ServeHTTP answers one request.
func (f *function) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if _, bad := f.verifier.Verify(r.Header.Get, body); err != nil || bad != nil {
		f.t.Errorf("%s %s: %v, %v", r.Method, r.URL, err, bad)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r.Method+" "+r.URL.String())
	w.Header().Set("X-Upstream", "not for the page")
	id, one := strings.CutPrefix(r.URL.Path, "/v1/changes/")
	switch {
	case f.status != 0:
		w.WriteHeader(f.status)
		write(w, f.problem)
	case r.URL.Path == "/v1/changes":
		f.list(w, r)
	case one && f.changes[id] != nil:
		write(w, f.changes[id])
	case r.URL.Path == "/v1/windows":
		write(w, f.windows)
	case r.URL.Path == "/v1/permissions" && f.policy != nil:
		write(w, f.policy)
	case r.URL.Path == "/v1/commands":
		f.command(w, body)
	default:
		w.WriteHeader(http.StatusNotFound)
		write(w, problemOf(404, "no-change", "There is no change with this id."))
	}
}

// list answers a page of the list; its cursor is the number of changes before it.
func (f *function) list(w http.ResponseWriter, r *http.Request) {
	all := f.ended
	if r.URL.Query().Get("status") == "waiting" {
		all = f.waiting
	} else if wanted := r.URL.Query().Get("status"); strings.Contains(wanted, ",") {
		all = slices.DeleteFunc(slices.Clone(all), func(o object) bool { return !strings.Contains(wanted, fmt.Sprint(o["status"])) })
	}
	limit, from := 20, 0
	_, _ = fmt.Sscan(r.URL.Query().Get("limit"), &limit)
	_, _ = fmt.Sscan(r.URL.Query().Get("cursor"), &from)
	to := min(from+limit, len(all))
	page := object{"changes": append([]object{}, all[from:to]...)}
	if to < len(all) {
		page["next"], page["searchedUntil"] = strconv.Itoa(to), time.Now().Add(-time.Hour).UTC()
	}
	write(w, page)
}

func (f *function) command(w http.ResponseWriter, body []byte) {
	var in struct {
		Command string `json:"command"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		f.t.Error(err)
	}
	f.lines = append(f.lines, in.Command)
	words := append(strings.Fields(in.Command), "", "")
	switch words[0] {
	case "servers":
		write(w, object{"verb": "servers", "outcome": "shown", "by": "Jun", "text": "servers", "servers": f.servers})
	case "status":
		write(w, f.plans[words[1]])
	default:
		if answer := f.votes[words[0]]; answer != nil {
			write(w, answer)
			return
		}
		w.WriteHeader(http.StatusConflict)
		write(w, problemOf(409, "too-late", "The change has ended, or is being applied."))
	}
}

// write writes an answer. Only the page's browser can fail to receive it.
func write(w io.Writer, v any) {
	_ = json.NewEncoder(w).Encode(v) //nolint:errchkjson // answers are JSON
}

func problemOf(status int, kind, title string) object {
	return object{"type": "urn:sslvpn-change:problem:" + kind, "title": title, "status": status, "detail": "", "problems": []object{}}
}

// deliveries make ids.
func deliveries() func() string {
	var n atomic.Int64
	return func() string { return fmt.Sprintf("ui-%d", n.Add(1)) }
}

// serve serves the page for a function, and returns its address with a slash at its end.
func serve(t *testing.T, f http.Handler, edit func(*ui.Options)) (*ui.Server, string) {
	t.Helper()
	up := httptest.NewServer(f)
	t.Cleanup(up.Close)
	secret, err := webhook.ParseSecret(secretText)
	if err != nil {
		t.Fatal(err)
	}
	client, err := remote.New(remote.Options{URL: up.URL, Secret: secret, Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	o := ui.Options{Function: client, NewID: deliveries(), Address: "https://vpn-changes.cn-hangzhou.fcapp.run"}
	if edit != nil {
		edit(&o)
	}
	s, err := ui.New(o)
	if err != nil {
		t.Fatal(err)
	}
	page := httptest.NewServer(s)
	t.Cleanup(func() { page.CloseClientConnections(); page.Close() })
	return s, page.URL + "/"
}
