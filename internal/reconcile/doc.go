// Package reconcile drains lanes: it plans the due changes of a server, applies
// them as one modification, waits until the gateway has finished, verifies, and
// decides how every change ended. It also sweeps: it works off lanes, change
// files and old objects for which no event came.
//
// # One round of a drain
//
//	head ─► due ─► plan ─► intent ─► apply ─► verify ─► decision ─► records
//
// The intent (what will be sent, under which token, for which changes, and what
// was there before) is written into the lane's chain before anything is sent.
// The decision (how each change ended) is written by the step that also frees
// the lane. Only then are records written and queue entries deleted, from the
// decision and the entries alone, so that every worker writes the same records.
//
// The entries of a long queue are read under a lease, which is kept until their
// records are written: of several workers that come at once, one does the work.
//
// # Parts
//
// A drain follows the round through drain.go, draft.go, apply.go and release.go.
// It is made of values and of these parts: the journal (the chain, the lease and
// the state), the remote (the server and its gateway), the waiter, the meter and
// the recorder. A modification is one intent on its way; each look at it returns
// a step, and the drain does what the step says: it alone waits, writes and
// decides.
//
// # Lease
//
// A lease is short. It is renewed in the course of the work (renewal.go) and by every
// write under it, so that a dead worker's lane is taken over soon. After a renewal
// whose outcome is not known the worker stops.
//
// # Recovery
//
// An intent without a decision may or may not have been sent. The next worker
// acquires the lane when the lease has expired, reads the server and the
// gateway, and continues in the same code. If the server shows the settings, the
// modification was accepted; otherwise it is sent again under the same token.
// The records that a decision lacks are written by the next worker.
//
// # Windows
//
// Windows and freezes hold for what is sent for the first time (gate.go). What a worker
// has seen to be sent is brought to its end. An intent that a dead worker may have sent is
// watched while its window is closed, and planned again if nothing shows of it.
//
// # Waits
//
// A wait is spent in the invocation while its budget and its deadline allow.
// Otherwise it is written into the lane (why, and when to look again) and left
// to the sweep.
//
// With Policy.Wakes an invocation waits for two seconds at most, and for a gateway that is
// at work on its own modification a quarter of one. A longer wait is
// written into the lane, and Report.WakeAt asks for a wake-up. A wake-up that finds
// the gateway still updating takes no lease and writes nothing (poll.go). A lane has
// one chain of wake-ups, named by the generation that it waits in (wakes.go).
package reconcile
