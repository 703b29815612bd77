package dingtalk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

const (
	name         = "dingtalk"
	replySession = "session"
	kindGroup    = "2"
	// sessionLife is how long a session webhook accepts answers.
	sessionLife = 90 * time.Minute
)

// Spec describes the configuration.
func Spec() chat.Spec {
	return chat.Spec{
		Name:     name,
		Variable: "CHAT_DINGTALK",
		Keys: []chat.Key{
			{Name: "secret", Required: true, Secret: true, Most: 2, Meaning: "the AppSecret (Client Secret) of the app that the robot belongs to"},
			{Name: "corp", Required: true, Most: 1, Meaning: "the CorpId of the organization, ding…"},
			{Name: "robot", Required: true, Most: 1, Meaning: "the RobotCode of the robot"},
			{Name: "appKey", Most: 1, Meaning: "the AppKey (Client ID) of the app; needed to write to rooms of the policy"},
		},
		Destinations: []chat.Destination{
			{Method: http.MethodPost, Host: "oapi.dingtalk.com", Path: "/robot/sendBySession"},
			{Method: http.MethodPost, Host: apiHost, Path: tokenPath},
			{Method: http.MethodPost, Host: apiHost, Path: cardPath},
			{Method: http.MethodPut, Host: apiHost, Path: updatePath},
			{Method: http.MethodPost, Host: apiHost, Path: groupPath},
		},
		New: newPlatform,
	}
}

func newPlatform(s chat.Settings) (chat.Platform, error) { //nolint:ireturn // Spec.New makes a Platform
	p := &Platform{secrets: s.Secrets("secret"), corp: s.Get("corp"), robot: s.Get("robot"), appKey: s.Get("appKey")}
	if p.appKey != "" && !chat.PlainID(p.appKey, "_-", 128) {
		return nil, errors.New("appKey must consist of letters and digits: copy the AppKey (Client ID) from the app's credentials")
	}
	p.access = chat.NewAccessToken(time.Now, p.authorize)
	return p, nil
}

// Platform is the robot of one organization.
type Platform struct {
	secrets     []secret.Text
	corp, robot string
	appKey      string // "": the robot does not write on its own
	access      *chat.AccessToken
}

var _ chat.Platform = (*Platform)(nil)

// Name is dingtalk.
func (*Platform) Name() string { return name }

// Methods is POST.
func (*Platform) Methods() []string { return []string{http.MethodPost} }

// Lang is Chinese.
func (*Platform) Lang() lang.Tag { return lang.Chinese }

// received is what DingTalk posts. Neither senderNick nor isAdmin is used for a
// decision: the sender chooses the one, and the other is about DingTalk.
type received struct {
	Type         string `json:"msgtype"`
	ID           string `json:"msgId"`
	Conversation string `json:"conversationId"`
	Kind         string `json:"conversationType"`
	Corp         string `json:"chatbotCorpId"`
	Robot        string `json:"robotCode"`
	RobotUser    string `json:"chatbotUserId"`
	SenderCorp   string `json:"senderCorpId"`
	SenderStaff  string `json:"senderStaffId"`
	SenderUser   string `json:"senderId"`
	SenderNick   string `json:"senderNick"`
	Webhook      string `json:"sessionWebhook"`
	WebhookUntil int64  `json:"sessionWebhookExpiredTime"`
	CreateAt     int64  `json:"createAt"` // milliseconds
	Text         struct {
		Content string `json:"content"`
	} `json:"text"`
	Content json.RawMessage `json:"content"` // of other types than text
}

// run is a part of a message of type richText: text, or something else such as a
// picture.
type run struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// Receive verifies the signature in the headers, then parses the body.
func (p *Platform) Receive(_ context.Context, _ chat.Doer, r chat.Request, now time.Time) (chat.Delivery, error) {
	if reason := chat.Admit(r, p.Methods()...); reason != "" {
		return chat.Deny(reason)
	}
	stamp, sign := r.Header("timestamp"), r.Header("sign")
	if stamp == "" || sign == "" {
		return chat.Deny(chat.ReasonMissing)
	}
	if _, reason := chat.Fresh(stamp, chat.Milliseconds, now); reason != "" {
		return chat.Deny(reason)
	}
	mac := decodeSign(sign)
	number := chat.SignedBy(p.secrets, mac, func(key string) []byte { return chat.HMAC(key, stamp+"\n"+key) })
	if number == 0 {
		return chat.Deny(chat.ReasonNoMatch)
	}
	d, err := p.read(r.Body, now)
	return chat.Verified(d, err, number, mac)
}

// read parses the body of a request whose headers are verified.
func (p *Platform) read(body []byte, now time.Time) (chat.Delivery, error) {
	var m received
	if json.Unmarshal(body, &m) != nil {
		return chat.Deny(chat.ReasonUnreadable)
	}
	if m.Corp != p.corp || m.Robot != p.robot {
		return chat.Deny(chat.ReasonForeign)
	}
	if !chat.Identifier(m.ID) || !chat.Identifier(m.Conversation) {
		return chat.Deny(chat.ReasonUnreadable)
	}
	switch {
	// Only members of the robot's own organization have a staff id.
	case m.SenderCorp != p.corp, !chat.Identifier(m.SenderStaff):
		return chat.Ignore(acknowledged(), chat.IgnoredOutsider)
	case m.SenderUser != "" && m.SenderUser == m.RobotUser:
		return chat.Ignore(acknowledged(), chat.IgnoredBot)
	default:
		return chat.Delivery{Message: m.message(now)}, nil
	}
}

// decodeSign decodes a sign, and accepts one spelling of it only: each could
// otherwise be used once. It returns nil for an invalid sign.
func decodeSign(sign string) []byte {
	mac, err := base64.StdEncoding.Strict().DecodeString(sign)
	if err != nil || strings.ContainsAny(sign, "\r\n") {
		return nil
	}
	return mac
}

// acknowledged is the response that shows nothing in the conversation.
func acknowledged() chat.Response {
	return chat.Response{Status: http.StatusOK, ContentType: chat.ContentTypeJSON, Body: []byte(`{"msgtype":"empty"}`)}
}

func (m *received) message(now time.Time) *chat.Message {
	out := &chat.Message{
		ID:     m.ID,
		Sender: chat.Identity{Platform: name, Tenant: m.SenderCorp, User: m.SenderStaff},
		Nick:   chat.DisplayName(m.SenderNick),
		Room:   m.Conversation,
		Reply:  m.reply(now),
	}
	if m.CreateAt != 0 {
		out.SentAt = time.UnixMilli(m.CreateAt).UTC()
	}
	if text, ok := m.typed(); ok {
		if m.Kind == kindGroup {
			text = chat.Addressed(text) // DingTalk removes the mention of the robot alone
		}
		out.Text, out.Problem = chat.CommandText(text)
	} else {
		out.Problem = chat.ProblemTextOnly
	}
	return out
}

// typed is the text of a message; false for one that holds more than text.
// Clients send formatted text, such as a pasted command, as richText.
func (m *received) typed() (text string, ok bool) {
	switch m.Type {
	case "text":
		return m.Text.Content, true
	case "richText":
		var content struct {
			RichText []run `json:"richText"`
		}
		if json.Unmarshal(m.Content, &content) != nil {
			return "", false
		}
		var b strings.Builder
		for _, r := range content.RichText {
			if r.Type != "" && r.Type != "text" {
				return "", false
			}
			b.WriteString(r.Text)
		}
		return b.String(), strings.TrimSpace(b.String()) != ""
	default:
		return "", false
	}
}

func (m *received) reply(now time.Time) chat.Reply {
	out := chat.Reply{Platform: name, Kind: replySession, Room: m.Conversation}
	if m.Kind == kindGroup {
		out.Mention = m.SenderStaff
	}
	if m.Webhook == "" || len(m.Webhook) > chat.MaxAddress {
		return out
	}
	out.Address, out.Until = m.Webhook, time.UnixMilli(m.WebhookUntil).UTC()
	// The body is not signed: an expiry that DingTalk cannot have set is ignored.
	if latest := now.Add(sessionLife + chat.Window); m.WebhookUntil <= 0 || out.Until.After(latest) {
		out.Until = now.Add(sessionLife).UTC()
	}
	return out
}
