package chat

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"sslvpnchange/internal/lang"
)

const dingTalkName = "dingtalk"

func dingTalkSpec() Spec {
	return Spec{
		Name:     dingTalkName,
		Variable: "CHAT_DINGTALK",
		Keys: []Key{
			{Name: "secret", Required: true, Secret: true, Most: 2, Meaning: "the AppSecret (Client Secret) of the app that the robot belongs to"},
			{Name: "corp", Required: true, Most: 1, Meaning: "the CorpId of the organization, ding…"},
			{Name: "robot", Required: true, Most: 1, Meaning: "the RobotCode of the robot"},
		},
		New: func(s Settings) (Platform, error) {
			return &dingTalk{secrets: s["secret"], corp: s.Get("corp"), robot: s.Get("robot")}, nil
		},
	}
}

// dingTalk is an organization's own robot, in HTTP mode.
//
// Its signature covers a timestamp and not the body: whoever has seen one may
// put any body under it until the window closes. So each is good for one body
// (Message.Once).
type dingTalk struct {
	secrets     []string
	corp, robot string
}

func (*dingTalk) Name() string { return dingTalkName }

func (*dingTalk) Methods() []string { return []string{http.MethodPost} }

func (*dingTalk) Lang() lang.Tag { return lang.Chinese }

// dingTalkMessage is what DingTalk posts. Of senderNick and isAdmin nothing
// follows: the one is the sender's to choose, the other is about DingTalk.
type dingTalkMessage struct {
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

func (p *dingTalk) Receive(_ context.Context, _ Doer, r Request, now time.Time) (Delivery, error) {
	if reason := admit(r); reason != "" {
		return deny(reason)
	}
	stamp, sign := r.Header("timestamp"), r.Header("sign")
	if stamp == "" || sign == "" {
		return deny(ReasonMissing)
	}
	if _, reason := fresh(stamp, millisDigits, now); reason != "" {
		return deny(reason)
	}
	mac := dingTalkMAC(sign)
	number := signedBy(p.secrets, mac, func(secret string) string { return stamp + "\n" + secret })
	if number == 0 {
		return deny(ReasonNoMatch)
	}
	var m dingTalkMessage
	if json.Unmarshal(r.Body, &m) != nil {
		return deny(ReasonUnreadable)
	}
	if m.Corp != p.corp || m.Robot != p.robot {
		return deny(ReasonForeign)
	}
	if !identifier(m.ID) || !identifier(m.Conversation) {
		return deny(ReasonUnreadable)
	}
	d := Delivery{SecretNumber: number}
	switch {
	// Only members of the robot's own organization have a staff id.
	case m.SenderCorp != p.corp, !identifier(m.SenderStaff):
		d.Direct, d.Ignored = dingTalkNothing(), "outsider"
	case m.SenderUser != "" && m.SenderUser == m.RobotUser:
		d.Direct, d.Ignored = dingTalkNothing(), "bot"
	default:
		digest := sha256.Sum256(mac)
		d.Message = m.message(now)
		d.Message.Once = hex.EncodeToString(digest[:])
	}
	return d, nil
}

// dingTalkMAC decodes a sign, which has one spelling only; nil when it is none.
func dingTalkMAC(sign string) []byte {
	mac, err := base64.StdEncoding.Strict().DecodeString(sign)
	if err != nil || strings.ContainsAny(sign, "\r\n") {
		return nil
	}
	return mac
}

// dingTalkNothing is the answer that shows nothing in the conversation.
func dingTalkNothing() *Response {
	return &Response{Status: http.StatusOK, ContentType: contentTypeJSON, Body: []byte(`{"msgtype":"empty"}`)}
}

func (m *dingTalkMessage) message(now time.Time) *Message {
	out := &Message{
		ID:     m.ID,
		Sender: Identity{Platform: dingTalkName, Tenant: m.SenderCorp, User: m.SenderStaff},
		Nick:   named(m.SenderNick),
		Room:   m.Conversation,
		Reply:  m.reply(now),
	}
	if m.Type == "text" {
		out.Text, out.Problem = commandText(m.Text.Content)
	} else {
		out.Problem = ProblemTextOnly
	}
	return out
}

const (
	dingTalkReply = "session"
	// dingTalkSession is how long DingTalk gives a session webhook.
	dingTalkSession = 90 * time.Minute
	maxAddress      = 2 << 10
)

func (m *dingTalkMessage) reply(now time.Time) Reply {
	out := Reply{Platform: dingTalkName, Kind: dingTalkReply, Room: m.Conversation}
	if m.Kind == "2" { // a group, where an answer is one message of many
		out.Mention = m.SenderStaff
	}
	if m.Webhook == "" || len(m.Webhook) > maxAddress {
		return out
	}
	out.Address, out.Until = m.Webhook, time.UnixMilli(m.WebhookUntil).UTC()
	// The body is not signed: a time that DingTalk does not give counts for none.
	if latest := now.Add(dingTalkSession + Window); m.WebhookUntil <= 0 || out.Until.After(latest) {
		out.Until = now.Add(dingTalkSession).UTC()
	}
	return out
}
