// Package endpoint reads the addresses that requests with credentials are sent
// to, and knows which network addresses are public. An address for requests uses
// https, or plain http to a loopback address, which is where the local cloud runs.
package endpoint
