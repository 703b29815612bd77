package chat

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
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"sslvpnchange/internal/lang"
)

const (
	feishuTestKey    = "Ek1-current-encrypt-key-0001"
	feishuTestOldKey = "Ek0-previous-encrypt-key-000"
	feishuTestToken  = "rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV"
	feishuTestApp    = "cli_9f5343c580712544"
	feishuTestTenant = "736588c9260f175e"
	feishuTestSecret = "dskLLdkasdjlasdKKdskLLdkasdjlasd"
)

func feishuTestSettings() Settings {
	return Settings{
		"encryptKey": {feishuTestKey, feishuTestOldKey}, "token": {feishuTestToken, "previous-verification-token-0000"},
		"app": {feishuTestApp}, "appSecret": {feishuTestSecret}, "tenant": {feishuTestTenant},
	}
}

func feishuTestPlatform(tb testing.TB) *feishu {
	tb.Helper()
	made, err := feishuSpec().New(feishuTestSettings())
	p, ok := made.(*feishu)
	if err != nil || !ok {
		tb.Fatal(err)
	}
	return p
}

// feishuTestEncrypt is the platform's side of feishuDecrypt.
func feishuTestEncrypt(key string, iv, plain []byte) string {
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	plain = append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	return feishuTestEncryptRaw(key, iv, plain)
}

func feishuTestEncryptRaw(key string, iv, padded []byte) string {
	hash := sha256.Sum256([]byte(key))
	block, err := aes.NewCipher(hash[:])
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(padded))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, padded)
	return base64.StdEncoding.EncodeToString(append(bytes.Clone(iv), out...))
}

func feishuTestBody(key, plain string) []byte {
	return []byte(`{"encrypt":"` + feishuTestEncrypt(key, []byte("0123456789abcdef"), []byte(plain)) + `"}`)
}

// feishuTestRequest is a request with these headers.
func feishuTestRequest(timestamp, nonce, signature string, body []byte) Request {
	header := map[string]string{
		"x-lark-request-timestamp": timestamp, "x-lark-request-nonce": nonce, "x-lark-signature": signature,
		"content-type": "application/json; charset=utf-8",
	}
	return Request{Method: http.MethodPost, Header: func(name string) string { return header[name] }, Body: body}
}

// feishuTestSigned is a request as the platform signs it.
func feishuTestSigned(key string, at time.Time, body []byte) Request {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	return feishuTestRequest(timestamp, "533226633", hex.EncodeToString(feishuSign(timestamp, "533226633", key, body)), body)
}

// feishuTestMessage is a message event; change may break it.
func feishuTestMessage(text string, change func(event map[string]any)) string {
	content, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		panic(err)
	}
	event := map[string]any{
		"schema": "2.0",
		"header": map[string]any{
			"event_id": "5e3702a84e847582be8db7fb73283c02", "event_type": "im.message.receive_v1", "create_time": "1763836800000",
			"token": feishuTestToken, "app_id": feishuTestApp, "tenant_key": feishuTestTenant,
		},
		"event": map[string]any{
			"sender": map[string]any{
				"sender_id":   map[string]any{"open_id": "ou_84aad35d084aa403a838cf73ee18467", "union_id": "on_1", "user_id": "e33ggbyz"},
				"sender_type": "user", "tenant_key": feishuTestTenant,
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
	return feishuTestJSON(event)
}

func feishuTestClick(change func(event map[string]any)) string {
	return feishuTestMessage("", func(event map[string]any) {
		feishuTestWithin(event, "card.action.trigger", "header", "event_type")
		event["event"] = map[string]any{
			"operator": map[string]any{"tenant_key": feishuTestTenant, "open_id": "ou_clicker"},
			"token":    "c-1", "action": map[string]any{"tag": "button", "value": map[string]any{"command": "approve chg-7F3A"}},
			"host": "im_message", "context": map[string]any{"open_message_id": "om_card1", "open_chat_id": "oc_1"},
		}
		if change != nil {
			change(event)
		}
	})
}

func feishuTestJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// feishuTestWithin changes a value deep in an event.
func feishuTestWithin(event map[string]any, value any, path ...string) {
	for _, key := range path[:len(path)-1] {
		inner, ok := event[key].(map[string]any)
		if !ok {
			panic("there is no " + key)
		}
		event = inner
	}
	event[path[len(path)-1]] = value
}

func feishuTestReceive(tb testing.TB, plain string) (Delivery, error) {
	tb.Helper()
	return feishuTestPlatform(tb).Receive(tb.Context(), nil, feishuTestSigned(feishuTestKey, feishuWecomNow, feishuTestBody(feishuTestKey, plain)), feishuWecomNow)
}

func TestFeishuOfficialDecryption(t *testing.T) {
	t.Parallel()
	v := feishuWecomVectors(t, "feishu_vectors.json")["feishu_decrypt_official"]
	plain, ok := feishuDecrypt(v["encrypt_key"], v["encrypt"])
	if !ok || string(plain) != v["plain"] {
		t.Errorf("got %q, %v", plain, ok)
	}
}

func TestFeishuSignedEventVector(t *testing.T) {
	t.Parallel()
	v := feishuWecomVectors(t, "feishu_vectors.json")["feishu_event_made_up"]
	body := []byte(v["body"])
	if got := feishuVerify([]string{v["encrypt_key"]}, v["x-lark-request-timestamp"], v["x-lark-request-nonce"], v["x-lark-signature"], body); got != 0 {
		t.Fatal("the signature does not match")
	}
	var envelope feishuEnvelope
	if err := json.Unmarshal(body, &envelope); err != nil {
		t.Fatal(err)
	}
	if plain, ok := feishuDecrypt(v["encrypt_key"], envelope.Encrypt); !ok || string(plain) != v["plain"] {
		t.Errorf("got %q, %v", plain, ok)
	}
	// Its key is shorter than New takes. Its sender is of another tenant.
	p := feishuTestPlatform(t)
	p.keys, p.tenant = []string{v["encrypt_key"]}, "2ca1d211f64f6438"
	request := feishuTestRequest(v["x-lark-request-timestamp"], v["x-lark-request-nonce"], v["x-lark-signature"], body)
	d, err := p.Receive(t.Context(), nil, request, feishuWecomNow)
	feishuWecomIgnored(t, d, err, "other-tenant")

	same := []byte(strings.ReplaceAll(v["plain"], "736588c9260f175e", "2ca1d211f64f6438"))
	d, err = p.Receive(t.Context(), nil, feishuTestSigned("kudryavka", feishuWecomNow, feishuTestBody("kudryavka", string(same))), feishuWecomNow)
	if err != nil || d.Message == nil || d.Message.Text != "apply vss-bp18q7 port=1195 cipher=AES-256-CBC" {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestFeishuRefusesOldCardSignature(t *testing.T) {
	t.Parallel()
	v := feishuWecomVectors(t, "feishu_vectors.json")["feishu_old_card_sha1"]
	p := feishuTestPlatform(t)
	p.tokens = []string{v["verification_token"]}
	d, err := p.Receive(t.Context(), nil, feishuTestRequest(v["timestamp"], v["nonce"], v["signature"], []byte(v["body"])), feishuWecomNow)
	feishuWecomRefused(t, d, err, ReasonNoMatch)
}

func TestFeishuMessage(t *testing.T) {
	t.Parallel()
	d, err := feishuTestReceive(t, feishuTestMessage("@_user_1 apply vss-bp18q7 port=1195", nil))
	if err != nil || d.Message == nil || d.Direct != nil || d.SecretNumber != 1 {
		t.Fatalf("got %+v, %v", d, err)
	}
	want := Message{
		ID:     "5e3702a84e847582be8db7fb73283c02",
		Sender: Identity{"feishu", feishuTestTenant, "ou_84aad35d084aa403a838cf73ee18467"},
		Room:   "oc_5ce6d572455d361153b7xx51da133945",
		Text:   "apply vss-bp18q7 port=1195",
		Reply: Reply{
			Platform: "feishu", Kind: "message", Address: "om_5ce6d572455d361153b7cb51da133945", Room: "oc_5ce6d572455d361153b7xx51da133945",
		},
	}
	if *d.Message != want {
		t.Errorf("got %+v\nwant %+v", *d.Message, want)
	}
	response, later := feishuTestPlatform(t).Answer(d, Text{})
	if !later || response.Status != 200 || string(response.Body) != "{}" {
		t.Errorf("got %+v, %v", response, later)
	}
}

func TestFeishuTexts(t *testing.T) {
	t.Parallel()
	mentions := []feishuMention{{"@_user_1"}, {"@_user_2"}}
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
		if got := feishuTyped(in, mentions); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestFeishuIgnores(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		plain string
		want  string
	}{
		"a bot":              {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "app", "event", "sender", "sender_type") }), "not-a-user"},
		"no sender type":     {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "", "event", "sender", "sender_type") }), "not-a-user"},
		"another tenant":     {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "t2", "event", "sender", "tenant_key") }), "other-tenant"},
		"no sender's tenant": {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "", "event", "sender", "tenant_key") }), "other-tenant"},
		"no open_id":         {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "", "event", "sender", "sender_id", "open_id") }), "no-identity"},
		"odd open_id":        {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "ou_1/../2", "event", "sender", "sender_id", "open_id") }), "no-identity"},
		"not mentioned":      {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, []any{}, "event", "message", "mentions") }), "not-mentioned"},
		"another event":      {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "im.message.message_read_v1", "header", "event_type") }), "other-event"},
		"an old schema":      {`{"uuid":"1","token":"` + feishuTestToken + `","type":"event_callback","event":{"type":"message"}}`, "old-schema"},
		"foreign clicker":    {feishuTestClick(func(e map[string]any) { feishuTestWithin(e, "t2", "event", "operator", "tenant_key") }), "other-tenant"},
		"unknown clicker":    {feishuTestClick(func(e map[string]any) { feishuTestWithin(e, "", "event", "operator", "open_id") }), "no-identity"},
		"no command":         {feishuTestClick(func(e map[string]any) { feishuTestWithin(e, map[string]any{"a": 1}, "event", "action", "value") }), "other-click"},
		"a value of text":    {feishuTestClick(func(e map[string]any) { feishuTestWithin(e, "approve", "event", "action", "value") }), "other-click"},
		"no value":           {feishuTestClick(func(e map[string]any) { feishuTestWithin(e, map[string]any{}, "event", "action") }), "other-click"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := feishuTestReceive(t, tt.plain)
			feishuWecomIgnored(t, d, err, tt.want)
			if string(d.Direct.Body) != "{}" {
				t.Errorf("got %q", d.Direct.Body)
			}
		})
	}
}

func TestFeishuRefusesForeignAndUnreadable(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		plain string
		want  Reason
	}{
		"another token":         {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "third", "header", "token") }), ReasonForeign},
		"no token":              {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "", "header", "token") }), ReasonForeign},
		"another app":           {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "cli_2", "header", "app_id") }), ReasonForeign},
		"another tenant":        {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "t2", "header", "tenant_key") }), ReasonForeign},
		"a challenge, no token": {`{"type":"url_verification","challenge":"c","token":"x"}`, ReasonForeign},
		"no event id":           {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "", "header", "event_id") }), ReasonUnreadable},
		"a path as message id":  {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "om_1/../x", "event", "message", "message_id") }), ReasonUnreadable},
		"a wrong message id":    {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, "xx_1", "event", "message", "message_id") }), ReasonUnreadable},
		"a card without id":     {feishuTestClick(func(e map[string]any) { feishuTestWithin(e, "om_", "event", "context", "open_message_id") }), ReasonUnreadable},
		"no event":              {feishuTestMessage("x", func(e map[string]any) { delete(e, "event") }), ReasonUnreadable},
		"other types":           {feishuTestMessage("x", func(e map[string]any) { feishuTestWithin(e, 7, "event", "message") }), ReasonUnreadable},
		"no JSON":               {"hello", ReasonUnreadable},
		"two values":            {feishuTestMessage("x", nil) + "{}", ReasonUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := feishuTestReceive(t, tt.plain)
			feishuWecomRefused(t, d, err, tt.want)
		})
	}
}

func TestFeishuTextOnly(t *testing.T) {
	t.Parallel()
	for _, change := range []func(map[string]any){
		func(e map[string]any) { feishuTestWithin(e, "image", "event", "message", "message_type") },
		func(e map[string]any) { feishuTestWithin(e, "post", "event", "message", "message_type") },
		func(e map[string]any) { feishuTestWithin(e, "not JSON", "event", "message", "content") },
	} {
		d, err := feishuTestReceive(t, feishuTestMessage("x", change))
		if err != nil || d.Message == nil || d.Message.Problem != "text-only" || d.Message.Text != "" {
			t.Errorf("got %+v, %v", d, err)
		}
	}
}

func TestFeishuDirectMessageNeedsNoMention(t *testing.T) {
	t.Parallel()
	d, err := feishuTestReceive(t, feishuTestMessage("状态", func(e map[string]any) {
		feishuTestWithin(e, "p2p", "event", "message", "chat_type")
		feishuTestWithin(e, nil, "event", "message", "mentions")
	}))
	if err != nil || d.Message == nil || d.Message.Text != "状态" {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestFeishuClick(t *testing.T) {
	t.Parallel()
	d, err := feishuTestReceive(t, feishuTestClick(nil))
	if err != nil || d.Message == nil {
		t.Fatalf("got %+v, %v", d, err)
	}
	m := d.Message
	if m.Text != "approve chg-7F3A" || m.Sender.User != "ou_clicker" || m.Room != "oc_1" || m.Reply.Address != "om_card1" ||
		m.ID != "5e3702a84e847582be8db7fb73283c02" {
		t.Errorf("got %+v", *m)
	}
}

func TestFeishuSignature(t *testing.T) {
	t.Parallel()
	body := feishuTestBody(feishuTestKey, feishuTestMessage("x", nil))
	now := strconv.FormatInt(feishuWecomNow.Unix(), 10)
	good := hex.EncodeToString(feishuSign(now, "n1", feishuTestKey, body))
	shifted := hex.EncodeToString(feishuSign(now+"3", "3226633", feishuTestKey, body))
	for name, tt := range map[string]struct {
		timestamp, nonce, signature string
		want                        Reason
	}{
		"no timestamp":          {"", "n1", good, ReasonMissing},
		"no nonce":              {now, "", good, ReasonMissing},
		"no signature":          {now, "n1", "", ReasonMissing},
		"only a timestamp":      {now, "", "", ReasonMissing},
		"timestamp 0":           {"0", "n1", good, ReasonTimestamp},
		"timestamp foo":         {"foo", "n1", good, ReasonTimestamp},
		"milliseconds":          {now + "000", "n1", good, ReasonTimestamp},
		"a digit shifted":       {now + "3", "3226633", shifted, ReasonTimestamp},
		"another time":          {"1763836801", "n1", good, ReasonNoMatch},
		"another nonce":         {now, "n2", good, ReasonNoMatch},
		"not hex":               {now, "n1", "zz" + good[2:], ReasonNoMatch},
		"a part":                {now, "n1", good[:62], ReasonNoMatch},
		"with an empty key":     {now, "n1", hex.EncodeToString(feishuSign(now, "n1", "", body)), ReasonNoMatch},
		"with another key":      {now, "n1", hex.EncodeToString(feishuSign(now, "n1", "a-third-encrypt-key-000", body)), ReasonNoMatch},
		"with the token as key": {now, "n1", hex.EncodeToString(feishuSign(now, "n1", feishuTestToken, body)), ReasonNoMatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := feishuTestPlatform(t).Receive(t.Context(), nil, feishuTestRequest(tt.timestamp, tt.nonce, tt.signature, body), feishuWecomNow)
			feishuWecomRefused(t, d, err, tt.want)
		})
	}
	p := feishuTestPlatform(t)
	p.keys = []string{""}
	d, err := p.Receive(t.Context(), nil, feishuTestSigned("", feishuWecomNow, feishuTestBody("", feishuTestMessage("x", nil))), feishuWecomNow)
	feishuWecomRefused(t, d, err, ReasonNoMatch)
}

func TestFeishuTamperedBody(t *testing.T) {
	t.Parallel()
	request := feishuTestSigned(feishuTestKey, feishuWecomNow, feishuTestBody(feishuTestKey, feishuTestMessage("x", nil)))
	for i := range request.Body {
		changed := request
		changed.Body = bytes.Clone(request.Body)
		changed.Body[i] ^= 1
		d, err := feishuTestPlatform(t).Receive(t.Context(), nil, changed, feishuWecomNow)
		feishuWecomRefused(t, d, err, ReasonNoMatch)
	}
}

func TestFeishuWindow(t *testing.T) {
	t.Parallel()
	request := feishuTestSigned(feishuTestKey, feishuWecomNow, feishuTestBody(feishuTestKey, feishuTestMessage("x", nil)))
	for offset, want := range map[time.Duration]Reason{
		0: "", 5 * time.Minute: "", -5 * time.Minute: "", 5*time.Minute + 1: ReasonTooOld, -5*time.Minute - 1: ReasonTooNew, 10 * time.Hour: ReasonTooOld,
	} {
		d, err := feishuTestPlatform(t).Receive(t.Context(), nil, request, feishuWecomNow.Add(offset))
		if want != "" {
			feishuWecomRefused(t, d, err, want)
		} else if err != nil || d.Message == nil {
			t.Errorf("%s: got %v", offset, err)
		}
	}
}

func TestFeishuRotation(t *testing.T) {
	t.Parallel()
	p := feishuTestPlatform(t)
	for key, want := range map[string]int{feishuTestKey: 1, feishuTestOldKey: 2} {
		d, err := p.Receive(t.Context(), nil, feishuTestSigned(key, feishuWecomNow, feishuTestBody(key, feishuTestMessage("x", nil))), feishuWecomNow)
		if err != nil || d.SecretNumber != want {
			t.Errorf("%s: got %d, %v", key, d.SecretNumber, err)
		}
	}
	// What one key signed is not decrypted with the other.
	d, err := p.Receive(t.Context(), nil, feishuTestSigned(feishuTestKey, feishuWecomNow, feishuTestBody(feishuTestOldKey, feishuTestMessage("x", nil))), feishuWecomNow)
	feishuWecomRefused(t, d, err, ReasonUnreadable)
}

func TestFeishuIgnoresTheQuery(t *testing.T) {
	t.Parallel()
	body := feishuTestBody(feishuTestKey, feishuTestMessage("@_user_1 status", nil))
	request := feishuTestSigned(feishuTestKey, feishuWecomNow, body)
	request.Query = map[string]string{
		"encrypt": feishuTestEncrypt(feishuTestKey, []byte("0123456789abcdef"), []byte(feishuTestMessage("apply", nil))),
		"payload": "x", "challenge": "c", "x-lark-signature": "0",
	}
	d, err := feishuTestPlatform(t).Receive(t.Context(), nil, request, feishuWecomNow)
	if err != nil || d.Message == nil || d.Message.Text != "status" {
		t.Errorf("got %+v, %v", d, err)
	}
}

// TestFeishuLengthExtension appends to a seen request and signs that, without
// the key, and has the signature accepted: what refuses it is the parser.
func TestFeishuLengthExtension(t *testing.T) {
	t.Parallel()
	seen := feishuTestSigned(feishuTestKey, feishuWecomNow, feishuTestBody(feishuTestKey, feishuTestMessage("x", nil)))
	timestamp, nonce := seen.Header("x-lark-request-timestamp"), seen.Header("x-lark-request-nonce")
	digest, err := hex.DecodeString(seen.Header("x-lark-signature"))
	if err != nil {
		t.Fatal(err)
	}
	hashed := len(timestamp) + len(nonce) + len(feishuTestKey) + len(seen.Body) // an attacker tries the lengths of the key
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
		if feishuVerify([]string{feishuTestKey}, timestamp, nonce, signature, forged) != 0 {
			t.Fatal("the forged signature does not match: this is not the attack")
		}
		var first feishuEnvelope
		if err := json.NewDecoder(bytes.NewReader(forged)).Decode(&first); err != nil {
			t.Fatal("a decoder of a stream would refuse it too: this is not the attack")
		}
		d, err := feishuTestPlatform(t).Receive(t.Context(), nil, feishuTestRequest(timestamp, nonce, signature, forged), feishuWecomNow)
		feishuWecomRefused(t, d, err, ReasonUnreadable)
	}
}

func TestFeishuChallenge(t *testing.T) {
	t.Parallel()
	p := feishuTestPlatform(t)
	plain := `{"challenge":"aj\"<i7","token":"` + feishuTestToken + `","type":"url_verification"}`
	for number, key := range map[int]string{1: feishuTestKey, 2: feishuTestOldKey} {
		for _, request := range []Request{
			feishuTestRequest("", "", "", feishuTestBody(key, plain)),
			feishuTestSigned(key, feishuWecomNow, feishuTestBody(key, plain)),
		} {
			d, err := p.Receive(t.Context(), nil, request, feishuWecomNow)
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

// TestFeishuUnsigned shows that a body without a signature gets one answer,
// whatever is in it, unless it is a URL check with our token.
func TestFeishuUnsigned(t *testing.T) {
	t.Parallel()
	key := feishuTestKey
	for name, body := range map[string][]byte{
		"a message":        feishuTestBody(key, feishuTestMessage("x", nil)),
		"a click":          feishuTestBody(key, feishuTestClick(nil)),
		"another token":    feishuTestBody(key, `{"challenge":"c","token":"x","type":"url_verification"}`),
		"no token":         feishuTestBody(key, `{"challenge":"c","type":"url_verification"}`),
		"another type":     feishuTestBody(key, `{"challenge":"c","token":"`+feishuTestToken+`","type":"event_callback"}`),
		"no challenge":     feishuTestBody(key, `{"token":"`+feishuTestToken+`","type":"url_verification"}`),
		"a long challenge": feishuTestBody(key, `{"challenge":"`+strings.Repeat("c", 1025)+`","token":"`+feishuTestToken+`","type":"url_verification"}`),
		"not encrypted":    []byte(`{"challenge":"c","token":"` + feishuTestToken + `","type":"url_verification"}`),
		"another key":      feishuTestBody("a-third-encrypt-key-000", `{"challenge":"c","token":"`+feishuTestToken+`","type":"url_verification"}`),
		"nothing":          nil,
		"appended":         append(feishuTestBody(key, `{"challenge":"c","token":"`+feishuTestToken+`","type":"url_verification"}`), "{}"...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := feishuTestPlatform(t).Receive(t.Context(), nil, feishuTestRequest("", "", "", body), feishuWecomNow)
			feishuWecomRefused(t, d, err, ReasonMissing)
		})
	}
}

func TestFeishuMethodAndSize(t *testing.T) {
	t.Parallel()
	request := feishuTestSigned(feishuTestKey, feishuWecomNow, feishuTestBody(feishuTestKey, feishuTestMessage("x", nil)))
	request.Method = http.MethodGet
	d, err := feishuTestPlatform(t).Receive(t.Context(), nil, request, feishuWecomNow)
	feishuWecomRefused(t, d, err, ReasonUnreadable)
	d, err = feishuTestPlatform(t).Receive(t.Context(), nil, feishuTestSigned(feishuTestKey, feishuWecomNow, bytes.Repeat([]byte(" "), MaxBody+1)), feishuWecomNow)
	feishuWecomRefused(t, d, err, ReasonUnreadable)
}

func TestFeishuDecryptRefuses(t *testing.T) {
	t.Parallel()
	iv := []byte("0123456789abcdef")
	block := bytes.Repeat([]byte("a"), 16)
	for name, text := range map[string]string{
		"nothing": "", "not base64": "####", "only a vector": base64.StdEncoding.EncodeToString(iv), "part of a block": base64.StdEncoding.EncodeToString(append(iv, 1)),
		"padding 0":            feishuTestEncryptRaw("k", iv, append(bytes.Clone(block[:15]), 0)),
		"padding 17":           feishuTestEncryptRaw("k", iv, append(bytes.Clone(block[:15]), 17)),
		"padding 200":          feishuTestEncryptRaw("k", iv, append(bytes.Clone(block[:15]), 200)),
		"padding not the same": feishuTestEncryptRaw("k", iv, append(bytes.Clone(block[:14]), 3, 2)),
	} {
		if plain, ok := feishuDecrypt("k", text); ok || plain != nil {
			t.Errorf("%s: got %q", name, plain)
		}
	}
	if plain, ok := feishuDecrypt("k", feishuTestEncrypt("k", iv, nil)); !ok || len(plain) != 0 {
		t.Errorf("an empty text: got %q, %v", plain, ok)
	}
}

func TestFeishuSettings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(Settings)
		want   string
	}{
		"a short key":    {func(s Settings) { s["encryptKey"] = []string{feishuTestKey, "hunter2"} }, "encryptKey: value 2 has 7 bytes"},
		"no key":         {func(s Settings) { delete(s, "encryptKey") }, "encryptKey is missing"},
		"a short token":  {func(s Settings) { s["token"] = []string{"hunter2"} }, "token: value 1"},
		"an empty token": {func(s Settings) { s["token"] = []string{""} }, "token: value 1 has 0 bytes"},
		"a short secret": {func(s Settings) { s["appSecret"] = []string{"hunter2"} }, "appSecret: value 1"},
		"an odd app":     {func(s Settings) { s["app"] = []string{"cli 1"} }, "app must be"},
		"no tenant":      {func(s Settings) { delete(s, "tenant") }, "tenant must be"},
		"a region":       {func(s Settings) { s["region"] = []string{"eu"} }, "region must be feishu or lark"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := feishuTestSettings()
			tt.change(s)
			p, err := feishuSpec().New(s)
			if err == nil || p != nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, %v, want %q", p, err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats a secret: %v", err)
			}
		})
	}
	s := feishuTestSettings()
	s["region"] = []string{"lark"}
	p, err := feishuSpec().New(s)
	made, ok := p.(*feishu)
	if err != nil || !ok || p.Lang() != lang.English || p.Name() != "feishu" || made.host != "open.larksuite.com" {
		t.Errorf("Lark: got %v, %v", p, err)
	}
	if p := feishuTestPlatform(t); p.Lang() != lang.Chinese || p.host != "open.feishu.cn" {
		t.Errorf("Feishu: got %s, %s", p.Lang(), p.host)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(format, p); got != "feishu" {
			t.Errorf("%s prints %s", format, got)
		}
	}
	if text := feishuTestJSON(p); text != "{}" {
		t.Errorf("as JSON: %s", text)
	}
}

func FuzzFeishuDecrypt(f *testing.F) {
	v := feishuWecomVectors(f, "feishu_vectors.json")
	f.Add(v["feishu_decrypt_official"]["encrypt_key"], v["feishu_decrypt_official"]["encrypt"])
	f.Add("", "")
	f.Add("k", feishuTestEncryptRaw("k", make([]byte, 16), bytes.Repeat([]byte{200}, 16)))
	f.Fuzz(func(t *testing.T, key, text string) {
		plain, ok := feishuDecrypt(key, text)
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
		if feishuTestEncrypt(key, raw[:16], plain) != base64.StdEncoding.EncodeToString(raw) {
			t.Error("what was decrypted does not encrypt to what it came from")
		}
	})
}

func FuzzFeishuReceive(f *testing.F) {
	p := feishuTestPlatform(f)
	f.Add(0, "1763836800", "n", "", []byte(feishuTestMessage("@_user_1 help", nil)))
	f.Add(0, "1763836800", "n", "", []byte(feishuTestClick(nil)))
	f.Add(0, "1763836800", "n", "", []byte(`{"challenge":"c","token":"`+feishuTestToken+`","type":"url_verification"}`))
	f.Add(1, "", "", "", []byte(`{"challenge":"c","token":"`+feishuTestToken+`","type":"url_verification"}`))
	f.Add(2, "1763836800", "n", "00", feishuTestBody(feishuTestKey, feishuTestMessage("x", nil)))
	f.Fuzz(func(t *testing.T, how int, timestamp, nonce, signature string, content []byte) {
		var request Request
		switch how % 3 {
		case 0: // signed and encrypted
			body := feishuTestBody(feishuTestKey, string(content))
			request = feishuTestRequest(timestamp, nonce, hex.EncodeToString(feishuSign(timestamp, nonce, feishuTestKey, body)), body)
		case 1: // encrypted only
			request = feishuTestRequest("", "", "", feishuTestBody(feishuTestKey, string(content)))
		default:
			request = feishuTestRequest(timestamp, nonce, signature, content)
		}
		d, err := p.Receive(t.Context(), nil, request, feishuWecomNow)
		if err != nil {
			if _, ok := errors.AsType[*RefusedError](err); !ok || d.Direct != nil || d.Message != nil {
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
			if m.ID == "" || m.Sender.Tenant != feishuTestTenant || m.Sender.User == "" || !feishuMessageID(m.Reply.Address) ||
				m.Text != "" && m.Problem != "" {
				t.Fatalf("got %+v", *m)
			}
		}
	})
}
