package handler_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aliyun/fc-runtime-go-sdk/fccontext"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/blob"
	"github.com/sslvpn-change/sslvpn-change/internal/config"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/cloudtest"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/oss"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/localcloud/vpc"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/openapi"
	"github.com/sslvpn-change/sslvpn-change/internal/function"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

// The credentials of the function, and the secrets of those who call it. None
// of the secret ones may ever be seen outside.
const (
	keyID     = "STS.handlertest"
	keySecret = "handlertest-access-key-secret"
	token     = "handlertest-security-token"
	requestID = "1-6921f000-00000000000000000001"
	chatBot   = "whsec_Y2hhdC1ib3QtY2hhdC1ib3QtY2hhdC1ib3QtY2hhdA=="
	oldBot    = "whsec_b2xkLXNlY3JldC1vbGQtc2VjcmV0LW9sZC1zZWNyZXQ="
	checker   = "whsec_Y2hlY2tlci1jaGVja2VyLWNoZWNrZXItY2hlY2tlci1j"
	stranger  = "whsec_c3RyYW5nZXItc3RyYW5nZXItc3RyYW5nZXItc3RyYW5n"
)

// harness is one instance of the function, wired as in production, in an emulated
// account.
type harness struct {
	*cloudtest.Cloud

	t       *testing.T
	cfg     config.Config
	opts    function.Options
	fn      *function.Function
	handler *handler.Handler
	log     *logBuffer
	policy  reconcile.Policy
	timeout time.Duration
	n       int
	spec    *openapi.Spec // that answers have to match; nil: described
}

// described is the description of the API, which every answer has to match.
var described = sync.OnceValues(func() (*openapi.Spec, error) {
	return openapi.Load(context.Background(), "../docs/openapi.yaml")
})

func newHarness(t *testing.T, opts ...cloudtest.Option) *harness {
	t.Helper()
	h := &harness{Cloud: cloudtest.New(t, opts...), t: t, log: &logBuffer{}, policy: cloudtest.Policy(), timeout: 30 * time.Second}
	h.OSS.Accept(oss.Credentials{AccessKeyID: keyID, AccessKeySecret: keySecret, SecurityToken: token})
	h.VPC.Accept(vpc.Credential{AccessKeyID: keyID, AccessKeySecret: keySecret, SecurityToken: token})
	stores, apis := httptest.NewServer(h.OSS), httptest.NewServer(h.VPC)
	t.Cleanup(func() {
		h.OSS.ClearFaults()
		h.fn.Close()
		stores.Close()
		apis.Close()
	})
	senders, err := webhook.ParseSenders("chat-bot=" + chatBot + ",chat-bot=" + oldBot + ",checker=" + checker)
	if err != nil {
		t.Fatal(err)
	}
	h.cfg = config.Config{
		ChangeBucket: cloudtest.Bucket, RecordBucket: cloudtest.Bucket, OSSEndpoint: stores.URL, VPCEndpoint: apis.URL, Senders: senders,
		NoPolicy: true,
	}
	h.opts = function.Options{
		Now: h.Clock.Now, CallTimeout: 2 * time.Second, Reconcile: func(p *reconcile.Policy) { *p = h.policy },
	}
	h.start()
	return h
}

// start replaces the instance by a fresh one, which remembers nothing.
func (h *harness) start() {
	h.t.Helper()
	if h.fn != nil {
		h.fn.Close()
	}
	var err error
	if h.fn, err = function.New(h.cfg, h.logger(), h.opts); err != nil {
		h.t.Fatal(err)
	}
	h.handler = h.fn.Handler
}

// opening puts open in the place of what sets up the services of an invocation.
func (h *harness) opening(open handler.Opener) {
	o := h.fn.Options
	o.Open = open
	h.handler = handler.New(o)
}

func (h *harness) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// invoke is one invocation, as the runtime makes it.
func (h *harness) invoke(payload string) (string, error) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), h.timeout)
	defer cancel()
	out, err := h.handler.Handle(fccontext.NewContext(ctx, &fccontext.FcContext{
		RequestID: requestID, Region: cloudtest.Region, AccountId: cloudtest.Account,
		Credentials: fccontext.Credentials{AccessKeyId: keyID, AccessKeySecret: keySecret, SecurityToken: token},
	}), []byte(payload))
	return string(out), err
}

// call is an HTTP request to the function.
type call struct {
	method, path string
	header       map[string]string
	query        map[string]string
	body         string
	id           string // webhook-id; "" for one of its own
	secret       string // "" for chatBot, "none" for unsigned
	age          time.Duration
	base64       bool
}

func post(path, body string) call {
	return call{method: "POST", path: path, body: body, header: map[string]string{"Content-Type": "application/yaml"}}
}

func get(path string) call { return call{method: "GET", path: path} }

func (c call) with(name, value string) call {
	header := map[string]string{name: value}
	for n, v := range c.header {
		if !strings.EqualFold(n, name) {
			header[n] = v
		}
	}
	c.header = header
	return c
}

// again is a request that is sent several times, under one webhook-id.
func again(c call) call { c.id = "msg_again"; return c }

// payload is the event of a request, signed.
func (h *harness) payload(c call) string {
	h.t.Helper()
	header := map[string]string{"Host": "example.fcapp.run"}
	maps.Copy(header, h.signature(c))
	maps.Copy(header, c.header) // the headers of the test take precedence
	body, query := c.body, c.query
	if query == nil {
		query = map[string]string{}
	}
	if c.base64 {
		body = base64.StdEncoding.EncodeToString([]byte(body))
	}
	return marshal(h.t, map[string]any{
		"version": "v1", "rawPath": c.path, "headers": header, "queryParameters": query, "body": body, "isBase64Encoded": c.base64,
		"requestContext": map[string]any{"requestId": "", "http": map[string]any{"method": c.method, "path": c.path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.10"}},
	})
}

// signature signs a request with its secret.
func (h *harness) signature(c call) map[string]string {
	h.t.Helper()
	if c.secret == "none" {
		return nil
	}
	if c.id == "" {
		h.n++
		c.id = "msg_" + strconv.Itoa(h.n)
	}
	secret, err := webhook.ParseSecret(cmp.Or(c.secret, chatBot))
	if err != nil {
		h.t.Fatal(err)
	}
	signed, err := webhook.Sign(secret, c.id, h.Clock.Now().Add(-c.age), []byte(c.body))
	if err != nil {
		h.t.Fatal(err)
	}
	return signed
}

// answer is an HTTP answer of the function.
type answer struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	Body            string            `json:"body"`
}

// ask makes a request and checks what every answer must have.
func (h *harness) ask(c call, status int) answer {
	h.t.Helper()
	out, err := h.invoke(h.payload(c))
	if err != nil {
		h.t.Fatalf("%s %s: a request always gets an answer: %v", c.method, c.path, err)
	}
	a := h.answer(out, status)
	h.matches(c, a)
	return a
}

// matches checks an answer against the description of the API.
func (h *harness) matches(c call, a answer) {
	h.t.Helper()
	spec, err := h.spec, error(nil)
	if spec == nil {
		spec, err = described()
	}
	if err != nil {
		h.t.Fatal(err)
	}
	err = spec.Response(h.t.Context(), openapi.Exchange{
		Method: c.method, Path: strings.TrimSuffix(c.path, "/"), Query: c.query, Header: c.header, Body: c.body,
		Status: a.StatusCode, ResponseHeader: a.Headers, ResponseBody: a.Body,
	})
	switch {
	case errors.Is(err, openapi.ErrNoRoute) && (a.StatusCode == http.StatusNotFound || strings.HasPrefix(c.path, "/chat/")):
	case errors.Is(err, openapi.ErrNoMethod) && a.StatusCode == http.StatusMethodNotAllowed:
	case err != nil:
		h.t.Errorf("the answer is not as docs/openapi.yaml describes it: %v", err)
	}
}

func (h *harness) answer(out string, status int) answer {
	h.t.Helper()
	var fields map[string]json.RawMessage
	decode(h.t, out, &fields)
	for _, name := range []string{"statusCode", "headers", "isBase64Encoded", "body"} {
		if _, ok := fields[name]; !ok || len(fields) != 4 {
			h.t.Errorf("the four fields of an answer are not these: %s", out)
		}
	}
	var a answer
	decode(h.t, out, &a)
	if a.StatusCode != status {
		h.t.Fatalf("answered %d, want %d: %s", a.StatusCode, status, a.Body)
	}
	if a.IsBase64Encoded || a.Headers["Cache-Control"] != "no-store" {
		h.t.Errorf("base64 %v, headers %v", a.IsBase64Encoded, a.Headers)
	}
	want := "application/json; charset=utf-8"
	if status >= 400 {
		want = "application/problem+json"
	}
	if a.Headers["Content-Type"] != want {
		h.t.Errorf("the Content-Type is %q, want %q", a.Headers["Content-Type"], want)
	}
	return a
}

type problemDoc struct {
	Type, Title, Detail string
	Status              int
	Problems            []struct {
		Path, Rule, Message, Hint string
		Line                      int
	}
}

// problem makes a request that is refused, and checks the form of RFC 9457.
func (h *harness) problem(c call, status int, kind string) problemDoc {
	h.t.Helper()
	a := h.ask(c, status)
	var p problemDoc
	decode(h.t, a.Body, &p)
	if p.Status != status || p.Type != "urn:sslvpn-change:problem:"+kind || p.Title == "" || p.Detail == "" || p.Problems == nil {
		h.t.Errorf("the problem is %s, want the kind %s", a.Body, kind)
	}
	return p
}

// accepted posts a document and gives the ids of its changes.
func (h *harness) accepted(c call) []string {
	h.t.Helper()
	return h.ids(h.ask(c, 202))
}

// ids reads the answer to an accepted document.
func (h *harness) ids(a answer) []string {
	h.t.Helper()
	var body struct {
		Changes []struct{ ID, Status, Record string }
	}
	decode(h.t, a.Body, &body)
	var ids []string
	for _, c := range body.Changes {
		if want, _ := objects.RecordKey(c.ID); c.Status != "queued" || c.Record != want {
			h.t.Errorf("the answer names %+v", c)
		}
		ids = append(ids, c.ID)
	}
	return ids
}

func (h *harness) record(id string) record.Record {
	h.t.Helper()
	rec, err := record.NewRecords(h.Store).Read(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return rec
}

func (h *harness) count(prefix string, want int) {
	h.t.Helper()
	if keys := h.Keys(h.t.Context(), prefix); len(keys) != want {
		h.t.Errorf("%d objects below %s, want %d: %q", len(keys), prefix, want, keys)
	}
}

func (h *harness) fault(f oss.Fault) {
	h.t.Helper()
	if err := h.OSS.Inject(f); err != nil {
		h.t.Fatal(err)
	}
}

func (h *harness) sent() int { return len(h.VPC.Calls("ModifySslVpnServer")) }

func decode(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// logBuffer keeps what is logged.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

const setPort = "RegionId: cn-hangzhou\nSslVpnServerId: vss-one\nPort: 1195\n"

func getAll() blob.GetOptions { return blob.GetOptions{Limit: 64 << 20} }

// keysOf gives the forms in which a webhook secret could be seen.
func keysOf(secret string) []string {
	encoded := strings.TrimPrefix(secret, webhook.SecretPrefix)
	key, _ := base64.StdEncoding.DecodeString(encoded)
	return []string{encoded, string(key)}
}
