// Package wakeup has the platform invoke the function again at an exact moment:
// the due time of a change, the opening of a window, the next look at a gateway.
//
// A wake-up is an asynchronous invocation of the function by itself, with a delay
// and a payload that names the moment and the lanes to drain. [Wakes] collects what
// an invocation asks for and sends it; [Client] is Function Compute's API;
// package events reads the payload.
//
// # What is promised
//
// Nothing: wake-ups may be early, late, repeated and lost. A lane that is woken too
// often is looked at in vain; for one that is not woken, the sweep looks within a
// minute. So no failure here fails an invocation. Where wake-ups cannot be set at
// all, [Wakes.Usable] reports it, and the caller waits in process.
//
// # Bounds
//
// The platform's delay is 1 s to 1 h, in whole seconds. An invocation that comes a
// little early sleeps until the moment; for a moment further ahead, it sets the
// wake-up again ([Wakes.Again]). Lanes of one
// second share a wake-up, and an invocation sends a bounded number of them.
package wakeup
