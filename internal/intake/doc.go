// Package intake accepts documents that ask for changes, from files, HTTP
// requests, timer triggers and chat messages, and queues the changes.
//
// # One sequence
//
// Every channel goes through the same steps: parse and validate, ask the policy,
// claim the ClientTokens, claim the document, queue the changes, store the
// receipt, wake the lanes. A document describes in values and functions what a
// channel does differently.
//
// # All or nothing
//
// A document is parsed and validated before anything of it is stored. Its queue
// entries then become visible one by one. After a crash between them, the
// redelivery of the document or, for files, the sweep completes it, because
// every delivery of a document makes the same ids and keys.
//
// # Redelivery
//
// A document is recognized by its identity: a file's bucket, key, eTag and
// Last-Modified; an HTTP request's sender and webhook-id; a chat message's
// platform, tenant and id; a timer trigger's name and time; and, before all of
// these, a change's sender, server and ClientToken. The sender is the person where
// the policy names one. Ids and times come from the identity
// or from the claim that the first delivery stored, never from the clock of a
// later delivery. The claim of a tick that names a document keeps the document,
// because it may be changed before a second delivery.
package intake
