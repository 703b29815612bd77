package dingtalk

import (
	"context"
	"net/http"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// Answer renders the response, which DingTalk shows.
func (*Platform) Answer(d chat.Delivery, t chat.Text) (res chat.Response, later bool) {
	mention := ""
	if d.Message != nil {
		mention = d.Message.Reply.Mention
	}
	return chat.Response{Status: http.StatusOK, ContentType: chat.ContentTypeJSON, Body: chat.Encode(render(t, mention))}, false
}

// Send posts to the session webhook. DingTalk does not detect repetitions.
func (*Platform) Send(ctx context.Context, client chat.Doer, to chat.Reply, t chat.Text, _ string) error {
	if to.Platform != name || to.Kind != replySession {
		return &chat.SendError{Code: chat.CodeAddressRefused, Message: "the reply address is not one of DingTalk's; nothing was sent"}
	}
	answer, err := chat.Call{Method: http.MethodPost, Address: to.Address, Message: render(t, to.Mention)}.Do(ctx, client)
	if err != nil {
		return err
	}
	got := chat.Decode[struct {
		Code *int64 `json:"errcode"`
	}](answer)
	switch {
	case got.Code == nil, *got.Code == 0 && answer.Status >= 300:
		return answer.Failure("", explain)
	case *got.Code == 0:
		return nil
	default:
		return answer.Failure(chat.NumericCode(got.Code), explain)
	}
}

// explain says what a code of DingTalk means.
func explain(code chat.FailureCode) (m chat.Meaning, known bool) {
	switch string(code) {
	case "-1", "130101", "410100": // busy, and two kinds of rate limits
		return chat.Meaning{Again: true, Message: "DingTalk is busy, or asks for fewer messages"}, true
	default:
		return chat.Meaning{Message: "DingTalk refused the message; its session webhook may have expired, which happens 90 minutes after the message that it answers"}, false
	}
}
