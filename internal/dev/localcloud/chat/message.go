package chat

import (
	"encoding/json"
	"slices"
	"time"
)

// The kinds of messages.
const (
	Typed   = "typed"   // by a person
	Clicked = "clicked" // a person clicked a button; most platforms show nothing
	Bot     = "bot"
)

// Message is one message of a conversation, as its platform renders it.
type Message struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Platform string    `json:"platform"`
	Room     string    `json:"room"`
	Person   string    `json:"person,omitempty"` // who typed or clicked
	At       time.Time `json:"at"`

	// Text is the message without its format: what was typed, or the text of the
	// blocks, one per line.
	Text     string   `json:"text"`
	Title    string   `json:"title,omitempty"` // a card's
	Tone     string   `json:"tone,omitempty"`  // a card's colour, by the platform's name
	Blocks   []Block  `json:"blocks,omitempty"`
	Buttons  []Button `json:"buttons,omitempty"`
	Mentions []string `json:"mentions,omitempty"` // accounts; "everyone" for all

	Answers string `json:"answers,omitempty"` // the message that it answers
	// Way is how a bot's message came: "answer" in the HTTP response, "reply", or "card"
	// of the bot's own accord.
	Way     string `json:"way,omitempty"`
	Edits   int    `json:"edits,omitempty"`   // how often the bot updated it
	OnlyFor string `json:"onlyFor,omitempty"` // the only account that sees it (Slack)
	Deleted bool   `json:"deleted,omitempty"`
	Failed  string `json:"failed,omitempty"` // why the platform could not deliver it, such as "401" or "late"

	// Raw is the bot's message in the platform's format.
	Raw json.RawMessage `json:"raw,omitempty"`

	Version uint64 `json:"version"` // increases with every change of any message

	nativeID string    // the platform's own id
	code     string    // WeCom: what updates it, once
	shared   bool      // Feishu: everybody sees updates
	sent     *delivery // of a person's message: what went to the function
}

// Button is what a reader can click.
type Button struct {
	Label string `json:"label"`
	Style string `json:"style,omitempty"`
	// Command is what a click sends on behalf of whoever clicks (DingTalk), or the
	// value that the platform delivers to the bot.
	Command string `json:"command"`
	Inline  bool   `json:"inline,omitempty"` // a link in the text
	// Confirm is what the platform asks before it sends the command; nil for nothing.
	Confirm *Confirm `json:"confirm,omitempty"`

	action  string          // Slack's action_id
	block   string          // Slack's block_id
	value   json.RawMessage // Feishu's value
	element string          // Feishu's tag
}

// Confirm is a question before a command is sent.
type Confirm struct {
	Title  string `json:"title"`
	Text   string `json:"text"`
	OK     string `json:"ok,omitempty"` // "" for the platform's own word
	Cancel string `json:"cancel,omitempty"`
}

// Bounds of what is kept.
const (
	maxMessages  = 200 // of a room
	maxExchanges = 300
	maxAddresses = 2000
)

// Messages lists what a room shows, oldest first.
func (s *Service) Messages(platform, room string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.messages {
		if m.Platform == platform && m.Room == room && !m.Deleted {
			out = append(out, *m)
		}
	}
	return out
}

// add puts a message at the end of its room, and drops the room's oldest when
// there are too many. The caller holds s.mu.
func (s *Service) add(m *Message) {
	if m.Platform == Slack && m.Kind == Bot { // documented: a timestamp is unique in its channel
		for n := 0; s.find(func(old *Message) bool { return old.Platform == Slack && old.nativeID == m.nativeID }) != nil; n++ {
			m.nativeID = slackStamp(m.At.Add(time.Duration(n) * time.Microsecond))
		}
	}
	s.messages = append(s.messages, m)
	n, oldest := 0, -1
	for i, old := range s.messages {
		if old.Platform == m.Platform && old.Room == m.Room {
			if n++; oldest < 0 {
				oldest = i
			}
		}
	}
	if n > maxMessages {
		s.messages = slices.Delete(s.messages, oldest, oldest+1)
	}
	s.changed(m)
}

// changed numbers a message anew and wakes everybody who waits. The caller holds
// s.mu.
func (s *Service) changed(m *Message) {
	s.version++
	m.Version = s.version
	s.wake()
}

func (s *Service) find(match func(*Message) bool) *Message {
	for _, m := range slices.Backward(s.messages) {
		if match(m) {
			return m
		}
	}
	return nil
}
