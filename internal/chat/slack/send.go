package slack

import (
	"context"
	"net/http"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

const (
	apiURL     = "https://" + apiHost
	apiHost    = "slack.com"
	postPath   = "/api/chat.postMessage"
	updatePath = "/api/chat.update"
)

// Answer renders the response to a slash command. Slack does not show the
// responses to buttons and events.
func (*Platform) Answer(d chat.Delivery, t chat.Text) (res chat.Response, later bool) {
	if d.State != formCommand {
		return acknowledged(), true
	}
	m := render(t, "")
	m.ResponseType = "in_channel"
	return chat.Response{Status: http.StatusOK, ContentType: chat.ContentTypeJSON, Body: chat.Encode(m)}, false
}

// Send posts to the response URL, or to the channel. Slack does not detect
// repetitions.
func (p *Platform) Send(ctx context.Context, client chat.Doer, to chat.Reply, t chat.Text, _ string) error {
	m, no := render(t, at(to.Mention)), false
	call := chat.Call{Method: http.MethodPost}
	switch {
	case to.Platform == name && to.Kind == replyResponse:
		m.ResponseType, m.ReplaceOriginal = "in_channel", &no
		call.Address = to.Address
	case to.Platform == name && to.Kind == replyPost && !p.token.IsZero():
		m.Channel, m.Thread, _ = strings.Cut(to.Address, "/")
		m.UnfurlLinks, m.UnfurlMedia = &no, &no
		call.Address, call.Bearer = apiURL+postPath, p.token
	case to.Platform == name && to.Kind == replyPost:
		return &chat.SendError{Again: true, Code: chat.CodeNotConfigured, Message: "answers to this message need botToken, which CHAT_SLACK does not contain any more"}
	default:
		return &chat.SendError{Code: chat.CodeAddressRefused, Message: "the reply address is not one of Slack's; nothing was sent"}
	}
	call.Message = m
	answer, err := call.Do(ctx, client)
	if err != nil {
		return err
	}
	_, err = outcome(answer, to.Kind)
	return err
}

// apiAnswer is Slack's answer to a message.
type apiAnswer struct {
	OK      *bool  `json:"ok"`
	Error   string `json:"error"`
	Channel string `json:"channel"`
	Stamp   string `json:"ts"`
}

// outcome reads Slack's answer to a message. The API always answers in JSON; a
// response URL answers "ok" or an error in JSON.
func outcome(a chat.Answer, kind string) (apiAnswer, error) {
	got := chat.Decode[apiAnswer](a)
	success := a.Status >= 200 && a.Status < 300
	switch {
	case success && got.OK != nil && *got.OK, success && got.OK == nil && kind == replyResponse:
		return got, nil
	case got.OK == nil || *got.OK || (!success && got.Error == ""):
		return got, a.Failure("", explain)
	}
	code := got.Error
	if code == "" || len(code) > 64 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		code = "unknown"
	}
	return got, a.Failure(chat.FailureCode("Slack."+code), explain)
}

// explain says what a code of Slack means.
func explain(code chat.FailureCode) (m chat.Meaning, known bool) {
	switch strings.TrimPrefix(string(code), "Slack.") {
	case "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		return chat.Meaning{Again: true, Message: "Slack is busy, or asks for fewer messages"}, true
	case "not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired":
		return chat.Meaning{Message: "Slack rejects the bot's token: set botToken in CHAT_SLACK to the current one"}, true
	case "missing_scope", "no_permission", "not_allowed_token_type":
		return chat.Meaning{Message: "the app may not write: give it the scope chat:write, and install it again"}, true
	case "channel_not_found", "not_in_channel", "is_archived":
		return chat.Meaning{Message: "the bot is not in the channel, or the channel is archived: invite the bot"}, true
	case "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel":
		return chat.Meaning{Message: "the channel does not let the app write: allow it in the channel's settings"}, true
	case "message_not_found", "cant_update_message", "edit_window_closed":
		return chat.Meaning{Message: "Slack does not let this message be updated, or not any more"}, true
	case "expired_url", "used_url":
		return chat.Meaning{Message: "the response URL has expired, which happens after 30 minutes or 5 answers"}, true
	default:
		return chat.Meaning{Message: "Slack refused the message"}, false
	}
}
