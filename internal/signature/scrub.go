package signature

import (
	"net/url"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// minSecret is the length in bytes below which a key is not removed from texts:
// a test's key such as "id" would be cut out of the middle of words. Real keys
// have 16 bytes and more.
const minSecret = 8

// Scrub removes the key from a text of an API: the message of a refused signature
// repeats what was signed.
func (k Key) Scrub(s string) string {
	if s == "" {
		return s
	}
	for _, key := range []string{k.Token.Reveal(), k.Secret.Reveal(), k.ID} {
		if len(key) < minSecret {
			continue
		}
		s = strings.ReplaceAll(s, key, secret.Redacted)
		s = strings.ReplaceAll(s, url.QueryEscape(key), secret.Redacted)
		s = strings.ReplaceAll(s, url.QueryEscape(url.QueryEscape(key)), secret.Redacted)
	}
	return s
}
