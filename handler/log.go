package handler

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/doctor"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
)

// Usage is what an invocation has used and seen so far.
type Usage struct {
	OSSRequests int64 // as they went over the network
	APICalls    int64 // of the VPC API
	APIErrors   int64 // calls that failed, but for those that were throttled, and refusals of what was asked
	Throttled   int64 // calls that the API throttled
	Retries     int64 // requests and calls that repeated one that had failed
	// Policy is what the last read of the policy found; "" when this invocation read none.
	Policy PolicyState
	// Circuits are those that are open in this instance, as "<region> reads" and
	// "<region> modifications".
	Circuits []string
}

// PolicyState is what a read of the policy found.
type PolicyState string

// The states of the policy.
const (
	PolicyValid      PolicyState = "valid"
	PolicyNone       PolicyState = "none" // there is none, and NO_POLICY is allow
	PolicyInvalid    PolicyState = "invalid"
	PolicyMissing    PolicyState = "missing"    // there is none, and one is required
	PolicyUnreadable PolicyState = "unreadable" // the object store failed
)

// The kinds of invocations, as log lines have them.
const (
	kindHTTP     = "http"
	kindFile     = "file"    // an event of a change file
	kindWake     = "wake"    // an event of a wake object
	kindAnswers  = "answers" // an event of an answer to send
	kindWakeUp   = "wake-up"
	kindSweep    = "sweep"
	kindSchedule = "schedule" // a timer with a document
	kindDoctor   = "doctor"   // to see that it arrives: a check of the account
	kindRefused  = "refused"  // what is none of these
)

// The outcomes of invocations, as log lines have them.
const (
	outcomeOK      = "ok"
	outcomeRefused = "refused" // an answer of 4xx, or an event that the function does not take
	outcomeFailed  = "failed"  // an answer of 5xx, or an event to be delivered again
	outcomePanic   = "panic"
)

// did is what one invocation did.
type did struct {
	started  time.Time
	cold     bool // it is the instance's first
	kind     string
	route    string // of an HTTP request; "" for others
	sender   string // who signed the request; "" where nobody is known
	status   int    // of the answer to an HTTP request; 0 for others
	problem  string // the kind of the problem in that answer; "" for none
	panicked bool
	lanes    int // that were drained
	ended    int // changes that ended
	gauges   []slog.Attr
}

// drained counts the drains of an invocation.
func (d *did) drained(reports []reconcile.Report) {
	d.lanes += len(reports)
	for _, rep := range reports {
		d.ended += rep.Ended
	}
}

// answered notes the answer to an HTTP request.
func (d *did) answered(r response) response {
	d.status, d.problem = r.StatusCode, r.problem
	return r
}

// outcome says how the invocation ended; err is what the platform gets.
func (d *did) outcome(err error) string {
	switch {
	case d.panicked:
		return outcomePanic
	case errors.Is(err, doctor.ErrOnPurpose):
		return outcomeOK
	case d.kind == kindRefused:
		return outcomeRefused
	case err != nil, d.status >= 500:
		return outcomeFailed
	case d.status >= 400:
		return outcomeRefused
	default:
		return outcomeOK
	}
}

// logInvocation writes the line of an invocation, from which queries compute metrics. There
// is one line for each, whatever became of it.
func (c *invocation) logInvocation(ctx context.Context, err error) {
	d := c.did
	attrs := []slog.Attr{
		slog.String("kind", d.kind), slog.String("outcome", d.outcome(err)),
		slog.Int64("duration_ms", c.Now().Sub(d.started).Milliseconds()), slog.Bool("cold_start", d.cold),
	}
	text := func(name, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(name, value))
		}
	}
	text("route", d.route)
	text("sender", d.sender)
	if d.status != 0 {
		attrs = append(attrs, slog.Int("http_status", d.status))
	}
	text("problem", d.problem)
	var u Usage
	if c.usage != nil {
		u = c.usage()
	}
	attrs = append(attrs,
		slog.Int64("oss_requests", u.OSSRequests), slog.Int64("api_calls", u.APICalls), slog.Int64("api_errors", u.APIErrors),
		slog.Int64("throttled", u.Throttled), slog.Int64("retries", u.Retries), slog.Int("lanes", d.lanes), slog.Int("ended", d.ended),
	)
	text("policy", string(u.Policy))
	text("circuits_open", strings.Join(u.Circuits, ", "))
	c.log.LogAttrs(ctx, slog.LevelInfo, "invocation", append(attrs, d.gauges...)...)
}
