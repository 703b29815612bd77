// Package lane keeps one worker at a time on an SSL-VPN server, across
// function instances that crash, freeze and come back, with nothing but an
// object store's create-only writes.
//
// # The chain
//
// A lane is a chain of write-once objects, generation 1, 2, 3 and so on. The
// newest says whether the lane is held, by whom and for how long, and carries
// the state that the holder wants its successor to know. Every step creates
// the next generation, and can only succeed if nobody else took a step since
// the chain was read: the chain is lease, fencing token and compare-and-swap
// state in one.
//
//	free ──Acquire──► held ──Commit──► held ──Release──► free ──Update──► free
//	                    └── expired ──Acquire──► held (by a successor)
//
// A holder that was presumed dead and comes back finds its next generation
// taken and gets ErrLost; whatever it wanted to say is not said.
//
// # Time
//
// A held generation expires when its age by the store's own clock passes the
// time to live written in it; no instance's clock is asked. Holders do not
// renew: they are done before their invocation ends, and check Hold.Live, which
// counts from before the generation was written, by the faster of the monotonic
// and the wall clock (a frozen microVM stops the former).
//
// # Keys
//
// lanes/<region>/<server>/<19 digits>.json, the digits being the largest int64
// less the generation, so that the newest lists first. Listings are hints: a
// stale one makes the next step collide, never succeed wrongly. Collect deletes
// old generations by age alone, because deleting by count lets a stalled worker
// re-create a deleted generation and believe it has committed; it keeps the
// newest ones and the first, so that even an empty listing cannot restart a
// chain.
package lane
