package notify

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// rule allows requests to one path of a host.
type rule struct {
	method string
	host   string
	path   string // begins the path; the whole of it where tail is nil
	tail   *regexp.Regexp
}

// The rest of a path below a prefix: nothing that a server or a proxy could
// read in two ways. No dots, no escapes, no empty pieces.
var (
	pieces    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,7}$`)
	messageID = regexp.MustCompile(`^om_[0-9A-Za-z_]{1,128}/reply$`)
	// query is printable, without what would end it.
	query = regexp.MustCompile(`^[!-"$-~]*$`)
)

// maxQuery bounds a query, in bytes: those of reply addresses have about 100.
const maxQuery = 2048

// allowed is every place that a request may go to.
func allowed() []rule {
	const get, post = http.MethodGet, http.MethodPost
	return []rule{
		{post, "oapi.dingtalk.com", "/robot/sendBySession", nil},
		{post, "hooks.slack.com", "/commands/", pieces},
		{post, "hooks.slack.com", "/actions/", pieces},
		{post, "hooks.slack.com", "/app/", pieces},
		{post, "slack.com", "/api/chat.postMessage", nil},
		{post, "open.feishu.cn", "/open-apis/auth/v3/tenant_access_token/internal", nil},
		{post, "open.feishu.cn", "/open-apis/im/v1/messages/", messageID},
		{post, "open.larksuite.com", "/open-apis/auth/v3/tenant_access_token/internal", nil},
		{post, "open.larksuite.com", "/open-apis/im/v1/messages/", messageID},
		{post, "qyapi.weixin.qq.com", "/cgi-bin/aibot/response", nil},
		{get, "qyapi.weixin.qq.com", "/cgi-bin/gettoken", nil},
		{post, "qyapi.weixin.qq.com", "/cgi-bin/message/send", nil},
	}
}

// check tells whether a request may go out, and makes the address that it goes
// to from what was checked and nothing else.
func check(r *http.Request) (*url.URL, bool) {
	u := r.URL
	if u == nil || u.Scheme != "https" || u.Opaque != "" || u.User != nil || u.Fragment != "" || u.RawFragment != "" ||
		u.RawPath != "" || (r.Host != "" && r.Host != u.Host) || len(u.RawQuery) > maxQuery || !query.MatchString(u.RawQuery) {
		return nil, false
	}
	for _, a := range allowed() {
		// The host is compared with the port that it may have, as it is written: a
		// port, capitals or a final dot make it another one.
		if r.Method == a.method && u.Host == a.host && a.covers(u.Path) {
			return &url.URL{Scheme: "https", Host: a.host, Path: u.Path, RawQuery: u.RawQuery}, true
		}
	}
	return nil, false
}

func (a rule) covers(path string) bool {
	if a.tail == nil {
		return path == a.path
	}
	rest, ok := strings.CutPrefix(path, a.path)
	return ok && a.tail.MatchString(rest)
}
