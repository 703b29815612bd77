// Package impact says what a change does to the people who are connected: whether
// their clients come back by themselves, how many there are, whose configuration
// file has to change, in which line, and what the API will probably refuse.
//
// # Contract
//
// Everything here is computed from values that others read. The package does no I/O
// and knows no clock but the one it is given. What could not be read is listed as
// unknown, with the reason, and never counts as "nobody" or "nothing".
//
// # Facts
//
// What a setting does to a client was measured with OpenVPN 2.6, and package change
// has it in its table of settings. The vendor publishes no such list.
//
// # Privacy
//
// An Impact has the ids, names and times of certificates. It has no address, no name
// of a user and nothing of a key.
package impact
