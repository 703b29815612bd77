// Package lanemodel checks the protocol of a lane exhaustively: the chain of
// package lane, and what package reconcile does under it. It is tests only, and
// nothing depends on it.
//
// A model of the protocol is written down as states and steps, small enough to
// visit every state that three workers can reach in any order of their steps,
// with crashes, stalls, lost answers and collection at any point and any number
// of times. Each state is held against the invariants, and from each there must
// be a way, without another fault, to where every change has its record. Then
// mistakes are made on purpose, one at a time, and each must be found; the test
// log (go test -v) shows the shortest way to it.
//
// # Invariants
//
//   - A worker sends a modification only while it has the lease by the store's
//     clock.
//   - A change is applied once at most, never after it was decided to have
//     failed, and never before a change that is ahead of it in the queue.
//   - A generation is written once, and its writer never sees it as lost.
//   - A change is decided once. The decision agrees with what happened to it,
//     its record with the decision, and it does not leave the queue without a record.
//
// # What a step stands for
//
//	look                  lane.Chain.Head and Head.Leased, in journal.open and drain.round
//	readQueue             queue.List and Fill, in drain.round; drain.completeDecision
//	record, remove        recorder.write: record.Records.Write, queue.Remove
//	draft, dropEnded,     drain.takeOver, drain.dropEnded, drain.mergeable, drain.start,
//	plan                  drain.draft
//	create, for acquire   lane.Chain.Acquire, in drain.start and drain.takeOver
//	create, for first     lane.Chain.Acquire, in drain.acquireForLongQueue
//	create, for commit    lane.Lease.Renew, in drain.start, drain.refresh and drain.renewToken
//	create, for renew     lane.Lease.Renew, in drain.keep
//	create, for park      lane.Lease.Release, in drain.park, in drain.drop, and in drain.workOff
//	                      of a lane that was acquired for nothing
//	create, for apart     lane.Lease.Release, in drain.separate
//	create, for settle    lane.Lease.Release, in drain.release
//	create, for resolve   lane.Lease.Renew, in drain.releaseAfterRecords
//	create, for dismiss   lane.Lease.Release, in drain.releaseAfterRecords
//	create, for update    lane.Chain.Update, in drain.release
//	repeat, missed        blob/oss.Store.Create: the repetition and the reading back
//	gone                  lane.Collect: a generation that may have been deleted by now
//	redraft               drain.refresh
//	hold                  drain.apply; lane.Lease.Live before send; modification.recover
//	send, unknown,        modification.send, modification.notAccepted; the API in front of them
//	refused
//	verify, decide        modification.verify, modification.readBack, drain.decide
//	leave                 drain.park
//	a crash               the end of an invocation anywhere, and every error that
//	                      makes a drain give up, blob.ErrUnavailable among them
//	a stall               a worker that takes no step while others do and time passes
//
// Time is the age of things in ticks of the store's clock and has no end: what
// is older than anything that matters is just old. A lease lasts one tick or
// two. So generations, tokens, crashes and lost answers need no bound either.
//
// # Renewals
//
// A worker that has the lease, or believes so, may renew it at any time: between two
// steps under an intent, while it reads a long queue, while it writes records. It counts
// the lease from before the request. The request may be lost, or land after the lease has
// expired: if nobody took over until then it is valid, otherwise it meets the successor's
// generation. The answer may come after the renewed lease has expired. Two versions at
// once are leases of two ticks and of one, and commits that keep the end of the lease.
//
// # What it relies on
//
// The worker's clock never runs behind the store's between acquiring the lane or
// renewing the lease and calling Lease.Live. A stale listing of the lane misses one generation of the
// current tick, or all. A listing of the queue may lack any change, by lag or by
// the clock of the worker that reads it, but what was decided is read by key, as
// drain.completeDecision does while a listing may lag. No invocation stalls for
// longer than the age from which generations are collected. The API accepts a
// token again that it has accepted, and has accepted or dropped a call when its
// caller gives it up, as the margins of a lease provide for.
//
// # What it leaves out
//
// A stall between Lease.Live and the request's way out: to the model they are
// one step. Expiry of changes, and with it the failures OutcomeUnknown and
// GatewayStuck, which say of themselves that the outcome is not known. Somebody
// else's changes to the server, and with them ReadBackMismatch. Due times,
// budgets and backoff, waits without an intent (drain.park), servers that may
// not be read, entries that are damaged, more than a page of changes. An intent that
// is dropped after a send because nothing of it can take effect any more (drain.replan),
// which rests on how late the API carries out what it received. A gateway
// that refuses for good before a modification may also be asked: that is the
// same decision.
//
// # Limits
//
// Two things are beyond the protocol, and a test shows the way to each.
//
// A refusal for good of a repeated modification counts as the outcome of the
// intent (modification.notAccepted, in phase unknown), though an earlier call
// under the same token may have been accepted: if the API forgets a token that it accepted and
// refuses it, a change is recorded as failed that takes effect.
//
// The same happens if a call whose caller gave it up reaches the API after its
// repetition was refused. Without refusals late calls are harmless: the token
// keeps them apart.
package lanemodel
