package chat_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sslvpnchange/internal/chat"
)

// posted is what a platform got.
type posted struct {
	host, path, query, kind, authorization string
	body                                   map[string]any
}

// service stands where every host name leads, and answers everything the same.
type service struct {
	*http.Client

	got []posted
}

func serve(t *testing.T, status int, answer string) *service {
	t.Helper()
	s := &service{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		p := posted{host: r.Host, path: r.URL.Path, query: r.URL.RawQuery, kind: r.Method + " " + r.Header.Get("Content-Type"), authorization: r.Header.Get("Authorization")}
		if err := json.Unmarshal(data, &p.body); err != nil {
			t.Errorf("got %s", data)
		}
		s.got = append(s.got, p)
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	s.Client = &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
		},
	}}
	t.Cleanup(s.CloseIdleConnections)
	return s
}

func dingTalkAddress() chat.Reply {
	return chat.Reply{Platform: "dingtalk", Kind: "session", Address: "https://oapi.dingtalk.com/robot/sendBySession?session=0f3c", Mention: "manager0417"}
}

func slackAddress() chat.Reply {
	return chat.Reply{Platform: "slack", Kind: "response", Address: "https://hooks.slack.com/actions/T1/2/3", Mention: "U2"}
}

func slackChannel() chat.Reply {
	return chat.Reply{Platform: "slack", Kind: "post", Address: "C1/1763836000.000001", Mention: "U2"}
}

func TestDingTalkSends(t *testing.T) {
	t.Parallel()
	p := platform(t, "dingtalk", dingTalkSetting)
	s := serve(t, 200, `{"errcode":0,"errmsg":"ok"}`)
	if err := p.Send(t.Context(), s, dingTalkAddress(), sample(), "id"); err != nil {
		t.Fatal(err)
	}
	got := s.got[0]
	at, _ := got.body["at"].(map[string]any)
	if got.host != "oapi.dingtalk.com" || got.path != "/robot/sendBySession" || got.query != "session=0f3c" || got.kind != "POST application/json; charset=utf-8" ||
		got.authorization != "" || got.body["msgtype"] != "markdown" || at["isAtAll"] != false || fmt.Sprint(at["atUserIds"]) != "[manager0417]" {
		t.Errorf("got %+v", got)
	}
}

func TestSlackSendsToTheResponseURL(t *testing.T) {
	t.Parallel()
	p := platform(t, "slack", slackSetting+";botToken="+slackToken)
	s := serve(t, 200, "ok")
	if err := p.Send(t.Context(), s, slackAddress(), sample(), "id"); err != nil {
		t.Fatal(err)
	}
	got := s.got[0]
	text, _ := got.body["text"].(string)
	if got.host != "hooks.slack.com" || got.path != "/actions/T1/2/3" || got.kind != "POST application/json; charset=utf-8" || got.authorization != "" ||
		got.body["response_type"] != "in_channel" || got.body["replace_original"] != false || !strings.HasPrefix(text, "<@U2> ⏳ ") || got.body["channel"] != nil {
		t.Errorf("got %+v", got)
	}
	// Only what can be a member's id is mentioned.
	to := slackAddress()
	to.Mention = "!channel"
	if err := p.Send(t.Context(), s, to, sample(), "id"); err != nil {
		t.Fatal(err)
	}
	if text, _ := s.got[1].body["text"].(string); !strings.HasPrefix(text, "⏳ ") {
		t.Errorf("got %s", text)
	}
}

func TestSlackSendsToTheChannel(t *testing.T) {
	t.Parallel()
	p := platform(t, "slack", slackSetting+";botToken="+slackToken)
	s := serve(t, 200, `{"ok":true,"ts":"1.2"}`)
	if err := p.Send(t.Context(), s, slackChannel(), sample(), "id"); err != nil {
		t.Fatal(err)
	}
	got := s.got[0]
	if got.host != "slack.com" || got.path != "/api/chat.postMessage" || got.authorization != "Bearer "+slackToken || got.body["channel"] != "C1" ||
		got.body["thread_ts"] != "1763836000.000001" || got.body["unfurl_links"] != false || got.body["unfurl_media"] != false || got.body["response_type"] != nil {
		t.Errorf("got %+v", got)
	}
	to := slackChannel()
	to.Address = "D1"
	if err := p.Send(t.Context(), s, to, sample(), "id"); err != nil || s.got[1].body["thread_ts"] != nil || s.got[1].body["channel"] != "D1" {
		t.Errorf("got %v, %+v", err, s.got[1])
	}
}

// sendError holds how Send failed, and that the error names neither an address
// nor a secret nor the platform's words.
func sendError(t *testing.T, err error, again bool, code string) {
	t.Helper()
	var e *chat.SendError
	if !errors.As(err, &e) || e.Again != again || e.Code != code || e.Message == "" {
		t.Fatalf("got %#v, want %s, again %v", err, code, again)
	}
	for _, leak := range []string{"0f3c", "hooks.slack.com", "T1/2/3", slackToken, "oracle", "oapi.dingtalk.com"} {
		if strings.Contains(err.Error(), leak) {
			t.Errorf("%q is in %v", leak, err)
		}
	}
}

func TestSendErrors(t *testing.T) {
	t.Parallel()
	dingTalk, slack := platform(t, "dingtalk", dingTalkSetting), platform(t, "slack", slackSetting+";botToken="+slackToken)
	for _, tt := range []struct {
		name   string
		p      chat.Platform
		to     chat.Reply
		status int
		answer string
		again  bool
		code   string
	}{
		{"DingTalk's session is over", dingTalk, dingTalkAddress(), 200, `{"errcode":310000,"errmsg":"oracle"}`, false, "310000"},
		{"DingTalk is busy", dingTalk, dingTalkAddress(), 200, `{"errcode":-1}`, true, "-1"},
		{"DingTalk is sent too much", dingTalk, dingTalkAddress(), 200, `{"errcode":130101}`, true, "130101"},
		{"DingTalk's page of errors", dingTalk, dingTalkAddress(), 200, `<html>oracle</html>`, true, "Unreadable"},
		{"DingTalk without code", dingTalk, dingTalkAddress(), 200, `{}`, true, "Unreadable"},
		{"DingTalk without end", dingTalk, dingTalkAddress(), 200, `{"errcode":0,"x":"` + strings.Repeat("x", 70<<10) + `"}`, true, "Unreadable"},
		{"DingTalk refuses", dingTalk, dingTalkAddress(), 403, `oracle`, false, "HTTP403"},
		{"DingTalk sends elsewhere", dingTalk, dingTalkAddress(), 302, `oracle`, false, "HTTP302"},
		{"DingTalk is out of order", dingTalk, dingTalkAddress(), 503, `oracle`, true, "HTTP503"},
		{"Slack's URL is over", slack, slackAddress(), 404, `{"ok":false,"error":"expired_url"}`, false, "HTTP404"},
		{"Slack's URL is used up", slack, slackAddress(), 200, `{"ok":false,"error":"used_url"}`, false, "Slack.used_url"},
		{"Slack is sent too much", slack, slackChannel(), 429, `{"ok":false}`, true, "HTTP429"},
		{"Slack is sent too much, in words", slack, slackChannel(), 200, `{"ok":false,"error":"ratelimited"}`, true, "Slack.ratelimited"},
		{"Slack's bot is not there", slack, slackChannel(), 200, `{"ok":false,"error":"not_in_channel"}`, false, "Slack.not_in_channel"},
		{"Slack does not know the token", slack, slackChannel(), 200, `{"ok":false,"error":"invalid_auth"}`, false, "Slack.invalid_auth"},
		{"Slack misses a scope", slack, slackChannel(), 200, `{"ok":false,"error":"missing_scope"}`, false, "Slack.missing_scope"},
		{"Slack says something odd", slack, slackChannel(), 200, `{"ok":false,"error":"the oracle\nsays"}`, false, "Slack.unknown"},
		{"Slack's page of errors", slack, slackChannel(), 200, `oracle`, true, "Unreadable"},
		{"Slack is out of order", slack, slackChannel(), 500, ``, true, "HTTP500"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, tt.status, tt.answer)
			s.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			sendError(t, tt.p.Send(t.Context(), s, tt.to, sample(), "id"), tt.again, tt.code)
			if len(s.got) != 1 {
				t.Errorf("sent %d times", len(s.got))
			}
		})
	}
}

// doer lets a function be a client that sends nothing.
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func TestSendErrorsWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	dingTalk, slack, bare := platform(t, "dingtalk", dingTalkSetting), platform(t, "slack", slackSetting+";botToken="+slackToken), platform(t, "slack", slackSetting)
	never := doer(func(r *http.Request) (*http.Response, error) {
		t.Errorf("sent to %s", r.URL)
		return nil, io.EOF
	})
	broken := doer(func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("dial %s: refused", r.URL) })
	barred := doer(func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("post: %w", &chat.SendError{Code: "Barred", Message: "not a chat platform"})
	})
	sendError(t, dingTalk.Send(t.Context(), broken, dingTalkAddress(), sample(), "id"), true, "Network")
	sendError(t, slack.Send(t.Context(), broken, slackAddress(), sample(), "id"), true, "Network")
	sendError(t, slack.Send(t.Context(), broken, slackChannel(), sample(), "id"), true, "Network")
	sendError(t, slack.Send(t.Context(), barred, slackAddress(), sample(), "id"), false, "Barred")
	sendError(t, dingTalk.Send(t.Context(), never, slackAddress(), sample(), "id"), false, "Reply")
	sendError(t, slack.Send(t.Context(), never, dingTalkAddress(), sample(), "id"), false, "Reply")
	sendError(t, bare.Send(t.Context(), never, slackChannel(), sample(), "id"), false, "Reply")
	odd := dingTalkAddress()
	odd.Address = "https://oapi.dingtalk.com/\x00?0f3c"
	sendError(t, dingTalk.Send(t.Context(), never, odd, sample(), "id"), false, "Address")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sendError(t, dingTalk.Send(ctx, serve(t, 200, `{"errcode":0}`), dingTalkAddress(), sample(), "id"), true, "Network")
}

func TestReplyAddressesCannotBePrinted(t *testing.T) {
	t.Parallel()
	m := chat.Message{Reply: dingTalkAddress()}
	var out strings.Builder
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		fmt.Fprintf(&out, format, m)
		fmt.Fprintf(&out, format, m.Reply)
		fmt.Fprintf(&out, format, &m.Reply)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "reply", m.Reply, "message", m)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "reply", m.Reply)
	if strings.Contains(out.String(), "0f3c") || !strings.Contains(out.String(), "dingtalk session [secret]") {
		t.Errorf("got %s", out.String())
	}
	if r := (chat.Reply{Address: "a", Until: moment()}); r.Usable(moment()) || !r.Usable(moment().Add(-time.Second)) || (chat.Reply{}).Usable(moment()) {
		t.Error("usable at the wrong time")
	}
	if got := (chat.Identity{Platform: "slack", Tenant: "T1", User: "U2"}).String(); got != "slack:T1/U2" {
		t.Errorf("got %s", got)
	}
	if e := (&chat.SendError{Code: "HTTP503", Message: "wait"}); e.Error() != "HTTP503: wait" {
		t.Errorf("got %v", e)
	}
}
