// Package reconcile works off lanes: it plans the due changes of a server,
// applies them as one modification, waits until the gateway has taken it,
// verifies, and decides how every change ended. It also sweeps: it looks after
// lanes, change files and old objects that nobody rang for.
//
// # One round of a lane
//
//	head ─► due ─► plan ─► intent ─► apply ─► verify ─► decision ─► records
//
// Before anything is sent, the intent (what will be sent, under which token,
// for which changes, and what was there before) is written into the lane's
// chain. When the outcome is known, the decision (how each change ended) is
// written into the chain by the very step that gives the lane back. Only then
// are records written and entries deleted, from the decision alone, so that
// whoever does it, and however often, writes the same.
//
// A line of many changes is read under the hold, and its lane is kept until the
// records are written: of several workers that come at once one does the work.
//
// # After a crash
//
// An intent without a decision may or may not have been sent. The successor
// takes the lane, looks at the server and the gateway, and goes on in the same
// code: what shows has been taken; what does not show is sent again under the
// same token. A decision whose records are missing is completed by whoever
// comes next.
//
// # Waiting
//
// Waits are spent in the invocation while its budget and its deadline allow,
// and are otherwise written into the lane ("why", and when to look again) and
// left to the sweep.
package reconcile
