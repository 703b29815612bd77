package handler_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

const slackSecret = "8f742231b10e8888abcd99yyyzzz85a5"

// chatHarness is a harness with Slack and WeCom, and a server in Slack's place.
type chatHarness struct {
	*harness

	mu   sync.Mutex
	sent []string
}

func newChatHarness(t *testing.T) *chatHarness {
	t.Helper()
	rules := strings.NewReplacer(
		"{door: http, user: chat-bot}", "{door: slack, tenant: T1, user: U1}", "{door: http, user: checker}", "{door: slack, tenant: T1, user: U2}",
	).Replace(people)
	r := &chatHarness{harness: newTwoServers(t, rules)}
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.sent = append(r.sent, string(body))
		r.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ok":true}`)
	}))
	t.Cleanup(platform.Close)
	var err error
	r.cfg.ChatEndpoint, r.cfg.Platforms = platform.URL, map[string]chat.Platform{}
	for name, value := range map[string]string{
		"slack": "secret=" + slackSecret + ";team=T1;botToken=xoxb-1234-5678-abcdefghijkl",
		"wecom": "token=handlertest-token-1;aesKey=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG;corp=wx5823bf96d3bd56c7;bot=BOT1",
	} {
		for _, s := range platforms.Specs() {
			if s.Name != name {
				continue
			}
			settings, problems := chat.ParseSettings(s, value)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if r.cfg.Platforms[name], err = s.New(settings); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.start()
	return r
}

func (r *chatHarness) told() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.sent...)
}

// signed is a request as Slack makes it.
func (r *chatHarness) signed(body, mediaType string) call {
	stamp := strconv.FormatInt(r.Clock.Now().Unix(), 10)
	h := hmac.New(sha256.New, []byte(slackSecret))
	h.Write([]byte("v0:" + stamp + ":" + body))
	return call{method: "POST", path: "/chat/slack", body: body, secret: "none", header: map[string]string{
		"Content-Type": mediaType, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + hex.EncodeToString(h.Sum(nil)),
	}}
}

// slash is a slash command, which is answered in the response.
func (r *chatHarness) slash(user, line string) call {
	r.n++
	return r.signed(url.Values{
		"command": {"/vpn"}, "text": {line}, "user_id": {user}, "team_id": {"T1"}, "channel_id": {"C1"}, "trigger_id": {strconv.Itoa(r.n)},
		"response_url": {"https://hooks.slack.com/commands/T1/" + strconv.Itoa(r.n) + "/x"},
	}.Encode(), "application/x-www-form-urlencoded")
}

// mention is a message that mentions the bot, which is answered later.
func (r *chatHarness) mention(user, line string) call {
	r.n++
	body, err := json.Marshal(map[string]any{
		"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": "Ev" + strconv.Itoa(r.n),
		"authorizations": []any{map[string]any{"team_id": "T1", "user_id": "U0BOT", "is_bot": true}},
		"event":          map[string]any{"type": "app_mention", "user": user, "text": "<@U0BOT> " + line, "ts": fmt.Sprintf("%d.%06d", r.Clock.Now().Unix(), r.n), "channel": "C1", "team": "T1"},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return r.signed(string(body), "application/json")
}

// shown is what the response to a command shows.
func (r *chatHarness) shown(c call) string {
	r.t.Helper()
	var out struct{ Text string }
	decode(r.t, r.ask(c, 200).Body, &out)
	return out.Text
}

// acknowledged is a message whose response shows nothing.
func (r *chatHarness) acknowledged(c call) {
	r.t.Helper()
	out, err := r.invoke(r.payload(c))
	var a answer
	decode(r.t, out, &a)
	if err != nil || a.StatusCode != http.StatusOK || a.Body != "" {
		r.t.Errorf("answered %s, %v", out, err)
	}
}

func (r *chatHarness) wake(key string) {
	r.t.Helper()
	r.deliver(string(oss.EventJSON(oss.Event{Name: oss.PutObjectEvent, Bucket: cloudtest.Bucket, Key: key})))
}

func TestChatRoutes(t *testing.T) {
	t.Parallel()
	r := newChatHarness(t)
	for _, path := range []string{"/chat/", "/chat/feishu", "/chat/slack/x", "/chat/Slack", "/chat"} {
		c := r.slash("U1", "help")
		c.path = path
		r.problem(c, 404, "not-found")
	}
	get := r.slash("U1", "help")
	get.method = "GET"
	if a := r.ask(get, 405); a.Headers["Allow"] != "POST" {
		t.Errorf("Allow is %q", a.Headers["Allow"])
	}
	check := call{method: "GET", path: "/chat/wecom", secret: "none"} // let through to its check, which it fails
	unsigned := r.ask(check, 401)
	put := check
	put.method = "PUT"
	if a := r.ask(put, 405); !strings.Contains(a.Headers["Allow"], "GET") || !strings.Contains(a.Headers["Allow"], "POST") {
		t.Errorf("Allow is %q", a.Headers["Allow"])
	}
	r.problem(r.signed(strings.Repeat("x", chat.MaxBody+1), "application/json"), 413, "too-large")
	late := r.slash("U1", "help")
	late.header["X-Slack-Request-Timestamp"] = strconv.FormatInt(r.Clock.Now().Add(-time.Hour).Unix(), 10)
	altered := r.slash("U1", "help")
	altered.body += "&text=apply"
	requests := len(r.OSS.Requests())
	for name, c := range map[string]call{
		"unsigned": {method: "POST", path: "/chat/slack", body: "x", secret: "none"}, "late": late, "altered": altered,
		"another workspace": r.signed(url.Values{"command": {"/vpn"}, "text": {"help"}, "user_id": {"U1"}, "team_id": {"T2"}}.Encode(), "application/x-www-form-urlencoded"),
	} {
		if got := r.ask(c, 401); got.Body != unsigned.Body {
			t.Errorf("%s: %s", name, got.Body)
		}
	}
	if out, err := r.invoke(r.payload(r.signed(`{"type":"url_verification","challenge":"c0ffee"}`, "application/json"))); err != nil || !strings.Contains(out, "c0ffee") {
		t.Errorf("the check is answered %q, %v", out, err)
	}
	if n := len(r.OSS.Requests()) - requests; n != 2 {
		t.Errorf("it cost %d requests to the store", n)
	}
	r.count("claims/", 2) // of the two requests that are signed
}

func TestAConversation(t *testing.T) {
	t.Parallel()
	r := newChatHarness(t)
	for line, want := range map[string]string{
		"help": "apply", "plan one port=1195": "Plan for", "预览 one 端口=1195": "变更预览", "aply one": "Rejected", "": "Rejected", "plan two\nport=1": "Rejected",
		"plan one name=" + strings.Repeat("x", chat.MaxText): "too long", "apply two cipher=none": "Rejected",
	} {
		if got := r.shown(r.slash("U1", line)); !strings.Contains(got, want) {
			t.Errorf("%.40q is answered %q, want %q", line, got, want)
		}
	}
	if got := r.shown(r.slash("U9", "status")); !strings.Contains(got, "U9") {
		t.Errorf("a stranger is answered %q", got)
	}
	r.count("queue/", 0)
	c := r.slash("U1", "apply one port=1195")
	got := r.shown(c)
	if again := r.shown(c); again != got || !strings.Contains(got, "posted here") {
		t.Errorf("delivered again: %q, first %q", again, got)
	}
	r.count("queue/", 1)
	r.wake("wake/cn-hangzhou/vss-one")
	if sent := r.told(); len(sent) != 1 || !strings.Contains(sent[0], "was applied") || r.port("vss-one") != 1195 {
		t.Errorf("sent was %q, the port is %d", sent, r.port("vss-one"))
	}
	r.count("outbox/", 0)
	if strings.Contains(r.log.String(), "hooks.slack.com") {
		t.Error("the log has an address to answer to")
	}
}

// Where a response does not show, the answer waits in the outbox for an
// invocation of its own.
func TestAnswersThatComeLater(t *testing.T) {
	t.Parallel()
	for name, deliver := range map[string]func(*chatHarness){
		"its own creation": func(r *chatHarness) {
			for _, key := range r.Keys(r.t.Context(), "outbox/") {
				r.wake(key)
			}
		},
		"the sweep": func(r *chatHarness) {
			r.Clock.Advance(10 * time.Minute)
			r.OSS.Advance(10 * time.Minute)
			r.deliver(tick("sweep", r.Clock.Now(), `{"task":"sweep"}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newChatHarness(t)
			c := r.mention("U1", "plan one port=1195")
			r.acknowledged(c)
			r.acknowledged(c)
			r.count("outbox/", 1)
			r.count("wake/", 0)
			if len(r.told()) != 0 {
				t.Errorf("sent at once: %q", r.told())
			}
			deliver(r)
			if sent := r.told(); len(sent) != 1 || !strings.Contains(sent[0], "Plan for") {
				t.Errorf("sent was %q", sent)
			}
			r.count("outbox/", 0)
		})
	}
}

// What cannot be done now is said where the response shows; elsewhere the
// platform delivers the message again.
func TestChatWhileTheStoreIsDown(t *testing.T) {
	t.Parallel()
	r := newChatHarness(t)
	apply, asked := r.slash("U1", "apply one port=1195"), r.mention("U1", "apply one port=1195")
	r.fault(oss.Fault{Kind: oss.ServiceUnavailable, KeyPrefix: "claims/", Times: -1})
	if got := r.shown(apply); !strings.Contains(got, "could not be executed now") {
		t.Errorf("it is answered %q", got)
	}
	if a := r.ask(asked, 503); a.Headers["Retry-After"] == "" {
		t.Errorf("headers %v", a.Headers)
	}
	r.OSS.ClearFaults()
	r.fault(oss.Fault{Kind: oss.ServiceUnavailable, KeyPrefix: "outbox/", Times: -1})
	r.ask(asked, 503) // the change is queued, but the answer cannot be stored
	r.OSS.ClearFaults()
	r.acknowledged(asked)
	r.count("outbox/", 1)
	r.count("queue/", 1)
}

func TestChatWithAPolicyThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	r := newChatHarness(t)
	r.rule("people: 3")
	if got := r.shown(r.slash("U1", "apply one port=1195")); !strings.Contains(got, "policy is invalid") {
		t.Errorf("it is answered %q", got)
	}
	r.count("queue/", 0)
}

func TestChatAsksAndApproves(t *testing.T) {
	t.Parallel()
	r := newChatHarness(t)
	asked := r.shown(r.slash("U1", "apply two port=1195"))
	keys := r.Keys(t.Context(), "queue/")
	if len(keys) != 1 || !strings.Contains(asked, "waits for approval") {
		t.Fatalf("it is answered %q; queued are %q", asked, keys)
	}
	id := strings.TrimSuffix(keys[0][strings.LastIndex(keys[0], "-0001-")+len("-0001-"):], ".json")
	look := r.shown(r.slash("U2", "approve "+id))
	_, code, _ := strings.Cut(asked+look, "approve "+id+" ")
	if code = code[:min(8, len(code))]; code == "" {
		var body string
		if body = r.ask(r.slash("U2", "approve "+id), 200).Body; !strings.Contains(body, "approve "+id+" ") {
			t.Fatalf("no code is shown: %s", body)
		}
		_, code, _ = strings.Cut(body, "approve "+id+" ")
		code = code[:8]
	}
	if got := r.shown(r.slash("U2", "approve "+id+" "+code)); !strings.Contains(got, "已批准") {
		t.Errorf("it is answered %q", got)
	}
	r.wake("wake/cn-hangzhou/vss-two")
	if rec := r.record(id); rec.Status != change.Applied || len(rec.Votes) != 1 || rec.Votes[0].Account != "slack:T1/U2" {
		t.Errorf("the record is %+v", rec)
	}
	if sent := r.told(); len(sent) == 0 || !strings.Contains(strings.Join(sent, ""), "was applied") {
		t.Errorf("sent was %q", sent)
	}
}

// Slack delivers a message again when it gets no answer within 3 seconds: while
// the first answer is being sent, and after. The room gets one message.
func TestAttackOneMessageDeliveredAgain(t *testing.T) {
	t.Parallel()
	r := newChatHarness(t)
	for name, retries := range map[string]func(again func(), wake func()){
		"before the answer is sent": func(again, wake func()) { again(); again(); wake(); wake() },
		"after":                     func(again, wake func()) { wake(); again(); wake(); again(); wake() },
		"both":                      func(again, wake func()) { again(); wake(); again(); wake(); wake() },
	} {
		asked, before := r.mention("U1", "plan one port=1195"), len(r.told())
		r.acknowledged(asked)
		n := 0
		retries(func() {
			n++
			r.Clock.Advance(time.Second) // signed anew
			again := r.signed(asked.body, "application/json").with("X-Slack-Retry-Num", strconv.Itoa(n)).with("X-Slack-Retry-Reason", "http_timeout")
			r.acknowledged(again)
		}, func() {
			for _, key := range r.Keys(t.Context(), "outbox/answers/") {
				r.wake(key)
			}
		})
		if got := r.told()[before:]; len(got) != 1 {
			t.Errorf("%s: the room got %d messages: %q", name, len(got), got)
		}
		r.count("outbox/", 0)
	}
}
