package chattest

import (
	"bytes"
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

const (
	feishuCurrent  = "Ek1-current-encrypt-key-0001"
	feishuPrevious = "Ek0-previous-encrypt-key-000"
	feishuToken    = "rvaYgkND1GOiu5MM0E1rncYC6PLtF7JV"
	feishuSecret   = "dskLLdkasdjlasdKKdskLLdkasdjlasd"
	feishuTenant   = "736588c9260f175e"
)

func feishu() Fixture {
	message := chat.Reply{Platform: "feishu", Kind: "message", Address: "om_5ce6d572455d361153b7cb51da133945", Room: "oc_1"}
	return Fixture{
		Name: "feishu",
		Settings: "encryptKey=" + feishuCurrent + ";encryptKey=" + feishuPrevious + ";token=" + feishuToken +
			";app=cli_9f5343c580712544;appSecret=" + feishuSecret + ";tenant=" + feishuTenant,
		Hidden:  [][2]string{{feishuCurrent, feishuPrevious}},
		Secrets: []string{feishuToken, feishuSecret},
		Lang:    lang.Chinese,
		Asks:    true,
		Rooms:   []Room{feishuRoom()},
		Forms: []Form{
			{Name: "message", Request: feishuRequest(feishuMessage), Dated: true, Last: feishuRequest(feishuLast), Others: []Other{
				{Name: "a bot", Request: feishuRequest(replaced(feishuMessage, `"sender_type":"user"`, `"sender_type":"app"`)), Ignored: chat.IgnoredBot},
				{Name: "another tenant's member", Request: feishuRequest(replaced(feishuMessage, `"sender_type":"user","tenant_key":"`+feishuTenant, `"sender_type":"user","tenant_key":"t2`)), Ignored: chat.IgnoredOutsider},
				{Name: "no account", Request: feishuRequest(replaced(feishuMessage, "ou_mei", "")), Ignored: chat.IgnoredNoIdentity},
				{Name: "a message to others", Request: feishuRequest(replaced(feishuMessage, `[{"key":"@_user_1"}]`, "[]")), Ignored: chat.IgnoredNotMentioned},
				{Name: "a read receipt", Request: feishuRequest(replaced(feishuMessage, "im.message.receive_v1", "im.message.message_read_v1")), Ignored: chat.IgnoredEvent},
				{Name: "a picture", Request: feishuRequest(replaced(feishuMessage, `"message_type":"text"`, `"message_type":"image"`)), Problem: chat.ProblemTextOnly},
			}},
			{Name: "click", Request: feishuRequest(feishuClick), Dated: true, Clicked: true, Others: []Other{
				{Name: "another card's button", Request: feishuRequest(replaced(feishuClick, `"command"`, `"x"`)), Ignored: chat.IgnoredNoCommand},
				{Name: "another tenant's member", Request: feishuRequest(replaced(feishuClick, `"open_id":"ou_mei","tenant_key":"`+feishuTenant, `"open_id":"ou_mei","tenant_key":"t2`)), Ignored: chat.IgnoredOutsider},
			}},
		},
		Replies: []Reply{{
			Name: "message", To: message, Hidden: "t-h1dd3n", Success: `{"code":0,"msg":"success","data":{}}`, Read: readFeishu,
			Foreign: []chat.Reply{
				{},
				{Platform: "feishu", Kind: "message"},
				{Platform: "feishu", Kind: "message", Address: "om_1/../../x"},
				{Platform: "feishu", Kind: "message", Address: "om_1?x"},
				{Platform: "slack", Kind: "message", Address: "om_1"},
				{Platform: "feishu", Kind: "session", Address: "om_1"},
			},
			Token: feishuTokens,
			Codes: []Code{
				{400, `{"code":230002,"msg":"Bot is NOT in the chat."}`, false, "230002"},
				{400, `{"code":230011,"msg":"withdrawn"}`, false, "230011"},
				{400, `{"code":230020,"msg":"rate"}`, true, "230020"},
				{429, `{"code":99991400,"msg":"request trigger frequency limit"}`, true, "99991400"},
				{400, `{"code":424242,"msg":"oracle"}`, false, "424242"},
				{500, `{"code":424242}`, true, "424242"},
				{200, `{"code":2200}`, true, "2200"},
				{401, `{"code":99991663}`, true, "99991663"},
			},
		}},
	}
}

func feishuTokens(r *http.Request) (string, bool) {
	return `{"code":0,"msg":"ok","tenant_access_token":"t-h1dd3n","expire":7200}`, strings.HasSuffix(r.URL.Path, "/tenant_access_token/internal")
}

func feishuRoom() Room {
	const message = "om_dc13264520392913993dd051dba21dcf"
	return Room{
		Name: "group", To: chat.Room{Platform: "feishu", Tenant: feishuTenant, ID: "oc_1"}, People: []string{"ou_jun", "ou_mei"},
		Bad: []chat.Room{
			{},
			{Platform: "feishu", Tenant: "t2", ID: "oc_1"},
			{Platform: "slack", Tenant: feishuTenant, ID: "oc_1"},
			{Platform: "feishu", Tenant: feishuTenant, ID: "oc_"},
			{Platform: "feishu", Tenant: feishuTenant, ID: "oc_1&receive_id_type=email"},
			{Platform: "feishu", Tenant: feishuTenant, ID: "om_1"},
			{Platform: "feishu", Tenant: feishuTenant, ID: "all"},
		},
		Hidden: "t-h1dd3n", Token: feishuTokens, Handle: message, BadHandles: []string{"", "om_", "om_1/reply", "om_1?x", "oc_1"},
		Posted: `{"code":0,"msg":"success","data":{"message_id":"` + message + `"}}`, Updated: `{"code":0,"msg":"success","data":{}}`,
		Codes: []Code{
			{400, `{"code":230002,"msg":"Bot is NOT in the chat."}`, false, "230002"},
			{400, `{"code":230027,"msg":"Lack of necessary permissions."}`, false, "230027"},
			{400, `{"code":230020,"msg":"rate"}`, true, "230020"},
			{400, `{"code":230099,"msg":"oracle"}`, false, "230099"},
			{500, `{"code":424242}`, true, "424242"},
			{401, `{"code":99991663}`, true, "99991663"},
		},
		Over: []Code{
			{400, `{"code":230031,"msg":"Message can only be modified within 14 days after sending."}`, false, chat.CodeNotUpdatable},
			{400, `{"code":230011,"msg":"The message is recalled."}`, false, chat.CodeNotUpdatable},
			{400, `{"code":230012,"msg":"Bot is NOT the sender of the message."}`, false, chat.CodeNotUpdatable},
		},
		ID: func(body []byte) string {
			var m struct {
				UUID string `json:"uuid"`
			}
			if read(body, &m) != nil {
				return ""
			}
			return m.UUID
		},
		Read: func(r *http.Request, body []byte) (Shown, error) {
			var m struct {
				To      string `json:"receive_id"`
				Content string `json:"content"`
			}
			var card struct {
				Config struct {
					Multi bool `json:"update_multi"`
				} `json:"config"`
			}
			if err := errors.Join(read(body, &m), read([]byte(m.Content), &card)); err != nil {
				return Shown{}, err
			}
			switch target := r.Method + " " + r.URL.RequestURI(); {
			case !card.Config.Multi:
				return Shown{}, errors.New("the card cannot be updated")
			case target == "POST /open-apis/im/v1/messages?receive_id_type=chat_id" && m.To == "oc_1":
				return readFeishu(body)
			case target == "PATCH /open-apis/im/v1/messages/"+message && m.To == "":
				return readFeishu([]byte(object(map[string]any{"msg_type": "interactive", "content": m.Content})))
			default:
				return Shown{}, fmt.Errorf("%s for %q", target, m.To)
			}
		},
	}
}

func feishuRequest(content func(Sent) string) func(Sent) chat.Request {
	return func(s Sent) chat.Request {
		key := s.secret([2]string{feishuCurrent, feishuPrevious})
		body := `{"encrypt":"` + feishuEncrypt(key, s.content(content(s))) + `"}`
		stamp, nonce := s.stamp(chat.Seconds), "533226633"
		sum := sha256.Sum256([]byte(stamp + nonce + key + body))
		header := map[string]string{"x-lark-request-timestamp": stamp, "x-lark-request-nonce": nonce, "x-lark-signature": hex.EncodeToString(sum[:])}
		if s.Bare {
			header = nil
		}
		return post(body, header)
	}
}

func feishuEncrypt(key, plain string) string {
	hash, iv := sha256.Sum256([]byte(key)), []byte("0123456789abcdef")
	return base64.StdEncoding.EncodeToString(append(iv, encryptCBC(hash[:], iv, padded([]byte(plain), aes.BlockSize))...))
}

// padded adds PKCS#7 padding to blocks of a size.
func padded(plain []byte, size int) []byte {
	pad := size - len(plain)%size
	return append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
}

func encryptCBC(key, iv, plain []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the fixtures' keys have 32 bytes
	}
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, plain)
	return out
}

func feishuHeader(s Sent, kind string) map[string]any {
	return map[string]any{
		"event_id": cmp.Or(s.Event, fmt.Sprintf("ev%d", s.N)), "event_type": kind, "token": feishuToken, "app_id": "cli_9f5343c580712544",
		"tenant_key": either(s.Foreign, feishuTenant, "t2"), "create_time": s.written(chat.Milliseconds),
	}
}

func feishuMessage(s Sent) string {
	return object(map[string]any{"schema": "2.0", "header": feishuHeader(s, "im.message.receive_v1"), "event": map[string]any{
		"sender": map[string]any{"sender_id": map[string]any{"open_id": "ou_mei"}, "sender_type": "user", "tenant_key": feishuTenant},
		"message": map[string]any{
			"message_id": fmt.Sprintf("om_%d", s.N), "create_time": s.written(chat.Milliseconds), "chat_id": "oc_1", "chat_type": "group", "message_type": "text",
			"content": object(map[string]any{"text": "@_user_1 " + s.Text}), "mentions": []any{map[string]any{"key": "@_user_1"}},
		},
	}})
}

func feishuLast(s Sent) string {
	return replaced(feishuMessage, "@_user_1 "+s.Text, s.Text+" @_user_1")(s)
}

func feishuClick(s Sent) string {
	return object(map[string]any{"schema": "2.0", "header": feishuHeader(s, "card.action.trigger"), "event": map[string]any{
		"operator": map[string]any{"tenant_key": feishuTenant, "open_id": "ou_mei"},
		"action":   map[string]any{"tag": "button", "value": map[string]any{"command": s.Text}},
		"context":  map[string]any{"open_message_id": "om_card1", "open_chat_id": "oc_1"},
	}})
}

// readFeishu reads a card.
func readFeishu(body []byte) (Shown, error) {
	type text struct {
		Tag     string `json:"tag"`
		Content string `json:"content"`
	}
	var m struct {
		Type    string `json:"msg_type"`
		Content string `json:"content"`
		UUID    string `json:"uuid"`
	}
	var card struct {
		Header struct {
			Title text `json:"title"`
		} `json:"header"`
		Elements []struct {
			Tag     string `json:"tag"`
			Content string `json:"content"`
			Text    *text  `json:"text"`
			Actions []struct {
				Text  text `json:"text"`
				Value struct {
					Command string `json:"command"`
				} `json:"value"`
				Confirm *struct {
					Title text `json:"title"`
					Text  text `json:"text"`
				} `json:"confirm"`
			} `json:"actions"`
		} `json:"elements"`
	}
	if err := read(body, &m); err != nil {
		return Shown{}, err
	}
	if err := read([]byte(m.Content), &card); err != nil {
		return Shown{}, err
	}
	if m.Type != "interactive" || len(m.Content) > 30_000 || len(m.UUID) > 50 {
		return Shown{}, fmt.Errorf("the API refuses %d bytes of %s with the id %s", len(m.Content), m.Type, m.UUID)
	}
	texts, out := []text{card.Header.Title}, Shown{}
	for i, e := range card.Elements {
		if e.Tag == "markdown" {
			if i > 0 || e.Text != nil || e.Actions != nil || !regexp.MustCompile(`^<at id=ou_[a-z_]+></at>(?: <at id=ou_[a-z_]+></at>)*$`).MatchString(e.Content) {
				return Shown{}, fmt.Errorf("%q holds more than mentions", e.Content)
			}
			out.Mentions = append(out.Mentions, regexp.MustCompile(`ou_[a-z_]+`).FindAllString(e.Content, -1)...)
		}
		if e.Text != nil {
			texts = append(texts, *e.Text)
			out.Typed = e.Text.Content
		}
		for _, a := range e.Actions {
			texts = append(texts, a.Text)
			out.Commands, out.Says = append(out.Commands, a.Value.Command), append(out.Says, "")
			if a.Confirm != nil {
				texts = append(texts, a.Confirm.Title, a.Confirm.Text)
				out.Says[len(out.Says)-1] = a.Confirm.Text.Content
			}
		}
	}
	for _, t := range texts {
		if t.Tag != "plain_text" {
			return Shown{}, fmt.Errorf("%q is %s", t.Content, t.Tag)
		}
		out.Texts = append(out.Texts, t.Content)
	}
	return out, plainTexts(out.Texts...)
}
