package chat

import "errors"

// ErrUnauthorized is how every refused verification looks from outside.
var ErrUnauthorized = errors.New("unauthorized")

// Reason says, for the log only, why a request was refused. docs/operating.md
// explains each.
type Reason string

// The reasons.
const (
	ReasonMethod     Reason = "method"                // not one that the platform uses
	ReasonTooLarge   Reason = "too-large"             // a body of more than MaxBody
	ReasonMissing    Reason = "missing-field"         // a header or parameter of the signature
	ReasonTimestamp  Reason = "invalid-timestamp"     // not of the prescribed form
	ReasonTooOld     Reason = "too-old"               // signed more than Window ago
	ReasonTooNew     Reason = "too-new"               // signed more than Window ahead
	ReasonNoMatch    Reason = "no-matching-signature" // signed with no configured secret
	ReasonUnreadable Reason = "unreadable"            // signed, but not of the platform's form
	ReasonForeign    Reason = "other-tenant"          // signed, but of another tenant, app or robot
)

// RefusedError is how Receive refuses a request. Its text is that of
// ErrUnauthorized and may be shown; Reason must not be.
type RefusedError struct {
	Reason Reason
	// Token is that of a request that was verified before it was refused; the caller
	// claims it as that of a Delivery. "" for one that proves nothing.
	Token string
}

// Error returns the text of ErrUnauthorized.
func (*RefusedError) Error() string { return ErrUnauthorized.Error() }

// Unwrap makes errors.Is(err, ErrUnauthorized) true.
func (*RefusedError) Unwrap() error { return ErrUnauthorized }

// Deny is how Receive refuses a request.
func Deny(reason Reason) (Delivery, error) { return Delivery{}, &RefusedError{Reason: reason} }

// Verified completes the result of a verified request, which secret number and
// this signature prove.
func Verified(d Delivery, err error, number int, signature []byte) (Delivery, error) {
	token := Token(signature)
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		return Delivery{}, &RefusedError{Reason: refused.Reason, Token: token}
	}
	d.SecretNumber, d.Token = number, token
	return d, err
}

// Ignored says, for the log only, why a verified request is ignored.
// docs/operating.md explains each.
type Ignored string

// The reasons to ignore a request.
const (
	IgnoredEvent        Ignored = "other-event"   // no message and no click on a button of the bot
	IgnoredBot          Ignored = "bot"           // sent by a bot, this one among them
	IgnoredOutsider     Ignored = "outsider"      // the sender is no member of the configured tenant
	IgnoredNoIdentity   Ignored = "no-identity"   // the sender's account id is missing or invalid
	IgnoredEdited       Ignored = "edited"        // an edit of a message that was already answered
	IgnoredNotMentioned Ignored = "not-mentioned" // a message in a group, to others
	IgnoredNoCommand    Ignored = "no-command"    // a click on something without a command
	IgnoredOldSchema    Ignored = "old-schema"    // an event of a form that the platform has replaced
	IgnoredUnanswerable Ignored = "no-bot-token"  // it could not be answered: the secret for that is not configured
)

// Ignore acknowledges a request without executing anything.
func Ignore(acknowledge Response, why Ignored) (Delivery, error) {
	return Delivery{Direct: &acknowledge, Ignored: why}, nil
}
