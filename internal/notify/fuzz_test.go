package notify_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/notify"
)

// A second opinion on what may go out: the whole address, as text.
var lines = regexp.MustCompile(`^https://(` +
	`oapi\.dingtalk\.com/robot/sendBySession|` +
	`hooks\.slack\.com/(commands|actions|app)(/[A-Za-z0-9_-]{1,64}){1,8}|` +
	`slack\.com/api/chat\.postMessage|` +
	`open\.(feishu\.cn|larksuite\.com)/open-apis/(auth/v3/tenant_access_token/internal|im/v1/messages/om_[A-Za-z0-9_]+/reply)|` +
	`qyapi\.weixin\.qq\.com/cgi-bin/(aibot/response|gettoken|message/send)` +
	`)(\?[!-"$-~]+)?$`)

// FuzzCheck: what is let out is, as a text and as a request line, nothing but a
// platform's address, and survives being written and read.
func FuzzCheck(f *testing.F) {
	for _, address := range []string{
		session, "https://hooks.slack.com/commands/T0123/456/aBcD-e_f", "https://open.feishu.cn/open-apis/im/v1/messages/om_x/reply?a=b#c",
		"https://oapi.dingtalk.com:443@evil.example/robot/sendBySession?x", "https://hooks.slack.com/commands/%2e%2e/x", "https:/\\slack.com/api/chat.postMessage",
		"https://qyapi.weixin.qq.com/cgi-bin/message/send?access_token=%0d%0a", "https://slack.com/api/chat.postMessage?",
	} {
		f.Add(address, "", "")
	}
	f.Add(session, "evil.example", "/robot/../x")
	f.Fuzz(func(t *testing.T, address, host, raw string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, nil)
		if err != nil {
			return
		}
		if host != "" {
			r.Host = host
		}
		if raw != "" {
			r.URL.RawPath = raw
		}
		to, ok := notify.Check(r)
		if !ok {
			return
		}
		again, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to.String(), nil)
		if err != nil || again.URL.String() != to.String() || again.Host != to.Host {
			t.Fatalf("%q goes out as %q, which is read as %v, %v", address, to, again, err)
		}
		if line := "https://" + to.Host + to.RequestURI(); !lines.MatchString(line) || line != to.String() {
			t.Fatalf("%q goes out as %q", address, line)
		}
	})
}
