package chat

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// feishu is Feishu's event subscription, with an encrypt key.
type feishu struct{ s *Service }

func (feishu) limit() time.Duration { return 3 * time.Second } // documented

// tokenLife is how long a tenant_access_token works (documented: at most 2 h).
const tokenLife = 2 * time.Hour

func (p feishu) event(kind, id string, at time.Time, event map[string]any) []byte {
	return encode(map[string]any{
		"schema": "2.0",
		"header": map[string]string{
			"event_id": id, "event_type": kind, "create_time": milliseconds(at), "token": p.s.opts.Secrets.FeishuToken,
			"app_id": feishuApp, "tenant_key": feishuTenant,
		},
		"event": event,
	})
}

func (p feishu) message(u utterance) *delivery {
	native := "om_" + u.id
	content := encode(map[string]string{"text": "@_user_1 " + u.text})
	return &delivery{platform: Feishu, what: "message", nativeID: native, user: u.user, plain: p.event("im.message.receive_v1", "ev_"+u.id, u.at, map[string]any{
		"sender": map[string]any{
			"sender_id":   map[string]string{"open_id": u.user, "union_id": "on" + u.user[2:], "user_id": u.user[len(u.user)-4:]},
			"sender_type": "user", "tenant_key": feishuTenant,
		},
		"message": map[string]any{
			"message_id": native, "create_time": milliseconds(u.at), "chat_id": "oc_" + u.room, "chat_type": "group",
			"message_type": "text", "content": string(content),
			"mentions": []any{map[string]any{
				"key": "@_user_1", "id": map[string]string{"open_id": "ou_bot000000000000000000000000000000"},
				"name": botName, "tenant_key": feishuTenant,
			}},
		},
	})}
}

func (p feishu) click(u utterance, on Message, b Button) *delivery {
	value := b.value
	if value == nil {
		value = json.RawMessage(`{}`)
	}
	return &delivery{platform: Feishu, what: "click", nativeID: "om_" + u.id, user: u.user, plain: p.event("card.action.trigger", "ev_"+u.id, u.at, map[string]any{
		"operator": map[string]string{
			"open_id": u.user, "union_id": "on" + u.user[2:], "user_id": u.user[len(u.user)-4:], "tenant_key": feishuTenant,
		},
		"token": "c-" + u.address, "action": map[string]any{"tag": b.element, "value": value}, "host": "im_message",
		"context": map[string]string{"open_message_id": on.nativeID, "open_chat_id": "oc_" + u.room},
	})}
}

func (feishu) seal(d *delivery, k Secrets, at time.Time) sealed {
	body := encode(map[string]string{"encrypt": feishuEncrypt(k.FeishuEncrypt, d.plain, randomBytes(16))})
	nonce, stamp := token()[:16], seconds(at)
	h := http.Header{}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Lark-Request-Timestamp", stamp)
	h.Set("X-Lark-Request-Nonce", nonce)
	h.Set("X-Lark-Signature", feishuSignature(k.FeishuEncrypt, stamp, nonce, body))
	return sealed{header: h, body: body}
}

// answer parses the answer. That to a message shows nothing; that to a click may
// contain a toast (documented), which is shown as a note.
func (feishu) answer(d *delivery, _ Secrets, a Exchange) (plain string, shown []draft, problem string) {
	var m struct {
		Toast struct {
			Type    string `json:"type"`
			Content string `json:"content"`
		} `json:"toast"`
	}
	if err := json.Unmarshal([]byte(a.Answer), &m); err != nil {
		return "", nil, "the answer is no JSON object"
	}
	if d.what == "click" && m.Toast.Content != "" {
		return "", []draft{{raw: []byte(a.Answer), tone: "toast", blocks: paragraphs(m.Toast.Content), onlyFor: d.user}}, ""
	}
	return "", nil, ""
}

// reply is the token API and the reply API. Error numbers are own choice
// except for 99991663, a bad token, and 99991400, too many (documented).
func (p feishu) reply(r apiRequest) apiAnswer {
	if r.method != http.MethodPost && r.method != http.MethodPatch {
		return feishuFail(http.StatusMethodNotAllowed, 405, "method not allowed")
	}
	if r.method == http.MethodPost && r.path == "/open-apis/auth/v3/tenant_access_token/internal" {
		return p.token(r.body)
	}
	const messages = "/open-apis/im/v1/messages"
	native, ok := strings.CutPrefix(r.path, messages+"/")
	native, reply := strings.CutSuffix(native, "/reply")
	create, patch := r.method == http.MethodPost && r.path == messages, ok && !reply && r.method == http.MethodPatch
	reply = ok && reply && r.method == http.MethodPost
	bearer, _ := strings.CutPrefix(r.header.Get("Authorization"), "Bearer ")
	until, known := p.s.tokens[bearer]
	switch {
	case !create && !patch && !reply:
		return feishuFail(http.StatusNotFound, 404, "no such API")
	case !known || p.s.opts.Now().After(until):
		return feishuFail(http.StatusBadRequest, 99991663, "Invalid access token for authorization")
	case p.s.refuses(Feishu):
		return feishuFail(http.StatusTooManyRequests, 99991400, "request trigger frequency limit")
	}
	switch {
	case create:
		return p.create(r)
	case patch:
		return p.patch(native, r.body)
	default:
		return p.post(native, r.body)
	}
}

func feishuFail(status, code int, text string) apiAnswer {
	return apiAnswer{status: status, body: string(encode(map[string]any{"code": code, "msg": text, "data": map[string]any{}})), problem: text}
}

func (p feishu) token(body []byte) apiAnswer {
	var m struct {
		ID     string `json:"app_id"`
		Secret string `json:"app_secret"`
	}
	if err := json.Unmarshal(body, &m); err != nil || m.ID != feishuApp || m.Secret != p.s.opts.Secrets.FeishuApp {
		return feishuFail(http.StatusOK, 10014, "app secret invalid")
	}
	now := p.s.opts.Now()
	for t, until := range p.s.tokens {
		if now.After(until) {
			delete(p.s.tokens, t)
		}
	}
	made := "t-" + token()
	p.s.tokens[made] = now.Add(tokenLife)
	return apiAnswer{status: http.StatusOK, body: string(encode(map[string]any{
		"code": 0, "msg": "ok", "tenant_access_token": made, "expire": int(tokenLife.Seconds()),
	}))}
}

// post shows a reply. The same uuid makes one message only (documented: within an
// hour).
func (p feishu) post(native string, body []byte) apiAnswer {
	var m struct {
		Content string `json:"content"`
		Type    string `json:"msg_type"`
		UUID    string `json:"uuid"`
	}
	if err := json.Unmarshal(body, &m); err != nil || len(m.UUID) > 50 {
		return feishuFail(http.StatusBadRequest, 99992402, "field validation failed")
	}
	asked := p.s.find(func(m *Message) bool { return m.Platform == Feishu && m.nativeID == native })
	if asked == nil || asked.Deleted {
		return feishuFail(http.StatusBadRequest, 230011, "The message was withdrawn.")
	}
	return p.show(m.UUID, m.Type, m.Content, func(dr draft) *Message {
		made := dr.message(Feishu, asked.Room, asked.ID, "reply", p.s.opts.Now())
		p.s.add(made)
		return made
	})
}

// show shows a message, once for each idempotency key.
func (p feishu) show(key, kind, content string, show func(draft) *Message) apiAnswer {
	made := p.s.onces[key]
	if key == "" || made == nil || p.s.opts.Now().Sub(made.At) > time.Hour {
		dr, problem := readFeishu(kind, content)
		if problem != "" {
			return feishuFail(http.StatusBadRequest, 230001, "Your request contains an invalid request parameter: "+problem)
		}
		made = show(dr)
		made.shared = dr.shared
		p.s.once(key, made)
	}
	return apiAnswer{status: http.StatusOK, message: made.ID, body: string(encode(map[string]any{
		"code": 0, "msg": "success", "data": map[string]string{"message_id": made.nativeID, "chat_id": "oc_" + made.Room, "msg_type": kind},
	}))}
}

// once stores a reply's idempotency key until it expires.
func (s *Service) once(key string, m *Message) {
	if key == "" {
		return
	}
	for k, old := range s.onces {
		if m.At.Sub(old.At) > time.Hour {
			delete(s.onces, k)
		}
	}
	s.onces[key] = m
}
