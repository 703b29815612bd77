// Package vpc emulates the part of the VPC API (version 2016-04-28) that
// concerns SSL-VPN servers: the servers, their gateways, connected clients,
// certificates and VPCs, over real HTTP, for `vpnctl local` and for the tests.
//
// # Fidelity
//
// Comments label what is emulated: "documented" is in the vendor's reference
// pages or SDK sources, "observed" was seen on the wire between real clients
// and a signature-checking server, and "own choice" is not published anywhere. It
// shares no code with the production client, so that neither hides the other's
// mistakes. It refuses parameters that it does not know, so that it also checks
// the client's spelling.
//
// # State
//
// Everything is in memory; Keep has a file survive a restart. A gateway is updating until its clock has passed the
// configuring time of the last modification; nothing runs in the background.
//
// A modification of more than the name disconnects the server's clients. Those
// whose configuration file fits the new settings return after a while; the others
// return when a later modification fits their file again. All of it follows from
// the clock.
//
// # Control
//
// Tests in the process use the methods of Emulator, others the paths below
// /local/vpc/, which need no signature: serve an Emulator on loopback only. The
// real service closes idle connections after 25 s (observed); set the
// IdleTimeout of the http.Server to that.
package vpc
