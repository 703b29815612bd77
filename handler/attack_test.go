package handler_test

import (
	"crypto/sha1" // WeCom prescribes it
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
)

// attacked is a harness with every chat platform, whose members are mei, who may
// request changes of server one, and jun, who may approve those of server two.
type attacked struct{ *harness }

const members = `
people:
  - {name: mei, lang: en, accounts: [{door: http, user: chat-bot}, {door: dingtalk, tenant: ding0123456789abcdef, user: manager0417}, {door: slack, tenant: T1DC2JH3J, user: U2},
      {door: feishu, tenant: 736588c9260f175e, user: ou_mei}, {door: wecom, tenant: wx5823bf96d3bd56c7, user: zhangsan}]}
  - {name: jun, lang: en, accounts: [{door: http, user: checker}, {door: dingtalk, tenant: ding0123456789abcdef, user: jun}]}
servers:
  - {name: one, RegionId: cn-hangzhou, SslVpnServerId: vss-one}
  - {name: two, RegionId: cn-hangzhou, SslVpnServerId: vss-two}
grants:
  - {who: [mei], roles: [operator], servers: [one, two], settings: [Port, Proto]}
  - {who: [jun], roles: [approver], servers: [two]}
approvals:
  - {servers: [two], settings: ["*"], need: 1}
`

func newAttacked(t *testing.T) attacked {
	t.Helper()
	h := attacked{newTwoServers(t, members)}
	h.cfg.Platforms = map[string]chat.Platform{}
	for _, spec := range platforms.Specs() {
		h.cfg.Platforms[spec.Name] = chattest.New(t, spec, chattest.Fixtures()[spec.Name].Settings)
	}
	h.start()
	return h
}

// fields are the header fields of all platforms' signatures.
func fields() []string {
	return []string{
		"timestamp", "sign", "x-slack-request-timestamp", "x-slack-signature", "x-lark-request-timestamp", "x-lark-request-nonce", "x-lark-signature",
	}
}

// of is a platform's request as an invocation.
func of(platform string, r chat.Request) call {
	header := map[string]string{"Content-Type": "application/json"}
	for _, name := range fields() {
		if v := r.Header(name); v != "" {
			header[name] = v
		}
	}
	return call{method: r.Method, path: "/chat/" + platform, body: string(r.Body), query: r.Query, header: header, secret: "none"}
}

// message is a message of the fixtures, written and signed now.
func (h attacked) message(n int, text string) chattest.Sent {
	return chattest.Sent{N: n, Text: text, At: h.Clock.Now(), Written: h.Clock.Now()}
}

// do makes a request.
func (h attacked) do(c call) answer {
	h.t.Helper()
	out, err := h.invoke(h.payload(c))
	if err != nil {
		h.t.Fatal(err)
	}
	var a answer
	decode(h.t, out, &a)
	return a
}

// frozen is a call with the signature that it has now.
func (h attacked) frozen(c call) call {
	if c.secret != "none" {
		header := h.signature(c)
		maps.Copy(header, c.header)
		c.header, c.secret = header, "none"
	}
	return c
}

// verified are requests of every route and platform whose signature is valid,
// whatever they are.
func (h attacked) verified() map[string]call {
	id := h.accepted(post("/v1/changes", setPort))[0]
	out := map[string]call{
		"a plan": post("/v1/plans", setPort), "a plan of nothing": post("/v1/plans", "x: 1"), "a plan of another type": post("/v1/plans", setPort).with("Content-Type", "text/plain"),
		"a change": post("/v1/changes", setPort), "a change that is invalid": post("/v1/changes", "Port: x"), "a change of another type": post("/v1/changes", setPort).with("Content-Type", "text/plain"),
		"a change that is forbidden": post("/v1/changes", setPort).by(checker),
		"a command":                  says("status"), "a line": says("aply"), "no command": {method: "POST", path: "/v1/commands", body: "[]", header: map[string]string{"Content-Type": "application/json"}},
		"a command that is forbidden": says("apply one port=1195").by(checker),
		"a record":                    get("/v1/changes/" + id), "no record": get("/v1/changes/20261122-aaaaaaaaaa"), "a question": get("/v1/permissions"), "an identity": get("/v1/identity"), "windows": get("/v1/windows"), "a record, with a slash": get("/v1/changes/" + id + "/"),
	}
	n := 0
	for name, f := range chattest.Fixtures() {
		for _, form := range f.Forms {
			add := func(kind string, request func(chattest.Sent) chat.Request, edit func(*chattest.Sent)) {
				n++
				s := h.message(n, "status")
				s.At, s.Written = s.At.Add(time.Duration(n)*time.Millisecond), s.Written.Add(-time.Duration(n)*time.Second)
				edit(&s)
				out[name+", "+form.Name+", "+kind] = of(name, request(s))
			}
			text := func(line string) func(*chattest.Sent) { return func(s *chattest.Sent) { s.Text = line } }
			add("a command", form.Request, text("status"))
			add("help", form.Request, text("help"))
			add("a greeting", form.Request, text("good morning"))
			add("a long text", form.Request, text(strings.Repeat("x", chat.MaxText+1)))
			add("an old one", form.Request, func(s *chattest.Sent) { s.Written = s.Written.Add(-6 * time.Hour) })
			add("another tenant's", form.Request, func(s *chattest.Sent) { s.Foreign = true })
			add("no message", form.Request, func(s *chattest.Sent) { s.Body = "[" + strconv.Itoa(n) + "]" })
			for _, o := range form.Others {
				add(o.Name, o.Request, text("status"))
			}
		}
	}
	return out
}

// reused reports whether an answer says that the message's signature was used.
func reused(a answer) bool {
	return strings.Contains(a.Body, "编号已用于其他内容") || strings.Contains(a.Body, "was used before")
}

// No verified request leaves its token unclaimed, and no token works for two
// requests that differ in method, path or body. The same request again is
// answered again.
func TestAttackATokenIsUsedForOneRequest(t *testing.T) {
	t.Parallel()
	h := newAttacked(t)
	for name, c := range h.verified() {
		claims := len(h.Keys(t.Context(), "claims/"))
		c = h.frozen(c)
		first := h.do(c)
		if n := len(h.Keys(t.Context(), "claims/")); n <= claims {
			t.Errorf("%s: no claim is left", name)
		}
		if again := h.do(c); again.StatusCode != first.StatusCode {
			t.Errorf("%s: answered %d, again %d: %s", name, first.StatusCode, again.StatusCode, again.Body)
		}
		for _, other := range []string{
			"POST /v1/changes", "POST /v1/plans", "POST /v1/commands", "GET /v1/changes/20261122-aaaaaaaaaa", "GET /v1/changes/20261122-bbbbbbbbbb", "GET /v1/permissions", "GET /v1/identity", "GET /v1/windows",
			"POST /chat/dingtalk", "POST /chat/slack", "POST /chat/feishu", "POST /chat/wecom", "GET /chat/wecom",
		} {
			d := c
			d.method, d.path, _ = strings.Cut(other, " ")
			if d.method == c.method && d.path == strings.TrimSuffix(c.path, "/") {
				continue
			}
			types := []string{"application/json", "application/yaml"}
			if strings.HasPrefix(c.path, "/chat/") {
				types = types[:1]
			}
			for _, contentType := range types {
				if a := h.do(d.with("Content-Type", contentType)); a.StatusCode != http.StatusUnauthorized && a.StatusCode != http.StatusConflict && a.StatusCode != http.StatusMethodNotAllowed {
					t.Errorf("%s, as %s: answered %d %s", name, other, a.StatusCode, a.Body)
				}
			}
		}
		d := c
		if d.body += " "; d.method == "GET" {
			d.query = map[string]string{"id": "x"}
		}
		if a := h.do(d); a.StatusCode == http.StatusOK && !reused(a) && !strings.HasPrefix(name, "wecom") {
			t.Errorf("%s, with another body: answered %d %s", name, a.StatusCode, a.Body)
		}
	}
	h.count("queue/", 2) // of the accepted changes
}

// The headers of a greeting, of an outsider's or of a robot's message do not
// carry another body.
func TestAttackTheHeadersOfAGreeting(t *testing.T) {
	t.Parallel()
	h := newAttacked(t)
	form := chattest.Fixtures()["dingtalk"].Forms[0]
	var asked, shown told
	decode(t, h.ask(says("apply two port=1195"), 202).Body, &asked)
	decode(t, h.ask(says("approve "+asked.Change.ID).by(checker), 200).Body, &shown)
	id, code := asked.Change.ID, shown.Plan.Code
	seen := map[string]chat.Request{
		"a greeting": form.Request(h.message(1, "good morning")), "help": form.Request(h.message(2, "help")), "a line": form.Request(h.message(3, "aply")),
		"a long text": form.Request(h.message(4, strings.Repeat("x", chat.MaxText+1))), "another robot's": form.Request(chattest.Sent{N: 5, Text: "help", At: h.Clock.Now(), Foreign: true}),
		"no message": form.Request(chattest.Sent{N: 6, At: h.Clock.Now(), Body: "[]"}),
	}
	for _, o := range form.Others {
		seen[o.Name] = o.Request(h.message(7, "help"))
	}
	for name, r := range seen {
		h.Clock.Advance(time.Millisecond)
		first := of("dingtalk", r)
		h.do(first)
		for n, body := range [][]byte{
			form.Request(h.message(100, "apply one port=1199")).Body,
			[]byte(strings.Replace(string(form.Request(h.message(101, "approve "+id+" "+code)).Body), `"manager0417"`, `"jun"`, 1)),
		} {
			first.body = string(body)
			if a := h.do(first); a.StatusCode == http.StatusOK && !reused(a) {
				t.Errorf("%s, other body %d: answered %d %s", name, n, a.StatusCode, a.Body)
			}
		}
	}
	h.count("queue/", 1) // the change alone, without a vote
}

// A message that is sent as a URL check is not answered with its plain text.
func TestAttackAMessageAsAURLCheck(t *testing.T) {
	t.Parallel()
	h := newAttacked(t)
	for i, form := range chattest.Fixtures()["wecom"].Forms {
		for name, before := range map[string]bool{"a new message": false, "a message that was answered": true} {
			r := form.Request(h.message(i*2+len(name), "status"))
			if before {
				h.do(of("wecom", r))
			}
			encrypted := string(r.Body)
			if _, rest, ok := strings.Cut(encrypted, "CDATA["); ok {
				encrypted, _, _ = strings.Cut(rest, "]")
			} else {
				encrypted = strings.TrimSuffix(strings.TrimPrefix(encrypted, `{"encrypt":"`), `"}`)
			}
			r.Query["echostr"], r.Method, r.Body = encrypted, "GET", nil
			if a := h.do(of("wecom", r)); a.StatusCode != http.StatusUnauthorized || strings.Contains(a.Body, "zhangsan") {
				t.Errorf("%s, %s: answered %d %s", form.Name, name, a.StatusCode, a.Body)
			}
		}
	}
}

// A message of WeCom whose nonce reads as a future time is not executed at that
// time, with time and nonce exchanged or divided otherwise, when its claims have
// been deleted.
func TestAttackTimeAndNonceExchanged(t *testing.T) {
	t.Parallel()
	const token = "current-callback-token-01"
	for i, form := range chattest.Fixtures()["wecom"].Forms {
		for _, ahead := range []time.Duration{time.Minute, time.Hour, 45 * 24 * time.Hour} {
			t.Run(fmt.Sprint(form.Name, ahead), func(t *testing.T) {
				t.Parallel()
				h := newAttacked(t)
				r := form.Request(h.message(i+1, "apply one port=1199"))
				stamp := r.Query["timestamp"]
				later := strconv.FormatInt(h.Clock.Now().Add(ahead).Unix(), 10)
				encrypted := strings.Trim(strings.TrimPrefix(string(r.Body), `{"encrypt":`), `"}`)
				if _, rest, ok := strings.Cut(string(r.Body), "CDATA["); ok {
					encrypted, _, _ = strings.Cut(rest, "]")
				}
				parts := []string{token, stamp, later, encrypted}
				slices.Sort(parts)
				sum := sha1.Sum([]byte(strings.Join(parts, "")))
				r.Query = map[string]string{"timestamp": stamp, "nonce": later, "msg_signature": hex.EncodeToString(sum[:])}
				h.do(of("wecom", r))
				h.count("queue/", 1)
				h.drain("vss-one")
				h.count("queue/", 0)
				if ahead > 30*24*time.Hour {
					if err := h.Store.Delete(t.Context(), h.Keys(t.Context(), "claims/")...); err != nil {
						t.Fatal(err)
					}
				}
				h.Clock.Advance(ahead)
				r.Query["timestamp"], r.Query["nonce"] = later, stamp
				h.do(of("wecom", r))
				h.count("queue/", 0)
				if h.sent() != 1 {
					t.Errorf("%d modifications were sent", h.sent())
				}
			})
		}
	}
}

// One signature of an empty body reads one change.
func TestAttackASignatureReadsOneChange(t *testing.T) {
	t.Parallel()
	h := newAttacked(t)
	ids := h.accepted(post("/v1/changes", twoServers[:strings.Index(twoServers, "\n  - {RegionId: cn-hangzhou, SslVpnServerId: vss-one, Name")+1]))
	one := h.frozen(get("/v1/changes/" + ids[0]))
	for range 2 {
		if a := h.do(one); a.StatusCode != http.StatusOK {
			t.Fatalf("answered %d %s", a.StatusCode, a.Body)
		}
	}
	two := one
	two.path = "/v1/changes/" + ids[1]
	if a := h.do(two); a.StatusCode != http.StatusConflict || strings.Contains(a.Body, "vss-two") {
		t.Errorf("another change: answered %d %s", a.StatusCode, a.Body)
	}
	if a := h.do(one); a.StatusCode != http.StatusOK {
		t.Errorf("the first one again: answered %d", a.StatusCode)
	}
	h.fault(oss.Fault{Kind: oss.ServiceUnavailable, KeyPrefix: "claims/", Times: -1})
	if a := h.do(h.frozen(get("/v1/changes/" + ids[1]))); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("without a claim: answered %d %s", a.StatusCode, a.Body)
	}
}

// A message that is hours old is told and not executed, on every platform that
// dates messages; its redelivery neither, and an effect that it had is shown.
func TestAttackAnOldMessage(t *testing.T) {
	t.Parallel()
	h := newAttacked(t)
	n := 0
	for name, f := range chattest.Fixtures() {
		for _, form := range f.Forms {
			if !form.Dated {
				continue
			}
			for _, age := range []time.Duration{11 * time.Minute, 6 * time.Hour, -6 * time.Minute} {
				n++
				s := h.message(n, "apply one port=1199")
				s.Written = s.At.Add(-age)
				for range 2 {
					if a := h.do(of(name, form.Request(s))); a.StatusCode != http.StatusOK {
						t.Errorf("%s, %s, %s: answered %d", name, form.Name, age, a.StatusCode)
					}
				}
			}
		}
	}
	h.count("queue/", 0)
	if log := h.log.String(); strings.Count(log, "the message is too old") != 2*n {
		t.Errorf("%d of %d messages were too old", strings.Count(log, "the message is too old"), 2*n)
	}
	// What was executed in time is shown to a late redelivery, not denied.
	form := chattest.Fixtures()["feishu"].Forms[0]
	s := h.message(n+1, "apply one port=1199")
	h.do(of("feishu", form.Request(s)))
	h.count("queue/", 1)
	h.Clock.Advance(time.Hour)
	s.At = h.Clock.Now()
	before := strings.Count(h.log.String(), "the message is too old")
	h.do(of("feishu", form.Request(s)))
	if strings.Count(h.log.String(), "the message is too old") != before {
		t.Error("a change that is queued was denied")
	}
	h.count("queue/", 1)
}

// One message in two events of Feishu is one change.
func TestAttackOneMessageInTwoEvents(t *testing.T) {
	t.Parallel()
	h := newAttacked(t)
	form := chattest.Fixtures()["feishu"].Forms[0]
	for n, event := range []string{"ev1", "ev1", "ev2"} {
		s := h.message(1, "apply one port=1199")
		s.At = s.At.Add(time.Duration(n) * time.Second)
		s.Event = event
		h.do(of("feishu", form.Request(s)))
	}
	h.count("queue/", 1)
}
