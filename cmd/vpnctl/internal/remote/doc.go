// Package remote is the function's HTTP client: it signs and sends requests,
// polls changes, and turns problem documents into errors.
//
// It reads answers with types of its own and ignores unknown fields, so that it
// works with older and newer functions, local and deployed ones.
//
// # Retries
//
// A delivery is repeated with the same webhook-id and a new signature while the
// network or the platform fails; the function executes one id once. An answer
// of the function itself is final.
//
// # Errors
//
// A refusal is a *RefusedError. A *NoAnswerError means that there was no answer of the
// function, and why. Both have a code and, where it is known, the way out.
package remote
