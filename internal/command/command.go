package command

import (
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/lang"
)

// Verb says what a command is for, by its English name.
type Verb string

// The verbs.
const (
	Plan     Verb = "plan"     // show what settings would do
	Apply    Verb = "apply"    // ask for a change
	Status   Verb = "status"   // show a server, or a change
	History  Verb = "history"  // list a server's last changes
	Rollback Verb = "rollback" // undo a change by its id, as a new change
	Approve  Verb = "approve"  // agree to a change that waits for it
	Reject   Verb = "reject"   // refuse a change that waits for approval
	Cancel   Verb = "cancel"   // withdraw a change that has not been sent
	Help     Verb = "help"
)

// Command is one command, checked as far as it can be without looking at any
// server.
type Command struct {
	Verb Verb

	// Server is a server as typed: its id (vss-…) or a name that the policy gives
	// it. For plan, apply and history always; for status where it names no change.
	Server string
	Region string // of Server, where it was given (region=…); "" when not

	// Change is a change's id: for rollback, approve, reject and cancel always; for
	// status where it names no server.
	Change string
	// Code is the short text that an approval repeats from what was shown; "" when
	// left out, which asks to be shown.
	Code string

	Patch     change.Patch // settings to show or ask for; normalised values
	Expect    change.Patch // values that the server must still have; nil when none
	Reason    string       // free text, at most change.MaxReasonLength; "" when none
	Ref       string       // the asker's ticket; "" when none
	NotBefore time.Time    // zero: at once
	ExpiresAt time.Time    // zero: the default
	DryRun    bool
	Limit     int  // for history: 1 to 20; 0 when not given
	Topic     Verb // for help: the verb that is asked about; "" for all

	Lang lang.Tag // the language it was written in; "" when its words do not say
}
