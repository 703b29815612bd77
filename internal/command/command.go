package command

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/lang"
)

// Verb is what a command does, by its English name.
type Verb string

// The verbs.
const (
	Plan     Verb = "plan"     // show what settings would change
	Apply    Verb = "apply"    // request a change
	Status   Verb = "status"   // show a server, or a change
	Servers  Verb = "servers"  // list the servers that the sender may see
	History  Verb = "history"  // list a server's last changes
	Windows  Verb = "windows"  // list when changes of a server may be sent
	Rollback Verb = "rollback" // revert a change by its id, with a new change
	Approve  Verb = "approve"  // approve a pending change
	Reject   Verb = "reject"   // reject a pending change
	Cancel   Verb = "cancel"   // withdraw a change that has not taken effect
	Confirm  Verb = "confirm"  // keep a change that is undone otherwise
	Help     Verb = "help"
)

// Command is one command, checked as far as possible without reading any server.
type Command struct {
	Verb Verb

	// Server is a server as typed: its id (vss-…) or its name in the policy. Set for
	// plan and apply, and for status, history and windows of a server.
	Server string
	Region string // of Server, where it was given (region=…); "" when not

	// Change is a change's id. Set for rollback, approve, reject and cancel, and for
	// status of a change.
	Change string
	// Code is the code of the plan that an approval binds to; "" asks for the plan and
	// its code.
	Code string
	// Extend is how much longer a change may be confirmed, counted from now; 0: it is
	// confirmed. Whole seconds.
	Extend time.Duration

	Patch     change.Patch // settings to plan or request; normalized values
	Expect    change.Patch // values that the server must still have; nil when not given
	Reason    string       // free text, at most change.MaxReasonLength; "" when none
	Ref       string       // the requester's ticket; "" when none
	NotBefore time.Time    // zero: immediately, or At
	ExpiresAt time.Time    // zero: the default, or Until
	At        Moment       // NotBefore as people write it; none where NotBefore is set
	Until     Moment       // ExpiresAt likewise
	DryRun    bool
	Confirm   change.Confirmation // how the change must be confirmed; zero: it need not be
	Idle      int                 // wait until fewer clients are connected; 0: do not wait
	Proof     bool                // probe the server before and after
	Override  string              // the freeze that is not to be waited for
	Limit     int                 // of a list: 1 to 20; 0 when not given
	Statuses  []change.Status     // of the changes that a list has, or "waiting" and "ended"; none: all
	By        string              // whose changes a list has; "": everybody's
	Since     change.Bound        // from when on; none: all
	More      string              // where a list goes on; "": at its beginning
	Topic     Verb                // for help: the verb to explain; "" for all

	Lang lang.Tag // the language of the line; "" when its words do not show it
}
