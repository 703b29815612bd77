package fc

import (
	"slices"
)

// Broken says which promises of Function Compute the emulator breaks, for tests of what
// notices it. The zero value breaks none.
type Broken struct {
	FreshRetries bool     `json:"freshRetries,omitempty"` // a retry has a request id of its own
	NoRetries    bool     `json:"noRetries,omitempty"`    // an asynchronous invocation that fails is dropped
	NoDelays     bool     `json:"noDelays,omitempty"`     // an invocation with a delay begins at once
	Silent       []string `json:"silent,omitempty"`       // triggers that do not fire, by name
}

// Break changes which promises are broken from now on.
func (e *Emulator) Break(change func(*Broken)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(&e.broken)
}

func (e *Emulator) breaks() Broken {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.broken
}

// again is the next attempt of a request.
func (e *Emulator) again(r request) request {
	r.retry++
	if e.breaks().FreshRetries {
		r.id = newRequestID()
	}
	return r
}

// retries is how often a request is tried again.
func (e *Emulator) retries() int {
	if e.breaks().NoRetries {
		return 0
	}
	return e.opts.AsyncRetries
}

// silent reports whether a trigger does not fire.
func (e *Emulator) silent(trigger string) bool { return slices.Contains(e.breaks().Silent, trigger) }
