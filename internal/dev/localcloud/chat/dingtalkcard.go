package chat

import (
	"encoding/json"
	"net/http"
	"strings"
)

const (
	dingAPI     = "api.dingtalk.com"
	dingTokenIn = 7200 // seconds (documented)
)

func dingFail(status int, code, text string) apiAnswer {
	return apiAnswer{status: status, body: string(encode(map[string]any{"code": code, "requestid": token(), "message": text})), problem: code + ": " + text}
}

// openAPI is the robot's own API: an access token, cards, and messages to groups.
// The codes are own choice except for InvalidAuthentication (observed).
func (p dingTalk) openAPI(r apiRequest) apiAnswer {
	if !isJSON(r.header.Get("Content-Type")) {
		return dingFail(http.StatusBadRequest, "Missingbody", "body is mandatory for this action.")
	}
	if r.method == http.MethodPost && r.path == "/v1.0/oauth2/accessToken" {
		return p.accessToken(r.body)
	}
	until, known := p.s.tokens[r.header.Get("x-acs-dingtalk-access-token")]
	switch {
	case !known || p.s.opts.Now().After(until):
		return dingFail(http.StatusBadRequest, "InvalidAuthentication", "不合法的access_token")
	case p.s.refuses(DingTalk):
		return dingFail(http.StatusBadRequest, "Throttling.Api", "请求过于频繁")
	}
	switch r.method + " " + r.path {
	case "POST /v1.0/im/v1.0/robot/interactiveCards/send":
		return p.sendCard(r.body)
	case "PUT /v1.0/im/robots/interactiveCards":
		return p.updateCard(r.body)
	case "POST /v1.0/robot/groupMessages/send":
		return p.groupMessage(r.body)
	default:
		return dingFail(http.StatusNotFound, "InvalidAction.NotFound", "no such API")
	}
}

func (p dingTalk) accessToken(body []byte) apiAnswer {
	var m struct {
		Key    string `json:"appKey"`
		Secret string `json:"appSecret"`
	}
	if err := json.Unmarshal(body, &m); err != nil || m.Key != dingKey || m.Secret != p.s.opts.Secrets.DingTalk {
		return dingFail(http.StatusBadRequest, "invalidClientIdOrSecret", "无效的clientId或者clientSecret")
	}
	made := "d-" + token()
	p.s.tokens[made] = p.s.opts.Now().Add(tokenLife)
	return apiAnswer{status: http.StatusOK, body: string(encode(map[string]any{"accessToken": made, "expireIn": dingTokenIn}))}
}

// inGroup is the room of a group's id; false for a group that the robot is not in.
func (p dingTalk) inGroup(id string) (room string, ok bool) {
	rest, isID := strings.CutPrefix(id, "cid")
	room, padded := strings.CutSuffix(rest, "==")
	return room, isID && padded && p.s.knows(DingTalk, room)
}

// sent is the answer to what was accepted.
func sent(m *Message) apiAnswer {
	return apiAnswer{status: http.StatusOK, message: m.ID, body: string(encode(map[string]any{"processQueryKey": "q-" + m.ID}))}
}

func (p dingTalk) sendCard(body []byte) apiAnswer {
	var m struct {
		Template string `json:"cardTemplateId"`
		Room     string `json:"openConversationId"`
		ID       string `json:"cardBizId"`
		Robot    string `json:"robotCode"`
		Data     string `json:"cardData"`
		Options  struct {
			At  string `json:"atUserListJson"`
			All bool   `json:"atAll"`
		} `json:"sendOptions"`
	}
	if err := json.Unmarshal(body, &m); err != nil || m.ID == "" || m.Template != "StandardCard" {
		return dingFail(http.StatusBadRequest, "param.error", "cardTemplateId, cardBizId")
	}
	room, ok := p.inGroup(m.Room)
	switch {
	case m.Robot != dingRobot:
		return dingFail(http.StatusBadRequest, "chatbot.notExist", "机器人不存在")
	case !ok:
		return dingFail(http.StatusBadRequest, "param.openConversationId.invalid", "机器人不在群里")
	}
	if made := p.s.cards["ding:"+m.ID]; made != nil { // documented: the id makes it idempotent
		return sent(made)
	}
	dr, problem := readDingCard(m.Data)
	if problem != "" {
		return dingFail(http.StatusBadRequest, "param.cardData.invalid", problem)
	}
	if m.Options.At != "" {
		var at []struct {
			User string `json:"userId"`
		}
		if json.Unmarshal([]byte(m.Options.At), &at) != nil {
			return dingFail(http.StatusBadRequest, "param.error", "atUserListJson")
		}
		for _, a := range at {
			dr.mentions = append(dr.mentions, a.User)
		}
	}
	if m.Options.All {
		dr.mentions = append(dr.mentions, "everyone")
	}
	made := p.s.card(DingTalk, room, dr)
	p.s.named("ding:"+m.ID, made)
	return sent(made)
}

func (p dingTalk) updateCard(body []byte) apiAnswer {
	var m struct {
		ID   string `json:"cardBizId"`
		Data string `json:"cardData"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return dingFail(http.StatusBadRequest, "param.error", "no JSON")
	}
	old := p.s.cards["ding:"+m.ID]
	if old == nil || old.Deleted {
		return dingFail(http.StatusBadRequest, "param.cardNotExist", "卡片不存在")
	}
	dr, problem := readDingCard(m.Data)
	if problem != "" {
		return dingFail(http.StatusBadRequest, "param.cardData.invalid", problem)
	}
	p.s.update(old, dr)
	return sent(old)
}

func (p dingTalk) groupMessage(body []byte) apiAnswer {
	var m struct {
		Robot string `json:"robotCode"`
		Room  string `json:"openConversationId"`
		Key   string `json:"msgKey"`
		Param string `json:"msgParam"`
	}
	var param struct {
		Title string `json:"title"`
		Text  string `json:"text"`
	}
	if err := json.Unmarshal(body, &m); err != nil || m.Key != "sampleMarkdown" || len(m.Param) > 15000 ||
		json.Unmarshal([]byte(m.Param), &param) != nil || param.Title == "" || param.Text == "" {
		return dingFail(http.StatusBadRequest, "invalidParameter.msgParam.invalid", "msgKey, msgParam")
	}
	room, ok := p.inGroup(m.Room)
	switch {
	case m.Robot != dingRobot:
		return dingFail(http.StatusBadRequest, "invalidParameter.robotCode.invalid", "robotCode")
	case !ok:
		return dingFail(http.StatusBadRequest, "invalidParameter.openConversationId.invalid", "机器人不在群里")
	}
	dr, _, problem := p.read(encode(map[string]any{"msgtype": "markdown", "markdown": param}))
	if problem != "" {
		return dingFail(http.StatusBadRequest, "invalidParameter.msgParam.invalid", problem)
	}
	return sent(p.s.card(DingTalk, room, dr))
}

// readDingCard reads a card of the vendor's template StandardCard, in the form of the
// samples of its SDK.
func readDingCard(data string) (dr draft, problem string) {
	type text struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	var m struct {
		Header struct {
			Title text `json:"title"`
		} `json:"header"`
		Contents []struct {
			text

			ID      string `json:"id"`
			Actions []struct {
				Type   string `json:"type"`
				Label  text   `json:"label"`
				Action string `json:"actionType"`
				ID     string `json:"id"`
				Status string `json:"status"`
				URL    struct {
					All string `json:"all"`
				} `json:"url"`
			} `json:"actions"`
		} `json:"contents"`
	}
	if err := json.Unmarshal([]byte(data), &m); err != nil || m.Header.Title.Text == "" || len(m.Contents) == 0 {
		return dr, "a card has a header and contents"
	}
	dr.raw, dr.title = []byte(data), m.Header.Title.Text
	for _, c := range m.Contents {
		switch {
		case c.ID == "":
			return dr, "a content has an id"
		case c.Type == "markdown" && c.Text != "":
			dr.blocks = append(dr.blocks, markdown(c.Text, dialect{softBreaks: true, escapes: true, fonts: true})...)
		case c.Type == "action" && len(c.Actions) > 0:
			for _, a := range c.Actions {
				command, ok := dtmdCommand(a.URL.All)
				if a.Type != "button" || a.Action != "openLink" || a.ID == "" || a.Label.Text == "" || !ok {
					return dr, "a button has a label, an id, and a link"
				}
				dr.buttons = append(dr.buttons, Button{Label: a.Label.Text, Command: command})
			}
		default:
			return dr, "content " + c.Type
		}
	}
	return dr, ""
}
