package handler

import (
	"context"
	"time"

	"github.com/aliyun/fc-runtime-go-sdk/fccontext"

	"github.com/sslvpn-change/sslvpn-change/internal/secret"
)

// Invocation is what the platform tells about an invocation.
type Invocation struct {
	RequestID       string
	Region          string
	AccountID       string
	Function        string // its name
	Qualifier       string // the version or alias that was invoked; "" for none
	AccessKeyID     string
	AccessKeySecret secret.Text
	SecurityToken   secret.Text
	Deadline        time.Time
	Reserve         time.Duration // kept free before Deadline for storing the state
}

// Reserves: 10 s before the deadline, a sixth of the time for functions whose
// timeout is below a minute.
const (
	maxReserve  = 10 * time.Second
	reservePart = 6
)

// lastPart is the part of the reserve that is kept for the answer itself.
const lastPart = 3

// defaultTime is assumed for a context without a deadline, which the platform
// never sends.
const defaultTime = time.Minute

// invocationFrom reads the invocation's context.
func invocationFrom(ctx context.Context, now time.Time) Invocation {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = now.Add(defaultTime)
	}
	inv := Invocation{
		Deadline: deadline,
		Reserve:  min(maxReserve, max(0, deadline.Sub(now))/reservePart),
	}
	// FromContext writes to the context it returns: once per invocation, before
	// any goroutine.
	if fc, ok := fccontext.FromContext(ctx); ok {
		inv.RequestID, inv.Region, inv.AccountID = fc.RequestID, fc.Region, fc.AccountId
		inv.Function, inv.Qualifier = fc.Function.Name, fc.Service.Qualifier
		inv.AccessKeyID = fc.Credentials.AccessKeyId
		inv.AccessKeySecret = secret.New(fc.Credentials.AccessKeySecret)
		inv.SecurityToken = secret.New(fc.Credentials.SecurityToken)
	}
	return inv
}
