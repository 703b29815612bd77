package notify

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/dev/storedtest"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

func sampleTime() time.Time { return time.Date(2026, 11, 22, 8, 35, 2, 797000000, time.UTC) }

func sampleRecipient() Recipient {
	return Recipient{
		Reply: chat.Reply{
			Platform: "dingtalk", Kind: "session", Address: "https://oapi.dingtalk.com/robot/sendBySession?session=example",
			Room: "cidExample==", Mention: "manager0417", Until: sampleTime().Add(90 * time.Minute),
		},
		Reader: lang.Reader{Lang: lang.Chinese},
	}
}

// inZone gives recipients with time zones.
func inZone(to ...Recipient) []Recipient {
	for i := range to {
		to[i].Zone = map[lang.Tag]string{lang.Chinese: "Asia/Shanghai", lang.English: "America/New_York"}[to[i].Lang]
	}
	return to
}

func sampleRooms() []room {
	return []room{{
		Delivery: record.Delivery{
			Platform: "dingtalk", Room: "cidExample==", At: sampleTime().Add(time.Second), Delivered: true,
			Code: "HTTP503", Message: "the chat platform is out of order", Tries: 2,
		},
		Over: true,
	}}
}

// both are recipients on two platforms.
func both() []Recipient {
	return []Recipient{sampleRecipient(), {
		Reply: chat.Reply{
			Platform: "slack", Kind: "response", Address: "https://hooks.slack.com/commands/T1/2/example",
			Room: "C1", Mention: "U2", Until: sampleTime().Add(90 * time.Minute),
		},
		Reader: lang.Reader{Lang: lang.English},
	}}
}

func TestStoredEnding(t *testing.T) {
	t.Parallel()
	const id, key = "20261122-7f3akq2cd2", "outbox/cn-hangzhou/vss-bp18q7/20261122-7f3akq2cd2.json"
	storedtest.Check(t, storedtest.Form[entry]{
		Name: "ending", Stored: storedEnding{}, Write: encode,
		Read: func(data []byte) (entry, error) { return decode(key, data) },
		Want: map[string]entry{"v1": {
			ID: id, To: both(), CreatedAt: sampleTime(), Tries: 3, Rooms: sampleRooms(), key: key,
		}, "v1.1": {
			ID: id, To: inZone(both()...), CreatedAt: sampleTime(), Tries: 3, Rooms: sampleRooms(), key: key,
		}},
	})
}

func TestStoredReminder(t *testing.T) {
	t.Parallel()
	const id, key = "20261122-7f3akq2cd2", "outbox/cn-hangzhou/vss-bp18q7/20261122-7f3akq2cd2.half.json"
	storedtest.Check(t, storedtest.Form[entry]{
		Name: "reminder", Stored: storedReminder{}, Write: encode,
		Read: func(data []byte) (entry, error) { return decode(key, data) },
		Want: map[string]entry{"v1.1": {
			ID: id, Remind: &reminder{Of: "20261122-8f3akq2cd2", At: sampleTime().Add(5 * time.Minute), Due: sampleTime().Add(10 * time.Minute), Sent: 2},
			To: []Recipient{sampleRecipient()}, CreatedAt: sampleTime(), Tries: 3, Rooms: sampleRooms(), key: key,
		}, "v1.2": {
			ID: id, Remind: &reminder{Of: "20261122-8f3akq2cd2", At: sampleTime().Add(5 * time.Minute), Due: sampleTime().Add(10 * time.Minute), Sent: 2},
			To: inZone(sampleRecipient()), CreatedAt: sampleTime(), Tries: 3, Rooms: sampleRooms(), key: key,
		}, "v1": {
			ID: id, Remind: &reminder{Of: "20261122-8f3akq2cd2", At: sampleTime().Add(5 * time.Minute), Due: sampleTime().Add(10 * time.Minute)},
			To: []Recipient{sampleRecipient()}, CreatedAt: sampleTime(), Tries: 3, Rooms: sampleRooms(), key: key,
		}},
	})
}

func TestStoredAnswer(t *testing.T) {
	t.Parallel()
	const key = "outbox/answers/63b5c1ac409fa86573f8577748ea5cf5.json"
	storedtest.Check(t, storedtest.Form[entry]{
		Name: "answer", Stored: storedAnswer{}, Write: encode,
		Read: func(data []byte) (entry, error) { return decode(key, data) },
		Want: map[string]entry{
			"v1":   storedAnswerSample("63b5c1ac409fa86573f8577748ea5cf5", key, ""),
			"v1.1": storedAnswerSample("63b5c1ac409fa86573f8577748ea5cf5", key, "12 clients are disconnected"),
			"v1.2": storedAnswerSample("63b5c1ac409fa86573f8577748ea5cf5", key, "12 clients are disconnected", "in zones"),
		},
	})
}

// storedAnswerSample is an answer that is ready; warning is that of its command.
func storedAnswerSample(id, key, warning string, zoned ...string) entry {
	to := []Recipient{sampleRecipient()}
	if len(zoned) > 0 {
		to = inZone(to...)
	}
	return entry{
		ID: id,
		Text: &chat.Text{
			Mark: chat.Waits, Title: chat.Line{chat.Words("waits "), chat.Code("20261122-7f3akq2cd2")},
			Lines: []chat.Line{{chat.Words("port: "), chat.Code("1194")}, {}},
			Next:  []chat.Next{{Label: "Approve", Command: "approve 20261122-7f3akq2cd2 k7m2q4xa", Warning: warning}},
		},
		To: to, CreatedAt: sampleTime(), Tries: 3, Rooms: sampleRooms(), key: key,
	}
}

func TestStoredRecipient(t *testing.T) {
	t.Parallel()
	storedtest.Check(t, storedtest.Form[Recipient]{
		Name: "recipient", Stored: storedAddress{},
		Read:  func(data []byte) (Recipient, error) { return decodeRecipient(data) },
		Write: func(r Recipient) ([]byte, error) { return r.Encode() },
		Want:  map[string]Recipient{"v1": sampleRecipient(), "v1.1": inZone(sampleRecipient())[0]},
	})
}

// TestAnIncompleteNotificationIsRefused removes each field that an entry cannot
// be delivered without.
func TestAnIncompleteNotificationIsRefused(t *testing.T) {
	t.Parallel()
	for key, fields := range map[string][]string{
		"outbox/cn-hangzhou/vss-bp18q7/20261122-7f3akq2cd2.json": {"schema", "id", "to", "createdAt", "record"},
		"outbox/answers/63b5c1ac409fa86573f8577748ea5cf5.json":   {"schema", "id", "to", "createdAt", "text"},
		"outbox/cn-hangzhou/vss-a/20261122-7f3akq2cd2.half.json": {"schema", "id", "to", "createdAt", "of", "at", "dueAt"},
	} {
		e := entry{ID: "20261122-7f3akq2cd2", To: []Recipient{sampleRecipient()}, CreatedAt: sampleTime(), key: key}
		if fields[4] == "text" {
			e.Text = &chat.Text{}
		}
		if fields[4] == "of" {
			e.Remind = &reminder{Of: "20261122-8f3akq2cd2", At: sampleTime(), Due: sampleTime()}
		}
		data, err := encode(e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(key, data); err != nil {
			t.Fatalf("the complete one: %v", err)
		}
		for _, f := range fields {
			var form map[string]any
			if err := json.Unmarshal(data, &form); err != nil {
				t.Fatal(err)
			}
			delete(form, f)
			without, err := json.Marshal(form)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := decode(key, without); err == nil {
				t.Errorf("%s is accepted without %s", key, f)
			}
		}
	}
}
