package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/chat"
	"sslvpnchange/internal/lang"
	"sslvpnchange/internal/objects"
)

// Notice is an answer that is owed: either how a change ended, or a text that
// is ready. Make one with Ended or Answer.
type Notice struct {
	// Of how a change ended: which one. The text is rendered from its record when
	// it is sent.
	Target change.Target
	Change string
	// Of a text that is ready: the message that it answers, by its
	// change.ChatIdentity, and the text.
	Message string
	Text    *chat.Text

	// To are those who wait, the one who asked first. A room gets one answer, to
	// the newest of its addresses that works.
	To []Recipient
}

// Recipient is somebody who waits for an answer. It is a secret, as a
// chat.Reply is, and shows no more than its platform.
type Recipient struct {
	Reply chat.Reply
	Lang  lang.Tag
}

// Ended is the notice of how a change ended. It leaves a notice record.
func Ended(t change.Target, id string, to ...Recipient) Notice {
	return Notice{Target: t, Change: id, To: to}
}

// Answer is an answer to a message, on a platform that does not show what is in
// the HTTP response. It leaves nothing behind.
func Answer(message string, text chat.Text, to Recipient) Notice {
	return Notice{Message: message, Text: &text, To: []Recipient{to}}
}

// id names the notice: the change's id, or a hash of the message's identity.
func (n Notice) id() string {
	if n.Change != "" {
		return n.Change
	}
	return objects.AnswerName(n.Message)
}

// key is where the notice waits. The same notice posted twice has one key.
func (n Notice) key() (string, error) {
	_, _, _, isID := change.ParseID(n.Change)
	_, isTarget := change.ParseTarget(n.Target.String())
	switch {
	case n.Change == "" && n.Message != "" && n.Text != nil && n.Target == change.Target{}:
		return objects.AnswerKey(n.Message), nil
	case isID && isTarget && n.Message == "" && n.Text == nil:
		return objects.OutboxKey(n.Target, n.Change), nil
	default:
		return "", errors.New("a notice is either of a change, by its server and id, or an answer to a message, with its text")
	}
}

// short is the beginning of a text's SHA-256, in hexadecimal digits.
func short(text string, size int) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:size])
}

// String names the notice and shows no address.
func (n Notice) String() string { return fmt.Sprintf("notice %s to %d", n.id(), len(n.To)) }

// GoString is String.
func (n Notice) GoString() string { return n.String() }

// LogValue is String.
func (n Notice) LogValue() slog.Value { return slog.StringValue(n.String()) }

// String names the platform and shows no address.
func (r Recipient) String() string { return "recipient on " + r.Reply.Platform }

// GoString is String.
func (r Recipient) GoString() string { return r.String() }

// LogValue is String.
func (r Recipient) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON gives String: what is stored has another type.
func (r Recipient) MarshalJSON() ([]byte, error) { return json.Marshal(r.String()) }
