package chattest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf16"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

const (
	slackCurrent  = "8f742231b10e8888abcd99yyyzzz85a5"
	slackPrevious = "0ld0ld0ld0ld0ld0ld0ld0ld0ld0ld00"
	slackToken    = "xoxb-1234-5678-abcdefghijkl"
)

func slack() Fixture {
	const ok = `{"ok":true,"ts":"1.2"}`
	codes := []Code{
		{200, `{"ok":false,"error":"ratelimited"}`, true, "Slack.ratelimited"},
		{429, `{"ok":false,"error":"rate_limited"}`, true, "Slack.rate_limited"},
		{404, `{"ok":false,"error":"expired_url"}`, false, "Slack.expired_url"},
		{200, `{"ok":false,"error":"used_url"}`, false, "Slack.used_url"},
		{200, `{"ok":false,"error":"not_in_channel"}`, false, "Slack.not_in_channel"},
		{200, `{"ok":false,"error":"invalid_auth"}`, false, "Slack.invalid_auth"},
		{200, `{"ok":false,"error":"missing_scope"}`, false, "Slack.missing_scope"},
		{200, `{"ok":false,"error":"the oracle\nsays"}`, false, "Slack.unknown"},
		{503, `{"ok":false,"error":"another_one"}`, true, "Slack.another_one"},
		{200, `{"ok":false}`, false, "Slack.unknown"},
	}
	response := chat.Reply{Platform: "slack", Kind: "response", Address: "https://hooks.slack.com/actions/T1/2/h1dd3n", Room: "C1", Mention: "U2"}
	post := chat.Reply{Platform: "slack", Kind: "post", Address: "C1/1763836000.000001", Room: "C1", Mention: "U2"}
	foreign := []chat.Reply{{}, {Platform: "slack", Kind: "session", Address: "x"}, {Platform: "wecom", Kind: "response", Address: response.Address}}
	return Fixture{
		Name:     "slack",
		Settings: "secret=" + slackCurrent + ";secret=" + slackPrevious + ";team=T1DC2JH3J;app=A1;botToken=" + slackToken,
		Hidden:   [][2]string{{slackCurrent, slackPrevious}},
		Secrets:  []string{slackToken},
		Lang:     lang.English,
		Asks:     true,
		Rooms:    []Room{slackRoom()},
		Forms: []Form{
			{Name: "command", Request: slackRequest(slackCommand), Read: func(r chat.Response) (Shown, error) { return readSlack(r.Body) }},
			{Name: "button", Request: slackRequest(slackButton), Dated: true, Clicked: true, Others: []Other{
				{Name: "a shortcut", Request: slackRequest(replaced(slackButton, "block_actions", "shortcut")), Ignored: chat.IgnoredEvent},
				{Name: "a menu", Request: slackRequest(replaced(slackButton, "%22type%22%3A%22button%22", "%22type%22%3A%22menu%22")), Ignored: chat.IgnoredNoCommand},
			}},
			{Name: "event", Request: slackRequest(slackEvent), Dated: true, Last: slackRequest(slackLast), Others: []Other{
				{Name: "a bot", Request: slackRequest(replaced(slackEvent, `"user":"U2"`, `"user":"U2","bot_id":"B1"`)), Ignored: chat.IgnoredBot},
				{Name: "a guest", Request: slackRequest(replaced(slackEvent, `"user":"U2"`, `"user":"U2","user_team":"T9"`)), Ignored: chat.IgnoredOutsider},
				{Name: "an edit", Request: slackRequest(replaced(slackEvent, `"user":"U2"`, `"user":"U2","edited":{"ts":"1.1"}`)), Ignored: chat.IgnoredEdited},
				{Name: "a reaction", Request: slackRequest(replaced(slackEvent, "app_mention", "reaction_added")), Ignored: chat.IgnoredEvent},
				{Name: "a file", Request: slackRequest(func(s Sent) string {
					s.Text = ""
					return replaced(slackEvent, `"user":"U2"`, `"user":"U2","subtype":"file_share","files":[{}]`)(s)
				}), Problem: chat.ProblemTextOnly},
			}},
		},
		Replies: []Reply{
			{Name: "response", To: response, Foreign: foreign, Hidden: "h1dd3n", Success: "ok", Codes: codes, Read: readSlack},
			{Name: "post", To: post, Foreign: foreign, Hidden: slackToken, Success: ok, Codes: codes, Read: readSlack},
		},
	}
}

func slackRoom() Room {
	const accepted = `{"ok":true,"channel":"C1","ts":"1763836800.000100"}`
	return Room{
		Name: "channel", To: chat.Room{Platform: "slack", Tenant: "T1DC2JH3J", ID: "C1"}, People: []string{"U2", "W3"},
		Bad: []chat.Room{
			{},
			{Platform: "slack", Tenant: "T2", ID: "C1"},
			{Platform: "feishu", Tenant: "T1DC2JH3J", ID: "C1"},
			{Platform: "slack", Tenant: "T1DC2JH3J", ID: "#general"},
			{Platform: "slack", Tenant: "T1DC2JH3J", ID: "C1/../x"},
			{Platform: "slack", Tenant: "T1DC2JH3J", ID: "T1DC2JH3J"},
			{Platform: "slack", Tenant: "T1DC2JH3J"},
		},
		Hidden: slackToken, Posted: accepted, Handle: "C1/1763836800.000100", Updated: accepted,
		BadHandles: []string{"", "C1", "C1/x", "c1/1.2", "C1/1.2/3", "C1&x/1.2"},
		Codes: []Code{
			{200, `{"ok":false,"error":"ratelimited"}`, true, "Slack.ratelimited"},
			{200, `{"ok":false,"error":"channel_not_found"}`, false, "Slack.channel_not_found"},
			{200, `{"ok":false,"error":"not_in_channel"}`, false, "Slack.not_in_channel"},
			{200, `{"ok":false,"error":"invalid_blocks"}`, false, "Slack.invalid_blocks"},
			{200, `{"ok":false,"error":"token_revoked"}`, false, "Slack.token_revoked"},
			{503, `{"ok":false,"error":"another_one"}`, true, "Slack.another_one"},
		},
		Over: []Code{
			{200, `{"ok":false,"error":"message_not_found"}`, false, chat.CodeNotUpdatable},
			{200, `{"ok":false,"error":"cant_update_message"}`, false, chat.CodeNotUpdatable},
			{200, `{"ok":false,"error":"edit_window_closed"}`, false, chat.CodeNotUpdatable},
		},
		Read: func(r *http.Request, body []byte) (Shown, error) {
			var m struct {
				Channel string `json:"channel"`
				Stamp   string `json:"ts"`
			}
			if err := read(body, &m); err != nil {
				return Shown{}, err
			}
			if m.Channel != "C1" || (m.Stamp == "1763836800.000100") != (r.URL.Path == "/api/chat.update") {
				return Shown{}, fmt.Errorf("%s is for %q, %q", r.URL.Path, m.Channel, m.Stamp)
			}
			return readSlack(body)
		},
	}
}

func slackRequest(body func(Sent) string) func(Sent) chat.Request {
	return func(s Sent) chat.Request {
		text, stamp := s.content(body(s)), s.stamp(chat.Seconds)
		header := map[string]string{
			"x-slack-request-timestamp": stamp,
			"x-slack-signature":         "v0=" + hex.EncodeToString(hmacSHA256(s.secret([2]string{slackCurrent, slackPrevious}), "v0:"+stamp+":"+text)),
		}
		if s.Bare {
			header = nil
		}
		return post(text, header)
	}
}

// replaced alters the content before it is signed.
func replaced(body func(Sent) string, old, instead string) func(Sent) string {
	return func(s Sent) string {
		text := body(s)
		if !strings.Contains(text, old) {
			panic(old + " is not in " + text)
		}
		return strings.Replace(text, old, instead, 1)
	}
}

func slackEscaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func slackCommand(s Sent) string {
	return url.Values{
		"command": {"/vpn"}, "text": {slackEscaped(s.Text)}, "user_id": {"U2"}, "user_name": {"mei"}, "team_id": {either(s.Foreign, "T1DC2JH3J", "T2")},
		"api_app_id": {"A1"}, "channel_id": {"C1"}, "trigger_id": {fmt.Sprintf("12.%d.ab", s.N)}, "response_url": {"https://hooks.slack.com/commands/T1/2/3"},
	}.Encode()
}

func slackButton(s Sent) string {
	return "payload=" + url.QueryEscape(object(map[string]any{
		"type": "block_actions", "team": map[string]any{"id": "T1DC2JH3J"}, "user": map[string]any{"id": "U2", "username": "mei"},
		"api_app_id": either(s.Foreign, "A1", "A2"), "trigger_id": fmt.Sprintf("12.%d.ab", s.N), "response_url": "https://hooks.slack.com/actions/T1/2/3",
		"container": map[string]any{"channel_id": "C1"},
		"actions":   []any{map[string]any{"type": "button", "value": slackEscaped(s.Text), "action_ts": s.written(chat.Seconds) + ".000100"}},
	}))
}

func slackEvent(s Sent) string {
	return object(map[string]any{
		"type": "event_callback", "team_id": either(s.Foreign, "T1DC2JH3J", "T2"), "api_app_id": "A1", "event_id": "Ev1",
		"authorizations": []any{map[string]any{"user_id": "U0BOT", "is_bot": true}},
		"event": map[string]any{
			"type": "app_mention", "user": "U2", "text": "<@U0BOT> " + slackEscaped(s.Text), "ts": fmt.Sprintf("%s.%06d", s.written(chat.Seconds), s.N), "channel": "C1", "team": "T1DC2JH3J",
		},
	})
}

func slackLast(s Sent) string {
	text := slackEscaped(s.Text)
	return replaced(slackEvent, object("<@U0BOT> "+text), object(text+" <@U0BOT>"))(s)
}

type slackText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// readSlack reads a message in mrkdwn with buttons.
func readSlack(body []byte) (Shown, error) {
	var m struct {
		Text   string `json:"text"`
		Blocks []struct {
			Type string `json:"type"`
			Text struct {
				Type     string `json:"type"`
				Text     string `json:"text"`
				Verbatim bool   `json:"verbatim"`
			} `json:"text"`
			Elements []struct {
				Value   string    `json:"value"`
				Text    slackText `json:"text"`
				Confirm *struct {
					Title   slackText `json:"title"`
					Text    slackText `json:"text"`
					Confirm slackText `json:"confirm"`
					Deny    slackText `json:"deny"`
				} `json:"confirm"`
			} `json:"elements"`
		} `json:"blocks"`
	}
	if err := read(body, &m); err != nil {
		return Shown{}, err
	}
	if len(m.Blocks) == 0 || m.Blocks[0].Text.Type != "mrkdwn" || !m.Blocks[0].Text.Verbatim || m.Blocks[0].Text.Text != m.Text {
		return Shown{}, errors.New("the text is not verbatim mrkdwn")
	}
	if n := len(utf16.Encode([]rune(m.Text))); n > 3000 {
		return Shown{}, fmt.Errorf("%d characters are too long for a section", n)
	}
	text, out := m.Text, Shown{}
	for strings.HasPrefix(text, "<@U") || strings.HasPrefix(text, "<@W") {
		user, rest, _ := strings.Cut(text[len("<@"):], "> ")
		text, out.Mentions = rest, append(out.Mentions, user)
	}
	out.Texts, out.Typed = []string{text}, text
	for _, b := range m.Blocks[1:] {
		for _, e := range b.Elements {
			if e.Text.Type != "plain_text" || len(utf16.Encode([]rune(e.Text.Text))) > 75 || len(e.Value) > 2000 {
				return Shown{}, fmt.Errorf("the API refuses the button %+v", e)
			}
			out.Texts, out.Commands, out.Says = append(out.Texts, e.Text.Text), append(out.Commands, e.Value), append(out.Says, "")
			if e.Confirm == nil {
				continue
			}
			for _, part := range []struct {
				slackText
				most int
			}{{e.Confirm.Title, 100}, {e.Confirm.Text, 300}, {e.Confirm.Confirm, 30}, {e.Confirm.Deny, 30}} {
				if n := len(utf16.Encode([]rune(part.Text))); part.Type != "plain_text" || n == 0 || n > part.most {
					return Shown{}, fmt.Errorf("the API refuses the confirmation %+v", e.Confirm)
				}
				out.Texts = append(out.Texts, part.Text)
			}
			out.Says[len(out.Says)-1] = e.Confirm.Text.Text
		}
		if len(b.Elements) > 5 {
			return Shown{}, errors.New("there are more than 5 buttons in a row")
		}
	}
	return out, slackMarkup(text)
}

// slackMarkup looks for marks outside of code, and for entities that Slack acts
// on.
func slackMarkup(text string) error {
	code, entity := regexp.MustCompile("`[^`\n]+`"), regexp.MustCompile(`&(?:amp|lt|gt);`)
	words := code.ReplaceAllString(text, "□")
	rest := entity.ReplaceAllString(words, "△")
	if strings.ContainsAny(rest, "`*_~<>&") || regexp.MustCompile(`(?m)^&gt;|:\pL|:/`).MatchString(words) {
		return fmt.Errorf("markup in %q", words)
	}
	for _, c := range code.FindAllString(text, -1) {
		if strings.ContainsAny(entity.ReplaceAllString(c, ""), "<>&") {
			return fmt.Errorf("markup in the code %q", c)
		}
	}
	return nil
}
