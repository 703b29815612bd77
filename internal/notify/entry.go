package notify

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/lang"
	"sslvpnchange/internal/objects"
	"sslvpnchange/internal/record"
)

// schema names the stored form of a notice. Fields may be added; anything else
// needs a new name, and readers of both.
const schema = "sslvpn-change/outbox/v1"

// entry is a notice in the outbox. It holds addresses: nothing of it may be
// logged.
type entry struct {
	Schema    string     `json:"schema"`
	ID        string     `json:"id"`
	Record    string     `json:"record,omitempty"` // where the record of the change lives
	Text      *chat.Text `json:"text,omitempty"`   // of an answer that is ready
	To        []address  `json:"to"`
	CreatedAt time.Time  `json:"createdAt"`
	Tries     int        `json:"tries"`           // invocations that tried in vain
	Rooms     []room     `json:"rooms,omitempty"` // how far those went

	key string
}

// address is how a Recipient is stored.
type address struct {
	Reply chat.Reply `json:"reply"`
	Lang  lang.Tag   `json:"lang,omitempty"`
}

// room is where the answer to one room stands. Its Delivery becomes part of
// the notice record when it is over.
type room struct {
	record.Delivery

	Over bool `json:"over"` // delivered, or given up

	to []address // its addresses, the oldest first
}

func newEntry(n Notice, now time.Time) (entry, error) {
	key, err := n.key()
	if err != nil {
		return entry{}, err
	}
	e := entry{Schema: schema, ID: n.id(), Text: n.Text, CreatedAt: now.UTC(), key: key}
	e.Record, _ = objects.RecordKey(n.Change) // none for an answer
	for _, r := range n.To {
		e.To = append(e.To, address(r))
	}
	return e, nil
}

// decode reads an entry. Its errors do not show what is stored.
func decode(key string, data []byte) (entry, error) {
	var e entry
	err := json.Unmarshal(data, &e)
	of, known := objects.RecordKey(e.ID)
	ended := known && e.Record == of && e.Text == nil
	if err != nil || e.Schema != schema || len(e.To) == 0 || !ended && (e.Record != "" || e.Text == nil) {
		return entry{}, fmt.Errorf("%s is no notice (schema %q): only the function may write below %s", key, e.Schema, objects.Outbox)
	}
	e.key = key
	return e, nil
}

// ends tells whether the notice says how a change ended.
func (e *entry) ends() bool { return e.Record != "" }

// open sorts the addresses by room, in the order in which the rooms came, and
// returns where each room stands.
func (e *entry) open() []*room {
	type place struct{ platform, room string }
	known := map[place]*room{}
	for i := range e.Rooms {
		r := &e.Rooms[i]
		known[place{r.Platform, r.Room}] = r
	}
	var out []*room
	seen := map[place]bool{}
	for _, a := range e.To {
		at := place{a.Reply.Platform, a.Reply.Room}
		r := known[at]
		if r == nil {
			r = &room{Delivery: record.Delivery{Platform: at.platform, Room: at.room}}
			known[at] = r
		}
		if r.to = append(r.to, a); !seen[at] {
			seen[at] = true
			out = append(out, r)
		}
	}
	return out
}

// usable gives the addresses that still work, the newest first. Each is read in
// the language of who came to the room first, the asker if they did, and
// mentions them.
func (r *room) usable(now time.Time) []address {
	var out []address
	for _, a := range slices.Backward(r.to) {
		if a.Reply.Usable(now) {
			a.Reply.Mention, a.Lang = r.to[0].Reply.Mention, r.to[0].Lang
			out = append(out, a)
		}
	}
	return out
}

// end settles a room: code and message say why it was not told, both "" when it
// was.
func (r *room) end(now time.Time, code, message string) {
	if r.Code != "" && code != "" && code != r.Code {
		message += "; before that " + r.Code + ": " + r.Message
	}
	r.At, r.Over, r.Delivered, r.Code, r.Message = now.UTC(), true, code == "", code, message
}

// wait notes why a room is not told yet.
func (r *room) wait(now time.Time, code, message string) {
	r.At, r.Code, r.Message = now.UTC(), code, message
}
