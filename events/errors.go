package events

import (
	"fmt"
	"slices"
	"strings"
)

// UnknownError says that a payload is none of the accepted events. It describes
// what arrived by its top-level keys and never by a value.
type UnknownError struct {
	Got  string   // what it is: "a JSON object", "an empty payload", …
	Keys []string // some top-level keys, sorted and cut; nil when there are none
	More int      // how many keys Keys leaves out
	Why  string   // why it is refused
}

// Bounds of what an UnknownError repeats of a payload.
const (
	maxKeys      = 10
	maxKeyLength = 40
)

// Error says what arrived, why it is refused, and what is accepted.
func (e *UnknownError) Error() string {
	var b strings.Builder
	b.WriteString("unknown event: got " + e.Got)
	for i, k := range e.Keys {
		if i == 0 {
			b.WriteString(" with the keys")
		} else {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " %q", k)
	}
	if e.More > 0 {
		fmt.Fprintf(&b, " and %d more", e.More)
	}
	b.WriteString(": " + e.Why)
	b.WriteString("; accepted are an HTTP trigger's event of version v1, an OSS trigger's events[], " +
		"a timer trigger's event and the function's own wake-up")
	return b.String()
}

// unknownObject describes an object that is refused.
func unknownObject(obj object, why string) *UnknownError {
	keys := make([]string, 0, len(obj))
	for k := range obj {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	more := 0
	if len(keys) > maxKeys {
		keys, more = keys[:maxKeys], len(keys)-maxKeys
	}
	for i, k := range keys {
		if len(k) > maxKeyLength {
			keys[i] = strings.ToValidUTF8(k[:maxKeyLength], "") + "…"
		}
	}
	return &UnknownError{Got: "a JSON object", Keys: keys, More: more, Why: why}
}

// malformed says that an event's kind is known and one of its parts is not
// what it must be.
func malformed(kind string, err error) error {
	return fmt.Errorf("malformed %s event: %w", kind, err)
}
