package feishu

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
)

// person names an account. An open_id identifies a person to one app.
type person struct {
	OpenID string `json:"open_id"`
}

// mention says which placeholder in a text stands for a mention.
type mention struct {
	Key string `json:"key"`
}

// everybody is the placeholder of a mention of everybody, with which Feishu also
// delivers messages that are not for the bot, with or without an entry in the
// mentions.
const everybody = "@_all"

// received is the event im.message.receive_v1.
type received struct {
	Sender struct {
		ID     person `json:"sender_id"`
		Type   string `json:"sender_type"`
		Tenant string `json:"tenant_key"`
	} `json:"sender"`
	Message struct {
		ID       string    `json:"message_id"`
		Chat     string    `json:"chat_id"`
		Time     string    `json:"create_time"` // milliseconds
		ChatType string    `json:"chat_type"`
		Type     string    `json:"message_type"`
		Content  string    `json:"content"`
		Mentions []mention `json:"mentions"`
	} `json:"message"`
}

// clicked is the event card.action.trigger.
type clicked struct {
	Operator struct {
		person

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

// message reads a message to the bot.
func (p *Platform) message(e event) (chat.Delivery, error) {
	var got received
	if json.Unmarshal(e.Event, &got) != nil || !isMessageID(got.Message.ID) {
		return chat.Deny(chat.ReasonUnreadable)
	}
	switch {
	case got.Sender.Type != "user":
		return chat.Ignore(acknowledged(), chat.IgnoredBot)
	case got.Sender.Tenant != p.tenant:
		return chat.Ignore(acknowledged(), chat.IgnoredOutsider)
	case !chat.PlainID(got.Sender.ID.OpenID, "_-", 128):
		return chat.Ignore(acknowledged(), chat.IgnoredNoIdentity)
	case got.Message.ChatType != "p2p" && !got.forBot():
		return chat.Ignore(acknowledged(), chat.IgnoredNotMentioned)
	}
	// The same message can arrive as several events with different ids.
	m := p.received(got.Message.ID, got.Sender.ID.OpenID, got.Message.ID, got.Message.Chat)
	var ok bool
	if m.SentAt, ok = chat.UnixTime(cmp.Or(got.Message.Time, e.Header.Time), chat.Milliseconds); !ok {
		return chat.Deny(chat.ReasonUnreadable)
	}
	if text, ok := got.text(); ok {
		m.Text, m.Problem = chat.CommandText(typed(text, got.Message.Mentions))
	} else {
		m.Problem = chat.ProblemTextOnly
	}
	return chat.Delivery{Message: m}, nil
}

// forBot reports whether a message in a group is for the bot: it mentions
// somebody, and not everybody. An app with the permission to read all messages of
// a group receives the others, too.
func (r received) forBot() bool {
	if len(r.Message.Mentions) == 0 {
		return false
	}
	if slices.ContainsFunc(r.Message.Mentions, func(m mention) bool { return m.Key == everybody }) {
		return false
	}
	// In the content as it is: it may hold more than text.
	words := strings.FieldsFunc(strings.ReplaceAll(r.Message.Content, `\n`, "\n"), func(c rune) bool {
		return !strings.ContainsRune("_@", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
	return !slices.Contains(words, everybody) && (r.Message.Type != "post" || !mentionsAll(r.Message.Content))
}

// text is the text of a message; false for one that holds more than text. Clients
// send formatted text, and all of it in topic groups, as a post.
func (r received) text() (text string, ok bool) {
	switch r.Message.Type {
	case "text":
		var content struct {
			Text string `json:"text"`
		}
		err := json.Unmarshal([]byte(r.Message.Content), &content)
		return content.Text, err == nil
	case "post":
		return postText(r.Message.Content)
	default:
		return "", false
	}
}

// click reads a click on a button of the bot: a command of whoever clicked.
func (p *Platform) click(e event) (chat.Delivery, error) {
	var got clicked
	if json.Unmarshal(e.Event, &got) != nil || !isMessageID(got.Context.Message) {
		return chat.Deny(chat.ReasonUnreadable)
	}
	command := commandOf(got.Action.Value)
	switch {
	case got.Operator.Tenant != p.tenant:
		return chat.Ignore(acknowledged(), chat.IgnoredOutsider)
	case !chat.PlainID(got.Operator.OpenID, "_-", 128):
		return chat.Ignore(acknowledged(), chat.IgnoredNoIdentity)
	case command == "":
		return chat.Ignore(acknowledged(), chat.IgnoredNoCommand)
	}
	at, ok := chat.UnixTime(e.Header.Time, chat.Milliseconds)
	if !ok {
		return chat.Deny(chat.ReasonUnreadable)
	}
	m := p.received(e.Header.ID, got.Operator.OpenID, got.Context.Message, got.Context.Chat)
	m.Text, m.Problem = chat.ButtonText(command)
	m.SentAt = at
	return chat.Delivery{Message: m}, nil
}

// commandOf is the command in a button's value; "" if there is none.
func commandOf(value []byte) string {
	var v buttonValue
	if json.Unmarshal(value, &v) != nil {
		return ""
	}
	return v.Command
}

func (p *Platform) received(id, user, message, room string) *chat.Message {
	return &chat.Message{
		ID:     id,
		Sender: chat.Identity{Platform: name, Tenant: p.tenant, User: user},
		Room:   room,
		Reply:  chat.Reply{Platform: name, Kind: replyMessage, Address: message, Room: room},
	}
}

// isMessageID reports whether a text is a message's id, which is used in a path.
func isMessageID(id string) bool {
	rest, ok := strings.CutPrefix(id, "om_")
	return ok && chat.PlainID(rest, "_", 128)
}

// typed returns a text as it was typed: without the placeholders of mentions and
// without the links that clients make of hosts. A placeholder becomes a space,
// so that the words around it are not joined.
func typed(text string, mentions []mention) string {
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
	return strings.TrimSpace(withoutLinks(out.String()))
}

// withoutLinks reverts [x](http://x), in which a text contains a host or an
// address that a client made a link of. A link with another text is kept.
func withoutLinks(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "[")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		if label, after, ok := sameLink(rest); ok {
			out.WriteString(label)
			text = after
			continue
		}
		out.WriteByte('[')
		text = rest
	}
}

// sameLink reads a link behind its [ whose address is its label. It reads no further
// than the first sign that no label contains.
func sameLink(text string) (label, after string, ok bool) {
	end := strings.IndexAny(text, "[]()")
	if end <= 0 || !strings.HasPrefix(text[end:], "](") {
		return "", "", false
	}
	label, text = text[:end], text[end+len("]("):]
	for _, scheme := range []string{"", "http://", "https://", "mailto:"} {
		for _, path := range []string{"", "/"} {
			if after, ok := strings.CutPrefix(text, scheme+label+path+")"); ok {
				return label, after, true
			}
		}
	}
	return "", "", false
}
