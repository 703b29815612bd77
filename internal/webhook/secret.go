package webhook

import (
	"encoding/base64"
	"fmt"
	"strings"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// The length of a secret's key in bytes, as the specification bounds it.
const (
	MinKeyBytes = 24
	MaxKeyBytes = 64
)

// SecretPrefix begins the text form of every secret.
const SecretPrefix = "whsec_"

// howToMake ends the errors about unusable secrets.
const howToMake = `make one with: echo "whsec_$(openssl rand -base64 32)"`

// Secret is a key that signs deliveries. It cannot be printed. The zero Secret
// signs nothing and verifies nothing.
type Secret struct{ secret.Text }

// ParseSecret reads "whsec_" followed by the standard base64 (with padding) of
// 24 to 64 bytes. Its errors do not repeat the text.
func ParseSecret(s string) (Secret, error) {
	encoded, ok := strings.CutPrefix(s, SecretPrefix)
	if !ok {
		return Secret{}, fmt.Errorf("a webhook secret starts with %q; %s", SecretPrefix, howToMake)
	}
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || strings.ContainsAny(encoded, "\r\n") {
		return Secret{}, fmt.Errorf("what follows %q is not base64 (standard alphabet, with padding); %s", SecretPrefix, howToMake)
	}
	if len(key) < MinKeyBytes || len(key) > MaxKeyBytes {
		return Secret{}, fmt.Errorf("a webhook secret holds %d to %d bytes, this one %d; %s", MinKeyBytes, MaxKeyBytes, len(key), howToMake)
	}
	return Secret{secret.New(string(key))}, nil
}

// hook is the library's signer and verifier with this key.
func (s Secret) hook() (*standardwebhooks.Webhook, error) {
	return standardwebhooks.NewWebhookRaw([]byte(s.Reveal()))
}
