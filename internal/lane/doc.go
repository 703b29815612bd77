// Package lane leases an SSL-VPN server's lane to one worker at a time. Workers
// are function instances that crash, freeze and come back; all that the lease
// needs is an object store's create-only writes.
//
// # The chain
//
// A lane is a chain of write-once objects, generation 1, 2, 3 and so on. The
// newest says whether the lane is held under a lease, by whom and for how long,
// and carries the state that the next worker needs. Every step creates the next
// generation, and succeeds only if nobody else has created it since the chain
// was read. So the chain is the lease, the fencing token and the
// compare-and-swap of the state.
//
//	free ──Acquire──► held ──Commit, Renew──► held ──Release──► free ──Update──► free
//	                    └── expired ──Acquire──► held (by a successor)
//
// A worker that comes back after its lease has expired and was acquired by
// another one cannot create its next generation: it gets ErrLost, and its state
// is not written.
//
// The chain of an approval request is one of these, too, below another prefix: see
// package approval. What is said of lanes here holds for it.
//
// # Time
//
// A lease expires when the age of its generation by the store's clock passes
// the time to live that is stored in it. No instance's clock is used for that.
// Renew restarts it, with a generation like any other: a renewal that is late meets
// the generation of whoever took over, and fails. Workers check Lease.Live, which
// counts from before the generation was written, by the faster of the monotonic and
// the wall clock (a frozen microVM stops the former): a lease ends for its worker
// before it ends for the others.
//
// # Keys
//
// lanes/<region>/<server>/<19 digits>.json, the digits being the largest int64
// less the generation, so that the newest lists first. A stale listing makes the
// next step fail; it cannot make it succeed wrongly. Collect deletes by age
// alone: deleting by count would let a stalled worker create a deleted
// generation again and believe that it has committed. It keeps the newest
// generations and the first, so that even an empty listing cannot restart a
// chain.
package lane
