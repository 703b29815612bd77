package chat

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Reply says where later answers to a message go. It is a secret: whoever has
// it can post in the room. Package notify has the type in which it is stored.
type Reply struct {
	Platform string
	Kind     string    // which of the platform's ways, such as "session"
	Address  string    // a URL, or a message's or an account's id
	Room     string    // the conversation: each gets one answer
	Mention  string    // the account to mention, if any
	Until    time.Time // when the address stops working; zero: never
}

// String hides the address and the room.
func (r Reply) String() string { return r.Platform + " " + r.Kind + " [secret]" }

// Format hides what String hides, from every verb of fmt.
func (r Reply) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue hides what String hides, from log/slog.
func (r Reply) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON hides what String hides, from encoding/json.
func (r Reply) MarshalJSON() ([]byte, error) { return json.Marshal(r.String()) }

// Usable reports whether the address still works at now, as far as is known.
func (r Reply) Usable(now time.Time) bool {
	return r.Address != "" && (r.Until.IsZero() || now.Before(r.Until))
}
