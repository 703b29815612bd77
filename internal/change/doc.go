// Package change is the domain: the settings of an SSL-VPN server, requests to
// change them, the rules that requests must follow, and how requests are compared
// and merged.
//
// It imports the standard library only and does no I/O, so that every rule can be
// tested without a cloud. [Field.Setting] is the one table that describes the
// settings: their types, words, checks and effects.
//
// # Terms
//
// A change is one request to alter one server. Settings are the values that
// the VPC API's ModifySslVpnServer can set, under the API's own parameter
// names; a patch contains only those that a change sets. A target identifies a
// server and its lane, the queue of its changes. A VPN gateway has at most one SSL
// server, so the lane of a server is also the lane of its gateway.
package change
