// Package breaker stops calls to the VPC API of a region that does not work: they
// cannot succeed, they cost time, and they slow the API's recovery.
//
// # What counts
//
// A well-formed refusal (busy, invalid, denied, locked, credentials, other) proves
// that the API works and counts as healthy. Throttling, and calls that the caller's
// own context ended, are not counted. Unavailable and unknown count as failures. A
// circuit opens at 5 failures or more that are half or more of the calls of the
// last 60 seconds.
//
// # Reads and modifications
//
// Reads and modifications have a circuit each, so that modifications that fail do not
// stop reads, nor reads modifications. An error with which the API answers a
// modification counts once per server and window: one server whose modifications
// always fail must not stop those of the others.
//
// # Open and half-open
//
// An open circuit refuses calls for 30 s, doubled at each re-opening up to 5
// minutes. Then it is half-open: one call is made as a probe, with a deadline of its
// own, so that a probe that never returns cannot block the region forever. The first
// healthy answer closes the circuit, and the next opening lasts 30 s again.
//
// # Stored circuit
//
// Instances are short-lived, so an opening for reads is also written as an advisory object,
// holds/<region>.json. An instance reads it before its first call to a region and
// continues it as its own opening. A stored circuit that cannot be read is ignored,
// and one that cannot be written is logged: a storage failure never changes the
// result of a call.
//
// # The library
//
// github.com/sony/gobreaker counts the calls in its rolling window, decides when to
// open, and admits one probe at a time. How long a circuit stays open is decided
// here: see docs/adr.
package breaker
