package notify_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/notify"
)

// service is a server in the place of every chat platform.
func service(t *testing.T, h http.HandlerFunc) (*httptest.Server, *notify.Client) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s, client(t, notify.ClientOptions{Loopback: s.URL})
}

func client(t *testing.T, o notify.ClientOptions) *notify.Client {
	t.Helper()
	c, err := notify.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func request(t *testing.T, method, address, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// failed asserts that a request failed as chat's contract wants it, and gives
// the failure.
func failed(t *testing.T, resp *http.Response, err error) *chat.SendError {
	t.Helper()
	if err == nil {
		_ = resp.Body.Close()
		t.Fatal("it was sent")
	}
	no, ok := err.(*chat.SendError) //nolint:errorlint // the contract: nothing is wrapped around it
	if !ok {
		t.Fatalf("%T: %v", err, err)
	}
	if no.Code == "" || no.Message == "" {
		t.Errorf("%+v does not say what is wrong", no)
	}
	return no
}

const session = "https://oapi.dingtalk.com/robot/sendBySession?session=0f3c"

func TestRequestsToPlatformsGoOut(t *testing.T) {
	t.Parallel()
	var got []string
	_, c := service(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, r.Method+" "+r.Header.Get("X-Forwarded-Proto")+"://"+r.Host+r.RequestURI+" "+r.Header.Get("Content-Type")+" "+string(body))
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"errcode":0}`)
	})
	for _, line := range []string{
		"POST " + session,
		"POST https://oapi.dingtalk.com/robot/sendBySession?session=ab%2Fcd%3D%3D",
		"POST https://hooks.slack.com/commands/T0123/456/aBcD-e_f",
		"POST https://hooks.slack.com/actions/T1/2/3",
		"POST https://hooks.slack.com/app/T1/2/3",
		"POST https://slack.com/api/chat.postMessage",
		"POST https://slack.com/api/chat.update",
		"POST https://open.feishu.cn/open-apis/im/v1/messages?receive_id_type=chat_id",
		"PATCH https://open.feishu.cn/open-apis/im/v1/messages/om_dc13264520392913993dd051dba21dcf",
		"PATCH https://open.larksuite.com/open-apis/im/v1/messages/om_x1",
		"POST https://open.feishu.cn/open-apis/auth/v3/tenant_access_token/internal",
		"POST https://open.feishu.cn/open-apis/im/v1/messages/om_dc13264520392913993dd051dba21dcf/reply",
		"POST https://open.larksuite.com/open-apis/auth/v3/tenant_access_token/internal",
		"POST https://open.larksuite.com/open-apis/im/v1/messages/om_x1/reply",
		"POST https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=x-y_z.1",
		"GET https://qyapi.weixin.qq.com/cgi-bin/gettoken?corpid=c&corpsecret=s",
		"POST https://qyapi.weixin.qq.com/cgi-bin/message/send?access_token=t",
		"POST https://qyapi.weixin.qq.com/cgi-bin/message/update_template_card?access_token=t",
		"POST https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=73febdcb-1b38-4d1b-a994-790f21fc8d30",
		"POST https://api.dingtalk.com/v1.0/oauth2/accessToken",
		"POST https://api.dingtalk.com/v1.0/im/v1.0/robot/interactiveCards/send",
		"PUT https://api.dingtalk.com/v1.0/im/robots/interactiveCards",
		"POST https://api.dingtalk.com/v1.0/robot/groupMessages/send",
	} {
		method, address, _ := strings.Cut(line, " ")
		got = nil
		r := request(t, method, address, "hello")
		r.Header.Set("Content-Type", "text/plain")
		resp, err := c.Do(r)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		answer, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusAccepted || string(answer) != `{"errcode":0}` {
			t.Errorf("%s: %d %s, %v", line, resp.StatusCode, answer, err)
		}
		_ = resp.Body.Close()
		if want := line + " text/plain hello"; len(got) != 1 || got[0] != want {
			t.Errorf("%s arrived as %q", line, got)
		}
		if r.URL.String() != address || r.Header.Get("X-Forwarded-Proto") != "" {
			t.Errorf("the caller's request was altered: %s %v", r.URL, r.Header)
		}
	}
}

func TestNothingElseGoesOut(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	s, c := service(t, func(http.ResponseWriter, *http.Request) { sent.Add(1) })
	const secret = "5e55i0n"
	for _, tt := range []struct{ name, method, address string }{
		{"plain http", "POST", "http://oapi.dingtalk.com/robot/sendBySession?session=5e55i0n"},
		{"another scheme", "POST", "ftp://oapi.dingtalk.com/robot/sendBySession?session=5e55i0n"},
		{"a scheme within", "POST", "https:https://oapi.dingtalk.com/robot/sendBySession?5e55i0n"},
		{"no scheme", "POST", "//oapi.dingtalk.com/robot/sendBySession?5e55i0n"},
		{"no host", "POST", "https:///robot/sendBySession?5e55i0n"},
		{"a path alone", "POST", "/robot/sendBySession?5e55i0n"},
		{"another host", "POST", "https://example.com/robot/sendBySession?5e55i0n"},
		{"the metadata service", "POST", "https://100.100.100.200/robot/sendBySession?5e55i0n"},
		{"loopback", "POST", "https://127.0.0.1/robot/sendBySession?5e55i0n"},
		{"the local cloud itself", "POST", s.URL + "/robot/sendBySession?5e55i0n"},
		{"another host of the platform", "POST", "https://api.dingtalk.com/robot/sendBySession?5e55i0n"},
		{"a host that ends like it", "POST", "https://evil-oapi.dingtalk.com/robot/sendBySession?5e55i0n"},
		{"a host that begins like it", "POST", "https://oapi.dingtalk.com.evil.example/robot/sendBySession?5e55i0n"},
		{"a host below it", "POST", "https://x.oapi.dingtalk.com/robot/sendBySession?5e55i0n"},
		{"the host's parent", "POST", "https://dingtalk.com/robot/sendBySession?5e55i0n"},
		{"capitals", "POST", "https://OAPI.dingtalk.com/robot/sendBySession?5e55i0n"},
		{"a final dot", "POST", "https://oapi.dingtalk.com./robot/sendBySession?5e55i0n"},
		{"the usual port", "POST", "https://oapi.dingtalk.com:443/robot/sendBySession?5e55i0n"},
		{"another port", "POST", "https://oapi.dingtalk.com:22/robot/sendBySession?5e55i0n"},
		{"a user", "POST", "https://5e55i0n@oapi.dingtalk.com/robot/sendBySession"},
		{"the host as user", "POST", "https://oapi.dingtalk.com@evil.example/robot/sendBySession?5e55i0n"},
		{"the host as user and password", "POST", "https://oapi.dingtalk.com:443@evil.example/robot/sendBySession?5e55i0n"},
		{"a full-width letter in the host", "POST", "https://oapi.dingtalk.ｃom/robot/sendBySession?5e55i0n"},
		{"an escape in the host", "POST", "https://oapi%2Edingtalk.com/robot/sendBySession?5e55i0n"},
		{"a Chinese full stop", "POST", "https://oapi.dingtalk。com/robot/sendBySession?5e55i0n"},
		{"a fragment", "POST", "https://oapi.dingtalk.com/robot/sendBySession?5e55i0n#x"},
		{"another path", "POST", "https://oapi.dingtalk.com/robot/send?access_token=5e55i0n"},
		{"capitals in the path", "POST", "https://oapi.dingtalk.com/robot/sendbysession?5e55i0n"},
		{"a longer path", "POST", "https://oapi.dingtalk.com/robot/sendBySession/5e55i0n"},
		{"a path that goes on", "POST", "https://oapi.dingtalk.com/robot/sendBySession5e55i0n"},
		{"a doubled slash", "POST", "https://oapi.dingtalk.com//robot/sendBySession?5e55i0n"},
		{"a way round", "POST", "https://oapi.dingtalk.com/robot/../robot/sendBySession?5e55i0n"},
		{"an escaped letter", "POST", "https://oapi.dingtalk.com/robot/%73endBySession?5e55i0n"},
		{"an escaped slash", "POST", "https://oapi.dingtalk.com/robot%2FsendBySession?5e55i0n"},
		{"a parameter of the path", "POST", "https://oapi.dingtalk.com/robot/sendBySession;5e55i0n"},
		{"a GET", "GET", "https://oapi.dingtalk.com/robot/sendBySession?5e55i0n"},
		{"a method in lower case", "post", "https://oapi.dingtalk.com/robot/sendBySession?5e55i0n"},
		{"a line break in the query", "POST", "https://oapi.dingtalk.com/robot/sendBySession?5e55i0n%0d%0aX: y"},
		{"a blank in the query", "POST", "https://oapi.dingtalk.com/robot/sendBySession?5e55i0n HTTP/1.1"},
		{"a query beyond measure", "POST", "https://oapi.dingtalk.com/robot/sendBySession?5e55i0n=" + strings.Repeat("x", 2048)},
		{"a prefix alone", "POST", "https://hooks.slack.com/commands/?5e55i0n"},
		{"a prefix without its end", "POST", "https://hooks.slack.com/commands?5e55i0n"},
		{"another prefix", "POST", "https://hooks.slack.com/services/T1/5e55i0n"},
		{"up from a prefix", "POST", "https://hooks.slack.com/commands/../services/T1/5e55i0n"},
		{"up from a prefix, escaped", "POST", "https://hooks.slack.com/commands/%2e%2e/services/T1/5e55i0n"},
		{"up from a prefix, escaped slash", "POST", "https://hooks.slack.com/commands/..%2fservices/T1/5e55i0n"},
		{"up from a prefix, escaped twice", "POST", "https://hooks.slack.com/commands/%252e%252e/services/T1/5e55i0n"},
		{"backslashes", "POST", `https://hooks.slack.com/commands/..\services\T1\5e55i0n`},
		{"an empty piece below a prefix", "POST", "https://hooks.slack.com/commands//T1/5e55i0n"},
		{"a final slash below a prefix", "POST", "https://hooks.slack.com/commands/T1/5e55i0n/"},
		{"a NUL below a prefix", "POST", "https://hooks.slack.com/commands/T1%00/5e55i0n"},
		{"a blank below a prefix", "POST", "https://hooks.slack.com/commands/T1 x/5e55i0n"},
		{"another method of Slack's API", "POST", "https://slack.com/api/chat.delete?5e55i0n"},
		{"an update by another method", "PUT", "https://slack.com/api/chat.update?5e55i0n"},
		{"an update of Slack with a longer path", "POST", "https://slack.com/api/chat.update/5e55i0n"},
		{"an update at another host of Slack", "POST", "https://files.slack.com/api/chat.update?5e55i0n"},
		{"a message of Feishu by PUT", "PUT", "https://open.feishu.cn/open-apis/im/v1/messages/om_5e55i0n"},
		{"a message of Feishu that is deleted", "DELETE", "https://open.feishu.cn/open-apis/im/v1/messages/om_5e55i0n"},
		{"a card of no message", "PATCH", "https://open.feishu.cn/open-apis/im/v1/messages/"},
		{"a card with a way out", "PATCH", "https://open.feishu.cn/open-apis/im/v1/messages/om_x/urgent_app?5e55i0n"},
		{"a card with an escape", "PATCH", "https://open.feishu.cn/open-apis/im/v1/messages/om_x%2F5e55i0n"},
		{"messages of Feishu with a final slash", "POST", "https://open.feishu.cn/open-apis/im/v1/messages/?5e55i0n"},
		{"Slack's API at the hooks' host", "POST", "https://hooks.slack.com/api/chat.postMessage?5e55i0n"},
		{"a message of another kind", "POST", "https://open.feishu.cn/open-apis/im/v1/messages/5e55i0n/reply"},
		{"a way out of a message's id", "POST", "https://open.feishu.cn/open-apis/im/v1/messages/om_x/../../5e55i0n/reply"},
		{"a message without reply", "POST", "https://open.feishu.cn/open-apis/im/v1/messages/om_5e55i0n"},
		{"deeper than reply", "POST", "https://open.larksuite.com/open-apis/im/v1/messages/om_5e55i0n/reply/x"},
		{"a token of another kind", "POST", "https://open.feishu.cn/open-apis/auth/v3/app_access_token/internal?5e55i0n"},
		{"the app API at the robot's host", "POST", "https://oapi.dingtalk.com/v1.0/robot/groupMessages/send?5e55i0n"},
		{"the app API in another place", "POST", "https://api.dingtalk.io/v1.0/robot/groupMessages/send?5e55i0n"},
		{"messages to people", "POST", "https://api.dingtalk.com/v1.0/robot/oToMessages/batchSend?5e55i0n"},
		{"messages that are withdrawn", "POST", "https://api.dingtalk.com/v1.0/robot/groupMessages/recall?5e55i0n"},
		{"a card of DingTalk by POST", "POST", "https://api.dingtalk.com/v1.0/im/robots/interactiveCards?5e55i0n"},
		{"a card of DingTalk that is sent by PUT", "PUT", "https://api.dingtalk.com/v1.0/im/v1.0/robot/interactiveCards/send?5e55i0n"},
		{"a card of DingTalk with a longer path", "PUT", "https://api.dingtalk.com/v1.0/im/robots/interactiveCards/5e55i0n"},
		{"the token of a person of DingTalk", "POST", "https://api.dingtalk.com/v1.0/oauth2/userAccessToken?5e55i0n"},
		{"the upload of a group robot of WeCom", "POST", "https://qyapi.weixin.qq.com/cgi-bin/webhook/upload_media?key=5e55i0n"},
		{"a group robot's address by GET", "GET", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=5e55i0n"},
		{"a card of WeCom that is recalled", "POST", "https://qyapi.weixin.qq.com/cgi-bin/message/recall?5e55i0n"},
		{"another command of WeCom", "POST", "https://qyapi.weixin.qq.com/cgi-bin/user/delete?5e55i0n"},
		{"WeCom's token by POST", "POST", "https://qyapi.weixin.qq.com/cgi-bin/gettoken?5e55i0n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), tt.method, tt.address, strings.NewReader("x"))
			if err != nil {
				return // it cannot even be written down
			}
			resp, err := c.Do(r)
			no := failed(t, resp, err)
			if no.Again || no.Code != "AddressRefused" || strings.Contains(no.Error(), secret) {
				t.Errorf("refused as %+v", no)
			}
			if n := sent.Load(); n != 0 {
				t.Errorf("%d requests went out", n)
			}
		})
	}
}

// What a URL's text cannot say, its fields can.
func TestRequestsThatWereTamperedWithDoNotGoOut(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	_, c := service(t, func(http.ResponseWriter, *http.Request) { sent.Add(1) })
	for name, tamper := range map[string]func(*http.Request){
		"no address":                  func(r *http.Request) { r.URL = nil },
		"another host in the header":  func(r *http.Request) { r.Host = "evil.example" },
		"an opaque address":           func(r *http.Request) { r.URL.Opaque = "//evil.example/robot/sendBySession" },
		"a raw path":                  func(r *http.Request) { r.URL.RawPath = "/robot/sendBySession/../send" },
		"a raw fragment":              func(r *http.Request) { r.URL.RawFragment = "x" },
		"a line break in the query":   func(r *http.Request) { r.URL.RawQuery = "x\r\nHost: evil.example" },
		"a fragment within the query": func(r *http.Request) { r.URL.RawQuery = "x#y" },
		"an empty port":               func(r *http.Request) { r.URL.Host += ":" },
		"a line break in the host":    func(r *http.Request) { r.URL.Host += "\nevil.example" },
		"a line break in the path":    func(r *http.Request) { r.URL.Path += "\n" },
		"no method":                   func(r *http.Request) { r.Method = "" },
	} {
		r := request(t, http.MethodPost, session, "x")
		tamper(r)
		resp, err := c.Do(r)
		if no := failed(t, resp, err); no.Code != "AddressRefused" || sent.Load() != 0 {
			t.Errorf("%s: %+v, %d requests went out", name, no, sent.Load())
		}
	}
	bare := request(t, http.MethodPost, session, "x")
	bare.Header, bare.Body, bare.ContentLength = nil, nil, 0
	resp, err := c.Do(bare)
	if err != nil || sent.Load() != 1 {
		t.Fatalf("a request without header and body: %v", err)
	}
	_ = resp.Body.Close()
}

func TestTheLocalCloudIsOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, fits := range []string{"http://127.0.0.1:9004", "http://127.0.0.1:9004/", "http://localhost:9004", "http://[::1]:9004", ""} {
		if _, err := notify.NewClient(notify.ClientOptions{Loopback: fits}); err != nil {
			t.Errorf("%q: %v", fits, err)
		}
	}
	for _, bad := range []string{
		"https://127.0.0.1:9004", "http://10.0.0.1", "http://example.com", "http://127.0.0.1.example.com", "http://100.100.100.200",
		"http://user:hidden@127.0.0.1", "http://127.0.0.1/path", "http://127.0.0.1?x=hidden", "http://127.0.0.1#x", "127.0.0.1:9004", "http://", "http://%", "http://0.0.0.0:1",
	} {
		if _, err := notify.NewClient(notify.ClientOptions{Loopback: bad}); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var seen atomic.Int64
	_, c := service(t, func(w http.ResponseWriter, r *http.Request) {
		seen.Add(1)
		http.Redirect(w, r, "https://oapi.dingtalk.com/robot/sendBySession?again", http.StatusTemporaryRedirect)
	})
	resp, err := c.Do(request(t, http.MethodPost, session, "x"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusTemporaryRedirect || seen.Load() != 1 {
		t.Errorf("%d, after %d requests", resp.StatusCode, seen.Load())
	}
}

func TestHugeAnswersAreCut(t *testing.T) {
	t.Parallel()
	_, c := service(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 1 << 10 {
			_, _ = w.Write(make([]byte, 1<<10))
		}
	})
	resp, err := c.Do(request(t, http.MethodPost, session, "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if data, err := io.ReadAll(resp.Body); err != nil || len(data) != 64<<10 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

func TestAHugeHeaderIsNoAnswer(t *testing.T) {
	t.Parallel()
	_, c := service(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Much", strings.Repeat("x", 32<<10)) })
	resp, err := c.Do(request(t, http.MethodPost, session, "x"))
	if no := failed(t, resp, err); !no.Again || no.Code != "NoAnswer" {
		t.Errorf("%+v", no)
	}
}

func TestSlowAnswersEndInTime(t *testing.T) {
	t.Parallel()
	s, patient := service(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // so that the server sees the client go
		if r.URL.RawQuery == "session=begun" {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	})
	c := client(t, notify.ClientOptions{Loopback: s.URL, Timeout: 100 * time.Millisecond})
	resp, err := c.Do(request(t, http.MethodPost, session, "x"))
	if no := failed(t, resp, err); !no.Again || no.Code != "Timeout" || strings.Contains(no.Error(), "0f3c") {
		t.Errorf("%+v", no)
	}

	// An answer that begins and does not end.
	r := request(t, http.MethodPost, "https://oapi.dingtalk.com/robot/sendBySession?session=begun", "")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	resp, err = patient.Do(r.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	cancel()
	_, err = io.ReadAll(resp.Body)
	var no *chat.SendError
	if !errors.As(err, &no) || !no.Again || no.Code != "Timeout" {
		t.Errorf("reading: %v", err)
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	s, c := service(t, func(http.ResponseWriter, *http.Request) {})
	s.Close()
	resp, err := c.Do(request(t, http.MethodPost, session, "x"))
	no := failed(t, resp, err)
	if !no.Again || no.Code != "NoAnswer" || !strings.Contains(no.Message, "dial") {
		t.Errorf("%+v", no)
	}
	for _, address := range []string{s.URL, strings.TrimPrefix(s.URL, "http://"), "127.0.0.1", "0f3c", "dingtalk"} {
		if strings.Contains(no.Error(), address) {
			t.Errorf("%q is in %q", address, no.Error())
		}
	}
}

func TestCertificatesAreChecked(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent.Add(1) }))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo) // of the handshake that fails
	s.StartTLS()
	t.Cleanup(s.Close)
	c := client(t, notify.ClientOptions{})
	notify.DialTo(t, c, s.Listener.Addr().String())
	resp, err := c.Do(request(t, http.MethodPost, session, "x"))
	if no := failed(t, resp, err); !no.Again || no.Code != "Certificate" || sent.Load() != 0 {
		t.Errorf("%+v, %d requests went out", no, sent.Load())
	}
}
