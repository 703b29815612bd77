package wecom

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

const (
	testToken    = "current-callback-token-01"
	testKey      = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	testOldToken = "previous-callback-token-0"
	testOldKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	testCorp     = "wx5823bf96d3bd56c7"
	testBot      = "aib-1Zx9bot"
	testAgent    = "218"
	testSecret   = "app-secret-app-secret-app-secret-app-secret"
	testResponse = "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC1"
)

func testSettings() map[string][]string {
	return map[string][]string{
		"token": {testToken, testOldToken}, "aesKey": {testKey, testOldKey}, "corp": {testCorp},
		"bot": {testBot}, "agent": {testAgent}, "agentSecret": {testSecret},
	}
}

func testPlatform(tb testing.TB, change func(map[string][]string)) *Platform {
	tb.Helper()
	s := testSettings()
	if change != nil {
		change(s)
	}
	made, err := Spec().New(chat.NewSettings(s))
	p, ok := made.(*Platform)
	if err != nil || !ok {
		tb.Fatal(err)
	}
	return p
}

// pair is a token and its key.
type pair struct {
	token string
	key   []byte
}

// testPair is the first or second pair.
func testPair(number int) pair {
	token, text := testToken, testKey
	if number == 2 {
		token, text = testOldToken, testOldKey
	}
	key, ok := decodeKey(text)
	if !ok {
		panic("no key")
	}
	return pair{token, key}
}

func testQuery(token string, at time.Time, encrypted string) map[string]string {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	return map[string]string{
		"timestamp": timestamp, "nonce": "1372623149",
		"msg_signature": hex.EncodeToString(sign(token, timestamp, "1372623149", encrypted)),
	}
}

func testNoHeader(string) string { return "" }

func testEncrypt(pair pair, text, receiver string) string {
	encrypted, ok := encrypt(pair.key, []byte(text), receiver)
	if !ok {
		panic("not encrypted")
	}
	return encrypted
}

// testApp is a message for the app, testAI one for the AI bot.
func testApp(pair pair, text, receiver string) chat.Request {
	encrypted := testEncrypt(pair, text, receiver)
	return chat.Request{
		Method: http.MethodPost, Query: testQuery(pair.token, moment, encrypted), Header: testNoHeader,
		Body: []byte("<xml><ToUserName><![CDATA[" + testCorp + "]]></ToUserName><Encrypt><![CDATA[" + encrypted + "]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>"),
	}
}

func testAI(pair pair, text, receiver string) chat.Request {
	encrypted := testEncrypt(pair, text, receiver)
	return chat.Request{
		Method: http.MethodPost, Query: testQuery(pair.token, moment, encrypted), Header: testNoHeader,
		Body: []byte(`{"encrypt":"` + encrypted + `"}`),
	}
}

func testAppMessage(content string) string {
	return "<xml><ToUserName><![CDATA[" + testCorp + "]]></ToUserName><FromUserName><![CDATA[mycreate]]></FromUserName>" +
		"<CreateTime>1763836800</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[" + content + "]]></Content>" +
		"<MsgId>4561255354251345929</MsgId><AgentID>218</AgentID></xml>"
}

func testAIMessage(text string, change func(m map[string]any)) string {
	m := map[string]any{
		"msgid": "CAIQ16HMjQYY", "aibotid": testBot, "chatid": "wrkSFf1", "chattype": "group", "from": map[string]any{"userid": "zhangsan"},
		"response_url": testResponse, "msgtype": "text", "text": map[string]any{"content": text},
	}
	if change != nil {
		change(m)
	}
	return testJSON(m)
}

func TestOfficialVectors(t *testing.T) {
	t.Parallel()
	vectors := vectors(t)
	echo, message := vectors["wecom_verify_url_official"], vectors["wecom_message_official"]
	key, ok := decodeKey(echo["encoding_aes_key"])
	if !ok {
		t.Fatal("the key is not taken")
	}
	// The official token is shorter than New takes.
	p := testPlatform(t, nil)
	p.tokens, p.keys = []secret.Text{secret.New(echo["token"])}, []secret.Text{secret.New(string(key))}

	at := time.Unix(1409659589, 0)
	query := map[string]string{"msg_signature": echo["msg_signature"], "timestamp": echo["timestamp"], "nonce": echo["nonce"], "echostr": echo["echostr"]}
	for _, text := range []string{echo["echostr"], strings.ReplaceAll(echo["echostr"], "+", " ")} {
		query["echostr"] = text
		d, err := p.Receive(t.Context(), nil, chat.Request{Method: http.MethodGet, Query: query, Header: testNoHeader}, at)
		if err != nil || d.Direct == nil || string(d.Direct.Body) != "1616140317555161061" || d.Ignored != "" || d.SecretNumber != 1 {
			t.Errorf("URL check: got %+v, %v", d, err)
		}
	}

	plain, receiver, ok := decrypt(key, message["encrypt"])
	if !ok || string(plain) != message["plain"] || receiver != message["corp_id"] {
		t.Errorf("got %q for %q, %v", plain, receiver, ok)
	}
	d, err := p.Receive(t.Context(), nil, chat.Request{
		Method: http.MethodPost, Header: testNoHeader,
		Query: map[string]string{"msg_signature": message["msg_signature"], "timestamp": message["timestamp"], "nonce": message["nonce"]},
		Body:  []byte("<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName><Encrypt><![CDATA[" + message["encrypt"] + "]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>"),
	}, time.Unix(1409659813, 0))
	if err != nil || d.Message == nil {
		t.Fatalf("message: got %+v, %v", d, err)
	}
	want := chat.Message{
		ID: "4561255354251345929", Sender: chat.Identity{Platform: "wecom", Tenant: "wx5823bf96d3bd56c7", User: "mycreate"}, Room: "mycreate", Text: "hello", SentAt: time.Unix(1409659813, 0).UTC(),
		Reply: chat.Reply{Platform: "wecom", Kind: "app", Address: "mycreate", Room: "mycreate"},
	}
	if *d.Message != want {
		t.Errorf("got %+v\nwant %+v", *d.Message, want)
	}
}

func TestAIMessage(t *testing.T) {
	t.Parallel()
	d, err := testPlatform(t, nil).Receive(t.Context(), nil, testAI(testPair(1), testAIMessage("@RobotA hello robot", nil), ""), moment)
	if err != nil || d.Message == nil {
		t.Fatalf("got %+v, %v", d, err)
	}
	want := chat.Message{
		ID: "CAIQ16HMjQYY", Sender: chat.Identity{Platform: "wecom", Tenant: testCorp, User: "zhangsan"}, Room: "wrkSFf1", Text: "hello robot", SentAt: moment.UTC(),
		Reply: chat.Reply{Platform: "wecom", Kind: "response", Address: testResponse, Room: "wrkSFf1", Until: moment.UTC().Add(time.Hour)},
	}
	if *d.Message != want {
		t.Errorf("got %+v\nwant %+v", *d.Message, want)
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		group    bool
		want     string
	}{
		{"", "@RobotA help", true, "help"},
		{"", "@RobotA\u2005help", true, "help"},
		{"", "@RobotA\u3000 帮助", true, "帮助"},
		{"", "@RobotA", true, ""},
		{"", " @RobotA  help ", true, "help"},
		{"", "help", true, "help"},
		{"", "help @RobotA", true, "help"},
		{"", "@Mei @RobotA help", true, "help"},
		{"", "@VPN Bot\u2005help", true, "help"},
		{"", `apply x reason="ask @Mei"`, true, `apply x reason="ask @Mei"`},
		{"VPN_Bot", "help @VPN Bot", true, "help"},
		{"VPN_Bot", "@Mei @VPN Bot help", true, "help"},
		{"VPN_Bot", "plan @VPN Bot\u2005vss-1 port=1", true, "plan  \u2005vss-1 port=1"},
		{"VPN_Bot", `apply x reason="@VPN Bot"`, true, `apply x reason="@VPN Bot"`},
		{"", "@RobotA help", false, "@RobotA help"},
		{"VPN Bot", "@VPN Bot apply", true, "apply"},
		{"VPN Bot", "@VPN Bot\u2005apply", false, "apply"},
		{"VPN Bot", "@VPN Bot", true, ""},
		{"VPN_Bot", "@VPN Bot apply", true, "apply"},
		{"VPN_Bot", "@VPN_Bot apply", true, "apply"},
		{"VPN_Bot", "@VPN Bots apply", true, "Bots apply"},
		{"VPN", "@VPNapply x", true, "x"},
		{"", "", true, ""},
		{"", "@", true, ""},
	} {
		p := &Platform{name: tt.name}
		if got := p.typed(tt.in, tt.group); got != tt.want {
			t.Errorf("%q (name %q): got %q, want %q", tt.in, tt.name, got, tt.want)
		}
	}
}

func TestAIDirectChat(t *testing.T) {
	t.Parallel()
	plain := testAIMessage("状态", func(m map[string]any) {
		delete(m, "chatid")
		delete(m, "response_url")
		m["chattype"] = "single"
		m["from"] = map[string]any{"userid": "zhangsan", "corpid": testCorp}
	})
	d, err := testPlatform(t, nil).Receive(t.Context(), nil, testAI(testPair(1), plain, ""), moment)
	if err != nil || d.Message == nil || d.Message.Room != "zhangsan" || d.Message.Text != "状态" || d.Message.Reply.Usable(moment) {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestIgnores(t *testing.T) {
	t.Parallel()
	pair := testPair(1)
	ai := func(change func(map[string]any)) chat.Request {
		return testAI(pair, testAIMessage("x", change), "")
	}
	app := func(old, instead string) chat.Request {
		return testApp(pair, strings.Replace(testAppMessage("x"), old, instead, 1), testCorp)
	}
	for name, tt := range map[string]struct {
		request chat.Request
		want    chat.Ignored
	}{
		"an event of the bot":    {ai(func(m map[string]any) { m["msgtype"] = "event" }), "other-event"},
		"a stream's next piece":  {ai(func(m map[string]any) { m["msgtype"] = "stream" }), "other-event"},
		"no msgid":               {ai(func(m map[string]any) { delete(m, "msgid") }), "other-event"},
		"another corporation":    {ai(func(m map[string]any) { m["from"] = map[string]any{"userid": "u", "corpid": "wx2"} }), "outsider"},
		"nobody":                 {ai(func(m map[string]any) { delete(m, "from") }), "no-identity"},
		"everybody":              {ai(func(m map[string]any) { m["from"] = map[string]any{"userid": "@all"} }), "no-identity"},
		"two people":             {ai(func(m map[string]any) { m["from"] = map[string]any{"userid": "a|b"} }), "no-identity"},
		"an event of the app":    {app("<MsgType><![CDATA[text]]>", "<MsgType><![CDATA[event]]>"), "other-event"},
		"no MsgId":               {app("<MsgId>4561255354251345929</MsgId>", ""), "other-event"},
		"everybody, for the app": {app("mycreate", "@all"), "no-identity"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := testPlatform(t, nil).Receive(t.Context(), nil, tt.request, moment)
			ignored(t, d, err, tt.want)
			if len(d.Direct.Body) != 0 {
				t.Errorf("got %q", d.Direct.Body)
			}
		})
	}
}

func TestTextOnly(t *testing.T) {
	t.Parallel()
	pair := testPair(1)
	for _, request := range []chat.Request{
		testAI(pair, testAIMessage("x", func(m map[string]any) { m["msgtype"] = "image" }), ""),
		testAI(pair, testAIMessage("x", func(m map[string]any) { m["msgtype"] = "mixed" }), ""),
		testApp(pair, strings.Replace(testAppMessage("x"), "[text]", "[voice]", 1), testCorp),
	} {
		d, err := testPlatform(t, nil).Receive(t.Context(), nil, request, moment)
		if err != nil || d.Message == nil || d.Message.Problem != chat.ProblemTextOnly || d.Message.Text != "" {
			t.Errorf("got %+v, %v", d, err)
		}
	}
}

func TestRefusesForeignAndUnreadable(t *testing.T) {
	t.Parallel()
	pair := testPair(1)
	app, ai := testAppMessage("x"), testAIMessage("x", nil)
	noBot := func(s map[string][]string) { delete(s, "bot") }
	noApp := func(s map[string][]string) { delete(s, "agent"); delete(s, "agentSecret") }
	for name, tt := range map[string]struct {
		settings func(map[string][]string)
		request  chat.Request
		want     chat.Reason
	}{
		"app: another receiver":    {nil, testApp(pair, app, "wx2"), chat.ReasonForeign},
		"app: no receiver":         {nil, testApp(pair, app, ""), chat.ReasonForeign},
		"app: a longer receiver":   {nil, testApp(pair, app, testCorp+"x"), chat.ReasonForeign},
		"app: not configured":      {noApp, testApp(pair, app, testCorp), chat.ReasonForeign},
		"app: another app":         {nil, testApp(pair, strings.Replace(app, "218", "219", 1), testCorp), chat.ReasonForeign},
		"app: of no app":           {nil, testApp(pair, strings.Replace(app, "<AgentID>218</AgentID>", "", 1), testCorp), chat.ReasonForeign},
		"app: another corporation": {nil, testApp(pair, strings.Replace(app, testCorp, "wx2", 1), testCorp), chat.ReasonForeign},
		"bot: a receiver":          {nil, testAI(pair, ai, testCorp), chat.ReasonForeign},
		"bot: not configured":      {noBot, testAI(pair, ai, ""), chat.ReasonForeign},
		"bot: another bot":         {nil, testAI(pair, strings.Replace(ai, testBot, "aib-2", 1), ""), chat.ReasonForeign},
		"app's text for the bot":   {nil, testAI(pair, app, ""), chat.ReasonUnreadable},
		"bot's text for the app":   {nil, testApp(pair, ai, testCorp), chat.ReasonUnreadable},
		"something after the XML":  {nil, testApp(pair, app+"<xml></xml>", testCorp), chat.ReasonUnreadable},
		"something after the JSON": {nil, testAI(pair, ai+"{}", ""), chat.ReasonUnreadable},
		"a second sender": {nil, testApp(pair, testAppMessage("x]]></Content><FromUserName><![CDATA[boss]]></FromUserName><Content><![CDATA[y"),
			testCorp), chat.ReasonUnreadable},
		"a second sender, whole": {
			nil, testApp(pair, strings.Replace(app, "<Content>", "<FromUserName>boss</FromUserName><Content>", 1), testCorp),
			chat.ReasonUnreadable,
		},
		"a second content": {nil, testApp(pair, strings.Replace(app, "<MsgId>", "<Content>apply</Content><MsgId>", 1), testCorp), chat.ReasonUnreadable},
		"an odd msgid":     {nil, testAI(pair, strings.Replace(ai, "CAIQ16HMjQYY", "a b", 1), ""), chat.ReasonUnreadable},
		"an odd MsgId":     {nil, testApp(pair, strings.Replace(app, "4561255354251345929", "1 2", 1), testCorp), chat.ReasonUnreadable},
		"an entity":        {nil, testApp(pair, `<!DOCTYPE x [<!ENTITY e "x">]>`+strings.Replace(app, "<![CDATA[x]]>", "&e;", 1), testCorp), chat.ReasonUnreadable},
		"another root":     {nil, testApp(pair, strings.NewReplacer("<xml>", "<x>", "</xml>", "</x>").Replace(app), testCorp), chat.ReasonUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := testPlatform(t, tt.settings).Receive(t.Context(), nil, tt.request, moment)
			refused(t, d, err, tt.want)
		})
	}
}

func TestURLCheck(t *testing.T) {
	t.Parallel()
	pair := testPair(1)
	noBot := func(s map[string][]string) { delete(s, "bot") }
	noApp := func(s map[string][]string) { delete(s, "agent"); delete(s, "agentSecret") }
	for name, tt := range map[string]struct {
		settings func(map[string][]string)
		receiver string
		want     chat.Reason
	}{
		"for the app": {nil, testCorp, ""}, "for the bot": {nil, "", ""}, "for another": {nil, "wx2", chat.ReasonForeign},
		"for the app, without one": {noApp, testCorp, chat.ReasonForeign}, "for the bot, without one": {noBot, "", chat.ReasonForeign},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encrypted := testEncrypt(pair, "7001", tt.receiver)
			query := testQuery(pair.token, moment, encrypted)
			query["echostr"] = encrypted
			d, err := testPlatform(t, tt.settings).Receive(t.Context(), nil, chat.Request{Method: http.MethodGet, Query: query, Header: testNoHeader}, moment)
			if tt.want != "" {
				refused(t, d, err, tt.want)
			} else if err != nil || d.Direct == nil || string(d.Direct.Body) != "7001" || !strings.HasPrefix(d.Direct.ContentType, "text/plain") {
				t.Errorf("got %+v, %v", d, err)
			}
		})
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	good := testApp(testPair(1), testAppMessage("x"), testCorp)
	encrypted, _, _ := openEnvelope(good.Body)
	for name, tt := range map[string]struct {
		change func(q map[string]string)
		want   chat.Reason
	}{
		"no signature":     {func(q map[string]string) { delete(q, "msg_signature") }, chat.ReasonMissing},
		"no timestamp":     {func(q map[string]string) { delete(q, "timestamp") }, chat.ReasonMissing},
		"no nonce":         {func(q map[string]string) { delete(q, "nonce") }, chat.ReasonMissing},
		"empty":            {func(q map[string]string) { q["msg_signature"] = "" }, chat.ReasonMissing},
		"timestamp 0":      {func(q map[string]string) { q["timestamp"] = "0" }, chat.ReasonTimestamp},
		"timestamp foo":    {func(q map[string]string) { q["timestamp"] = "foo" }, chat.ReasonTimestamp},
		"14 digits":        {func(q map[string]string) { q["timestamp"] = "17638368000000" }, chat.ReasonTimestamp},
		"another time":     {func(q map[string]string) { q["timestamp"] = "1763836801" }, chat.ReasonNoMatch},
		"another nonce":    {func(q map[string]string) { q["nonce"] = "1372623140" }, chat.ReasonNoMatch},
		"a nonce of signs": {func(q map[string]string) { q["nonce"] = "1/=" }, chat.ReasonNoMatch},
		"not hex":          {func(q map[string]string) { q["msg_signature"] = strings.Repeat("z", 40) }, chat.ReasonNoMatch},
		"a part":           {func(q map[string]string) { q["msg_signature"] = q["msg_signature"][:38] }, chat.ReasonNoMatch},
		"with no token": {func(q map[string]string) {
			q["msg_signature"] = hex.EncodeToString(sign("", q["timestamp"], q["nonce"], encrypted))
		}, chat.ReasonNoMatch},
		"with a third token": {func(q map[string]string) {
			q["msg_signature"] = hex.EncodeToString(sign("a-third-callback-token-0", q["timestamp"], q["nonce"], encrypted))
		}, chat.ReasonNoMatch},
		"of an echostr": {func(q map[string]string) {
			q["echostr"] = "AAAA"
			q["msg_signature"] = hex.EncodeToString(sign(testToken, q["timestamp"], q["nonce"], "AAAA"))
		}, chat.ReasonNoMatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := good
			request.Query = maps.Clone(good.Query)
			tt.change(request.Query)
			d, err := testPlatform(t, nil).Receive(t.Context(), nil, request, moment)
			refused(t, d, err, tt.want)
		})
	}
	empty := &Platform{tokens: []secret.Text{{}}, keys: []secret.Text{secret.New(string(testPair(1).key))}, corp: testCorp, agent: testAgent}
	request := good
	request.Query = testQuery("", moment, encrypted)
	d, err := empty.Receive(t.Context(), nil, request, moment)
	refused(t, d, err, chat.ReasonNoMatch)
}

// TestLooksAtWhatIsSignedOnly changes all that the signature does not cover.
func TestLooksAtWhatIsSignedOnly(t *testing.T) {
	t.Parallel()
	request := testApp(testPair(1), testAppMessage("status"), testCorp)
	request.Body = []byte(strings.NewReplacer("218", "999", testCorp, "wx2").Replace(string(request.Body)))
	maps.Copy(request.Query, map[string]string{"echostr": "x", "Content": "apply", "FromUserName": "boss", "encrypt": "x", "signature": "x"})
	d, err := testPlatform(t, nil).Receive(t.Context(), nil, request, moment)
	if err != nil || d.Message == nil || d.Message.Text != "status" || d.Message.Sender.User != "mycreate" {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	encrypted := testEncrypt(testPair(1), testAppMessage("x"), testCorp)
	query := testQuery(testToken, moment, encrypted)
	for name, body := range map[string]string{
		"nothing": "", "no XML": "<xml><Encrypt>", "no element": "<xml></xml>", "another root": "<x><Encrypt>" + encrypted + "</Encrypt></x>",
		"two":       "<xml><Encrypt>AAAA</Encrypt><Encrypt>" + encrypted + "</Encrypt></xml>",
		"appended":  "<xml><Encrypt>" + encrypted + "</Encrypt></xml>x",
		"two roots": "<xml><Encrypt>" + encrypted + "</Encrypt></xml><xml/>",
		"no JSON":   `{"encrypt":"` + encrypted + `"`, "no field": `{}`, "a number": `{"encrypt":1}`, "appended JSON": `{"encrypt":"` + encrypted + `"}{}`,
		"a form": "encrypt=" + encrypted,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := testPlatform(t, nil).Receive(t.Context(), nil, chat.Request{Method: http.MethodPost, Query: query, Header: testNoHeader, Body: []byte(body)}, moment)
			refused(t, d, err, chat.ReasonUnreadable)
		})
	}
	d, err := testPlatform(t, nil).Receive(t.Context(), nil, chat.Request{Method: http.MethodPost, Query: query, Header: testNoHeader, Body: bytes.Repeat([]byte(" "), chat.MaxBody+1)},
		moment)
	refused(t, d, err, chat.ReasonTooLarge)
	d, err = testPlatform(t, nil).Receive(t.Context(), nil, chat.Request{Method: http.MethodPut, Query: query, Header: testNoHeader}, moment)
	refused(t, d, err, chat.ReasonMethod)
	d, err = testPlatform(t, nil).Receive(t.Context(), nil, chat.Request{Method: http.MethodGet, Header: testNoHeader}, moment)
	refused(t, d, err, chat.ReasonMissing)
}

func TestTamperedBody(t *testing.T) {
	t.Parallel()
	request := testAI(testPair(1), testAIMessage("x", nil), "")
	start := bytes.Index(request.Body, []byte(`":"`)) + 3
	for i := start; i < len(request.Body)-2; i++ {
		changed := request
		changed.Body = bytes.Clone(request.Body)
		changed.Body[i] ^= 1
		if d, err := testPlatform(t, nil).Receive(t.Context(), nil, changed, moment); err == nil || d.Message != nil {
			t.Fatalf("byte %d: got %+v", i, d)
		}
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	request := testAI(testPair(1), testAIMessage("x", nil), "")
	for offset, want := range map[time.Duration]chat.Reason{
		0: "", 5 * time.Minute: "", -5 * time.Minute: "", 5*time.Minute + 1: chat.ReasonTooOld, -5*time.Minute - 1: chat.ReasonTooNew,
	} {
		d, err := testPlatform(t, nil).Receive(t.Context(), nil, request, moment.Add(offset))
		if want != "" {
			refused(t, d, err, want)
		} else if err != nil || d.Message == nil {
			t.Errorf("%s: got %v", offset, err)
		}
	}
}

func TestRotatesPairs(t *testing.T) {
	t.Parallel()
	p := testPlatform(t, nil)
	for number := 1; number <= 2; number++ {
		pair := testPair(number)
		for _, request := range []chat.Request{testAI(pair, testAIMessage("x", nil), ""), testApp(pair, testAppMessage("x"), testCorp)} {
			d, err := p.Receive(t.Context(), nil, request, moment)
			if err != nil || d.Message == nil || d.SecretNumber != number {
				t.Fatalf("pair %d: got %+v, %v", number, d, err)
			}
			// The answer goes back under the pair of the question.
			response, later := p.Answer(d, testText())
			if later || testOpen(t, pair, response) == "" {
				t.Errorf("pair %d: got %+v, %v", number, response, later)
			}
		}
	}
	// A token does not go with the other pair's key.
	mixed := pair{testToken, testPair(2).key}
	d, err := p.Receive(t.Context(), nil, testAI(mixed, testAIMessage("x", nil), ""), moment)
	refused(t, d, err, chat.ReasonUnreadable)
}

// testOpen verifies and decrypts an answer as the platform does.
func testOpen(t *testing.T, pair pair, response chat.Response) string {
	t.Helper()
	if response.Status != 200 {
		t.Fatalf("got %+v", response)
	}
	var envelope struct {
		XMLName   xml.Name `json:"-" xml:"xml"`
		Encrypt   string   `json:"encrypt" xml:"Encrypt"`
		Signature string   `json:"msgsignature" xml:"MsgSignature"`
		Time      int64    `json:"timestamp" xml:"TimeStamp"`
		Nonce     string   `json:"nonce" xml:"Nonce"`
	}
	read, receiver := json.Unmarshal, ""
	if strings.HasPrefix(response.ContentType, "application/xml") {
		read, receiver = xml.Unmarshal, testCorp
	}
	if err := read(response.Body, &envelope); err != nil {
		t.Fatalf("%s: %v", response.Body, err)
	}
	mac, err := hex.DecodeString(envelope.Signature)
	if err != nil || verifySignature([]secret.Text{secret.New(pair.token)}, strconv.FormatInt(envelope.Time, 10), envelope.Nonce, envelope.Encrypt, mac) != 1 {
		t.Fatal("the answer's signature does not match")
	}
	message, to, ok := decrypt(pair.key, envelope.Encrypt)
	if !ok || to != receiver {
		t.Fatalf("got %q for %q, %v", message, to, ok)
	}
	return string(message)
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	p, pair := testPlatform(t, nil), testPair(1)
	d, err := p.Receive(t.Context(), nil, testAI(pair, testAIMessage("x", nil), ""), moment)
	if err != nil {
		t.Fatal(err)
	}
	response, later := p.Answer(d, testText())
	again, _ := p.Answer(d, testText())
	if later || bytes.Equal(response.Body, again.Body) {
		t.Error("the random parts of two answers are the same")
	}
	want := `{"msgtype":"stream","stream":{"id":"a546aab3ec97ea66be3c8c6ddd537ce0","finish":true,` +
		`"content":"✅ applied ` + "`chg-7F3A`" + `\nport: ` + "`1194` → `1195`" + `\nUndo: ` + "`rollback 20261122-psfvgfo4zp`" + `"}}`
	if got := testOpen(t, pair, response); got != want || got != testOpen(t, pair, again) {
		t.Errorf("got %s\nwant %s", got, want)
	}

	d, err = p.Receive(t.Context(), nil, testApp(pair, testAppMessage("x"), testCorp), moment)
	if err != nil {
		t.Fatal(err)
	}
	response, later = p.Answer(d, testText())
	want = "<xml><ToUserName><![CDATA[mycreate]]></ToUserName><FromUserName><![CDATA[" + testCorp + "]]></FromUserName>" +
		"<CreateTime>1763836800</CreateTime><MsgType><![CDATA[text]]></MsgType>" +
		"<Content><![CDATA[✅ applied chg-7F3A\nport: 1194 → 1195\nUndo: rollback 20261122-psfvgfo4zp]]></Content></xml>"
	if got := testOpen(t, pair, response); later || got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	// A delivery of another platform is answered with nothing.
	if response, later := p.Answer(chat.Delivery{Message: &chat.Message{}}, testText()); !later || response.Status != 200 || len(response.Body) != 0 {
		t.Errorf("got %+v, %v", response, later)
	}
}

// testRaw encrypts what is padded already.
func testRaw(key, padded []byte) string {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(padded))
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(out, padded)
	return base64.StdEncoding.EncodeToString(out)
}

// TestPaddingAndLength has the values on which the reference library ends
// the process.
func TestPaddingAndLength(t *testing.T) {
	t.Parallel()
	key := testPair(1).key
	frame := func(length uint32, rest string, pads ...byte) []byte {
		plain := binary.BigEndian.AppendUint32(make([]byte, 16), length)
		return append(append(plain, rest...), pads...)
	}
	ones := bytes.Repeat([]byte{1}, 11)
	for name, padded := range map[string][]byte{
		"padding 200":           frame(1, "x", append(ones[:10:10], 200)...),
		"padding 0":             frame(1, "x", append(ones[:10:10], 0)...),
		"padding 33":            frame(1, "x", append(ones[:10:10], 33)...),
		"padding not the same":  frame(1, "x", append(ones[:9:9], 3, 2)...),
		"padding over all":      bytes.Repeat([]byte{32}, 32),
		"padding over the head": append(make([]byte, 32-13), bytes.Repeat([]byte{13}, 13)...),
		"length 0xFFFFFFF0":     frame(0xFFFFFFF0, "x", append(ones[:10:10], 1)...),
		"length 0xFFFFFFFF":     frame(0xFFFFFFFF, "x", append(ones[:10:10], 1)...),
		"length 0x80000000":     frame(0x80000000, "x", append(ones[:10:10], 1)...),
		"length one too many":   frame(12, "x", append(ones[:10:10], 1)...),
		"half a block":          append(make([]byte, 16), bytes.Repeat([]byte{16}, 16)...)[:16],
		"a block and a half":    append(make([]byte, 32), bytes.Repeat([]byte{16}, 16)...),
	} {
		encrypted := testRaw(key, padded)
		if message, receiver, ok := decrypt(key, encrypted); ok || message != nil || receiver != "" {
			t.Errorf("%s: got %q for %q", name, message, receiver)
		}
		request := chat.Request{
			Method: http.MethodPost, Query: testQuery(testToken, moment, encrypted), Header: testNoHeader, Body: []byte(`{"encrypt":"` + encrypted + `"}`),
		}
		d, err := testPlatform(t, nil).Receive(t.Context(), nil, request, moment)
		refused(t, d, err, chat.ReasonUnreadable)
	}
	for _, text := range []string{"", "####", "AAAA"} {
		if _, _, ok := decrypt(key, text); ok {
			t.Errorf("%q is taken", text)
		}
	}
	// The edges that are right.
	for _, padded := range [][]byte{frame(11, strings.Repeat("a", 11), 1), frame(0, "", bytes.Repeat([]byte{12}, 12)...)} {
		if _, receiver, ok := decrypt(key, testRaw(key, padded)); !ok || receiver != "" {
			t.Errorf("%x is refused", padded)
		}
	}
	for n := range 100 {
		text := strings.Repeat("a", n)
		encrypted, ok := encrypt(key, []byte(text), testCorp)
		if message, receiver, opened := decrypt(key, encrypted); !ok || !opened || string(message) != text || receiver != testCorp {
			t.Errorf("%d bytes: got %q for %q", n, message, receiver)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(map[string][]string)
		want   string
	}{
		"a short key":            {func(s map[string][]string) { s["aesKey"] = []string{"hunter2", testKey} }, "aesKey: value 1 is not"},
		"a long key":             {func(s map[string][]string) { s["aesKey"] = []string{testKey, testKey + "x"} }, "aesKey: value 2 is not"},
		"a key of signs":         {func(s map[string][]string) { s["aesKey"][1] = "!" + testOldKey[1:] }, "aesKey: value 2 is not"},
		"a key too few":          {func(s map[string][]string) { s["aesKey"] = s["aesKey"][:1] }, "2 of token and 1 of aesKey"},
		"a token too few":        {func(s map[string][]string) { s["token"] = s["token"][:1] }, "1 of token and 2 of aesKey"},
		"no corporation":         {func(s map[string][]string) { delete(s, "corp") }, "corp must consist"},
		"neither bot nor app":    {func(s map[string][]string) { delete(s, "bot"); delete(s, "agent"); delete(s, "agentSecret") }, "both missing"},
		"an odd bot":             {func(s map[string][]string) { s["bot"] = []string{"a b"} }, "bot must consist"},
		"an odd app":             {func(s map[string][]string) { s["agent"] = []string{"vpn"} }, "agent must be a number"},
		"a secret of no app":     {func(s map[string][]string) { delete(s, "agent") }, "agentSecret is given without agent"},
		"several at once, first": {func(s map[string][]string) { delete(s, "agent"); delete(s, "corp") }, "corp must consist"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := testSettings()
			tt.change(s)
			p, err := Spec().New(chat.NewSettings(s))
			if err == nil || p != nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, %v, want %q", p, err, tt.want)
			}
			for _, secret := range []string{"hunter2", testKey, testToken, testOldKey[1:]} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error repeats a secret: %v", err)
				}
			}
		})
	}
}

func FuzzDecrypt(f *testing.F) {
	key := testPair(1).key
	v := vectors(f)
	f.Add(v["wecom_message_official"]["encrypt"], []byte(nil))
	f.Add(v["wecom_verify_url_official"]["echostr"], []byte(nil))
	f.Add("", bytes.Repeat([]byte{200}, 32))
	f.Add("", append(append(make([]byte, 16), 0xFF, 0xFF, 0xFF, 0xF0), bytes.Repeat([]byte{12}, 12)...))
	f.Fuzz(func(t *testing.T, text string, padded []byte) {
		if text == "" { // a text that was encrypted well, with whatever in it
			text = testRaw(key, append(padded, make([]byte, (16-len(padded)%16)%16)...))
		}
		message, receiver, ok := decrypt(key, text)
		if !ok {
			if message != nil || receiver != "" {
				t.Error("got a text beside the refusal")
			}
			return
		}
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		random := make([]byte, 16)
		cipher.NewCBCDecrypter(block, key[:16]).CryptBlocks(random, raw[:16])
		plain := binary.BigEndian.AppendUint32(random, uint32(len(message)))
		plain = append(append(plain, message...), receiver...)
		pad := 32 - len(plain)%32
		if testRaw(key, append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)) != base64.StdEncoding.EncodeToString(raw) {
			t.Error("what was decrypted does not encrypt to what it came from")
		}
	})
}

func FuzzReceive(f *testing.F) {
	p, pair := testPlatform(f, nil), testPair(1)
	f.Add(0, "1763836800", "1", "", []byte(testAIMessage("@a help", nil)))
	f.Add(1, "1763836800", "1", "", []byte(testAppMessage("help")))
	f.Add(1, "1763836800", "1", "", []byte("<xml><ToUserName>"+testCorp+"</ToUserName><FromUserName>zhangsan</FromUserName><CreateTime>1763836800</CreateTime><MsgType>event</MsgType>"+
		"<Event>template_card_event</Event><EventKey>approve x</EventKey><TaskId>t1</TaskId><AgentID>218</AgentID></xml>"))
	f.Add(2, "1763836800", "1", "", []byte("echo"))
	f.Add(3, "1763836800", "1", "00", []byte(`{"encrypt":"AAAA"}`))
	f.Add(4, "1763836800", "1", "00", []byte(`<xml><Encrypt>AAAA</Encrypt></xml>`))
	f.Fuzz(func(t *testing.T, how int, timestamp, nonce, signature string, content []byte) {
		request := chat.Request{Method: http.MethodPost, Query: map[string]string{"timestamp": timestamp, "nonce": nonce, "msg_signature": signature}, Header: testNoHeader}
		receiver := ""
		switch how % 5 {
		case 1, 2:
			receiver = testCorp
		}
		encrypted := testEncrypt(pair, string(content), receiver)
		signed := hex.EncodeToString(sign(pair.token, timestamp, nonce, encrypted))
		switch how % 5 {
		case 0:
			request.Query["msg_signature"], request.Body = signed, []byte(`{"encrypt":"`+encrypted+`"}`)
		case 1:
			request.Query["msg_signature"], request.Body = signed, []byte("<xml><Encrypt>"+encrypted+"</Encrypt></xml>")
		case 2:
			request.Method, request.Query["msg_signature"], request.Query["echostr"] = http.MethodGet, signed, encrypted
		case 3:
			request.Body = content
		default:
			request.Method, request.Query["echostr"] = http.MethodGet, string(content)
		}
		d, err := p.Receive(t.Context(), nil, request, moment)
		if err != nil {
			if _, ok := errors.AsType[*chat.RefusedError](err); !ok || d.Direct != nil || d.Message != nil {
				t.Fatalf("got %+v, %v", d, err)
			}
			return
		}
		if (d.Direct == nil) == (d.Message == nil) || d.SecretNumber != 1 || how%5 > 2 || how%5 < 0 {
			t.Fatalf("got %+v", d)
		}
		m := d.Message
		if m == nil {
			return
		}
		if m.ID == "" || m.Sender.Tenant != testCorp || !isUser(m.Sender.User) || m.Text != "" && m.Problem != "" {
			t.Fatalf("got %+v", *m)
		}
		response, later := p.Answer(d, chat.Text{Title: chat.Line{chat.Code(m.Text)}})
		click := strings.HasPrefix(m.ID, "click:")
		switch {
		case click && (!later || m.Reply.Address != m.Sender.User):
			t.Fatalf("got %+v, later %v", *m, later)
		case !click && (later || testOpen(t, pair, response) == ""):
			t.Fatalf("got %+v", response)
		}
	})
}
