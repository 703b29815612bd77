// Package webhook signs and verifies HTTP deliveries by the Standard Webhooks
// specification (version 1.0, symmetric signatures "v1"). The secret that signed
// a delivery identifies its sender.
//
// It wraps the specification's own library and adds what that leaves open: empty
// and short secrets are refused, a sender may have two secrets during a rotation,
// the clock is the caller's, and ids that would make the signed text ambiguous
// are refused.
//
// # Errors
//
// [Verifier.Verify] fails only with [ErrUnauthorized], so that an answer does not
// help an attacker. The reason is in [RefusedError], for the log. No error and no
// printed form of a [Secret] contains a secret or a signature.
//
// # Concurrency
//
// A Verifier is safe for concurrent use.
package webhook
