// Package openvpn tests with a real OpenVPN what the function says about clients
// and what its probe finds.
//
// The tests run OpenVPN's server and client, as Debian packages them, in network
// namespaces of their own. The server takes its settings from the VPC emulator, and
// restarts after each modification. They need Linux, root and /dev/net/tun, so they
// run with the flag -openvpn only: see "make openvpn".
//
// What the vendor's server does is not known; it is an OpenVPN server, too.
package openvpn
