// Package webhook signs and verifies HTTP deliveries by the Standard Webhooks
// specification (version 1.0, symmetric signatures "v1"): who a sender is, is
// decided by the secret that signed.
//
// It wraps the specification's own library for what that leaves open: empty
// and short secrets are refused, a sender may have two secrets while one is
// being rotated out, the clock is the caller's, and ids that would make the
// signed text ambiguous are refused.
//
// # Errors
//
// [Verifier.Verify] fails with [ErrUnauthorized] and nothing else, so that an
// answer cannot tell an attacker how close a forgery came. The reason is in
// [RefusedError], for the log. No error and no printed form of a [Secret] holds
// a secret or a signature.
//
// # Concurrency
//
// A Verifier is safe for concurrent use.
package webhook
