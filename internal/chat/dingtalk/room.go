package dingtalk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

var _ chat.Rooms = (*Platform)(nil)

// Check accepts a group, by its openConversationId. The conversationId of a message
// to the robot is used as one, as in the vendor's SDK (card_replier.py).
func (p *Platform) Check(to chat.Room) error {
	rest, ok := strings.CutPrefix(to.ID, "cid")
	switch {
	case to.Platform != name || (to.Tenant != "" && to.Tenant != p.corp):
		return &chat.SendError{Code: chat.CodeAddressRefused, Message: "the room is not of the organization that CHAT_DINGTALK has as corp"}
	case !ok || !chat.PlainID(rest, "+/=_-", 128):
		return &chat.SendError{Code: chat.CodeAddressRefused, Message: "a room of DingTalk is the openConversationId of a group, cid…"}
	case p.appKey == "":
		return &chat.SendError{Again: true, Code: chat.CodeNotConfigured, Message: "writing to a room needs appKey, which CHAT_DINGTALK does not contain"}
	default:
		return nil
	}
}

// sentCard is a card with a template of DingTalk's own, whose content is JSON inside
// a string.
type sentCard struct {
	Template string      `json:"cardTemplateId"`
	Room     string      `json:"openConversationId"`
	ID       string      `json:"cardBizId"` // DingTalk detects a repetition by it
	Robot    string      `json:"robotCode"`
	Data     string      `json:"cardData"`
	Options  sendOptions `json:"sendOptions"`
}

// sendOptions says whom a card mentions.
type sendOptions struct {
	At  string `json:"atUserListJson,omitempty"` // JSON inside a string
	All bool   `json:"atAll"`
}

// updatedCard replaces the content of a card.
type updatedCard struct {
	ID   string `json:"cardBizId"`
	Data string `json:"cardData"`
}

// groupMessage is a message that cannot be updated, and that mentions nobody.
type groupMessage struct {
	Robot string `json:"robotCode"`
	Room  string `json:"openConversationId"`
	Key   string `json:"msgKey"`
	Param string `json:"msgParam"` // JSON inside a string
}

// Post sends a card, which can be updated. Where the app may not send cards, it
// sends a message: DingTalk has a right of its own for cards, and recommends another
// kind, which needs a template in the console. The handle is the card's id; "" for a
// message.
func (p *Platform) Post(ctx context.Context, client chat.Doer, to chat.Room, c chat.Card, id string) (handle string, err error) {
	if err := p.Check(to); err != nil {
		return "", err
	}
	cardID := cardID(to, id)
	err = p.callAPI(ctx, client, http.MethodPost, cardPath, sentCard{
		Template: "StandardCard", Room: to.ID, ID: cardID, Robot: p.robot, Data: renderCard(c.Text),
		Options: sendOptions{At: atUsers(c.Mention)},
	})
	if e, ok := errors.AsType[*chat.SendError](err); !ok || e.Again || !isCode(e.Code) {
		if err != nil {
			return "", err
		}
		return cardID, nil
	}
	m := render(c.Text, "").Markdown
	return "", p.callAPI(ctx, client, http.MethodPost, groupPath, groupMessage{
		Robot: p.robot, Room: to.ID, Key: "sampleMarkdown", Param: string(chat.Encode(m)),
	})
}

// isCode reports whether DingTalk itself gave a code.
func isCode(code chat.FailureCode) bool { return strings.HasPrefix(string(code), apiPrefix) }

// Update replaces the content of a card.
func (p *Platform) Update(ctx context.Context, client chat.Doer, to chat.Room, handle string, c chat.Card) error {
	if err := p.Check(to); err != nil {
		return err
	}
	if len(handle) != 2*idBytes || !chat.PlainID(handle, "", 2*idBytes) {
		return &chat.SendError{Code: chat.CodeNotUpdatable, Message: "the message is no card of DingTalk; nothing was sent"}
	}
	err := p.callAPI(ctx, client, http.MethodPut, updatePath, updatedCard{handle, renderCard(c.Text)})
	// The vendor lists no codes. What it refuses now it does not accept later, except
	// for a right or a secret, which somebody can correct.
	if e, ok := errors.AsType[*chat.SendError](err); ok && !e.Again && isCode(e.Code) {
		if _, known := explainAPI(e.Code); !known {
			e.Code, e.Message = chat.CodeNotUpdatable, "DingTalk does not let this card be updated, or not any more"
		}
	}
	return err
}

// idBytes is the length of a card's id before it is written in hexadecimal.
const idBytes = 20

// cardID is the id of a card: the same for a repetition, and another one in another
// room.
func cardID(to chat.Room, id string) string {
	sum := sha256.Sum256([]byte(to.ID + "\n" + id))
	return hex.EncodeToString(sum[:idBytes])
}

// atUsers names the people whom a card mentions.
func atUsers(users []string) string {
	type account struct {
		User string `json:"userId"`
	}
	var out []account
	for _, user := range chat.Mentioned(users, isUser) {
		out = append(out, account{user})
	}
	if len(out) == 0 {
		return ""
	}
	return string(chat.Encode(out))
}

// isUser reports whether a text is a staff id.
func isUser(id string) bool { return chat.PlainID(id, "_-", 64) && id != "all" }
