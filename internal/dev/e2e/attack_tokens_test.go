package e2e_test

import (
	"crypto/sha1" // WeCom prescribes it
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

// DingTalk's signature does not cover the body. The header of a greeting, of an
// outsider's or of a robot's message carries no command of a member's.
func TestAttackHeadersOfAGreetingWithAnotherBody(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	form := chattest.Fixtures()["dingtalk"].Forms[0]
	asked := a.ask("bot", "ask", "apply office port=1195")
	shown := a.ask("checker", "show", "approve "+asked.Change.ID)
	change := string(form.Request(message(100, "apply test port=1199")).Body)
	approval := strings.Replace(string(form.Request(message(101, "approve "+asked.Change.ID+" "+shown.Plan.Code)).Body), `"manager0417"`, `"jun"`, 1)

	seen := map[string]chat.Request{
		"a greeting": form.Request(message(1, "good morning")), "help": form.Request(message(2, "help")),
		"another robot's": form.Request(chattest.Sent{N: 3, Text: "help", At: time.Now(), Foreign: true}),
		"no message":      form.Request(chattest.Sent{N: 4, At: time.Now(), Body: "[]"}),
	}
	for _, o := range form.Others {
		seen[o.Name] = o.Request(message(5, "help"))
	}
	at := time.Now()
	for name, r := range seen {
		at = at.Add(time.Millisecond) // a signature is of one millisecond
		stamped := form.Request(chattest.Sent{At: at})
		first := of("dingtalk", r)
		first.header = of("dingtalk", stamped).header
		a.do(first)
		for _, body := range []string{change, approval} {
			first.body = body
			if got := a.do(first); got.status == http.StatusOK && !strings.Contains(got.body, "was used before") && !strings.Contains(got.body, "编号已用于其他内容") {
				t.Errorf("%s, with another body: answered %d %s", name, got.status, got.body)
			}
		}
	}
	a.queued(1) // the change that waits, without a vote
	a.sent(0)

	// The same bodies are commands under a signature of their own.
	for n, body := range []string{change, approval} {
		own := of("dingtalk", form.Request(chattest.Sent{At: at.Add(time.Duration(n+1) * time.Millisecond)}))
		own.body = body
		a.do(own)
	}
	a.ends(2)
}

// checkOf makes a URL check of a WeCom request: its ciphertext as the echo.
func checkOf(r chat.Request) request {
	query := url.Values{"echostr": {ciphertext(r)}}
	for name, value := range r.Query {
		query.Set(name, value)
	}
	return request{method: http.MethodGet, path: "/chat/wecom?" + query.Encode()}
}

// ciphertext is what a WeCom request encrypts.
func ciphertext(r chat.Request) string {
	text := string(r.Body)
	if _, rest, ok := strings.Cut(text, "CDATA["); ok {
		text, _, _ = strings.Cut(rest, "]")
		return text
	}
	return strings.TrimSuffix(strings.TrimPrefix(text, `{"encrypt":"`), `"}`)
}

// A captured message of WeCom that is sent as a URL check is not answered with its
// plain text, which has the address for replies.
func TestAttackAMessageAsAURLCheck(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	for n, form := range chattest.Fixtures()["wecom"].Forms {
		for name, before := range map[string]bool{"new": false, "answered": true} {
			r := form.Request(message(10*n+len(name), "status"))
			if before {
				a.do(of("wecom", r))
			}
			if got := a.do(checkOf(r)); got.status != http.StatusUnauthorized || strings.Contains(got.body, "zhangsan") || strings.Contains(got.body, "response_code") {
				t.Errorf("%s, %s: answered %d %s", form.Name, name, got.status, got.body)
			}
		}
		echo := form.Request(chattest.Sent{At: time.Now(), Body: "5927782489"})
		if got := a.do(checkOf(echo)); got.status != http.StatusOK || got.body != "5927782489" {
			t.Errorf("%s, a true check: answered %d %s", form.Name, got.status, got.body)
		}
	}
}

// sealed is a message of WeCom with a time and a nonce, which are signed together.
func sealed(r chat.Request, stamp, nonce time.Time) chat.Request {
	at, other := strconv.FormatInt(stamp.Unix(), 10), strconv.FormatInt(nonce.Unix(), 10)
	parts := []string{"current-callback-token-01", at, other, ciphertext(r)}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	r.Query = map[string]string{"timestamp": at, "nonce": other, "msg_signature": hex.EncodeToString(sum[:])}
	return r
}

// A message of WeCom with time and nonce exchanged is the message that it was: one
// that was executed, or one of 45 days ago.
func TestAttackTimeAndNonceExchanged(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	old := 45 * 24 * time.Hour
	for n, form := range chattest.Fixtures()["wecom"].Forms {
		now := time.Now()
		past := message(10*n+1, "apply test port=1201")
		past.Written = now.Add(-old)
		a.do(of("wecom", sealed(form.Request(past), now, now.Add(-old))))
		a.sent(n)

		line := "apply test port=" + strconv.Itoa(1195+n)
		r := form.Request(message(10*n+2, line))
		later := now.Add(100 * time.Second)
		a.do(of("wecom", sealed(r, now, later)))
		a.ends(n + 1)
		if err := a.VPC().UpdateServer(serverID, withPort(1194)); err != nil {
			t.Fatal(err)
		}
		a.do(of("wecom", sealed(r, later, now)))
		a.sent(n + 1)
	}
	a.says(t, "the message is too old")
}

// The bytes and the signature of a plan are no change, and one signature of an
// empty body reads one change.
func TestAttackASignatureOfAnotherRequest(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	plan := a.signed("bot", "POST", "/v1/plans", "plan-1", portChange(1195))
	if got := a.do(plan); got.status != http.StatusOK {
		t.Fatalf("the plan: answered %d %s", got.status, got.body)
	}
	for _, path := range []string{"/v1/changes", "/v1/commands", "/v1/changes/20261122-aaaaaaaaaa"} {
		other := plan
		if other.path = path; strings.Contains(path, "aaa") {
			other.method = http.MethodGet
		}
		if got := a.do(other); got.status != http.StatusConflict && got.status != http.StatusUnauthorized {
			t.Errorf("%s %s: answered %d %s", other.method, path, got.status, got.body)
		}
	}
	a.queued(0)
	a.sent(0)

	one, two := a.ask("bot", "one", "apply office port=1195"), a.ask("bot", "two", "apply office port=1196")
	read := a.signed("bot", "GET", "/v1/changes/"+one.Change.ID, "read-1", "")
	for range 2 {
		if got := a.do(read); got.status != http.StatusOK || !strings.Contains(got.body, one.Change.ID) {
			t.Errorf("the change itself: answered %d %s", got.status, got.body)
		}
	}
	read.path = "/v1/changes/" + two.Change.ID
	if got := a.do(read); got.status != http.StatusConflict || strings.Contains(got.body, two.Change.ID) {
		t.Errorf("another change: answered %d %s", got.status, got.body)
	}
}

// A dry run of somebody who may only read does not use up the token of an
// operator's change, and no sender uses up another's.
func TestAttackADryRunWithTheTokenOfAChange(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	with := func(port int, dry string) string { return dry + "ClientToken: token-1\n" + single(port) }
	for n, path := range []string{"/v1/plans", "/v1/changes"} {
		a.do(a.signed("viewer", "POST", path, "viewer-"+strconv.Itoa(n), with(1300, "dryRun: true\n")))
		a.do(a.signed("bot", "POST", path, "bot-"+strconv.Itoa(n), with(1301, "dryRun: true\n")))
	}
	if got := a.do(a.signed("bot", "POST", "/v1/changes", "bot-2", with(1195, ""))); got.status != http.StatusAccepted {
		t.Errorf("the operator's change: answered %d %s", got.status, got.body)
	}
	if got := a.do(a.signed("bot", "POST", "/v1/changes", "bot-3", with(1196, ""))); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "token-reused") {
		t.Errorf("the token again, for other settings: answered %d %s", got.status, got.body)
	}
}
