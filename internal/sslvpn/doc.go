// Package sslvpn speaks to the VPC API (version 2016-04-28) about SSL-VPN
// servers: it reads a server, its gateway, its connected clients and their
// certificates, and the gateway's VPC, and modifies the server.
//
// # Errors
//
// Every failure is an *Error with a Class, decided here and nowhere else, by
// the API's error code and never by its message. Whether a modification may
// have reached the API although no success came back is part of the class:
// ClassUnknown.
//
// # Repeating
//
// A read is repeated here while the API is unavailable, at most twice. A
// modification is sent once by each call: whoever sends it again keeps the
// ClientToken and reads back first. Advice says what an error means for the
// person who requested the change.
//
// # Clients
//
// Names of users, addresses and ports of connected clients are dropped when an
// answer is decoded. DescribeSslVpnClientCert, which returns private keys, is
// never called for a certificate that exists: see [Client.DeniesKeys].
//
// # Credentials
//
// One Client with its connections lives as long as the instance; With makes the
// copy that signs with the credentials of an invocation. They are never printed,
// and are removed from the texts of the API.
//
// # Concurrency
//
// A Client is safe for concurrent use.
package sslvpn
