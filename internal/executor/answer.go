package executor

import (
	"time"

	"sslvpnchange/internal/change"
	"sslvpnchange/internal/command"
	"sslvpnchange/internal/reconcile"
	"sslvpnchange/internal/record"
)

// Answer is what a command came to. It holds no secrets.
type Answer struct {
	Command command.Command `json:"-"`
	Verb    command.Verb    `json:"verb"`
	By      string          `json:"by,omitempty"` // who sent it, by the policy
	Told    bool            `json:"-"`            // who sent it is told how a change ends
	Lanes   []change.Target `json:"-"`            // that have work now, for the caller to ring
	Outcome Outcome         `json:"outcome"`
	Refusal Refusal         `json:"refusal,omitempty"`

	Server   *Server          `json:"server,omitempty"`  // that the command is about
	Plan     *Plan            `json:"plan,omitempty"`    // what a change does, or would do
	Change   *Change          `json:"change,omitempty"`  // in line
	Record   *record.Record   `json:"record,omitempty"`  // of a change that has ended
	Line     []Change         `json:"line,omitempty"`    // changes in line, the first that is due first
	History  []record.Record  `json:"history,omitempty"` // the last changes that ended, the newest first
	Problems []change.Problem `json:"problems,omitempty"`
}

// Outcome says what became of a command.
type Outcome string

// The outcomes.
const (
	Shown   Outcome = "shown"   // it only asked to see something
	Taken   Outcome = "taken"   // a change was put in line, or a word on one was taken
	NotYet  Outcome = "not-yet" // an approval needs the code of what is shown
	Refused Outcome = "refused" // nothing was done; Refusal and Problems say why
)

// Refusal is the kind of a refusal.
type Refusal string

// The refusals.
const (
	Forbidden Refusal = "forbidden" // the policy does not permit it
	NotFound  Refusal = "not-found" // there is no such server or change
	TooLate   Refusal = "too-late"  // the change has ended, or is being sent
	Invalid   Refusal = "invalid"   // a rule is broken
)

// Server is a server that a command is about.
type Server struct {
	change.Target

	Name     string          `json:"name,omitempty"` // by the policy
	Settings change.Settings `json:"settings,omitempty"`
}

// Plan is what a change does to its server as it is now.
type Plan struct {
	Before  change.Settings     `json:"before"`
	After   change.Settings     `json:"after"`
	Changed []change.Difference `json:"changed"`
	Unseen  *change.Problem     `json:"unseen,omitempty"` // why the server could not be looked at now
	Left    []change.Difference `json:"left,omitempty"`   // of a rollback: what others have set since, and is left as it is
	Code    string              `json:"code,omitempty"`   // what an approval of exactly this repeats
}

// Change is a change in line.
type Change struct {
	change.Target

	ID        string          `json:"id"`
	Status    change.Status   `json:"status"`
	Cause     reconcile.Cause `json:"cause,omitempty"`
	Why       string          `json:"why,omitempty"`
	Name      string          `json:"name,omitempty"` // of the server, by the policy
	Patch     change.Patch    `json:"requested"`
	Asker     string          `json:"asker"`
	Reason    string          `json:"reason,omitempty"`
	Ref       string          `json:"ref,omitempty"`
	Accepted  time.Time       `json:"acceptedAt"`
	Due       time.Time       `json:"dueAt"`
	Expires   time.Time       `json:"expiresAt,omitzero"`
	Next      time.Time       `json:"nextAttemptAt,omitzero"`
	Record    string          `json:"record"` // the key that its record will have
	Need      int             `json:"approvalsNeeded,omitempty"`
	Agreed    []string        `json:"approvedBy,omitempty"`
	Approvers []string        `json:"approvers,omitempty"` // who else may agree
}
