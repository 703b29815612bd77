package chat

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

const slackPostURL = "https://slack.com/api/chat.postMessage"

// Slack's limits, in UTF-16 units where it says characters.
const (
	slackSection = 2900 // of 3000: the text of a section
	slackLines   = 1200 // of it, for commands that are no buttons
	slackLabel   = 75
	slackButtons = 5
	slackValue   = 2000
)

// slackAnswer is a message. Text is what notifications show.
type slackAnswer struct {
	ResponseType    string       `json:"response_type,omitempty"`
	ReplaceOriginal *bool        `json:"replace_original,omitempty"`
	Channel         string       `json:"channel,omitempty"`
	Thread          string       `json:"thread_ts,omitempty"`
	UnfurlLinks     *bool        `json:"unfurl_links,omitempty"`
	UnfurlMedia     *bool        `json:"unfurl_media,omitempty"`
	Text            string       `json:"text"`
	Blocks          []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type     string         `json:"type"`
	Text     *slackText     `json:"text,omitempty"`
	Elements []slackElement `json:"elements,omitempty"`
}

type slackText struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim,omitempty"` // addresses and names do not become links
}

type slackElement struct {
	Type     string    `json:"type"`
	ActionID string    `json:"action_id"`
	Text     slackText `json:"text"`
	Value    string    `json:"value"`
}

func (*slack) Answer(d Delivery, t Text) (res Response, later bool) {
	if d.answer != slackCommand {
		return *slackNothing(), true
	}
	m := slackRendered(t, "")
	m.ResponseType = "in_channel"
	return Response{Status: http.StatusOK, ContentType: contentTypeJSON, Body: encoded(m)}, false
}

// Send posts to the response URL, or into the channel. Slack knows no
// repetitions.
func (p *slack) Send(ctx context.Context, client Doer, to Reply, t Text, _ string) error {
	m := slackRendered(t, slackAt(to.Mention))
	no := false
	switch {
	case to.Platform == slackName && to.Kind == slackResponse:
		m.ResponseType, m.ReplaceOriginal = "in_channel", &no
		answer, err := post(ctx, client, to.Address, "", encoded(m))
		if err != nil {
			return err
		}
		return slackTook(answer, false)
	case to.Platform == slackName && to.Kind == slackPost && p.token != "":
		m.Channel, m.Thread, _ = strings.Cut(to.Address, "/")
		m.UnfurlLinks, m.UnfurlMedia = &no, &no
		answer, err := post(ctx, client, slackPostURL, p.token, encoded(m))
		if err != nil {
			return err
		}
		return slackTook(answer, true)
	case to.Platform == slackName && to.Kind == slackPost:
		return &SendError{Code: codeReply, Message: "there is no botToken in CHAT_SLACK any more, and this message is answered by it"}
	default:
		return &SendError{Code: codeReply, Message: "the reply address is not one of Slack's"}
	}
}

// slackTook reads Slack's answer to a message. Response URLs answer "ok", and
// errors in JSON; the API always answers in JSON.
func slackTook(answer []byte, strict bool) error {
	var got struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
	if json.Unmarshal(answer, &got) != nil || got.OK == nil {
		if strict {
			return &SendError{Again: true, Code: codeUnreadable, Message: "Slack answered something that cannot be read"}
		}
		return nil
	}
	if *got.OK {
		return nil
	}
	code := got.Error
	if code == "" || len(code) > 64 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		code = "unknown"
	}
	e := &SendError{Code: "Slack." + code, Message: "Slack refused the message"}
	switch code {
	case "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		e.Again, e.Message = true, "Slack is busy, or asks to be sent less"
	case "not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired":
		e.Message = "Slack does not take the bot's token: put the current one into CHAT_SLACK as botToken"
	case "missing_scope", "no_permission", "not_allowed_token_type":
		e.Message = "the app may not write: give it the scope chat:write, and install it again"
	case "channel_not_found", "not_in_channel", "is_archived":
		e.Message = "the bot is not in the channel, or the channel is archived: invite the bot"
	case "expired_url", "used_url":
		e.Message = "the response URL has expired, which it does after 30 minutes or 5 answers"
	}
	return e
}

func slackRendered(t Text, mention string) slackAnswer {
	buttons, typed := slackSteps(steps(t))
	lines := page{size: slackSize, room: slackLines}
	for _, n := range typed {
		lines.add("\n" + slackPiece(Words(n.Label), true) + colon(n.Label) +
			slackPiece(Code(visible(n.Command)), false))
	}
	tail := lines.text.String()
	body := page{size: slackSize, room: slackSection - slackSize(tail)}
	body.add(mention + symbol(t.Mark) + " ")
	body.line(t.Title, slackPiece)
	for _, l := range t.Lines {
		body.add("\n")
		body.line(l, slackPiece)
	}
	text := body.text.String() + tail
	out := slackAnswer{Text: text, Blocks: []slackBlock{{Type: "section", Text: &slackText{Type: "mrkdwn", Text: text, Verbatim: true}}}}
	if len(buttons) > 0 {
		out.Blocks = append(out.Blocks, slackBlock{Type: "actions", Elements: buttons})
	}
	return out
}

// slackSteps makes buttons of commands, and leaves those that have no room.
func slackSteps(next []Next) (buttons []slackElement, typed []Next) {
	for _, n := range next {
		if len(buttons) == slackButtons || len(n.Command) > slackValue || visible(n.Command) != n.Command {
			typed = append(typed, n)
			continue
		}
		label := shortened(n.Label, slackLabel/2) // a character has two units at most
		buttons = append(buttons, slackElement{
			Type: "button", ActionID: "next-" + strconv.Itoa(len(buttons)+1),
			Text: slackText{Type: "plain_text", Text: label}, Value: n.Command,
		})
	}
	return buttons, typed
}

func slackSize(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// slackAt renders a mention of a verified sender, and of nobody else.
func slackAt(user string) string {
	if !slackID(user) {
		return ""
	}
	return "<@" + user + "> "
}

// slackPiece renders a piece in Slack's mrkdwn. Back-ticks are the only mark
// that it makes, and no text has one.
func slackPiece(s Span, first bool) string {
	if s.Code {
		return "`" + slackEscaped(wide(s.Text, "`")) + "`"
	}
	text := wide(s.Text, "`*_~")
	if first {
		if text = strings.TrimLeft(text, " "); strings.HasPrefix(text, ">") {
			text = wide(text[:1], ">") + text[1:] // a quotation
		}
	}
	return slackEscaped(slackColons(text))
}

func slackEscaped(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "&", "&amp;"), "<", "&lt;"), ">", "&gt;")
}

// slackColons takes the meaning of addresses and of names of pictures from
// colons before letters.
func slackColons(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		if r == ':' && i+1 < len(runes) && (runes[i+1] == '/' || unicode.IsLetter(runes[i+1])) {
			r = '：'
		}
		b.WriteRune(r)
	}
	return b.String()
}
