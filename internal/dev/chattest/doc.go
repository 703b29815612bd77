// Package chattest is the conformance suite of chat platforms. [Run] checks a
// platform against the contract of package chat: refusals, bounds, retries,
// redaction, printing and language. Every platform of the list passes it in every
// run of the tests.
//
// A [Fixture] is the platform's side: it signs requests, accepts messages and
// reads them as the platform's clients do. It shares no code with the platform's
// package, so that neither can hide the other's mistakes.
package chattest
