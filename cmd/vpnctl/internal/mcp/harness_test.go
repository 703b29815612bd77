package mcp_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/mcp"
	"github.com/sslvpn-change/sslvpn-change/cmd/vpnctl/internal/remote"
	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/fc"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// rules let everybody do everything on two servers, so that what the assistant cannot do is
// not for want of a grant. The third server is not its business.
const rules = `people:
  - {name: robot, assistant: true, accounts: [{door: http, user: robot}, {door: file, user: local-file}]}
  - {name: mei, accounts: [{door: http, user: mei}]}
  - {name: jun, accounts: [{door: http, user: jun}]}
  - {name: eve, accounts: [{door: http, user: eve}]}
servers:
  - {name: test, RegionId: cn-hangzhou, SslVpnServerId: vss-bp18q7hzj6largv4vk2fe}
  - {name: office, RegionId: cn-hangzhou, SslVpnServerId: vss-bp1w3n8c5t7k2m9x4r6y1}
  - {name: secret, RegionId: cn-shanghai, SslVpnServerId: vss-uf6d2k9x4m7q1w8r5t3y0}
grants:
  - {who: ["*"], roles: [viewer, operator, approver, admin], servers: [test, office]}
  - {who: ["*"], roles: [policy-editor], servers: ["*"]}
  - {who: [mei, jun], roles: [admin], servers: [secret]}
  - {who: [eve], roles: [viewer], servers: [secret]}
freezes:
  - {name: for-ever, servers: [office], timeZone: UTC, from: 2026-01-01T00:00, until: 2037-01-01T00:00, override: {need: 1}}
`

const (
	testServer   = "vss-bp18q7hzj6largv4vk2fe"
	secretServer = "vss-uf6d2k9x4m7q1w8r5t3y0"
)

// harness is the function's binary in a local cloud, with an assistant and people, for one
// test.
type harness struct {
	*deployment

	t *testing.T
}

// deployment is what the tests of a function share.
type deployment struct {
	cloud   *localcloud.Cloud
	secrets map[string]string

	mu  sync.Mutex
	log bytes.Buffer // of the function
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	w := &harness{&deployment{secrets: map[string]string{}}, t}
	var senders []string
	for _, name := range []string{"robot", "mei", "jun", "eve", "stranger"} {
		w.secrets[name] = "whsec_" + base64.StdEncoding.EncodeToString([]byte("the secret of "+name+" with 32 bytes ok"))
		senders = append(senders, name+"="+w.secrets[name])
	}
	binary := filepath.Join(t.TempDir(), "function")
	if err := localcloud.Build(t.Context(), "github.com/sslvpn-change/sslvpn-change", binary); err != nil {
		t.Fatal(err)
	}
	cloud, err := localcloud.Start(t.Context(), localcloud.Options{
		Function: binary, Policy: []byte(rules), Configuring: 100 * time.Millisecond, Watch: 100 * time.Millisecond,
		Env: []string{"WEBHOOK_SECRETS=" + strings.Join(senders, ","), "POLICY_EDITORS=robot"}, // which names no assistant usually
		Output: func(l fc.Line) {
			w.mu.Lock()
			defer w.mu.Unlock()
			fmt.Fprintln(&w.log, l.Text)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.cloud = cloud
	t.Cleanup(func() {
		if err := cloud.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(w.log.String())
		}
	})
	return w
}

// during is the harness for a part of the test.
func (w *harness) during(t *testing.T) *harness {
	t.Helper()
	return &harness{w.deployment, t}
}

// client signs as a sender.
func (w *harness) client(sender string) *remote.Client {
	w.t.Helper()
	secret, err := webhook.ParseSecret(w.secrets[sender])
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := remote.New(remote.Options{URL: w.cloud.URL(), Secret: secret})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// does sends a command as a sender.
func (w *harness) does(sender, line string) (remote.Answer, error) {
	w.t.Helper()
	return w.client(sender).Command(w.t.Context(), line, "en", newID())
}

// mayNot sends a command with the secret of the assistant, which must be forbidden.
func (w *harness) mayNot(line string) {
	w.t.Helper()
	_, err := w.does("robot", line)
	if no, ok := errors.AsType[*remote.RefusedError](err); !ok || no.Status != 403 {
		w.t.Errorf("%s: %v", line, err)
	}
}

// code is the code with which a change is approved.
func (w *harness) code(id string) string {
	w.t.Helper()
	ans, err := w.does("mei", "status "+id)
	if err != nil {
		w.t.Fatal(err)
	}
	var out struct {
		Plan struct {
			Code string `json:"code"`
		} `json:"plan"`
	}
	if err := json.Unmarshal(ans.Raw, &out); err != nil || out.Plan.Code == "" {
		w.t.Fatalf("%s: %v", ans.Raw, err)
	}
	return out.Plan.Code
}

// approve approves a change as mei, and waits until it has ended.
func (w *harness) approve(id string) remote.Change {
	w.t.Helper()
	if _, err := w.does("mei", "approve "+id+" "+w.code(id)); err != nil {
		w.t.Fatal(err)
	}
	return w.ended(id)
}

// ended waits until a change has ended.
func (w *harness) ended(id string) remote.Change {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	got, err := w.client("mei").Wait(ctx, remote.Pending{Changes: []remote.Change{{Record: record.Record{ID: id, Status: change.Queued}}}}, newID)
	if err != nil || !got[0].Status.Final() {
		w.t.Fatalf("%s has not ended: %+v, %v", id, got, err)
	}
	return got[0]
}

// port is the port of a server.
func (w *harness) port(server string) int {
	w.t.Helper()
	s, ok := w.cloud.VPC().Server(server)
	if !ok {
		w.t.Fatalf("there is no server %s", server)
	}
	return s.Port
}

// maxListed bounds a page of the list.
const maxListed = 100

// waiting lists the ids of the changes that wait.
func (w *harness) waiting() []string {
	w.t.Helper()
	page, err := w.client("mei").List(w.t.Context(), map[string][]string{"status": {"waiting"}, "limit": {strconv.Itoa(maxListed)}}, newID())
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, c := range page.Changes {
		out = append(out, c.ID)
	}
	return out
}

// clear cancels what waits, unless it is too much.
func (w *harness) clear() {
	w.t.Helper()
	ids := w.waiting()
	if len(ids) == maxListed {
		return
	}
	for _, id := range ids {
		if _, err := w.does("mei", "cancel "+id); err != nil {
			w.t.Fatal(err)
		}
		w.ended(id)
	}
}

// session is an assistant's connection to the server.
type session struct {
	*sdk.ClientSession

	t *testing.T
}

// connects connects an assistant over the protocol in memory. Its clock may be nil.
func (w *harness) connects(now func() time.Time) *session {
	w.t.Helper()
	s, err := mcp.New(mcp.Options{Function: w.client("robot"), NewID: newID, Now: now, Version: "test"})
	if err != nil {
		w.t.Fatal(err)
	}
	theirs, ours := sdk.NewInMemoryTransports()
	ended := make(chan error, 1)
	go func() { ended <- mcp.Serve(w.t.Context(), s, ours) }()
	return connect(w.t, theirs)
}

// connect connects a client of the official SDK.
func connect(t *testing.T, to sdk.Transport) *session {
	t.Helper()
	c, err := sdk.NewClient(&sdk.Implementation{Name: "attacker", Version: "1"}, nil).Connect(t.Context(), to, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &session{c, t}
}

// call calls a tool. Refused is what the tool or the protocol said against it.
func (s *session) call(tool string, args any) (result map[string]any, text string, refused bool) {
	s.t.Helper()
	res, err := s.CallTool(s.t.Context(), &sdk.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		return nil, err.Error(), true
	}
	if one, ok := res.Content[0].(*sdk.TextContent); ok {
		text = one.Text
	}
	result, _ = res.StructuredContent.(map[string]any)
	return result, text, res.IsError
}

// takes calls a tool that must answer.
func (s *session) takes(tool string, args any) map[string]any {
	s.t.Helper()
	out, text, refused := s.call(tool, args)
	if refused {
		s.t.Fatalf("%s %v: %s", tool, args, text)
	}
	return out
}

// refuses calls a tool that must not do it.
func (s *session) refuses(tool string, args any, want string) {
	s.t.Helper()
	out, text, refused := s.call(tool, args)
	if !refused || !strings.Contains(text, want) {
		s.t.Errorf("%s %.200s: %v %.300s, want %q", tool, fmt.Sprint(args), out, text, want)
	}
}

// plan plans a change of the port of the test server.
func (s *session) plan(port int, more ...any) string {
	s.t.Helper()
	args := map[string]any{"server": "test", "settings": map[string]any{"Port": port}}
	for i := 0; i+1 < len(more); i += 2 {
		args[fmt.Sprint(more[i])] = more[i+1]
	}
	id, _ := s.takes("plan", args)["plan"].(string)
	if id == "" {
		s.t.Fatalf("%v cannot be proposed", args)
	}
	return id
}

// proposes plans and proposes, and gives the id of the change.
func (s *session) proposes(port int, reason string, more ...any) string {
	s.t.Helper()
	return changeID(s.takes("propose", map[string]any{"plan": s.plan(port, more...), "reason": reason}))
}

func changeID(out map[string]any) string {
	c, _ := out["change"].(map[string]any)
	id, _ := c["id"].(string)
	return id
}

// sdkTool is a tool as a client sees it.
type sdkTool = sdk.Tool

// check asks whether a sender may be used for an assistant.
func (w *harness) check(sender string) error {
	w.t.Helper()
	s, err := mcp.New(mcp.Options{Function: w.client(sender), NewID: newID})
	if err != nil {
		w.t.Fatal(err)
	}
	return s.Check(w.t.Context())
}

// rule saves a policy, and waits until an error shows that it is in force; "" for none.
func (w *harness) rule(policy string, probe func() error, want string) {
	w.t.Helper()
	if err := w.cloud.Drop(objects.PolicyFile, []byte(policy)); err != nil {
		w.t.Fatal(err)
	}
	deadline := time.Now().Add(60 * time.Second) // instances know a policy for up to 30 seconds
	for {
		err := probe()
		if err == nil && want == "" || err != nil && want != "" && strings.Contains(err.Error(), want) {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the policy is not in force: %v", err)
		}
		select {
		case <-w.t.Context().Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}
