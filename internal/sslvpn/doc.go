// Package sslvpn speaks to the VPC API (version 2016-04-28) about SSL-VPN
// servers: it reads a server, reads its gateway, and modifies the server.
//
// # Errors
//
// Every failure is an *Error with a Class, decided here and nowhere else, by
// the API's error code and never by its message. Whether a modification may
// have reached the API although no success came back is part of the class:
// ClassUnknown.
//
// # Concurrency
//
// A Client is safe for concurrent use.
package sslvpn
