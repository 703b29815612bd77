package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Tolerance is how far a delivery's timestamp may lie from the clock, either
// way; the specification recommends it.
const Tolerance = 5 * time.Minute

// maxSignatures bounds the signatures of one delivery that are compared.
const maxSignatures = 8

// Verifier verifies deliveries of known senders.
type Verifier struct {
	senders []Sender
	now     func() time.Time
}

// Delivery is a verified delivery. Its sender is proven by the signature; what
// the body says about its origin is not verified.
type Delivery struct {
	Sender string
	ID     string // the same for every attempt to deliver one message
	SentAt time.Time
	// SecretNumber is the number of the sender's secret that signed, from 1. It
	// shows when a rotated secret is no longer used.
	SecretNumber int
}

// NewVerifier fails when there are no senders, when a sender has no valid name,
// no secret or more than SecretsPerSender, or when two entries have the same
// secret; it reports all problems together.
func NewVerifier(senders []Sender, now func() time.Time) (*Verifier, error) {
	if len(senders) == 0 {
		return nil, errors.New("webhook verifier: there are no senders")
	}
	if err := checkSenders(senders); err != nil {
		return nil, fmt.Errorf("webhook verifier: %w", err)
	}
	return &Verifier{senders: senders, now: now}, nil
}

// Verify checks the signature over the raw body, before anything of it is
// parsed. It looks up lower-case header names and then canonical ones. Every
// failure is a [*RefusedError].
//
// A verified delivery can be a replay within the tolerance: the caller claims
// its id.
func (v *Verifier) Verify(header func(string) string, body []byte) (Delivery, error) {
	id := field(header, standardwebhooks.HeaderWebhookID)
	stamp := field(header, standardwebhooks.HeaderWebhookTimestamp)
	signatures := field(header, standardwebhooks.HeaderWebhookSignature)
	if id == "" || stamp == "" || signatures == "" {
		return refuse(ReasonMissingHeader)
	}
	if !validID(id) {
		return refuse(ReasonInvalidID)
	}
	sentAt, ok := parseTimestamp(stamp)
	if !ok {
		return refuse(ReasonInvalidTimestamp)
	}
	switch age := v.now().Sub(sentAt); {
	case age > Tolerance:
		return refuse(ReasonTooOld)
	case age < -Tolerance:
		return refuse(ReasonTooNew)
	}
	if strings.Count(signatures, " ") >= maxSignatures {
		return refuse(ReasonTooManySignatures)
	}
	signed := http.Header{}
	signed.Set(standardwebhooks.HeaderWebhookID, id)
	signed.Set(standardwebhooks.HeaderWebhookTimestamp, stamp)
	signed.Set(standardwebhooks.HeaderWebhookSignature, signatures)
	i := v.match(signed, body)
	if i < 0 {
		return refuse(ReasonNoMatch)
	}
	return Delivery{Sender: v.senders[i].Name, ID: id, SentAt: sentAt, SecretNumber: v.secretNumber(i)}, nil
}

// match returns the index of the sender whose secret signed, or -1. It tries
// every secret even after a match, so that the time taken does not depend on
// which one matched.
func (v *Verifier) match(signed http.Header, body []byte) int {
	found := -1
	for i, s := range v.senders {
		hook, err := s.Secret.hook()
		if err != nil {
			continue
		}
		// The library compares in constant time. Its own check of the timestamp uses
		// the wall clock, so it is skipped here; Verify has checked the timestamp.
		if hook.VerifyIgnoringTimestamp(body, signed) == nil && found < 0 {
			found = i
		}
	}
	return found
}

func (v *Verifier) secretNumber(index int) int {
	n := 1
	for _, s := range v.senders[:index] {
		if s.Name == v.senders[index].Name {
			n++
		}
	}
	return n
}

func refuse(reason Reason) (Delivery, error) {
	return Delivery{}, &RefusedError{Reason: reason}
}

func field(header func(string) string, name string) string {
	if v := header(name); v != "" {
		return v
	}
	return header(http.CanonicalHeaderKey(name))
}

// parseTimestamp takes seconds since 1970 in ten digits and nothing else: the
// library signs the number, so "+1763836800" would be the same delivery.
func parseTimestamp(s string) (time.Time, bool) {
	if len(s) != 10 || strings.Trim(s, "0123456789") != "" {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0).UTC(), true
}
