package oracles_test

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/chat/platforms"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/chattest"
	"github.com/sslvpn-change/sslvpn-change/internal/webhook"
)

var useNPM = flag.Bool("npm", false, "install the vendors' libraries by npm and check with them")

//go:embed testdata
var files embed.FS

// The settings of WeCom's part: the vendor's library makes and reads the messages.
const (
	token    = "current-callback-token-01"
	aesKey   = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	corp     = "wx5823bf96d3bd56c7"
	settings = "token=" + token + ";aesKey=" + aesKey + ";corp=" + corp + ";agent=218;agentSecret=app-secret-app-secret"
)

// given is what the vendors' libraries check.
type given struct {
	DingTalk []request `json:"dingtalk"`
	WeCom    []sealed  `json:"wecom"`
	ToWeCom  plain     `json:"toWeCom"`
	Webhooks []signed  `json:"webhooks"`
}

type request struct {
	Path string          `json:"path"`
	Body json.RawMessage `json:"body"`
}

type sealed struct {
	Token     string `json:"token"`
	Key       string `json:"key"`
	Encrypted string `json:"encrypted"`
	Timestamp string `json:"timestamp"`
	Nonce     string `json:"nonce"`
	Signature string `json:"signature"`
	Holds     string `json:"holds"`
}

type plain struct {
	Token     string `json:"token"`
	Key       string `json:"key"`
	Message   string `json:"message"`
	Receiver  string `json:"receiver"`
	Timestamp string `json:"timestamp"`
	Nonce     string `json:"nonce"`
}

type signed struct {
	Secret  string            `json:"secret"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// made is what the vendors' libraries made.
type made struct {
	WeCom struct {
		Encrypted string `json:"encrypted"`
		Signature string `json:"signature"`
	} `json:"wecom"`
	Webhooks []struct {
		ID        string `json:"id"`
		Timestamp string `json:"timestamp"`
		Signature string `json:"signature"`
	} `json:"webhooks"`
}

func TestOracles(t *testing.T) {
	t.Parallel()
	if !*useNPM {
		t.Skip("needs npm: make oracles")
	}
	dir := install(t)
	now := time.Now()
	wecom := platform(t, "wecom", settings)
	g := given{
		DingTalk: sent(t, "dingtalk"), WeCom: []sealed{answered(t, wecom, now)}, Webhooks: webhooks(t, now),
		ToWeCom: plain{token, aesKey, appMessage(now), corp, strconv.FormatInt(now.Unix(), 10), "1372623149"},
	}
	write(t, filepath.Join(dir, "given.json"), encode(t, g))
	write(t, filepath.Join(dir, "check.ts"), typed(t))
	for _, command := range [][]string{
		{"npx", "--no-install", "tsc", "--noEmit", "--strict", "--skipLibCheck", "--module", "commonjs", "--target", "es2022", "check.ts"},
		{"node", "check.js"},
	} {
		if out, err := run(t, dir, command...); err != nil {
			t.Errorf("%s: %v\n%s", command[0], err, out)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "made.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m made
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	takesFromWeCom(t, wecom, m, g.ToWeCom, now)
	takesWebhooks(t, m, g.Webhooks)
}

// install installs the libraries.
func install(t *testing.T) string {
	t.Helper()
	texts := map[string][]byte{}
	for _, name := range []string{"package.json", "check.js"} {
		data, err := files.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = data
	}
	dir := installed(t, string(texts["package.json"]))
	write(t, filepath.Join(dir, "check.js"), texts["check.js"])
	return dir
}

// installed installs what a package.json lists, and more, into a new folder. Where npm or
// its registry is not there, the test is skipped.
func installed(t *testing.T, list string, more ...string) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is not installed")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "package.json"), []byte(list))
	command := append([]string{"npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"}, more...)
	if out, err := run(t, dir, command...); err != nil {
		if strings.Contains(out, "ENOTFOUND") || strings.Contains(out, "ECONN") || strings.Contains(out, "ETIMEDOUT") || strings.Contains(out, "EAI_AGAIN") {
			t.Skipf("npm cannot reach its registry: %s", out)
		}
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

func run(t *testing.T, dir string, command ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	return string(out), err
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func platform(t *testing.T, name, value string) chat.Platform { //nolint:ireturn // a Spec makes nothing else
	t.Helper()
	for _, spec := range platforms.Specs() {
		if spec.Name == name {
			return chattest.New(t, spec, value)
		}
	}
	t.Fatalf("there is no platform %s", name)
	return nil
}

// texts are answers of many forms.
func texts() []chat.Text {
	out := []chat.Text{
		{Mark: chat.Done, Title: chat.Line{chat.Words("applied "), chat.Code("20261122-psfvgfo4zp")}},
		{
			Mark: chat.Waits, Title: chat.Line{chat.Words("waits for approval "), chat.Code("20261122-psfvgfo4zp")},
			Lines: []chat.Line{{chat.Words("port: "), chat.Code("1194"), chat.Words(" → "), chat.Code("1195")}, {}, {chat.Words("原因："), chat.Code("酒店屏蔽 UDP/1194")}},
			Next: []chat.Next{
				{Label: "Approve", Command: "approve 20261122-psfvgfo4zp k7m2q4xa", Warning: "12 people are disconnected"},
				{Label: "驳回", Command: "reject 20261122-psfvgfo4zp"},
				{Label: "Apply", Command: `apply office port=1196 reason="a b"`},
			},
		},
	}
	for _, attack := range chattest.Attacks() {
		out = append(out, chattest.Everywhere(attack), chattest.Everywhere(strings.Repeat(attack, 200)))
	}
	return out
}

// recorder is every platform's API: it takes everything.
type recorder struct{ got []request }

func (r *recorder) Do(q *http.Request) (*http.Response, error) {
	var body []byte
	if q.Body != nil {
		var err error
		if body, err = io.ReadAll(q.Body); err != nil {
			return nil, err
		}
	}
	r.got = append(r.got, request{q.URL.Path, body})
	w := httptest.NewRecorder()
	_, _ = io.WriteString(w, `{"ok":true,"channel":"C1","ts":"1.2","code":0,"tenant_access_token":"t","expire":7200,"data":{"message_id":"om_1"},`+
		`"errcode":0,"access_token":"t","expires_in":7200,"response_code":"rc"}`)
	if q.URL.Host == "api.dingtalk.com" {
		w = httptest.NewRecorder()
		_, _ = io.WriteString(w, `{"processQueryKey":"k","accessToken":"t","expireIn":7200}`)
		if strings.HasSuffix(q.URL.Path, "interactiveCards/send") && bytes.Contains(body, []byte("message instead")) {
			w = httptest.NewRecorder()
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied"}`)
		}
	}
	return w.Result(), nil
}

// sent are the requests by which a platform posts and updates cards.
func sent(t *testing.T, name string) []request {
	t.Helper()
	f := chattest.Fixtures()[name]
	rooms, ok := platform(t, name, f.Settings).(chat.Rooms)
	if !ok {
		t.Fatalf("%s writes to no rooms", name)
	}
	r := &recorder{}
	for i, text := range append(texts(), chat.Text{Title: chat.Line{chat.Words("message instead")}}) {
		c := chat.Card{Text: text, Mention: f.Rooms[0].People}
		_, err := rooms.Post(t.Context(), r, f.Rooms[0].To, c, strconv.Itoa(i))
		if err = errors.Join(err, rooms.Update(t.Context(), r, f.Rooms[0].To, f.Rooms[0].Handle, c)); err != nil {
			t.Fatal(err)
		}
	}
	return r.got
}

// typed is a program that has a type error unless every message has its type. What
// must have one shows that the types are there.
func typed(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("import type { ChatPostMessageArguments, ChatUpdateArguments } from '@slack/web-api';\nimport type { KnownBlock } from '@slack/types';\nimport type { InteractiveCard } from '@larksuiteoapi/node-sdk';\n")
	n := 0
	add := func(kind string, message []byte) {
		n++
		fmt.Fprintf(&b, "export const m%d: %s = %s;\n", n, kind, message)
	}
	for _, r := range sent(t, "slack") {
		kind := "ChatPostMessageArguments"
		if r.Path == "/api/chat.update" {
			kind = "ChatUpdateArguments"
		}
		add(kind, r.Body)
		var m struct {
			Blocks json.RawMessage `json:"blocks"`
		}
		if err := json.Unmarshal(r.Body, &m); err != nil {
			t.Fatal(err)
		}
		add("KnownBlock[]", m.Blocks) // a message may have blocks that the library does not know
	}
	for _, r := range sent(t, "feishu") {
		var m struct {
			Content string `json:"content"`
		}
		if err := json.Unmarshal(r.Body, &m); err != nil {
			t.Fatal(err)
		}
		if m.Content != "" {
			add("InteractiveCard", []byte(m.Content))
		}
	}
	if n < 100 {
		t.Fatalf("only %d messages", n)
	}
	b.WriteString("// @ts-expect-error a type that no block has\nexport const wrongSlack: KnownBlock[] = [{type: 'section', text: {type: 'mrkdwn', text: 'x', bold: true}}];\n")
	b.WriteString("// @ts-expect-error a tag that no element has\nexport const wrongFeishu: InteractiveCard = {elements: [{tag: 'dif', text: {tag: 'plain_text'}}]};\n")
	return b.Bytes()
}

// appMessage is a message to an app of WeCom.
func appMessage(now time.Time) string {
	return "<xml><ToUserName>" + corp + "</ToUserName><FromUserName>zhangsan</FromUserName><CreateTime>" + strconv.FormatInt(now.Unix(), 10) +
		"</CreateTime><MsgType>text</MsgType><Content><![CDATA[状态 test]]></Content><MsgId>4561</MsgId><AgentID>218</AgentID></xml>"
}

// answered is the encrypted answer to a message, as the vendor's library reads it.
func answered(t *testing.T, p chat.Platform, now time.Time) sealed {
	t.Helper()
	var form chattest.Form
	for _, f := range chattest.Fixtures()["wecom"].Forms {
		if f.Name == "app" {
			form = f
		}
	}
	d, err := p.Receive(t.Context(), nil, form.Request(chattest.Sent{N: 1, Text: "help", At: now}), now)
	if err != nil {
		t.Fatal(err)
	}
	res, _ := p.Answer(d, chat.Text{Mark: chat.Info, Title: chat.Line{chat.Words("你好 "), chat.Code("a<b>")}})
	var envelope struct {
		XMLName   xml.Name `xml:"xml"`
		Encrypt   string   `xml:"Encrypt"`
		Signature string   `xml:"MsgSignature"`
		Time      string   `xml:"TimeStamp"`
		Nonce     string   `xml:"Nonce"`
	}
	if err := xml.Unmarshal(res.Body, &envelope); err != nil {
		t.Fatalf("%s: %v", res.Body, err)
	}
	return sealed{token, aesKey, envelope.Encrypt, envelope.Time, envelope.Nonce, envelope.Signature, "你好"}
}

// takesFromWeCom has the platform read a request of the vendor's library.
func takesFromWeCom(t *testing.T, p chat.Platform, m made, asked plain, now time.Time) {
	t.Helper()
	d, err := p.Receive(t.Context(), nil, chat.Request{
		Method: http.MethodPost, Header: func(string) string { return "" }, Body: []byte("<xml><Encrypt><![CDATA[" + m.WeCom.Encrypted + "]]></Encrypt></xml>"),
		Query: map[string]string{"timestamp": asked.Timestamp, "nonce": asked.Nonce, "msg_signature": m.WeCom.Signature},
	}, now)
	if err != nil || d.Message == nil || d.Message.Text != "状态 test" || d.Message.Sender.User != "zhangsan" {
		t.Errorf("got %+v, %v", d, err)
	}
}

func secrets() []string {
	return []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD9JGdfOGdvWk="}
}

// webhooks are what the function's sender signs.
func webhooks(t *testing.T, now time.Time) []signed {
	t.Helper()
	var out []signed
	for i, text := range secrets() {
		secret, err := webhook.ParseSecret(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{`{"test": 2432232314}`, `{"名称":"研发 VPN"}`, "", "a: b\n"} {
			headers, err := webhook.Sign(secret, fmt.Sprintf("msg_%d_%d", i, len(body)), now, []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, signed{text, headers, body})
		}
	}
	return out
}

// takesWebhooks has the function verify what the reference library signed.
func takesWebhooks(t *testing.T, m made, asked []signed) {
	t.Helper()
	if len(m.Webhooks) != len(asked) || len(asked) == 0 {
		t.Fatalf("%d of %d webhooks", len(m.Webhooks), len(asked))
	}
	for i, w := range m.Webhooks {
		secret, err := webhook.ParseSecret(asked[i].Secret)
		if err != nil {
			t.Fatal(err)
		}
		v, err := webhook.NewVerifier([]webhook.Sender{{Name: "oracle", Secret: secret}}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		header := map[string]string{"webhook-id": w.ID, "webhook-timestamp": w.Timestamp, "webhook-signature": w.Signature}
		if d, err := v.Verify(func(name string) string { return header[name] }, []byte(asked[i].Body)); err != nil || d.ID != w.ID {
			t.Errorf("%q: %v", asked[i].Body, err)
		}
		if _, err := v.Verify(func(name string) string { return header[name] }, []byte(asked[i].Body+" ")); err == nil {
			t.Error("another body is taken")
		}
	}
}
