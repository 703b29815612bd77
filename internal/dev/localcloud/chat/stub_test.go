package chat_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/chat"
)

// stub plays the function: it answers in each platform's format and verifies
// nothing, so that the page and the services can be tested by themselves.
type stub struct {
	t       *testing.T
	service *chat.Service
	replies *httptest.Server // where the service's reply APIs are
	// answer, where it is set, answers instead.
	answer func(w http.ResponseWriter, r *http.Request, body []byte)
}

// newService starts the services with a stub as their function.
func newService(t *testing.T, opts chat.Options) (*chat.Service, *stub) {
	t.Helper()
	f := &stub{t: t}
	function := httptest.NewServer(f)
	t.Cleanup(function.Close)
	opts.FunctionURL = function.URL
	s, err := chat.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	f.service = s
	f.replies = httptest.NewServer(s.Handler())
	t.Cleanup(f.replies.Close)
	t.Cleanup(func() { _ = s.Close() })
	return s, f
}

func (f *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Error(err)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/chat/")
	if f.answer != nil {
		f.answer(w, r, body)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, map[string]string{chat.DingTalk: `{"msgtype":"empty"}`, chat.Feishu: `{}`}[name])
}

// send posts to a reply API as the function does: to the loopback endpoint, with
// the platform's name as the host.
func (f *stub) send(address string, header http.Header, body any) (int, map[string]any) {
	f.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		f.t.Fatal(err)
	}
	data, err := json.Marshal(body)
	if err != nil {
		f.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(f.t.Context(), http.MethodPost, f.replies.URL+u.RequestURI(), bytes.NewReader(data))
	if err != nil {
		f.t.Fatal(err)
	}
	r.Host = u.Host
	r.Header = header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	var out map[string]any
	_ = json.Unmarshal(answer, &out) // some errors are no JSON
	return resp.StatusCode, out
}

// feishuToken gets an access token.
func (f *stub) feishuToken() string {
	f.t.Helper()
	status, out := f.send("https://open.feishu.cn/open-apis/auth/v3/tenant_access_token/internal", nil,
		map[string]string{"app_id": "cli_9f5343c580712544", "app_secret": secrets().FeishuApp})
	token, _ := out["tenant_access_token"].(string)
	if status != http.StatusOK || token == "" {
		f.t.Fatalf("token: %d %v", status, out)
	}
	return token
}

// secrets are the vectors' keys, where there are any.
func secrets() chat.Secrets {
	return chat.Secrets{
		DingTalk: "oK7mXw2dYpZ9LrVtQ4sBn8FhJ3cGuE6aTi1RvSxN0eWyDbMk5qHzUjCfPlAoIg", Slack: "8f742231b10e8888abcd99yyyzzz85a5",
		FeishuEncrypt: "kudryavka", FeishuToken: "rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV", FeishuApp: "app-secret-of-the-test",
		WeComToken: "QDG6eK", WeComAESKey: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
		SlackBot: "xoxb-of-the-test", WeComApp: "app-secret-of-wecom", WeComGroup: "key-of-the-group",
	}
}

// lastPlain is what was in the last request to the function, decrypted.
func lastPlain(t *testing.T, s *chat.Service) map[string]any {
	t.Helper()
	all := s.Exchanges()
	e := all[len(all)-1]
	text := e.Plain
	if text == "" {
		text = e.Body
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}
