package chat

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// dingTalk is DingTalk's robot in HTTP mode.
type dingTalk struct{ s *Service }

// limit is own choice. The real one is unpublished; others report about 3 s.
func (dingTalk) limit() time.Duration { return 3 * time.Second }

// sessionLife is how long a sessionWebhook works (documented sample).
const sessionLife = 90 * time.Minute

func (p dingTalk) message(u utterance) *delivery {
	p.s.mu.Lock()
	p.s.keep(address{secret: u.address, platform: DingTalk, room: u.room, user: u.user, answers: u.id, until: u.at.Add(sessionLife), left: -1})
	p.s.mu.Unlock()
	id := "msg" + u.id + "=="
	return &delivery{platform: DingTalk, what: "message", nativeID: id, user: u.user, plain: encode(map[string]any{
		"conversationId": "cid" + u.room + "==", "conversationType": "2", "conversationTitle": roomName,
		"atUsers":       []any{map[string]string{"dingtalkId": "$:LWCP_v1:$Cbot"}},
		"chatbotCorpId": dingCorp, "chatbotUserId": "$:LWCP_v1:$Cbot", "robotCode": dingRobot, "isInAtList": true,
		"msgId": id, "createAt": u.at.UnixMilli(), "senderNick": u.name, "isAdmin": false,
		"senderStaffId": u.user, "senderCorpId": dingCorp, "senderId": "$:LWCP_v1:$C" + u.user,
		"sessionWebhookExpiredTime": u.at.Add(sessionLife).UnixMilli(),
		"sessionWebhook":            "https://oapi.dingtalk.com/robot/sendBySession?session=" + u.address,
		"msgtype":                   "text", "text": map[string]string{"content": " " + u.text}, // documented: the leading space stays
	})}
}

// click is not called: a button sends its text as a message.
func (p dingTalk) click(u utterance, _ Message, b Button) *delivery {
	u.text = b.Command
	return p.message(u)
}

func (dingTalk) seal(d *delivery, k Secrets, at time.Time) sealed {
	h := http.Header{}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("timestamp", milliseconds(at))
	h.Set("sign", dingTalkSign(k.DingTalk, milliseconds(at)))
	return sealed{header: h, body: d.plain}
}

func (p dingTalk) answer(_ *delivery, _ Secrets, a Exchange) (plain string, shown []draft, problem string) {
	if a.Answer == "" {
		return "", nil, ""
	}
	dr, empty, problem := p.read([]byte(a.Answer))
	if empty || problem != "" {
		return "", nil, problem
	}
	return "", []draft{dr}, ""
}

// dingTalkObject is a message object, of any of the types.
type dingTalkObject struct {
	Type string `json:"msgtype"`
	Text struct {
		Content string `json:"content"`
	} `json:"text"`
	Markdown struct {
		Title string `json:"title"`
		Text  string `json:"text"`
	} `json:"markdown"`
	ActionCard struct {
		Title       string `json:"title"`
		Text        string `json:"text"`
		SingleTitle string `json:"singleTitle"`
		SingleURL   string `json:"singleURL"`
		Btns        []struct {
			Title     string `json:"title"`
			ActionURL string `json:"actionURL"`
		} `json:"btns"`
	} `json:"actionCard"`
	At struct {
		AtUserIDs []string `json:"atUserIds"`
		IsAtAll   bool     `json:"isAtAll"`
	} `json:"at"`
}

// read reads a message object.
func (dingTalk) read(body []byte) (dr draft, empty bool, problem string) {
	var m dingTalkObject
	if err := json.Unmarshal(body, &m); err != nil {
		return dr, false, "this is no message object"
	}
	dr.raw = body
	md := dialect{softBreaks: true, dtmd: true, escapes: true, fonts: true}
	switch {
	case m.Type == "empty":
		return dr, true, ""
	case m.Type == "text" && m.Text.Content != "":
		dr.blocks = paragraphs(m.Text.Content)
	case m.Type == "markdown" && m.Markdown.Title != "" && m.Markdown.Text != "": // both are required (documented)
		dr.blocks = markdown(m.Markdown.Text, md)
	case m.Type == "actionCard" && m.ActionCard.Title != "" && m.ActionCard.Text != "":
		dr.blocks = markdown(m.ActionCard.Text, md)
	default:
		return dr, false, "msgtype " + m.Type + " is unknown, or what it requires is missing"
	}
	for _, b := range dr.blocks {
		for _, sp := range b.Spans {
			if command, ok := dtmdCommand(sp.Link); ok {
				dr.buttons = append(dr.buttons, Button{Label: sp.Text, Command: command, Inline: true})
			}
		}
	}
	if m.ActionCard.SingleTitle != "" {
		m.ActionCard.Btns = append(m.ActionCard.Btns, struct {
			Title     string `json:"title"`
			ActionURL string `json:"actionURL"`
		}{m.ActionCard.SingleTitle, m.ActionCard.SingleURL})
	}
	for _, b := range m.ActionCard.Btns {
		command, _ := dtmdCommand(b.ActionURL) // others open a page
		dr.buttons = append(dr.buttons, Button{Label: b.Title, Command: command})
	}
	dr.mentions = m.At.AtUserIDs
	dr.atInText()
	if m.At.IsAtAll {
		dr.mentions = append(dr.mentions, "everyone")
	}
	return dr, false, ""
}

// atInText shows a mention where the text contains @<user id>, which is required
// (documented), and otherwise after the text (own choice).
func (d *draft) atInText() {
	for _, b := range d.blocks {
		for i, sp := range b.Spans {
			account, ok := strings.CutPrefix(sp.Text, "@")
			if n := slices.Index(d.mentions, account); ok && n >= 0 {
				b.Spans[i].Mention = account
				d.mentions = slices.Delete(slices.Clone(d.mentions), n, n+1)
			}
		}
	}
}

// reply is sendBySession. Errors come with status 200 (observed); their
// numbers are own choice except for -1, "busy" (documented).
func (p dingTalk) reply(r apiRequest) apiAnswer {
	fail := func(code int, text string) apiAnswer {
		return apiAnswer{status: http.StatusOK, body: string(encode(map[string]any{"errcode": code, "errmsg": text})), problem: text}
	}
	if r.host == dingAPI {
		return p.openAPI(r)
	}
	if r.path != "/robot/sendBySession" || r.method != http.MethodPost {
		return apiAnswer{status: http.StatusNotFound, body: `{"errcode":404,"errmsg":"no such API"}`, problem: "no such API"}
	}
	a, why := p.s.lookUp(DingTalk, r.query.Get("session"))
	switch {
	case a == nil:
		return fail(300001, "session "+why)
	case p.s.refuses(DingTalk):
		return fail(-1, "系统繁忙")
	case !isJSON(r.header.Get("Content-Type")):
		return fail(43004, "Content-Type must be application/json")
	}
	dr, empty, problem := p.read(r.body)
	if empty || problem != "" {
		return fail(40035, "invalid parameters: "+problem)
	}
	m := p.s.use(a, dr)
	return apiAnswer{status: http.StatusOK, body: `{"errcode":0,"errmsg":"ok"}`, message: m.ID}
}

// encode writes JSON as the platforms do: without escaping characters.
func encode(v any) []byte {
	data, err := marshal(v)
	if err != nil {
		return []byte("null") // maps of strings and numbers always encode
	}
	return data
}
