package chat

import (
	"slices"

	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// Spec describes a platform: its configuration, and where it lets answers be
// sent. The configuration is one environment variable of the form
// key=value;key=value. A key may be repeated while a secret is rotated, the
// current one first.
type Spec struct {
	Name     string // the platform's
	Variable string // such as CHAT_SLACK
	Keys     []Key
	// Destinations are all addresses that the platform sends requests to. The
	// function sends none elsewhere (package notify).
	Destinations []Destination
	// New makes the platform from valid settings: every required key is set, and
	// every value has passed the checks of its Key. It fails with an error that
	// names the key and how to fix it, and repeats no secret.
	New func(Settings) (Platform, error)
}

// KeyTimeZone is the key of every platform's settings that says in which time zone its
// people write and read times, where the policy does not say it of a person.
const KeyTimeZone = "timeZone"

// AllKeys are the platform's own keys, and those that every platform has.
func (s Spec) AllKeys() []Key {
	return append(slices.Clone(s.Keys), Key{
		Name: KeyTimeZone, Most: 1, Meaning: "the time zone of people whose own the policy does not say, such as Asia/Shanghai",
	})
}

// Key is one key of a platform's settings.
type Key struct {
	Name     string
	Required bool
	Secret   bool // never shown, and at least MinSecret bytes
	Most     int  // how often it may be given: 1, or 2 for secrets that are rotated
	Meaning  string
}

// Destination is a place to which a platform's requests may go: one path of a
// host, by https at the default port.
type Destination struct {
	Method string // GET, PATCH, POST or PUT
	Host   string
	Path   string // the whole path; its beginning where Rest is set
	// Rest reports whether the rest of the path is allowed. Nothing that it accepts
	// may have two readings: no dots, no escapes, no empty segments.
	Rest func(rest string) bool
}

// Covers reports whether the destination allows a path.
func (d Destination) Covers(path string) bool {
	if d.Rest == nil {
		return path == d.Path
	}
	return len(path) > len(d.Path) && path[:len(d.Path)] == d.Path && d.Rest(path[len(d.Path):])
}

// Settings are the values of a platform's keys, in the order in which they were
// given. They do not print any of them.
type Settings struct{ values map[string][]secret.Text }

// NewSettings makes settings of values that are not checked.
func NewSettings(values map[string][]string) Settings {
	s := Settings{map[string][]secret.Text{}}
	for key, list := range values {
		for _, v := range list {
			s.values[key] = append(s.values[key], secret.New(v))
		}
	}
	return s
}

// Get returns the first value of a key that is no secret; "" when there is none.
func (s Settings) Get(key string) string { return s.Secret(key).Reveal() }

// Secret returns the first value of a key; the zero Text when there is none.
func (s Settings) Secret(key string) secret.Text {
	if v := s.values[key]; len(v) > 0 {
		return v[0]
	}
	return secret.Text{}
}

// Secrets returns all values of a key.
func (s Settings) Secrets(key string) []secret.Text { return s.values[key] }
