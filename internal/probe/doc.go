// Package probe asks an OpenVPN server for an answer, as a client would, without
// a key.
//
// A client opens a session with a control packet that carries a session id of its
// own. The server answers with a packet that acknowledges this id. [Prober] sends
// the one and checks the other. Nobody is connected by that, and the server keeps
// no session.
//
// # What a result means
//
// [Listening]: an OpenVPN server answers at this address, port and protocol. It
// does not prove that traffic passes. [Refused]: the port is closed. [Silent]:
// nothing that came proves anything; a server with tls-auth is silent, and so is a
// lost packet. It never means that the server is down. [NotChecked]: nothing was
// sent, or the network of the function could not send it.
//
// # Bounds
//
// A probe lasts one second at most, sends one packet and at most one repetition,
// and reads few bytes of the answer. A server is probed by one probe at a time:
// OpenVPN limits new sessions. Only public addresses are probed, unless [Rule]
// permits others.
package probe
