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
// ended is written once, beside the record, before the object is deleted.
//
// outbox/<region>/<server>/<change id>.json is the end of a change, told from
// its record; outbox/answers/<hash of the message>.json is an answer that is
// ready. Both hold reply addresses: nothing of them is logged.
//
// # Who delivers
//
// Whoever posted a notice of a change's end delivers it, in the same invocation;
// a ready answer is delivered by the invocation that its creation triggers, since
// whoever posted it may be frozen as soon as it has answered. The sweep
// delivers what is older than 30 seconds by the store's clock. Two that deliver
// the same at once send it twice, under one id. A room is told once otherwise,
// at the newest of its addresses that works.
//
// # Patience
//
// A platform that may come back is tried three times within 10 seconds in one
// invocation, then by later sweeps, less and less often, for 24 hours.
package notify
