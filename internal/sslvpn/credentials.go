package sslvpn

import (
	"net/url"
	"strings"

	"sslvpnchange/internal/secret"
)

// Credentials sign requests. The function gets new ones with every invocation,
// so they belong to a copy of the client made by With and are not kept longer.
type Credentials struct {
	AccessKeyID     string
	AccessKeySecret secret.Text
	SecurityToken   secret.Text // zero for a permanent key
}

// minSecret is the length in bytes below which a key is not removed from texts:
// a test's key such as "id" would be cut out of the middle of words. Real keys
// have 16 bytes and more.
const minSecret = 8

// scrub removes the credentials from a text of the API: the message of a
// refused signature repeats what was signed.
func (c Credentials) scrub(s string) string {
	if s == "" {
		return s
	}
	for _, key := range []string{c.SecurityToken.Reveal(), c.AccessKeySecret.Reveal(), c.AccessKeyID} {
		if len(key) < minSecret {
			continue
		}
		s = strings.ReplaceAll(s, key, secret.Redacted)
		s = strings.ReplaceAll(s, url.QueryEscape(key), secret.Redacted)
		s = strings.ReplaceAll(s, url.QueryEscape(url.QueryEscape(key)), secret.Redacted)
	}
	return s
}
