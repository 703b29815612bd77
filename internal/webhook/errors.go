package webhook

import "errors"

// ErrUnauthorized is the one outward failure of a verification.
var ErrUnauthorized = errors.New("unauthorized")

// Reason says, for the log only, why a delivery was refused.
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

// Error says no more than ErrUnauthorized does.
func (*RefusedError) Error() string { return ErrUnauthorized.Error() }

// Unwrap makes errors.Is(err, ErrUnauthorized) true.
func (*RefusedError) Unwrap() error { return ErrUnauthorized }
