// Package intake takes documents that ask for changes and puts the changes in
// line, from files, from HTTP requests and from timer triggers.
//
// # Whole or not at all
//
// A document is parsed and validated before anything of it is stored. Its
// entries then become visible one by one; a crash between them is completed by
// the redelivery of the document or, for files, by the sweep, because every
// delivery of a document makes the same ids and keys.
//
// # The same again
//
// What makes a document the same one is its identity: a file's bucket, key,
// eTag and Last-Modified; an HTTP request's sender and webhook-id; a timer
// trigger's name and time; and, before all of these, a change's server and
// ClientToken. Ids and times come from the identity or from the claim that the
// first delivery stored, never from the clock of a later one. The claim of a
// tick that names a document keeps the document as well, because it may be
// changed before a second delivery.
package intake
