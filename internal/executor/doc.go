// Package executor does what commands ask for, whoever sent them and through
// whichever door: chat, signed HTTP or the operator's command. It asks the
// policy first, answers from what it can read at once, and leaves everything
// that takes time to the lanes.
//
// # What a command may do here
//
// Nothing here alters a server. A change that is asked for is put in line; a
// word on a change in line is put beside it; the rest is reading. So a command
// is answered within seconds, and one that is delivered again, or dies half-way
// and is delivered again, does what it did before and no more.
//
// # Approval
//
// A plan of a change that must be approved has a code, which stands for the
// change, the server's settings and the difference. An approval repeats it, and
// counts for exactly that: see package plan for what becomes of it.
package executor
