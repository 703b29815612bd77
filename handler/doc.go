// Package handler is the function's edge: it takes what Function Compute
// delivers, tells HTTP requests, object events and timer ticks apart, hands them
// to the packages that know what to do, and turns what comes of it into the
// answers that each trigger understands.
//
// # Errors
//
// An HTTP request always gets an HTTP answer, whatever goes wrong: the platform
// would show a returned error to the caller, internals included. An object
// event or a tick returns an error only when the object store failed and
// nothing is settled, so that the platform delivers it again; everything that
// is stored, and every refusal, is a success. What goes wrong without a word to
// the outside is in the log.
package handler
