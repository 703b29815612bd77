// Package remote speaks to the function over HTTP: it signs, sends, asks how a
// change stands, and turns problem documents into errors.
//
// It reads the function's answers with types of its own and ignores what it
// does not know, so that a command works with older and newer functions, here
// and deployed alike.
//
// # Retries
//
// A delivery is repeated, with the same webhook-id and a new signature, while
// the network or the platform fails: the function queues one id once. An
// answer of the function itself is final.
//
// # Errors
//
// A refusal is a *RefusedError. Anything else means that no answer came.
package remote
