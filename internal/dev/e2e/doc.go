// Package e2e tests the function from end to end: the binary that is deployed,
// in the local cloud, through the triggers that are deployed. It is tests and
// benchmarks only.
//
// It checks what users are promised: an accepted change has one effect and one
// record, however often it is delivered and wherever the function is killed,
// frozen or times out; a wrong configuration is reported; and secrets are not
// disclosed.
//
// # Time
//
// Tests wait for events: a trigger's delivery that ends, an object that appears, a
// request that is made. Leases expire because the store's clock is set ahead. The
// function's own pauses take real time, as in production: up to two seconds before
// it reads a gateway again.
//
// # Cost
//
// Every test has its own cloud, with its own folder and ports, so that tests run
// in parallel.
package e2e
