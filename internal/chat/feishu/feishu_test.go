package feishu

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

const (
	testKey    = "Ek1-current-encrypt-key-0001"
	testOldKey = "Ek0-previous-encrypt-key-000"
	testToken  = "rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV"
	testApp    = "cli_9f5343c580712544"
	testTenant = "736588c9260f175e"
	testSecret = "dskLLdkasdjlasdKKdskLLdkasdjlasd"
)

func testSettings() map[string][]string {
	return map[string][]string{
		"encryptKey": {testKey, testOldKey}, "token": {testToken, "previous-verification-token-0000"},
		"app": {testApp}, "appSecret": {testSecret}, "tenant": {testTenant},
	}
}

func testPlatform(tb testing.TB) *Platform {
	tb.Helper()
	made, err := Spec().New(chat.NewSettings(testSettings()))
	p, ok := made.(*Platform)
	if err != nil || !ok {
		tb.Fatal(err)
	}
	return p
}

// testEncrypt is the platform's side of decrypt.
func testEncrypt(key string, iv, plain []byte) string {
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	plain = append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	return testEncryptRaw(key, iv, plain)
}

func testEncryptRaw(key string, iv, padded []byte) string {
	hash := sha256.Sum256([]byte(key))
	block, err := aes.NewCipher(hash[:])
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(padded))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, padded)
	return base64.StdEncoding.EncodeToString(append(bytes.Clone(iv), out...))
}

func testBody(key, plain string) []byte {
	return []byte(`{"encrypt":"` + testEncrypt(key, []byte("0123456789abcdef"), []byte(plain)) + `"}`)
}

// testRequest is a request with these headers.
func testRequest(timestamp, nonce, signature string, body []byte) chat.Request {
	header := map[string]string{
		"x-lark-request-timestamp": timestamp, "x-lark-request-nonce": nonce, "x-lark-signature": signature,
		"content-type": "application/json; charset=utf-8",
	}
	return chat.Request{Method: http.MethodPost, Header: func(name string) string { return header[name] }, Body: body}
}

// testSigned is a request as the platform signs it.
func testSigned(key string, at time.Time, body []byte) chat.Request {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	return testRequest(timestamp, "533226633", hex.EncodeToString(sign(timestamp, "533226633", key, body)), body)
}

// testMessage is a message event; change may break it.
func testMessage(text string, change func(event map[string]any)) string {
	content, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		panic(err)
	}
	event := map[string]any{
		"schema": "2.0",
		"header": map[string]any{
			"event_id": "5e3702a84e847582be8db7fb73283c02", "event_type": "im.message.receive_v1", "create_time": "1763836800000",
			"token": testToken, "app_id": testApp, "tenant_key": testTenant,
		},
		"event": map[string]any{
			"sender": map[string]any{
				"sender_id":   map[string]any{"open_id": "ou_84aad35d084aa403a838cf73ee18467", "union_id": "on_1", "user_id": "e33ggbyz"},
				"sender_type": "user", "tenant_key": testTenant,
			},
			"message": map[string]any{
				"message_id": "om_5ce6d572455d361153b7cb51da133945", "chat_id": "oc_5ce6d572455d361153b7xx51da133945", "chat_type": "group",
				"message_type": "text", "content": string(content),
				"mentions": []any{map[string]any{"key": "@_user_1", "name": "vpn-bot"}},
			},
		},
	}
	if change != nil {
		change(event)
	}
	return testJSON(event)
}

func testClick(change func(event map[string]any)) string {
	return testMessage("", func(event map[string]any) {
		testWithin(event, "card.action.trigger", "header", "event_type")
		event["event"] = map[string]any{
			"operator": map[string]any{"tenant_key": testTenant, "open_id": "ou_clicker"},
			"token":    "c-1", "action": map[string]any{"tag": "button", "value": map[string]any{"command": "approve chg-7F3A"}},
			"host": "im_message", "context": map[string]any{"open_message_id": "om_card1", "open_chat_id": "oc_1"},
		}
		if change != nil {
			change(event)
		}
	})
}

func testJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// testWithin changes a value deep in an event.
func testWithin(event map[string]any, value any, path ...string) {
	for _, key := range path[:len(path)-1] {
		inner, ok := event[key].(map[string]any)
		if !ok {
			panic("there is no " + key)
		}
		event = inner
	}
	event[path[len(path)-1]] = value
}

func testReceive(tb testing.TB, plain string) (chat.Delivery, error) {
	tb.Helper()
	return testPlatform(tb).Receive(tb.Context(), nil, testSigned(testKey, moment, testBody(testKey, plain)), moment)
}

func TestOfficialDecryption(t *testing.T) {
	t.Parallel()
	v := vectors(t)["feishu_decrypt_official"]
	plain, ok := decrypt(v["encrypt_key"], v["encrypt"])
	if !ok || string(plain) != v["plain"] {
		t.Errorf("got %q, %v", plain, ok)
	}
}

func TestSignedEventVector(t *testing.T) {
	t.Parallel()
	v := vectors(t)["feishu_event_made_up"]
	body := []byte(v["body"])
	if got := verify([]secret.Text{secret.New(v["encrypt_key"])}, v["x-lark-request-timestamp"], v["x-lark-request-nonce"], v["x-lark-signature"], body); got != 1 {
		t.Fatal("the signature does not match")
	}
	var envelope envelope
	if err := json.Unmarshal(body, &envelope); err != nil {
		t.Fatal(err)
	}
	if plain, ok := decrypt(v["encrypt_key"], envelope.Encrypt); !ok || string(plain) != v["plain"] {
		t.Errorf("got %q, %v", plain, ok)
	}
	// Its key is shorter than New takes. Its sender is of another tenant.
	p := testPlatform(t)
	p.keys, p.tenant = []secret.Text{secret.New(v["encrypt_key"])}, "2ca1d211f64f6438"
	request := testRequest(v["x-lark-request-timestamp"], v["x-lark-request-nonce"], v["x-lark-signature"], body)
	d, err := p.Receive(t.Context(), nil, request, moment)
	ignored(t, d, err, "outsider")

	same := []byte(strings.ReplaceAll(v["plain"], "736588c9260f175e", "2ca1d211f64f6438"))
	d, err = p.Receive(t.Context(), nil, testSigned("kudryavka", moment, testBody("kudryavka", string(same))), moment)
	if err != nil || d.Message == nil || d.Message.Text != "apply vss-bp18q7 port=1195 cipher=AES-256-CBC" {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestRefusesOldCardSignature(t *testing.T) {
	t.Parallel()
	v := vectors(t)["feishu_old_card_sha1"]
	p := testPlatform(t)
	p.tokens = []secret.Text{secret.New(v["verification_token"])}
	d, err := p.Receive(t.Context(), nil, testRequest(v["timestamp"], v["nonce"], v["signature"], []byte(v["body"])), moment)
	refused(t, d, err, chat.ReasonNoMatch)
}

func TestMessage(t *testing.T) {
	t.Parallel()
	d, err := testReceive(t, testMessage("@_user_1 apply vss-bp18q7 port=1195", nil))
	if err != nil || d.Message == nil || d.Direct != nil || d.SecretNumber != 1 {
		t.Fatalf("got %+v, %v", d, err)
	}
	want := chat.Message{
		ID:     "om_5ce6d572455d361153b7cb51da133945",
		SentAt: time.UnixMilli(1763836800000).UTC(),
		Sender: chat.Identity{Platform: "feishu", Tenant: testTenant, User: "ou_84aad35d084aa403a838cf73ee18467"},
		Room:   "oc_5ce6d572455d361153b7xx51da133945",
		Text:   "apply vss-bp18q7 port=1195",
		Reply: chat.Reply{
			Platform: "feishu", Kind: "message", Address: "om_5ce6d572455d361153b7cb51da133945", Room: "oc_5ce6d572455d361153b7xx51da133945",
		},
	}
	if *d.Message != want {
		t.Errorf("got %+v\nwant %+v", *d.Message, want)
	}
	response, later := testPlatform(t).Answer(d, chat.Text{})
	if !later || response.Status != 200 || string(response.Body) != "{}" {
		t.Errorf("got %+v, %v", response, later)
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	mentions := []mention{{"@_user_1"}, {"@_user_2"}}
	for in, want := range map[string]string{
		"@_user_1 help": "help", "@_user_1help": "help", "help @_user_2": "help", "@_user_1 @_user_2 help": "help",
		"@_user_10 help": "@_user_10 help", "@_user_10@_user_1 help": "@_user_10  help", "@_user_12": "@_user_12",
		"app@_user_1ly": "app ly", "@_user@_user_1_1 x": "@_user _1 x", "@_user_": "@_user_", "": "", "@_user_x": "@_user_x",
		"name=[vpn.example.com](http://vpn.example.com)":   "name=vpn.example.com",
		"name=[vpn.example.com](https://vpn.example.com/)": "name=vpn.example.com",
		"to=[a@b.cn](mailto:a@b.cn)":                       "to=a@b.cn",
		"[vpn.example.com](http://evil.example)":           "[vpn.example.com](http://evil.example)",
		"a=[x] b=[y](z":                                    "a=[x] b=[y](z",
		"[[a.cn](http://a.cn)":                             "[a.cn",
	} {
		if got := typed(in, mentions); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestIgnores(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		plain string
		want  chat.Ignored
	}{
		"a bot":              {testMessage("x", func(e map[string]any) { testWithin(e, "app", "event", "sender", "sender_type") }), "bot"},
		"no sender type":     {testMessage("x", func(e map[string]any) { testWithin(e, "", "event", "sender", "sender_type") }), "bot"},
		"another tenant":     {testMessage("x", func(e map[string]any) { testWithin(e, "t2", "event", "sender", "tenant_key") }), "outsider"},
		"no sender's tenant": {testMessage("x", func(e map[string]any) { testWithin(e, "", "event", "sender", "tenant_key") }), "outsider"},
		"no open_id":         {testMessage("x", func(e map[string]any) { testWithin(e, "", "event", "sender", "sender_id", "open_id") }), "no-identity"},
		"odd open_id":        {testMessage("x", func(e map[string]any) { testWithin(e, "ou_1/../2", "event", "sender", "sender_id", "open_id") }), "no-identity"},
		"not mentioned":      {testMessage("x", func(e map[string]any) { testWithin(e, []any{}, "event", "message", "mentions") }), "not-mentioned"},
		"another event":      {testMessage("x", func(e map[string]any) { testWithin(e, "im.message.message_read_v1", "header", "event_type") }), "other-event"},
		"an old schema":      {`{"uuid":"1","token":"` + testToken + `","type":"event_callback","event":{"type":"message"}}`, "old-schema"},
		"foreign clicker":    {testClick(func(e map[string]any) { testWithin(e, "t2", "event", "operator", "tenant_key") }), "outsider"},
		"unknown clicker":    {testClick(func(e map[string]any) { testWithin(e, "", "event", "operator", "open_id") }), "no-identity"},
		"no command":         {testClick(func(e map[string]any) { testWithin(e, map[string]any{"a": 1}, "event", "action", "value") }), "no-command"},
		"a value of text":    {testClick(func(e map[string]any) { testWithin(e, "approve", "event", "action", "value") }), "no-command"},
		"no value":           {testClick(func(e map[string]any) { testWithin(e, map[string]any{}, "event", "action") }), "no-command"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := testReceive(t, tt.plain)
			ignored(t, d, err, tt.want)
			if string(d.Direct.Body) != "{}" {
				t.Errorf("got %q", d.Direct.Body)
			}
		})
	}
}

func TestRefusesForeignAndUnreadable(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		plain string
		want  chat.Reason
	}{
		"another token":         {testMessage("x", func(e map[string]any) { testWithin(e, "third", "header", "token") }), chat.ReasonForeign},
		"no token":              {testMessage("x", func(e map[string]any) { testWithin(e, "", "header", "token") }), chat.ReasonForeign},
		"another app":           {testMessage("x", func(e map[string]any) { testWithin(e, "cli_2", "header", "app_id") }), chat.ReasonForeign},
		"another tenant":        {testMessage("x", func(e map[string]any) { testWithin(e, "t2", "header", "tenant_key") }), chat.ReasonForeign},
		"a challenge, no token": {`{"type":"url_verification","challenge":"c","token":"x"}`, chat.ReasonForeign},
		"no event id":           {testMessage("x", func(e map[string]any) { testWithin(e, "", "header", "event_id") }), chat.ReasonUnreadable},
		"a path as message id":  {testMessage("x", func(e map[string]any) { testWithin(e, "om_1/../x", "event", "message", "message_id") }), chat.ReasonUnreadable},
		"a wrong message id":    {testMessage("x", func(e map[string]any) { testWithin(e, "xx_1", "event", "message", "message_id") }), chat.ReasonUnreadable},
		"a card without id":     {testClick(func(e map[string]any) { testWithin(e, "om_", "event", "context", "open_message_id") }), chat.ReasonUnreadable},
		"no event":              {testMessage("x", func(e map[string]any) { delete(e, "event") }), chat.ReasonUnreadable},
		"other types":           {testMessage("x", func(e map[string]any) { testWithin(e, 7, "event", "message") }), chat.ReasonUnreadable},
		"no JSON":               {"hello", chat.ReasonUnreadable},
		"two values":            {testMessage("x", nil) + "{}", chat.ReasonUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := testReceive(t, tt.plain)
			refused(t, d, err, tt.want)
		})
	}
}

func TestTextOnly(t *testing.T) {
	t.Parallel()
	for _, change := range []func(map[string]any){
		func(e map[string]any) { testWithin(e, "image", "event", "message", "message_type") },
		func(e map[string]any) { testWithin(e, "post", "event", "message", "message_type") },
		func(e map[string]any) { testWithin(e, "not JSON", "event", "message", "content") },
	} {
		d, err := testReceive(t, testMessage("x", change))
		if err != nil || d.Message == nil || d.Message.Problem != chat.ProblemTextOnly || d.Message.Text != "" {
			t.Errorf("got %+v, %v", d, err)
		}
	}
}

func TestDirectMessageNeedsNoMention(t *testing.T) {
	t.Parallel()
	d, err := testReceive(t, testMessage("状态", func(e map[string]any) {
		testWithin(e, "p2p", "event", "message", "chat_type")
		testWithin(e, nil, "event", "message", "mentions")
	}))
	if err != nil || d.Message == nil || d.Message.Text != "状态" {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestClick(t *testing.T) {
	t.Parallel()
	d, err := testReceive(t, testClick(nil))
	if err != nil || d.Message == nil {
		t.Fatalf("got %+v, %v", d, err)
	}
	m := d.Message
	if m.Text != "approve chg-7F3A" || m.Sender.User != "ou_clicker" || m.Room != "oc_1" || m.Reply.Address != "om_card1" ||
		m.ID != "5e3702a84e847582be8db7fb73283c02" {
		t.Errorf("got %+v", *m)
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	body := testBody(testKey, testMessage("x", nil))
	now := strconv.FormatInt(moment.Unix(), 10)
	good := hex.EncodeToString(sign(now, "n1", testKey, body))
	shifted := hex.EncodeToString(sign(now+"3", "3226633", testKey, body))
	for name, tt := range map[string]struct {
		timestamp, nonce, signature string
		want                        chat.Reason
	}{
		"no timestamp":          {"", "n1", good, chat.ReasonMissing},
		"no nonce":              {now, "", good, chat.ReasonMissing},
		"no signature":          {now, "n1", "", chat.ReasonMissing},
		"only a timestamp":      {now, "", "", chat.ReasonMissing},
		"timestamp 0":           {"0", "n1", good, chat.ReasonTimestamp},
		"timestamp foo":         {"foo", "n1", good, chat.ReasonTimestamp},
		"milliseconds":          {now + "000", "n1", good, chat.ReasonTimestamp},
		"a digit shifted":       {now + "3", "3226633", shifted, chat.ReasonTimestamp},
		"another time":          {"1763836801", "n1", good, chat.ReasonNoMatch},
		"another nonce":         {now, "n2", good, chat.ReasonNoMatch},
		"not hex":               {now, "n1", "zz" + good[2:], chat.ReasonNoMatch},
		"a part":                {now, "n1", good[:62], chat.ReasonNoMatch},
		"with an empty key":     {now, "n1", hex.EncodeToString(sign(now, "n1", "", body)), chat.ReasonNoMatch},
		"with another key":      {now, "n1", hex.EncodeToString(sign(now, "n1", "a-third-encrypt-key-000", body)), chat.ReasonNoMatch},
		"with the token as key": {now, "n1", hex.EncodeToString(sign(now, "n1", testToken, body)), chat.ReasonNoMatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := testPlatform(t).Receive(t.Context(), nil, testRequest(tt.timestamp, tt.nonce, tt.signature, body), moment)
			refused(t, d, err, tt.want)
		})
	}
	p := testPlatform(t)
	p.keys = []secret.Text{{}}
	d, err := p.Receive(t.Context(), nil, testSigned("", moment, testBody("", testMessage("x", nil))), moment)
	refused(t, d, err, chat.ReasonNoMatch)
}

func TestTamperedBody(t *testing.T) {
	t.Parallel()
	request := testSigned(testKey, moment, testBody(testKey, testMessage("x", nil)))
	for i := range request.Body {
		changed := request
		changed.Body = bytes.Clone(request.Body)
		changed.Body[i] ^= 1
		d, err := testPlatform(t).Receive(t.Context(), nil, changed, moment)
		refused(t, d, err, chat.ReasonNoMatch)
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	request := testSigned(testKey, moment, testBody(testKey, testMessage("x", nil)))
	for offset, want := range map[time.Duration]chat.Reason{
		0: "", 5 * time.Minute: "", -5 * time.Minute: "", 5*time.Minute + 1: chat.ReasonTooOld, -5*time.Minute - 1: chat.ReasonTooNew, 10 * time.Hour: chat.ReasonTooOld,
	} {
		d, err := testPlatform(t).Receive(t.Context(), nil, request, moment.Add(offset))
		if want != "" {
			refused(t, d, err, want)
		} else if err != nil || d.Message == nil {
			t.Errorf("%s: got %v", offset, err)
		}
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	p := testPlatform(t)
	for key, want := range map[string]int{testKey: 1, testOldKey: 2} {
		d, err := p.Receive(t.Context(), nil, testSigned(key, moment, testBody(key, testMessage("x", nil))), moment)
		if err != nil || d.SecretNumber != want {
			t.Errorf("%s: got %d, %v", key, d.SecretNumber, err)
		}
	}
	// What one key signed is not decrypted with the other.
	d, err := p.Receive(t.Context(), nil, testSigned(testKey, moment, testBody(testOldKey, testMessage("x", nil))), moment)
	refused(t, d, err, chat.ReasonUnreadable)
}

func TestIgnoresTheQuery(t *testing.T) {
	t.Parallel()
	body := testBody(testKey, testMessage("@_user_1 status", nil))
	request := testSigned(testKey, moment, body)
	request.Query = map[string]string{
		"encrypt": testEncrypt(testKey, []byte("0123456789abcdef"), []byte(testMessage("apply", nil))),
		"payload": "x", "challenge": "c", "x-lark-signature": "0",
	}
	d, err := testPlatform(t).Receive(t.Context(), nil, request, moment)
	if err != nil || d.Message == nil || d.Message.Text != "status" {
		t.Errorf("got %+v, %v", d, err)
	}
}

// TestLengthExtension appends to a seen request and signs that, without
// the key, and has the signature accepted: what refuses it is the parser.
func TestLengthExtension(t *testing.T) {
	t.Parallel()
	seen := testSigned(testKey, moment, testBody(testKey, testMessage("x", nil)))
	timestamp, nonce := seen.Header("x-lark-request-timestamp"), seen.Header("x-lark-request-nonce")
	digest, err := hex.DecodeString(seen.Header("x-lark-signature"))
	if err != nil {
		t.Fatal(err)
	}
	hashed := len(timestamp) + len(nonce) + len(testKey) + len(seen.Body) // an attacker tries the lengths of the key
	padding := append([]byte{0x80}, make([]byte, (119-hashed%64)%64)...)
	padding = binary.BigEndian.AppendUint64(padding, uint64(hashed)*8)
	state := append([]byte("sha\x03"), digest...)
	state = append(state, make([]byte, 64)...)
	state = binary.BigEndian.AppendUint64(state, uint64(hashed+len(padding)))
	h := sha256.New()
	resumed, ok := h.(encoding.BinaryUnmarshaler)
	if !ok {
		t.Fatal("a hash cannot be resumed")
	}
	for _, suffix := range []string{"", `{"encrypt":"AAAA"}`, " ", string(seen.Body)} {
		if err := resumed.UnmarshalBinary(state); err != nil {
			t.Fatal(err)
		}
		h.Write([]byte(suffix))
		forged := append(append(bytes.Clone(seen.Body), padding...), suffix...)
		signature := hex.EncodeToString(h.Sum(nil))
		if verify([]secret.Text{secret.New(testKey)}, timestamp, nonce, signature, forged) != 1 {
			t.Fatal("the forged signature does not match: this is not the attack")
		}
		var first envelope
		if err := json.NewDecoder(bytes.NewReader(forged)).Decode(&first); err != nil {
			t.Fatal("a decoder of a stream would refuse it too: this is not the attack")
		}
		d, err := testPlatform(t).Receive(t.Context(), nil, testRequest(timestamp, nonce, signature, forged), moment)
		refused(t, d, err, chat.ReasonUnreadable)
	}
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	p := testPlatform(t)
	plain := `{"challenge":"aj\"<i7","token":"` + testToken + `","type":"url_verification"}`
	for number, key := range map[int]string{1: testKey, 2: testOldKey} {
		for _, request := range []chat.Request{
			testRequest("", "", "", testBody(key, plain)),
			testSigned(key, moment, testBody(key, plain)),
		} {
			d, err := p.Receive(t.Context(), nil, request, moment)
			if err != nil || d.Direct == nil || d.Message != nil || d.Ignored != "" || d.SecretNumber != number {
				t.Fatalf("got %+v, %v", d, err)
			}
			var answer map[string]string
			if err := json.Unmarshal(d.Direct.Body, &answer); err != nil || len(answer) != 1 || answer["challenge"] != `aj"<i7` {
				t.Errorf("got %s, %v", d.Direct.Body, err)
			}
		}
	}
}

// TestUnsigned shows that a body without a signature gets one answer,
// whatever is in it, unless it is a URL check with our token.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	key := testKey
	for name, body := range map[string][]byte{
		"a message":        testBody(key, testMessage("x", nil)),
		"a click":          testBody(key, testClick(nil)),
		"another token":    testBody(key, `{"challenge":"c","token":"x","type":"url_verification"}`),
		"no token":         testBody(key, `{"challenge":"c","type":"url_verification"}`),
		"another type":     testBody(key, `{"challenge":"c","token":"`+testToken+`","type":"event_callback"}`),
		"no challenge":     testBody(key, `{"token":"`+testToken+`","type":"url_verification"}`),
		"a long challenge": testBody(key, `{"challenge":"`+strings.Repeat("c", 1025)+`","token":"`+testToken+`","type":"url_verification"}`),
		"not encrypted":    []byte(`{"challenge":"c","token":"` + testToken + `","type":"url_verification"}`),
		"another key":      testBody("a-third-encrypt-key-000", `{"challenge":"c","token":"`+testToken+`","type":"url_verification"}`),
		"nothing":          nil,
		"appended":         append(testBody(key, `{"challenge":"c","token":"`+testToken+`","type":"url_verification"}`), "{}"...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := testPlatform(t).Receive(t.Context(), nil, testRequest("", "", "", body), moment)
			refused(t, d, err, chat.ReasonMissing)
		})
	}
}

func TestMethodAndSize(t *testing.T) {
	t.Parallel()
	request := testSigned(testKey, moment, testBody(testKey, testMessage("x", nil)))
	request.Method = http.MethodGet
	d, err := testPlatform(t).Receive(t.Context(), nil, request, moment)
	refused(t, d, err, chat.ReasonMethod)
	d, err = testPlatform(t).Receive(t.Context(), nil, testSigned(testKey, moment, bytes.Repeat([]byte(" "), chat.MaxBody+1)), moment)
	refused(t, d, err, chat.ReasonTooLarge)
}

func TestDecryptRefuses(t *testing.T) {
	t.Parallel()
	iv := []byte("0123456789abcdef")
	block := bytes.Repeat([]byte("a"), 16)
	for name, text := range map[string]string{
		"nothing": "", "not base64": "####", "only a vector": base64.StdEncoding.EncodeToString(iv), "part of a block": base64.StdEncoding.EncodeToString(append(iv, 1)),
		"padding 0":            testEncryptRaw("k", iv, append(bytes.Clone(block[:15]), 0)),
		"padding 17":           testEncryptRaw("k", iv, append(bytes.Clone(block[:15]), 17)),
		"padding 200":          testEncryptRaw("k", iv, append(bytes.Clone(block[:15]), 200)),
		"padding not the same": testEncryptRaw("k", iv, append(bytes.Clone(block[:14]), 3, 2)),
	} {
		if plain, ok := decrypt("k", text); ok || plain != nil {
			t.Errorf("%s: got %q", name, plain)
		}
	}
	if plain, ok := decrypt("k", testEncrypt("k", iv, nil)); !ok || len(plain) != 0 {
		t.Errorf("an empty text: got %q, %v", plain, ok)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(map[string][]string)
		want   string
	}{
		"an odd app": {func(s map[string][]string) { s["app"] = []string{"cli 1"} }, "app must consist"},
		"no tenant":  {func(s map[string][]string) { delete(s, "tenant") }, "tenant must consist"},
		"a region":   {func(s map[string][]string) { s["region"] = []string{"eu"} }, "region must be feishu or lark"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := testSettings()
			tt.change(s)
			p, err := Spec().New(chat.NewSettings(s))
			if err == nil || p != nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, %v, want %q", p, err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats a secret: %v", err)
			}
		})
	}
	s := testSettings()
	s["region"] = []string{"lark"}
	p, err := Spec().New(chat.NewSettings(s))
	made, ok := p.(*Platform)
	if err != nil || !ok || p.Lang() != lang.English || p.Name() != "feishu" || made.host != "open.larksuite.com" {
		t.Errorf("Lark: got %v, %v", p, err)
	}
	if p := testPlatform(t); p.Lang() != lang.Chinese || p.host != "open.feishu.cn" {
		t.Errorf("Feishu: got %s, %s", p.Lang(), p.host)
	}
}

func FuzzDecrypt(f *testing.F) {
	v := vectors(f)
	f.Add(v["feishu_decrypt_official"]["encrypt_key"], v["feishu_decrypt_official"]["encrypt"])
	f.Add("", "")
	f.Add("k", testEncryptRaw("k", make([]byte, 16), bytes.Repeat([]byte{200}, 16)))
	f.Fuzz(func(t *testing.T, key, text string) {
		plain, ok := decrypt(key, text)
		if !ok {
			if plain != nil {
				t.Error("got a text beside the refusal")
			}
			return
		}
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if testEncrypt(key, raw[:16], plain) != base64.StdEncoding.EncodeToString(raw) {
			t.Error("what was decrypted does not encrypt to what it came from")
		}
	})
}

func FuzzReceive(f *testing.F) {
	p := testPlatform(f)
	f.Add(0, "1763836800", "n", "", []byte(testMessage("@_user_1 help", nil)))
	f.Add(0, "1763836800", "n", "", []byte(testClick(nil)))
	f.Add(0, "1763836800", "n", "", []byte(`{"challenge":"c","token":"`+testToken+`","type":"url_verification"}`))
	f.Add(1, "", "", "", []byte(`{"challenge":"c","token":"`+testToken+`","type":"url_verification"}`))
	f.Add(2, "1763836800", "n", "00", testBody(testKey, testMessage("x", nil)))
	f.Fuzz(func(t *testing.T, how int, timestamp, nonce, signature string, content []byte) {
		var request chat.Request
		switch how % 3 {
		case 0: // signed and encrypted
			body := testBody(testKey, string(content))
			request = testRequest(timestamp, nonce, hex.EncodeToString(sign(timestamp, nonce, testKey, body)), body)
		case 1: // encrypted only
			request = testRequest("", "", "", testBody(testKey, string(content)))
		default:
			request = testRequest(timestamp, nonce, signature, content)
		}
		d, err := p.Receive(t.Context(), nil, request, moment)
		if err != nil {
			if _, ok := errors.AsType[*chat.RefusedError](err); !ok || d.Direct != nil || d.Message != nil {
				t.Fatalf("got %+v, %v", d, err)
			}
			return
		}
		if (d.Direct == nil) == (d.Message == nil) || d.SecretNumber != 1 {
			t.Fatalf("got %+v", d)
		}
		if how%3 != 0 && (d.Message != nil || d.Ignored != "") {
			t.Fatalf("an unsigned request brought %+v", d)
		}
		if m := d.Message; m != nil {
			if m.ID == "" || m.Sender.Tenant != testTenant || m.Sender.User == "" || !isMessageID(m.Reply.Address) ||
				m.Text != "" && m.Problem != "" || len(m.Text) > chat.MaxText {
				t.Fatalf("got %+v", *m)
			}
		}
	})
}

// Posts of text, mentions, links and code are read as text.
func TestPosts(t *testing.T) {
	t.Parallel()
	at, text := `{"tag":"at","user_id":"@_user_1","user_name":"vpn-bot"}`, `{"tag":"text","text":"apply vss-1 port=1195"}`
	for content, want := range map[string]string{
		`{"title":"","content":[[` + at + `,` + text + `]]}`:                                                                 "apply vss-1 port=1195",
		`{"content":[[` + text + `,` + at + `]]}`:                                                                            "apply vss-1 port=1195",
		`{"content":[[` + at + `,{"tag":"code_block","language":"SHELL","text":"apply vss-1 port=1195\n"}]]}`:                "apply vss-1 port=1195",
		`{"content":[[` + at + `,{"tag":"text","text":"apply "},{"tag":"a","href":"http://x.example","text":"x.example"}]]}`: "apply x.example",
		`{"content":[[` + at + `],[{"tag":"text","text":"` + "`apply`" + ` vss-1 **port=1195**","style":["bold"]}]]}`:        "apply vss-1 port=1195",
		`{"content":[[` + at + `,` + text + `],[{"tag":"text","text":"cancel x"}]]}`:                                         "apply vss-1 port=1195\ncancel x",
		`{"title":"x","content":[[` + at + `,` + text + `]]}`:                                                                "",
		`{"content":[[` + at + `,` + text + `,{"tag":"img","image_key":"k"}]]}`:                                              "",
		`{"content":[[` + at + `]]}`: "", `{"content":"x"}`: "", `[]`: "", `{`: "",
	} {
		d, err := testReceive(t, testMessage("", func(event map[string]any) {
			message, _ := event["event"].(map[string]any)["message"].(map[string]any)
			message["message_type"], message["content"] = "post", content
		}))
		if err != nil || d.Message == nil {
			t.Fatalf("%s: got %+v, %v", content, d, err)
		}
		if want == "" && d.Message.Problem != "" || d.Message.Text == want && d.Message.Problem == "" {
			continue
		}
		if want == "" && d.Message.Text == "" {
			continue
		}
		t.Errorf("%s: got %q, %s, want %q", content, d.Message.Text, d.Message.Problem, want)
	}
}

// A message that mentions everybody is not for the bot, with or without an entry
// in the mentions.
func TestEverybody(t *testing.T) {
	t.Parallel()
	bot, all := map[string]any{"key": "@_user_1"}, map[string]any{"key": "@_all", "name": "所有人"}
	for name, tt := range map[string]struct {
		kind, content string
		mentions      []any
		direct        bool
		ignored       bool
	}{
		"without an entry":       {"text", `{"text":"@_all meeting at three"}`, []any{}, false, true},
		"with an entry":          {"text", `{"text":"@_all meeting at three"}`, []any{all}, false, true},
		"and somebody":           {"text", `{"text":"@_all meeting with @_user_1"}`, []any{all, bot}, false, true},
		"and somebody, no entry": {"text", `{"text":"meeting\n@_all @_user_1"}`, []any{bot}, false, true},
		"in a post":              {"post", `{"content":[[{"tag":"at","user_id":"@_all"},{"tag":"at","user_id":"@_user_1"},{"tag":"img"}]]}`, []any{bot}, false, true},
		"in a post, by its name": {"post", `{"content":[[{"tag":"at","user_id":"all"},{"tag":"at","user_id":"@_user_1"}]]}`, []any{bot}, false, true},
		"another word":           {"text", `{"text":"@_user_1 status x@_allx"}`, []any{bot}, false, false},
		"in a direct message":    {"text", `{"text":"status"}`, []any{}, true, false},
	} {
		d, err := testReceive(t, testMessage("", func(event map[string]any) {
			message, _ := event["event"].(map[string]any)["message"].(map[string]any)
			message["message_type"], message["content"], message["mentions"] = tt.kind, tt.content, tt.mentions
			if tt.direct {
				message["chat_type"] = "p2p"
			}
		}))
		if err != nil || (d.Ignored == chat.IgnoredNotMentioned) != tt.ignored {
			t.Errorf("%s: got %+v, %v", name, d, err)
		}
	}
}

// The key of a message is its own id, and that of a click the event's.
func TestIdentities(t *testing.T) {
	t.Parallel()
	event := func(id string) func(map[string]any) {
		return func(e map[string]any) { e["header"].(map[string]any)["event_id"] = id } //nolint:forcetypeassert // as testMessage makes it
	}
	a, err := testReceive(t, testMessage("@_user_1 help", event("ev1")))
	b, err2 := testReceive(t, testMessage("@_user_1 help", event("ev2")))
	if err != nil || err2 != nil || a.Message.ID != b.Message.ID {
		t.Errorf("one message is %+v and %+v", a.Message, b.Message)
	}
	for _, created := range []string{"x", "-1", "17638368000000000", "1763836800.5", "+1763836800000"} {
		d, err := testReceive(t, testMessage("@_user_1 help", func(e map[string]any) {
			message, _ := e["event"].(map[string]any)["message"].(map[string]any)
			message["create_time"] = created
		}))
		refused(t, d, err, chat.ReasonUnreadable)
	}
}
