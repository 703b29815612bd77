package function

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sslvpn-change/sslvpn-change/handler"
	"github.com/sslvpn-change/sslvpn-change/internal/breaker"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/sslvpn"
)

// usage counts what one invocation uses. It is safe for concurrent use.
type usage struct {
	calls, failed, throttled, again atomic.Int64

	mu     sync.Mutex
	policy handler.PolicyState
}

// counter is a bucket that counts its requests, as OSS does. The requests of other buckets
// are not known.
type counter interface {
	Requests() int64
	Repeats() int64
}

// call counts a call of the API. That a gateway is busy, or that the API refuses what was
// asked, is no failure of the API.
func (u *usage) call(c sslvpn.Call) {
	u.calls.Add(1)
	if c.Again {
		u.again.Add(1)
	}
	switch c.Class {
	case "", sslvpn.ClassBusy, sslvpn.ClassInvalid:
	case sslvpn.ClassThrottled:
		u.throttled.Add(1)
	case sslvpn.ClassUnavailable, sslvpn.ClassUnknown, sslvpn.ClassCredentials, sslvpn.ClassLocked, sslvpn.ClassDenied, sslvpn.ClassOther, sslvpn.ClassCircuitOpen:
		u.failed.Add(1)
	}
}

// metered is the API of an invocation, whose calls are counted.
//
//nolint:ireturn // breaker defines what it guards
func (f *Function) metered(inv handler.Invocation, u *usage, observe func(sslvpn.Call)) breaker.API {
	return f.opts.API(inv, func(c sslvpn.Call) {
		u.call(c)
		observe(c)
	})
}

// reading is a reader of the policy that notes what it finds.
func (u *usage) reading(read policyReader) policyReader {
	return func(ctx context.Context) (*policy.Policy, error) {
		p, err := read(ctx)
		u.read(p, err)
		return p, err
	}
}

// read notes what a read of the policy has found.
func (u *usage) read(p *policy.Policy, err error) {
	state := handler.PolicyValid
	invalid, isInvalid := errors.AsType[*policy.InvalidError](err)
	switch {
	case err == nil && p.Absent():
		state = handler.PolicyNone
	case isInvalid && invalid.Missing():
		state = handler.PolicyMissing
	case isInvalid:
		state = handler.PolicyInvalid
	case err != nil:
		state = handler.PolicyUnreadable
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.policy = state
}

// sum is what the invocation has used so far.
func (u *usage) sum(b Buckets, breakers *breaker.Set) handler.Usage {
	u.mu.Lock()
	defer u.mu.Unlock()
	out := handler.Usage{
		APICalls: u.calls.Load(), APIErrors: u.failed.Load(), Throttled: u.throttled.Load(), Retries: u.again.Load(),
		Policy: u.policy, Circuits: breakers.Open(),
	}
	for _, bucket := range slices.Compact([]Bucket{b.Changes, b.Records}) {
		if c, ok := bucket.(counter); ok {
			out.OSSRequests += c.Requests()
			out.Retries += c.Repeats()
		}
	}
	return out
}
