package e2e_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// members is a policy with the account that the requests of each platform's
// fixtures come from, which is Mei's, and with senders of signed requests.
const members = `
people:
  - {name: mei, lang: en, accounts: [{door: http, user: bot}, {door: dingtalk, tenant: ding0123456789abcdef, user: manager0417}, {door: slack, tenant: T1DC2JH3J, user: U2},
      {door: feishu, tenant: 736588c9260f175e, user: ou_mei}, {door: wecom, tenant: wx5823bf96d3bd56c7, user: zhangsan}]}
  - {name: jun, lang: en, accounts: [{door: http, user: checker}, {door: dingtalk, tenant: ding0123456789abcdef, user: jun}]}
  - {name: eve, lang: en, accounts: [{door: http, user: viewer}]}
  - {name: local, accounts: [{door: file, user: local-file}]}
servers:
  - {name: test, RegionId: cn-hangzhou, SslVpnServerId: vss-bp18q7hzj6largv4vk2fe}
  - {name: office, RegionId: cn-hangzhou, SslVpnServerId: vss-bp1w3n8c5t7k2m9x4r6y1}
grants:
  - {who: [mei, local], roles: [operator], servers: ["*"]}
  - {who: [jun], roles: [approver], servers: ["*"]}
  - {who: [eve], roles: [viewer], servers: ["*"]}
approvals:
  - {servers: [office], settings: ["*"], need: 1}
`

// attacked is a harness whose secrets are known: those of the fixtures of every
// platform, and those of the senders bot, checker and viewer.
type attacked struct {
	*harness

	t *testing.T

	mu      sync.Mutex
	replies []string // what the function sent to the platforms' reply APIs
}

// senderSecret is the secret of a sender.
func senderSecret(sender string) string {
	sum := sha256.Sum256([]byte(sender))
	return "whsec_" + base64.StdEncoding.EncodeToString(sum[:])
}

func startAttacked(t *testing.T, policy string, tune func(*localcloud.Options)) *attacked {
	t.Helper()
	a := &attacked{t: t}
	api := httptest.NewServer(http.HandlerFunc(a.reply))
	t.Cleanup(api.Close)
	a.harness = start(t, func(o *localcloud.Options) {
		if policy != "" {
			o.Policy = []byte(policy)
		}
		o.Env = []string{"CHAT_ENDPOINT=" + api.URL}
		var senders []string
		for _, sender := range []string{"bot", "checker", "viewer"} {
			senders = append(senders, sender+"="+senderSecret(sender))
		}
		o.Env = append(o.Env, "WEBHOOK_SECRETS="+strings.Join(senders, ","))
		for name, f := range chattest.Fixtures() {
			o.Env = append(o.Env, "CHAT_"+strings.ToUpper(name)+"="+f.Settings)
		}
		if tune != nil {
			tune(o)
		}
	})
	return a
}

// reply is the reply API of every platform.
func (a *attacked) reply(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // a request that is cut short is not what the tests expect
	a.mu.Lock()
	a.replies = append(a.replies, string(body))
	a.mu.Unlock()
	_, _ = io.WriteString(w, `{"ok":true,"ts":"1.2","code":0,"errcode":0,"msg":"ok","tenant_access_token":"t","access_token":"a","expire":7200,"expires_in":7200}`)
}

// told counts the replies that have a text.
func (a *attacked) told(text string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(a.replies), func(s string) bool { return !strings.Contains(s, text) }))
}

// rule replaces the policy, which a new instance sees at once.
func (a *attacked) rule(policy string) {
	a.t.Helper()
	a.drop(a.t, objects.PolicyFile, policy)
	a.FC().KillAll()
}

// queued compares the number of objects of the queue: changes and votes.
func (a *attacked) queued(want int) {
	a.t.Helper()
	if keys := a.keys("queue/"); len(keys) != want {
		a.t.Errorf("queued are %q, want %d", keys, want)
	}
}

// sent compares the number of modifications that were sent.
func (a *attacked) sent(want int) {
	a.t.Helper()
	a.quiet(a.t)
	if n := len(a.VPC().Calls(vpc.ModifySslVpnServer)); n != want {
		a.t.Errorf("%d modifications were sent, want %d", n, want)
	}
}

// ends waits until a number of changes have a record.
func (a *attacked) ends(want int) {
	a.t.Helper()
	eventually(a.t, strconv.Itoa(want)+" changes have a record", func() bool {
		records, err := a.records()
		return err == nil && len(records) >= want
	})
}
