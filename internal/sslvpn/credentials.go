package sslvpn

import (
	"log/slog"
	"net/url"
	"strings"
)

// Credentials sign requests. The function gets fresh ones with every
// invocation, so they belong to a copy of the client made by With and are not
// kept longer. They render as "[redacted]" everywhere.
type Credentials struct {
	AccessKeyID     string
	AccessKeySecret string
	SecurityToken   string // "" for a permanent key
}

const redacted = "[redacted]"

// minSecret keeps the keys of toy set-ups, such as "id", from being cut out of
// the middle of words; real ones have 16 characters and more.
const minSecret = 8

// String hides the credentials.
func (Credentials) String() string { return redacted }

// GoString hides the credentials from %#v.
func (Credentials) GoString() string { return redacted }

// LogValue hides the credentials from logs.
func (Credentials) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON hides the credentials from JSON.
func (Credentials) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// scrub takes the credentials out of a text that came from the API: the
// message of a refused signature repeats what was signed.
func (c Credentials) scrub(s string) string {
	for _, secret := range []string{c.SecurityToken, c.AccessKeySecret, c.AccessKeyID} {
		if len(secret) < minSecret {
			continue
		}
		s = strings.ReplaceAll(s, secret, redacted)
		s = strings.ReplaceAll(s, url.QueryEscape(secret), redacted)
		s = strings.ReplaceAll(s, url.QueryEscape(url.QueryEscape(secret)), redacted)
	}
	return s
}
