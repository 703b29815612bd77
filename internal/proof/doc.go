// Package proof looks at a server before and after a change: whether it answers a
// probe, and how many clients are connected.
//
// # Flow
//
// The worker of a lane has the server looked at right before it sends the
// modification ([Proofs.Before]). The look lasts a second at most and is stored
// with the intent. When the change was applied, a pending proof is stored before
// its queue entry is deleted ([Proofs.Add]). After the lane is released, the server
// is looked at again: at once and for some seconds by the invocation that ended the
// change ([Proofs.Recorded]), then every minute by the sweep ([Proofs.Sweep]).
//
// A proof is final when the server listens and everybody who was connected is
// connected again, or two minutes after the verification. Then it is written beside
// the record, once, and the rooms of the change are told if it is not fine. The
// lane never waits for any of this.
//
// # Undo
//
// A change with "confirm: proof" is undone early if the server answered the probe
// before the change and refused several probes after it. Silence never has a change
// undone: it proves nothing.
//
// A proof has counts. Who is connected never reaches it. docs/adr/0015 has the reasons.
package proof
