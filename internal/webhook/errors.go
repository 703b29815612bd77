package webhook

import "errors"

// ErrUnauthorized is the only error of a verification that may be shown.
var ErrUnauthorized = errors.New("unauthorized")

// Reason is why a delivery was refused, for the log only.
type Reason string

// The reasons.
const (
	ReasonMissingHeader     Reason = "missing-header"
	ReasonInvalidID         Reason = "invalid-id"
	ReasonInvalidTimestamp  Reason = "invalid-timestamp"
	ReasonTooOld            Reason = "too-old"
	ReasonTooNew            Reason = "too-new"
	ReasonTooManySignatures Reason = "too-many-signatures"
	ReasonNoMatch           Reason = "no-matching-signature"
)

// RefusedError is how Verify fails. Its text is that of ErrUnauthorized, so
// that it may be shown; Reason must not be.
type RefusedError struct {
	Reason Reason
}

// Error is the text of ErrUnauthorized.
func (*RefusedError) Error() string { return ErrUnauthorized.Error() }

// Unwrap makes errors.Is(err, ErrUnauthorized) true.
func (*RefusedError) Unwrap() error { return ErrUnauthorized }
