package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// request is a request that can be sent again, or altered.
type request struct {
	method, path, body string
	header             []string // names and values alternate
}

// signed is a sender's request, signed now.
func (a *attacked) signed(sender, method, path, id, body string) request {
	a.t.Helper()
	key, err := webhook.ParseSecret(senderSecret(sender))
	if err != nil {
		a.t.Fatal(err)
	}
	fields, err := webhook.Sign(key, id, time.Now(), []byte(body))
	if err != nil {
		a.t.Fatal(err)
	}
	out := request{method: method, path: path, body: body}
	for name, value := range fields {
		out.header = append(out.header, name, value)
	}
	return out
}

// of is a request of a platform.
func of(platform string, r chat.Request) request {
	out := request{r.Method, "/chat/" + platform, string(r.Body), []string{"Content-Type", "application/json"}}
	if platform == "slack" && strings.Contains(out.body, "=") && !strings.HasPrefix(out.body, "{") {
		out.header[1] = "application/x-www-form-urlencoded"
	}
	for _, name := range []string{
		"timestamp", "sign", "x-slack-request-timestamp", "x-slack-signature", "x-lark-request-timestamp", "x-lark-request-nonce", "x-lark-signature",
	} {
		if v := r.Header(name); v != "" {
			out.header = append(out.header, name, v)
		}
	}
	query := url.Values{}
	for name, value := range r.Query {
		query.Set(name, value)
	}
	if len(query) > 0 {
		out.path += "?" + query.Encode()
	}
	return out
}

// message is the n-th message of a member, written and signed now.
func message(n int, text string) chattest.Sent {
	now := time.Now()
	return chattest.Sent{N: n, Text: text, At: now, Written: now}
}

func (a *attacked) do(r request) reply {
	a.t.Helper()
	out, err := a.send(a.t.Context(), r.method, r.path, "", r.body, r.header...)
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

// answered is an answer to a command.
type answered struct {
	reply

	Text string `json:"text"`
	Plan struct {
		Code string `json:"code"`
	} `json:"plan"`
	Change struct {
		ID    string    `json:"id"`
		DueAt time.Time `json:"dueAt"`
	} `json:"change"`
	Problems []struct {
		Rule string `json:"rule"`
	} `json:"problems"`
}

// ask sends a command.
func (a *attacked) ask(sender, id, line string) answered {
	a.t.Helper()
	body, err := json.Marshal(map[string]string{"command": line})
	if err != nil {
		a.t.Fatal(err)
	}
	r := a.signed(sender, "POST", "/v1/commands", id, string(body))
	r.header = append(r.header, "Content-Type", "application/json")
	out := answered{reply: a.do(r)}
	if err := json.Unmarshal([]byte(out.body), &out); err != nil {
		a.t.Fatalf("%s: answered %d %s", line, out.status, out.body)
	}
	return out
}

// single is a document of one change of the server's port.
func single(port int) string {
	return fmt.Sprintf("RegionId: %s\nSslVpnServerId: %s\nPort: %d\n", region, serverID, port)
}

// withPort changes a server's port as the console would.
func withPort(port int) func(*vpc.Server) { return func(s *vpc.Server) { s.Port = port } }

// stampOf is a time in seconds.
func stampOf(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// responseOf is an answer as a platform gets it.
func responseOf(r reply) chat.Response {
	return chat.Response{Status: r.status, ContentType: r.header.Get("Content-Type"), Body: []byte(r.body)}
}

// tomorrow is a time of tomorrow.
func tomorrow() string { return time.Now().UTC().Add(24 * time.Hour).Format(time.RFC3339) }
