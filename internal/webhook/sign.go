package webhook

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// MaxIDLength bounds a delivery's id, in bytes.
const MaxIDLength = 256

// idPunctuation is what an id may contain besides letters and digits. A "." is
// excluded: the signed text is id.timestamp.body, and an id with a "." could be
// read as another id with another timestamp.
const idPunctuation = "_-:+/="

// Sign returns the three header fields of a delivery, under lower-case names.
// The id is the same for all attempts to deliver one message; at is the time of
// the attempt. It fails for a zero Secret and for an id that Verify would refuse.
func Sign(secret Secret, id string, at time.Time, body []byte) (map[string]string, error) {
	if secret.IsZero() {
		return nil, errors.New("sign webhook: there is no secret")
	}
	if !validID(id) {
		return nil, fmt.Errorf("sign webhook: the id must be 1 to %d letters, digits or characters of %q", MaxIDLength, idPunctuation)
	}
	hook, err := secret.hook()
	if err != nil {
		return nil, fmt.Errorf("sign webhook: %w", err)
	}
	signature, err := hook.Sign(id, at, body)
	if err != nil {
		return nil, fmt.Errorf("sign webhook: %w", err)
	}
	return map[string]string{
		standardwebhooks.HeaderWebhookID:        id,
		standardwebhooks.HeaderWebhookTimestamp: strconv.FormatInt(at.Unix(), 10),
		standardwebhooks.HeaderWebhookSignature: signature,
	}, nil
}

func validID(id string) bool {
	if id == "" || len(id) > MaxIDLength {
		return false
	}
	for _, r := range id {
		if !isAlphanumeric(r) && !strings.ContainsRune(idPunctuation, r) {
			return false
		}
	}
	return true
}
