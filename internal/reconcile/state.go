package reconcile

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/plan"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// state is what a lane remembers between workers.
type state struct {
	Intent   *intent   // a modification that may have been sent
	Decided  *decision // a decision whose records may be missing
	Separate []string  // changes to send separately: merged, they were refused
	Waits    waits     // of the changes in the queue
	Cost     cost      // of the changes in the queue so far
	Past     []Past    // the last changes that ended, the newest last
	Armed    *armed    // the undo of a change that is to be confirmed; nil: there is none
}

// intent is one modification, from before it is first sent until its outcome is
// known.
type intent struct {
	Token     string       // the ClientToken, the same for every send whose predecessor's outcome is unknown
	Patch     change.Patch // what is sent
	Asked     change.Patch // what must show afterwards
	Before    change.Settings
	After     change.Settings
	Readable  bool // the server could be read
	GatewayID string
	// How many clients were connected when it was planned, and the limit; not known if
	// the limit is 0.
	Connected, MaxConnections int

	Keys      []string       // queue entries, in the order of Outcomes
	Outcomes  []plan.Outcome // if the modification is applied
	StartedAt time.Time
	FirstEnd  time.Time           // the earliest expiry of the changes that depend on the modification
	LastEnd   time.Time           // the latest
	Accepted  bool                // the API accepted it
	Aged      time.Duration       // how long ago at least that was when the lane was last released, by the store's clock
	Doubted   time.Time           // since when the server of an active gateway does not show it; zero: not yet
	Refusal   *refusal            // of a later send, after one whose outcome is unknown
	Withdrawn bool                // the policy refuses that it is sent again, or too many clients are connected
	Watched   time.Duration       // for how long at least, when the lane was last released, by the store's clock
	Confirm   change.Confirmation // of its change; zero: it need not be confirmed
	Idle      int                 // it is sent while fewer clients than this are connected; 0: however many are
	Override  string              // the freeze that its change overrides; "": none
	Look      *record.Look        // at the server, before it was sent; nil: no change asked for it
	Sent      bool                // a worker knows that it was sent under its token, and not whether it was accepted
	Answers   *answers            // to the sends that were not accepted; nil: none, or a later one was accepted
}

// refusal is a definite refusal that may not be the intent's outcome: an
// earlier send under the same token may have been accepted and not show yet.
type refusal struct {
	At         time.Time
	Separately bool // one of several merged changes may be the offender
	Failure    record.Failure
}

// decision is how every change of a batch ended. Records follow from it and
// from the queue entries, whoever writes them.
type decision struct {
	Before    change.Settings
	After     change.Settings // as seen afterwards; nil when not known
	GatewayID string
	// As in the intent.
	Connected, MaxConnections int

	Token      string
	Verified   bool
	StartedAt  time.Time
	FinishedAt time.Time
	Waits      []pastWait
	Cost       cost
	Items      []item
	Merged     []string     // the changes that depended on the modification
	Armed      *armed       // the undo of its change; nil: there is none
	Look       *record.Look // as in the intent
	Version    string       // of the function that decided; "": of one that did not say
}

// item is how one change ended.
type item struct {
	plan.Outcome

	Key     string // of the queue entry
	Failure *record.Failure
}

// contributes reports whether an outcome depends on the modification.
func contributes(o plan.Outcome) bool {
	return o.Status == change.Applied || o.Status == change.Superseded
}

// contributors are the ids of the changes that depend on an intent's
// modification.
func contributors(in *intent) []string {
	var ids []string
	for _, o := range in.Outcomes {
		if contributes(o) {
			ids = append(ids, o.ID)
		}
	}
	return ids
}
