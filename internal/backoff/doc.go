// Package backoff has the waits between repetitions: exponential, with full
// jitter, never into a deadline, and never shorter than what the other side
// requested (Retry-After).
//
// With full jitter a wait is random between 0 and a ceiling that doubles. Many
// callers that failed together then return evenly spread.
package backoff
