package sslvpn

import (
	"fmt"
	"net/http"
	"time"
)

// Class says what an error of the API means for a change.
type Class string

// The classes.
const (
	// ClassBusy: the gateway is configuring, or the API works on a conflicting
	// task. Nothing was done; wait until the gateway is active.
	ClassBusy Class = "busy"
	// ClassThrottled: flow control. Nothing was done; wait at least RetryAfter.
	ClassThrottled Class = "throttled"
	// ClassUnavailable: the API cannot answer, and nothing was done by the
	// request: a read, or a modification that never reached the API.
	ClassUnavailable Class = "unavailable"
	// ClassUnknown: a modification that may have been done. Read back.
	ClassUnknown Class = "unknown"
	// ClassCredentials: expired or invalid credentials. Nothing was done.
	ClassCredentials Class = "credentials"
	// ClassLocked: the gateway is locked for an unpaid bill.
	ClassLocked Class = "locked"
	// ClassDenied: the role may not do this.
	ClassDenied Class = "denied"
	// ClassInvalid: the API refuses a value, or knows no such server.
	ClassInvalid Class = "invalid"
	// ClassOther: any other definite refusal, kept as it came.
	ClassOther Class = "other"
	// ClassCircuitOpen: nothing was sent, because the region's circuit is open.
	ClassCircuitOpen Class = "held"
)

// Error is a request that failed. It contains neither credentials nor signatures.
type Error struct {
	Class      Class
	Action     string
	Code       string        // the API's code, verbatim
	Message    string        // the API's message, verbatim and bounded
	Recommend  string        // the API's link to its diagnosis, if any
	HTTPStatus int           // 0 when there was no answer
	RequestID  string        // "" when there was no answer
	RetryAfter time.Duration // 0 when the API gave no hint
	Err        error         // cause, for errors.Is on context errors; may be nil
}

// Error names the action, the class and what the API said.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %s", e.Action, e.Class)
	if e.Code != "" {
		s += fmt.Sprintf(" (%d %s)", e.HTTPStatus, e.Code)
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.RequestID != "" {
		s += " [request " + e.RequestID + "]"
	}
	return s
}

// Answered reports whether the API answered a modification with a failure of its own:
// with a code and a request id, of ClassUnknown, or of ClassBusy where the code does
// not say that the gateway is busy. A timeout, a broken connection or a proxy's page
// is no such answer, and SignatureNonceUsed refuses a copy of the request.
func (e *Error) Answered() bool {
	if e.HTTPStatus < http.StatusBadRequest || e.Code == "" || e.RequestID == "" {
		return false
	}
	return e.Class == ClassUnknown && e.Code != nonceUsed || e.Class == ClassBusy && !busyCode(e.Code)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
