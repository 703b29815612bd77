package dingtalk

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/lang"
	"sslvpnchange/internal/secret"
)

const (
	name         = "dingtalk"
	replySession = "session"
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
		},
		Destinations: []chat.Destination{{Method: http.MethodPost, Host: "oapi.dingtalk.com", Path: "/robot/sendBySession"}},
		New: func(s chat.Settings) (chat.Platform, error) {
			return &Platform{secrets: s.Secrets("secret"), corp: s.Get("corp"), robot: s.Get("robot")}, nil
		},
	}
}

// Platform is the robot of one organization.
type Platform struct {
	secrets     []secret.Text
	corp, robot string
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
	Text         struct {
		Content string `json:"content"`
	} `json:"text"`
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
	var m received
	if json.Unmarshal(r.Body, &m) != nil {
		return chat.Deny(chat.ReasonUnreadable)
	}
	if m.Corp != p.corp || m.Robot != p.robot {
		return chat.Deny(chat.ReasonForeign)
	}
	if !chat.Identifier(m.ID) || !chat.Identifier(m.Conversation) {
		return chat.Deny(chat.ReasonUnreadable)
	}
	d := chat.Delivery{}
	switch {
	// Only members of the robot's own organization have a staff id.
	case m.SenderCorp != p.corp, !chat.Identifier(m.SenderStaff):
		d, _ = chat.Ignore(acknowledged(), chat.IgnoredOutsider)
	case m.SenderUser != "" && m.SenderUser == m.RobotUser:
		d, _ = chat.Ignore(acknowledged(), chat.IgnoredBot)
	default:
		digest := sha256.Sum256(mac)
		d.Message = m.message(now)
		d.Message.Once = hex.EncodeToString(digest[:])
	}
	d.SecretNumber = number
	return d, nil
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
	if m.Type == "text" {
		out.Text, out.Problem = chat.CommandText(m.Text.Content)
	} else {
		out.Problem = chat.ProblemTextOnly
	}
	return out
}

func (m *received) reply(now time.Time) chat.Reply {
	out := chat.Reply{Platform: name, Kind: replySession, Room: m.Conversation}
	if m.Kind == "2" { // a group
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
