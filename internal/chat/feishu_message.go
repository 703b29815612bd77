package chat

import (
	"encoding/json"
	"strings"
)

// feishuPerson names an account. An open_id is the person's within our app.
type feishuPerson struct {
	OpenID string `json:"open_id"`
}

// feishuMention says which placeholder in a text stands for a mention.
type feishuMention struct {
	Key string `json:"key"`
}

// feishuReceived is the event im.message.receive_v1.
type feishuReceived struct {
	Sender struct {
		ID     feishuPerson `json:"sender_id"`
		Type   string       `json:"sender_type"`
		Tenant string       `json:"tenant_key"`
	} `json:"sender"`
	Message struct {
		ID       string          `json:"message_id"`
		Chat     string          `json:"chat_id"`
		ChatType string          `json:"chat_type"`
		Type     string          `json:"message_type"`
		Content  string          `json:"content"`
		Mentions []feishuMention `json:"mentions"`
	} `json:"message"`
}

// feishuClicked is the event card.action.trigger.
type feishuClicked struct {
	Operator struct {
		feishuPerson

		Tenant string `json:"tenant_key"`
	} `json:"operator"`
	Action struct {
		Value json.RawMessage `json:"value"`
	} `json:"action"`
	Context struct {
		Message string `json:"open_message_id"`
		Chat    string `json:"open_chat_id"`
	} `json:"context"`
}

// message reads what somebody wrote to the bot.
func (p *feishu) message(e feishuEvent) (Delivery, error) {
	var event feishuReceived
	if json.Unmarshal(e.Event, &event) != nil || !feishuMessageID(event.Message.ID) {
		return Delivery{}, &RefusedError{ReasonUnreadable}
	}
	switch {
	case event.Sender.Type != "user":
		return feishuIgnored("not-a-user"), nil
	case event.Sender.Tenant != p.tenant:
		return feishuIgnored("other-tenant"), nil
	case !plainID(event.Sender.ID.OpenID, "_-", 128):
		return feishuIgnored("no-identity"), nil
	case event.Message.ChatType != "p2p" && len(event.Message.Mentions) == 0:
		// An app that may read all messages of a group gets those too.
		return feishuIgnored("not-mentioned"), nil
	}
	m := p.received(e.Header.ID, event.Sender.ID.OpenID, event.Message.ID, event.Message.Chat)
	var content struct {
		Text string `json:"text"`
	}
	if event.Message.Type != "text" || json.Unmarshal([]byte(event.Message.Content), &content) != nil {
		m.Problem = "text-only"
	} else {
		m.Text = feishuTyped(content.Text, event.Message.Mentions)
	}
	return Delivery{Message: m}, nil
}

// click reads a click on a button of ours: the command in it, by who clicked.
func (p *feishu) click(e feishuEvent) (Delivery, error) {
	var event feishuClicked
	if json.Unmarshal(e.Event, &event) != nil || !feishuMessageID(event.Context.Message) {
		return Delivery{}, &RefusedError{ReasonUnreadable}
	}
	command := feishuCommand(event.Action.Value)
	switch {
	case event.Operator.Tenant != p.tenant:
		return feishuIgnored("other-tenant"), nil
	case !plainID(event.Operator.OpenID, "_-", 128):
		return feishuIgnored("no-identity"), nil
	case command == "":
		return feishuIgnored("other-click"), nil
	}
	m := p.received(e.Header.ID, event.Operator.OpenID, event.Context.Message, event.Context.Chat)
	m.Text = command
	return Delivery{Message: m}, nil
}

// feishuCommand is the command in a button's value; "" if there is none.
func feishuCommand(value []byte) string {
	var v feishuButtonValue
	if json.Unmarshal(value, &v) != nil {
		return ""
	}
	return v.Command
}

func (p *feishu) received(id, user, message, room string) *Message {
	return &Message{
		ID:     id,
		Sender: Identity{Platform: feishuName, Tenant: p.tenant, User: user},
		Room:   room,
		Reply:  Reply{Platform: feishuName, Kind: "message", Address: message, Room: room},
	}
}

// feishuMessageID tells whether a message's id may stand in a path.
func feishuMessageID(id string) bool {
	rest, ok := strings.CutPrefix(id, "om_")
	return ok && plainID(rest, "_", 128)
}

// feishuTyped is a text as it was typed: without the placeholders of mentions
// and without the links that clients make of hosts. A placeholder becomes a
// space, so that what stands around it does not become one word.
func feishuTyped(text string, mentions []feishuMention) string {
	keys := make(map[string]bool, len(mentions))
	for _, m := range mentions {
		keys[m.Key] = true
	}
	const prefix = "@_user_"
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, prefix)
		out.WriteString(before)
		if !found {
			break
		}
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if key := prefix + rest[:digits]; keys[key] {
			out.WriteByte(' ')
		} else {
			out.WriteString(key)
		}
		text = rest[digits:]
	}
	return strings.TrimSpace(feishuUnlink(out.String()))
}

// feishuUnlink undoes [x](http://x), which is how a text shows a host or an
// address that a client made a link of. A link of another text stays.
func feishuUnlink(text string) string {
	var out strings.Builder
	for {
		open := strings.IndexByte(text, '[')
		if open < 0 {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(text[:open])
		text = text[open:]
		label, rest, ok := strings.Cut(text[1:], "](")
		address, after, closed := strings.Cut(rest, ")")
		if ok && closed && feishuSameLink(label, address) {
			out.WriteString(label)
			text = after
			continue
		}
		out.WriteByte('[')
		text = text[1:]
	}
}

func feishuSameLink(label, address string) bool {
	for _, scheme := range []string{"", "http://", "https://", "mailto:"} {
		if address == scheme+label || address == scheme+label+"/" {
			return label != "" && !strings.ContainsAny(label, "[]()")
		}
	}
	return false
}
