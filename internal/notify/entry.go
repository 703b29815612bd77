package notify

import (
	"slices"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// entry is a pending notification in the outbox. It contains addresses, so that
// nothing of it may be logged. See stored.go for the form in which it is stored.
type entry struct {
	ID        string     // of the change, or a hash of the answered message
	Text      *chat.Text // of an answer that is ready; nil for other kinds
	Remind    *reminder  // of a reminder; nil for other kinds
	To        []Recipient
	CreatedAt time.Time
	Tries     int    // invocations that failed to deliver it
	Rooms     []room // their results

	key string
}

// room is the state of the answer to one room. Its Delivery becomes part of the
// notice record when it is over.
type room struct {
	record.Delivery

	Over bool // delivered, or given up

	to []Recipient // its addresses, the oldest first
}

func newEntry(n Notice, now time.Time) (entry, error) {
	key, err := n.key()
	if err != nil {
		return entry{}, err
	}
	return entry{ID: n.id(), Text: n.Text, Remind: n.remind, To: n.To, CreatedAt: now.UTC(), key: key}, nil
}

// ends reports whether the entry says how a change ended.
func (e *entry) ends() bool { return e.Text == nil && e.Remind == nil }

// byRoom groups the addresses by room, in the order in which the rooms were
// added, and returns the state of each room.
func (e *entry) byRoom() []*room {
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

// usable returns the addresses that still work, the newest first. The message to
// each mentions the first person of the room, who is the requester if they wrote
// there, and is in that person's language.
func (r *room) usable(now time.Time) []Recipient {
	var out []Recipient
	for _, a := range slices.Backward(r.to) {
		if a.Reply.Usable(now) {
			a.Reply.Mention, a.Reader = r.to[0].Reply.Mention, r.to[0].Reader
			out = append(out, a)
		}
	}
	return out
}

// delivered ends a room that received the answer.
func (r *room) delivered(now time.Time) {
	r.At, r.Over, r.Delivered, r.Code, r.Message = now.UTC(), true, true, "", ""
}

// giveUp ends a room that did not receive the answer. Code and message say why;
// the previous failure is appended.
func (r *room) giveUp(now time.Time, code chat.FailureCode, message string) {
	if r.Code != "" && string(code) != r.Code {
		message += "; before that " + r.Code + ": " + r.Message
	}
	r.At, r.Over, r.Delivered, r.Code, r.Message = now.UTC(), true, false, string(code), message
}

// wait notes why a room has not received the answer yet.
func (r *room) wait(now time.Time, code chat.FailureCode, message string) {
	r.At, r.Code, r.Message = now.UTC(), string(code), message
}
