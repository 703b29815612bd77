// Package notify sends answers to chat platforms after the request that they
// answer is over: how a change ended, and whatever a platform does not show in
// the HTTP response.
//
// # Where requests may go
//
// A reply address comes from outside. [Client] lets a request out only to the
// hosts and paths of the chat platforms, by https, without a proxy, a redirect,
// a port, credentials or a private address, whatever the address looks like.
//
// # Outbox
//
// An answer that is owed is an object in the outbox from before the change's
// entry is deleted until it was delivered or given up. So a crash costs a
// repetition at most, and no lane waits for a chat platform. How a delivery
// ended is written once, beside the record.
package notify
