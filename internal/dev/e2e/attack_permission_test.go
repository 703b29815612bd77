package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	blobstore "github.com/sslvpn-change/sslvpn-change/internal/blob/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// between is a server in front of one of the cloud's, whose address must be known
// before the cloud is started. It answers what the hostile function does not.
type between struct {
	*httptest.Server

	to atomic.Pointer[httputil.ReverseProxy]
}

func newBetween(t *testing.T, hostile func(w http.ResponseWriter, r *http.Request) (answered bool)) *between {
	t.Helper()
	b := &between{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := b.to.Load(); !hostile(w, r) && to != nil {
			to.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(b.Close)
	return b
}

// point sets where requests go.
func (b *between) point(t *testing.T, address string) {
	t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	b.to.Store(httputil.NewSingleHostReverseProxy(at))
}

// Only OSS's answer that there is no such object counts as having no policy. A link
// to nothing, and every other 404, refuses what the policy would have to decide.
func TestAttackAPolicyThatIsMadeToDisappear(t *testing.T) {
	t.Parallel()
	for code, gone := range map[string]bool{"SymlinkTargetNotExist": false, "NoSuchBucket": false, "": false, "NoSuchVersion": false, "NoSuchKey": true} {
		t.Run("code "+code, func(t *testing.T) {
			t.Parallel()
			store := newBetween(t, func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/"+objects.PolicyFile) {
					return false
				}
				w.Header().Set("Content-Type", "application/xml")
				w.Header().Set("X-Oss-Request-Id", "6921B0A5B6D2FC3535AF21B3")
				w.WriteHeader(http.StatusNotFound)
				if code != "" {
					_, _ = w.Write([]byte(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>` + code + `</Code><Message>m</Message><RequestId>6921B0A5B6D2FC3535AF21B3</RequestId></Error>`))
				}
				return true
			})
			a := startAttacked(t, members, func(o *localcloud.Options) { o.Env = append(o.Env, "OSS_ENDPOINT="+store.URL, "NO_POLICY=allow") })
			store.point(t, a.OSSURL())
			got := a.do(a.signed("viewer", "POST", "/v1/changes", "gone", single(1195)))
			if (got.status == http.StatusAccepted) != gone || !gone && got.status != http.StatusServiceUnavailable {
				t.Errorf("answered %d %s", got.status, got.body)
			}
			if !gone {
				a.drop(t, "changes/a.yaml", single(1196))
				a.sent(0)
				a.queued(0)
			}
		})
	}
}

// Whoever requested a change does not approve it under another name that the policy
// gives them in between.
func TestAttackApprovalUnderAnotherName(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	asked := a.ask("bot", "ask", "apply office port=1195")
	a.rule(strings.NewReplacer("name: mei", "name: wei", "who: [mei, local]", "who: [wei, local]", "who: [jun]", "who: [jun, wei]").Replace(members))
	shown := a.ask("bot", "show", "approve "+asked.Change.ID)
	code := shown.Plan.Code
	if code == "" {
		code = a.ask("checker", "show-2", "approve "+asked.Change.ID).Plan.Code
	}
	got := a.ask("bot", "approve", "approve "+asked.Change.ID+" "+code)
	if got.status != http.StatusForbidden || len(got.Problems) != 1 || got.Problems[0].Rule != "own-change" {
		t.Errorf("answered %d %s", got.status, got.body)
	}
	a.sweep(t)
	a.sent(0)
	if got := a.ask("checker", "approve-2", "approve "+asked.Change.ID+" "+code); got.status != http.StatusOK && got.status != http.StatusAccepted {
		t.Errorf("another person's approval: answered %d %s", got.status, got.body)
	}
	a.ends(1)
}

// A member of WeCom is one person in whatever case the id is written.
func TestAttackAnAccountInAnotherCase(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, strings.Replace(members, "who: [jun]", "who: [jun, mei]", 1), nil)
	asked := a.ask("bot", "ask", "apply office port=1195")
	code := a.ask("checker", "show", "approve "+asked.Change.ID).Plan.Code
	form := chattest.Fixtures()["wecom"].Forms[1]
	for n, user := range []string{"zhangsan", "ZhangSan", "ZHANGSAN"} {
		s := message(n+1, "")
		s.Body = "<xml><ToUserName>wx5823bf96d3bd56c7</ToUserName><FromUserName>" + user + "</FromUserName><CreateTime>" + stampOf(s.At) +
			"</CreateTime><MsgType>text</MsgType><Content><![CDATA[approve " + asked.Change.ID + " " + code + "]]></Content><MsgId>" + stampOf(s.At) + user + "</MsgId><AgentID>218</AgentID></xml>"
		got, err := form.Read(responseOf(a.do(of("wecom", form.Request(s)))))
		if err != nil || !strings.Contains(strings.Join(got.Texts, ""), "requested this change yourself") {
			t.Errorf("%s: answered %q, %v", user, got.Texts, err)
		}
	}
	a.sent(0)
}

// The sessions of a RAM role are one account: the policy names the role.
func TestAttackAnotherSessionOfOneRole(t *testing.T) {
	t.Parallel()
	rules := strings.Replace(members, "{door: file, user: local-file}", `{door: file, user: local-file}, {door: file, user: "300000000000000001:alice"}`, 1)
	sessions := []string{"300000000000000001:alice", "300000000000000001:bob", "300000000000000002:alice"}
	a := startAttacked(t, rules, func(o *localcloud.Options) {
		o.TuneOSS = func(o *oss.Options) {
			for n, s := range sessions {
				o.Credentials = append(o.Credentials, oss.Credentials{AccessKeyID: "LTAI-" + strconv.Itoa(n), AccessKeySecret: "secret-of-a-person", Principal: s})
			}
		}
	})
	connector, err := blobstore.NewConnector(blobstore.Config{Region: region, Endpoint: a.OSSURL()})
	if err != nil {
		t.Fatal(err)
	}
	defer connector.Close()
	for n := range sessions {
		bucket, err := connector.Bucket(localcloud.Bucket, blobstore.Credentials{AccessKeyID: "LTAI-" + strconv.Itoa(n), AccessKeySecret: secret.New("secret-of-a-person")})
		if err != nil {
			t.Fatal(err)
		}
		if err := bucket.Put(t.Context(), "changes/"+string(rune('a'+n))+".yaml", []byte(single(1300+n))); err != nil {
			t.Fatal(err)
		}
	}
	a.quiet(t)
	receipts, err := a.receipts()
	if err != nil || len(receipts) != len(sessions) {
		t.Fatalf("%d receipts, %v", len(receipts), err)
	}
	for _, r := range receipts {
		if accepted, want := len(r.Changes) == 1, r.File != "changes/c.yaml"; accepted != want {
			t.Errorf("%s: accepted %v, %+v", r.File, accepted, r.Problems)
		}
	}
}

// Policies that would mean more than they show are invalid, so that they give nobody
// anything: patterns that match every id, names that look alike, hidden characters.
func TestAttackAPolicyThatMeansMore(t *testing.T) {
	t.Parallel()
	a := startAttacked(t, members, nil)
	wide := "  - {who: [eve], roles: [operator], servers: [\"v*\"]}\napprovals:"
	n := 0
	for name, policy := range map[string]string{
		"a pattern that is like every id":   strings.Replace(members, "approvals:", wide, 1),
		"names that look alike":             strings.Replace(members, "  - {name: eve", "  - {name: mеi, accounts: [{door: http, user: other}]}\n  - {name: eve", 1),
		"servers that look alike":           strings.Replace(members, "  - {name: office", "  - {name: оffice, RegionId: cn-hangzhou, SslVpnServerId: vss-x}\n  - {name: office", 1),
		"one WeCom id in two cases":         strings.Replace(members, "{door: http, user: viewer}", "{door: http, user: viewer}, {door: wecom, tenant: wx5823bf96d3bd56c7, user: ZhangSan}", 1),
		"a right in a comment":              members + "# nobody\u2028grants: [{who: [eve], roles: [admin], servers: [\"*\"]}]\n",
		"a right behind a line break":       members + "# nobody\u0085grants: [{who: [eve], roles: [admin], servers: [\"*\"]}]\n",
		"a direction that hides what it is": members + "# \u202eseye\n",
	} {
		n++
		a.rule(policy)
		if got := a.do(a.signed("viewer", "POST", "/v1/changes", "means-"+strconv.Itoa(n), single(1195))); got.status != http.StatusServiceUnavailable {
			t.Errorf("%s: answered %d %s", name, got.status, got.body)
		}
	}
	a.rule(members)
	if got := a.ask("viewer", "after", "apply test port=1195"); got.status != http.StatusForbidden {
		t.Errorf("a viewer's change: answered %d %s", got.status, got.body)
	}
	a.sent(0)
}
