// Package blob says what the project needs of an object store, in the words of
// the store that it runs on: create-only writes, reads by key, listings in
// byte order, and the server's own clock.
//
// It exports types and errors, no interface: each consumer declares the
// methods that it uses. A backend passes the suite in blobtest.
//
// # Safety
//
// Mutual exclusion and idempotency rest on Create and on Get by key alone. A
// listing is a hint: it may be stale. Nothing may be decided by a key's absence
// from a listing without a Get. Delete is unconditional and succeeds for a
// missing key, so deleting never proves ownership.
//
// # Create
//
// Create writes an object that must not exist yet. A backend resolves its own
// lost answers: when a write may have landed, it reads the object back, and
// content equal to what it wrote counts as created by this call. Writers that
// must tell themselves apart therefore put a nonce into the content.
//
// # Time
//
// Object.Now and Page.Now are the server's clock at the time of the answer, as
// LastModified is, in whole seconds: ages are their difference, whatever the
// clocks of the instances say.
//
// # Errors
//
// Every failure is an *Error whose Kind is one of the sentinels; test with
// errors.Is. Errors hold neither credentials nor signatures.
package blob
