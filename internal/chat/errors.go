package chat

import "errors"

// ErrUnauthorized is the one outward failure of a verification.
var ErrUnauthorized = errors.New("unauthorized")

// Reason says, for the log only, why a request was refused.
type Reason string

// The reasons.
const (
	ReasonMethod     Reason = "method"            // not one that the platform sends
	ReasonTooLarge   Reason = "too-large"         // a body of more than MaxBody
	ReasonMissing    Reason = "missing-field"     // a header or parameter of the signature
	ReasonTimestamp  Reason = "invalid-timestamp" // not of the prescribed form
	ReasonTooOld     Reason = "too-old"
	ReasonTooNew     Reason = "too-new"
	ReasonNoMatch    Reason = "no-matching-signature"
	ReasonUnreadable Reason = "unreadable"   // signed, and not of the platform's form
	ReasonForeign    Reason = "other-tenant" // signed, and of another tenant, app or robot
)

// RefusedError is how Receive fails. Its text is that of ErrUnauthorized, so
// that it may be shown; Reason must not be.
type RefusedError struct{ Reason Reason }

// Error says no more than ErrUnauthorized does.
func (*RefusedError) Error() string { return ErrUnauthorized.Error() }

// Unwrap makes errors.Is(err, ErrUnauthorized) true.
func (*RefusedError) Unwrap() error { return ErrUnauthorized }

// SendError is how Send fails. It names neither the address nor what the
// platform answered in full.
type SendError struct {
	Again   bool   // whether a repetition may help
	Code    string // such as HTTP503, or the platform's own error number
	Message string // for the record: what to do about it, in English
}

// Error names the code and what it means.
func (e *SendError) Error() string { return e.Code + ": " + e.Message }
