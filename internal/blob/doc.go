// Package blob defines what the project needs of an object store: create-only
// writes, reads by key, listings in byte order, and the server's clock.
//
// It exports types and errors, but no interface: each consumer declares the
// methods that it uses. A backend passes the suite in package blobtest.
//
// # Safety
//
// Mutual exclusion and idempotency rest on Create and Get only. A listing may be
// stale: when a key is not in a listing, a Get must confirm that. Delete is
// unconditional and succeeds for a missing key, so it proves nothing.
//
// # Create
//
// Create writes an object that must not exist yet. When the answer to a write is
// lost, the backend reads the object back: content equal to what it wrote counts as
// created by this call. Writers that must be distinguished therefore put a nonce
// into the content.
//
// # Time
//
// Object.Now and Page.Now are the server's clock at the time of the answer, in
// whole seconds, as LastModified is. The age of an object is their difference; it
// does not depend on the clock of an instance.
//
// # Errors
//
// Every failure is an *Error whose Kind is one of the sentinels; test with
// errors.Is. Errors contain neither credentials nor signatures.
package blob
