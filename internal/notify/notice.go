package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/chat"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
	"github.com/sslvpn-change/sslvpn-change/internal/objects"
)

// Notice is a pending notification: of how a change ended, of a change that is
// to be confirmed, or of an answer that is ready. Make one with Ended, Reminder or
// Answer.
type Notice struct {
	// The change that ended. The text is rendered from its record when it is sent.
	Target change.Target
	Change string
	// The message that is answered, by its change.ChatIdentity, and the answer.
	Message string
	Text    *chat.Text

	remind *reminder // of a reminder, whose Change is the undo; nil for other kinds

	// To are the recipients, the requester first. A room gets one message, at the
	// newest of its addresses that works.
	To []Recipient
}

// Recipient is somebody who waits for an answer. It is a secret, as a chat.Reply
// is, and prints its platform only.
type Recipient struct {
	Reply chat.Reply

	lang.Reader
}

// Ended is the notification of how a change ended. Its delivery is recorded in a
// notice.
func Ended(t change.Target, id string, to ...Recipient) Notice {
	return Notice{Target: t, Change: id, To: to}
}

// Answer is the answer to a message, on a platform that does not show the HTTP
// response. Its delivery is not recorded.
func Answer(message string, text chat.Text, to Recipient) Notice {
	return Notice{Message: message, Text: &text, To: []Recipient{to}}
}

// id is the id of the change, or a hash of the message's identity.
func (n Notice) id() string {
	if n.Change != "" {
		return n.Change
	}
	return objects.AnswerName(n.Message)
}

// key is the key in the outbox. The same notification posted twice has one key.
func (n Notice) key() (string, error) {
	_, _, _, isID := change.ParseID(n.Change)
	_, isTarget := change.ParseTarget(n.Target.String())
	switch {
	case n.Change == "" && n.Message != "" && n.Text != nil && n.Target == change.Target{}:
		return objects.AnswerKey(n.Message), nil
	case isID && isTarget && n.Message == "" && n.Text == nil && n.remind != nil:
		return objects.ReminderKey(n.Target, n.Change), nil
	case isID && isTarget && n.Message == "" && n.Text == nil:
		return objects.OutboxKey(n.Target, n.Change), nil
	default:
		return "", errors.New("a notification is either of a change, with its server and id, or an answer to a message, with its text")
	}
}

// short returns the first bytes of a text's SHA-256, in hexadecimal digits.
func short(text string, size int) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:size])
}

// String returns the id, and no address.
func (n Notice) String() string { return fmt.Sprintf("notice %s to %d", n.id(), len(n.To)) }

// GoString is String.
func (n Notice) GoString() string { return n.String() }

// LogValue is String.
func (n Notice) LogValue() slog.Value { return slog.StringValue(n.String()) }

// String returns the platform, and no address.
func (r Recipient) String() string { return "recipient on " + r.Reply.Platform }

// GoString is String.
func (r Recipient) GoString() string { return r.String() }

// LogValue is String.
func (r Recipient) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON is String. See Encode for the stored form.
func (r Recipient) MarshalJSON() ([]byte, error) { return json.Marshal(r.String()) }
