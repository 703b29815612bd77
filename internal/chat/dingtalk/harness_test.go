package dingtalk_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/dingtalk"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
)

const (
	current  = "oK7mXw2dYpZ9LrVtQ4sBn8FhJ3cGuE6aTi1RvSxN0eWyDbMk5qHzUjCfPlAoIg"
	previous = "old-secret-being-rotated-out"
	settings = "secret=" + current + ";secret=" + previous + ";corp=ding0123456789abcdef;robot=dingabcdefrobot"
)

func platform(tb testing.TB) chat.Platform { //nolint:ireturn // a Spec makes nothing else
	tb.Helper()
	return chattest.New(tb, dingtalk.Spec(), settings)
}

// request is a request whose header is a map.
func request(body string, header map[string]string) chat.Request {
	return chat.Request{Method: "POST", Body: []byte(body), Header: func(name string) string { return header[name] }}
}

func header(secret string, at time.Time) map[string]string {
	stamp := strconv.FormatInt(at.UnixMilli(), 10)
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(stamp + "\n" + secret))
	return map[string]string{"timestamp": stamp, "sign": base64.StdEncoding.EncodeToString(h.Sum(nil))}
}
