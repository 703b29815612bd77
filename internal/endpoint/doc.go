// Package endpoint reads the addresses that requests with credentials are sent
// to. Such an address uses https, or plain http to a loopback address, which is
// where the local cloud runs.
package endpoint
