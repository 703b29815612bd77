package slack

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

const (
	replyResponse = "response" // to the URL that came with the request
	replyPost     = "post"     // to a channel, with the bot's token
	// responseLife is how long a response URL accepts answers.
	responseLife = 30 * time.Minute
)

func (p *Platform) command(form url.Values, body string, at time.Time) (chat.Delivery, error) {
	team, user := form.Get("team_id"), form.Get("user_id")
	if !p.ours(team, form.Get("api_app_id")) {
		return chat.Deny(chat.ReasonForeign)
	}
	if !isID(user) {
		return chat.Deny(chat.ReasonUnreadable)
	}
	m := p.message(user, form.Get("user_name"), form.Get("channel_id"))
	m.Text, m.Problem = chat.CommandText(unescaped(addressed(form.Get("text"), nil)))
	m.ID = requestID(form.Get("trigger_id"), body, at)
	m.Reply = p.response(form.Get("response_url"), m, at)
	return chat.Delivery{Message: m, State: formCommand}, nil
}

// action is what Slack posts when somebody clicks.
type action struct {
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
		Stamp string `json:"action_ts"`
	} `json:"actions"`
}

func (p *Platform) button(payload string, at time.Time) (chat.Delivery, error) {
	var a action
	if json.Unmarshal([]byte(payload), &a) != nil {
		return chat.Deny(chat.ReasonUnreadable)
	}
	if !p.ours(a.Team.ID, a.App) {
		return chat.Deny(chat.ReasonForeign)
	}
	switch {
	case a.Type != "block_actions":
		return chat.Ignore(acknowledged(), chat.IgnoredEvent)
	case len(a.Actions) != 1 || a.Actions[0].Type != "button" || a.Actions[0].Value == "":
		return chat.Ignore(acknowledged(), chat.IgnoredNoCommand)
	case a.User.Team != "" && a.User.Team != p.team:
		return chat.Ignore(acknowledged(), chat.IgnoredOutsider)
	case !isID(a.User.ID):
		return chat.Deny(chat.ReasonUnreadable)
	}
	clicked, ok := sentAt(a.Actions[0].Stamp)
	if !ok {
		return chat.Deny(chat.ReasonUnreadable)
	}
	nick, room := a.User.Username, a.Channel.ID
	if nick == "" {
		nick = a.User.Name
	}
	if room == "" {
		room = a.Container.Channel
	}
	m := p.message(a.User.ID, nick, room)
	m.Text, m.Problem = chat.ButtonText(a.Actions[0].Value)
	m.SentAt = clicked
	m.ID = requestID(a.Trigger, payload, at)
	m.Reply = p.response(a.ResponseURL, m, at)
	return chat.Delivery{Message: m, State: formButton}, nil
}

// message is a message of a member, with what all forms have.
func (p *Platform) message(user, nick, room string) *chat.Message {
	if !isID(room) {
		room = ""
	}
	return &chat.Message{Sender: chat.Identity{Platform: name, Tenant: p.team, User: user}, Nick: chat.DisplayName(nick), Room: room}
}

func (p *Platform) response(address string, m *chat.Message, at time.Time) chat.Reply {
	out := chat.Reply{Platform: name, Kind: replyResponse, Room: m.Room, Mention: mention(m)}
	if address != "" && len(address) <= chat.MaxAddress {
		out.Address, out.Until = address, at.Add(responseLife)
	}
	return out
}

// mention is the account to mention in a later answer; "" in a direct message.
func mention(m *chat.Message) string {
	if strings.HasPrefix(m.Room, "D") {
		return ""
	}
	return m.Sender.User
}

// requestID is the id of a command or a click. Slack does not deliver those
// again. A request that somebody else repeats has the same bytes, and so the
// same id.
func requestID(trigger, body string, at time.Time) string {
	if chat.Identifier(trigger) {
		return "trigger:" + trigger
	}
	digest := sha256.Sum256([]byte(strconv.FormatInt(at.Unix(), 10) + ":" + body))
	return "request:" + hex.EncodeToString(digest[:])
}
