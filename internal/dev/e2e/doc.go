// Package e2e tests the function from end to end: the binary that is deployed,
// in the local cloud, through the triggers that are deployed. It is tests and
// benchmarks only.
//
// Other packages prove their own rules. This one proves what users are
// promised, whatever happens between the parts: a change that was accepted has
// one effect and one record, however often it is delivered, wherever the
// function dies, freezes or runs out of time; what is set up wrongly says what
// is wrong; and no secret gets out.
//
// # Time
//
// Tests wait for events: for a trigger's delivery to settle, for an object to
// appear, for a request to come by. Leases end because the store's clock is set
// ahead. What takes real time are the function's own pauses, which are those of
// production: up to two seconds before it looks at a gateway again.
//
// # Cost
//
// Every test has a cloud of its own, in a folder and on ports of its own, so
// that they can run side by side.
package e2e
