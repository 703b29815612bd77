package wecom

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// responseLife is how long a response_url works, and it works once.
const responseLife = time.Hour

// answerState is what the answer to a delivery needs.
type answerState struct {
	number int // of the token and its key
	at     time.Time
	app    bool
	user   string
	id     string // the message's
}

// appXML is a message to an own app.
type appXML struct {
	XMLName xml.Name `xml:"xml"`
	To      []string `xml:"ToUserName"`
	From    []string `xml:"FromUserName"`
	Type    []string `xml:"MsgType"`
	Created []string `xml:"CreateTime"`
	Content []string `xml:"Content"`
	ID      []string `xml:"MsgId"`
	Agent   []string `xml:"AgentID"`
	// Of a click on a button of a card: MsgType is event, and the key is the button's
	// (developer.work.weixin.qq.com/document/path/90240).
	Event []string `xml:"Event"`
	Key   []string `xml:"EventKey"`
	Task  []string `xml:"TaskId"`
}

// cardClick is the event of a click on a button of a card.
const cardClick = "template_card_event"

// botJSON is a message to an AI bot.
type botJSON struct {
	ID   string `json:"msgid"`
	Bot  string `json:"aibotid"`
	Chat string `json:"chatid"` // "" in a direct chat
	Kind string `json:"chattype"`
	From struct {
		User string `json:"userid"`
		Corp string `json:"corpid"` // only of people of other corporations
	} `json:"from"`
	Created     int64  `json:"create_time"` // seconds; not of every message
	ResponseURL string `json:"response_url"`
	Type        string `json:"msgtype"`
	Text        struct {
		Content string `json:"content"`
	} `json:"text"`
}

// appMessage reads a message to the app.
func (p *Platform) appMessage(s signed) (chat.Delivery, error) {
	if p.agent == "" || s.receiver != p.corp {
		return chat.Deny(chat.ReasonForeign)
	}
	var m appXML
	if parseXML(s.text, &m) != nil {
		return chat.Deny(chat.ReasonUnreadable)
	}
	to, okTo := single(m.To)
	user, okFrom := single(m.From)
	kind, okType := single(m.Type)
	if !okTo || !okFrom || !okType || len(m.Agent) > 1 || len(m.ID) > 1 || len(m.Content) > 1 {
		return chat.Deny(chat.ReasonUnreadable)
	}
	agent, okAgent := single(m.Agent)
	if to != p.corp || okAgent && agent != p.agent {
		return chat.Deny(chat.ReasonForeign)
	}
	id, _ := single(m.ID)
	created, _ := single(m.Created)
	sentAt, okTime := chat.UnixTime(created, chat.Seconds)
	if event, ok := single(m.Event); kind == "event" && ok && event == cardClick {
		return p.appClick(m, user, created)
	}
	switch {
	case kind == "event" || id == "":
		return chat.Ignore(acknowledged(), chat.IgnoredEvent)
	case !chat.PlainID(id, "_-", 128), !okTime, sentAt.IsZero():
		return chat.Deny(chat.ReasonUnreadable)
	case !okAgent:
		return chat.Deny(chat.ReasonForeign)
	case !isUser(user):
		return chat.Ignore(acknowledged(), chat.IgnoredNoIdentity)
	}
	message := p.received(id, user, user)
	message.SentAt = sentAt
	if !p.secret.IsZero() {
		message.Reply = chat.Reply{Platform: name, Kind: replyApp, Address: user, Room: user}
	}
	if content, ok := single(m.Content); ok && kind == "text" {
		message.Text, message.Problem = chat.CommandText(content)
	} else {
		message.Problem = chat.ProblemTextOnly
	}
	return chat.Delivery{Message: message, State: answerState{s.number, s.at, true, user, id}}, nil
}

// appClick reads a click on a button of one of the app's cards: a command of whoever
// clicked. WeCom shows no text of the response to it.
func (p *Platform) appClick(m appXML, user, created string) (chat.Delivery, error) {
	key, okKey := single(m.Key)
	task, okTask := single(m.Task)
	agent, okAgent := single(m.Agent)
	sentAt, okTime := chat.UnixTime(created, chat.Seconds)
	switch {
	case okAgent && agent != p.agent, !okAgent:
		return chat.Deny(chat.ReasonForeign)
	case len(m.Key) > 1, len(m.Task) > 1, !okTime, sentAt.IsZero():
		return chat.Deny(chat.ReasonUnreadable)
	case !isUser(user):
		return chat.Ignore(acknowledged(), chat.IgnoredNoIdentity)
	case !okKey || strings.TrimSpace(key) == "" || !okTask || task == "":
		return chat.Ignore(acknowledged(), chat.IgnoredNoCommand)
	case p.secret.IsZero(): // the answer cannot be shown
		return chat.Ignore(acknowledged(), chat.IgnoredUnanswerable)
	}
	// An event has no id; those of one person, card, button and second are the same.
	sum := sha256.Sum256([]byte(strings.Join([]string{user, created, task, key}, "\n")))
	message := p.received("click:"+hex.EncodeToString(sum[:]), user, user)
	message.SentAt = sentAt
	message.Text, message.Problem = chat.ButtonText(key)
	message.Reply = chat.Reply{Platform: name, Kind: replyApp, Address: user, Room: user}
	return chat.Delivery{Message: message}, nil
}

// botMessage reads a message to the AI bot.
func (p *Platform) botMessage(s signed) (chat.Delivery, error) {
	if p.bot == "" || s.receiver != "" {
		return chat.Deny(chat.ReasonForeign)
	}
	var m botJSON
	if json.Unmarshal(s.text, &m) != nil {
		return chat.Deny(chat.ReasonUnreadable)
	}
	if m.Bot != p.bot {
		return chat.Deny(chat.ReasonForeign)
	}
	switch {
	case m.Type == "event", m.Type == "stream", m.ID == "":
		return chat.Ignore(acknowledged(), chat.IgnoredEvent)
	case !isMessageID(m.ID):
		return chat.Deny(chat.ReasonUnreadable)
	case m.From.Corp != "" && m.From.Corp != p.corp:
		return chat.Ignore(acknowledged(), chat.IgnoredOutsider)
	case !isUser(m.From.User):
		return chat.Ignore(acknowledged(), chat.IgnoredNoIdentity)
	}
	room := m.Chat
	if room == "" {
		room = m.From.User
	}
	message := p.received(m.ID, m.From.User, room)
	message.SentAt = s.since
	if m.Created != 0 {
		message.SentAt = time.Unix(m.Created, 0).UTC()
	}
	if m.ResponseURL != "" && len(m.ResponseURL) <= chat.MaxAddress {
		message.Reply = chat.Reply{Platform: name, Kind: replyResponse, Address: m.ResponseURL, Room: room, Until: s.at.Add(responseLife)}
	}
	if m.Type == "text" {
		message.Text, message.Problem = chat.CommandText(p.typed(m.Text.Content, m.Kind == "group"))
	} else {
		message.Problem = chat.ProblemTextOnly
	}
	return chat.Delivery{Message: message, State: answerState{s.number, s.at, false, m.From.User, m.ID}}, nil
}

func (p *Platform) received(id, user, room string) *chat.Message {
	return &chat.Message{ID: id, Sender: chat.Identity{Platform: name, Tenant: p.corp, User: user}, Room: room}
}

// typed removes the mentions of the bot from a text, and in a group those of
// others at its beginning and end. The text does not mark where a name ends: it is
// the configured name, or ends as chat.Addressed says. Settings contain no blanks, so that "_" in the name also
// stands for one.
func (p *Platform) typed(text string, group bool) string {
	if p.name != "" {
		text = withoutName(text, "@"+p.name)
		text = withoutName(text, "@"+strings.ReplaceAll(p.name, "_", " "))
	}
	text = strings.TrimSpace(text)
	if !group {
		return text
	}
	return chat.Addressed(text)
}

// withoutName removes a mention wherever it stands as a word.
func withoutName(text, mention string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, mention)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		last, _ := utf8.DecodeLastRuneInString(b.String())
		next, _ := utf8.DecodeRuneInString(after)
		if (b.Len() == 0 || unicode.IsSpace(last)) && (after == "" || unicode.IsSpace(next)) {
			b.WriteByte(' ')
		} else {
			b.WriteString(mention)
		}
		text = after
	}
}

// isUser reports whether a text is a userid. It must name neither several people
// nor everybody (@all), because answers are sent to it.
func isUser(id string) bool {
	return chat.PlainID(id, "_-.@", 64) && chat.PlainID(id[:1], "", 1)
}

// isMessageID reports whether a text is the id of a message.
func isMessageID(id string) bool { return chat.PlainID(id, "_-+/=.:", 128) }

// acknowledged is the response after which WeCom does not deliver again.
func acknowledged() chat.Response {
	return chat.Response{Status: http.StatusOK, ContentType: chat.ContentTypeText}
}
