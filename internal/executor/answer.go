package executor

import (
	"time"

	"github.com/sslvpn-change/sslvpn-change/internal/change"
	"github.com/sslvpn-change/sslvpn-change/internal/command"
	"github.com/sslvpn-change/sslvpn-change/internal/impact"
	"github.com/sslvpn-change/sslvpn-change/internal/listing"
	"github.com/sslvpn-change/sslvpn-change/internal/policy"
	"github.com/sslvpn-change/sslvpn-change/internal/reconcile"
	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// Answer is the result of a command. It holds no secrets.
type Answer struct {
	Command  command.Command `json:"-"`
	Verb     command.Verb    `json:"verb"`
	By       string          `json:"by,omitempty"` // who sent it, by the policy
	Notifies bool            `json:"-"`            // the sender is told how a change ends
	Lanes    []change.Target `json:"-"`            // that have work now; the caller wakes them
	Zone     *time.Location  `json:"-"`            // in which the sender reads times
	Outcome  Outcome         `json:"outcome"`
	May      May             `json:"-"` // what the sender may do with Change
	Refusal  Refusal         `json:"refusal,omitempty"`

	Server   *Server          `json:"server,omitempty"`  // that the command is about
	Plan     *Plan            `json:"plan,omitempty"`    // what a change does, or would do
	Change   *Change          `json:"change,omitempty"`  // queued
	Record   *record.Record   `json:"record,omitempty"`  // of a change that has ended
	Queue    []Change         `json:"line,omitempty"`    // queued changes, the first due first
	History  []record.Record  `json:"history,omitempty"` // the last changes that ended, the newest first
	Page     *listing.Page    `json:"page,omitempty"`    // of the list of changes
	Servers  []Server         `json:"servers,omitempty"` // that the sender may see, as the policy names them
	Problems []change.Problem `json:"problems,omitempty"`

	Clocks []command.ClockChange `json:"clockChanges,omitempty"` // of the times in the command

	Permissions *policy.Permissions `json:"permissions,omitempty"` // who may do what

	Identity *policy.Identity `json:"-"` // who the sender is; see GET /v1/identity

	Schedules   []Schedule `json:"schedules,omitempty"`   // when changes of servers may be sent
	MoreServers int        `json:"moreServers,omitempty"` // that Schedules leaves out
}

// May is what somebody may do with a queued change, by the policy; nothing where it is
// not Known.
type May struct {
	Known   bool
	Approve bool // and reject
	Cancel  bool
}

// Outcome is the kind of a result.
type Outcome string

// The outcomes.
const (
	Shown    Outcome = "shown"   // the command only reads
	Accepted Outcome = "taken"   // a change was queued, or a vote was stored
	NotYet   Outcome = "not-yet" // an approval needs the code of what is shown
	Refused  Outcome = "refused" // nothing was done; Refusal and Problems say why
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
	// State is what the server does now; nil in answers that do not show it, and for a
	// server that was not read because the answer lists too many.
	State *reconcile.State `json:"state,omitempty"`
}

// Plan is what a change does to its server as it is now.
type Plan struct {
	Before  change.Settings     `json:"before"`
	After   change.Settings     `json:"after"`
	Changed []change.Difference `json:"changed"`
	Unseen  *change.Problem     `json:"unseen,omitempty"` // why the server cannot be read now
	Impact  *impact.Impact      `json:"impact,omitempty"` // on the people who are connected; nil without a difference
	// Left are the settings that a rollback leaves as they are.
	Left []change.Difference `json:"left,omitempty"`
	// Unaccepted are those of Left whose former value the API does not accept.
	Unaccepted []change.Field      `json:"unaccepted,omitempty"`
	Confirm    change.Confirmation `json:"confirm,omitzero"` // how the change must be confirmed, by the request or the policy
	Code       string              `json:"code,omitempty"`   // what an approval of exactly this plan repeats
	Window     *change.Gate        `json:"window,omitempty"` // whether it may be sent when it is due; nil: always

	connected int  // clients
	counted   bool // connected is known
}

// Change is a queued change.
type Change struct {
	change.Target

	ID         string              `json:"id"`
	Status     change.Status       `json:"status"`
	Cause      reconcile.Cause     `json:"cause,omitempty"`
	Connected  int                 `json:"connected,omitempty"` // clients, where that is the cause
	Why        string              `json:"why,omitempty"`
	Name       string              `json:"name,omitempty"` // of the server, by the policy
	Patch      change.Patch        `json:"requested"`
	Requester  string              `json:"asker"`
	Assistant  bool                `json:"assistant,omitempty"` // the requester is an assistant by the policy
	Reason     string              `json:"reason,omitempty"`
	Ref        string              `json:"ref,omitempty"`
	Accepted   time.Time           `json:"acceptedAt"`
	Due        time.Time           `json:"dueAt"`
	Expires    time.Time           `json:"expiresAt,omitzero"`
	Next       time.Time           `json:"nextAttemptAt,omitzero"`
	Record     string              `json:"record"`             // the key that its record will have
	Confirm    change.Confirmation `json:"confirm,omitzero"`   // it is undone unless somebody confirms it in time
	When       string              `json:"when,omitempty"`     // "idle(5)"
	Idle       int                 `json:"-"`                  // the number in When
	Proof      bool                `json:"proof,omitempty"`    // the server is probed before and after
	Override   string              `json:"override,omitempty"` // the freeze that it overrides
	Undoes     string              `json:"undoes,omitempty"`   // the change that it undoes by itself, unless somebody confirms that one
	WaitsFor   string              `json:"waitsFor,omitempty"` // the change that is to be confirmed or undone first
	Behind     string              `json:"behind,omitempty"`   // the earlier change of the same settings that has to be sent first
	Window     *change.Gate        `json:"window,omitempty"`   // whether it may be sent when it is due; nil: always
	Need       int                 `json:"approvalsNeeded,omitempty"`
	ApprovedBy []string            `json:"approvedBy,omitempty"`
	Counts     time.Time           `json:"-"`                   // until when an approval given now counts; zero: for change.ApprovalLifetime
	Approvers  []string            `json:"approvers,omitempty"` // who else may approve
}

// refuse is the answer as a refusal.
func (a Answer) refuse(kind Refusal, problems ...change.Problem) Answer {
	a.Outcome, a.Refusal, a.Problems = Refused, kind, problems
	return a
}

// refuseBy is the answer as a refusal by one rule.
func (a Answer) refuseBy(kind Refusal, rule, message, hint string) Answer {
	return a.refuse(kind, change.Problem{Rule: rule, Message: message, Hint: hint})
}
