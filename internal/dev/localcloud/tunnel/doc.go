// Package tunnel answers the first packet of an OpenVPN client at the addresses of
// the emulated SSL-VPN servers, so that probes work in the local cloud. It carries
// no traffic.
//
// What listens follows from the state of the VPC emulator: address, port and
// protocol of every server. [Tunnels.Sync] compares the two and moves what differs.
// A server whose address is not a loopback address, or is not one of this machine,
// has no listener. macOS, for example, has 127.0.0.1 only.
package tunnel
