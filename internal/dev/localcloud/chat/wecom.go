package chat

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// weCom is an AI bot of WeCom.
type weCom struct{ s *Service }

func (weCom) limit() time.Duration { return 5 * time.Second } // documented

// responseLife is how long a response_url works, once (documented).
const responseLife = time.Hour

func (p weCom) message(u utterance) *delivery {
	p.s.mu.Lock()
	p.s.keep(address{secret: u.address, platform: WeCom, room: u.room, user: u.user, answers: u.id, until: u.at.Add(responseLife), left: 1})
	p.s.mu.Unlock()
	return &delivery{platform: WeCom, what: "message", nativeID: u.id, user: u.user, plain: encode(map[string]any{
		"msgid": u.id, "aibotid": wecomBot, "chatid": "wr" + u.room + wecomChat, "chattype": "group",
		"from":         map[string]string{"userid": u.user},
		"response_url": "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=" + u.address,
		"msgtype":      "text", "text": map[string]string{"content": "@" + wecomBotName + " " + u.text}, // documented: the name stays
	})}
}

// wecomBotName has no space, so that a mention is one word.
const wecomBotName = "VPNbot"

// click makes the event of a template card's button. The fields of
// such an event, apart from its type, are own choice.
func (p weCom) click(u utterance, on Message, b Button) *delivery {
	if on.Way == "card" {
		return p.appClick(u, on, b)
	}
	u.text = b.Command
	d := p.message(u)
	var m map[string]any
	if json.Unmarshal(d.plain, &m) == nil {
		delete(m, "text")
		m["msgtype"] = "event"
		m["event"] = map[string]any{"eventtype": "template_card_event", "template_card_event": map[string]string{"event_key": b.Command, "task_id": on.ID}}
		d.plain, d.what = encode(m), "click"
	}
	return d
}

func (p weCom) seal(d *delivery, k Secrets, at time.Time) sealed {
	if d.xml {
		return p.sealApp(d, k, at)
	}
	encrypted := wecomEncrypt(k.WeComAESKey, d.plain, "")
	nonce, stamp := token()[:10], seconds(at)
	q := url.Values{"msg_signature": {wecomSignature(k.WeComToken, stamp, nonce, encrypted)}, "timestamp": {stamp}, "nonce": {nonce}}
	return sealed{
		query: q.Encode(), body: encode(map[string]string{"encrypt": encrypted}),
		header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
	}
}

// answer reads a passive reply: encrypted and signed like a request (documented).
// An empty answer is none.
func (p weCom) answer(_ *delivery, k Secrets, a Exchange) (plain string, shown []draft, problem string) {
	if strings.TrimSpace(a.Answer) == "" {
		return "", nil, ""
	}
	var m struct {
		Encrypt   string          `json:"encrypt"`
		Signature string          `json:"msgsignature"`
		Timestamp json.RawMessage `json:"timestamp"`
		Nonce     string          `json:"nonce"`
	}
	if err := json.Unmarshal([]byte(a.Answer), &m); err != nil || m.Encrypt == "" {
		return "", nil, "this is no encrypted answer, and not empty"
	}
	stamp := string(bytes.Trim(m.Timestamp, `"`))
	if m.Signature != wecomSignature(k.WeComToken, stamp, m.Nonce, m.Encrypt) {
		return "", nil, "the answer's msgsignature is wrong"
	}
	message, receiver, err := wecomDecrypt(k.WeComAESKey, m.Encrypt)
	if err != nil || receiver != "" {
		return "", nil, "the answer is not encrypted for an AI bot"
	}
	dr, problem := p.read(message, "stream", "template_card", "text", "markdown")
	if problem != "" {
		return string(message), nil, problem
	}
	return string(message), []draft{dr}, ""
}

// read reads a message object of one of the kinds.
func (p weCom) read(body []byte, kinds ...string) (dr draft, problem string) {
	var m struct {
		Type string `json:"msgtype"`
		Text struct {
			Content string `json:"content"`
		} `json:"text"`
		Markdown struct {
			Content string `json:"content"`
		} `json:"markdown"`
		Stream struct {
			Finish  bool   `json:"finish"`
			Content string `json:"content"`
		} `json:"stream"`
		Card wecomCard `json:"template_card"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return dr, "this is no message object"
	}
	known := false
	for _, k := range kinds {
		known = known || k == m.Type
	}
	dr.raw = body
	switch {
	case !known:
		return dr, "msgtype " + m.Type + " is not for this"
	case m.Type == "text" && m.Text.Content != "":
		dr.blocks = paragraphs(m.Text.Content)
	case m.Type == "markdown" && m.Markdown.Content != "":
		dr.blocks = markdown(m.Markdown.Content, wecomDialect())
	case m.Type == "stream" && m.Stream.Finish && m.Stream.Content != "":
		dr.blocks = markdown(m.Stream.Content, wecomDialect())
	case m.Type == "template_card" && m.Card.Main.Title != "":
		m.Card.fill(&dr)
	default:
		return dr, "msgtype " + m.Type + " lacks what it requires"
	}
	return dr, ""
}

type wecomCard struct {
	Main struct {
		Title string `json:"title"`
		Desc  string `json:"desc"`
	} `json:"main_title"`
	Sub    string `json:"sub_title_text"`
	Kind   string `json:"card_type"`
	Task   string `json:"task_id"`
	Action *struct {
		Type int    `json:"type"`
		URL  string `json:"url"`
	} `json:"card_action"`
	Rows []struct {
		Keyname string `json:"keyname"`
		Value   string `json:"value"`
	} `json:"horizontal_content_list"`
	Buttons []struct {
		Text string `json:"text"`
		Key  string `json:"key"`
	} `json:"button_list"`
}

func (c wecomCard) fill(dr *draft) {
	dr.title = c.Main.Title
	for _, text := range []string{c.Main.Desc, c.Sub} {
		if text != "" {
			dr.blocks = append(dr.blocks, paragraphs(text)...)
		}
	}
	for _, row := range c.Rows {
		dr.blocks = append(dr.blocks, Block{Kind: Item, Spans: []Span{{Text: row.Keyname + ": "}, {Text: row.Value}}})
	}
	for _, b := range c.Buttons {
		dr.buttons = append(dr.buttons, Button{Label: b.Text, Command: b.Key})
	}
}

func wecomDialect() dialect {
	at := regexp.MustCompile(`^<@([^<>\s]+)>`)
	return dialect{fonts: true, escapes: true, mention: func(s string) (string, int) {
		m := at.FindStringSubmatch(s)
		if m == nil {
			return "", 0
		}
		if m[1] == "all" {
			return "everyone", len(m[0])
		}
		return m[1], len(m[0])
	}}
}

// reply is an AI bot's response_url: once, Markdown or a template card
// (documented). Error numbers are own choice except for -1, "busy" (documented).
func (p weCom) reply(r apiRequest) apiAnswer {
	fail := func(code int, text string) apiAnswer {
		return apiAnswer{status: http.StatusOK, body: string(encode(map[string]any{"errcode": code, "errmsg": text})), problem: text}
	}
	switch r.path {
	case "/cgi-bin/gettoken", "/cgi-bin/message/send", "/cgi-bin/message/update_template_card":
		return p.app(r)
	case "/cgi-bin/webhook/send":
		return p.group(r)
	}
	if r.path != "/cgi-bin/aibot/response" || r.method != http.MethodPost {
		return apiAnswer{status: http.StatusNotFound, body: `{"errcode":404,"errmsg":"no such API"}`, problem: "no such API"}
	}
	a, why := p.s.lookUp(WeCom, r.query.Get("response_code"))
	switch {
	case a == nil:
		return fail(40058, "response_code "+why)
	case p.s.refuses(WeCom):
		return fail(-1, "system busy")
	}
	dr, problem := p.read(r.body, "markdown", "template_card")
	if problem != "" {
		return fail(40008, "invalid message: "+problem)
	}
	m := p.s.use(a, dr)
	return apiAnswer{status: http.StatusOK, body: `{"errcode":0,"errmsg":"ok"}`, message: m.ID}
}

// marshal encodes without escaping <, > and &.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
