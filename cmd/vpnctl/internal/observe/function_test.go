package observe_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aliyun/fc-runtime-go-sdk/fccontext"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/config"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/slsquery"
	"github.com/sslvpn-change/sslvpn-change/internal/function"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

const (
	keyID       = "STS.observetest"
	keySecret   = "observetest-access-key-secret"
	tokenText   = "observetest-security-token"
	slackSecret = "observetest-signing-secret-1"
	botSecret   = "whsec_Y2hhdC1ib3QtY2hhdC1ib3QtY2hhdC1ib3QtY2hhdA=="
)

const people = `
people:
  - {name: mei, accounts: [{door: http, user: bot}, {door: slack, tenant: T1, user: U1}]}
  - {name: jun, accounts: [{door: slack, tenant: T1, user: U2}]}
  - {name: night, accounts: [{door: file, user: "158"}, {door: timer, user: nightly}]}
servers:
  - {name: one, RegionId: cn-hangzhou, SslVpnServerId: vss-one}
  - {name: two, RegionId: cn-hangzhou, SslVpnServerId: vss-two}
grants:
  - {who: [mei, night], roles: [operator], servers: ["*"]}
  - {who: [jun], roles: [approver], servers: ["*"]}
approvals:
  - {servers: [two], settings: ["*"], need: 1}
`

// rig is the function in an emulated account, and what it logs.
type rig struct {
	*cloudtest.Cloud

	t    *testing.T
	cfg  config.Config
	opts function.Options
	fn   *function.Function
	n    int
	gone atomic.Bool // the chat platform takes nothing any more

	mu  sync.Mutex
	buf bytes.Buffer
}

// Write takes a part of the log.
func (r *rig) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(p)
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{Cloud: cloudtest.New(t), t: t}
	r.OSS.Accept(oss.Credentials{AccessKeyID: keyID, AccessKeySecret: keySecret, SecurityToken: tokenText})
	r.VPC.Accept(vpc.Credential{AccessKeyID: keyID, AccessKeySecret: keySecret, SecurityToken: tokenText})
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if r.gone.Load() {
			w.WriteHeader(http.StatusGone)
		}
	}))
	stores, apis := httptest.NewServer(r.OSS), httptest.NewServer(r.VPC)
	t.Cleanup(func() {
		r.fn.Close()
		stores.Close()
		apis.Close()
		slack.Close()
	})
	senders, err := webhook.ParseSenders("bot=" + botSecret)
	if err != nil {
		t.Fatal(err)
	}
	r.cfg = config.Config{
		ChangeBucket: cloudtest.Bucket, RecordBucket: cloudtest.Bucket, OSSEndpoint: stores.URL, VPCEndpoint: apis.URL, ChatEndpoint: slack.URL,
		Senders: senders, Editors: []string{"bot"}, Platforms: map[string]chat.Platform{"slack": slackPlatform(t)},
	}
	r.opts = function.Options{Now: r.Clock.Now, CallTimeout: 2 * time.Second, Version: "v0.0.0-test", Reconcile: func(p *reconcile.Policy) {
		*p = cloudtest.Policy()
		p.WaitBudget = 300 * time.Millisecond
	}}
	r.Server("vss-one")
	r.Server("vss-two")
	r.policy(people)
	return r
}

func slackPlatform(t *testing.T) chat.Platform { //nolint:ireturn // platforms have no other common type
	t.Helper()
	for _, s := range platforms.Specs() {
		if s.Name != "slack" {
			continue
		}
		settings, problems := chat.ParseSettings(s, "secret="+slackSecret+";team=T1")
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		p, err := s.New(settings)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	t.Fatal("there is no slack")
	return nil
}

// start replaces the instance by a fresh one.
func (r *rig) start() {
	r.t.Helper()
	if r.fn != nil {
		r.fn.Close()
	}
	log := slog.New(slog.NewJSONHandler(r, &slog.HandlerOptions{Level: slog.LevelInfo})).With(slog.String("version", r.opts.Version))
	var err error
	if r.fn, err = function.New(r.cfg, log, r.opts); err != nil {
		r.t.Fatal(err)
	}
}

// policy replaces the policy, which a fresh instance reads.
func (r *rig) policy(text string) {
	r.t.Helper()
	if err := r.Store.Put(r.t.Context(), objects.PolicyFile, []byte(text)); err != nil {
		r.t.Fatal(err)
	}
	r.start()
}

// later sets the clocks ahead.
func (r *rig) later(d time.Duration) {
	r.Clock.Advance(d)
	r.opts.Skew += d
	r.start()
}

// invoke is one invocation; what it answers is in the log.
func (r *rig) invoke(payload string) string {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
	defer cancel()
	r.n++
	out, _ := r.fn.Handle(fccontext.NewContext(ctx, &fccontext.FcContext{
		RequestID: "1-" + strconv.Itoa(r.n), Region: cloudtest.Region, AccountId: cloudtest.Account,
		Credentials: fccontext.Credentials{AccessKeyId: keyID, AccessKeySecret: keySecret, SecurityToken: tokenText},
	}), []byte(payload))
	return string(out)
}

func (r *rig) sweep() { r.tick("sweep", `{"task":"sweep"}`) }

func (r *rig) tick(name, payload string) {
	r.t.Helper()
	r.invoke(fmt.Sprintf(`{"triggerName":%q,"triggerTime":%q,"payload":%q}`, name, r.Clock.Now().UTC().Format(time.RFC3339), payload))
}

// upload puts an object into the bucket, and delivers its event.
func (r *rig) upload(key, text string) {
	r.t.Helper()
	if err := r.Store.Put(r.t.Context(), key, []byte(text)); err != nil {
		r.t.Fatal(err)
	}
	e, err := r.Store.Head(r.t.Context(), key)
	if err != nil {
		r.t.Fatal(err)
	}
	r.invoke(string(oss.EventJSON(oss.Event{
		Name: oss.PutObjectEvent, Region: cloudtest.Region, AccountID: cloudtest.Account, Bucket: cloudtest.Bucket,
		Key: key, ETag: e.ETag, Size: e.Size, Time: e.LastModified, Principal: "158", RequestID: "W",
	})))
}

// request is a request to the HTTP trigger; it returns the body of the answer.
func (r *rig) request(method, path, body string, header map[string]string) string {
	r.t.Helper()
	payload, err := json.Marshal(map[string]any{
		"version": "v1", "rawPath": path, "headers": header, "queryParameters": map[string]string{}, "body": body, "isBase64Encoded": false,
		"requestContext": map[string]any{"requestId": "", "http": map[string]any{"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.10"}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	var answer struct {
		Body string `json:"body"`
	}
	if err := json.Unmarshal([]byte(r.invoke(string(payload))), &answer); err != nil {
		r.t.Fatal(err)
	}
	return answer.Body
}

// post sends a signed document.
func (r *rig) post(body string) string {
	r.t.Helper()
	return r.signed("/v1/changes", "application/yaml", body)
}

// put puts a policy over the function's URL.
func (r *rig) put(text string) {
	r.t.Helper()
	base := sha256.Sum256([]byte(people))
	body, err := json.Marshal(map[string]any{"text": text, "base": hex.EncodeToString(base[:])})
	if err != nil {
		r.t.Fatal(err)
	}
	if answer := r.signed("/v1/policy", "application/json", string(body)); !strings.Contains(answer, `"revision"`) {
		r.t.Fatalf("the policy was not put: %s", answer)
	}
}

// signed sends a signed request.
func (r *rig) signed(path, contentType, body string) string {
	r.t.Helper()
	secret, err := webhook.ParseSecret(botSecret)
	if err != nil {
		r.t.Fatal(err)
	}
	r.n++
	header, err := webhook.Sign(secret, "msg_"+strconv.Itoa(r.n), r.Clock.Now(), []byte(body))
	if err != nil {
		r.t.Fatal(err)
	}
	header = maps.Clone(header)
	header["Content-Type"] = contentType
	return r.request(http.MethodPost, path, body, header)
}

// accepted posts a document with one change, and returns its id.
func (r *rig) accepted(body string) string {
	r.t.Helper()
	var out struct {
		Changes []struct {
			ID string `json:"id"`
		} `json:"changes"`
	}
	answer := r.post(body)
	if err := json.Unmarshal([]byte(answer), &out); err != nil || len(out.Changes) != 1 {
		r.t.Fatalf("answered %s", answer)
	}
	return out.Changes[0].ID
}

// says sends a command in chat, and returns the answer.
func (r *rig) says(user, line string) string {
	r.t.Helper()
	r.n++
	body := url.Values{
		"command": {"/vpn"}, "text": {line}, "user_id": {user}, "team_id": {"T1"}, "channel_id": {"C1"}, "trigger_id": {strconv.Itoa(r.n)},
		"response_url": {"https://hooks.slack.com/commands/T1/" + strconv.Itoa(r.n) + "/x"},
	}.Encode()
	stamp := strconv.FormatInt(r.Clock.Now().Unix(), 10)
	h := hmac.New(sha256.New, []byte(slackSecret))
	_, _ = io.WriteString(h, "v0:"+stamp+":"+body)
	return r.request(http.MethodPost, "/chat/slack", body, map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + hex.EncodeToString(h.Sum(nil)),
	})
}

// fail makes calls of the API fail until the faults are cleared.
func (r *rig) fail(f vpc.Fault) {
	r.t.Helper()
	f.Times = -1
	if err := r.VPC.Inject(f); err != nil {
		r.t.Fatal(err)
	}
}

// lines are what was logged.
func (r *rig) lines() []slsquery.Line {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []slsquery.Line
	for text := range strings.Lines(r.buf.String()) {
		out = append(out, parseLine(r.t, text))
	}
	return out
}

func parseLine(t *testing.T, text string) slsquery.Line {
	t.Helper()
	l := slsquery.Line{}
	if err := json.Unmarshal([]byte(text), &l.Fields); err != nil {
		t.Fatalf("not JSON: %s", text)
	}
	stamp, _ := l.Fields["time"].(string)
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		t.Fatalf("no time: %s", text)
	}
	l.Time = at.Unix()
	return l
}

// secretsOf are texts that must not be in the log.
func secretsOf() []string {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(botSecret, webhook.SecretPrefix))
	return []string{keySecret, tokenText, slackSecret, strings.TrimPrefix(botSecret, webhook.SecretPrefix), string(key), "hooks.slack.com"}
}
