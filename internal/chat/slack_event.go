package chat

import (
	"encoding/json"
	"strings"
)

// slackCallback is an event.
type slackCallback struct {
	Type      string          `json:"type"`
	Challenge string          `json:"challenge"`
	Team      string          `json:"team_id"`
	App       string          `json:"api_app_id"`
	Event     slackEventInner `json:"event"`
	Own       []struct {
		User string `json:"user_id"`
		Bot  bool   `json:"is_bot"`
	} `json:"authorizations"`
}

type slackEventInner struct {
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

func (p *slack) event(body string) (Delivery, Reason) {
	var c slackCallback
	if json.Unmarshal([]byte(body), &c) != nil {
		return Delivery{}, ReasonUnreadable
	}
	if c.Type == "url_verification" {
		return slackChallenge(c.Challenge) // it names no workspace
	}
	if !p.ours(c.Team, c.App) {
		return Delivery{}, ReasonForeign
	}
	if why := p.ignored(c); why != "" {
		return slackIgnored(why)
	}
	e := c.Event
	if !slackID(e.User) || !slackID(e.Channel) || !slackStamp(e.Stamp) {
		return Delivery{}, ReasonUnreadable
	}
	m := p.message(e.User, "", e.Channel)
	m.Text, m.Problem = commandText(slackUnescaped(slackUnmentioned(e.Text)))
	if m.Text == "" && len(e.Files) > 0 {
		m.Problem = ProblemTextOnly
	}
	// One message can come as several events with ids of their own. Its time is
	// unique in its channel.
	m.ID = "message:" + e.Channel + ":" + e.Stamp
	m.Reply = Reply{Platform: slackName, Kind: slackPost, Address: e.Channel, Room: e.Channel, Mention: slackMention(m)}
	if slackStamp(e.Thread) {
		m.Reply.Address += "/" + e.Thread
	}
	return Delivery{Message: m, answer: slackEvent}, ""
}

// ignored says why an event is no message to the bot from a member; "" when it
// is one.
func (p *slack) ignored(c slackCallback) string {
	e := c.Event
	if c.Type != "event_callback" || (e.Type != "app_mention" && (e.Type != "message" || e.Kind != "im")) {
		return "another event"
	}
	switch e.Subtype {
	case "", "file_share", "thread_broadcast":
	default:
		return "no message of a person"
	}
	if e.Bot != "" || given(e.Profile) || e.User == "USLACKBOT" {
		return "bot"
	}
	for _, own := range c.Own {
		if own.Bot && own.User == e.User {
			return "bot"
		}
	}
	for _, team := range []string{e.Team, e.UserTeam, e.SourceTeam} {
		if team != "" && team != p.team {
			return "outsider"
		}
	}
	switch {
	case given(e.Edited):
		return "edited" // what was sent first has been answered
	case p.token == "":
		return "no botToken"
	default:
		return ""
	}
}

func given(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// slackUnmentioned drops the mentions that a message begins with.
func slackUnmentioned(text string) string {
	for {
		text = strings.TrimSpace(text)
		end := strings.IndexByte(text, '>')
		if end < 0 || !strings.HasPrefix(text, "<@") {
			return text
		}
		text = text[end+1:]
	}
}

// slackUnescaped undoes what Slack does to what people type: <http://x|x> for
// what looks like an address, and escapes for three characters.
func slackUnescaped(text string) string {
	undo := func(s string) string { // the ampersand last: &amp;lt; is &lt; in letters
		return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "&lt;", "<"), "&gt;", ">"), "&amp;", "&")
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		inner, after, closed := strings.Cut(rest, ">")
		b.WriteString(undo(before))
		if !found {
			return b.String()
		}
		if !closed {
			return b.String() + "<" + undo(rest)
		}
		if _, label, has := strings.Cut(inner, "|"); has && label != "" {
			inner = label
		}
		b.WriteString(undo(inner))
		text = after
	}
}
