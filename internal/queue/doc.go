// Package queue stores accepted changes, and the votes on them, until the changes
// have ended.
//
// # Keys
//
// The key of an entry begins with its lane, then the time at which the change is
// due, its document and its number in it: a lane's entries list in the order in
// which they become due, and those of a document stay together and in its order.
// The key follows from the change, so a redelivered document finds its entries.
// Votes list before all entries of their lane. Package objects has the forms.
//
// # Guarantees
//
// An entry is created once, never altered, and deleted when the record of its
// change is written. It may be created again after that, when a redelivery races
// with the end of its change, so a drain looks for the record first.
//
// An object that cannot be read, or that is not whole, never counts as a change or
// as a vote. A damaged entry is returned with [Entry].Err, so that its change ends
// with a record that says why; a damaged vote is ignored, and can be cast again.
package queue
