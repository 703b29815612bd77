// Package localcloud composes the emulators of Function Compute, OSS, the VPC
// API and the chat services into a cloud on this machine, around the function's
// binary.
//
// It is used by `vpnctl local`, the demonstration and the end-to-end tests: all of
// them run the binary that is deployed, with the triggers that are deployed.
//
// # Contents
//
// A bucket in a folder, so that copying a file into it is an upload; three
// SSL-VPN servers, the first with the values of the API reference's sample; an
// HTTP sender "demo" with a secret, made once for each folder; and the triggers:
// change files, wake objects, answers, the sweep and HTTP. The local cloud's own
// pages are below /local/ of the HTTP trigger's address: the chat page is
// /local/chat.
//
// Everything listens on loopback addresses only. Where the servers would be, each has
// an address of its own, and something answers the first packet of an OpenVPN client.
package localcloud
