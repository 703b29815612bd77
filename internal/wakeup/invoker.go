package wakeup

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Invoker has the platform invoke the function.
type Invoker interface {
	// Invoke has the function invoked with a payload after a delay of 1 s to 1 h, in
	// whole seconds. It does not wait for that. Its errors are *Error.
	Invoke(ctx context.Context, delay time.Duration, payload []byte) error
}

// The delays that the platform takes (vendor page "Asynchronous invocation").
const (
	minDelay = time.Second
	maxDelay = time.Hour
)

// Class is what an error of an Invoker means for the next request.
type Class string

// The classes of errors.
const (
	ClassDenied      Class = "denied"      // the function's role may not invoke the function
	ClassUnavailable Class = "unavailable" // no answer, throttled, or an error of the platform's own
	ClassRefused     Class = "refused"     // the request is not accepted
)

// Error is why a wake-up could not be set.
type Error struct {
	Class     Class
	Status    int    // of the HTTP answer; 0: there was none
	Code      string // the platform's
	Message   string // the platform's, bounded, without secrets
	RequestID string // the platform's
	Err       error  // of the network; nil if there was an answer
}

// Error says what the platform answered.
func (e *Error) Error() string {
	if e.Err != nil {
		return "no answer: " + e.Err.Error()
	}
	parts := []string{"HTTP " + strconv.Itoa(e.Status), e.Code, e.Message}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ": ")
}

// Unwrap returns the error of the network.
func (e *Error) Unwrap() error { return e.Err }

// classOf is the class of an error of an Invoker. One that is no *Error says nothing
// about the next request.
func classOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return ClassUnavailable
}

// hint says how to make wake-ups work.
func (c Class) hint() string {
	switch c {
	case ClassDenied:
		return "allow the function's role fc:InvokeFunction on the function itself, as docs/policies/function.json does, or set WAKE_UPS=off"
	case ClassRefused:
		return "check WAKE_ENDPOINT, which is another address of Function Compute's API, or set WAKE_UPS=off"
	case ClassUnavailable:
		return "if this does not pass, the function cannot reach Function Compute's API: set WAKE_ENDPOINT to an address that it can reach, or WAKE_UPS=off"
	}
	return ""
}
