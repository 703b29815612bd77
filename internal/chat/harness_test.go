package chat_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"sslvpnchange/internal/chat"
)

// moment is the clock of the tests: the time of the vectors.
func moment() time.Time { return time.UnixMilli(1763836800000).UTC() }

const (
	dingTalkSecret  = "oK7mXw2dYpZ9LrVtQ4sBn8FhJ3cGuE6aTi1RvSxN0eWyDbMk5qHzUjCfPlAoIg"
	dingTalkOld     = "old-secret-being-rotated-out"
	slackSecret     = "8f742231b10e8888abcd99yyyzzz85a5"
	slackOld        = "0ld0ld0ld0ld0ld0ld0ld0ld0ld0ld00"
	slackToken      = "xoxb-1234-5678-abcdefghijkl"
	dingTalkSetting = "secret=" + dingTalkSecret + ";secret=" + dingTalkOld + ";corp=ding0123456789abcdef;robot=dingabcdefrobot"
	slackSetting    = "secret=" + slackSecret + ";secret=" + slackOld + ";team=T1DC2JH3J"
)

func spec(tb testing.TB, name string) chat.Spec {
	tb.Helper()
	for _, s := range chat.Specs() {
		if s.Name == name {
			return s
		}
	}
	tb.Fatalf("there is no platform %s", name)
	return chat.Spec{}
}

func platform(tb testing.TB, name, value string) chat.Platform { //nolint:ireturn // a Spec makes nothing else
	tb.Helper()
	s := spec(tb, name)
	settings, problems := chat.ParseSettings(s, value)
	if len(problems) > 0 {
		tb.Fatal(problems)
	}
	p, err := s.New(settings)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// request is a request whose header is a map.
func request(body string, header map[string]string) chat.Request {
	return chat.Request{Method: "POST", Body: []byte(body), Header: func(name string) string { return header[name] }}
}

func sum(secret, text string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return h.Sum(nil)
}

func dingTalkHeader(secret string, at time.Time) map[string]string {
	stamp := strconv.FormatInt(at.UnixMilli(), 10)
	return map[string]string{"timestamp": stamp, "sign": base64.StdEncoding.EncodeToString(sum(secret, stamp+"\n"+secret))}
}

func slackHeader(secret string, at time.Time, body string) map[string]string {
	stamp := strconv.FormatInt(at.Unix(), 10)
	return map[string]string{
		"x-slack-request-timestamp": stamp,
		"x-slack-signature":         "v0=" + hex.EncodeToString(sum(secret, "v0:"+stamp+":"+body)),
	}
}

func slackRequest(body string) chat.Request {
	return request(body, slackHeader(slackSecret, moment(), body))
}

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// message is what a request brings, which must be a message.
func message(t *testing.T, p chat.Platform, r chat.Request) (chat.Delivery, chat.Message) {
	t.Helper()
	d, err := p.Receive(t.Context(), nil, r, moment())
	if err != nil {
		t.Fatalf("refused: %s", reason(err))
	}
	if d.Message == nil || d.Direct != nil {
		t.Fatalf("got %+v, want a message", d)
	}
	return d, *d.Message
}

// direct is what a request brings, which must be an answer that needs nobody.
func direct(t *testing.T, p chat.Platform, r chat.Request) (body, ignored string) {
	t.Helper()
	d, err := p.Receive(t.Context(), nil, r, moment())
	if err != nil {
		t.Fatalf("refused: %s", reason(err))
	}
	if d.Message != nil || d.Direct == nil || d.Direct.Status != 200 {
		t.Fatalf("got %+v, want an answer", d)
	}
	return string(d.Direct.Body), d.Ignored
}

func reason(err error) chat.Reason {
	if refused := (*chat.RefusedError)(nil); errors.As(err, &refused) {
		return refused.Reason
	}
	return ""
}

// refused holds that a request is refused for that reason, and that nothing but
// the log can tell.
func refused(t *testing.T, p chat.Platform, r chat.Request, now time.Time, want chat.Reason) {
	t.Helper()
	d, err := p.Receive(t.Context(), nil, r, now)
	if err == nil || reason(err) != want {
		t.Fatalf("got %+v, %v (%s), want %s", d, err, reason(err), want)
	}
	if d.Message != nil || d.Direct != nil {
		t.Errorf("got %+v beside the refusal", d)
	}
	if err.Error() != "unauthorized" || !errors.Is(err, chat.ErrUnauthorized) {
		t.Errorf("got %v", err)
	}
}

// stamps are timestamps that are not of the form of n digits.
func stamps(good string) []string {
	return []string{"0", "foo", "+" + good[1:], " " + good, good + " ", good + "0", good[1:], "-" + good[1:], good[:len(good)-1] + "x", strings.Repeat("9", 400)}
}
