// Package notify sends answers to chat platforms after the request that they
// answer is over: how a change ended, and answers on platforms that do not show
// the HTTP response.
//
// # Egress
//
// A reply address comes from outside. [Client] sends requests only to the
// destinations that the platforms declare, by https, and refuses ports,
// credentials, redirects, proxies and private addresses.
//
// # Outbox
//
// A pending notification is an object in the outbox. It is created before the
// change's queue entry is deleted, and deleted after it was delivered or given
// up. A crash therefore causes a repetition at most, and no lane waits for a
// chat platform. The result of a delivery is written once, beside the record,
// before the object is deleted.
//
// outbox/<region>/<server>/<change id>.json is the end of a change, rendered
// from its record; outbox/answers/<hash of the message>.json is an answer that is
// ready. Both contain reply addresses: nothing of them is logged.
//
// # Who delivers
//
// The invocation that ends a change also delivers the notification. An answer
// that is ready is delivered by the invocation that its creation triggers, since
// the instance that posted it may be frozen once it has responded. The sweep
// delivers what is older than 30 seconds by the store's clock. Two invocations
// that deliver one notification at the same time send it twice, with the same id.
// Apart from that a room gets one message, at the newest of its addresses that
// works. Where none works any more, the platform writes to the room by itself, if
// it can (chat.Rooms) and the credential for that is configured.
//
// # Retries
//
// A failure that may be temporary is retried, three times within 10 seconds in
// one invocation, then by later sweeps with growing backoff, for 24 hours.
package notify
