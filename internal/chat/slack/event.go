package slack

import (
	"encoding/json"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// callback is what Slack posts for an event.
type callback struct {
	Type      string `json:"type"`
	Challenge string `json:"challenge"`
	Team      string `json:"team_id"`
	App       string `json:"api_app_id"`
	Event     event  `json:"event"`
	Own       []struct {
		User string `json:"user_id"`
		Bot  bool   `json:"is_bot"`
	} `json:"authorizations"`
}

type event struct {
	Type       string            `json:"type"`
	Subtype    string            `json:"subtype"`
	Kind       string            `json:"channel_type"`
	Bot        string            `json:"bot_id"`
	Profile    json.RawMessage   `json:"bot_profile"`
	Edited     json.RawMessage   `json:"edited"`
	Files      []json.RawMessage `json:"files"`
	User       string            `json:"user"`
	Team       string            `json:"team"`
	UserTeam   string            `json:"user_team"`
	SourceTeam string            `json:"source_team"`
	Channel    string            `json:"channel"`
	Stamp      string            `json:"ts"`
	Thread     string            `json:"thread_ts"`
	Text       string            `json:"text"`
}

func (p *Platform) event(body string) (chat.Delivery, error) {
	var c callback
	if json.Unmarshal([]byte(body), &c) != nil {
		return chat.Deny(chat.ReasonUnreadable)
	}
	if c.Type == "url_verification" {
		return challenge(c.Challenge) // it names no workspace
	}
	if !p.ours(c.Team, c.App) {
		return chat.Deny(chat.ReasonForeign)
	}
	if why := p.ignored(c); why != "" {
		return chat.Ignore(acknowledged(), why)
	}
	e := c.Event
	if !isID(e.User) || !isID(e.Channel) || !isTimestamp(e.Stamp) {
		return chat.Deny(chat.ReasonUnreadable)
	}
	m := p.message(e.User, "", e.Channel)
	var ok bool
	if m.SentAt, ok = sentAt(e.Stamp); !ok {
		return chat.Deny(chat.ReasonUnreadable)
	}
	m.Text, m.Problem = chat.CommandText(unescaped(addressed(e.Text, c.bots())))
	if m.Text == "" && len(e.Files) > 0 {
		m.Problem = chat.ProblemTextOnly
	}
	// One message can arrive as several events with different ids. Its timestamp is
	// unique in its channel.
	m.ID = "message:" + e.Channel + ":" + e.Stamp
	m.Reply = chat.Reply{Platform: name, Kind: replyPost, Address: e.Channel, Room: e.Channel, Mention: mention(m)}
	if isTimestamp(e.Thread) {
		m.Reply.Address += "/" + e.Thread
	}
	return chat.Delivery{Message: m, State: formEvent}, nil
}

// ignored says why an event is no message of a member to the bot; "" when it
// is one.
func (p *Platform) ignored(c callback) chat.Ignored {
	e := c.Event
	if c.Type != "event_callback" || (e.Type != "app_mention" && (e.Type != "message" || e.Kind != "im")) {
		return chat.IgnoredEvent
	}
	if e.Bot != "" || given(e.Profile) || e.User == "USLACKBOT" || e.Subtype == "bot_message" {
		return chat.IgnoredBot
	}
	switch e.Subtype {
	case "", "file_share", "thread_broadcast":
	default: // such as message_changed
		return chat.IgnoredEvent
	}
	for _, own := range c.Own {
		if own.Bot && own.User == e.User {
			return chat.IgnoredBot
		}
	}
	for _, team := range []string{e.Team, e.UserTeam, e.SourceTeam} {
		if team != "" && team != p.team {
			return chat.IgnoredOutsider
		}
	}
	switch {
	case given(e.Edited):
		return chat.IgnoredEdited // the original was answered
	case p.token.IsZero():
		return chat.IgnoredUnanswerable
	default:
		return ""
	}
}

func given(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// bots are the accounts of the app's bot, one for each workspace.
func (c callback) bots() []string {
	var out []string
	for _, own := range c.Own {
		if own.Bot && isID(own.User) {
			out = append(out, own.User)
		}
	}
	return out
}

// addressed removes from a message what says whom it is for: the mentions of the
// bot, wherever they stand, and those of others at its beginning; a mention at its
// end only where Slack does not say which account is the bot's. Typed text cannot
// look like a mention: Slack escapes it.
func addressed(text string, bots []string) string {
	for _, bot := range bots {
		text = strings.ReplaceAll(text, "<@"+bot+">", " ")
		var b strings.Builder
		for {
			before, rest, found := strings.Cut(text, "<@"+bot+"|")
			_, after, closed := strings.Cut(rest, ">")
			if !found || !closed {
				break
			}
			b.WriteString(before + " ")
			text = after
		}
		b.WriteString(text)
		text = b.String()
	}
	text = strings.TrimSpace(text)
	for isMention(text) {
		text = strings.TrimSpace(text[strings.IndexByte(text, '>')+1:])
	}
	if begin := strings.LastIndexByte(text, '<'); len(bots) == 0 && begin > 0 && text[begin-1] == ' ' &&
		isMention(text[begin:]) && strings.HasSuffix(text, ">") {
		text = strings.TrimSpace(text[:begin])
	}
	return text
}

// isMention reports whether a text begins with the mention of a person, of a group
// or of everybody.
func isMention(text string) bool {
	return (strings.HasPrefix(text, "<@") || strings.HasPrefix(text, "<!")) && strings.Contains(text, ">")
}

// unescaped reverts what Slack does to typed text: it writes <http://x|x> for
// what looks like an address, and escapes three characters.
func unescaped(text string) string {
	unescape := func(s string) string { // the ampersand last: &amp;lt; stands for the text &lt;
		return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "&lt;", "<"), "&gt;", ">"), "&amp;", "&")
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		inner, after, closed := strings.Cut(rest, ">")
		b.WriteString(unescape(before))
		if !found {
			return b.String()
		}
		if !closed {
			return b.String() + "<" + unescape(rest)
		}
		if _, label, has := strings.Cut(inner, "|"); has && label != "" {
			inner = label
		}
		b.WriteString(unescape(inner))
		text = after
	}
}
