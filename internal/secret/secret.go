package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a Text renders as.
const Redacted = "[redacted]"

// Text is a secret text. The zero Text is empty. Do not compare two of them
// with ==: see Equal.
type Text struct {
	// A pointer, because fmt prints unexported fields of structs without calling
	// their methods. It follows pointers to structs, maps and slices, and prints
	// only the address of a pointer to a string.
	text *string
}

// New keeps s secret. New("") is the zero Text.
func New(s string) Text {
	if s == "" {
		return Text{}
	}
	return Text{text: &s}
}

// Reveal returns the text.
func (t Text) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// IsZero reports whether the text is empty.
func (t Text) IsZero() bool { return t.text == nil }

// Equal reports whether both hold the same text, which is not empty. The time
// that it takes depends on the lengths alone.
func (t Text) Equal(o Text) bool { return t.Matches(o.Reveal()) }

// Matches reports whether the text is s, and not empty. The time that it takes
// depends on the lengths alone.
func (t Text) Matches(s string) bool {
	return !t.IsZero() && subtle.ConstantTimeCompare([]byte(t.Reveal()), []byte(s)) == 1
}

// String hides the text.
func (Text) String() string { return Redacted }

// GoString hides the text from %#v.
func (Text) GoString() string { return Redacted }

// Format hides the text from every verb of fmt.
func (Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue hides the text from log/slog.
func (Text) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText hides the text from encoders, encoding/json among them.
func (Text) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// MarshalJSON hides the text from encoding/json.
func (Text) MarshalJSON() ([]byte, error) { return []byte(`"` + Redacted + `"`), nil }
