package chat

import (
	"crypto/hmac"
	"crypto/sha256"
)

// signedBy tells which of the secrets made an HMAC-SHA256: 1 for the first, 0
// for none. It tries every secret whatever it has found, so that the time taken
// does not tell which one it was.
func signedBy(secrets []string, mac []byte, message func(secret string) string) int {
	found := 0
	for i, secret := range secrets {
		h := hmac.New(sha256.New, []byte(secret))
		h.Write([]byte(message(secret)))
		if hmac.Equal(h.Sum(nil), mac) && found == 0 && secret != "" {
			found = i + 1
		}
	}
	return found
}
