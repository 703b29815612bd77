// Package change is the domain: what one may ask of an SSL-VPN server, which
// rules a request must keep, and how requests differ and combine.
//
// It imports the standard library only and does no I/O, so every rule can be
// read and tested without a cloud.
//
// # Words
//
// A change is one request to alter one server. Settings are the values that
// the VPC API's ModifySslVpnServer can set, under the API's own parameter
// names; a patch holds only those asked for. A target names a server, and so
// its lane: a VPN gateway has one SSL server at most, which is why the line of
// changes of a server is also the line of its gateway.
package change
