package chat

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// wecomResponseLife is how long a response_url works, once.
const wecomResponseLife = time.Hour

// wecomAnswer is what an answer to a delivery needs.
type wecomAnswer struct {
	pair int
	at   time.Time
	app  bool
	user string
	id   string // the message's
}

// wecomAppXML is a message to an own app.
type wecomAppXML struct {
	XMLName xml.Name `xml:"xml"`
	To      []string `xml:"ToUserName"`
	From    []string `xml:"FromUserName"`
	Type    []string `xml:"MsgType"`
	Content []string `xml:"Content"`
	ID      []string `xml:"MsgId"`
	Agent   []string `xml:"AgentID"`
}

// wecomBotJSON is a message to an AI bot.
type wecomBotJSON struct {
	ID   string `json:"msgid"`
	Bot  string `json:"aibotid"`
	Chat string `json:"chatid"` // "" in a direct chat
	Kind string `json:"chattype"`
	From struct {
		User string `json:"userid"`
		Corp string `json:"corpid"` // only of people of other corporations
	} `json:"from"`
	ResponseURL string `json:"response_url"`
	Type        string `json:"msgtype"`
	Text        struct {
		Content string `json:"content"`
	} `json:"text"`
}

// appMessage reads a message to the app.
func (p *wecom) appMessage(s wecomSigned) (Delivery, error) {
	if p.agent == "" || s.receiver != p.corp {
		return Delivery{}, &RefusedError{ReasonForeign}
	}
	var m wecomAppXML
	if wecomXML(s.text, &m) != nil {
		return Delivery{}, &RefusedError{ReasonUnreadable}
	}
	to, okTo := wecomOne(m.To)
	user, okFrom := wecomOne(m.From)
	kind, okType := wecomOne(m.Type)
	if !okTo || !okFrom || !okType || len(m.Agent) > 1 || len(m.ID) > 1 || len(m.Content) > 1 {
		return Delivery{}, &RefusedError{ReasonUnreadable}
	}
	agent, okAgent := wecomOne(m.Agent)
	if to != p.corp || okAgent && agent != p.agent {
		return Delivery{}, &RefusedError{ReasonForeign}
	}
	id, _ := wecomOne(m.ID)
	switch {
	case kind == "event" || id == "":
		return wecomIgnored("event"), nil
	case !plainID(id, "_-", 128):
		return Delivery{}, &RefusedError{ReasonUnreadable}
	case !okAgent:
		return Delivery{}, &RefusedError{ReasonForeign}
	case !wecomUser(user):
		return wecomIgnored("no-identity"), nil
	}
	message := p.received(id, user, user)
	if p.secret != "" {
		message.Reply = Reply{Platform: wecomName, Kind: "app", Address: user, Room: user}
	}
	if content, ok := wecomOne(m.Content); ok && kind == "text" {
		message.Text = strings.TrimSpace(content)
	} else {
		message.Problem = "text-only"
	}
	return Delivery{Message: message, answer: wecomAnswer{s.pair, s.at, true, user, id}}, nil
}

// botMessage reads a message to the AI bot.
func (p *wecom) botMessage(s wecomSigned) (Delivery, error) {
	if p.bot == "" || s.receiver != "" {
		return Delivery{}, &RefusedError{ReasonForeign}
	}
	var m wecomBotJSON
	if json.Unmarshal(s.text, &m) != nil {
		return Delivery{}, &RefusedError{ReasonUnreadable}
	}
	if m.Bot != p.bot {
		return Delivery{}, &RefusedError{ReasonForeign}
	}
	switch {
	case m.Type == "event", m.Type == "stream", m.ID == "":
		return wecomIgnored("event"), nil
	case !wecomMessageID(m.ID):
		return Delivery{}, &RefusedError{ReasonUnreadable}
	case m.From.Corp != "" && m.From.Corp != p.corp:
		return wecomIgnored("other-tenant"), nil
	case !wecomUser(m.From.User):
		return wecomIgnored("no-identity"), nil
	}
	room := m.Chat
	if room == "" {
		room = m.From.User
	}
	message := p.received(m.ID, m.From.User, room)
	if m.ResponseURL != "" {
		message.Reply = Reply{Platform: wecomName, Kind: "response", Address: m.ResponseURL, Room: room, Until: s.at.Add(wecomResponseLife)}
	}
	if m.Type == "text" {
		message.Text = p.typed(m.Text.Content, m.Kind == "group")
	} else {
		message.Problem = "text-only"
	}
	return Delivery{Message: message, answer: wecomAnswer{s.pair, s.at, false, m.From.User, m.ID}}, nil
}

func (p *wecom) received(id, user, room string) *Message {
	return &Message{ID: id, Sender: Identity{Platform: wecomName, Tenant: p.corp, User: user}, Room: room}
}

// typed is a text without the mention of the bot that begins it. A name has no
// end in the text: it is the configured one, or goes to the first space. A
// setting has no blanks in it: a "_" stands for one too.
func (p *wecom) typed(text string, group bool) string {
	text = strings.TrimSpace(text)
	for _, name := range []string{p.name, strings.ReplaceAll(p.name, "_", " ")} {
		rest, ok := strings.CutPrefix(text, "@"+name)
		if !ok || name == "" {
			continue
		}
		if trimmed := strings.TrimLeftFunc(rest, unicode.IsSpace); rest == "" || trimmed != rest {
			return trimmed
		}
	}
	if !group || !strings.HasPrefix(text, "@") {
		return text
	}
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		return ""
	}
	return strings.TrimLeftFunc(text[end:], unicode.IsSpace)
}

// wecomUser tells whether a userid is one. It may neither name several people
// nor, as @all, everybody, because answers are sent to it.
func wecomUser(id string) bool {
	return plainID(id, "_-.@", 64) && plainID(id[:1], "", 1)
}

// wecomMessageID tells whether a text may be the id of a message.
func wecomMessageID(id string) bool { return plainID(id, "_-+/=.:", 128) }

// wecomIgnored is the empty response, after which WeCom does not deliver again.
func wecomIgnored(why string) Delivery {
	return Delivery{Direct: &Response{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8"}, Ignored: why}
}
