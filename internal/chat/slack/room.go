package slack

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

var _ chat.Rooms = (*Platform)(nil)

// Check accepts a channel, a direct conversation, or a member, to whom Slack opens
// one (docs.slack.dev/reference/methods/chat.postMessage).
func (p *Platform) Check(to chat.Room) error {
	switch {
	case to.Platform != name || (to.Tenant != "" && to.Tenant != p.team):
		return &chat.SendError{Code: chat.CodeAddressRefused, Message: "the room is not of the workspace that CHAT_SLACK has as team"}
	case !isID(to.ID) || !strings.ContainsRune("CGDUW", rune(to.ID[0])):
		return &chat.SendError{Code: chat.CodeAddressRefused, Message: "a room of Slack is the id of a channel, such as C0123456789: it is at the bottom of the channel's details"}
	case p.token.IsZero():
		return &chat.SendError{Again: true, Code: chat.CodeNotConfigured, Message: "writing to a room needs botToken, which CHAT_SLACK does not contain"}
	default:
		return nil
	}
}

// Post writes by chat.postMessage. The handle is the message's channel and
// timestamp; the channel of a direct conversation differs from the member's id.
// Slack does not detect repetitions.
func (p *Platform) Post(ctx context.Context, client chat.Doer, to chat.Room, c chat.Card, _ string) (handle string, err error) {
	if err := p.Check(to); err != nil {
		return "", err
	}
	no := false
	m := render(c.Text, atAll(c.Mention))
	m.Channel, m.UnfurlLinks, m.UnfurlMedia = to.ID, &no, &no
	got, err := p.callAPI(ctx, client, postPath, m)
	if err != nil || !isID(got.Channel) || !isTimestamp(got.Stamp) {
		return "", err
	}
	return got.Channel + "/" + got.Stamp, nil
}

// Update replaces the message by chat.update, which sends no notifications
// (docs.slack.dev/reference/methods/chat.update).
func (p *Platform) Update(ctx context.Context, client chat.Doer, to chat.Room, handle string, c chat.Card) error {
	if err := p.Check(to); err != nil {
		return err
	}
	channel, stamp, _ := strings.Cut(handle, "/")
	if !isID(channel) || !isTimestamp(stamp) {
		return &chat.SendError{Code: chat.CodeNotUpdatable, Message: "the handle is not one of a message of Slack; nothing was sent"}
	}
	m := render(c.Text, atAll(c.Mention))
	m.Channel, m.Stamp = channel, stamp
	_, err := p.callAPI(ctx, client, updatePath, m)
	final := []chat.FailureCode{"Slack.message_not_found", "Slack.cant_update_message", "Slack.edit_window_closed"}
	if e, ok := errors.AsType[*chat.SendError](err); ok && slices.Contains(final, e.Code) {
		e.Code = chat.CodeNotUpdatable
	}
	return err
}

func (p *Platform) callAPI(ctx context.Context, client chat.Doer, path string, m message) (apiAnswer, error) {
	answer, err := chat.Call{Method: http.MethodPost, Address: apiURL + path, Bearer: p.token, Message: m}.Do(ctx, client)
	if err != nil {
		return apiAnswer{}, err
	}
	return outcome(answer, replyPost)
}

// atAll mentions members.
func atAll(users []string) string {
	var b strings.Builder
	for _, user := range chat.Mentioned(users, isID) {
		b.WriteString(at(user))
	}
	return b.String()
}
