package reconcile

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lane"
	"sslvpnchange/internal/plan"
	"sslvpnchange/internal/record"
)

// state is what a lane remembers, stored in its chain. Fields may be added: a
// reader ignores what it does not know, and a missing one means "nothing".
type state struct {
	Intent  *intent   `json:"intent,omitempty"`  // a modification that may have been sent
	Decided *decision `json:"decided,omitempty"` // outcomes whose records may be missing
	Apart   []string  `json:"apart,omitempty"`   // changes to apply one by one: merged, they were refused
	Wait    *wait     `json:"wait,omitempty"`    // why due changes are not being worked on
	Stalls  []stall   `json:"stalls,omitempty"`  // past waits of the changes in line
	Spent   spent     `json:"spent,omitzero"`    // on the changes in line so far
	Past    []Past    `json:"past,omitempty"`    // the last changes that ended, the newest last
}

// intent is one modification from before its first send until its outcome is
// known.
type intent struct {
	Token     string          `json:"token"` // the ClientToken; one for every send whose predecessor's outcome is unknown
	Patch     change.Patch    `json:"patch"` // what is sent
	Asked     change.Patch    `json:"asked"` // what must show afterwards
	Before    change.Settings `json:"before,omitempty"`
	After     change.Settings `json:"after,omitempty"`
	Readable  bool            `json:"readable"`
	GatewayID string          `json:"vpnGatewayId,omitempty"`
	Keys      []string        `json:"keys"` // queue entries, in the order of Outcomes
	Outcomes  []plan.Outcome  `json:"outcomes"`
	StartedAt time.Time       `json:"startedAt"`
	FirstEnd  time.Time       `json:"firstEnd"` // the earliest expiry among the changes that would be applied
	LastEnd   time.Time       `json:"lastEnd"`  // the latest
	Accepted  bool            `json:"accepted,omitempty"`
	Aged      time.Duration   `json:"agedNs,omitempty"`  // how long it has been accepted at least, by the store's clock
	Doubted   time.Time       `json:"doubted,omitzero"`  // since when an active gateway's server does not show it
	Refusal   *refusal        `json:"refusal,omitempty"` // of a later send, after one whose outcome is unknown
}

// refusal is a definite refusal that may not be the intent's outcome: an
// earlier send under the same token may have been taken and not show yet.
type refusal struct {
	At      time.Time      `json:"at"`
	Split   bool           `json:"split"` // one of several merged changes may be the offender
	Failure record.Failure `json:"failure"`
}

// decision is how a batch of changes ended. Records follow from it and from
// the queue entries, whoever writes them.
type decision struct {
	Before     change.Settings `json:"before,omitempty"`
	After      change.Settings `json:"after,omitempty"`
	GatewayID  string          `json:"vpnGatewayId,omitempty"`
	Token      string          `json:"token,omitempty"`
	Verified   bool            `json:"verified"`
	StartedAt  time.Time       `json:"startedAt"`
	FinishedAt time.Time       `json:"finishedAt"`
	Stalls     []stall         `json:"stalls,omitempty"`
	Spent      spent           `json:"spent"`
	Items      []item          `json:"items"`
	Merged     []string        `json:"merged,omitempty"` // changes carried by one modification
}

// item is how one change ended.
type item struct {
	plan.Outcome

	Key     string          `json:"key"`
	Failure *record.Failure `json:"failure,omitempty"`
}

// cause is what a lane waits for.
type cause string

const (
	causeGateway  cause = "gateway"     // the gateway is busy
	causeBreaker  cause = "breaker"     // the API is down, or left alone because it was
	causeThrottle cause = "throttle"    // the API asks for fewer calls
	causeLogin    cause = "credentials" // the invocation's credentials are not accepted
	causeRecovery cause = "recovery"    // the lane was left to a worker that died holding it
)

// wait is an open wait.
type wait struct {
	Cause cause     `json:"cause"`
	Why   string    `json:"why"` // for people
	Since time.Time `json:"since"`
	Next  time.Time `json:"next"`
	Hold  bool      `json:"hold,omitempty"` // do not even look before Next

	after   time.Duration // how long to wait at least, when the API said
	exactly time.Duration // how long to wait, when that is known
}

// stall is a wait that is over.
type stall struct {
	Cause cause     `json:"cause"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
}

// spent is what a lane has cost so far.
type spent struct {
	VPCCalls    int              `json:"vpcCalls,omitempty"`
	OSSRequests int              `json:"ossRequests,omitempty"`
	Invocations int              `json:"invocations,omitempty"`
	Attempts    []record.Attempt `json:"attempts,omitempty"`
}

// maxStalls and maxAttempts bound what a lane remembers through a long outage.
const (
	maxStalls   = 64
	maxAttempts = 40
)

// addStall remembers a wait, joined to the last one where they touch. The
// oldest is forgotten when there are too many.
func addStall(stalls []stall, s stall) []stall {
	if !s.From.Before(s.To) {
		return stalls
	}
	if n := len(stalls); n > 0 {
		last := &stalls[n-1]
		if last.Cause == s.Cause && !s.From.After(last.To.Add(time.Second)) {
			last.To = s.To
			return stalls
		}
		if n == maxStalls {
			stalls = stalls[1:]
		}
	}
	return append(stalls, s)
}

// readState decodes what the chain remembers.
func readState(h lane.Head) (state, error) {
	var s state
	if len(h.State) == 0 {
		return s, nil
	}
	if err := json.Unmarshal(h.State, &s); err != nil {
		return s, fmt.Errorf("the lane's generation %d cannot be read: %w", h.Gen, err)
	}
	if in := s.Intent; in != nil && !in.whole() {
		return state{}, fmt.Errorf("the lane's generation %d has an intent that is not whole: only the function may write below lanes/", h.Gen)
	}
	return s, nil
}

// whole tells whether every entry has its outcome, and every refusal its
// reason.
func (in *intent) whole() bool {
	return len(in.Keys) == len(in.Outcomes) && !slices.ContainsFunc(in.Outcomes, func(o plan.Outcome) bool {
		return (o.Status == change.Rejected || o.Status == change.Failed) && len(o.Problems) == 0
	})
}
