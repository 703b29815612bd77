package chat

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// codeLife is how long the code of a card updates it, once (documented).
const codeLife = 72 * time.Hour

// appClick makes the event of a click on a button of a card of the own app
// (documented).
func (p weCom) appClick(u utterance, on Message, b Button) *delivery {
	type cdata struct {
		Text string `xml:",cdata"`
	}
	plain, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"xml"`
		To      cdata    `xml:"ToUserName"`
		From    cdata    `xml:"FromUserName"`
		Created int64    `xml:"CreateTime"`
		Type    cdata    `xml:"MsgType"`
		Event   cdata    `xml:"Event"`
		Key     cdata    `xml:"EventKey"`
		Task    cdata    `xml:"TaskId"`
		Card    cdata    `xml:"CardType"`
		Code    cdata    `xml:"ResponseCode"`
		Agent   int      `xml:"AgentID"`
	}{
		To: cdata{wecomCorp}, From: cdata{u.user}, Created: u.at.Unix(), Type: cdata{"event"}, Event: cdata{"template_card_event"},
		Key: cdata{b.Command}, Task: cdata{on.nativeID}, Card: cdata{"button_interaction"}, Code: cdata{token()}, Agent: wecomAgent,
	})
	if err != nil {
		plain = nil // texts always encode
	}
	return &delivery{platform: WeCom, what: "click", nativeID: u.id, user: u.user, plain: plain, xml: true}
}

// sealApp signs and encrypts a request to the own app, which is XML.
func (weCom) sealApp(d *delivery, k Secrets, at time.Time) sealed {
	encrypted := wecomEncrypt(k.WeComAESKey, d.plain, wecomCorp)
	nonce, stamp := token()[:10], seconds(at)
	q := url.Values{"msg_signature": {wecomSignature(k.WeComToken, stamp, nonce, encrypted)}, "timestamp": {stamp}, "nonce": {nonce}}
	return sealed{
		query: q.Encode(), body: []byte("<xml><ToUserName><![CDATA[" + wecomCorp + "]]></ToUserName><Encrypt><![CDATA[" + encrypted + "]]></Encrypt></xml>"),
		header: http.Header{"Content-Type": {"text/xml; charset=utf-8"}},
	}
}

func wecomFail(code int, text string) apiAnswer {
	return apiAnswer{status: http.StatusOK, body: string(encode(map[string]any{"errcode": code, "errmsg": text})), problem: text}
}

// app is the API of the own app.
func (p weCom) app(r apiRequest) apiAnswer {
	if r.path == "/cgi-bin/gettoken" {
		if r.method != http.MethodGet || r.query.Get("corpid") != wecomCorp || r.query.Get("corpsecret") != p.s.opts.Secrets.WeComApp || r.query.Get("corpsecret") == "" {
			return wecomFail(40001, "invalid credential")
		}
		made := "w-" + token()
		p.s.tokens[made] = p.s.opts.Now().Add(tokenLife)
		return apiAnswer{status: http.StatusOK, body: string(encode(map[string]any{"errcode": 0, "errmsg": "ok", "access_token": made, "expires_in": 7200}))}
	}
	until, known := p.s.tokens[r.query.Get("access_token")]
	switch {
	case r.method != http.MethodPost:
		return wecomFail(43002, "require POST method")
	case !known:
		return wecomFail(40014, "invalid access_token")
	case p.s.opts.Now().After(until):
		return wecomFail(42001, "access_token expired")
	case p.s.refuses(WeCom):
		return wecomFail(45009, "reach max api daily quota limit")
	case r.path == "/cgi-bin/message/send":
		return p.send(r.body)
	default:
		return p.updateCard(r.body)
	}
}

// send shows a message of the app to each of its people. One that some of them do
// not see is sent nevertheless (documented). A second one with the same content is
// dropped (documented); that it answers success is own choice.
func (p weCom) send(body []byte) apiAnswer {
	var m struct {
		To        string `json:"touser"`
		Agent     int    `json:"agentid"`
		Duplicate int    `json:"enable_duplicate_check"`
	}
	if err := json.Unmarshal(body, &m); err != nil || m.Agent != wecomAgent {
		return wecomFail(40056, "invalid agentid")
	}
	dr, card, problem := p.readApp(body)
	if problem != "" {
		return wecomFail(40008, "invalid message: "+problem)
	}
	var unknown []string
	made, code := (*Message)(nil), token()
	for to := range strings.SplitSeq(m.To, "|") {
		known := slices.ContainsFunc(p.s.opts.People, func(person Person) bool { return person.Accounts[WeCom] == to })
		key := "wecom:" + to + ":" + string(body)
		switch {
		case !known:
			unknown = append(unknown, to)
		case m.Duplicate == 1 && p.s.cards[key] != nil && p.s.opts.Now().Sub(p.s.cards[key].At) < 30*time.Minute:
			made = p.s.cards[key]
			code = made.code
		default:
			own := dr
			own.onlyFor = to
			made = p.s.card(WeCom, Room, own)
			if card != "" {
				made.nativeID, made.code = card, code
			}
			p.s.named(key, made)
		}
	}
	if made == nil {
		return wecomFail(81013, "user & party & tag all invalid")
	}
	id := made.ID
	out := map[string]any{"errcode": 0, "errmsg": "ok", "invaliduser": strings.Join(unknown, "|"), "msgid": id}
	if card != "" {
		out["response_code"] = code
	}
	return apiAnswer{status: http.StatusOK, message: id, body: string(encode(out))}
}

// readApp reads a message of the app; card is the id of a card.
func (p weCom) readApp(body []byte) (dr draft, card, problem string) {
	if dr, problem = p.read(body, "text", "markdown", "template_card"); problem != "" {
		return dr, "", problem
	}
	var m struct {
		Text struct {
			Content string `json:"content"`
		} `json:"text"`
		Card *wecomCard `json:"template_card"`
	}
	switch {
	case json.Unmarshal(body, &m) != nil, len(m.Text.Content) > 2048:
		return dr, "", "the text is longer than 2048 bytes"
	case m.Card != nil:
		return dr, m.Card.Task, m.Card.problem()
	default:
		return dr, "", ""
	}
}

// problem says why the API refuses a card. The lengths of texts are recommendations
// (documented): what is longer is cut.
func (c wecomCard) problem() string {
	if !regexp.MustCompile(`^[0-9A-Za-z_@-]{1,128}$`).MatchString(c.Task) {
		return "task_id"
	}
	switch c.Kind {
	case "button_interaction":
		if len(c.Buttons) == 0 || len(c.Buttons) > 6 {
			return "button_list has 1 to 6 buttons"
		}
	case "text_notice":
		if c.Action == nil || c.Action.Type != 1 || c.Action.URL == "" || len(c.Buttons) > 0 {
			return "card_action"
		}
	default:
		return "card_type"
	}
	for _, b := range c.Buttons {
		if b.Text == "" || utf8.RuneCountInString(b.Text) > 10 || b.Key == "" || len(b.Key) > 1024 {
			return "a button has a text and a key of at most 1024 bytes"
		}
	}
	return ""
}

// updateCard replaces a card for everybody who has it, once for each code.
func (p weCom) updateCard(body []byte) apiAnswer {
	var m struct {
		Agent int        `json:"agentid"`
		Code  string     `json:"response_code"`
		All   int        `json:"atall"`
		Card  *wecomCard `json:"template_card"`
	}
	if err := json.Unmarshal(body, &m); err != nil || m.Agent != wecomAgent || m.Code == "" || m.All != 1 || m.Card == nil || m.Card.Main.Title == "" {
		return wecomFail(40008, "invalid message")
	}
	if problem := m.Card.problem(); problem != "" {
		return wecomFail(40008, "invalid message: "+problem)
	}
	dr := draft{raw: body}
	m.Card.fill(&dr)
	updated := ""
	for _, old := range p.s.messages {
		if old.Platform == WeCom && old.code == m.Code && p.s.opts.Now().Sub(old.At) <= codeLife {
			old.code = ""
			p.s.update(old, dr)
			updated = old.ID
		}
	}
	if updated == "" {
		return wecomFail(40232, "invalid response_code") // own choice of the number
	}
	return apiAnswer{status: http.StatusOK, message: updated, body: `{"errcode":0,"errmsg":"ok"}`}
}

// group is the webhook of a group's robot.
func (p weCom) group(r apiRequest) apiAnswer {
	var m struct {
		Type string `json:"msgtype"`
		Text struct {
			Content string   `json:"content"`
			Mention []string `json:"mentioned_list"`
		} `json:"text"`
	}
	switch {
	case r.method != http.MethodPost || p.s.opts.Secrets.WeComGroup == "" || r.query.Get("key") != p.s.opts.Secrets.WeComGroup:
		return wecomFail(93000, "invalid webhook url")
	case p.s.refuses(WeCom):
		return wecomFail(45009, "api freq out of limit")
	case json.Unmarshal(r.body, &m) != nil || m.Type != "text" || m.Text.Content == "" || len(m.Text.Content) > 2048:
		return wecomFail(40008, "invalid message type")
	}
	dr := draft{raw: r.body, blocks: paragraphs(m.Text.Content), mentions: m.Text.Mention}
	for i, user := range dr.mentions {
		if user == "@all" {
			dr.mentions[i] = "everyone"
		}
	}
	made := p.s.card(WeCom, Room, dr)
	return apiAnswer{status: http.StatusOK, message: made.ID, body: `{"errcode":0,"errmsg":"ok"}`}
}
