package chat

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
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"sslvpnchange/internal/lang"
)

const (
	wecomTestToken    = "current-callback-token-01"
	wecomTestKey      = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	wecomTestOldToken = "previous-callback-token-0"
	wecomTestOldKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	wecomTestCorp     = "wx5823bf96d3bd56c7"
	wecomTestBot      = "aib-1Zx9bot"
	wecomTestAgent    = "218"
	wecomTestSecret   = "app-secret-app-secret-app-secret-app-secret"
	wecomTestResponse = "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC1"
)

func wecomTestSettings() Settings {
	return Settings{
		"token": {wecomTestToken, wecomTestOldToken}, "aesKey": {wecomTestKey, wecomTestOldKey}, "corp": {wecomTestCorp},
		"bot": {wecomTestBot}, "agent": {wecomTestAgent}, "agentSecret": {wecomTestSecret},
	}
}

func wecomTestPlatform(tb testing.TB, change func(Settings)) *wecom {
	tb.Helper()
	s := wecomTestSettings()
	if change != nil {
		change(s)
	}
	made, err := wecomSpec().New(s)
	p, ok := made.(*wecom)
	if err != nil || !ok {
		tb.Fatal(err)
	}
	return p
}

// wecomTestPair is the first or second pair.
func wecomTestPair(number int) wecomPair {
	token, text := wecomTestToken, wecomTestKey
	if number == 2 {
		token, text = wecomTestOldToken, wecomTestOldKey
	}
	key, ok := wecomKey(text)
	if !ok {
		panic("no key")
	}
	return wecomPair{token, key}
}

func wecomTestQuery(token string, at time.Time, encrypted string) map[string]string {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	return map[string]string{
		"timestamp": timestamp, "nonce": "1372623149",
		"msg_signature": hex.EncodeToString(wecomSign(token, timestamp, "1372623149", encrypted)),
	}
}

func wecomTestNoHeader(string) string { return "" }

func wecomTestEncrypt(pair wecomPair, text, receiver string) string {
	encrypted, ok := wecomEncrypt(pair.key, []byte(text), receiver)
	if !ok {
		panic("not encrypted")
	}
	return encrypted
}

// wecomTestApp is a message for the app, wecomTestAI one for the AI bot.
func wecomTestApp(pair wecomPair, text, receiver string) Request {
	encrypted := wecomTestEncrypt(pair, text, receiver)
	return Request{
		Method: http.MethodPost, Query: wecomTestQuery(pair.token, feishuWecomNow, encrypted), Header: wecomTestNoHeader,
		Body: []byte("<xml><ToUserName><![CDATA[" + wecomTestCorp + "]]></ToUserName><Encrypt><![CDATA[" + encrypted + "]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>"),
	}
}

func wecomTestAI(pair wecomPair, text, receiver string) Request {
	encrypted := wecomTestEncrypt(pair, text, receiver)
	return Request{
		Method: http.MethodPost, Query: wecomTestQuery(pair.token, feishuWecomNow, encrypted), Header: wecomTestNoHeader,
		Body: []byte(`{"encrypt":"` + encrypted + `"}`),
	}
}

func wecomTestAppMessage(content string) string {
	return "<xml><ToUserName><![CDATA[" + wecomTestCorp + "]]></ToUserName><FromUserName><![CDATA[mycreate]]></FromUserName>" +
		"<CreateTime>1763836800</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[" + content + "]]></Content>" +
		"<MsgId>4561255354251345929</MsgId><AgentID>218</AgentID></xml>"
}

func wecomTestAIMessage(text string, change func(m map[string]any)) string {
	m := map[string]any{
		"msgid": "CAIQ16HMjQYY", "aibotid": wecomTestBot, "chatid": "wrkSFf1", "chattype": "group", "from": map[string]any{"userid": "zhangsan"},
		"response_url": wecomTestResponse, "msgtype": "text", "text": map[string]any{"content": text},
	}
	if change != nil {
		change(m)
	}
	return feishuTestJSON(m)
}

func TestWecomOfficialVectors(t *testing.T) {
	t.Parallel()
	vectors := feishuWecomVectors(t, "wecom_vectors.json")
	echo, message := vectors["wecom_verify_url_official"], vectors["wecom_message_official"]
	key, ok := wecomKey(echo["encoding_aes_key"])
	if !ok {
		t.Fatal("the key is not taken")
	}
	// The official token is shorter than New takes.
	p := wecomTestPlatform(t, nil)
	p.pairs = []wecomPair{{echo["token"], key}}

	at := time.Unix(1409659589, 0)
	query := map[string]string{"msg_signature": echo["msg_signature"], "timestamp": echo["timestamp"], "nonce": echo["nonce"], "echostr": echo["echostr"]}
	for _, text := range []string{echo["echostr"], strings.ReplaceAll(echo["echostr"], "+", " ")} {
		query["echostr"] = text
		d, err := p.Receive(t.Context(), nil, Request{Method: http.MethodGet, Query: query, Header: wecomTestNoHeader}, at)
		if err != nil || d.Direct == nil || string(d.Direct.Body) != "1616140317555161061" || d.Ignored != "" || d.SecretNumber != 1 {
			t.Errorf("URL check: got %+v, %v", d, err)
		}
	}

	plain, receiver, ok := wecomDecrypt(key, message["encrypt"])
	if !ok || string(plain) != message["plain"] || receiver != message["corp_id"] {
		t.Errorf("got %q for %q, %v", plain, receiver, ok)
	}
	d, err := p.Receive(t.Context(), nil, Request{
		Method: http.MethodPost, Header: wecomTestNoHeader,
		Query: map[string]string{"msg_signature": message["msg_signature"], "timestamp": message["timestamp"], "nonce": message["nonce"]},
		Body:  []byte("<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName><Encrypt><![CDATA[" + message["encrypt"] + "]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>"),
	}, time.Unix(1409659813, 0))
	if err != nil || d.Message == nil {
		t.Fatalf("message: got %+v, %v", d, err)
	}
	want := Message{
		ID: "4561255354251345929", Sender: Identity{"wecom", "wx5823bf96d3bd56c7", "mycreate"}, Room: "mycreate", Text: "hello",
		Reply: Reply{Platform: "wecom", Kind: "app", Address: "mycreate", Room: "mycreate"},
	}
	if *d.Message != want {
		t.Errorf("got %+v\nwant %+v", *d.Message, want)
	}
}

func TestWecomAIMessage(t *testing.T) {
	t.Parallel()
	d, err := wecomTestPlatform(t, nil).Receive(t.Context(), nil, wecomTestAI(wecomTestPair(1), wecomTestAIMessage("@RobotA hello robot", nil), ""), feishuWecomNow)
	if err != nil || d.Message == nil {
		t.Fatalf("got %+v, %v", d, err)
	}
	want := Message{
		ID: "CAIQ16HMjQYY", Sender: Identity{"wecom", wecomTestCorp, "zhangsan"}, Room: "wrkSFf1", Text: "hello robot",
		Reply: Reply{Platform: "wecom", Kind: "response", Address: wecomTestResponse, Room: "wrkSFf1", Until: feishuWecomNow.UTC().Add(time.Hour)},
	}
	if *d.Message != want {
		t.Errorf("got %+v\nwant %+v", *d.Message, want)
	}
}

func TestWecomTexts(t *testing.T) {
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
		{"", "help @RobotA", true, "help @RobotA"},
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
		p := &wecom{name: tt.name}
		if got := p.typed(tt.in, tt.group); got != tt.want {
			t.Errorf("%q (name %q): got %q, want %q", tt.in, tt.name, got, tt.want)
		}
	}
}

func TestWecomAIDirectChat(t *testing.T) {
	t.Parallel()
	plain := wecomTestAIMessage("状态", func(m map[string]any) {
		delete(m, "chatid")
		delete(m, "response_url")
		m["chattype"] = "single"
		m["from"] = map[string]any{"userid": "zhangsan", "corpid": wecomTestCorp}
	})
	d, err := wecomTestPlatform(t, nil).Receive(t.Context(), nil, wecomTestAI(wecomTestPair(1), plain, ""), feishuWecomNow)
	if err != nil || d.Message == nil || d.Message.Room != "zhangsan" || d.Message.Text != "状态" || d.Message.Reply.Usable(feishuWecomNow) {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestWecomIgnores(t *testing.T) {
	t.Parallel()
	pair := wecomTestPair(1)
	ai := func(change func(map[string]any)) Request {
		return wecomTestAI(pair, wecomTestAIMessage("x", change), "")
	}
	app := func(old, instead string) Request {
		return wecomTestApp(pair, strings.Replace(wecomTestAppMessage("x"), old, instead, 1), wecomTestCorp)
	}
	for name, tt := range map[string]struct {
		request Request
		want    string
	}{
		"an event of the bot":    {ai(func(m map[string]any) { m["msgtype"] = "event" }), "event"},
		"a stream's next piece":  {ai(func(m map[string]any) { m["msgtype"] = "stream" }), "event"},
		"no msgid":               {ai(func(m map[string]any) { delete(m, "msgid") }), "event"},
		"another corporation":    {ai(func(m map[string]any) { m["from"] = map[string]any{"userid": "u", "corpid": "wx2"} }), "other-tenant"},
		"nobody":                 {ai(func(m map[string]any) { delete(m, "from") }), "no-identity"},
		"everybody":              {ai(func(m map[string]any) { m["from"] = map[string]any{"userid": "@all"} }), "no-identity"},
		"two people":             {ai(func(m map[string]any) { m["from"] = map[string]any{"userid": "a|b"} }), "no-identity"},
		"an event of the app":    {app("<MsgType><![CDATA[text]]>", "<MsgType><![CDATA[event]]>"), "event"},
		"no MsgId":               {app("<MsgId>4561255354251345929</MsgId>", ""), "event"},
		"everybody, for the app": {app("mycreate", "@all"), "no-identity"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := wecomTestPlatform(t, nil).Receive(t.Context(), nil, tt.request, feishuWecomNow)
			feishuWecomIgnored(t, d, err, tt.want)
			if len(d.Direct.Body) != 0 {
				t.Errorf("got %q", d.Direct.Body)
			}
		})
	}
}

func TestWecomTextOnly(t *testing.T) {
	t.Parallel()
	pair := wecomTestPair(1)
	for _, request := range []Request{
		wecomTestAI(pair, wecomTestAIMessage("x", func(m map[string]any) { m["msgtype"] = "image" }), ""),
		wecomTestAI(pair, wecomTestAIMessage("x", func(m map[string]any) { m["msgtype"] = "mixed" }), ""),
		wecomTestApp(pair, strings.Replace(wecomTestAppMessage("x"), "[text]", "[voice]", 1), wecomTestCorp),
	} {
		d, err := wecomTestPlatform(t, nil).Receive(t.Context(), nil, request, feishuWecomNow)
		if err != nil || d.Message == nil || d.Message.Problem != "text-only" || d.Message.Text != "" {
			t.Errorf("got %+v, %v", d, err)
		}
	}
}

func TestWecomRefusesForeignAndUnreadable(t *testing.T) {
	t.Parallel()
	pair := wecomTestPair(1)
	app, ai := wecomTestAppMessage("x"), wecomTestAIMessage("x", nil)
	noBot := func(s Settings) { delete(s, "bot") }
	noApp := func(s Settings) { delete(s, "agent"); delete(s, "agentSecret") }
	for name, tt := range map[string]struct {
		settings func(Settings)
		request  Request
		want     Reason
	}{
		"app: another receiver":    {nil, wecomTestApp(pair, app, "wx2"), ReasonForeign},
		"app: no receiver":         {nil, wecomTestApp(pair, app, ""), ReasonForeign},
		"app: a longer receiver":   {nil, wecomTestApp(pair, app, wecomTestCorp+"x"), ReasonForeign},
		"app: not configured":      {noApp, wecomTestApp(pair, app, wecomTestCorp), ReasonForeign},
		"app: another app":         {nil, wecomTestApp(pair, strings.Replace(app, "218", "219", 1), wecomTestCorp), ReasonForeign},
		"app: of no app":           {nil, wecomTestApp(pair, strings.Replace(app, "<AgentID>218</AgentID>", "", 1), wecomTestCorp), ReasonForeign},
		"app: another corporation": {nil, wecomTestApp(pair, strings.Replace(app, wecomTestCorp, "wx2", 1), wecomTestCorp), ReasonForeign},
		"bot: a receiver":          {nil, wecomTestAI(pair, ai, wecomTestCorp), ReasonForeign},
		"bot: not configured":      {noBot, wecomTestAI(pair, ai, ""), ReasonForeign},
		"bot: another bot":         {nil, wecomTestAI(pair, strings.Replace(ai, wecomTestBot, "aib-2", 1), ""), ReasonForeign},
		"app's text for the bot":   {nil, wecomTestAI(pair, app, ""), ReasonUnreadable},
		"bot's text for the app":   {nil, wecomTestApp(pair, ai, wecomTestCorp), ReasonUnreadable},
		"something after the XML":  {nil, wecomTestApp(pair, app+"<xml></xml>", wecomTestCorp), ReasonUnreadable},
		"something after the JSON": {nil, wecomTestAI(pair, ai+"{}", ""), ReasonUnreadable},
		"a second sender": {nil, wecomTestApp(pair, wecomTestAppMessage("x]]></Content><FromUserName><![CDATA[boss]]></FromUserName><Content><![CDATA[y"),
			wecomTestCorp), ReasonUnreadable},
		"a second sender, whole": {
			nil, wecomTestApp(pair, strings.Replace(app, "<Content>", "<FromUserName>boss</FromUserName><Content>", 1), wecomTestCorp),
			ReasonUnreadable,
		},
		"a second content": {nil, wecomTestApp(pair, strings.Replace(app, "<MsgId>", "<Content>apply</Content><MsgId>", 1), wecomTestCorp), ReasonUnreadable},
		"an odd msgid":     {nil, wecomTestAI(pair, strings.Replace(ai, "CAIQ16HMjQYY", "a b", 1), ""), ReasonUnreadable},
		"an odd MsgId":     {nil, wecomTestApp(pair, strings.Replace(app, "4561255354251345929", "1 2", 1), wecomTestCorp), ReasonUnreadable},
		"an entity":        {nil, wecomTestApp(pair, `<!DOCTYPE x [<!ENTITY e "x">]>`+strings.Replace(app, "<![CDATA[x]]>", "&e;", 1), wecomTestCorp), ReasonUnreadable},
		"another root":     {nil, wecomTestApp(pair, strings.NewReplacer("<xml>", "<x>", "</xml>", "</x>").Replace(app), wecomTestCorp), ReasonUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := wecomTestPlatform(t, tt.settings).Receive(t.Context(), nil, tt.request, feishuWecomNow)
			feishuWecomRefused(t, d, err, tt.want)
		})
	}
}

func TestWecomURLCheck(t *testing.T) {
	t.Parallel()
	pair := wecomTestPair(1)
	noBot := func(s Settings) { delete(s, "bot") }
	noApp := func(s Settings) { delete(s, "agent"); delete(s, "agentSecret") }
	for name, tt := range map[string]struct {
		settings func(Settings)
		receiver string
		want     Reason
	}{
		"for the app": {nil, wecomTestCorp, ""}, "for the bot": {nil, "", ""}, "for another": {nil, "wx2", ReasonForeign},
		"for the app, without one": {noApp, wecomTestCorp, ReasonForeign}, "for the bot, without one": {noBot, "", ReasonForeign},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encrypted := wecomTestEncrypt(pair, "7\"<1", tt.receiver)
			query := wecomTestQuery(pair.token, feishuWecomNow, encrypted)
			query["echostr"] = encrypted
			d, err := wecomTestPlatform(t, tt.settings).Receive(t.Context(), nil, Request{Method: http.MethodGet, Query: query, Header: wecomTestNoHeader}, feishuWecomNow)
			if tt.want != "" {
				feishuWecomRefused(t, d, err, tt.want)
			} else if err != nil || d.Direct == nil || string(d.Direct.Body) != "7\"<1" || !strings.HasPrefix(d.Direct.ContentType, "text/plain") {
				t.Errorf("got %+v, %v", d, err)
			}
		})
	}
}

func TestWecomSignature(t *testing.T) {
	t.Parallel()
	good := wecomTestApp(wecomTestPair(1), wecomTestAppMessage("x"), wecomTestCorp)
	encrypted, _, _ := wecomEnvelope(good.Body)
	for name, tt := range map[string]struct {
		change func(q map[string]string)
		want   Reason
	}{
		"no signature":     {func(q map[string]string) { delete(q, "msg_signature") }, ReasonMissing},
		"no timestamp":     {func(q map[string]string) { delete(q, "timestamp") }, ReasonMissing},
		"no nonce":         {func(q map[string]string) { delete(q, "nonce") }, ReasonMissing},
		"empty":            {func(q map[string]string) { q["msg_signature"] = "" }, ReasonMissing},
		"timestamp 0":      {func(q map[string]string) { q["timestamp"] = "0" }, ReasonTimestamp},
		"timestamp foo":    {func(q map[string]string) { q["timestamp"] = "foo" }, ReasonTimestamp},
		"14 digits":        {func(q map[string]string) { q["timestamp"] = "17638368000000" }, ReasonTimestamp},
		"another time":     {func(q map[string]string) { q["timestamp"] = "1763836801" }, ReasonNoMatch},
		"another nonce":    {func(q map[string]string) { q["nonce"] = "1372623140" }, ReasonNoMatch},
		"a nonce of signs": {func(q map[string]string) { q["nonce"] = "1/=" }, ReasonNoMatch},
		"not hex":          {func(q map[string]string) { q["msg_signature"] = strings.Repeat("z", 40) }, ReasonNoMatch},
		"a part":           {func(q map[string]string) { q["msg_signature"] = q["msg_signature"][:38] }, ReasonNoMatch},
		"with no token": {func(q map[string]string) {
			q["msg_signature"] = hex.EncodeToString(wecomSign("", q["timestamp"], q["nonce"], encrypted))
		}, ReasonNoMatch},
		"with a third token": {func(q map[string]string) {
			q["msg_signature"] = hex.EncodeToString(wecomSign("a-third-callback-token-0", q["timestamp"], q["nonce"], encrypted))
		}, ReasonNoMatch},
		"of an echostr": {func(q map[string]string) {
			q["echostr"] = "AAAA"
			q["msg_signature"] = hex.EncodeToString(wecomSign(wecomTestToken, q["timestamp"], q["nonce"], "AAAA"))
		}, ReasonNoMatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := good
			request.Query = maps.Clone(good.Query)
			tt.change(request.Query)
			d, err := wecomTestPlatform(t, nil).Receive(t.Context(), nil, request, feishuWecomNow)
			feishuWecomRefused(t, d, err, tt.want)
		})
	}
	empty := &wecom{pairs: []wecomPair{{"", wecomTestPair(1).key}}, corp: wecomTestCorp, agent: wecomTestAgent}
	request := good
	request.Query = wecomTestQuery("", feishuWecomNow, encrypted)
	d, err := empty.Receive(t.Context(), nil, request, feishuWecomNow)
	feishuWecomRefused(t, d, err, ReasonNoMatch)
}

// TestWecomLooksAtWhatIsSignedOnly changes all that the signature does not cover.
func TestWecomLooksAtWhatIsSignedOnly(t *testing.T) {
	t.Parallel()
	request := wecomTestApp(wecomTestPair(1), wecomTestAppMessage("status"), wecomTestCorp)
	request.Body = []byte(strings.NewReplacer("218", "999", wecomTestCorp, "wx2").Replace(string(request.Body)))
	maps.Copy(request.Query, map[string]string{"echostr": "x", "Content": "apply", "FromUserName": "boss", "encrypt": "x", "signature": "x"})
	d, err := wecomTestPlatform(t, nil).Receive(t.Context(), nil, request, feishuWecomNow)
	if err != nil || d.Message == nil || d.Message.Text != "status" || d.Message.Sender.User != "mycreate" {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestWecomEnvelopes(t *testing.T) {
	t.Parallel()
	encrypted := wecomTestEncrypt(wecomTestPair(1), wecomTestAppMessage("x"), wecomTestCorp)
	query := wecomTestQuery(wecomTestToken, feishuWecomNow, encrypted)
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
			d, err := wecomTestPlatform(t, nil).Receive(t.Context(), nil, Request{Method: http.MethodPost, Query: query, Header: wecomTestNoHeader, Body: []byte(body)}, feishuWecomNow)
			feishuWecomRefused(t, d, err, ReasonUnreadable)
		})
	}
	d, err := wecomTestPlatform(t, nil).Receive(t.Context(), nil, Request{Method: http.MethodPost, Query: query, Header: wecomTestNoHeader, Body: bytes.Repeat([]byte(" "), MaxBody+1)},
		feishuWecomNow)
	feishuWecomRefused(t, d, err, ReasonUnreadable)
	d, err = wecomTestPlatform(t, nil).Receive(t.Context(), nil, Request{Method: http.MethodPut, Query: query, Header: wecomTestNoHeader}, feishuWecomNow)
	feishuWecomRefused(t, d, err, ReasonUnreadable)
	d, err = wecomTestPlatform(t, nil).Receive(t.Context(), nil, Request{Method: http.MethodGet, Header: wecomTestNoHeader}, feishuWecomNow)
	feishuWecomRefused(t, d, err, ReasonMissing)
}

func TestWecomTamperedBody(t *testing.T) {
	t.Parallel()
	request := wecomTestAI(wecomTestPair(1), wecomTestAIMessage("x", nil), "")
	start := bytes.Index(request.Body, []byte(`":"`)) + 3
	for i := start; i < len(request.Body)-2; i++ {
		changed := request
		changed.Body = bytes.Clone(request.Body)
		changed.Body[i] ^= 1
		if d, err := wecomTestPlatform(t, nil).Receive(t.Context(), nil, changed, feishuWecomNow); err == nil || d.Message != nil {
			t.Fatalf("byte %d: got %+v", i, d)
		}
	}
}

func TestWecomWindow(t *testing.T) {
	t.Parallel()
	request := wecomTestAI(wecomTestPair(1), wecomTestAIMessage("x", nil), "")
	for offset, want := range map[time.Duration]Reason{
		0: "", 5 * time.Minute: "", -5 * time.Minute: "", 5*time.Minute + 1: ReasonTooOld, -5*time.Minute - 1: ReasonTooNew,
	} {
		d, err := wecomTestPlatform(t, nil).Receive(t.Context(), nil, request, feishuWecomNow.Add(offset))
		if want != "" {
			feishuWecomRefused(t, d, err, want)
		} else if err != nil || d.Message == nil {
			t.Errorf("%s: got %v", offset, err)
		}
	}
}

func TestWecomRotatesPairs(t *testing.T) {
	t.Parallel()
	p := wecomTestPlatform(t, nil)
	for number := 1; number <= 2; number++ {
		pair := wecomTestPair(number)
		for _, request := range []Request{wecomTestAI(pair, wecomTestAIMessage("x", nil), ""), wecomTestApp(pair, wecomTestAppMessage("x"), wecomTestCorp)} {
			d, err := p.Receive(t.Context(), nil, request, feishuWecomNow)
			if err != nil || d.Message == nil || d.SecretNumber != number {
				t.Fatalf("pair %d: got %+v, %v", number, d, err)
			}
			// The answer goes back under the pair of the question.
			response, later := p.Answer(d, feishuTestText())
			if later || wecomTestOpen(t, pair, response) == "" {
				t.Errorf("pair %d: got %+v, %v", number, response, later)
			}
		}
	}
	// A token does not go with the other pair's key.
	mixed := wecomPair{wecomTestToken, wecomTestPair(2).key}
	d, err := p.Receive(t.Context(), nil, wecomTestAI(mixed, wecomTestAIMessage("x", nil), ""), feishuWecomNow)
	feishuWecomRefused(t, d, err, ReasonUnreadable)
}

// wecomTestOpen verifies and decrypts an answer as the platform does.
func wecomTestOpen(t *testing.T, pair wecomPair, response Response) string {
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
		read, receiver = xml.Unmarshal, wecomTestCorp
	}
	if err := read(response.Body, &envelope); err != nil {
		t.Fatalf("%s: %v", response.Body, err)
	}
	if wecomVerify([]wecomPair{pair}, strconv.FormatInt(envelope.Time, 10), envelope.Nonce, envelope.Encrypt, envelope.Signature) != 0 {
		t.Fatal("the answer's signature does not match")
	}
	message, to, ok := wecomDecrypt(pair.key, envelope.Encrypt)
	if !ok || to != receiver {
		t.Fatalf("got %q for %q, %v", message, to, ok)
	}
	return string(message)
}

func TestWecomAnswers(t *testing.T) {
	t.Parallel()
	p, pair := wecomTestPlatform(t, nil), wecomTestPair(1)
	d, err := p.Receive(t.Context(), nil, wecomTestAI(pair, wecomTestAIMessage("x", nil), ""), feishuWecomNow)
	if err != nil {
		t.Fatal(err)
	}
	response, later := p.Answer(d, feishuTestText())
	again, _ := p.Answer(d, feishuTestText())
	if later || bytes.Equal(response.Body, again.Body) {
		t.Error("the random parts of two answers are the same")
	}
	want := `{"msgtype":"stream","stream":{"id":"a546aab3ec97ea66be3c8c6ddd537ce0","finish":true,` +
		`"content":"✅ applied ` + "`chg-7F3A`" + `\nport: ` + "`1194` → `1195`" + `\nUndo: ` + "`rollback 20261122-psfvgfo4zp`" + `"}}`
	if got := wecomTestOpen(t, pair, response); got != want || got != wecomTestOpen(t, pair, again) {
		t.Errorf("got %s\nwant %s", got, want)
	}

	d, err = p.Receive(t.Context(), nil, wecomTestApp(pair, wecomTestAppMessage("x"), wecomTestCorp), feishuWecomNow)
	if err != nil {
		t.Fatal(err)
	}
	response, later = p.Answer(d, feishuTestText())
	want = "<xml><ToUserName><![CDATA[mycreate]]></ToUserName><FromUserName><![CDATA[" + wecomTestCorp + "]]></FromUserName>" +
		"<CreateTime>1763836800</CreateTime><MsgType><![CDATA[text]]></MsgType>" +
		"<Content><![CDATA[✅ applied chg-7F3A\nport: 1194 → 1195\nUndo: rollback 20261122-psfvgfo4zp]]></Content></xml>"
	if got := wecomTestOpen(t, pair, response); later || got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	// A delivery that is none of this platform's is answered with nothing.
	if response, later := p.Answer(Delivery{Message: &Message{}}, feishuTestText()); !later || response.Status != 200 || len(response.Body) != 0 {
		t.Errorf("got %+v, %v", response, later)
	}
}

// wecomTestRaw encrypts what is padded already.
func wecomTestRaw(key, padded []byte) string {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(padded))
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(out, padded)
	return base64.StdEncoding.EncodeToString(out)
}

// TestWecomPaddingAndLength has the values on which the reference library ends
// the process.
func TestWecomPaddingAndLength(t *testing.T) {
	t.Parallel()
	key := wecomTestPair(1).key
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
		encrypted := wecomTestRaw(key, padded)
		if message, receiver, ok := wecomDecrypt(key, encrypted); ok || message != nil || receiver != "" {
			t.Errorf("%s: got %q for %q", name, message, receiver)
		}
		request := Request{
			Method: http.MethodPost, Query: wecomTestQuery(wecomTestToken, feishuWecomNow, encrypted), Header: wecomTestNoHeader, Body: []byte(`{"encrypt":"` + encrypted + `"}`),
		}
		d, err := wecomTestPlatform(t, nil).Receive(t.Context(), nil, request, feishuWecomNow)
		feishuWecomRefused(t, d, err, ReasonUnreadable)
	}
	for _, text := range []string{"", "####", "AAAA"} {
		if _, _, ok := wecomDecrypt(key, text); ok {
			t.Errorf("%q is taken", text)
		}
	}
	// The edges that are right.
	for _, padded := range [][]byte{frame(11, strings.Repeat("a", 11), 1), frame(0, "", bytes.Repeat([]byte{12}, 12)...)} {
		if _, receiver, ok := wecomDecrypt(key, wecomTestRaw(key, padded)); !ok || receiver != "" {
			t.Errorf("%x is refused", padded)
		}
	}
	for n := range 100 {
		text := strings.Repeat("a", n)
		encrypted, ok := wecomEncrypt(key, []byte(text), wecomTestCorp)
		if message, receiver, opened := wecomDecrypt(key, encrypted); !ok || !opened || string(message) != text || receiver != wecomTestCorp {
			t.Errorf("%d bytes: got %q for %q", n, message, receiver)
		}
	}
}

func TestWecomSettings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(Settings)
		want   string
	}{
		"a short token":          {func(s Settings) { s["token"] = []string{wecomTestToken, "hunter2"} }, "token: value 2 has 7 bytes"},
		"an empty token":         {func(s Settings) { s["token"] = []string{"", ""} }, "token: value 1 has 0 bytes"},
		"a short key":            {func(s Settings) { s["aesKey"] = []string{"hunter2", wecomTestKey} }, "aesKey: value 1 is not"},
		"a long key":             {func(s Settings) { s["aesKey"] = []string{wecomTestKey, wecomTestKey + "x"} }, "aesKey: value 2 is not"},
		"a key of signs":         {func(s Settings) { s["aesKey"][1] = "!" + wecomTestOldKey[1:] }, "aesKey: value 2 is not"},
		"a key too few":          {func(s Settings) { s["aesKey"] = s["aesKey"][:1] }, "2 of token and 1 of aesKey"},
		"a token too few":        {func(s Settings) { s["token"] = s["token"][:1] }, "1 of token and 2 of aesKey"},
		"nothing":                {func(s Settings) { delete(s, "token"); delete(s, "aesKey") }, "0 of token"},
		"no corporation":         {func(s Settings) { delete(s, "corp") }, "corp must be"},
		"neither bot nor app":    {func(s Settings) { delete(s, "bot"); delete(s, "agent"); delete(s, "agentSecret") }, "both missing"},
		"an odd bot":             {func(s Settings) { s["bot"] = []string{"a b"} }, "bot must be"},
		"an odd app":             {func(s Settings) { s["agent"] = []string{"vpn"} }, "agent must be a number"},
		"a secret of no app":     {func(s Settings) { delete(s, "agent") }, "agentSecret is there without agent"},
		"a short secret":         {func(s Settings) { s["agentSecret"] = []string{"hunter2"} }, "agentSecret has 7 bytes"},
		"several at once, first": {func(s Settings) { s["agentSecret"] = []string{"hunter2"}; delete(s, "corp") }, "corp must be"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := wecomTestSettings()
			tt.change(s)
			p, err := wecomSpec().New(s)
			if err == nil || p != nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, %v, want %q", p, err, tt.want)
			}
			for _, secret := range []string{"hunter2", wecomTestKey, wecomTestToken, wecomTestOldKey[1:]} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error repeats a secret: %v", err)
				}
			}
		})
	}
	p := wecomTestPlatform(t, nil)
	if p.Name() != "wecom" || p.Lang() != lang.Chinese || fmt.Sprintf("%v %+v %#v %s", p, p, p, p) != "wecom wecom wecom wecom" || feishuTestJSON(p) != "{}" {
		t.Errorf("got %+v", p)
	}
}

func FuzzWecomDecrypt(f *testing.F) {
	key := wecomTestPair(1).key
	v := feishuWecomVectors(f, "wecom_vectors.json")
	f.Add(v["wecom_message_official"]["encrypt"], []byte(nil))
	f.Add(v["wecom_verify_url_official"]["echostr"], []byte(nil))
	f.Add("", bytes.Repeat([]byte{200}, 32))
	f.Add("", append(append(make([]byte, 16), 0xFF, 0xFF, 0xFF, 0xF0), bytes.Repeat([]byte{12}, 12)...))
	f.Fuzz(func(t *testing.T, text string, padded []byte) {
		if text == "" { // a text that was encrypted well, with whatever in it
			text = wecomTestRaw(key, append(padded, make([]byte, (16-len(padded)%16)%16)...))
		}
		message, receiver, ok := wecomDecrypt(key, text)
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
		if wecomTestRaw(key, append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)) != base64.StdEncoding.EncodeToString(raw) {
			t.Error("what was decrypted does not encrypt to what it came from")
		}
	})
}

func FuzzWecomReceive(f *testing.F) {
	p, pair := wecomTestPlatform(f, nil), wecomTestPair(1)
	f.Add(0, "1763836800", "1", "", []byte(wecomTestAIMessage("@a help", nil)))
	f.Add(1, "1763836800", "1", "", []byte(wecomTestAppMessage("help")))
	f.Add(2, "1763836800", "1", "", []byte("echo"))
	f.Add(3, "1763836800", "1", "00", []byte(`{"encrypt":"AAAA"}`))
	f.Add(4, "1763836800", "1", "00", []byte(`<xml><Encrypt>AAAA</Encrypt></xml>`))
	f.Fuzz(func(t *testing.T, how int, timestamp, nonce, signature string, content []byte) {
		request := Request{Method: http.MethodPost, Query: map[string]string{"timestamp": timestamp, "nonce": nonce, "msg_signature": signature}, Header: wecomTestNoHeader}
		receiver := ""
		switch how % 5 {
		case 1, 2:
			receiver = wecomTestCorp
		}
		encrypted := wecomTestEncrypt(pair, string(content), receiver)
		signed := hex.EncodeToString(wecomSign(pair.token, timestamp, nonce, encrypted))
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
		d, err := p.Receive(t.Context(), nil, request, feishuWecomNow)
		if err != nil {
			if _, ok := errors.AsType[*RefusedError](err); !ok || d.Direct != nil || d.Message != nil {
				t.Fatalf("got %+v, %v", d, err)
			}
			return
		}
		if (d.Direct == nil) == (d.Message == nil) || d.SecretNumber != 1 || how%5 > 2 || how%5 < 0 {
			t.Fatalf("got %+v", d)
		}
		if m := d.Message; m != nil {
			if m.ID == "" || m.Sender.Tenant != wecomTestCorp || !wecomUser(m.Sender.User) || m.Text != "" && m.Problem != "" {
				t.Fatalf("got %+v", *m)
			}
			response, later := p.Answer(d, Text{Title: Line{Code(m.Text)}})
			if later || wecomTestOpen(t, pair, response) == "" {
				t.Fatalf("got %+v", response)
			}
		}
	})
}
