package chat

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	slackResponse = "response" // by the URL that came with the request
	slackPost     = "post"     // into a channel, by the bot's token
	// slackResponseLife is how long Slack takes answers at such a URL.
	slackResponseLife = 30 * time.Minute
)

func (p *slack) command(form url.Values, body string, at time.Time) (Delivery, Reason) {
	team, user := form.Get("team_id"), form.Get("user_id")
	if !p.ours(team, form.Get("api_app_id")) {
		return Delivery{}, ReasonForeign
	}
	if !slackID(user) {
		return Delivery{}, ReasonUnreadable
	}
	m := p.message(user, form.Get("user_name"), form.Get("channel_id"))
	m.Text, m.Problem = commandText(slackUnescaped(form.Get("text")))
	m.ID = slackTrigger(form.Get("trigger_id"), body, at)
	m.Reply = p.response(form.Get("response_url"), m, at)
	return Delivery{Message: m, answer: slackCommand}, ""
}

// slackAction is what Slack posts when somebody clicks.
type slackAction struct {
	Type string `json:"type"`
	Team struct {
		ID string `json:"id"`
	} `json:"team"`
	User struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		Name     string `json:"name"`
		Team     string `json:"team_id"`
	} `json:"user"`
	App         string `json:"api_app_id"`
	Trigger     string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
	Channel     struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		Channel string `json:"channel_id"`
	} `json:"container"`
	Actions []struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	} `json:"actions"`
}

func (p *slack) button(payload string, at time.Time) (Delivery, Reason) {
	var a slackAction
	if json.Unmarshal([]byte(payload), &a) != nil {
		return Delivery{}, ReasonUnreadable
	}
	if !p.ours(a.Team.ID, a.App) {
		return Delivery{}, ReasonForeign
	}
	switch {
	case a.Type != "block_actions":
		return slackIgnored("another interaction")
	case len(a.Actions) != 1 || a.Actions[0].Type != "button" || a.Actions[0].Value == "":
		return slackIgnored("no command")
	case a.User.Team != "" && a.User.Team != p.team:
		return slackIgnored("outsider")
	case !slackID(a.User.ID):
		return Delivery{}, ReasonUnreadable
	}
	nick, room := a.User.Username, a.Channel.ID
	if nick == "" {
		nick = a.User.Name
	}
	if room == "" {
		room = a.Container.Channel
	}
	m := p.message(a.User.ID, nick, room)
	m.Text, m.Problem = commandText(a.Actions[0].Value)
	m.ID = slackTrigger(a.Trigger, payload, at)
	m.Reply = p.response(a.ResponseURL, m, at)
	return Delivery{Message: m, answer: slackButton}, ""
}

// message is a message of a member, as far as all kinds have it.
func (p *slack) message(user, nick, room string) *Message {
	if !slackID(room) {
		room = ""
	}
	return &Message{Sender: Identity{Platform: slackName, Tenant: p.team, User: user}, Nick: named(nick), Room: room}
}

func (p *slack) response(address string, m *Message, at time.Time) Reply {
	out := Reply{Platform: slackName, Kind: slackResponse, Room: m.Room, Mention: slackMention(m)}
	if address != "" && len(address) <= maxAddress {
		out.Address, out.Until = address, at.Add(slackResponseLife)
	}
	return out
}

// slackMention is who is mentioned in a later answer: nobody where two talk.
func slackMention(m *Message) string {
	if strings.HasPrefix(m.Room, "D") {
		return ""
	}
	return m.Sender.User
}

// slackTrigger is the id of a command or a click. Slack does not repeat them; a
// request that somebody else repeats is the same to the byte.
func slackTrigger(trigger, body string, at time.Time) string {
	if identifier(trigger) {
		return "trigger:" + trigger
	}
	digest := sha256.Sum256([]byte(strconv.FormatInt(at.Unix(), 10) + ":" + body))
	return "request:" + hex.EncodeToString(digest[:])
}
