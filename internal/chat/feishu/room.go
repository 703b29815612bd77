package feishu

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

var _ chat.Rooms = (*Platform)(nil)

// posted is a message to a conversation (open.feishu.cn/document/server-docs/im-v1/message/create).
type posted struct {
	reply

	To string `json:"receive_id"`
}

// patched is the new card of a message.
type patched struct {
	Content string `json:"content"`
}

// Check accepts a conversation of the bot, oc_…, or a person, ou_….
func (p *Platform) Check(to chat.Room) error {
	if to.Platform != name || (to.Tenant != "" && to.Tenant != p.tenant) {
		return &chat.SendError{Code: chat.CodeAddressRefused, Message: "the room is not of the organization that CHAT_FEISHU has as tenant"}
	}
	if idType(to.ID) == "" {
		return &chat.SendError{Code: chat.CodeAddressRefused, Message: "a room of Feishu is a chat_id, oc_…, as in the group's settings, or a person's open_id, ou_…"}
	}
	return nil
}

// idType says what a room's id identifies; "" for one of another form.
func idType(id string) string {
	rest, ok := strings.CutPrefix(id, "oc_")
	switch {
	case ok && chat.PlainID(rest, "_-", 128):
		return "chat_id"
	case isOpenID(id):
		return "open_id"
	default:
		return ""
	}
}

// Post sends the card as the app. Feishu drops a repetition within an hour. The
// handle is the message's id.
func (p *Platform) Post(ctx context.Context, client chat.Doer, to chat.Room, c chat.Card, id string) (handle string, err error) {
	if err := p.Check(to); err != nil {
		return "", err
	}
	m := posted{reply: reply{Type: typeCard, Content: renderCard(c, true), UUID: uuid(id)}, To: to.ID}
	got, err := p.callAPI(ctx, client, http.MethodPost, messagesPath+"?receive_id_type="+idType(to.ID), m)
	if err != nil || !isMessageID(got.Data.Message) {
		return "", err
	}
	return got.Data.Message, nil
}

// Update replaces the card of a message of the app, for 14 days
// (open.feishu.cn/document/server-docs/im-v1/message-card/patch).
func (p *Platform) Update(ctx context.Context, client chat.Doer, to chat.Room, handle string, c chat.Card) error {
	if err := p.Check(to); err != nil {
		return err
	}
	if !isMessageID(handle) {
		return &chat.SendError{Code: chat.CodeNotUpdatable, Message: "the handle is not one of a message of Feishu; nothing was sent"}
	}
	_, err := p.callAPI(ctx, client, http.MethodPatch, messagesPath+"/"+handle, patched{renderCard(c, false)})
	final := []chat.FailureCode{"230011", "230012", "230031", "230110"}
	if e, ok := errors.AsType[*chat.SendError](err); ok && slices.Contains(final, e.Code) {
		e.Code = chat.CodeNotUpdatable
	}
	return err
}
