// Package handler is the edge of the function: it decodes what Function Compute
// delivers (HTTP requests, object events, timer ticks), calls the packages that
// process it, and encodes the result in the form of each trigger.
//
// # Errors
//
// An HTTP request always gets an HTTP answer, because the platform would show a
// returned error to the caller, internal details included. An object event or a
// tick returns an error only if its outcome is open, so that the platform delivers
// it again; a refusal is a success. The log has every error.
package handler
