package e2e_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// reply is an answer of the HTTP trigger.
type reply struct {
	status int
	header http.Header
	body   string
}

// send sends a request, signed if there is a delivery id. The header fields
// alternate between names and values.
func (h *harness) send(ctx context.Context, method, path, id, body string, header ...string) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, h.URL()+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if id != "" {
		secret, err := webhook.ParseSecret(h.Secret())
		if err != nil {
			return reply{}, err
		}
		headers, err := webhook.Sign(secret, id, time.Now().Add(h.ahead), []byte(body))
		if err != nil {
			return reply{}, err
		}
		for k, v := range headers {
			req.Header.Set(k, v)
		}
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/yaml")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	// Its own connection: the default client's could outlive the cloud.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(data)}, err
}

// post posts a change document as a signed request.
func (h *harness) post(ctx context.Context, id, body string, header ...string) (reply, error) {
	return h.send(ctx, http.MethodPost, "/v1/changes", id, body, header...)
}

// gets sends a request and fails the test without an answer.
func (h *harness) gets(t *testing.T, method, path, id, body string) reply {
	t.Helper()
	a, err := h.send(t.Context(), method, path, id, body)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// isProblem asserts that an answer is a problem document.
func (a reply) isProblem(t *testing.T, status int, kind string) {
	t.Helper()
	var p struct {
		Type   string `json:"type"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	if a.status != status || p.Status != status || p.Type != "urn:sslvpn-change:problem:"+kind || p.Detail == "" ||
		a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("answered %d (%s) %s, want the problem %d %s", a.status, a.header.Get("Content-Type"), a.body, status, kind)
	}
}
