package slack_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/slack"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

const (
	current  = "8f742231b10e8888abcd99yyyzzz85a5"
	previous = "0ld0ld0ld0ld0ld0ld0ld0ld0ld0ld00"
	botToken = "xoxb-1234-5678-abcdefghijkl"
	settings = "secret=" + current + ";secret=" + previous + ";team=T1DC2JH3J"
)

func spec() chat.Spec { return slack.Spec() }

func platform(tb testing.TB, value string) chat.Platform { //nolint:ireturn // a Spec makes nothing else
	tb.Helper()
	return chattest.New(tb, spec(), value)
}

// request is a request whose header is a map.
func request(body string, header map[string]string) chat.Request {
	return chat.Request{Method: "POST", Body: []byte(body), Header: func(name string) string { return header[name] }}
}

func header(secret string, at time.Time, body string) map[string]string {
	stamp := strconv.FormatInt(at.Unix(), 10)
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte("v0:" + stamp + ":" + body))
	return map[string]string{"x-slack-request-timestamp": stamp, "x-slack-signature": "v0=" + hex.EncodeToString(h.Sum(nil))}
}

func signed(body string) chat.Request { return request(body, header(current, chattest.Moment(), body)) }

func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}
