package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// schema names the stored form of a pending notification.
const schema = "sslvpn-change/outbox/v1"

// The stored forms. Outbox.Post and Outbox.keep write them below outbox/, and
// Outbox.read reads them, also in a later version of the function. Recipient.Encode
// writes storedAddress into queue entries and votes, and Pending reads it there.
//
// Fields may be added, with a zero value that means what their absence meant. A
// name, type or meaning never changes. All of them contain reply addresses, so that nothing
// of them may be logged.

// stored is what both kinds of pending notifications have.
type stored struct {
	Schema    string          `json:"schema"`
	ID        string          `json:"id"`
	To        []storedAddress `json:"to"`
	CreatedAt time.Time       `json:"createdAt"`
	Tries     int             `json:"tries"`           // invocations that failed to deliver it
	Rooms     []storedRoom    `json:"rooms,omitempty"` // their results
}

// storedEnding is how a change ended.
type storedEnding struct {
	stored

	Record string `json:"record"` // the key of the change's record
}

// storedReminder is a reminder of a change that is to be confirmed; its id is that of
// the undo.
type storedReminder struct {
	stored

	Of    string    `json:"of"`    // the change
	At    time.Time `json:"at"`    // not before
	DueAt time.Time `json:"dueAt"` // of the undo
	Sent  int       `json:"sent,omitempty"`
}

// storedAnswer is an answer that is ready.
type storedAnswer struct {
	stored

	Text *storedText `json:"text"`
}

type storedAddress struct {
	Reply storedReply `json:"reply"`
	Lang  lang.Tag    `json:"lang,omitempty"`
	Zone  string      `json:"timeZone,omitempty"` // the name of the reader's; "" for the function's
}

type storedReply struct {
	Platform string    `json:"platform"`
	Kind     string    `json:"kind"`
	Address  string    `json:"address"`
	Room     string    `json:"room"`
	Mention  string    `json:"mention,omitempty"`
	Until    time.Time `json:"until,omitzero"`
}

type storedRoom struct {
	Platform  string    `json:"platform"`
	Room      string    `json:"room,omitempty"`
	At        time.Time `json:"at"`
	Delivered bool      `json:"delivered"`
	Code      string    `json:"code,omitempty"`
	Message   string    `json:"message,omitempty"`
	Tries     int       `json:"tries"`
	Over      bool      `json:"over"`
}

type storedText struct {
	Mark  chat.Mark      `json:"mark"`
	Title []storedSpan   `json:"title"`
	Lines [][]storedSpan `json:"lines,omitempty"`
	Next  []storedNext   `json:"next,omitempty"`
}

type storedSpan struct {
	Text string `json:"text"`
	Code bool   `json:"code,omitempty"`
}

type storedNext struct {
	Label   string `json:"label"`
	Command string `json:"command"`
	Warning string `json:"warning,omitempty"`
}

// encode writes an entry. Its error does not show what the entry contains.
func encode(e entry) ([]byte, error) {
	s := stored{Schema: schema, ID: e.ID, CreatedAt: e.CreatedAt, Tries: e.Tries}
	for _, r := range e.To {
		s.To = append(s.To, storedAddress{storedReply(r.Reply), r.Lang, r.Zone})
	}
	for _, r := range e.Rooms {
		s.Rooms = append(s.Rooms, storedRoom{r.Platform, r.Room, r.At, r.Delivered, r.Code, r.Message, r.Tries, r.Over})
	}
	var form any = storedAnswer{s, storeText(e.Text)}
	switch {
	case e.Remind != nil:
		form = storedReminder{s, e.Remind.Of, e.Remind.At, e.Remind.Due, e.Remind.Sent}
	case e.Text == nil:
		key, _ := objects.RecordKey(e.ID)
		form = storedEnding{s, key}
	}
	data, err := json.Marshal(form)
	if err != nil {
		return nil, errors.New("a pending notification cannot be encoded")
	}
	return data, nil
}

// decode reads an entry and refuses an incomplete one. Its errors do not show
// what is stored.
func decode(key string, data []byte) (entry, error) {
	invalid := fmt.Errorf("%s is no pending notification: only the function may write below %s", key, objects.Outbox)
	var s stored
	var text *chat.Text
	var remind *reminder
	switch {
	case strings.HasPrefix(key, objects.Answers):
		var form storedAnswer
		if json.Unmarshal(data, &form) != nil || form.Text == nil {
			return entry{}, invalid
		}
		s, text = form.stored, form.Text.text()
	case objects.IsReminder(key):
		var form storedReminder
		if json.Unmarshal(data, &form) != nil || form.Of == "" || form.At.IsZero() || form.DueAt.IsZero() {
			return entry{}, invalid
		}
		s, remind = form.stored, &reminder{Of: form.Of, At: form.At, Due: form.DueAt, Sent: form.Sent}
	default:
		var form storedEnding
		err := json.Unmarshal(data, &form)
		if of, known := objects.RecordKey(form.ID); err != nil || !known || form.Record != of {
			return entry{}, invalid
		}
		s = form.stored
	}
	if s.Schema != schema || s.ID == "" || len(s.To) == 0 || s.CreatedAt.IsZero() {
		return entry{}, invalid
	}
	e := entry{ID: s.ID, Text: text, Remind: remind, CreatedAt: s.CreatedAt, Tries: s.Tries, key: key}
	for _, a := range s.To {
		e.To = append(e.To, Recipient{chat.Reply(a.Reply), lang.Reader{Lang: a.Lang, Zone: a.Zone}})
	}
	for _, r := range s.Rooms {
		e.Rooms = append(e.Rooms, room{
			Delivery: record.Delivery{
				Platform: r.Platform, Room: r.Room, At: r.At, Delivered: r.Delivered, Code: r.Code, Message: r.Message, Tries: r.Tries,
			},
			Over: r.Over,
		})
	}
	return e, nil
}

func storeText(t *chat.Text) *storedText {
	if t == nil {
		return nil
	}
	s := &storedText{Mark: t.Mark, Title: storeLine(t.Title)}
	for _, l := range t.Lines {
		s.Lines = append(s.Lines, storeLine(l))
	}
	for _, n := range t.Next {
		s.Next = append(s.Next, storedNext(n))
	}
	return s
}

func storeLine(l chat.Line) []storedSpan {
	out := make([]storedSpan, len(l))
	for i, s := range l {
		out[i] = storedSpan(s)
	}
	return out
}

func (s *storedText) text() *chat.Text {
	t := &chat.Text{Mark: s.Mark, Title: line(s.Title)}
	for _, l := range s.Lines {
		t.Lines = append(t.Lines, line(l))
	}
	for _, n := range s.Next {
		t.Next = append(t.Next, chat.Next(n))
	}
	return t
}

func line(spans []storedSpan) chat.Line {
	out := make(chat.Line, len(spans))
	for i, s := range spans {
		out[i] = chat.Span(s)
	}
	return out
}

// Encode returns the recipient in the form in which the queue stores it. The
// result is a secret.
func (r Recipient) Encode() (json.RawMessage, error) {
	data, err := json.Marshal(storedAddress{storedReply(r.Reply), r.Lang, r.Zone})
	if err != nil {
		return nil, errors.New("a recipient cannot be encoded")
	}
	return data, nil
}

// decodeRecipient reads what Encode returned, and refuses an address without a
// platform or a kind.
func decodeRecipient(raw json.RawMessage) (Recipient, error) {
	var a storedAddress
	if json.Unmarshal(raw, &a) != nil || a.Reply.Platform == "" || a.Reply.Kind == "" {
		return Recipient{}, errors.New("it is no recipient")
	}
	return Recipient{chat.Reply(a.Reply), lang.Reader{Lang: a.Lang, Zone: a.Zone}}, nil
}
